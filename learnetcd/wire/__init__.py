"""What members write down and send: etcd's own messages, byte for byte.

etcd keeps its log, its snapshots and its talk with other members in Protocol Buffers. This package
reads and writes the very same bytes, so that etcd can open a file of ours, and we one of etcd's.

    08 00  10 02  18 05            raftpb.Entry(type=NORMAL, term=2, index=5, data=None)
    |      |      |
    |      |      field 3 (index), varint 5
    |      field 2 (term), varint 2
    field 1 (type), varint 0       written although it is 0: see `protobuf`

There are plain values here and no behaviour. What they mean to a member is said where they are
used: a log entry in `learnetcd/raft/`, a record of the write-ahead log in `learnetcd/disk/`.

Pages, in reading order: `varint`, `protobuf`, `straight`, then the tables, one page for each of
etcd's files: `raftpb`, `walpb`, `snappb`, `etcdserverpb`; and `crc32c`, the checksum of the records
on disk.
"""

from learnetcd.wire.protobuf import Malformed, Span

__all__ = ["Malformed", "Span"]
