r"""A dictionary that is never changed, only followed by another one: a hash trie.

Every frame of time travel, and every snapshot, keeps the whole store as it was. Copying 10,000
keys for each would cost more than all the rest. So a write leaves the old dictionary as it is and
makes a new one, which shares with it all but the path to the changed key:

    before      root                 after      root'
               / | \                           / | \
              A  B  C                         A  B' C        A and C are shared
                / \                             / \
              b1   b2                         b1   b2'       b1 is shared

A key's place is found by its checksum: the last five bits choose one of 32 branches, the five
before them one of the 32 below, until a leaf is reached. A leaf is a small dict; when it outgrows
32 keys it becomes a branch. So 10,000 keys lie two branches deep, and a write copies two tuples and
a dict.

The idea is from Phil Bagwell, "Ideal Hash Trees" (2001).

Left out: his bitmaps, which save the room of empty branches, and growing together again: a store
that was large once keeps its branches when its keys are gone.

Next page: `tree`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeAlias, TypeVar
from zlib import crc32

Value = TypeVar("Value")

BITS = 5
BRANCHES = 1 << BITS
MASK = BRANCHES - 1
LEAF_KEYS = 32
DEEPEST = 6
"""Six times five bits: then the checksum is used up, and a leaf may be as large as it must."""

Leaf: TypeAlias = dict[str, Value]
# A tree is a leaf, or a branch: a tuple of 32 smaller trees.
Tree: TypeAlias = "dict[str, Value] | tuple[Tree[Value], ...]"


class HashTrie(Generic[Value]):
    """A dictionary from strings to values. `with_item` and `without` make another one."""

    __slots__ = ("_root", "count")

    def __init__(self, root: Tree[Value] | None = None, count: int = 0) -> None:
        """Begin empty."""
        self._root: Tree[Value] = {} if root is None else root
        self.count = count

    def get(self, key: str) -> Value | None:
        """Find the value of `key`, or None."""
        tree = self._root
        if isinstance(tree, tuple):  # the few keys of a small directory need no place
            place = place_of(key)
            while isinstance(tree, tuple):
                tree = tree[place & MASK]
                place >>= BITS
        return tree.get(key)

    def with_item(self, key: str, value: Value) -> HashTrie[Value]:
        """Make the dictionary in which `key` has this value."""
        count = self.count if self.get(key) is not None else self.count + 1
        return HashTrie(_with_item(self._root, place_of(key), 0, key, value), count)

    def without(self, key: str) -> HashTrie[Value]:
        """Make the dictionary that lacks `key`, which must be there."""
        return HashTrie(_without(self._root, place_of(key), key), self.count - 1)

    def items(self) -> list[tuple[str, Value]]:
        """List all, sorted by key: where a key lies in the trie is nobody's business."""
        return sorted(_items(self._root), key=lambda item: item[0])


def place_of(key: str) -> int:
    """Say where a key lies: the same on every machine, unlike Python's own hash of a string."""
    return crc32(key.encode("utf-8", "surrogatepass"))


def _with_item(tree: Tree[Value], place: int, depth: int, key: str, value: Value) -> Tree[Value]:
    if isinstance(tree, tuple):
        slot = place & MASK
        child = _with_item(tree[slot], place >> BITS, depth + 1, key, value)
        return (*tree[:slot], child, *tree[slot + 1 :])
    leaf = {**tree, key: value}
    return leaf if len(leaf) <= LEAF_KEYS or depth == DEEPEST else _split(leaf, depth)


def _split(leaf: Leaf[Value], depth: int) -> Tree[Value]:
    """Turn a full leaf into a branch, each key going where its next five bits say."""
    branch: list[Leaf[Value]] = [{} for _ in range(BRANCHES)]
    for key, value in leaf.items():
        branch[(place_of(key) >> (BITS * depth)) & MASK][key] = value
    return tuple(branch)


def _without(tree: Tree[Value], place: int, key: str) -> Tree[Value]:
    if isinstance(tree, tuple):
        slot = place & MASK
        child = _without(tree[slot], place >> BITS, key)
        return (*tree[:slot], child, *tree[slot + 1 :])
    leaf = tree.copy()
    del leaf[key]
    return leaf


def _items(tree: Tree[Value]) -> Iterator[tuple[str, Value]]:
    if isinstance(tree, tuple):
        for child in tree:
            yield from _items(child)
    else:
        yield from tree.items()
