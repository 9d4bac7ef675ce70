"""Trace events about the log: what is stored, sent, acknowledged, committed, removed.

Next page: `membership`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from learnetcd.tracing.elections import Name
from learnetcd.tracing.event import TraceEvent, member_name
from learnetcd.tracing.rule import Verdict
from learnetcd.value import dataclass


def span(first: int, last: int) -> str:
    """Say which entries: "entry 4", "entries 4 to 7", or "no entry"."""
    if last < first:
        return "no entry"
    return f"entry {first}" if first == last else f"entries {first} to {last}"


@dataclass(slots=True)
class LeaderAppended(TraceEvent):
    """A leader put entries into its own log."""

    source: ClassVar[str] = "learnetcd.raft.replication:append_as_leader"
    citation: ClassVar[str] = "Raft §5.3; Figure 2, rules for leaders"
    first: int
    last: int
    term: int
    empty: bool

    def sentence(self, me: str, name: Name = member_name) -> str:
        what = (
            "an empty entry, to begin its term with," if self.empty else span(self.first, self.last)
        )
        at = f" at {self.first}" if self.empty else ""
        return f"{me} stored {what}{at} in term {self.term}; it is not durable before the sync."


@dataclass(slots=True)
class ProposalForwarded(TraceEvent):
    """A follower passed a proposal on."""

    source: ClassVar[str] = "learnetcd.raft.replication:propose"
    citation: ClassVar[str] = "etcd/raft stepFollower; Raft §8"
    leader: int
    count: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} passes the proposal to its leader, {name(self.leader)}."


@dataclass(slots=True)
class ProposalDropped(TraceEvent):
    """A proposal went nowhere; its client will wait in vain."""

    source: ClassVar[str] = "learnetcd.raft.replication:propose"
    citation: ClassVar[str] = "etcd/raft ErrProposalDropped"
    reason: str

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} dropped the proposal: {self.reason}."


@dataclass(slots=True)
class AppendSent(TraceEvent):
    """A leader sent entries, or a probe, or news of its commit index."""

    source: ClassVar[str] = "learnetcd.raft.replication:send_append"
    citation: ClassVar[str] = "Raft §5.3"
    member: int
    first: int
    last: int
    previous_index: int
    previous_term: int
    commit_index: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        is_empty = self.last < self.first
        what = "an append without entries" if is_empty else span(self.first, self.last)
        after = "at the start of the log"
        if self.previous_index:
            after = f"after entry {self.previous_index} of term {self.previous_term}"
        commit = f"; commit index {self.commit_index}" if self.commit_index else ""
        return f"{me} sends {name(self.member)} {what}, {after}{commit}."


@dataclass(slots=True)
class HeartbeatsSent(TraceEvent):
    """A leader told everybody that it is there."""

    source: ClassVar[str] = "learnetcd.raft.replication:broadcast_heartbeat"
    citation: ClassVar[str] = "Raft §5.2"
    members: tuple[int, ...]
    read_round: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        names = ", ".join(name(member) for member in self.members) or "nobody: it is alone"
        asks = f", asking for round {self.read_round}" if self.read_round else ""
        return f"{me} sends a heartbeat to {names}{asks}."


@dataclass(slots=True)
class HeartbeatHeard(TraceEvent):
    """A follower heard its leader."""

    source: ClassVar[str] = "learnetcd.raft.replication:accept_heartbeat"
    citation: ClassVar[str] = "Raft §5.2"
    leader: int
    commit_index: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} heard {name(self.leader)}: its election timer starts again."


@dataclass(slots=True)
class EntriesAccepted(TraceEvent):
    """The previous entry matched; the acknowledgement leaves when the entries are durable."""

    source: ClassVar[str] = "learnetcd.raft.replication:accept_entries"
    citation: ClassVar[str] = "Raft §5.3; Figure 2, AppendEntries"
    leader: int
    first: int
    last: int
    previous_index: int
    previous_term: int
    already_there: bool

    def sentence(self, me: str, name: Name = member_name) -> str:
        leader = name(self.leader)
        act = f"{'already had' if self.already_there else 'stored'} {span(self.first, self.last)}"
        what = f"{act} from {leader}"
        if self.last < self.first:
            what = f"found no entry in {leader}'s append"
        why = "all logs agree before entry 1"
        if self.previous_index:
            why = f"entry {self.previous_index} is of term {self.previous_term} in both logs"
        return f"{me} {what}: {why}."


@dataclass(slots=True)
class EntriesRemoved(TraceEvent):
    """A follower's own tail differed from its leader's log."""

    source: ClassVar[str] = "learnetcd.raft.replication:accept_entries"
    citation: ClassVar[str] = "Raft §5.3; Figure 2, AppendEntries step 3"
    first: int
    last: int
    verdict: Verdict[Any]
    landmark: ClassVar[bool] = True

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} removes {span(self.first, self.last)}: {self.verdict.because()}."


@dataclass(slots=True)
class AppendRefused(TraceEvent):
    """The previous entry did not match."""

    source: ClassVar[str] = "learnetcd.raft.replication:accept_entries"
    citation: ClassVar[str] = "Raft §5.3; Figure 2, AppendEntries step 2"
    leader: int
    verdict: Verdict[Any]
    hint_index: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        return (
            f"{me} refuses the append of {name(self.leader)}: {self.verdict.because()}; "
            f"it suggests {self.hint_index}."
        )


@dataclass(slots=True)
class AppendNotNeeded(TraceEvent):
    """An append reached below what is committed here."""

    source: ClassVar[str] = "learnetcd.raft.replication:accept_entries"
    citation: ClassVar[str] = "etcd/raft handleAppendEntries"
    leader: int
    commit_index: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        return (
            f"{me} needs nothing of this append: all up to {self.commit_index} is committed here."
        )


@dataclass(slots=True)
class NextIndexMovedBack(TraceEvent):
    """A leader looks for the place where the logs agree."""

    source: ClassVar[str] = "learnetcd.raft.replication:take_append_reply"
    citation: ClassVar[str] = "Raft §5.3"
    member: int
    previous_index: int
    next_index: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        return (
            f"{me} heard that {name(self.member)} has no match at {self.previous_index}; "
            f"it tries from {self.next_index}."
        )


@dataclass(slots=True)
class MatchAdvanced(TraceEvent):
    """A member acknowledged entries: it holds them durably."""

    source: ClassVar[str] = "learnetcd.raft.replication:take_append_reply"
    citation: ClassVar[str] = "Raft §5.3; Figure 2, matchIndex"
    member: int
    match_index: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        if name(self.member) == me:
            return f"{me} counts its own copy up to {self.match_index}: it is durable."
        return f"{me} knows that {name(self.member)} holds everything up to {self.match_index}."


@dataclass(slots=True)
class ModeChanged(TraceEvent):
    """A leader sends to a member in another way."""

    source: ClassVar[str] = "learnetcd.raft.progress:Progress"
    citation: ClassVar[str] = "etcd/raft design.md, Progress"
    aside: ClassVar[bool] = True
    member: int
    mode: str
    reason: str

    def sentence(self, me: str, name: Name = member_name) -> str:
        act = {
            "probe": "sends one append at a time to",
            "replicate": "sends without waiting to",
            "snapshot": "sends a snapshot to",
        }[self.mode]
        return f"{me} now {act} {name(self.member)}: {self.reason}."


@dataclass(slots=True)
class EntryCommitted(TraceEvent):
    """A leader found that a quorum holds entries: they will never be removed."""

    source: ClassVar[str] = "learnetcd.raft.replication:advance_commit"
    citation: ClassVar[str] = "Raft §5.3, §5.4.2"
    first: int
    last: int
    verdict: Verdict[Any]
    landmark: ClassVar[bool] = True

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} committed {span(self.first, self.last)}: {self.verdict.because()}."


@dataclass(slots=True)
class CommitHeldBack(TraceEvent):
    """A quorum holds an entry, and yet it is not committed."""

    source: ClassVar[str] = "learnetcd.raft.replication:advance_commit"
    citation: ClassVar[str] = "Raft §5.4.2, Figure 8"
    index: int
    verdict: Verdict[Any]

    def sentence(self, me: str, name: Name = member_name) -> str:
        why = self.verdict.because()
        return f"{me} does not commit entry {self.index} yet, though a quorum holds it: {why}."


@dataclass(slots=True)
class CommitLearned(TraceEvent):
    """A follower heard from its leader how far the log is committed."""

    source: ClassVar[str] = "learnetcd.raft.replication:learn_commit"
    citation: ClassVar[str] = "Raft §5.3; Figure 2, AppendEntries step 5"
    first: int
    last: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} learned that {span(self.first, self.last)} {self._is()} committed."

    def _is(self) -> str:
        return "is" if self.first == self.last else "are"


@dataclass(slots=True)
class EntriesDurable(TraceEvent):
    """The disk holds entries: a crash of this member can't lose them any more."""

    source: ClassVar[str] = "learnetcd.raft.promises:saved"
    citation: ClassVar[str] = "Raft Figure 2: log[] is persistent"
    first: int
    last: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} has {span(self.first, self.last)} on disk for sure."


@dataclass(slots=True)
class SnapshotSent(TraceEvent):
    """A follower needs entries that the leader has no more."""

    source: ClassVar[str] = "learnetcd.raft.compaction:send_snapshot"
    citation: ClassVar[str] = "Raft §7"
    member: int
    index: int
    first_index: int
    next_index: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        return (
            f"{me} sends {name(self.member)} its snapshot at {self.index}: entry {self.next_index} "
            f"is needed, the log begins at {self.first_index}."
        )


@dataclass(slots=True)
class SnapshotHeldBack(TraceEvent):
    """A snapshot is needed, but the member was not heard of lately."""

    source: ClassVar[str] = "learnetcd.raft.compaction:send_snapshot"
    citation: ClassVar[str] = "etcd/raft maybeSendSnapshot"
    member: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} sends no snapshot to {name(self.member)}, which was not heard of lately."


@dataclass(slots=True)
class SnapshotAccepted(TraceEvent):
    """A snapshot took the place of the whole log."""

    source: ClassVar[str] = "learnetcd.raft.compaction:accept_snapshot"
    citation: ClassVar[str] = "Raft §7; Figure 13"
    leader: int
    index: int
    removed_to: int
    landmark: ClassVar[bool] = True

    def sentence(self, me: str, name: Name = member_name) -> str:
        return (
            f"{me} takes the snapshot at {self.index} of {name(self.leader)} in place of its log."
        )


@dataclass(slots=True)
class SnapshotNotNeeded(TraceEvent):
    """A snapshot brought nothing new."""

    source: ClassVar[str] = "learnetcd.raft.compaction:accept_snapshot"
    citation: ClassVar[str] = "Raft Figure 13, steps 5 and 6"
    leader: int
    index: int
    reason: str

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} needs no snapshot at {self.index} of {name(self.leader)}: {self.reason}."
