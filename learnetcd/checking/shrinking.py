"""Shrinking: the same broken rule, by as few decisions as possible.

    284 decisions   ->   142   ->   ...   ->   11        nobody can read 284, and 11 are a story

Take some decisions out, play the rest from the start: is the same invariant still broken? Then they
were not needed. First halves are tried, then quarters, and at last one decision after the other,
from the back to the front, until none can be missed any more (*delta debugging*).

Some of what remains may not be possible without what was taken out: that is skipped. But a message
that was the fifth on its link is the fourth now. So what is played are *wishes*: deliver the oldest
append on the link S1>S2, whichever number it has; let a client put 2, whichever client it is.

At the end all pairs are tried: an election that nobody needs, and its sync, are needed only for
each other. What is left may still not be the shortest run there is.

Source: Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input" (2002).

Next page: `child`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from learnetcd.invariants.invariant import Violation
from learnetcd.invariants.judge import Judge
from learnetcd.raft.messages import Message
from learnetcd.simulator.decisions import Decision, Deliver, Drop, Duplicate, Submit
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.world import Impossible, World

PAIRED = 40
"""Of so few decisions all pairs are tried as well: some hundred replays."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A decision, not bound to the numbers of one run."""

    decision: Decision
    kind: type[Message] | None = None
    """Of the message that it is about, if it is about one."""

    def in_world(self, world: World) -> Decision | None:
        """The decision that it means here; None if there is no such message."""
        decision = self.decision
        match decision:
            case Deliver() | Drop() | Duplicate():
                link = (decision.sender, decision.receiver)
                fitting = [
                    (number, copy)
                    for (sender, receiver, number, copy), packet in world.network.packets.items()
                    if (sender, receiver) == link
                    and type(packet.message) is self.kind
                    and (copy > 0) == (decision.copy > 0)
                ]
                if not fitting:
                    return None
                number, copy = min(fitting)
                return type(decision)(*link, number, copy)
            case Submit():
                return replace(decision, request_id=world.clients.last_id + 1)
            case _:
                return decision


@dataclass(frozen=True, slots=True)
class Broken:
    """A run up to where it breaks an invariant."""

    decisions: tuple[Decision, ...]
    violation: Violation


def shrink(setup: Setup, decisions: Sequence[Decision], invariant: str) -> Broken:
    """Leave out what is not needed to break this invariant."""
    wishes = wishes_of(setup, decisions)
    size = len(wishes)
    while size:
        fewer = without_some(setup, wishes, invariant, size)
        if size > 1 or len(fewer) == len(wishes):  # one by one until all of them are needed
            size //= 2
        wishes = fewer if size else without_two(setup, fewer, invariant)
        if len(wishes) < len(fewer):
            size = 1
    broken = breaks(setup, wishes, invariant)
    assert broken is not None, f"the run that broke {invariant} does not do so again"
    return broken


def without_some(setup: Setup, wishes: list[Wish], invariant: str, size: int) -> list[Wish]:
    """Leave out blocks of so many, from the back, as long as it breaks all the same."""
    low = len(wishes)
    while low > 0:
        low -= size
        fewer = [*wishes[: max(0, low)], *wishes[low + size :]]
        if breaks(setup, fewer, invariant) is not None:
            wishes = fewer
    return wishes


def without_two(setup: Setup, wishes: list[Wish], invariant: str) -> list[Wish]:
    """Leave out two that are needed only for each other: an election, and its sync."""
    pairs = combinations(range(len(wishes) - 1, -1, -1), 2) if len(wishes) <= PAIRED else ()
    for pair in pairs:
        fewer = [wish for place, wish in enumerate(wishes) if place not in pair]
        if breaks(setup, fewer, invariant) is not None:
            return fewer
    return wishes


def wishes_of(setup: Setup, decisions: Iterable[Decision]) -> list[Wish]:
    """The same run, in wishes."""
    world, wishes = World(setup), []
    for decision in decisions:
        kind = None
        if isinstance(decision, Deliver | Drop | Duplicate):
            key = (decision.sender, decision.receiver, decision.number, decision.copy)
            kind = type(world.packet(key).message)
        wishes.append(Wish(decision, kind))
        world.decide(decision)
    return wishes


def breaks(setup: Setup, wishes: Iterable[Wish], invariant: str = "") -> Broken | None:
    """Play wishes from the start, up to where that invariant breaks, or any; None if it doesn't."""
    judge = Judge()
    world, decisions = World(setup, judge=judge), list[Decision]()
    for wish in wishes:
        decision = wish.in_world(world)
        if decision is None:
            continue
        try:
            world.decide(decision)
        except Impossible:
            continue
        decisions.append(decision)
        if judge.violations:
            violation = judge.violation(invariant) if invariant else judge.violations[0]
            return None if violation is None else Broken(tuple(decisions), violation)
    return None
