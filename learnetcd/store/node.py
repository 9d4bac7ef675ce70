"""A node: a file or a directory of the key space, as clients are shown it.

    Node(key="/greeting", value="hello", created_index=4, modified_index=4)      a file
    Node(key="/queue", value=None, created_index=5, modified_index=5, is_dir=True)

The indexes are *etcd indexes*: the store counts its successful writes, and each write leaves its
number behind in the node. So a reader can tell whether a key changed between two looks, and a
compare-and-swap can insist that it did not.

A node may have a deadline, after which the cluster will let it expire. The *time to live* is the
same thing told otherwise: the seconds that are left when somebody looks. So a deadline lies in the
tree, and a time to live only in answers:

    deadline 10:00:07.5    looked at 10:00:00.0    ttl 8      a second that has begun counts
                           looked at 10:00:07.4    ttl 1
                           looked at 10:00:07.6    ttl 0      too late, and not yet expired

Times are nanoseconds since 1970, as in etcd's log. They are given by whoever asks: nothing in this
package looks at a clock.

Source: etcd 2.3 store/node.go, store/node_extern.go (NodeExtern).

Next page: `event`.
"""

from __future__ import annotations

from dataclasses import replace

from learnetcd.value import dataclass

SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Node:
    """One key at one moment. A write makes a new node; whoever holds the old one keeps it."""

    key: str
    """Its path, from the root: `/greeting`."""

    value: str | None
    """What was written. None for a directory, and in the event of a delete: the key is gone."""

    created_index: int
    """The etcd index of the write that made it. A plain set makes a new one, even over an old."""

    modified_index: int
    """The etcd index of the write that changed it last. A directory keeps its first one."""

    is_dir: bool = False

    expires_ns: int | None = None
    """The deadline; None for a node that stays."""

    ttl: int = 0
    """In an answer: the seconds that are left. In the tree it is always 0."""

    nodes: tuple[Node, ...] = ()
    """In an answer: what is in this directory, sorted by key. In the tree it is always empty."""

    @property
    def name(self) -> str:
        """The last part of the key."""
        return self.key.rpartition("/")[2]

    @property
    def is_hidden(self) -> bool:
        """Whether it is left out when its directory is listed."""
        return self.name.startswith("_")

    def seen_at(self, now_ns: int) -> Node:
        """Say how long it has to live, for somebody who looks now."""
        if self.expires_ns is None:
            return self
        return replace(self, ttl=seconds_left(self.expires_ns - now_ns))


def seconds_left(left_ns: int) -> int:
    """Count the seconds that are left; one that has begun counts as a whole one."""
    # etcd 2.3 store/node.go, expirationAndTTL. A deadline that passed less than a second ago
    # gives 0, and an older one a negative number, as there.
    return -(-left_ns // SECOND_NS)
