"""Trace events about clients: what they ask, and what they are told.

Next page: `guard`.
"""

from __future__ import annotations

from typing import ClassVar

from learnetcd.tracing.elections import Name
from learnetcd.tracing.event import TraceEvent, member_name
from learnetcd.value import dataclass


@dataclass(slots=True)
class RequestReceived(TraceEvent):
    """A client asks for something, and waits."""

    source: ClassVar[str] = "learnetcd.member.clients:submit"
    citation: ClassVar[str] = "Raft §8: client interaction"
    request_id: int
    request: object
    """It can say itself in words; an event keeps the value and makes no text."""

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} is asked by a client (request {self.request_id}): {self.request}."


@dataclass(slots=True)
class ProposalHeld(TraceEvent):
    """What a client asks is not proposed yet."""

    source: ClassVar[str] = "learnetcd.member.proposing:propose"
    citation: ClassVar[str] = "etcd/raft node.go: no proposals without a leader; Thesis §10.2.2"
    request_id: int
    reason: str

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} does not propose request {self.request_id} yet: {self.reason}."


@dataclass(slots=True)
class ReadAnswerWaits(TraceEvent):
    """The read index is known, but the store of this member is not there yet."""

    source: ClassVar[str] = "learnetcd.member.clients:take_read_index"
    citation: ClassVar[str] = "Thesis §6.4, step 4"
    request_id: int
    read_index: int
    applied_index: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        return (
            f"{me} holds the answer to request {self.request_id} back until it has applied entry "
            f"{self.read_index}; it has applied up to {self.applied_index}."
        )


@dataclass(slots=True)
class RequestAnswered(TraceEvent):
    """A client was told what came of its request."""

    source: ClassVar[str] = "learnetcd.member.clients:reply"
    citation: ClassVar[str] = "Raft §5.3: the result is returned once the entry is applied"
    request_id: int
    request: object
    answer: object
    landmark: ClassVar[bool] = True

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} answers request {self.request_id} ({self.request}): {self.answer}."


@dataclass(slots=True)
class LocalReadAnswered(RequestAnswered):
    """A client was told what this member's own store holds, without anybody being asked."""

    source: ClassVar[str] = "learnetcd.member.clients:submit"
    citation: ClassVar[str] = "etcd v2: a plain GET may be old"


@dataclass(slots=True)
class WatchBegan(TraceEvent):
    """A client waits for something to happen to a key."""

    source: ClassVar[str] = "learnetcd.member.clients:watch"
    citation: ClassVar[str] = "etcd v2: wait=true"
    request_id: int
    request: object

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} lets request {self.request_id} wait for an event: {self.request}."


@dataclass(slots=True)
class WatcherTold(TraceEvent):
    """A client who watches was told of an event."""

    source: ClassVar[str] = "learnetcd.member.watching:tell_one"
    citation: ClassVar[str] = "etcd v2: a watcher is told once, a stream again and again"
    request_id: int
    action: str
    key: str
    etcd_index: int
    landmark: ClassVar[bool] = True

    def sentence(self, me: str, name: Name = member_name) -> str:
        return (
            f"{me} tells the watcher of request {self.request_id}: {self.action} {self.key} "
            f"at etcd index {self.etcd_index}."
        )


@dataclass(slots=True)
class WatchLost(TraceEvent):
    """A watcher missed events that nobody knows any more."""

    source: ClassVar[str] = "learnetcd.member.watching:catch_one_up"
    citation: ClassVar[str] = "etcd v2: the last 1000 events are kept; error 401"
    request_id: int
    since_index: int
    start_index: int
    landmark: ClassVar[bool] = True

    def sentence(self, me: str, name: Name = member_name) -> str:
        return (
            f"{me} ends the watch of request {self.request_id}: it missed events from etcd index "
            f"{self.since_index} on, and those before {self.start_index} are forgotten."
        )


@dataclass(slots=True)
class RequestForgotten(TraceEvent):
    """A client went away before it was told all."""

    source: ClassVar[str] = "learnetcd.member.clients:forget"
    citation: ClassVar[str] = "Raft §8: what it asked for may happen all the same"
    request_id: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} forgets request {self.request_id}: its client went away."


@dataclass(slots=True)
class ExpiryProposed(TraceEvent):
    """The leader told the cluster the time, for keys to expire."""

    source: ClassVar[str] = "learnetcd.member.expiry:propose_if_due"
    citation: ClassVar[str] = "etcd: SYNC, every 500 ms by the leader"
    deadlines: int
    """How many keys may expire one day."""
    aside: ClassVar[bool] = True

    def sentence(self, me: str, name: Name = member_name) -> str:
        return (
            f"{me} puts the time by its clock into the log, for what is due to expire "
            f"(deadlines: {self.deadlines})."
        )


@dataclass(slots=True)
class RequestTimedOut(TraceEvent):
    """A client waited too long."""

    source: ClassVar[str] = "learnetcd.member.clients:expire"
    citation: ClassVar[str] = "etcd: error 300, request timed out"
    request_id: int
    request: object
    waited_ms: int
    landmark: ClassVar[bool] = True

    def sentence(self, me: str, name: Name = member_name) -> str:
        return (
            f"{me} gives up on request {self.request_id} ({self.request}) "
            f"after {self.waited_ms} ms: it may have happened, and it may still happen."
        )
