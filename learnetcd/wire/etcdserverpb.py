"""etcdserverpb: what a client asked, on its way through the log, and who the member is.

A write to `/v2/keys/greeting` becomes the data of a log entry in this form, and every member
applies the very same bytes:

    08 81 d6 ...     ID, unique in the cluster: the member that took the request waits for it
    12 03 50 55 54   Method "PUT"
    1a 0b 2f 31 ...  Path "/1/greeting": clients' keys lie below /1, the cluster's own below /0
    22 02 68 69      Val "hi"
    28 00 32 00 ...  all the rest, written although nobody asked for it

Two fields have three cases: `prev_exist` and `refresh` may be true, false or not given.

Source: etcd 3.4 etcdserver/etcdserverpb/etcdserver.proto. Next page: `crc32c`.
"""

from __future__ import annotations

from typing import ClassVar

from learnetcd.value import dataclass
from learnetcd.wire.protobuf import BOOL, INT64, OPTIONAL, STRING, UINT64, Field, Protobuf, Table


@dataclass(frozen=True, slots=True)
class Metadata(Protobuf):
    """Whose data directory this is: the second record of every file of the write-ahead log."""

    node_id: int = 0
    cluster_id: int = 0

    TABLE: ClassVar = Table(
        Field(1, "node_id", UINT64),
        Field(2, "cluster_id", UINT64),
    )


@dataclass(frozen=True, slots=True)
class Request(Protobuf):
    """One operation of the v2 API."""

    id: int = 0
    method: str = ""
    """PUT, POST, DELETE, QGET (a read through the log) or SYNC (let expired keys go)."""
    path: str = ""
    val: str = ""
    dir: bool = False
    prev_value: str = ""
    """Compare with this value first; "" means that it was not given."""
    prev_index: int = 0
    """Compare with this index first; 0 means that it was not given."""
    prev_exist: bool | None = None
    expiration: int = 0
    """When the key expires, in nanoseconds since 1970; 0 for never."""
    wait: bool = False
    since: int = 0
    recursive: bool = False
    sorted: bool = False
    quorum: bool = False
    time: int = 0
    """SYNC only: the leader's clock, in nanoseconds since 1970."""
    stream: bool = False
    refresh: bool | None = None

    TABLE: ClassVar = Table(
        Field(1, "id", UINT64),
        Field(2, "method", STRING),
        Field(3, "path", STRING),
        Field(4, "val", STRING),
        Field(5, "dir", BOOL),
        Field(6, "prev_value", STRING),
        Field(7, "prev_index", UINT64),
        Field(8, "prev_exist", BOOL, OPTIONAL),
        Field(9, "expiration", INT64),
        Field(10, "wait", BOOL),
        Field(11, "since", UINT64),
        Field(12, "recursive", BOOL),
        Field(13, "sorted", BOOL),
        Field(14, "quorum", BOOL),
        Field(15, "time", INT64),
        Field(16, "stream", BOOL),
        Field(17, "refresh", BOOL, OPTIONAL),
    )
