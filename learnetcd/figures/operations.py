"""A history of operations: each a bar, with a dot where it took effect, a cross if it can't have.

    c1 put x=1        |--1---|
    c3 put x=2             |-----2--|
    c4 get x: 1                        |--✕--|      2 was there already, and nobody wrote 1 again

An operation takes effect at one moment between its call and its return. The dots are such moments,
numbered in their order: read along them, each answer is right. If there is no way to place all of
them, the longest one is shown, and the operation that does not fit is crossed out.

From left to right stand the calls and returns in their order, one step each: how much time lies
between them does not matter, only which came first. An open bar was never answered.

Of a long history the end is shown, around what does not fit; what went before is said in a line.

Source: Herlihy and Wing, Linearizability: A Correctness Condition for Concurrent Objects, 1990, §2.

Next page: `shiviz`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

from learnetcd.checking.history import SOME_VALUE, Operation, Value, after
from learnetcd.checking.linearizability import Finding, Impossible, Verdict
from learnetcd.errors import UserError
from learnetcd.figures.figure import Figure
from learnetcd.figures.svg import Markup, element, fitted, group, line, picture, polygon, words
from learnetcd.member.request import Method
from learnetcd.simulator.words import request_text

MOST_BARS = 24
"""More bars than these are not read in one picture."""

BEFORE = 8
"""So many of the operations that were placed last are shown before what does not fit."""

NEXT = 0.6
"""So much further on is the next moment, if there is room: a part of the way to the next event."""

WIDTH, MARGIN, ROW, TOP = 520, 20, 48, 66
COLUMNS = 60
"""So many small letters stand in a line of the picture."""


def operations(key: str, history: Sequence[Operation], verdict: Verdict[Operation]) -> Figure:
    """Draw the history of one key, with what the search said of it."""
    if not history:
        raise UserError("No client has asked for anything that could be judged.")
    chart = Chart(key, history, verdict)
    return Figure(svg=chart.svg(), text="\n".join(chart.text_lines()) + "\n")


class Chart:
    """Which operations are shown, and where their calls, returns and moments are."""

    def __init__(self, key: str, history: Sequence[Operation], verdict: Verdict[Operation]) -> None:
        """Choose what to show, and place it."""
        self.key, self.verdict = key, verdict
        self.shown = chosen(history, verdict)
        self.hidden = len(history) - len(self.shown)
        names = {id(one) for one in self.shown}
        self.values = dict(self._values())
        self.order = [one for one in verdict.order if id(one) in names]
        self.numbers = {id(one): place for place, one in enumerate(self.order, 1)}
        moments = sorted(self._moments())
        self.slots = {moment: slot for slot, moment in enumerate(moments)}
        is_open = any(one.returned is None for one in self.shown)
        self.last_slot = len(moments) - (0 if is_open else 1)
        self.taken = self._taken_effect()

    def _moments(self) -> Iterator[tuple[float, bool, int]]:
        """Every call and return; of two at one time, the call comes first."""
        for number, one in enumerate(self.shown):
            yield one.called, False, number
            if one.returned is not None:
                yield one.returned, True, number

    def _values(self) -> Iterator[tuple[int, Value]]:
        """What the key held after each operation of the order."""
        value: Value = None
        for one in self.verdict.order:
            left = after(value, one)
            assert not isinstance(left, Impossible), "the order explains its answers"
            value = left
            yield id(one), value

    def _taken_effect(self) -> dict[int, float]:
        """A moment for each that was placed: behind the one before, and not close to it if need be.

        No later than `latest` it must be, or one that comes after it would have returned.
        """
        ends = [float(self.last_slot)]
        for one in reversed(self.order):
            ends.append(min(ends[-1], self.end(one)))
        at = 0.0
        taken: dict[int, float] = {}
        for one, latest in zip(self.order, reversed(ends[1:]), strict=True):
            at = max(at, self.call(one))
            at += min(NEXT, (latest - at) / (len(self.order) - len(taken) + 1))
            taken[id(one)] = at
        return taken

    def call(self, one: Operation) -> int:
        """The slot of its call."""
        return self.slots[one.called, False, self.place(one)]

    def end(self, one: Operation) -> int:
        """The slot of its return; behind all others if there was none."""
        if one.returned is None:
            return self.last_slot
        return self.slots[one.returned, True, self.place(one)]

    def place(self, one: Operation) -> int:
        """Its row."""
        return next(row for row, other in enumerate(self.shown) if other is one)

    # -- the picture ----------------------------------------------------------------------------

    def svg(self) -> str:
        """A row for each operation."""
        below = [row for said in self.verdict_lines() for row in wrap(said, COLUMNS)]
        bottom = TOP + ROW * len(self.shown) + 22
        return picture(
            WIDTH,
            bottom + 20 * len(below),
            self.title(),
            " ".join(self.verdict_lines()),
            words(MARGIN, 24, fitted(self.title(), WIDTH - 2 * MARGIN)),
            words(MARGIN, 48, fitted(self.before(), WIDTH - 2 * MARGIN, 13), "dim", size=13),
            *map(self._bar, self.shown),
            *(
                words(MARGIN, bottom + 20 * row, said, "dim", size=13)
                for row, said in enumerate(below)
            ),
        )

    def x(self, slot: float) -> float:
        """Where a slot is."""
        return MARGIN + 8 + slot * (WIDTH - 2 * MARGIN - 24) / max(1, self.last_slot)

    def _bar(self, one: Operation) -> Markup:
        """Its words, and below them its bar with what became of it."""
        y = TOP + ROW * self.place(one) + 30
        start, end = self.x(self.call(one)), self.x(self.end(one))
        is_stuck, is_open = one is self.verdict.stuck, one.returned is None
        look = "fault" if is_stuck else "ink" if id(one) in self.numbers else "dim"
        ends = [line((start, y - 7), (start, y + 7), look, 2)]
        if is_open:
            ends.append(polygon([(end + 8, y), (end - 2, y - 5), (end - 2, y + 5)], look))
        else:
            ends.append(line((end, y - 7), (end, y + 7), look, 2))
        said = said_of(one)
        at_end = start > WIDTH / 2
        return group(
            words(
                end if at_end else start,
                y - 21,
                said,
                look,
                at="end" if at_end else "start",
                size=13,
            ),
            line((start, y), (end, y), look, 3, "5 4" if is_open else ""),
            *ends,
            self._moment(one, y),
            tip=f"{said}, {times_of(one)}",
            data_operation=one.client,
        )

    def _moment(self, one: Operation, y: float) -> Markup:
        """The numbered dot where it took effect, or the cross of what can't have."""
        if one is self.verdict.stuck:
            middle = self.x((self.call(one) + self.end(one)) / 2)
            return words(middle, y, "✕", "fault", at="middle", size=26)
        if id(one) not in self.numbers:
            return Markup()
        x = self.x(self.taken[id(one)])
        ground = element("circle", cx=x, cy=y, r=9, class_="paper", fill="currentColor")
        ring = element(
            "circle", cx=x, cy=y, r=9, class_="commit", fill="none", stroke="currentColor"
        )
        number = words(x, y, str(self.numbers[id(one)]), "commit", at="middle", size=12)
        return Markup(ground + ring + number)

    # -- the words ------------------------------------------------------------------------------

    def title(self) -> str:
        """Whose history, and the verdict."""
        return f"The history of {self.key}: {self.verdict.finding.value}"

    def before(self) -> str:
        """What is not shown."""
        if not self.hidden:
            return "calls and returns in their order, from left to right"
        first = next((one for one in self.verdict.order if id(one) in self.numbers), None)
        place = self.verdict.order.index(first) if first is not None else 0
        held = self.values[id(self.verdict.order[place - 1])] if place else None
        return f"{self.hidden} more are not shown; before these the key {holds(held)}"

    def verdict_lines(self) -> tuple[str, ...]:
        """What to conclude."""
        match self.verdict.finding:
            case Finding.LINEARIZABLE:
                return ("Read along the numbers, and every answer is right.",)
            case Finding.UNKNOWN:
                return ("The search gave up: nobody knows whether all answers fit together.",)
            case Finding.NOT_LINEARIZABLE:
                stuck = self.verdict.stuck
                assert stuck is not None, "a search that failed says where"
                held = self.values[id(self.verdict.order[-1])] if self.verdict.order else None
                return (
                    f"✕ {said_of(stuck)}: it can't be placed. After the others the key "
                    f"{holds(held)}, and no other order explains more of the answers.",
                )

    def text_lines(self) -> Iterable[str]:
        """The operations in the order in which they took effect, then those that have no place."""
        yield self.title()
        yield f"  {self.before()}"
        for one in self.order:
            left = holds(self.values[id(one)])
            yield f"  {self.numbers[id(one)]:>3}  {said_of(one)}, {times_of(one)}; then it {left}"
        for one in self.shown:
            if one is self.verdict.stuck:
                yield f"    ✕  {said_of(one)}, {times_of(one)}: it can't be placed"
            elif id(one) not in self.numbers:
                yield f"    -  {said_of(one)}, {times_of(one)}: not placed"
        yield from self.verdict_lines()


def chosen(history: Sequence[Operation], verdict: Verdict[Operation]) -> list[Operation]:
    """What is shown, by the time of the call: the last that were placed, and what does not fit."""
    placed = {id(one) for one in verdict.order}
    stuck = verdict.stuck
    if stuck is None:
        shown = list(verdict.order)[-MOST_BARS:]
    else:
        # What was called after the one that does not fit had returned has no part in it.
        rest = [one for one in history if id(one) not in placed and one.called <= _end(stuck)]
        rest.sort(key=lambda one: (one is not stuck, one.called))
        shown = [*verdict.order[-BEFORE:], *rest[: MOST_BARS - BEFORE]]
    if stuck is None and not shown:
        shown = list(history)[:MOST_BARS]
    return sorted(shown, key=lambda one: one.called)


def _end(one: Operation) -> float:
    return float("inf") if one.returned is None else one.returned


def said_of(one: Operation) -> str:
    """Who asked for what, and was told what."""
    said = f"{one.client} {request_text(one.asked)}"
    if one.told is None:
        return said if one.client == "expiry" or one.returned is not None else f"{said}: no answer"
    if one.asked.method is Method.GET:
        return f"{said}: {found_text(one.told.found)}"
    return said if one.told.done else f"{said}: refused"


def found_text(found: object) -> str:
    """What a client was told that the key held."""
    if found is SOME_VALUE:
        return "some value"
    return "nothing there" if found is None else str(found)


def holds(value: Value) -> str:
    """What a key holds, in words."""
    return "is not there" if value is None else f"holds {value}"


def times_of(one: Operation) -> str:
    """From when to when."""
    return f"from {one.called:g} to {'?' if one.returned is None else f'{one.returned:g}'}"
