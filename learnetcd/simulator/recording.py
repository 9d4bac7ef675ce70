"""A recording: a whole run as text that can be read, compared, sent, and played again.

    learnetcd recording 1
    title Who leads?
    members S1 S2 S3
    seed 7
    profile paper
    ...                                                 the rest of the setup
    run
    campaign S2                                         one decision on each line
    sync S2
    deliver S2>S1 1
    ...
    check 250 at 3120 ms: world 5b1e7c0a9d2f4831, text 77aa01c2d3e4f506
    ...
    end 731 at 9040 ms: world 0c9d..., text 4f21...

A check line says what the world must look like after that many decisions, and what the text above
it must be. So two questions are told apart when a recording is opened: *was it changed on its way?*
(`parse`, which names the line) and *does this learnetcd still do the same?* (`play`).

Nothing is repaired. A recording shows what happened; one that has lost a line shows something else.
Only the recording of a server may break off: it is written while the server runs (`tape`), and a
server may be killed.

Left out: recordings that are written by hand. Those are scenes, and forgive more.

Next page: `share`, a run in one line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from hashlib import blake2b
from pathlib import Path

from learnetcd.errors import UserError
from learnetcd.invariants import Judge
from learnetcd.simulator.decisions import Decision, Impossible, parse
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.timeline import FRAME, Timeline
from learnetcd.simulator.world import World
from learnetcd.value import dataclass

VERSION = 2
HEADER = "learnetcd recording"

_CHECK = re.compile(r"(check|end) (\d+) at (\d+) ms: world ([0-9a-f]{16}), text ([0-9a-f]{16})")


ELSEWHERE = "by another version of learnetcd, or with parts of your own (tui --own plays those)"
"""Why a recording may not come out again."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What the world must look like after a step."""

    step: int
    now: int
    digest: str
    is_last: bool = False
    """Of the end: it looks at the whole logs, the others at their last entries."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A setup, decisions, and what they must lead to."""

    setup: Setup
    decisions: tuple[Decision, ...]
    marks: tuple[Mark, ...]
    """Every 250 steps, and after the last one, which is there also in an empty run."""
    title: str = ""

    @property
    def breaks_off(self) -> bool:
        """Whether it is of a server that was killed: nobody wrote its end."""
        return not self.marks or not self.marks[-1].is_last

    @staticmethod
    def of(timeline: Timeline, title: str = "") -> Recording:
        """Record the current branch, to its end."""
        refuse_two_lines(title)
        length = timeline.length
        steps = [*range(FRAME, length, FRAME), length]
        marks = tuple(mark_of(timeline.world_at(step), last=step == length) for step in steps)
        return Recording(timeline.setup, tuple(timeline.decisions()), marks, title)

    def text(self) -> str:
        """Write it; `Recording.parse` reads it back."""
        lines: list[str] = []
        pen = Pen(self.setup, self.title, lines.append)
        for mark in self.marks:
            for decision in self.decisions[pen.steps : mark.step]:
                pen.write(decision)
            pen.check(mark)
        return "".join(lines)

    @staticmethod
    def parse(text: str) -> Recording:
        """Read it; what is damaged, cut off, edited or foreign is a `UserError` naming the line."""
        return _read(text)

    @staticmethod
    def read(path: Path) -> Recording:
        """Read it from a file; a file that is no text is a `UserError`, too."""
        try:
            return _read(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            raise UserError(f"{path} is no recording: a recording is a file of text.") from None

    def play(self, judge: Judge | None = None) -> Timeline:
        """Carry it all out again; a run that comes out differently is a `UserError`."""
        timeline = Timeline(self.setup, judge)
        marks = {mark.step: mark for mark in self.marks}
        self._compare(timeline.world, marks)
        for step, decision in enumerate(self.decisions, 1):
            try:
                timeline.decide(decision)
            except Impossible as impossible:
                raise UserError(
                    f"Step {step} of the recording, {decision.text()!r}, is not possible: "
                    f"{impossible} It was made {ELSEWHERE}."
                ) from None
            self._compare(timeline.world, marks)
        return timeline

    def _compare(self, world: World, marks: dict[int, Mark]) -> None:
        mark = marks.get(world.step)
        if mark is not None and mark_of(world, last=mark.is_last) != mark:
            raise UserError(
                f"After step {mark.step} the run is not the one that was recorded: "
                f"the recording was made {ELSEWHERE}."
            )


class Pen:
    """Writes a recording, line by line."""

    def __init__(self, setup: Setup, title: str, write: Callable[[str], object]) -> None:
        """Begin with everything that stands before the decisions; `write` takes each line."""
        refuse_two_lines(title)
        self.steps = 0
        """How many decisions were written."""
        self._write = write
        self._hasher = _hash([])
        named = [f"title {title}"] if title else []
        for line in (f"{HEADER} {VERSION}", *named, *setup.lines(), "run"):
            self._put(line)

    def write(self, decision: Decision) -> None:
        """Add a decision."""
        self.steps += 1
        self._put(decision.text())

    def check(self, mark: Mark) -> None:
        """Say what the world must look like here."""
        word, text_sum = "end" if mark.is_last else "check", self._hasher.hexdigest()
        line = f"{word} {mark.step} at {mark.now} ms: world {mark.digest}, text {text_sum}"
        self._put(line)

    def _put(self, line: str) -> None:
        _hash([line], self._hasher)
        self._write(f"{line}\n")


def refuse_two_lines(title: str) -> None:
    """All that follows would be taken for something else."""
    if "\n" in title or "\r" in title:
        raise UserError("The title of a recording is one line.")


def mark_of(world: World, last: bool) -> Mark:
    """Name a state: on the way by the recent part of the logs, at the end by all of them."""
    return Mark(world.step, world.now, world.mark(whole=last), last)


def _hash(lines: Iterable[str], hasher: blake2b | None = None) -> blake2b:
    """Sum up lines, after those that a hasher has taken in before."""
    hasher = blake2b(digest_size=8) if hasher is None else hasher
    for line in lines:
        hasher.update(line.encode("utf-8", "surrogatepass") + b"\n")
    return hasher


def _refusal(number: int, what: str) -> UserError:
    return UserError(f"Line {number} of the recording: {what}.")


def _verified_lines(text: str) -> list[str]:
    """Split a text into lines, and make sure that they are those that were once written."""
    *lines, rest = text.split("\n")
    _check_header((lines or [rest])[0])
    is_live = any(line.startswith("begin ") for line in lines)
    if rest and not is_live:
        raise _refusal(len(lines) + 1, "it breaks off in the middle")
    hasher, first = _hash([]), 0
    for place, line in enumerate(lines):
        found = _CHECK.fullmatch(line)
        if found is None:
            continue
        block = lines[first:place]
        if _hash(block, hasher).hexdigest() != found[5]:
            raise _blame(block, first + 1)
        if found[1] == "end":
            if place + 1 < len(lines):
                raise _refusal(place + 2, f"nothing may follow the end, and here is {lines[-1]!r}")
            return lines
        first = place
    if is_live and "run" in lines:
        return lines
    raise _refusal(len(lines), "after it the recording breaks off; the last line says 'end'")


def _check_header(line: str) -> None:
    if not line.startswith(f"{HEADER} "):
        raise _refusal(1, f"it says {line[:40]!r}, so this is no recording of learnetcd")
    version = line.removeprefix(f"{HEADER} ")
    if version != str(VERSION):
        raise _refusal(1, f"it is of version {version[:40]!r}; this learnetcd reads {VERSION}")


def _blame(block: list[str], first: int) -> UserError:
    """Say which line was changed, as far as one can tell."""
    # A block begins with the check line of the one before it, or else it holds the setup.
    begin = 1 if first > 1 else block.index("run") + 1 if "run" in block else len(block)
    for number, line in enumerate(block[begin:], first + begin):
        try:
            parse(line)
        except UserError as error:
            return _refusal(number, f"it was damaged: {error}".removesuffix("."))
    last = first + len(block)
    return _refusal(
        last, f"it does not fit to the lines from {first} on: one of them was changed or is missing"
    )


def _read(text: str) -> Recording:
    lines = _verified_lines(text)
    if "run" not in lines:
        raise _refusal(len(lines), "no line before it says 'run'")
    start = lines.index("run")
    title = lines[1].removeprefix("title ") if lines[1].startswith("title ") else ""
    try:
        setup = Setup.parse(lines[2 if title else 1 : start])
    except UserError as error:
        raise _refusal(start + 1, f"the setup above it can't be read: {error}") from None
    decisions: list[Decision] = []
    marks: list[Mark] = []
    for number, line in enumerate(lines[start + 1 :], start + 2):
        found = _CHECK.fullmatch(line)
        if found is None:
            try:
                decisions.append(parse(line))
            except UserError as error:
                raise _refusal(number, f"{error}".removesuffix(".")) from None
        elif int(found[2]) != len(decisions):
            raise _refusal(number, f"it speaks of {found[2]} steps, and here are {len(decisions)}")
        else:
            marks.append(Mark(int(found[2]), int(found[3]), found[4], found[1] == "end"))
    return Recording(setup, tuple(decisions), tuple(marks), title)
