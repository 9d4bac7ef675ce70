"""Trace events about the disk and the store: written, synced, applied, snapshot, forgotten.

Next page: `clients`.
"""

from __future__ import annotations

from typing import ClassVar

from learnetcd.tracing.elections import Name
from learnetcd.tracing.event import TraceEvent, member_name
from learnetcd.tracing.replication import span
from learnetcd.value import dataclass


@dataclass(slots=True)
class MemberStarted(TraceEvent):
    """A member begins with what its disk holds."""

    source: ClassVar[str] = "learnetcd.member.member:Member.__init__"
    citation: ClassVar[str] = "Raft Figure 2, persistent state"
    snapshot_index: int
    last_index: int
    term: int
    vote: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        if not self.term and not self.last_index:
            return f"{me} starts with an empty disk."
        vote = f", its vote for {name(self.vote)}" if self.vote else ""
        snapshot = f", a snapshot at {self.snapshot_index}" if self.snapshot_index else ""
        log = span(self.snapshot_index + 1, self.last_index)
        return f"{me} starts and finds on its disk term {self.term}{vote}{snapshot} and {log}."


@dataclass(slots=True)
class LogWritten(TraceEvent):
    """Records went to the write-ahead log. Written is not yet durable."""

    source: ClassVar[str] = "learnetcd.member.saving:save"
    citation: ClassVar[str] = "Raft Figure 2, persistent state; etcd wal.Save"
    batch: int
    first: int
    """The entries: first to last; none if first is above last."""
    last: int
    term: int
    """The hard state, if it is among the records; else the term is 0."""
    vote: int
    commit_index: int
    must_sync: bool

    def sentence(self, me: str, name: Name = member_name) -> str:
        what = [span(self.first, self.last)] if self.first <= self.last else []
        if self.term:
            vote = f", vote {name(self.vote)}" if self.vote else ""
            commit = f", commit {self.commit_index}" if self.commit_index else ""
            what.append(f"term {self.term}{vote}{commit}")
        wait = (
            "a crash before the sync may lose it"
            if self.must_sync
            else "no sync is needed for that"
        )
        return f"{me} writes {' and '.join(what)} to its log on disk: {wait}."


@dataclass(slots=True)
class LogSynced(TraceEvent):
    """All that was written up to a batch survives a crash."""

    source: ClassVar[str] = "learnetcd.member.saving:synced"
    citation: ClassVar[str] = "Raft Figure 2: updated on stable storage before responding to RPCs"
    aside: ClassVar[bool] = True
    batch: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me}'s disk has synced: messages that waited for that may leave."


@dataclass(slots=True)
class EntryApplied(TraceEvent):
    """The store executed a committed entry."""

    source: ClassVar[str] = "learnetcd.member.apply:apply_entry"
    citation: ClassVar[str] = "Raft Figure 2: rules for all servers, lastApplied"
    index: int
    term: int
    command: object
    """A request, the words of a change of members, or None for an empty entry."""
    result: object
    """The store's event, or its error."""

    def sentence(self, me: str, name: Name = member_name) -> str:
        what = "an empty entry" if self.command is None else self.command
        refused = (
            f"; the store refuses it, {self.result}" if isinstance(self.result, Exception) else ""
        )
        return f"{me} applies entry {self.index}: {what}{refused}."


@dataclass(slots=True)
class DeadlineSet(TraceEvent):
    """A key was given a time to live."""

    source: ClassVar[str] = "learnetcd.member.apply:apply_command"
    citation: ClassVar[str] = "etcd v2: ttl"
    key: str
    seconds: int
    """How long it has left, by this member's clock."""

    def sentence(self, me: str, name: Name = member_name) -> str:
        left = f"in {self.seconds} s" if self.seconds > 0 else "already"
        return f"{me} notes that {self.key} may expire {left}, as soon as the leader says so."


@dataclass(slots=True)
class KeysExpired(TraceEvent):
    """Keys went because their time was up: by the clock of the leader, if that rule is on."""

    source: ClassVar[str] = "learnetcd.member.expiry:apply"
    citation: ClassVar[str] = "etcd v2: expiry goes through the log, so all members agree"
    keys: tuple[str, ...]
    etcd_index: int
    by_entry: bool = True
    """Whether an entry of the leader said what time it is; else only the member's own clock did."""
    landmark: ClassVar[bool] = True

    def sentence(self, me: str, name: Name = member_name) -> str:
        whose = "the leader's clock" if self.by_entry else "its own clock"
        return (
            f"{me} removes {', '.join(self.keys)}: the time was up by {whose} "
            f"(etcd index {self.etcd_index})."
        )


@dataclass(slots=True)
class EntriesSkipped(TraceEvent):
    """Entries that waited to be applied are part of a snapshot that came."""

    source: ClassVar[str] = "learnetcd.member.snapshots:receive"
    citation: ClassVar[str] = "Raft §7: the snapshot replaces what the state machine would get"
    first: int
    last: int
    snapshot_index: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        return (
            f"{me} will not apply {span(self.first, self.last)}: "
            f"what came of it is in the snapshot at {self.snapshot_index}."
        )


@dataclass(slots=True)
class StoreRestored(TraceEvent):
    """A snapshot from the leader took the store's place."""

    source: ClassVar[str] = "learnetcd.member.snapshots:restore"
    citation: ClassVar[str] = "Raft §7; Figure 13, step 8"
    index: int
    etcd_index: int
    landmark: ClassVar[bool] = True

    def sentence(self, me: str, name: Name = member_name) -> str:
        return (
            f"{me} has the snapshot at {self.index} on disk for sure, and takes its store from it "
            f"(etcd index {self.etcd_index})."
        )


@dataclass(slots=True)
class SnapshotTaken(TraceEvent):
    """A member made a picture of its own store."""

    source: ClassVar[str] = "learnetcd.member.snapshots:take_if_due"
    citation: ClassVar[str] = "Raft §7; etcd --snapshot-count"
    index: int
    term: int
    entries: int
    """How many entries were applied since the last one."""

    def sentence(self, me: str, name: Name = member_name) -> str:
        return (
            f"{me} takes a snapshot at {self.index}@{self.term}: "
            f"{self.entries} entries were applied since the last one."
        )


@dataclass(slots=True)
class SnapshotSaved(TraceEvent):
    """A member's own snapshot is on disk."""

    source: ClassVar[str] = "learnetcd.member.snapshots:saved"
    citation: ClassVar[str] = "Raft §7"
    index: int
    landmark: ClassVar[bool] = True

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} has its snapshot at {self.index} on disk for sure: a restart begins there."


@dataclass(slots=True)
class LogCompacted(TraceEvent):
    """A member forgot entries that a snapshot replaces."""

    source: ClassVar[str] = "learnetcd.member.snapshots:saved"
    citation: ClassVar[str] = "Raft §7"
    first_index: int
    """The first entry that is left."""
    snapshot_index: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        return (
            f"{me} forgets the entries before {self.first_index}: "
            f"who needs them gets the snapshot at {self.snapshot_index}."
        )


@dataclass(slots=True)
class MemberPanicked(TraceEvent):
    """A member found itself in a state that can't be, and stopped rather than go on."""

    source: ClassVar[str] = "learnetcd.simulator.world:World.feed"
    citation: ClassVar[str] = "etcd/raft panics likewise"
    found: str
    landmark: ClassVar[bool] = True

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} stops, for this can't be: {self.found}."
