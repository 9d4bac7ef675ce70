"""Identity: the numbers by which members, clusters and requests are known.

    member id     http://localhost:2380 + etcd-cluster     --SHA-1-->   8e9e05c52164694d
    cluster id    all member ids                           --SHA-1-->   cdf818194e3a8c32

Nobody hands out these numbers. Every member of a new cluster computes them from what it was told
anyway, the list of the first members, and so all get the same ones. A token that differs from
cluster to cluster keeps members of an old one, at the same addresses, out of the new one.

A member that is added later gets its id from the member that was asked to add it, and the time
takes the token's place: whoever comes back to an address is somebody else.

Source: etcd 3.4 etcdserver/api/membership/member.go, NewMember; cluster.go, genID; pkg/idutil.

Next page: `learnetcd/wire/`.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha1


def member_id(peer_urls: Iterable[str], token: str) -> int:
    """The id of a member that is there from the beginning. Its name plays no part."""
    return first_8_bytes("".join(sorted(peer_urls)).encode() + token.encode())


def added_member_id(peer_urls: Iterable[str], unix_seconds: int) -> int:
    """The id of a member that is added to a cluster that runs."""
    return first_8_bytes("".join(sorted(peer_urls)).encode() + b"%d" % unix_seconds)


def cluster_id(member_ids: Iterable[int]) -> int:
    """The id of a cluster that begins with these members. It never changes afterwards."""
    return first_8_bytes(b"".join(one.to_bytes(8) for one in sorted(member_ids)))


def first_request_id(member_id: int, unix_ms: int) -> int:
    """Where a member begins to count its requests when it starts; each gets the next number.

    Two members must never use the same one, and neither must one that starts again: so the member
    and the time are in it, with room for 256 requests in each millisecond.
    """
    return (member_id & 0xFFFF) << 48 | (unix_ms & (1 << 40) - 1) << 8


def first_8_bytes(text: bytes) -> int:
    """A number of 64 bits that stands for a text."""
    return int.from_bytes(sha1(text, usedforsecurity=False).digest()[:8])
