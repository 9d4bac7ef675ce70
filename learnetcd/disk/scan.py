"""The scan: all records of a log, from its first file to its last, each of them checked.

    0000...0-0000...0.wal   crc 0  metadata  snapshot(0)  entry 1 ... entry 46
    0000...1-0000...2f.wal  crc x  metadata  state  entry 47  entry 48  ?
                            ^ carries the sum on                        ^ the tail

Only the end of the last file may be odd; that is what `tail` is about. Anything odd elsewhere is
damage. Names tell whether a file is missing in the middle, and the checksum tells it too.

A missing *last* file is harder to see, for nothing points at it. We look at the one before: it is
full, and a full file without room behind its last record has had a successor. (Our own writer
keeps eight zero bytes at the end of a file until its successor is in place.)

Differs: etcd starts with older data if the last file is missing. It also leaves a full file without
room behind it for the moment in which it makes the next; killed just then, it leaves what we
refuse. The refusal says what to do: make the file eight bytes longer.

Differs: a file whose first two records are not whole is refused, even the last one. They were
synced before the file got its name, so no crash can take them.

Source: etcd 3.4 wal/wal.go, ReadAll and ValidSnapshotEntries. Next page: `tail`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from learnetcd.disk import tail
from learnetcd.disk.directory import Directory, SegmentName, segments
from learnetcd.disk.errors import DataRefused
from learnetcd.disk.files import Files
from learnetcd.disk.record import Damaged, RecordType, Unpacked, checked, unpacked
from learnetcd.raft.rules import SOUND, RecordFacts, Rules
from learnetcd.value import dataclass
from learnetcd.wire import etcdserverpb
from learnetcd.wire.protobuf import Malformed

SEGMENT_BYTES = 64_000_000
"""A file of this length gets no more records. Nothing on disk says it: a reader needn't know."""

ZEROS = bytes(1 << 16)

HEAD = (RecordType.CRC, RecordType.METADATA)
"""With what each file begins."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A record and where it is."""

    segment: SegmentName
    at: Unpacked

    @property
    def type(self) -> RecordType:
        """What it is."""
        return self.at.type

    @property
    def data(self) -> bytes:
        """What it says."""
        return self.at.record.data or b""


@dataclass(slots=True)
class Scan:
    """All that was read."""

    segments: list[SegmentName]
    """The files, the oldest first; their sequence has no gap."""
    records: list[Placed] = field(default_factory=list)
    running: int = 0
    """The checksum so far."""
    end: int = 0
    """Where in the last file the good records end."""
    size: int = 0
    """How long the last file is."""
    torn: str = ""
    """If a crash cut off a record there: how it looks."""
    remains: int = 0
    """How many bytes behind `end` are not just the zeros of the file's end."""
    gap: SegmentName | None = None
    """The file before the first one, if some between them are missing."""

    @property
    def metadata(self) -> etcdserverpb.Metadata:
        """Whose log it is."""
        return etcdserverpb.Metadata.decode(self.records[1].data)


def scan(
    files: Files,
    directory: Directory,
    segment_bytes: int = SEGMENT_BYTES,
    rules: Rules = SOUND,
) -> Scan:
    """Read the whole log, or say why it can't be trusted. Changes nothing."""
    found = segments(files, directory)
    result = Scan(found[_after_last_gap(found) :])
    if len(result.segments) < len(found):
        result.gap = found[-len(result.segments) - 1]
    for segment in result.segments:
        path = f"{directory.wal}/{segment}"
        is_last = segment == result.segments[-1]
        data = files.read(path)
        first = len(result.records)
        try:
            for unpacked_record in _records(data, result, segment, rules):
                result.records.append(Placed(segment, unpacked_record))
                result.end = unpacked_record.end
        except Damaged as damage:
            in_head = len(result.records) - first < len(HEAD)
            if in_head or not is_last or not tail.is_torn(data, damage):
                raise DataRefused(path, damage.offset, damage.reason) from None
            result.torn = damage.reason
        _check_head(path, result, first)
        if is_last:
            _look_behind(path, data, result, segment_bytes)
    return result


def _after_last_gap(found: list[SegmentName]) -> int:
    """Where the files begin that follow each other without a gap."""
    for place in range(len(found) - 1, 0, -1):
        if found[place].sequence != found[place - 1].sequence + 1:
            return place
    return 0


def _records(data: bytes, result: Scan, segment: SegmentName, rules: Rules) -> Iterator[Unpacked]:
    """The records of one file; the checksum runs along."""
    at = 0
    while (found := unpacked(data, at)) is not None:
        result.running = sum_after(found, result.running, rules)
        if at == 0 and segment.sequence == 0 and found.record.crc:
            raise Damaged(0, f"the first checksum of a log is 0, not {found.record.crc:08x}")
        yield found
        at = found.end
    if at == 0:
        raise Damaged(0, "the file is empty")


def sum_after(found: Unpacked, running: int, rules: Rules) -> int:
    """The checksum that runs along, after this record."""
    try:
        return checked(found, running)
    except Damaged:
        if not rules.read_record.allows(RecordFacts(sum_is_right=False)):
            raise
        return found.record.crc  # the broken twin believes the record


def _check_head(path: str, result: Scan, first: int) -> None:
    """A file begins with a checksum and says whose it is; all files say the same."""
    records = result.records[first:]
    if tuple(placed.type for placed in records[: len(HEAD)]) != HEAD:
        raise DataRefused(path, 0, "a file of the log begins with a crc and a metadata record")
    for placed in records[len(HEAD) :]:
        if placed.type in HEAD and placed.data != result.records[1].data:
            reason = f"a second {placed.type.name.lower()} record"
            raise DataRefused(path, placed.at.offset, reason)
    own = records[1]
    if own.data != result.records[1].data:
        raise DataRefused(path, own.at.offset, "this file is of another member or cluster")
    try:
        etcdserverpb.Metadata.decode(own.data)
    except Malformed as error:
        raise DataRefused(path, own.at.offset, str(error)) from None


def _look_behind(path: str, data: bytes, result: Scan, segment_bytes: int) -> None:
    """What comes after the last good record of the log?"""
    result.size = len(data)
    result.remains = _end_of_content(data, result.end) - result.end
    if result.remains and not result.torn:
        # A length of 0, and something behind it: a hole where a record begins.
        damage = Damaged(result.end, "a record has vanished, but there is something behind it")
        if not tail.is_torn(data, damage):
            raise DataRefused(path, damage.offset, damage.reason)
    if result.end == result.size and result.size >= segment_bytes:
        following = f"{result.segments[-1].sequence + 1:016x}-*.wal"
        raise DataRefused(
            path,
            result.size,
            f"this file is full, so the one after it ({following}) is missing. If etcd was killed "
            "at the moment of making it, append eight zero bytes to this file: truncate -s +8",
        )


def _end_of_content(data: bytes, start: int) -> int:
    """Where the zeros at the end begin. A new log has 64 million of them, so block by block."""
    end = len(data)
    while end > start:
        block = max(end - len(ZEROS), start)
        if not data.startswith(ZEROS[: end - block], block):
            return block + len(data[block:end].rstrip(b"\0"))
        end = block
    return start
