"""Conditions: when a run shall stop, typed in a few words.

    leader                            somebody leads
    S2 leads and not conflict         words join with `and`, `or`, `not` and brackets
    committed 5 or time 3 s           whichever comes first

A condition is a question about one moment of a cluster: `parse` turns the words into a function of
the world, and *run until* asks it after each step. The grammar is small on purpose: a table of
forms (`FORMS` below), each with its meaning, which is the help text too.

Left out: conditions about a whole run ("always", "never again"). What must hold always is an
invariant, and `violation` asks for those.

Next page: `grains`, how far one press of a key goes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from learnetcd.errors import UserError, did_you_mean
from learnetcd.simulator import moment
from learnetcd.simulator.world import World
from learnetcd.tracing import member_name
from learnetcd.value import dataclass

Test = Callable[[World], bool]
"""A question about one moment."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A question about one moment of a cluster, and the words that it was typed in."""

    text: str
    holds: Test


@dataclass(frozen=True, slots=True)
class Form:
    """One thing that can be asked."""

    example: str
    """How it is typed: `S3 committed 2`."""
    meaning: str
    pattern: str
    """What is typed, as a pattern; `member` stands for S1, S2, ..."""
    test: Callable[[re.Match[str]], Test]
    """The question, with the words filled in."""


def _role(found: re.Match[str]) -> Test:
    member, role = _member(found), found["role"].lower()
    return lambda world: moment.role_name(world, member) == role


def _of_member(found: re.Match[str], measure: Callable[[World, int], int]) -> Test:
    """`S2 term 4` asks one member; `term 4` asks whether any member has got so far."""
    wanted = int(found["number"])
    if found["member"]:
        member = _member(found)
        return lambda world: measure(world, member) >= wanted
    if found["all"]:
        return lambda world: all(measure(world, m) >= wanted for m in moment.members(world))
    return lambda world: any(measure(world, m) >= wanted for m in moment.members(world))


def _applied_value(found: re.Match[str]) -> Test:
    member, key, value = _member(found), found["key"], found["value"]
    return lambda world: moment.value_at(world, member, key) == value


def _time(found: re.Match[str]) -> Test:
    until_ms = round(float(found["amount"]) * (1000 if found["unit"] == "s" else 1))
    return lambda world: world.now >= until_ms


def _answered(found: re.Match[str]) -> Test:
    client = int(found["number"])
    return lambda world: moment.is_answered(world, client)


def _told(found: re.Match[str]) -> Test:
    client, times = int(found["number"]), int(found["times"] or 1)
    return lambda world: moment.times_told(world, client) >= times


def _always(test: Test) -> Callable[[re.Match[str]], Test]:
    return lambda found: test


MEMBER = r"(?P<member>S\d+)"
SOMEBODY = r"(?:(?:(?P<member>S\d+)|(?P<all>all)) )?"
NUMBER = r"(?P<number>\d+)"
ROLES = "leader|candidate|pre-candidate|follower|down"

FORMS = (
    Form("leader", "somebody leads", "leader|leads", _always(moment.has_leader)),
    Form("election", "somebody stands for election", "election", _always(moment.has_candidate)),
    Form("quiet", "nothing is on its way or to be done, heartbeats apart", "quiet",
         _always(moment.is_quiet)),
    Form("conflict", "two logs differ at one index", "conflict", _always(moment.has_conflict)),
    Form("violation", "a rule that must always hold was broken", "violation",
         _always(moment.has_violation)),
    Form("violated log matching", "this invariant was broken (by its name)",
         r"violated (?P<name>[a-z -]+)",
         lambda found: lambda world: found["name"] in moment.violated(world)),
    Form("S2 leads", "S2 is the leader of its term", f"{MEMBER} leads",
         lambda found: lambda world: moment.role_name(world, _member(found)) == "leader"),
    Form("S2 is candidate", f"what S2 is: {ROLES.replace('|', ', ')}",
         f"{MEMBER} (?:is )?(?:an? |the )?(?P<role>{ROLES})", _role),
    Form("term 4", "somebody has seen term 4, or a later one (S2 term 4, all term 4)",
         f"{SOMEBODY}term {NUMBER}", lambda found: _of_member(found, moment.term)),
    Form("committed 5", "somebody knows that entry 5 is committed (S3 committed 5, all ...)",
         f"{SOMEBODY}committed {NUMBER}", lambda found: _of_member(found, moment.commit_index)),
    Form("stored 5", "somebody's log reaches entry 5 (S3 stored 5, all stored 5)",
         f"{SOMEBODY}stored {NUMBER}", lambda found: _of_member(found, moment.last_index)),
    Form("applied 5", "somebody's store has entry 5 (S3 applied 5, all applied 5)",
         f"{SOMEBODY}applied {NUMBER}", lambda found: _of_member(found, moment.applied_index)),
    Form("S3 applied x=1", "a reader at S3 sees 1 for the key x",
         f"{MEMBER} applied /?(?P<key>[^= ]+)=(?P<value>.*)", _applied_value),
    Form("answered c1", "client request 1 got its answer", f"answered c?{NUMBER}", _answered),
    Form("told c1", "the client of request 1, who watches, was told of an event (told c1 3: of 3)",
         rf"told c?{NUMBER}(?: (?P<times>\d+))?", _told),
    Form("time 3 s", "the cluster's clock has reached 3 seconds (or: time 300 ms)",
         r"time (?P<amount>\d+(?:\.\d+)?) ?(?P<unit>s|ms)", _time),
)  # fmt: skip
"""Everything that can be asked."""


def _member(found: re.Match[str]) -> int:
    return int(found["member"][1:])


def parse(text: str, members: tuple[int, ...] = ()) -> Condition:
    """Read a condition; what means nothing is a `UserError` with examples.

    `members` are those that may be asked about: without any, all names are taken.
    """
    words = re.findall(r"[()]|[^\s()]+", text)
    reader = _Reader(text, words, members)
    test = reader.either()
    if reader.next_word is not None:
        raise UserError(
            f"In {text!r}, {reader.next_word!r} comes too late: nothing opened before it."
        )
    return Condition(text.strip(), test)


class _Reader:
    """Reads `either` over `both` over `one`: `or` binds less than `and`, `and` less than `not`."""

    def __init__(self, text: str, words: list[str], members: tuple[int, ...]) -> None:
        self.text = text
        self.words: Iterator[str] = iter(words)
        self.members = members
        self.next_word = next(self.words, None)

    def either(self) -> Test:
        tests = [self.both()]
        while self.takes("or"):
            tests.append(self.both())
        return tests[0] if len(tests) == 1 else lambda world: any(test(world) for test in tests)

    def both(self) -> Test:
        tests = [self.one()]
        while self.takes("and"):
            tests.append(self.one())
        return tests[0] if len(tests) == 1 else lambda world: all(test(world) for test in tests)

    def one(self) -> Test:
        if self.takes("not"):
            test = self.one()
            return lambda world: not test(world)
        if self.takes("("):
            test = self.either()
            if not self.takes(")"):
                raise UserError(f"In {self.text!r}, a bracket is not closed.")
            return test
        return self.form()

    def form(self) -> Test:
        """Read the words up to the next joining word, and find their form."""
        words: list[str] = []
        while self.next_word is not None and self.next_word.lower() not in ("and", "or", ")", "("):
            words.append(self.next_word)
            self.next_word = next(self.words, None)
        phrase = " ".join(words)
        if not phrase:
            raise UserError(f"In {self.text!r}, a condition is missing. {examples()}")
        for form in FORMS:
            if found := re.fullmatch(form.pattern, phrase, re.IGNORECASE):
                self.check_member(found)
                return form.test(found)
        hint = did_you_mean(phrase, [form.example for form in FORMS])
        raise UserError(f"{phrase!r} is no condition.{' ' + hint if hint else ''} {examples()}")

    def check_member(self, found: re.Match[str]) -> None:
        """A condition about a member that does not exist would never come true."""
        name = found.groupdict().get("member")
        if name and self.members and int(name[1:]) not in self.members:
            known = ", ".join(member_name(member) for member in self.members)
            raise UserError(f"There is no member {name}. There are: {known}.")

    def takes(self, word: str) -> bool:
        if self.next_word is None or self.next_word.lower() != word:
            return False
        self.next_word = next(self.words, None)
        return True


def examples() -> str:
    """All forms in one sentence, for whoever typed something else."""
    known = ", ".join(form.example for form in FORMS)
    return f"You may ask for: {known}; joined by and, or, not."
