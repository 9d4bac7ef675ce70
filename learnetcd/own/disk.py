"""The disk of a member whose write-ahead log is yours.

    member      WriteWal(3@1)       your write_record(Record(2, ...), running)  ->  40 bytes
    sync                            ... | 2@1 | 3@1 |                  safe from now on
    crash       what was not synced is gone; torn: some of its bytes are there, and then zeros
    start       your read_log(all that is there)  ->  records, end          the rest is cut off

What the member knows after a crash is what your `read_log` finds in the bytes that your
`write_record` made and that were synced. So a log that loses its tail is a member that forgets
what it has promised, and the invariants say so ("entry 3@1 was durable, and is gone after the
restart"). Nothing of ours stands behind it and helps.

Metadata and the files of snapshots are kept for you, and a log begins a new file when it is long:
`read_log` is asked about each by itself, with the checksum that the one before it ended with. A
fault while a member writes, or a log that can't be read, stops the member, and is a violation.

The same runs as on our own disks come of it, if yours does what ours does: a test compares digests.

Differs: a full file is read once, when it is closed, and its bytes are forgotten: no call of yours
gets more to read than a file. And a crash that tears leaves the first bytes, up to any one of
them, instead of sectors in any order: small records of a lesson lie in one sector.

Next page: `fitting`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from learnetcd.disk.record import TYPES, RecordType
from learnetcd.member.command import decode_command
from learnetcd.own import values
from learnetcd.own.calling import OwnFault
from learnetcd.own.values import ReadLog
from learnetcd.raft.chance import draw
from learnetcd.raft.entry import Entry, Snapshot, Stored
from learnetcd.raft.rules import Rules
from learnetcd.simulator.disk import DiskFailed, Reading, Record, Row
from learnetcd.simulator.file_disk import SEGMENT_BYTES, bytes_of, value_of
from learnetcd.wire import crc32c
from learnetcd.wire.protobuf import Malformed

TEARING = 710
"""Where the draws begin."""

ZEROS = 64
"""So many stand behind what was torn, half of the time."""


class OwnDisk(Row):
    """A disk whose bytes your functions write and read.

    Invariants: `_log` holds the records from `_first` to `synced`, `_unsafe` those after them.
    """

    __slots__ = (
        "_ask",
        "_begin_running",
        "_closed",
        "_first",
        "_found",
        "_log",
        "_safe_running",
        "_snapshots",
        "_unsafe",
    )

    def __init__(self, begin: Stored, ask: Callable[..., object]) -> None:
        """Begin with a log without records, that stands for what is given."""
        super().__init__()
        self._ask = ask
        self._closed = Reading(begin)
        """What stands in the files before this one."""
        self._begin_running = 0
        """The checksum with which this file begins."""
        self._first = 1
        """The number of its first record."""
        self._log = b""
        self._safe_running = 0
        self._unsafe: tuple[tuple[bytes, int], ...] = ()
        """What was written and not synced, each with the checksum after it."""
        self._snapshots: dict[tuple[int, int], Snapshot] = {}
        """Their files, by index and term. Never changed in place."""
        self._found: Reading | None = None
        """What was read last, as long as nothing has changed since."""

    # -- writing ------------------------------------------------------------------------------

    def write(self, records: Iterable[Record]) -> None:
        """Have records written; they are not safe yet."""
        for record in records:
            kind, data = bytes_of(record)
            running = self._unsafe[-1][1] if self._unsafe else self._safe_running
            try:
                written = self._ask("write_record", values.Record(kind, data), running)
            except OwnFault as fault:
                raise DiskFailed(str(fault)) from None
            assert isinstance(written, bytes), "checked where it was asked"
            if isinstance(record, Snapshot):
                self._snapshots = {**self._snapshots, (record.index, record.term): record}
            self._unsafe += ((written, crc32c.extend(running, data)),)
            super().write((record,))

    def sync(self, written: int) -> None:
        """Make the first `written` records safe."""
        count = len(self._become_safe(written))
        done, self._unsafe = self._unsafe[:count], self._unsafe[count:]
        if not done:
            return
        self._log += b"".join(data for data, _ in done)
        self._safe_running = done[-1][1]
        self._found = None
        if len(self._log) >= SEGMENT_BYTES:
            self._closed, _ = self._read()
            self._log, self._begin_running = b"", self._safe_running
            self._first = self.synced + 1

    # -- crashes ------------------------------------------------------------------------------

    def crash(self, kept: int, torn: int = 0) -> None:
        """Lose what was not synced, but for its `kept` oldest records; tear those behind."""
        self.sync(min(self.synced + kept, self.written))
        rest = b"".join(data for data, _ in self._unsafe)
        self._records.truncate(self.synced + 1)
        self._unsafe = ()
        self._log += torn_bytes(rest, torn) if torn else b""
        if self._log:
            self._start()

    def _start(self) -> None:
        """What a member does when it starts: read its log, and cut off what is broken."""
        self._found, read = self._read()
        self._log = self._log[: read.end]
        running = self._begin_running
        for record in read.records:
            running = crc32c.extend(running, record.data)
        self._safe_running = running
        # What was torn, and is taken for a record all the same, is one from now on.
        for record in read.records[self.synced + 1 - self._first :]:
            try:
                super().write((self._value_of(record),))
            except NoRecord:
                return
            self._become_safe(self.written)

    # -- reading ------------------------------------------------------------------------------

    def recovered(self) -> Stored:
        """Read all that is safe, as a member does when it starts; or raise `DiskRefused`."""
        if self._found is None:
            self._found, _ = self._read() if self._log else (self._closed, None)
        return self._found.stored()

    def _read(self) -> tuple[Reading, ReadLog]:
        """What your `read_log` makes of this file; `Reading` keeps the first trouble."""
        found, read = self._closed.fork(), ReadLog((), 0, broken=True)
        try:
            answer = self._ask("read_log", self._log, self._begin_running)
            assert isinstance(answer, ReadLog), "checked where it was asked"
            read = answer
            for record in read.records:
                found.read(self._value_of(record))
        except OwnFault as fault:
            found.refuse(str(fault))
        except NoRecord as trouble:
            found.refuse(str(trouble))
        if not 0 <= read.end <= len(self._log):
            log = f"a log of {len(self._log)} bytes"
            found.refuse(f"read_log says that {log} ends at byte {read.end}")
            read = ReadLog(read.records, len(self._log), broken=True)
        return found, read

    def _value_of(self, record: values.Record) -> Record:
        kind = TYPES.get(record.type)
        if kind not in (RecordType.ENTRY, RecordType.STATE, RecordType.SNAPSHOT):
            raise NoRecord(f"read_log found a record of type {record.type}, and none was written")
        try:
            value = value_of(kind, record.data, self._snapshots.__getitem__)
            if isinstance(value, Entry) and isinstance(value.payload, bytes) and value.payload:
                decode_command(value.payload)  # else nobody could say what it asks for
            return value
        except (Malformed, KeyError, ValueError, AssertionError):
            what = f"a record of type {record.type}"
            raise NoRecord(f"read_log found {what} whose data make no sense") from None

    def after_crash(self, kept: int = 0) -> Stored:
        """What `recovered` would say after a crash now; nothing is lost by asking."""
        copy = self.fork()
        copy.crash(kept)
        return copy.recovered()

    def live_by(self, rules: Rules) -> None:
        """Yours decides by itself what it takes for whole: no rule speaks of it."""

    def fork(self) -> OwnDisk:
        """Copy it for next to nothing."""
        copy = OwnDisk.__new__(OwnDisk)
        for name in (*OwnDisk.__slots__, "synced"):
            setattr(copy, name, getattr(self, name))
        copy._records = self._records.fork()
        return copy


class NoRecord(Exception):
    """Your reader found something that means nothing: it says what."""


def torn_bytes(rest: bytes, torn: int) -> bytes:
    """What is there of the bytes that were on their way to the disk when the power failed."""
    there = rest[: draw(torn, TEARING, 1, len(rest) + 1)]
    # A file is made long in advance and full of zeros, or grows with what is written.
    return there.ljust(len(rest) + ZEROS, b"\0") if draw(torn, TEARING, 2, 2) else there
