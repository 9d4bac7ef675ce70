"""Records: how the write-ahead log is cut into pieces that can be told whole from broken.

    offset  bytes
    0x00    04 00 00 00 00 00 00 84                length 4, and 4 bytes of padding behind
    0x08    08 04 10 00  00 00 00 00               type 4 (crc), crc 0
    0x10    1f 00 00 00 00 00 00 81                length 31, and 1 byte of padding
    0x18    08 01  10 e4 9b 83 f4 0d  1a 15 ...    type 1 (metadata), crc de80cde4, 21 bytes of data

**Length.** Eight bytes, the lowest first. The lower seven are the length of the record. If it needs
padding to a multiple of eight, the top byte is 0x80 + the bytes of padding; else it is 0. So every
length begins at a multiple of eight and lies in one sector of the disk: it is there or it isn't. A
length of 0 means that nothing follows: the file is made long in advance and full of zeros.

**Checksum.** Each record holds the CRC-32C of *all data of all records so far*, its own included,
not just of itself. So no record can be lost from the middle, and no file:

    record      metadata   entry 1    entry 2    entry 3
    crc         a          a+1        a+1+2      a+1+2+3

Each file begins with a record of type crc that carries the sum over from the one before it. That is
how reading can also begin in the middle.

**Types.** metadata: whose log this is (second record of each file). entry: one entry; it replaces
the one of its index and all that stood behind. state: term, vote and commit index. snapshot: a
file in `snap/` is complete. crc: see above.

Differs: etcd ignores what is in the padding. We refuse anything but zeros there, so that no changed
byte of a log goes unnoticed.

Source: etcd 3.4 wal/encoder.go, wal/decoder.go, wal/wal.go. Next page: `window`.
"""

from __future__ import annotations

from enum import IntEnum

from learnetcd.value import dataclass
from learnetcd.wire import crc32c, walpb
from learnetcd.wire.protobuf import Malformed

LENGTH_BYTES = 8
MAX_BYTES = 10 * 1024 * 1024
"""A record of this size or more is refused: a damaged length must not make us read for ever."""

MAX_DATA = MAX_BYTES - 64
"""So much data fits into a record, with its type, checksum and padding."""


class RecordType(IntEnum):
    """What the data of a record is."""

    METADATA = 1
    """`etcdserverpb.Metadata`"""
    ENTRY = 2
    """`raftpb.Entry`"""
    STATE = 3
    """`raftpb.HardState`"""
    CRC = 4
    """No data; the sum is not changed by it but set."""
    SNAPSHOT = 5
    """`walpb.Snapshot`"""


TYPES = {int(kind): kind for kind in RecordType}
"""By the number that stands in a file."""


def sealed(kind: RecordType, data: bytes, running: int) -> walpb.Record:
    """Make the record that follows on the checksum `running`."""
    return walpb.Record(kind, crc32c.extend(running, data), data)


def packed(record: walpb.Record) -> bytes:
    """Put the length before a record and the padding behind."""
    body = record.encode()
    padding = -len(body) % 8
    length = len(body) | ((0x80 | padding) << 56 if padding else 0)
    return length.to_bytes(LENGTH_BYTES, "little") + body + bytes(padding)


class Damaged(Exception):
    """There should be a record here, and there is none that makes sense."""

    def __init__(self, offset: int, reason: str, end: int | None = None) -> None:
        """Say where it begins and, if the length can be read, where its body would end."""
        super().__init__(offset, reason)
        self.offset = offset
        self.reason = reason
        self.end = end


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A record that was found in a file."""

    record: walpb.Record
    type: RecordType
    offset: int
    """Where its length begins."""
    end: int
    """Where the next one begins."""

    @property
    def body(self) -> int:
        """Where its first field begins."""
        return self.offset + LENGTH_BYTES


def unpacked(data: bytes, offset: int) -> Unpacked | None:
    """Read the record at an offset, whatever its checksum; None if nothing follows."""
    word = data[offset : offset + LENGTH_BYTES]
    if not any(word):
        return None
    if len(word) < LENGTH_BYTES:
        raise Damaged(offset, "the file ends inside the length of a record")
    size, padding = _sizes(word, offset)
    start = offset + LENGTH_BYTES
    end = start + size + padding
    if end > len(data):
        missing = end - len(data)
        raise Damaged(offset, f"the file ends {missing} bytes before the end of a record", end)
    try:
        record = walpb.Record.decode(data[start : start + size])
    except Malformed as error:
        raise Damaged(offset, f"this is no record: {error}", end) from None
    kind = TYPES.get(record.type)
    if kind is None:
        raise Damaged(offset, f"there are no records of type {record.type}", end)
    if (record.data is None) != (kind is RecordType.CRC):
        raise Damaged(offset, f"a record of type {record.type} is with or without data", end)
    if any(data[start + size : end]):
        raise Damaged(offset, "the padding behind a record is not zero", end)
    return Unpacked(record, kind, offset, end)


def _sizes(word: bytes, offset: int) -> tuple[int, int]:
    """Take a length apart."""
    size = int.from_bytes(word[:7], "little")
    padding = -size % 8
    if word[7] != (0x80 | padding if padding else 0):
        raise Damaged(offset, f"{word.hex(' ')} is not the length of a record")
    if size + padding >= MAX_BYTES:
        raise Damaged(offset, f"a record can't have {size} bytes")
    return size, padding


def checked(found: Unpacked, running: int) -> int:
    """The running checksum after this record; `Damaged` if the record says another."""
    record = found.record
    if found.type is RecordType.CRC:
        # 0: reading has just begun, perhaps in the middle of a log.
        if running not in (0, record.crc):
            reason = f"the file does not continue the one before it: {_sums(running, record.crc)}"
            raise Damaged(found.offset, reason, found.end)
        return record.crc
    running = crc32c.extend(running, record.data or b"")
    if running != record.crc:
        reason = f"the checksum of a record is wrong: {_sums(running, record.crc)}"
        raise Damaged(found.offset, reason, found.end)
    return running


def _sums(found: int, said: int) -> str:
    return f"the data give {found:08x}, the record says {said:08x}"
