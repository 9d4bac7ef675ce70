"""Trace events about clients: what they ask, and what they are told.

Next page: `guard`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from learnetcd.tracing.elections import Name
from learnetcd.tracing.event import TraceEvent, member_name


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
