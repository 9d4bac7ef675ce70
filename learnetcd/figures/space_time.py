"""A space-time diagram: members as lines from top to bottom, messages as arrows between them.

      S1        S2        S3
      |       (C t1)      |         S2 stands, and asks both for their votes:
    (F t1)<-----:         |         a candidate's line is dashed
      |         :------>(F t1)
      '------>(L t1)      |         a leader's is thick

Time runs down, so that a long story is scrolled and fits a phone. A line is drawn as its member is:
thick for a leader, dashed for a candidate, not at all for one that is down. Two axes are there:

    logical     a row a step: who could know of what
    real        further apart where more time passed (a long silence is cut short)

Source: Lamport, Time, Clocks, and the Ordering of Events in a Distributed System, 1978, Figure 1.

Next page: `layout`.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from learnetcd.errors import UserError, unknown_name
from learnetcd.figures.figure import Figure
from learnetcd.figures.rows import Rows, ways
from learnetcd.figures.svg import (
    Markup,
    Point,
    arrow,
    element,
    fitted,
    group,
    line,
    picture,
    strip,
    width_of,
    words,
)
from learnetcd.session.views import MessageView, SignView, SpanView, StretchView
from learnetcd.tracing import member_name

AXES = ("logical", "real")

MOST_ROWS = 400
"""More than these nobody can read in one picture."""

# Sizes, in units of the picture.
AXIS, EDGE = 62, 70
"""Room for the times at the left, and from there to the first line."""
ROW, PILL = 44, 22
WIDEST_GAP, NARROWEST_GAP = 190, 132
MS, LONGEST_SILENCE = 2, 5 * ROW
"""On a real axis, so much for a millisecond, and never more than that."""
SMALL = 13

PLAIN = frozenset({"heartbeat", "heartbeat reply"})
"""Messages that are drawn faintly: they only say that somebody is there."""


def space_time(span: SpanView, axis: str = "logical") -> Figure:
    """Draw the messages and changes of some steps."""
    if axis not in AXES:
        raise unknown_name("axis", axis, AXES)
    rows = Rows(span)
    if len(rows.steps) > MOST_ROWS:
        raise UserError(
            f"{len(rows.steps)} rows can't be read in one picture: choose fewer steps than "
            f"{span.first} to {span.last}, so that there are {MOST_ROWS} rows at most."
        )
    return Figure(svg=Diagram(rows, axis).svg(), text="\n".join(rows.text_lines()) + "\n")


class Diagram:
    """What is where: members from left to right, rows from top to bottom."""

    def __init__(self, rows: Rows, axis: str) -> None:
        """Find where the rows stand."""
        self.span, self.rows = rows.span, rows
        gap = 3 * WIDEST_GAP / max(3, len(rows.span.members))
        self.gap = max(NARROWEST_GAP, min(WIDEST_GAP, gap))
        self._place_rows(axis)

    def _place_rows(self, axis: str) -> None:
        y, at_ms = 2.6 * ROW, self.span.began_ms
        self.top = y - ROW / 2
        self.y: dict[int, float] = {}
        self.cut_short: list[float] = []
        """Where more time passed than there is room for."""
        for number, step in enumerate(self.rows.steps):
            if axis == "real" and number:
                silence = MS * (step.at_ms - at_ms)
                y += max(0, min(LONGEST_SILENCE, silence) - ROW)
                if silence > LONGEST_SILENCE:
                    self.cut_short.append(y - LONGEST_SILENCE / 2)
            self.y[step.step] = y
            y += ROW + PILL * max(0, self._tallest(step.step) - 1)
            at_ms = step.at_ms
        self.bottom = y - ROW / 4
        self.height = self.bottom + ROW
        lanes = AXIS + self.gap * (len(self.span.members) - 1) + 2 * EDGE
        self.width = max(lanes, 32 + max(width_of(self.rows.title()), width_of(LETTERS, SMALL)))

    def _tallest(self, step: int) -> int:
        """How many signs stand below each other in a row."""
        members = [sign.member for sign in self.rows.signs[step]]
        return max((members.count(member) for member in members), default=0)

    def x(self, member: int) -> float:
        """Where the line of a member is."""
        return AXIS + EDGE + self.gap * self.span.members.index(member)

    # -- the picture ----------------------------------------------------------------------------

    def svg(self) -> str:
        """Lines first, then arrows over them, then what must not be covered."""
        return picture(
            self.width,
            self.height,
            self.rows.title(),
            self.description(),
            *self._axis(),
            *(self._lane(stretch) for stretch in self.span.stretches),
            *map(self._message, self.span.messages),
            *map(self._label, self.span.messages),
            *self._signs(),
            *self._heads(),
        )

    def description(self) -> str:
        """The story in a few sentences."""
        told = [one.text for one in self.span.sentences if one.landmark]
        return " ".join(told[:12]) or f"{len(self.span.messages)} messages, and no change of roles."

    def _axis(self) -> Iterable[Markup]:
        yield words(AXIS, self.top - ROW / 2, "ms", "dim", at="end", size=SMALL)
        shown = -1
        for step in self.rows.steps:
            if step.at_ms != shown:
                y = self.y[step.step]
                yield words(AXIS, y, f"{step.at_ms}", "dim", at="end", size=SMALL)
            shown = step.at_ms
        for y in self.cut_short:
            yield words(AXIS, y, "⋮", "dim", at="end")

    def _heads(self) -> Iterable[Markup]:
        """The members' names above their lines, and what the letters mean below."""
        yield words(16, 22, fitted(self.rows.title(), self.width - 32), "ink")
        yield words(
            16, self.height - 20, fitted(LETTERS, self.width - 32, SMALL), "dim", size=SMALL
        )
        for member in self.span.members:
            yield words(self.x(member), self.top - ROW / 2, member_name(member), at="middle")

    def _lane(self, stretch: StretchView) -> Markup:
        """A member's line, as long as it is so."""
        later = (
            self.y_of(one.first_step)
            for one in self.span.stretches
            if one.member == stretch.member and one.first_step > stretch.first_step
        )
        x, top, bottom = self.x(stretch.member), self.y_of(stretch.first_step), self.bottom
        look, width, dash = LANES[stretch.role]
        return line((x, top), (x, next(later, bottom)), look, width, dash)

    def y_of(self, step: int) -> float:
        """Where a step is; one before the span is at the top."""
        return self.y.get(step, self.top)

    def _message(self, message: MessageView) -> Markup:
        """From the step in which it was sent to the one in which it ended."""
        start, end = self._start(message), self._end(message)
        if message.fate == "delivered":
            look = "dim" if message.label in PLAIN else "ink"
            drawn = arrow(start, end, look, 1.6, "2 3" if message.copy_number else "")
        elif message.fate == "lost":
            cross = words(*end, "✕", "fault", at="middle", size=20)
            drawn = Markup(line(start, end, "fault", 1.6, "5 4") + cross)
        else:
            drawn = line(start, end, "dim", 1.6, "5 4")
        said = f"{message.text}, {ways(message)}: {message.fate}"
        return group(drawn, tip=said, data_message=name_of(message))

    def _start(self, message: MessageView) -> Point:
        return (self.x(message.link[0]), self.y_of(message.sent_step))

    def _end(self, message: MessageView) -> Point:
        """Where its line ends: at the receiver, or, if it does not get there, a little before."""
        x, y = self.x(message.link[1]), self.y.get(message.ended_step, self.bottom)
        if message.fate == "delivered":
            return (x + self._side(message) * self._reach(message), y)
        from_x, from_y = self._start(message)
        return (from_x + 0.75 * (x - from_x), from_y + 0.75 * (y - from_y))

    def _side(self, message: MessageView) -> int:
        """From which side a message comes: -1 from the left, 1 from the right."""
        sender, receiver = message.link
        return 1 if self.x(sender) > self.x(receiver) else -1

    def _reach(self, message: MessageView) -> float:
        """How far the sign reaches to that side under which the message ends."""
        signs = self.rows.signs[message.ended_step]
        own = next((sign for sign in signs if sign.member == message.link[1]), None)
        return pill_width(own) / 2 if own else 0

    def _label(self, message: MessageView) -> Markup:
        """What a message says, below its end, on the side that it comes from."""
        if message.label in PLAIN or not message.ended_step:
            return Markup()
        x, y = self._end(message)
        said = fitted(message.label, self.gap - 24, SMALL)
        if message.fate == "lost":
            return strip(x, y + 0.36 * ROW, said, "fault", "middle", SMALL)
        side = self._side(message)
        x += side * (4 if self._reach(message) else 12)
        return strip(x, y + 0.34 * ROW, said, "ink", "start" if side > 0 else "end", SMALL)

    def _signs(self) -> Iterable[Markup]:
        for step in self.rows.steps:
            signs = sorted(self.rows.signs[step.step], key=lambda sign: sign.member)
            for member, stack in groupby(signs, key=lambda sign: sign.member):
                for number, sign in enumerate(stack):
                    y = self.y[step.step] + number * PILL
                    yield self._pill(sign, y) if member else self._world_sign(sign, y)
            takes_part = {m.link[1] for m in self.rows.ended[step.step] if m.fate == "delivered"}
            takes_part |= {message.link[0] for message in self.rows.sent[step.step]}
            for member in sorted(takes_part - {sign.member for sign in signs}):
                x, y = self.x(member), self.y[step.step]
                yield element("circle", cx=x, cy=y, r=4, class_="ink", fill="currentColor")

    def _pill(self, sign: SignView, y: float) -> Markup:
        """A sign on the line of its member."""
        x, look = self.x(sign.member), look_of(sign)
        width, said = pill_width(sign), pill_text(sign)
        box = {"x": x - width / 2, "y": y - 10, "width": width, "height": 20, "rx": 10}
        return group(
            element("rect", class_="paper", fill="currentColor", **box),
            element("rect", class_=look, fill="none", stroke="currentColor", **box),
            words(x, y, said, look, at="middle", size=SMALL),
            tip=sign.text,
        )

    def _world_sign(self, sign: SignView, y: float) -> Markup:
        """Something that concerns all: a line across."""
        look = look_of(sign)
        across = line((AXIS + 12, y), (self.width - 16, y), look, 1.6, "8 5")
        return Markup(across + strip(AXIS + 18, y - 11, sign.text, look, size=SMALL))


LANES = {
    "leader": ("leader", 5, ""),
    "candidate": ("candidate", 3, "6 4"),
    "pre-candidate": ("candidate", 2, "3 4"),
    "follower": ("rule", 2, ""),
    "paused": ("down", 2, "2 6"),
    "down": ("paper", 2, ""),
}
"""Colour, width and dashes of a line."""

LETTERS = "F follower, C candidate, L leader; t2: term 2"


def pill_text(sign: SignView) -> str:
    """What a sign says on its line, where there is little room."""
    return fitted(sign.text, 2 * EDGE - 24, SMALL)


def pill_width(sign: SignView) -> float:
    """How wide it is."""
    return width_of(pill_text(sign), SMALL) + 16


def look_of(sign: SignView) -> str:
    """The colour of a sign."""
    match sign.kind:
        case "role":
            roles = {"L": "leader", "C": "candidate", "P": "candidate"}
            return roles.get(sign.text[0], "follower")
        case "commit":
            return "commit"
        case "client":
            return "durable"
        case _:
            return "fault"


def name_of(message: MessageView) -> str:
    """A name that no other message has: `S1-S2-17.0`."""
    sender, receiver = message.link
    return f"S{sender}-S{receiver}-{message.number}.{message.copy_number}"
