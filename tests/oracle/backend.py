"""The file `db` beside the snapshots: as much of it as etcd 3.4 needs to start.

etcd 3 keeps its v3 key space in a bbolt file, and refuses to use a snapshot if that file does not
say it has reached the snapshot's index. Ours has no v3 key space, so this is all it would say:

    page 0, 1   what follows, twice            magic, version, page size, where the root is
    page 2      the root, a leaf               bucket "meta"
                  and in it, a leaf again        consistent_index = 8 bytes, big endian

Source: bbolt's page.go, bucket.go and db.go; etcd 3.4 etcdserver/cindex.
"""

import struct

PAGE_BYTES = 4096
LEAF, META = 2, 4
BUCKET = 1
NOT_STORED = 0xFFFF_FFFF_FFFF_FFFF


def backend(index: int) -> bytes:
    """A bbolt file that says it has reached an index of the log, and nothing else."""
    values = _leaf(0, 0, b"consistent_index", struct.pack(">Q", index))
    # A bucket this small lies in its parent: no page of its own, no sequence.
    root = _leaf(2, BUCKET, b"meta", struct.pack("<QQ", 0, 0) + values)
    return b"".join(page.ljust(PAGE_BYTES, b"\0") for page in (_meta(0), _meta(1), root))


def _page(number: int, flags: int, count: int) -> bytes:
    return struct.pack("<QHHI", number, flags, count, 0)


def _leaf(number: int, flags: int, key: bytes, value: bytes) -> bytes:
    """A page with one element, whose key begins 16 bytes after the element itself."""
    element = struct.pack("<IIII", flags, 16, len(key), len(value))
    return _page(number, LEAF, 1) + element + key + value


def _meta(number: int) -> bytes:
    free_pages, end = NOT_STORED, 3
    body = struct.pack("<IIIIQQQQQ", 0xED0CDAED, 2, PAGE_BYTES, 0, 2, 0, free_pages, end, number)
    return _page(number, META, 0) + body + struct.pack("<Q", _fnv_1a(body))


def _fnv_1a(data: bytes) -> int:
    total = 0xCBF29CE484222325
    for byte in data:
        total = (total ^ byte) * 0x100000001B3 % 2**64
    return total
