"""A node: one key with its value, and the two indexes at which it was made and last changed.

    Node(key="/greeting", value="hello", created_index=4, modified_index=4)

The indexes are *etcd indexes*: the store counts its successful writes, and each write leaves its
number behind in the node. So a reader can tell whether a key changed between two looks, and a
compare-and-swap can insist that it did not.

Source: etcd 2.3 store/node_extern.go (NodeExtern).

Left out: directories, times to live and hidden nodes. The key space is flat: `/a` is a key, `/a/b`
is not there yet.

Next page: `event`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """One key at one moment. A write makes a new node; whoever holds the old one keeps it."""

    key: str
    """Its path, from the root: `/greeting`."""

    value: str | None
    """What was written. None stands only in the event of a delete: the key is gone."""

    created_index: int
    """The etcd index of the write that made it. A plain set makes a new one, even over an old."""

    modified_index: int
    """The etcd index of the write that changed it last."""
