"""Trace events about who is a member, and about reads that ask who leads.

Next page: `storage`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from learnetcd.tracing.elections import Name
from learnetcd.tracing.event import TraceEvent, member_name
from learnetcd.tracing.rule import Verdict
from learnetcd.value import dataclass


@dataclass(slots=True)
class ChangeProposed(TraceEvent):
    """A change of members is in the log; it acts when it is applied."""

    source: ClassVar[str] = "learnetcd.raft.membership:checked_payload"
    citation: ClassVar[str] = "etcd/raft: a change acts when applied; Thesis §4.1 when stored"
    index: int
    text: str

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} puts a change of members at {self.index}: {self.text}."


@dataclass(slots=True)
class ChangeRefused(TraceEvent):
    """A change of members was replaced by an empty entry."""

    source: ClassVar[str] = "learnetcd.raft.membership:checked_payload"
    citation: ClassVar[str] = "Thesis §4.1; etcd/raft stepLeader"
    text: str
    verdict: Verdict[Any]

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} refuses the change of members ({self.text}): {self.verdict.because()}."


@dataclass(slots=True)
class ConfigurationChanged(TraceEvent):
    """A change of members was applied."""

    source: ClassVar[str] = "learnetcd.raft.membership:change_applied"
    citation: ClassVar[str] = "Raft §6; Thesis §4.3"
    old: str
    new: str
    landmark: ClassVar[bool] = True

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} now goes by the members {self.new}; before: {self.old}."


@dataclass(slots=True)
class JointLeft(TraceEvent):
    """A leader leaves a joint configuration by itself."""

    source: ClassVar[str] = "learnetcd.raft.membership:leave_joint_when_applied"
    citation: ClassVar[str] = "Raft §6; Thesis §4.3"
    members: str

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} proposes to leave the joint configuration {self.members}."


@dataclass(slots=True)
class ReadForwarded(TraceEvent):
    """A follower asks its leader for a read index."""

    source: ClassVar[str] = "learnetcd.raft.reads:ask"
    citation: ClassVar[str] = "Thesis §6.4"
    leader: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} asks {name(self.leader)} up to where it must apply before it answers."


@dataclass(slots=True)
class ReadDropped(TraceEvent):
    """Nobody can be asked for a read index."""

    source: ClassVar[str] = "learnetcd.raft.reads:ask"
    citation: ClassVar[str] = "etcd/raft stepFollower"

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} knows no leader that could say whether a read is fresh."


@dataclass(slots=True)
class ReadWaits(TraceEvent):
    """A read index can't be given out yet."""

    source: ClassVar[str] = "learnetcd.raft.reads:ask_leader"
    citation: ClassVar[str] = "Raft §8; Thesis §6.4"
    verdict: Verdict[Any]
    read_round: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} lets the read wait: {self.verdict.because()}."


@dataclass(slots=True)
class ReadIndexGiven(TraceEvent):
    """A read may be answered once this index is applied."""

    source: ClassVar[str] = "learnetcd.raft.reads:give_out"
    citation: ClassVar[str] = "Thesis §6.4"
    member: int
    read_index: int
    verdict: Verdict[Any]

    def sentence(self, me: str, name: Name = member_name) -> str:
        whose = "its own read" if name(self.member) == me else f"the read at {name(self.member)}"
        return (
            f"{me} lets {whose} be answered at index {self.read_index}: {self.verdict.because()}."
        )
