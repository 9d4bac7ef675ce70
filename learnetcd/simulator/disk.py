"""The simulated disk of one member: what was written, and how much of it survives a power cut.

    number       1          2          3          4           5          6
    record    entry 1@1  entry 2@1  term 1..   entry 2@2  entry 3@2  term 2..
                                           ^ synced = 3                     ^ written = 6

A write-ahead log is a row of records that only grows. Writing is not yet keeping: until a sync is
done, the operating system may hold the records in memory, and a power cut takes them. A crash here
leaves the records that were synced; a nastier one also leaves some of the others, always the
oldest, because the record that reached the disk in part is known by its checksum and thrown away.

Recovery reads the records in order. An entry takes the place of the one of the same index that came
before it and voids everything behind that: so a log is truncated without removing a record. In the
drawing, all six records together mean the log `1@1 2@2 3@2`, and a crash now leaves `1@1 2@1`.

What recovery can't explain it refuses: a gap, or a commit index beyond the end. A member that
guesses here would vote and acknowledge with a log that is not its own.

Left out: bytes. Records are values here, and the synced ones are read as soon as they are safe
instead of after the crash; so a disk is forked for next to nothing. The form that keeps bytes in
files, where they can be torn and flipped, fits behind the same protocol.

Source: etcd 3.3 wal/wal.go, ReadAll. Next page: `network`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from learnetcd.raft.chunks import Chunks
from learnetcd.raft.configuration import Configuration
from learnetcd.raft.entry import Entry, HardState, Snapshot, Stored

Record = Entry | HardState | Snapshot
"""One record of the write-ahead log; a snapshot stands for its file and the marker naming it."""

SHOWN = 256
"""Records kept to be looked at, besides those that are not safe yet."""


class DiskRefused(Exception):
    """The records of this disk can't be the history of a member."""


class Recovery:
    """The reader: what the records read so far mean."""

    __slots__ = ("_entries", "_trouble", "hard_state", "snapshot")

    def __init__(self, configuration: Configuration) -> None:
        """Begin before the first record: who the members are, etcd is told by its command line."""
        self.snapshot = Snapshot(0, 0, configuration)
        self.hard_state = HardState()
        self._entries: Chunks[Entry] = Chunks(start=1)
        self._trouble = ""

    def read(self, record: Record) -> None:
        """Take in the next record."""
        if isinstance(record, Entry):
            self._put(record)
        elif isinstance(record, HardState):
            self.hard_state = record
        elif record.index >= self.snapshot.index:
            self._begin_after(record)

    def _put(self, entry: Entry) -> None:
        """Add an entry; what stood at its place and behind it is void."""
        last_index = self.last_index
        if entry.index <= last_index:
            # An entry that the snapshot stands for voids the whole rest as well: the log was cut
            # there. Without that, a tail that was truncated long ago would come back to life.
            self._entries.truncate(max(entry.index, self._entries.start))
            if entry.index <= self.snapshot.index:
                return
        elif entry.index > last_index + 1:
            self._trouble = f"entry {entry} follows a log that ends at {last_index}"
            return
        if entry.term < (self.term_at(entry.index - 1) or 0):
            self._trouble = f"entry {entry} follows one of term {self.term_at(entry.index - 1)}"
        self._entries.append(entry)

    def _begin_after(self, snapshot: Snapshot) -> None:
        """Let a snapshot stand for what it covers; of the rest, what is of the same log stays."""
        if self.term_at(snapshot.index) == snapshot.term:
            self._entries.drop_before(snapshot.index + 1)
        else:
            self._entries = Chunks(start=snapshot.index + 1)
        self.snapshot = snapshot

    @property
    def snapshot_index(self) -> int:
        """The last entry that the snapshot stands for; 0 without one."""
        return self.snapshot.index

    @property
    def last_index(self) -> int:
        """Where the log ends."""
        return self._entries.end - 1

    def term_at(self, index: int) -> int | None:
        """The term of an entry, or of the snapshot at its index; None for all others."""
        if self._entries.start <= index < self._entries.end:
            return self._entries[index].term
        return self.snapshot.term if index == self.snapshot.index else None

    def stored(self) -> Stored:
        """What the member begins with; or `DiskRefused`."""
        if not self._trouble and self.hard_state.commit_index > self.last_index:
            self._trouble = (
                f"{self.hard_state.commit_index} is recorded as committed, "
                f"but the log ends at {self.last_index}"
            )
        if self._trouble:
            raise DiskRefused(self._trouble)
        # The hard state may be of an older term than the last entry: entries are written first, and
        # a crash between the two keeps them. No promise of the newer term was made by then.
        return Stored(self.snapshot, self.hard_state, tuple(self._entries))

    def fork(self) -> Recovery:
        """Copy it for next to nothing."""
        copy = Recovery.__new__(Recovery)
        copy.snapshot = self.snapshot
        copy.hard_state = self.hard_state
        copy._entries = self._entries.fork()
        copy._trouble = self._trouble
        return copy


class Disk(Protocol):
    """What a simulated member needs of a disk."""

    @property
    def durable(self) -> Recovery:
        """What the records that are safe mean. To look at, not to change."""
        ...

    @property
    def written(self) -> int:
        """How many records were written in the life of the disk."""
        ...

    @property
    def synced(self) -> int:
        """How many of them, the oldest, survive a power cut."""
        ...

    def write(self, records: Iterable[Record]) -> None:
        """Add records at the end; they are not safe yet."""
        ...

    def sync(self, written: int) -> None:
        """Make the first `written` records safe."""
        ...

    def crash(self, kept: int) -> None:
        """Lose what was not synced, but for its `kept` oldest records."""
        ...

    def recovered(self) -> Stored:
        """Read all that is safe, as a member does when it starts; or raise `DiskRefused`."""
        ...

    def after_crash(self, kept: int = 0) -> Stored:
        """What `recovered` would say after a crash now; nothing is lost by asking."""
        ...

    def last_records(self, count: int) -> list[tuple[int, Record]]:
        """List the last records with their numbers, the oldest first."""
        ...

    def fork(self) -> Disk:
        """Copy it for next to nothing."""
        ...


class ValueDisk:
    """A disk whose records are values.

    Invariants: synced <= written; `durable` has read exactly the first `synced` records.
    """

    __slots__ = ("_records", "durable", "synced")

    def __init__(self, configuration: Configuration) -> None:
        """Begin empty."""
        self.durable = Recovery(configuration)
        self.synced = 0
        self._records: Chunks[Record] = Chunks(start=1)  # found by their numbers

    @property
    def written(self) -> int:
        """How many records were written in the life of the disk."""
        return self._records.end - 1

    def write(self, records: Iterable[Record]) -> None:
        """Add records at the end; they are not safe yet."""
        self._records.extend(records)

    def sync(self, written: int) -> None:
        """Make the first `written` records safe."""
        assert written <= self.written, (
            f"record {written} can't be safe: {self.written} are written"
        )
        for record in self._records.slice(self.synced + 1, written + 1):
            self.durable.read(record)
        self.synced = max(self.synced, written)
        self._records.drop_before(self.synced - SHOWN)

    def crash(self, kept: int) -> None:
        """Lose what was not synced, but for its `kept` oldest records."""
        left = min(self.synced + kept, self.written)
        self._records.truncate(left + 1)
        self.sync(left)  # what is found after a crash has reached the disk: it stays

    def recovered(self) -> Stored:
        """Read all that is safe, as a member does when it starts; or raise `DiskRefused`."""
        return self.durable.stored()

    def after_crash(self, kept: int = 0) -> Stored:
        """What `recovered` would say after a crash now; nothing is lost by asking."""
        found = self.durable.fork()
        left = min(self.synced + kept, self.written)
        for record in self._records.slice(self.synced + 1, left + 1):
            found.read(record)
        return found.stored()

    def last_records(self, count: int) -> list[tuple[int, Record]]:
        """List the last records with their numbers, the oldest first."""
        low = max(self._records.start, self._records.end - count)
        return list(enumerate(self._records.slice(low, self._records.end), low))

    def fork(self) -> ValueDisk:
        """Copy it for next to nothing."""
        copy = ValueDisk.__new__(ValueDisk)
        copy.durable = self.durable.fork()
        copy._records = self._records.fork()
        copy.synced = self.synced
        return copy
