"""Decisions: everything that can happen in a simulated cluster, one small value each.

Whoever runs a cluster decides, again and again, what happens next: this message arrives, that timer
fires, the disk of S2 finishes, S3 loses its power. A list of decisions is a whole history: carried
out again from the same start it gives the same run, byte for byte. So decisions are what is stepped
through, recorded, shrunk and shared. As text, one line each:

    campaign S1                  S1 stands for election without waiting for its timer
    deliver S1>S2 1              message 1 of that link arrives
    sync S2                      S2's disk has what was written: its vote may leave
    put S1 c4 /x 1               client request 4 asks S1 to set /x to 1
    put S1 c4 /x 2 prev_value:1  ... to set it to 2 if it is 1
    cut S1>S3 S3>S1              S1 and S3 no longer hear each other
    crash S2 keep 0              S2 dies, and nothing survives that was not synced

Time is not in the list. A decision happens when it is due: delivering moves the clock to the moment
of arrival. That is why a shrinker may take lines out, and why there are no ticks in a recording.
(What happened on a real machine happened when it did: there, lines such as `until 1203` say so.)

A `form` is both the way to write a line and the way to read it: `{name}` is a field, and what
stands in `[ ]` is left out while its field has its default.

Left out: a decision does not know whether it is possible. The `World` refuses those that are not,
by `Impossible`, and changes nothing then.

Next page: `beginning`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import MISSING, fields
from functools import cache
from typing import ClassVar

from learnetcd.errors import UserError, did_you_mean
from learnetcd.member.request import (
    Request,
)
from learnetcd.simulator.request_words import VERBS, request_of, split, words_of
from learnetcd.value import dataclass


class Impossible(UserError):
    """The decision can't be carried out in this state; nothing was changed. It says why."""


Link = tuple[int, int]
"""The way from one member to another: (sender, receiver)."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing that happens."""

    form: ClassVar[str]
    """How it is written: see the top of this page."""

    def text(self) -> str:
        """Write it as one line; `parse` reads it back."""
        return _write(self)


# --- what happens by itself, when its time has come -----------------------------------------------


@dataclass(frozen=True, slots=True)
class Deliver(Decision):
    """A message arrives; at a cut link or at a dead member it is lost instead."""

    form = "deliver S{sender}>S{receiver} {number}[.{copy}]"
    sender: int
    receiver: int
    number: int
    """Its number on its link, counted from 1."""
    copy: int = 0
    """0 is the message itself, 1 its first duplicate, and so on."""


@dataclass(frozen=True, slots=True)
class Drop(Decision):
    """A message is lost."""

    form = "drop S{sender}>S{receiver} {number}[.{copy}]"
    sender: int
    receiver: int
    number: int
    copy: int = 0


@dataclass(frozen=True, slots=True)
class FireTimer(Decision):
    """A member's earliest deadline has come: election, heartbeat, or a request that waited long."""

    form = "timer S{member}"
    member: int


@dataclass(frozen=True, slots=True)
class Sync(Decision):
    """The disk finishes the sync that is running: what was written before it began is durable."""

    form = "sync S{member}[ {batch}]"
    member: int
    batch: int = 0
    """In a live run: up to which batch. 0: what the sync that is running covers."""


@dataclass(frozen=True, slots=True)
class KeepSnapshot(Decision):
    """The disk finishes saving the oldest snapshot that the member itself took."""

    form = "snapshot S{member}"
    member: int


@dataclass(frozen=True, slots=True)
class ApplyCommitted(Decision):
    """Committed entries reach the member's store, and clients are answered."""

    form = "apply S{member}[ {through}]"
    member: int
    through: int = 0
    """In a live run: up to which entry. 0: all that wait."""


@dataclass(frozen=True, slots=True)
class Report(Decision):
    """A member's transport tells it what became of the oldest snapshot sent to `peer`."""

    form = "report S{member} S{peer}"
    member: int
    peer: int


# --- what clients do ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Submit(Decision):
    """A client asks a member for something, and waits."""

    form = "put S1 c4 /x 1"  # one form for each kind of request: see `request_words`
    member: int
    request_id: int
    """Unique in the run, counted from 1."""
    request: Request

    def text(self) -> str:
        """Write it with the words of its request."""
        verb, *words = words_of(self.request)
        return " ".join([verb, f"S{self.member}", f"c{self.request_id}", *words])


@dataclass(frozen=True, slots=True)
class Cancel(Decision):
    """A client goes away before it was answered, or stops watching."""

    form = "cancel S{member} c{request_id}"
    member: int
    request_id: int


# --- what a person asks of one member -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Campaign(Decision):
    """A member stands for election now."""

    form = "campaign S{member}"
    member: int


@dataclass(frozen=True, slots=True)
class SetTimer(Decision):
    """A member's election timer is set to fire that many ticks from now."""

    form = "set-timer S{member} {ticks}"
    member: int
    ticks: int


@dataclass(frozen=True, slots=True)
class Transfer(Decision):
    """A member is asked to hand leadership to another (a follower passes the wish on)."""

    form = "transfer S{member} S{target}"
    member: int
    target: int


@dataclass(frozen=True, slots=True)
class ForgetLeader(Decision):
    """A member forgets who leads, so that it may vote."""

    form = "forget-leader S{member}"
    member: int


@dataclass(frozen=True, slots=True)
class TellUnreachable(Decision):
    """A member's transport tells it that it could not reach `peer`."""

    form = "unreachable S{member} S{peer}"
    member: int
    peer: int


@dataclass(frozen=True, slots=True)
class Receive(Decision):
    """A member is told what one said that is not in this run, in etcd's bytes (`tape`)."""

    form = "receive S{member} {data}"
    member: int
    data: str
    """In hexadecimal."""


@dataclass(frozen=True, slots=True)
class TellDelivered(Decision):
    """A member's transport tells it what became of a snapshot for one that is not in this run."""

    form = "delivered S{member} S{peer} {delivered}"
    member: int
    peer: int
    delivered: bool


@dataclass(frozen=True, slots=True)
class SetRule(Decision):
    """A safety rule is switched off or on, by the name of its broken twin: at one member or all."""

    form = "rule {rule} {on}[ S{member}]"
    rule: str
    on: bool
    member: int = 0


@dataclass(frozen=True, slots=True)
class SetProfile(Decision):
    """Another profile, from the next start of one member, or of each: a rolling upgrade."""

    form = "profile {profile}[ S{member}]"
    profile: str
    member: int = 0


# --- what breaks: machines ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Crash(Decision):
    """A member loses its power: memory is gone, and what was written but not synced."""

    form = "crash S{member} keep {kept}[ torn {torn}]"
    member: int
    kept: int = 0
    """So many of the unsynced records reached the disk all the same: the oldest ones."""
    torn: int = 0
    """On files: those behind them were being written just then. The number chooses the outcome."""


@dataclass(frozen=True, slots=True)
class Restart(Decision):
    """A dead member starts again from its disk."""

    form = "restart S{member}"
    member: int


@dataclass(frozen=True, slots=True)
class StartMember(Decision):
    """A machine with an empty disk starts as that member: a newcomer, or one that lost its disk."""

    form = "start-member S{member}"
    member: int


@dataclass(frozen=True, slots=True)
class SlowDisk(Decision):
    """A member's syncs take from `low` to `high` milliseconds from now on."""

    form = "slow-disk S{member} {low} {high}"
    member: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class SlowApply(Decision):
    """A member's committed entries wait from `low` to `high` milliseconds to be applied."""

    form = "slow-apply S{member} {low} {high}"
    member: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Pause(Decision):
    """A member's process stops for a while; its clock goes on, and what is due waits."""

    form = "pause S{member}"
    member: int


@dataclass(frozen=True, slots=True)
class Resume(Decision):
    """A paused member goes on."""

    form = "resume S{member}"
    member: int


@dataclass(frozen=True, slots=True)
class HoldGate(Decision):
    """What comes to a member in one way (see `machine.GATES`) waits from now on."""

    form = "hold-gate S{member} {gate}"
    member: int
    gate: str


@dataclass(frozen=True, slots=True)
class OpenGate(Decision):
    """What waited there may come in."""

    form = "open-gate S{member} {gate}"
    member: int
    gate: str


@dataclass(frozen=True, slots=True)
class SetWallClock(Decision):
    """A member is told what a wall clock shows: times to live count from it."""

    form = "wall-clock S{member} {wall_ms}"
    member: int
    wall_ms: int
    """Milliseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Skew(Decision):
    """A member's clock runs fast or slow from now on."""

    form = "skew S{member} {rate}"
    member: int
    rate: int
    """Per mille of true time: 1000 is exact, 1200 a fifth too fast."""


# --- what breaks: the network ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hold(Decision):
    """A message is stopped where it is; those behind it overtake it."""

    form = "hold S{sender}>S{receiver} {number}[.{copy}]"
    sender: int
    receiver: int
    number: int
    copy: int = 0


@dataclass(frozen=True, slots=True)
class Release(Decision):
    """A held message goes on its way."""

    form = "release S{sender}>S{receiver} {number}[.{copy}]"
    sender: int
    receiver: int
    number: int
    copy: int = 0


@dataclass(frozen=True, slots=True)
class Duplicate(Decision):
    """A message in flight gets a copy, which travels on its own."""

    form = "duplicate S{sender}>S{receiver} {number}[.{copy}]"
    sender: int
    receiver: int
    number: int
    copy: int = 0


@dataclass(frozen=True, slots=True)
class Cut(Decision):
    """These links are cut from now on, each one way, and no others."""

    form = "cut S1>S2 S2>S1"  # any number of links: written and read below
    links: tuple[Link, ...]

    def text(self) -> str:
        """Write the links one after the other."""
        return " ".join(["cut", *(f"S{sender}>S{receiver}" for sender, receiver in self.links)])


@dataclass(frozen=True, slots=True)
class Heal(Decision):
    """All links are whole again."""

    form = "heal"


@dataclass(frozen=True, slots=True)
class Delay(Decision):
    """A link takes from `low` to `high` milliseconds from now on."""

    form = "delay S{sender}>S{receiver} {low} {high}"
    sender: int
    receiver: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class SetWeather(Decision):
    """How many in a thousand messages are lost, duplicated, or overtake others from now on."""

    form = "weather {loss} {duplicates} {overtaking}"
    loss: int
    duplicates: int
    overtaking: int


@dataclass(frozen=True, slots=True)
class PassTime(Decision):
    """Nothing happens until that moment of the cluster's clock."""

    form = "until {ms}"
    ms: int


KINDS: tuple[type[Decision], ...] = (
    Deliver, Drop, FireTimer, Sync, KeepSnapshot, ApplyCommitted, Report, Submit, Cancel,
    Campaign, SetTimer, Transfer, ForgetLeader, TellUnreachable, Receive, TellDelivered, SetRule,
    SetProfile,
    Crash, Restart, StartMember, Pause, Resume, HoldGate, OpenGate, SetWallClock, Skew,
    SlowDisk, SlowApply, Hold, Release, Duplicate, Cut, Heal, Delay, SetWeather, PassTime,
)  # fmt: skip
"""Every kind of decision."""


# --- reading and writing by form ------------------------------------------------------------------


def parse(line: str) -> Decision:
    """Read a line that `text` wrote; a line that means nothing is a `UserError`."""
    words = line.split(" ")
    if words[0] in VERBS:
        return _parse_submit(line)
    if words[0] == "cut" and len(words) > 1:
        return Cut(tuple(_parse_link(word) for word in words[1:]))
    kind = _kinds_by_verb().get(words[0])
    if kind is None or kind in (Cut, Submit):
        known = sorted({*_kinds_by_verb(), *VERBS})
        hint = did_you_mean(words[0], known)
        raise UserError(f"{line!r} is no decision.{' ' + hint if hint else ''}")
    found = _pattern(words[0]).fullmatch(line)
    if found is None:
        raise UserError(f"{line!r} is no decision: it would be written {kind.form!r}.")
    values = {name: word for name, word in found.groupdict().items() if word is not None}
    return kind(
        **{f.name: _READ[str(f.type)](values[f.name]) for f in fields(kind) if f.name in values}
    )


@cache
def _kinds_by_verb() -> dict[str, type[Decision]]:
    return {kind.form.split(" ")[0]: kind for kind in KINDS}


_NUMBER = "0|[1-9][0-9]*"  # no leading zeros: one decision has one text
_WORDS = {"int": _NUMBER, "bool": "on|off", "str": "[^ ]+"}
_READ: dict[str, Callable[[str], object]] = {
    "int": int,
    "bool": lambda word: word == "on",
    "str": str,
}


@cache
def _pattern(verb: str) -> re.Pattern[str]:
    """Turn the form with that verb into the pattern that reads it."""
    kind = _kinds_by_verb()[verb]
    types = {field.name: str(field.type) for field in fields(kind)}
    pattern = re.escape(kind.form).replace(r"\[", "(?:").replace(r"\]", ")?")
    return re.compile(
        re.sub(r"\\{(\w+)\\}", lambda at: f"(?P<{at[1]}>{_WORDS[types[at[1]]]})", pattern)
    )


def _write(decision: Decision) -> str:
    """Fill in the form; parts in brackets only where a field differs from its default."""
    values = {field.name: _word(getattr(decision, field.name)) for field in fields(decision)}
    defaults = {f.name: _word(f.default) for f in fields(decision) if f.default is not MISSING}

    def optional(part: re.Match[str]) -> str:
        (name,) = re.findall(r"{(\w+)}", part[1])
        return "" if values[name] == defaults[name] else part[1]

    return re.sub(r"\[(.*?)\]", optional, decision.form).format(**values)


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def _parse_link(word: str) -> Link:
    found = re.fullmatch(f"S({_NUMBER})>S({_NUMBER})", word)
    if found is None:
        raise UserError(f"{word!r} is no link: it would be written 'S1>S2'.")
    return int(found[1]), int(found[2])


def _parse_submit(line: str) -> Submit:
    verb, *words = split(line)
    head = re.fullmatch(f"S({_NUMBER}) c({_NUMBER})", " ".join(words[:2]))
    try:
        if head is None or len(words) < 3:
            raise ValueError("a member, a request and a key are needed")
        decision = Submit(int(head[1]), int(head[2]), request_of(verb, words[2:]))
        if decision.text() != line:
            raise ValueError(f"did you mean {decision.text()!r}?")
    except (ValueError, KeyError, AssertionError, UserError) as error:
        raise UserError(f"{line!r} is no decision: {str(error).removesuffix('.')}.") from None
    return decision
