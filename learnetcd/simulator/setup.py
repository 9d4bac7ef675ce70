"""The start of a simulated run: who takes part, with which knobs, over what kind of network.

    setup = Setup(members=(1, 2, 3), seed=7, profile="etcd-3.3",
                  knobs=(("election_ticks", 20),), first_timers=((1, 14), (2, 11), (3, 18)))

A setup and a list of decisions are a whole run: both are plain values, and both have a text form,
which is how a recording begins:

    members S1 S2 S3
    seed 7
    profile etcd-3.3
    knob election_ticks 20
    timer S1 14

The numbers of the network and the disks are milliseconds of the cluster's clock. A range such as
`5 20` is drawn from anew each time, by (seed, link, number of the message): taking one message out
of a run leaves the delays of all others as they were.

The setup of a live run (`recording`) says besides what its members found on their disks.

Left out: what happens. A scene is a setup and some decisions.

Next page: `disk`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from learnetcd.errors import UserError, unknown_name
from learnetcd.raft.config import PROFILES, UNLIMITED, Config, ReadOption
from learnetcd.raft.configuration import Configuration
from learnetcd.raft.entry import Snapshot, Stored
from learnetcd.raft.parts import Parts
from learnetcd.raft.twins import TWINS
from learnetcd.simulator import beginning
from learnetcd.simulator.beginning import Beginning
from learnetcd.value import dataclass

WALL_MS = 1_500_000_000_000
"""What a wall clock shows when a run begins (a day in July 2017): times to live count from it."""

Knob = int | bool | str
"""The value of one knob of `Config`; "unlimited", "safe" and "lease" are the words among them."""

VALUES, FILES = "values", "files"
"""The two forms of a simulated disk."""


@dataclass(frozen=True, slots=True)
class Setup:
    """Everything that a run depends on, but for its decisions."""

    members: tuple[int, ...] = (1, 2, 3)
    """The voters at the beginning, all with empty logs."""
    learners: tuple[int, ...] = ()
    """Members at the beginning that do not vote."""
    seed: int = 1
    """All chance is drawn from it: election timeouts, delays, losses."""
    profile: str = "paper"
    """The name of a set of knobs, for all members."""
    knobs: tuple[tuple[str, Knob], ...] = ()
    """Knobs that differ from the profile's, at all members."""
    member_knobs: tuple[tuple[int, str, Knob], ...] = ()
    """(member, knob, value): those that differ at one member."""
    broken_rules: tuple[str, ...] = ()
    """Broken twins that are in force from the beginning."""
    first_timers: tuple[tuple[int, int], ...] = ()
    """(member, ticks): when its first election timer fires, where chance shall not decide."""
    network_ms: tuple[int, int] = (10, 10)
    """How long a message travels, from and to."""
    link_ms: tuple[tuple[int, int, int, int], ...] = ()
    """(sender, receiver, from, to): links that are slower or faster than the others."""
    disk_ms: tuple[int, int] = (2, 2)
    """How long a sync takes."""
    apply_ms: tuple[int, int] = (1, 1)
    """How long committed entries wait until they are applied."""
    weather: tuple[int, int, int] = (0, 0, 0)
    """How many in a thousand messages are lost, duplicated, or overtake others."""
    disks: str = VALUES
    """What disks keep: values, or bytes in files."""
    wall_ms: int = WALL_MS
    """What a wall clock shows when the run begins, in milliseconds since 1970."""
    beginnings: tuple[Beginning, ...] = ()
    """Of a live run: what its members found on their disks."""
    others_outside: bool = False
    """Of a live run: whether there were members that are not in it. What they said is recorded;
    what was said to them is gone, and nobody judges a cluster by a part of it."""
    parts: tuple[tuple[int, Parts], ...] = ()
    """Members in which a learner's code does something. Not written down: a recording holds what
    was decided, and can be played with that code or without."""

    def __post_init__(self) -> None:
        """Refuse what can't be built."""
        everybody = (*self.members, *self.learners)
        can_be = bool(self.beginnings) or within_7(everybody)  # real ids are big numbers
        if not self.members or len(set(everybody)) < len(everybody) or not can_be:
            raise UserError(f"A cluster has members of S1 to S7, each once; found {everybody}.")
        if self.profile not in PROFILES:
            raise unknown_name("profile", self.profile, PROFILES)
        if self.disks not in (VALUES, FILES):
            raise unknown_name("kind of disk", self.disks, (VALUES, FILES))
        for twin in self.broken_rules:
            if twin not in TWINS:
                raise unknown_name("rule", twin, TWINS)
        for low, high in (
            self.network_ms,
            self.disk_ms,
            self.apply_ms,
            *(x[2:] for x in self.link_ms),
        ):
            if not 0 <= low <= high:
                raise UserError(f"A delay of {low} to {high} ms makes no sense: 0 <= from <= to.")
        for member in everybody:
            self.config(member)

    def with_times_of(self, other: Setup) -> Setup:
        """The same, but everything takes as long as in another one."""
        return replace(
            self,
            network_ms=other.network_ms,
            link_ms=other.link_ms,
            disk_ms=other.disk_ms,
            apply_ms=other.apply_ms,
        )

    def config(self, member: int, profile: str = "") -> Config:
        """Build the knobs of one member, of the setup's profile or of another one."""
        knobs = dict(self.knobs) | {
            name: value for who, name, value in self.member_knobs if who == member
        }
        config = PROFILES[profile or self.profile]
        try:
            changes: dict[str, Any] = {name: _knob(name, value) for name, value in knobs.items()}
            config = replace(config, **changes)
        except ValueError as error:
            raise UserError(f"S{member} can't be set up: {error}.") from None
        for twin in self.broken_rules:
            config = replace(config, rules=config.rules.without(twin))
        parts = dict(self.parts).get(member)
        return config if parts is None else replace(config, parts=parts)

    def stored(self, member: int) -> Stored:
        """What is on a member's disk at the beginning."""
        for one in self.beginnings:
            if one.member == member:
                return one.stored()
        return Stored(Snapshot(0, 0, self.configuration()))

    def configuration(self) -> Configuration:
        """Who the members are before anything has happened."""
        return Configuration(tuple(sorted(self.members)), learners=tuple(sorted(self.learners)))

    def lines(self) -> list[str]:
        """Write it down, one line for each thing; `Setup.parse` reads it back."""
        lines = [_members_line("members", self.members)]
        if self.learners:
            lines.append(_members_line("learners", self.learners))
        lines += [f"seed {self.seed}", f"profile {self.profile}"]
        lines += [f"knob {name} {_word(value)}" for name, value in self.knobs]
        lines += [f"knob {name} {_word(value)} S{who}" for who, name, value in self.member_knobs]
        lines += [f"broken {twin}" for twin in self.broken_rules]
        lines += [f"timer S{member} {ticks}" for member, ticks in self.first_timers]
        for name in ("network", "disk", "apply"):
            low, high = getattr(self, f"{name}_ms")
            lines.append(f"{name} {low} {high}")
        lines += [f"link S{a} S{b} {low} {high}" for a, b, low, high in self.link_ms]
        lines.append(f"weather {' '.join(map(str, self.weather))}")
        lines += [f"disks {self.disks}"] if self.disks != VALUES else []
        lines += [f"wall-clock {self.wall_ms}"] if self.wall_ms != WALL_MS else []
        lines += ["others outside"] if self.others_outside else []
        return lines + [line for beginning in self.beginnings for line in beginning.lines()]

    @staticmethod
    def parse(lines: Iterable[str]) -> Setup:
        """Read what `lines` wrote; a line that means nothing is a `UserError` that quotes it."""
        values: dict[str, object] = {}
        beginnings: list[list[str]] = []
        for line in lines:
            words = line.split(" ")
            if words[0] in beginning.WORDS:
                beginnings.append(words)
                continue
            try:
                _read_line(values, words)
            except (ValueError, IndexError, TypeError):
                raise UserError(f"{line!r} does not belong into the setup of a run.") from None
        try:
            values["beginnings"] = beginning.parse(beginnings)
        except ValueError as error:
            raise UserError(f"What is on a disk at the beginning can't be read: {error}") from None
        return Setup(**values)  # type: ignore[arg-type]  # `_read_line` made them of the right types


def within_7(members: Iterable[int]) -> bool:
    """Whether these can be members of a simulated cluster: what fits on a screen."""
    return all(1 <= member <= 7 for member in members)


def _knob(name: str, value: Knob) -> object:
    """The value as `Config` wants it; names and kinds of values that it has not are refused."""
    types = {field.name: str(field.type) for field in fields(Config)}
    del types["rules"], types["parts"]  # these are no knobs
    if name not in types:
        raise unknown_name("knob", name, types)
    if value == "unlimited" and types[name] == "int":
        return UNLIMITED
    if types[name] == "ReadOption":
        return ReadOption(value)
    if type(value).__name__ != types[name]:
        raise UserError(f"The knob {name} is of kind {types[name]}, and {value!r} is not.")
    return value


def _members_line(word: str, members: tuple[int, ...]) -> str:
    return " ".join([word, *(f"S{member}" for member in members)])


def _word(value: Knob) -> str:
    return str(value) if not isinstance(value, bool) else "on" if value else "off"


def _value(word: str) -> Knob:
    if word in ("on", "off"):
        return word == "on"
    return int(word) if word.lstrip("-").isdigit() else word


def _member(word: str) -> int:
    if not word.startswith("S"):
        raise ValueError(f"{word!r} names no member")
    return int(word[1:])


def _read_line(values: dict[str, object], words: list[str]) -> None:
    """Add what one line says to the values of a `Setup`."""

    def add(name: str, value: object) -> None:
        values[name] = (*values.get(name, ()), value)  # type: ignore[misc]  # tuples, all of them

    match words:
        case ["members" | "learners" as name, *members]:
            values[name] = tuple(_member(word) for word in members)
        case ["seed", number]:
            values["seed"] = int(number)
        case ["profile", name]:
            values["profile"] = name
        case ["knob", name, value]:
            add("knobs", (name, _value(value)))
        case ["knob", name, value, who]:
            add("member_knobs", (_member(who), name, _value(value)))
        case ["broken", twin]:
            add("broken_rules", twin)
        case ["timer", who, ticks]:
            add("first_timers", (_member(who), int(ticks)))
        case ["network" | "disk" | "apply" as name, low, high]:
            values[f"{name}_ms"] = (int(low), int(high))
        case ["link", sender, receiver, low, high]:
            add("link_ms", (_member(sender), _member(receiver), int(low), int(high)))
        case ["weather", loss, duplicates, overtaking]:
            values["weather"] = (int(loss), int(duplicates), int(overtaking))
        case ["disks", form]:
            values["disks"] = form
        case ["others", "outside"]:
            values["others_outside"] = True
        case ["wall-clock", wall_ms]:
            values["wall_ms"] = int(wall_ms)
        case _:
            raise ValueError("no such line")
