"""The cluster version: what the oldest of all members can speak.

    8e9e...: 3.4.23    2d2e...: 3.3.25    b7f1...: 3.4.23       the cluster speaks 3.3.0
    8e9e...: 3.4.23    2d2e...: 3.4.23    b7f1...: 3.4.23       ... and 3.4.0 when it was replaced

Members are replaced by newer ones one after the other, while the cluster goes on. Until the last of
them is new, nobody may write into the log what an old one does not understand. So the leader asks
all members for their versions, again and again, and writes down the lowest, as `/0/version`.

It only ever rises: what was once allowed may be in the log already. And it rises only if all have
answered, for who is silent might be old. A cluster that has no version yet gets one all the same:
if somebody is silent, the oldest that any member can live with.

Source: etcd 3.4 etcdserver/cluster_util.go, decideClusterVersion; server.go, monitorVersions.

Left out: stopping when the cluster speaks a newer version than we do. etcd calls that an invalid
downgrade, and ends.

Next page: `watching`.
"""

from __future__ import annotations

from collections.abc import Sequence

SERVER_VERSION = "3.4.23"
"""The etcd whose behaviour this is."""
OLDEST = (3, 0)
"""What a cluster speaks that has not heard of all its members yet."""

Release = tuple[int, int]
"""The first two numbers of a version: all that counts here."""


def version_to_write(agreed: str, told: Sequence[str]) -> str:
    """What `/0/version` should be, now that each member has said this; "" if it is right.

    `agreed`: what it is now; "" if it was never written. Whoever said nothing has told "".

    >>> version_to_write("", ["3.4.23", "3.3.25", "3.4.23"])
    '3.3.0'
    >>> version_to_write("3.3.0", ["3.4.23", "", "3.4.23"])
    ''
    """
    current, lowest = release(agreed), lowest_of(told)
    if current is None:
        return written(lowest or OLDEST)
    return "" if lowest is None or lowest <= current else written(lowest)


def is_spoken_here(version: str) -> bool:
    """Whether a member of ours may join a cluster that speaks this; or that has not decided yet.

    etcdserver/cluster_util.go, isCompatibleWithVers.
    """
    found, ours = release(version), release(SERVER_VERSION)
    assert ours is not None, "we know what we speak"
    return found is None or OLDEST <= found <= ours


def lowest_of(told: Sequence[str]) -> Release | None:
    """The lowest version of all members; None if one of them is not known."""
    releases = [release(one) for one in told]
    known = [one for one in releases if one is not None]
    return min(known) if len(known) == len(releases) else None


def release(version: str) -> Release | None:
    """Read the first two numbers of a version; None if there are none."""
    parts = version.split(".")
    if len(parts) < 2 or not all(part.isascii() and part.isdigit() for part in parts[:2]):
        return None
    return int(parts[0]), int(parts[1])


def written(release: Release) -> str:
    """As the cluster writes it."""
    return f"{release[0]}.{release[1]}.0"
