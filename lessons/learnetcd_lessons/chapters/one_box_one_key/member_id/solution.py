"""The id of a member."""

from collections.abc import Sequence
from hashlib import sha1


def member_id(peer_urls: Sequence[str], token: str) -> str:
    """Give the id that etcd computes for a member of a new cluster, in hexadecimal digits."""
    named = "".join(sorted(peer_urls)) + token
    return f"{int.from_bytes(sha1(named.encode()).digest()[:8], 'big'):x}"
