"""The world of a simulated cluster: members, disks, a network, clients, and one clock.

API as agreed; the page is being written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from learnetcd.errors import UserError
from learnetcd.member.inputs import Input
from learnetcd.member.effects import Effect
from learnetcd.member.request import Answer, Request
from learnetcd.simulator.decisions import Decision, Link
from learnetcd.simulator.setup import Setup
from learnetcd.tracing import Tracer, discard


class Impossible(UserError):
    """The decision can't be carried out in this state; nothing was changed. It says why."""


@dataclass(frozen=True, slots=True)
class Due:
    """Something that can happen, and when it happens by itself."""

    at: int
    """On the cluster's clock; may lie before `now`: then it is overdue."""
    decision: Decision
    asked_by: int
    """The step (number of the decision) from which it follows: its cause."""


@dataclass(frozen=True, slots=True)
class ClientRecord:
    """A request of a client and what became of it."""

    request_id: int
    member: int
    request: Request
    asked_at: int
    asked_in: int
    """The step."""
    answer: Answer | None = None
    """None while it is pending. UNKNOWN when the member died or gave up."""
    answered_at: int = 0
    answered_in: int = 0


Observer = Callable[["World", int, Input, list[Effect]], None]
"""Called after each input as (world, member, input, effects), with world.step and world.now set."""


class World:
    """One state of the cluster. Only `decide` changes it."""

    setup: Setup
    now: int
    """Milliseconds since the start; never falls."""
    step: int
    """How many decisions were carried out."""
    cause: int
    """The step from which the last decision followed; 0 if from outside."""
    clients: dict[int, ClientRecord]
    """By request id. (May become another mapping.)"""
    cuts: frozenset[Link]

    def __init__(self, setup: Setup, tracer: Tracer = discard) -> None:
        """Build the cluster of a setup, at time 0."""
        raise NotImplementedError

    def decide(self, decision: Decision) -> None:
        """Carry out one decision, or raise `Impossible` and change nothing."""
        raise NotImplementedError

    def choices(self) -> list[Due]:
        """Everything that can happen by itself, in time order (held messages not among them)."""
        raise NotImplementedError

    def next_decision(self) -> Decision | None:
        """What happens next if nobody interferes: the earliest; None if nothing ever would."""
        raise NotImplementedError

    # looking: world.member_ids, world.alive(m), world.paused(m), world.member(m) -> Member (alive only),
    # world.disk(m) -> Disk (recovered(), after_crash(), records, written, synced), world.clock(m),
    # world.clock_rate(m), world.packets() -> list[Packet] (sender, receiver, number, copy, message,
    # sent_at, sent_in, arrives_at, held), world.timer_due(m) -> ms, world.config(m)

    def fork(self, tracer: Tracer | None = None) -> World:
        """Copy it for next to nothing; members are shared until one of the two moves them.

        With a tracer, the copy reports to that one."""
        raise NotImplementedError

    def digest(self) -> str:
        """Name this state: equal states have equal digests, on every machine."""
        raise NotImplementedError
