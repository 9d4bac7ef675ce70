"""walpb: the records of the write-ahead log, and the marker that a snapshot leaves in it.

    08 05  10 ce e2 8c f8 01  1a 04 08 00 10 00
    |      |                  |
    |      |                  data: walpb.Snapshot, index 0, term 0
    |      crc 1f03314e
    type 5: a snapshot marker

What the types mean and what the checksum covers is said in `learnetcd/disk/`.

Source: etcd 3.4 wal/walpb/record.proto. Next page: `snappb`.
"""

from __future__ import annotations

from typing import ClassVar

from learnetcd.value import dataclass
from learnetcd.wire.protobuf import BYTES, INT64, OPTIONAL, UINT32, UINT64, Field, Protobuf, Table


@dataclass(frozen=True, slots=True)
class Record(Protobuf):
    """One record: what its data is, the checksum, the data."""

    type: int = 0
    """A plain number: a reader must be able to say that it doesn't know it."""
    crc: int = 0
    data: bytes | None = None

    TABLE: ClassVar = Table(
        Field(1, "type", INT64),
        Field(2, "crc", UINT32),
        Field(3, "data", BYTES, OPTIONAL),
    )


@dataclass(frozen=True, slots=True)
class Snapshot(Protobuf):
    """The marker: a snapshot file of this index and term is complete and on disk.

    etcd 3.5 adds a third field, the members; 3.4 has none.
    """

    index: int = 0
    term: int = 0

    TABLE: ClassVar = Table(
        Field(1, "index", UINT64),
        Field(2, "term", UINT64),
    )
