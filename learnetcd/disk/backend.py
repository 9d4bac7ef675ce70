"""The backend: a file that we have no use for, and without which etcd would not start.

etcd 3 keeps its second store, that of the v3 API, in `snap/db`. When it starts from a snapshot, it
wants that file to say that it has reached the snapshot's index, even if nobody ever used v3. So
that etcd can take over a data directory of ours, we write one that says it, and nothing else:

    page 0, 1   what follows, twice        magic, version, page size, where the root is, checksum
    page 2      the root, a leaf           ten buckets, as etcd makes them, nearly all of them empty
                in it, leaves again        bucket "meta":  consistent_index = 8 bytes, big endian

    a leaf      number 8 | kind 2 | count 2 | 4       then `count` elements, then keys and values
    an element  kind 4 | where its key begins, from here on 4 | size of key 4 | of value 4

This is bbolt's format: a B+ tree in a file of pages. A bucket is a tree in a tree, and one as small
as ours lies in its parent whole. Only `consistent_index` ever changes, so each time the file is
made anew, beside the old one, and renamed. It is written *before* the snapshot file, and may be
ahead of it: etcd looks only whether it is behind.

While a member runs it holds the lock of this file too, with `flock`, as etcd does.

Left out: what is in the v3 store. If etcd wrote this file, it may hold keys; we leave it alone
until our first snapshot, and then keep it beside as `db.etcd`. Also the copies of the members and
of the cluster's version: etcd 3.4 reads those from the v2 store.

Source: bbolt's page.go, bucket.go, db.go; etcd 3.4 etcdserver/backend.go. Next page: `recovery`.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from functools import cache

from learnetcd.disk.directory import PRIVATE_FILE, Directory
from learnetcd.disk.files import File, Files

PAGE_BYTES = 4096
LEAF, META = 2, 4
BUCKET = 1
MAGIC, VERSION = 0xED0CDAED, 2
NOT_STORED = 0xFFFF_FFFF_FFFF_FFFF
"""In place of the number of a page: the list of free pages is not kept."""

INDEX = b"consistent_index"

# --- the bytes ----------------------------------------------------------------------------------


def database(index: int) -> bytes:
    """Give a file that says it has reached an index of the log. A follower can be sent it, too."""
    first_revision = struct.pack(">Q", 1)
    buckets: dict[bytes, dict[bytes, bytes]] = {
        b"alarm": {},
        b"auth": {b"authRevision": first_revision},
        b"authRoles": {},
        b"authUsers": {},
        b"cluster": {},
        b"key": {},
        b"lease": {},
        b"members": {},
        b"members_removed": {},
        b"meta": {INDEX: struct.pack(">Q", index)},
    }
    root = _leaf(2, BUCKET, {name: _bucket(pairs) for name, pairs in buckets.items()})
    assert len(root) <= PAGE_BYTES, f"{len(root)} bytes for a page"
    return b"".join(page.ljust(PAGE_BYTES, b"\0") for page in (_meta(0), _meta(1), root))


def index_of(data: bytes) -> int | None:
    """What `database` has written here; None if it was not ours."""
    at = data.rfind(INDEX) + len(INDEX)
    index = int.from_bytes(data[at : at + 8], "big")
    return index if data == database(index) else None


def _bucket(pairs: Mapping[bytes, bytes]) -> bytes:
    """A bucket that lies in its parent: no page of its own, no sequence, then a leaf."""
    return struct.pack("<QQ", 0, 0) + _leaf(0, 0, pairs)


def _leaf(number: int, kind: int, pairs: Mapping[bytes, bytes]) -> bytes:
    """A page with keys, which must be sorted, and values."""
    head = struct.pack("<QHHI", number, LEAF, len(pairs), 0)
    elements, content = b"", b""
    for place, (key, value) in enumerate(pairs.items()):
        position = 16 * (len(pairs) - place) + len(content)
        elements += struct.pack("<IIII", kind, position, len(key), len(value))
        content += key + value
    return head + elements + content


@cache
def _meta(number: int) -> bytes:
    """A page that says where everything is. Of the two, the one with the higher number counts."""
    root, pages = 2, 3
    body = struct.pack(
        "<IIIIQQQQQ", MAGIC, VERSION, PAGE_BYTES, 0, root, 0, NOT_STORED, pages, number
    )
    return struct.pack("<QHHI", number, META, 0, 0) + body + struct.pack("<Q", _fnv_1a(body))


def _fnv_1a(data: Sequence[int]) -> int:
    """A checksum of Fowler, Noll and Vo."""
    total = 0xCBF29CE484222325
    for byte in data:
        total = (total ^ byte) * 0x100000001B3 % 2**64
    return total


# --- the file -----------------------------------------------------------------------------------


def is_written(files: Files, directory: Directory) -> bool:
    """Whether there is such a file, and something in it."""
    if not files.exists(directory.db):
        return False
    file = files.open(directory.db)
    try:
        return file.size() > 0
    finally:
        file.close()


class Backend:
    """The file `db`, locked as long as this is open."""

    def __init__(self, files: Files, directory: Directory) -> None:
        """Open it, or make an empty one; raise `Locked` if somebody else has it."""
        self._files = files
        self._directory = directory
        self._file = files.open(directory.db, create=True, mode=PRIVATE_FILE)
        try:
            self._file.flock()
        except BaseException:
            self._file.close()
            raise
        size = self._file.size()
        self._index = index_of(self._file.read(0, size)) if size == len(database(0)) else None
        self._is_foreign = size > 0 and self._index is None

    def may_serve(self, index: int) -> bool:
        """Whether etcd can start from a snapshot at `index`; a file of its own is believed."""
        return self._is_foreign or (self._index is not None and self._index >= index)

    def reach(self, index: int) -> None:
        """Say that the log has been followed up to there; return when it is safe."""
        if self._index is not None and self._index >= index:
            return
        snap, new = self._directory.snap, f"{self._directory.snap}/tmp.db"
        file = self._written(new, database(index))
        try:
            if self._is_foreign:
                self._files.rename(self._directory.db, f"{self._directory.db}.etcd")
            self._files.rename(new, self._directory.db)
            self._files.sync_folder(snap)
        except BaseException:
            file.close()
            raise
        self._file.close()
        self._file, self._index, self._is_foreign = file, index, False

    def _written(self, path: str, data: bytes) -> File:
        """A new file, locked before it gets its name."""
        file = self._files.open(path, create=True, mode=PRIVATE_FILE)
        try:
            file.flock()
            file.truncate(0)  # what a crash left under this name
            file.write(0, data)
            file.sync()
        except BaseException:
            file.close()
            raise
        return file

    def close(self) -> None:
        """Let go of it, and of the lock."""
        self._file.close()
