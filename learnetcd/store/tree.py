"""The tree: directories that hold files and directories, and are never changed.

    /                          a write of /a/b makes a new b, a new /a
      a                        and a new root; all else is shared
        b = 1                  between the old tree and the new one
        c = 2
      d = 3

So whoever holds a root holds a whole key space as it was at one moment, for nothing: a fork of the
store, a snapshot that is being saved, a watch hub that wants to know what was there before.

A file is its `Node`. A directory is its `Node` with its children, in a `HashTrie`: so one directory
of 10,000 keys is as good as a hundred with a hundred each.

Source: etcd 2.3 store/node.go; its tree is changed in place, and copied whole for each snapshot.

Next page: `expiry`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeAlias

from learnetcd.store.node import Node
from learnetcd.store.path import names_in
from learnetcd.store.trie import HashTrie
from learnetcd.value import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Directory:
    """A directory with what is in it."""

    node: Node
    children: HashTrie[Item]
    """By name: the last part of the key."""


Item: TypeAlias = Node | Directory
"""A file or a directory."""


def empty_directory(node: Node) -> Directory:
    """Make a directory with nothing in it."""
    return Directory(node, HashTrie())


def node_of(item: Item) -> Node:
    """What clients see of it, without its children."""
    return item.node if isinstance(item, Directory) else item


def find(root: Directory, key: str) -> Item | None:
    """Find what is at a key; None if nothing is there."""
    item: Item | None = root
    for name in names_in(key):
        if not isinstance(item, Directory):
            return None
        item = item.children.get(name)
    return item


def with_item(directory: Directory, names: list[str], item: Item) -> Directory:
    """Make the tree in which `item` is where the names lead; its directories must be there."""
    name, *rest = names
    if rest:
        child = directory.children.get(name)
        assert isinstance(child, Directory), f"{name} is no directory in {directory.node.key}"
        item = with_item(child, rest, item)
    return Directory(directory.node, directory.children.with_item(name, item))


def without(directory: Directory, names: list[str]) -> Directory:
    """Make the tree that lacks what is where the names lead."""
    name, *rest = names
    if not rest:
        return Directory(directory.node, directory.children.without(name))
    child = directory.children.get(name)
    assert isinstance(child, Directory), f"{name} is no directory in {directory.node.key}"
    return Directory(directory.node, directory.children.with_item(name, without(child, rest)))


def nodes_in(item: Item) -> Iterator[Node]:
    """All nodes of a tree, each directory before what is in it, sorted by key."""
    yield node_of(item)
    if isinstance(item, Directory):
        for _, child in item.children.items():
            yield from nodes_in(child)


def listed(item: Item, now_ns: int, *, depth: int | None) -> Node:
    """What a client is shown: a directory with what is in it, `depth` levels down; None for all.

    Differs: etcd sorts only if it is asked to, and answers in random order else. Ours sorts always.
    """
    node = node_of(item).seen_at(now_ns)
    if not isinstance(item, Directory) or depth == 0:
        return node
    deeper = None if depth is None else depth - 1
    shown = [
        listed(child, now_ns, depth=deeper)
        for name, child in item.children.items()
        if not name.startswith("_")
    ]
    return replace(node, nodes=tuple(shown)) if shown else node
