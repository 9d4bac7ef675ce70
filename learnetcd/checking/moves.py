"""Moves: what may happen next in a search, and how much trouble there may be in all.

    S1 leads, an append is on its way to S2     deliver S1>S2 4     put S1 c2 /x 2    campaign S2
                                                crash S1 ...        (what the bounds still allow)

In a simulation everything has its time. A search has no time: of all that is on its way or to be
done, anything may be next, and what is not chosen is just late. So there are no delays and no cuts
here. A message that is never delivered is a message lost; an election timer may fire whenever it
likes (`campaign`).

Without bounds there would be no end: each election may be followed by another one. So a run of the
search has so many elections, writes, crashes, and no more (`Bounds`). Most bugs need very few of
each; the small scope hypothesis says so, and the table of the README shows it.

Writes and reads go to members who believe to lead; the others would only pass them on.

Source: small scopes, Jackson, *Software Abstractions*. Next page: `state_key`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from learnetcd.member.request import KeyRequest, MembershipRequest, Method, ReadKind, Request
from learnetcd.raft.configuration import Change, ChangeKind, ConfigChange
from learnetcd.raft.roles import Leader
from learnetcd.simulator.decisions import (
    ApplyCommitted,
    Campaign,
    Crash,
    Decision,
    Deliver,
    Drop,
    Duplicate,
    FireTimer,
    Restart,
    SetWallClock,
    Submit,
    Sync,
)
from learnetcd.simulator.setup import FILES
from learnetcd.simulator.world import World

HOUR_MS = 3_600_000
"""So far ahead is a clock that is set wrong."""

TEARS = 4
"""Ways in which a record is torn, of many."""

LONG = 2_000
"""Characters of a value that takes several sectors of a disk."""

TTL = 60
"""Seconds that a key lives in runs in which clocks are wrong."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of each kind may still happen."""

    elections: int = 2
    writes: int = 2
    crashes: int = 1
    reads: int = 0
    changes: int = 0
    """Members removed."""
    heartbeats: int = 0
    duplicates: int = 0
    losses: int = 0
    clocks: int = 0
    """Wall clocks set an hour ahead; while there may be one, writes have a time to live."""

    def after(self, decision: Decision) -> Bounds:
        """What is left when that has happened."""
        kind = kind_of(decision)
        return replace(self, **{kind: getattr(self, kind) - 1}) if kind else self


KINDS: dict[type[Decision], str] = {
    Campaign: "elections",
    Crash: "crashes",
    FireTimer: "heartbeats",
    Duplicate: "duplicates",
    Drop: "losses",
    SetWallClock: "clocks",
}
"""What counts as what; of requests, it is the request that says it."""


def kind_of(decision: Decision) -> str:
    """The bound that a decision uses up; "" for what happens by itself."""
    if not isinstance(decision, Submit):
        return KINDS.get(type(decision), "")
    request = decision.request
    if isinstance(request, MembershipRequest):
        return "changes"
    return "reads" if getattr(request, "method", None) is Method.GET else "writes"


def moves(world: World, bounds: Bounds) -> list[Decision]:
    """Everything that may happen next: what is under way first, trouble last."""
    return [*under_way(world, bounds), *asked(world, bounds), *trouble(world, bounds)]


def under_way(world: World, bounds: Bounds) -> Iterator[Decision]:
    """What members and messages have begun."""
    for member in world.alive_ids:
        machine = world.machine(member)
        if machine.sync is not None:
            yield Sync(member)
        if machine.apply is not None:
            yield ApplyCommitted(member)
    for due in oldest_packets(world):
        yield Deliver(*due)
        if bounds.losses:
            yield Drop(*due)
        if bounds.duplicates and not due[3]:
            yield Duplicate(*due)


def oldest_packets(world: World) -> list[tuple[int, int, int, int]]:
    """On each link the message that is first to arrive, and of copies each."""
    first: dict[tuple[int, int], tuple[int, int, int, int]] = {}
    copies = []
    for key in world.network.packets:
        if key[3]:
            copies.append(key)
        elif key[:2] not in first or key[2] < first[key[:2]][2]:
            first[key[:2]] = key
    return sorted([*first.values(), *copies])


def asked(world: World, bounds: Bounds) -> Iterator[Decision]:
    """What clients may want of those who lead, and what leaders do by the clock."""
    next_id = world.clients.last_id + 1
    for member in world.alive_ids:
        raft = world.member(member).raft
        if not isinstance(raft.role, Leader):
            continue
        if bounds.writes:
            yield Submit(member, next_id, write(world, bounds))
        if bounds.reads:
            read = KeyRequest(Method.GET, "/x", read=ReadKind.INDEX)
            yield Submit(member, next_id, read)
        if bounds.changes:
            for other in raft.configuration.voters:
                if other != member:
                    yield Submit(member, next_id, removal_of(other))
        if bounds.heartbeats:
            yield FireTimer(member)


def write(world: World, bounds: Bounds) -> Request:
    """A put; no two put the same value. In files, a long one: so that a crash can tear it."""
    value = str(world.clients.last_id + 1) * (LONG if world.setup.disks == FILES else 1)
    return KeyRequest(Method.PUT, "/x", value, ttl=TTL if bounds.clocks else None)


def removal_of(member: int) -> Request:
    """A change of members."""
    return MembershipRequest(ConfigChange((Change(ChangeKind.REMOVE, member),)))


def trouble(world: World, bounds: Bounds) -> Iterator[Decision]:
    """What nobody asked for."""
    for member in world.member_ids:
        if not world.alive(member):
            yield Restart(member)
            continue
        raft = world.member(member).raft
        if bounds.elections and raft.promotable and not isinstance(raft.role, Leader):
            yield Campaign(member)
        if bounds.crashes:
            yield Crash(member)
            if world.setup.disks == FILES:
                yield from (Crash(member, 0, torn) for torn in range(1, TEARS + 1))
        if bounds.clocks:
            ahead = world.setup.wall_ms + world.clock(member) + HOUR_MS
            yield SetWallClock(member, ahead)
