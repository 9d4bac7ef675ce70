"""The id of a member, as digits from the start.

Shorter, for a digest knows its digits; but zeros in front must go, as etcd prints a number and not
a text. With a hundred thousand members one in sixteen would show it.
"""

from collections.abc import Sequence
from hashlib import sha1


def member_id(peer_urls: Sequence[str], token: str) -> str:
    """Give the id that etcd computes for a member of a new cluster, in hexadecimal digits."""
    digest = sha1()
    for part in (*sorted(peer_urls), token):
        digest.update(part.encode())
    return digest.hexdigest()[:16].lstrip("0")
