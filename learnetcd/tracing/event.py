"""The base of all trace events, and the tracer that receives them.

A trace event is an observation: what happened, at which member, with enough numbers in it to say
it in one sentence. It never blocks and never changes anything:

    self.trace(VoteGranted(candidate=2, term=5, pre_vote=False))
    # the tracer was called with (member id, the event); the TUI prints
    # "S3 voted for S2 in term 5."                                   Raft §5.2, §5.4.1

Each kind is an ordinary slotted dataclass (a frozen one costs 3-5 times as much to build). The
class, not the object, carries what is the same for all events of a kind: where in our code it
happens, and which sentence of the paper or which behaviour of etcd it belongs to.

Left out: ids and causes. An event's id is (member, input number, ordinal) and its cause is the
input that it was part of; both are known to whoever feeds the inputs, so no event carries them.

Next page: `elections`, the first part of the vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from learnetcd.value import dataclass


def member_name(member: int) -> str:
    """Name a member as the simulator and the lessons do: S1, S2, ...

    The ids of real members are numbers of 64 bits, and four digits of them are enough for people:
    8e9e05c52164694d is called S8e9e.
    """
    return f"S{member}" if member < 1 << 32 else f"S{member:016x}"[:5]


@dataclass(slots=True)
class TraceEvent:
    """A fact about a run, in the past tense."""

    source: ClassVar[str]
    """The symbol of our code in which it happens, as `module:qualified.name`."""

    citation: ClassVar[str]
    """The sentence of the paper, the thesis or etcd's behaviour that it shows."""

    landmark: ClassVar[bool] = False
    """True for the few that a reader wants to be stopped at: `Session.forward(NEXT_CHANGE)`."""

    aside: ClassVar[bool] = False
    """True for what a reader misses least where there is little room: how, not what."""

    def sentence(self, me: str, name: Callable[[int], str] = member_name) -> str:
        """Say it in one short sentence; `me` is the member at which it happened."""
        raise AssertionError(f"{type(self).__name__} has no sentence")


Tracer = Callable[[int, TraceEvent], None]
"""Receives (member id, event). It only watches: nothing that it does may change behaviour."""


def discard(member: int, event: TraceEvent) -> None:
    """Do nothing: the tracer of a member that nobody watches."""
