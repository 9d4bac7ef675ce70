"""The delivery of a snapshot: one message and a whole database, in one request.

    8 bytes   length
    n bytes   Message of type SNAP: the v2 store as JSON, index, term, who the members are
    the rest  the database that etcd 3 keeps beside it (`learnetcd.disk.backend`)

A snapshot is too big for a stream, where everything behind it would wait. So it travels alone, and
the sender hears at once whether it arrived: until then it sends that follower nothing else.

etcd replaces its own database by the one that it gets, so it must be whole: all buckets must be
there, or the receiving member dies. We need none and drop what we get: members and their addresses
are in the tree as well.

Source: etcd 3.4 etcdserver/api/rafthttp/snapshot_sender.go, http.go.

Left out: data of the v3 interface. A snapshot of ours has none. Next page: `handshake`.
"""

from __future__ import annotations

from learnetcd.peer import messages
from learnetcd.peer.messages import NUMBER_BYTES
from learnetcd.peer.streams import framed
from learnetcd.raft.messages import InstallSnapshot


def packed(install: InstallSnapshot, database: bytes) -> bytes:
    """Write the body of a request."""
    return framed(messages.encode(install)) + database


def unpacked(body: bytes) -> InstallSnapshot:
    """Read the body of a request, but for the database; `Malformed` says what is wrong."""
    length = int.from_bytes(body[:NUMBER_BYTES], "big")
    end = NUMBER_BYTES + length
    if len(body) < end or len(body) < NUMBER_BYTES:
        raise messages.malformed(f"it ends after {len(body)} bytes; {end} were announced")
    message = messages.decode(body[NUMBER_BYTES:end])
    if not isinstance(message, InstallSnapshot):
        raise messages.malformed(f"a snapshot was expected, not {message}")
    return message
