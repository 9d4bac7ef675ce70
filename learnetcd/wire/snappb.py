"""snappb: the wrapping of a snapshot file.

    08 9a dd c0 91 09  12 d4 e6 05 ...
    |                  |
    |                  data: a raftpb.Snapshot
    crc of the data, from 0: a snapshot file stands alone

Source: etcd 3.4 etcdserver/api/snap/snappb/snap.proto. Next page: `etcdserverpb`.
"""

from __future__ import annotations

from typing import ClassVar

from learnetcd.value import dataclass
from learnetcd.wire.protobuf import BYTES, OPTIONAL, UINT32, Field, Protobuf, Table


@dataclass(frozen=True, slots=True)
class Snapshot(Protobuf):
    """All of a `.snap` file."""

    crc: int = 0
    data: bytes | None = None

    TABLE: ClassVar = Table(
        Field(1, "crc", UINT32),
        Field(2, "data", BYTES, OPTIONAL),
    )
