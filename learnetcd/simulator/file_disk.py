"""The simulated disk in its other form: etcd's own bytes, in files in memory.

    write     entry 4@2   entry 5@2   term 2..        values, in the memory of the machine
    sync      S1.etcd/member/wal/0000...0-0000...0.wal   ... | entry 4@2 | entry 5@2 | term 2.. |
    crash     ... | entry 4@2 | entry 5@2 | ent                                        torn 7

Below this page everything is what a real member does: `learnetcd.disk.storage` writes the log and
the snapshot files, and `learnetcd.disk.recovery` reads them. Only the file system is not real. The
files of the log are short here, so that the next one is begun, and old ones are deleted, every few
dozen entries.

A run on files is the same run as on values, step by step: a test compares their digests. That is
what this form is for: a run of chance that finds nothing wrong has tried the format as well, and
how it is cut, purged and read.

And it can do what values can't: tear. In a `torn` crash the power fails somewhere in the middle of
writing down what was not synced, and each sector of 512 bytes that was on its way either reached
the disk or did not. The number after `torn` is what decides: each gives another outcome, and the
same one each time.

Who the first members were is not in the log, which begins after them. A real member writes it there
first of all (`learnetcd.member.bootstrap`); here the setup of the run says it, at each start.

Left out: changed bits, a full disk, a sync that fails. A member stops then, so it is a crash.

Next page: `network`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import count, pairwise

from learnetcd.disk import mapping
from learnetcd.disk.directory import Directory
from learnetcd.disk.errors import DataRefused
from learnetcd.disk.memory_files import Fault, MemoryFiles, PowerFailed
from learnetcd.disk.record import RecordType
from learnetcd.disk.recovery import recover
from learnetcd.disk.scan import HEAD, Placed, scan
from learnetcd.disk.storage import Storage, create, open_storage
from learnetcd.raft.chance import draw
from learnetcd.raft.entry import Entry, HardState, Snapshot, Stored
from learnetcd.raft.rules import SOUND, Rules
from learnetcd.simulator.disk import DiskRefused, Record, Row
from learnetcd.wire import raftpb, walpb
from learnetcd.wire.etcdserverpb import Metadata
from learnetcd.wire.protobuf import Malformed

CLUSTER_ID = 0x51A71A7ED
"""Of all simulated clusters."""

SEGMENT_BYTES = 8192
"""A file of the log of this length gets no more records."""

KEPT_FILES = 2
"""Files of the log, and snapshots, that a purge leaves."""

TEARING = 700
"""Where the draws begin."""


class FileDisk(Row):
    """A disk whose records are bytes.

    Invariants: the files hold exactly the first `synced` records; all in them is safe.
    """

    __slots__ = ("_directory", "_files", "_first", "_found", "_rules", "_storage")

    def __init__(self, member_id: int, begin: Stored) -> None:
        """Begin with a log that stands for what is given."""
        super().__init__()
        self._files = MemoryFiles()
        self._directory = Directory(f"S{member_id}.etcd")
        self._first = begin.snapshot
        self._rules = SOUND
        self._found: Stored | None = None
        """What was read last, as long as nothing has changed since."""
        metadata = Metadata(member_id, CLUSTER_ID)
        self._storage: Storage | None = create(
            self._files, self._directory.root, metadata, SEGMENT_BYTES
        )
        if begin.snapshot.index:
            self._carry_out([begin.snapshot])
        self._carry_out([*begin.entries, begin.hard_state])

    def sync(self, written: int) -> None:
        """Make the first `written` records safe."""
        self._carry_out(self._become_safe(written))

    def _carry_out(self, records: Iterable[Record]) -> None:
        """What a driver does with the effects of a member, and then a sync."""
        self._found = None
        storage = self._opened()
        entries: list[Entry] = []
        purges = False
        for record in records:
            match record:
                case Entry():
                    entries.append(record)
                case HardState():
                    storage.write(entries, record)
                    entries = []
                case Snapshot():
                    storage.write(entries)
                    storage.save_snapshot(record)
                    entries, purges = [], True
        storage.write(entries)
        storage.sync()
        if purges:
            storage.purge(KEPT_FILES, KEPT_FILES)

    def _opened(self) -> Storage:
        """The directory in use; a restarted member opens it when it first writes."""
        if self._storage is None:
            self._storage, _ = open_storage(
                self._files, self._directory.root, SEGMENT_BYTES, rules=self._rules
            )
        return self._storage

    # -- crashes ------------------------------------------------------------------------------

    def crash(self, kept: int, torn: int = 0) -> None:
        """Lose what was not synced, but for its `kept` oldest records; tear those behind."""
        self.sync(min(self.synced + kept, self.written))
        rest = self._records.slice(self.synced + 1, self.written + 1)
        self._records.truncate(self.synced + 1)
        if torn and rest:
            self.write(self._torn(rest, torn))
            self._become_safe(self.written)
        # What was written and not synced is lost: nothing, unless the storage is broken.
        self._files, self._storage = self._files.after_power_cut(lambda: False), None
        self._found = None

    def _torn(self, rest: list[Record], torn: int) -> list[Record]:
        """Let the power fail while records are written; give those that reached the disk."""
        before, calls = len(self._log()), self._calls_for(rest)
        numbers = count(1)

        def chance(below: int) -> int:
            return draw(torn, TEARING, next(numbers), below)

        self._opened()  # what a restart repairs, it has repaired by now
        self._files.faults[len(self._files.calls) + chance(calls)] = Fault.POWER
        with suppress(PowerFailed):
            self._carry_out(rest)
        self._files = self._files.after_power_cut(lambda: chance(2) == 0)
        markers = {(one.index, one.term): one for one in rest if isinstance(one, Snapshot)}
        found: list[Record] = []
        with suppress(Malformed):  # a torn record that a broken rule let through: see `recovered`
            for placed in self._log()[before:]:
                found.append(value_of(placed.type, placed.data, markers.__getitem__))
        return found

    def _calls_for(self, records: list[Record]) -> int:
        """How many calls of the file system it takes to write records down."""
        copy = self.fork()
        copy._opened()
        before = len(copy._files.calls)
        copy._carry_out(records)
        return len(copy._files.calls) - before

    def _log(self) -> list[Placed]:
        """The records of the log, but for those that each of its files repeats in its head."""
        try:
            found = scan(self._files, self._directory, SEGMENT_BYTES, self._rules).records
        except DataRefused:
            return []  # and `recovered` says why
        return [
            placed
            for before, placed in pairwise(found)
            if placed.type not in HEAD and before.type is not RecordType.METADATA
        ]

    # -- reading ------------------------------------------------------------------------------

    def recovered(self) -> Stored:
        """Read all that is safe, as a member does when it starts; or raise `DiskRefused`."""
        if self._found is None:
            self._found = self._read()
        return self._found

    def _read(self) -> Stored:
        try:
            stored = recover(self._files, self._directory, SEGMENT_BYTES, self._rules).stored
        except DataRefused as refused:
            reason = str(refused).removesuffix(".")
            raise DiskRefused(reason, Stored(self._first)) from None
        if stored.snapshot.index:
            return stored
        return Stored(self._first, stored.hard_state, stored.entries)

    def live_by(self, rules: Rules) -> None:
        """Read by these rules from now on: one of them is about torn records."""
        self._rules, self._found = rules, None

    def after_crash(self, kept: int = 0) -> Stored:
        """What `recovered` would say after a crash now; nothing is lost by asking."""
        copy = self.fork()
        copy.crash(kept)
        return copy.recovered()

    def fork(self) -> FileDisk:
        """Copy it, with its files."""
        copy = FileDisk.__new__(FileDisk)
        copy._directory, copy._first, copy._rules = self._directory, self._first, self._rules
        copy._found = self._found
        copy._records, copy.synced = self._records.fork(), self.synced
        copy._files, copy._storage = self._copied(), None
        return copy

    def _copied(self) -> MemoryFiles:
        return self._files.after_power_cut(lambda: True)


def bytes_of(record: Record) -> tuple[RecordType, bytes]:
    """What a record of the log says, in etcd's bytes."""
    match record:
        case Entry():
            return RecordType.ENTRY, mapping.to_entry(record).encode()
        case HardState():
            return RecordType.STATE, mapping.to_hard_state(record).encode()
        case Snapshot():
            return RecordType.SNAPSHOT, walpb.Snapshot(record.index, record.term).encode()


def value_of(
    kind: RecordType, data: bytes, snapshot: Callable[[tuple[int, int]], Snapshot]
) -> Record:
    """A record of the log as a value; `snapshot` knows those that have a marker."""
    match kind:
        case RecordType.ENTRY:
            return mapping.from_entry(raftpb.Entry.decode(data))
        case RecordType.STATE:
            return mapping.from_hard_state(raftpb.HardState.decode(data))
        case _:
            marker = walpb.Snapshot.decode(data)
            return snapshot((marker.index, marker.term))
