"""The scenario language: one claim about a cluster, the acts that show it, and what is to be seen.

    claim: A leader needs two votes of three; it does not wait for the third.
    cites: Raft §5.2
    topic: elections
    fails-under: B05
    setup: timer S1 14; timer S2 11; timer S3 18

    # S2 has the shortest timer.
    step
    > S2 C t1 v2 c0 []
    step 3
    | S2 leads term 1: it has the votes of S1, S2.
    ! safe

First the head, one `key: value` a line, up to the first empty line; then the body. `setup` takes
the lines of a `Setup` and `start` takes acts that are played before the scene begins, with
semicolons between them. In the body a line without a sign is an act; the others begin with a sign:

    #   a note to the reader
    >   a state line as it must be now; `…` stands for anything
    |   a sentence that was told since the last act
    ?   a condition that holds now
    =   what a client was told: `= c1 done`, `= c2 done x=1`, `= c3 pending`
    !   `! safe`, or `! violated: election safety`

A scene is all at once: a page of a lesson, a script that the screens play, and a test.

Left out: loops, variables, anything with which a scene could be wrong in a way that is hard to see.

Next page: `stage`, which plays scenes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from learnetcd.errors import UserError, did_you_mean
from learnetcd.simulator import acts, conditions
from learnetcd.simulator.acts import Act
from learnetcd.simulator.grains import Grain
from learnetcd.simulator.setup import Setup
from learnetcd.value import dataclass

Part = TypeVar("Part")

TOPICS = (
    "elections",
    "pre-vote",
    "replication",
    "safety",
    "disks",
    "snapshots",
    "members",
    "reads",
    "clients",
    "leadership",
    "clocks",
    "network",
)
"""What scenes are about, in the order in which they are shown."""

SIGNS = {
    "#": "a note",
    ">": "a state line",
    "|": "a sentence",
    "?": "a condition",
    "=": "what a client was told",
    "!": "the verdict of the judge",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a scene's body."""

    number: int
    """In the file, from 1."""
    sign: str
    """One of `SIGNS`; empty for an act."""
    text: str
    act: Act | None = None

    @property
    def is_expected(self) -> bool:
        """Whether it says what must be seen."""
        return self.sign in tuple(">|?=!")


@dataclass(frozen=True, slots=True)
class Scene:
    """A claim, and what shows it."""

    name: str
    claim: str
    citation: str
    topic: str
    fails_under: tuple[str, ...]
    """Ids of mutants and `twin NAME`s: broken members with which this scene comes out otherwise."""
    setup: Setup
    grain: Grain
    """What follows an act by itself: at EFFECT nothing does."""
    start: tuple[Act, ...]
    """Played before the scene begins."""
    body: tuple[Line, ...]
    source: tuple[str, ...]
    """The lines of the file."""

    @property
    def acts(self) -> tuple[Act, ...]:
        """What is done, in order: a script to play."""
        return tuple(line.act for line in self.body if line.act is not None)

    @property
    def is_about_a_violation(self) -> bool:
        """Whether a rule shall be broken in it."""
        return any(line.sign == "!" and line.text != "safe" for line in self.body)


class BadScene(UserError):
    """A line that is not of the language: which, and what was expected."""

    def __init__(self, name: str, number: int, what: str) -> None:
        """Name the line."""
        super().__init__(f"Scene {name}, line {number}: {what}")


def parse(name: str, text: str) -> Scene:
    """Read a scene."""
    lines = text.rstrip().split("\n")
    blank = next((i for i, line in enumerate(lines) if not line.strip()), len(lines))
    head = _Head(name)
    for number, line in enumerate(lines[:blank], 1):
        _at(name, number, partial(head.read, line))
    setup = _at(name, blank, partial(Setup.parse, head.setup))
    head.check(blank)
    body = [
        _at(name, number, partial(_body_line, number, line.strip()))
        for number, line in enumerate(lines[blank:], blank + 1)
        if line.strip()
    ]
    return Scene(
        name=name,
        claim=head.values["claim"],
        citation=head.values["cites"],
        topic=head.values["topic"],
        fails_under=_words(head.values.get("fails-under", "")),
        setup=setup,
        grain=head.grain,
        start=tuple(head.start),
        body=tuple(body),
        source=tuple(lines),
    )


def _at(name: str, number: int, read: Callable[[], Part]) -> Part:
    """Read something, and name the line if it can't be read."""
    try:
        return read()
    except BadScene:
        raise
    except UserError as error:
        raise BadScene(name, number, str(error)) from None


def _words(text: str, separator: str = ",") -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(separator) if word.strip())


# --- the head -------------------------------------------------------------------------------------


class _Head:
    """Collects the head's lines."""

    ONCE = ("claim", "cites", "topic", "fails-under", "grain")
    OFTEN = ("setup", "start")

    def __init__(self, name: str) -> None:
        self.name = name
        self.values: dict[str, str] = {}
        self.setup: list[str] = []
        self.start: list[Act] = []
        self.grain = Grain.MESSAGE

    def read(self, line: str) -> None:
        key, colon, value = (part.strip() for part in line.partition(":"))
        if not colon or key not in (*self.ONCE, *self.OFTEN):
            hint = did_you_mean(key, [*self.ONCE, *self.OFTEN])
            known = ", ".join((*self.ONCE, *self.OFTEN))
            raise UserError(
                f"{line!r} does not belong into the head. {hint} A line there is written "
                f"'key: value' with one of these keys: {known}; an empty line ends the head."
            )
        if not value:
            raise UserError(f"{key!r} has no value.")
        if key == "setup":
            self.setup += _words(value, ";")
        elif key == "start":
            self.start += [acts.parse(words) for words in _words(value, ";")]
        elif key in self.values:
            raise UserError(f"{key!r} was said already: {self.values[key]!r}.")
        else:
            self.values[key] = value
            self.check_value(key, value)

    def check_value(self, key: str, value: str) -> None:
        if key == "topic" and value not in TOPICS:
            hint = did_you_mean(value, TOPICS)
            raise UserError(f"There is no topic {value!r}. {hint} There are: {', '.join(TOPICS)}.")
        if key == "claim" and not value.endswith("."):
            raise UserError("A claim is a sentence: it ends with a full stop.")
        if key == "grain":
            grains = {grain.name.lower(): grain for grain in (Grain.EFFECT, Grain.MESSAGE)}
            if value not in grains:
                raise UserError(f"A grain is one of {', '.join(grains)}; found {value!r}.")
            self.grain = grains[value]

    def check(self, number: int) -> None:
        for key in ("claim", "cites", "topic"):
            if key not in self.values:
                raise BadScene(self.name, number, f"the head ends without '{key}: ...'.")


# --- the body -------------------------------------------------------------------------------------


def _body_line(number: int, line: str) -> Line:
    sign = line[0] if line[0] in SIGNS else ""
    text = line[1:].strip() if sign else line
    if not sign:
        return Line(number, "", text, acts.parse(text))
    check = _CHECKS.get(sign)
    if check is not None:
        check(text)
    return Line(number, sign, text)


def _check_state(text: str) -> None:
    words = text.split()
    if words and not (words[0][0] == "S" and words[0][1:].isdigit() and len(words) > 1):
        raise UserError(f"a state line looks like '> S2 L t1 v2 c0 [x=1@1]', not {text!r}.")


def _check_verdict(text: str) -> None:
    if text != "safe" and not text.startswith("violated: "):
        raise UserError(f"expected '! safe' or '! violated: NAME', not '! {text}'.")


def _check_client(text: str) -> None:
    words = text.split()
    if not (len(words) > 1 and words[0][0] == "c" and words[0][1:].isdigit()):
        raise UserError(f"what a client was told looks like '= c1 done', not '= {text}'.")


def _check_condition(text: str) -> None:
    conditions.parse(text)


_CHECKS: dict[str, Callable[[str], None]] = {
    ">": _check_state,
    "!": _check_verdict,
    "=": _check_client,
    "?": _check_condition,
}


def render(lines: Iterable[str]) -> str:
    """Write the lines of a scene as a file."""
    return "\n".join(lines) + "\n"
