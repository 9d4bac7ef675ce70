"""The id of a member, by me."""

from collections.abc import Sequence


def member_id(peer_urls: Sequence[str], token: str) -> str:
    """Give the id that etcd computes for a member of a new cluster, in hexadecimal digits."""
    raise NotImplementedError
