"""The simulated disk of one member: what was written, and how much of it survives a power cut.

    number       1          2          3          4           5          6
    record    entry 1@1  entry 2@1  term 1..   entry 2@2  entry 3@2  term 2..
                                           ^ synced = 3                     ^ written = 6

A write-ahead log is a row of records that only grows. Writing is not yet keeping: until a sync is
done, the operating system may hold the records in memory, and a power cut takes them. A crash here
leaves the records that were synced; a nastier one also leaves some of the others, always the
oldest, because the record that reached the disk in part is known by its checksum and thrown away.

What the records mean is for the reader of the real disk to say (`learnetcd.disk.replay`): an entry
takes the place of the one of its index and voids everything behind that. In the drawing, all six
records together mean the log `1@1 2@2 3@2`, and a crash now leaves `1@1 2@1`. A snapshot counts
from the moment at which the commit index has reached it. What can't be a history is refused.

A disk comes in two forms. On this page its records are values, and the synced ones are read as soon
as they are safe instead of after the crash; so it is forked for next to nothing. The other form
(`file_disk`) keeps bytes in files, where they can be torn. (A log that a learner wrote lies on one
of its own: `learnetcd.own.disk`.)

Source: etcd 3.3 wal/wal.go, ReadAll. Next page: `file_disk`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from learnetcd.disk.replay import NoHistory, Replay
from learnetcd.raft.chunks import Chunks
from learnetcd.raft.entry import Entry, HardState, Snapshot, Stored
from learnetcd.raft.rules import Rules

Record = Entry | HardState | Snapshot
"""One record of the write-ahead log; a snapshot stands for its file and the marker naming it."""

SHOWN = 256
"""Records kept to be looked at, besides those that are not safe yet."""


class DiskRefused(Exception):
    """The records of this disk can't be the history of a member: it says why."""

    def __init__(self, reason: str, stored: Stored) -> None:
        """Keep what can be read before the trouble, for those who only look."""
        super().__init__(reason)
        self.stored = stored


class DiskFailed(Exception):
    """The disk can't take in what a member writes: the member must stop. It says why."""


class Disk(Protocol):
    """What a simulated member needs of a disk."""

    @property
    def written(self) -> int:
        """How many records were written in the life of the disk."""
        ...

    @property
    def synced(self) -> int:
        """How many of them, the oldest, survive a power cut."""
        ...

    def write(self, records: Iterable[Record]) -> None:
        """Add records at the end; they are not safe yet. `DiskFailed` if that can't be."""
        ...

    def sync(self, written: int) -> None:
        """Make the first `written` records safe."""
        ...

    def crash(self, kept: int, torn: int = 0) -> None:
        """Lose what was not synced, but for its `kept` oldest records.

        With `torn`, what comes behind those was being written just then: see `file_disk`.
        """
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

    def live_by(self, rules: Rules) -> None:
        """Read by these rules from now on: for lessons."""
        ...

    def fork(self) -> Disk:
        """Copy it for next to nothing."""
        ...


class Reading:
    """The records read so far, from the first one on, and what they mean."""

    __slots__ = ("_ahead", "_replay", "_trouble")

    def __init__(self, begin: Stored) -> None:
        """Begin with what was there before the first record."""
        self._replay = Replay(begin.snapshot)
        self._ahead: tuple[Snapshot, ...] = ()  # snapshots that the commit index has not reached
        self._trouble = ""
        self._replay.read_marker(begin.snapshot.index, begin.snapshot.term)
        for entry in begin.entries:
            self.read(entry)
        self.read(begin.hard_state)

    def read(self, record: Record) -> None:
        """Take in the next record; after one that can't be, nothing more."""
        if self._trouble:
            return
        try:
            match record:
                case Entry():
                    self._replay.read_entry(record)
                case HardState():
                    self._replay.read_state(record)
                case Snapshot():
                    self._ahead += (record,)
            if self._ahead:
                self._begin_after_the_newest()
        except NoHistory as trouble:
            self._trouble = str(trouble)

    def refuse(self, reason: str) -> None:
        """There is something that can't be read: it says what."""
        self._trouble = self._trouble or reason

    def _begin_after_the_newest(self) -> None:
        """Let the newest snapshot that counts stand for what it covers."""
        commit_index = self._replay.hard_state.commit_index
        reached = [snapshot for snapshot in self._ahead if snapshot.index <= commit_index]
        self._ahead = tuple(one for one in self._ahead if one.index > commit_index)
        newest = max(reached, key=lambda one: (one.term, one.index), default=self._replay.snapshot)
        if newest.index > self._replay.snapshot.index:
            self._replay = self._replay.onto(newest)

    def stored(self) -> Stored:
        """What the member begins with; or `DiskRefused`."""
        try:
            stored = self._replay.stored()
        except NoHistory as trouble:
            raise DiskRefused(str(trouble), Stored(self._replay.snapshot)) from None
        if self._trouble:
            raise DiskRefused(self._trouble, stored)
        return stored

    def fork(self) -> Reading:
        """Copy it for next to nothing."""
        copy = Reading.__new__(Reading)
        copy._replay = self._replay.fork()
        copy._ahead = self._ahead
        copy._trouble = self._trouble
        return copy


class Row:
    """The records of a disk by their numbers: what both forms have.

    Invariant: synced <= written.
    """

    __slots__ = ("_records", "synced")

    def __init__(self) -> None:
        """Begin without records."""
        self.synced = 0
        self._records: Chunks[Record] = Chunks(start=1)

    @property
    def written(self) -> int:
        """How many records were written in the life of the disk."""
        return self._records.end - 1

    def write(self, records: Iterable[Record]) -> None:
        """Add records at the end; they are not safe yet."""
        self._records.extend(records)

    def last_records(self, count: int) -> list[tuple[int, Record]]:
        """List the last records with their numbers, the oldest first."""
        low = max(self._records.start, self._records.end - count)
        return list(enumerate(self._records.slice(low, self._records.end), low))

    def _become_safe(self, written: int) -> list[Record]:
        """The first `written` records are safe from now on; give those that were not before."""
        assert written <= self.written, (
            f"record {written} can't be safe: {self.written} are written"
        )
        records = self._records.slice(self.synced + 1, written + 1)
        self.synced = max(self.synced, written)
        self._records.drop_before(self.synced - SHOWN)
        return records


class ValueDisk(Row):
    """A disk whose records are values.

    Invariant: `_safe` has read exactly the first `synced` records.
    """

    __slots__ = ("_safe",)

    def __init__(self, begin: Stored) -> None:
        """Begin with a log without records, that stands for what is given."""
        super().__init__()
        self._safe = Reading(begin)

    def sync(self, written: int) -> None:
        """Make the first `written` records safe."""
        for record in self._become_safe(written):
            self._safe.read(record)

    def crash(self, kept: int, torn: int = 0) -> None:
        """Lose what was not synced, but for its `kept` oldest records."""
        assert not torn, "a value can't be torn"
        left = min(self.synced + kept, self.written)
        self._records.truncate(left + 1)
        self.sync(left)  # what is found after a crash has reached the disk: it stays

    def recovered(self) -> Stored:
        """Read all that is safe, as a member does when it starts; or raise `DiskRefused`."""
        return self._safe.stored()

    def live_by(self, rules: Rules) -> None:
        """Values are never torn: no rule speaks of them."""

    def after_crash(self, kept: int = 0) -> Stored:
        """What `recovered` would say after a crash now; nothing is lost by asking."""
        found = self._safe.fork()
        left = min(self.synced + kept, self.written)
        for record in self._records.slice(self.synced + 1, left + 1):
            found.read(record)
        return found.stored()

    def fork(self) -> ValueDisk:
        """Copy it for next to nothing."""
        copy = ValueDisk.__new__(ValueDisk)
        copy._safe = self._safe.fork()
        copy._records = self._records.fork()
        copy.synced = self.synced
        return copy
