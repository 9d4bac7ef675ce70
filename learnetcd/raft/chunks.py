"""A list that can be forked for next to nothing.

    chunks   [ 64 items ][ 64 items ][ 64 items ]   shared by all forks, never changed in place
    tail     [ 17 items ]                            each fork has its own

A log grows by appending and shrinks at its ends; time travel needs a copy of it every few hundred
steps. `fork()` copies the references to the chunks and the short tail: a log of 100,000 entries
costs 1,600 references. A changed item copies its chunk.

Items are found by an absolute index, which stays the same when the front is dropped.

Next page: `chance`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")

SHIFT = 6
SIZE = 1 << SHIFT
MASK = SIZE - 1


class Chunks(Generic[Item]):
    """Items `start` to `end - 1`, in order."""

    __slots__ = ("_base", "_chunks", "_tail", "end", "start")

    def __init__(self, items: Iterable[Item] = (), start: int = 0) -> None:
        """Hold `items`; the first has the absolute index `start`."""
        self.start = start
        self._base = start  # the absolute index of the first item of the first chunk
        self._chunks: list[list[Item]] = []
        self._tail: list[Item] = []
        self.end = start
        """One past the absolute index of the last item."""
        self.extend(items)

    def __len__(self) -> int:
        """Count the items that are still held."""
        return self.end - self.start

    def __getitem__(self, index: int) -> Item:
        """Find an item by its absolute index."""
        position = index - self._base
        chunk = position >> SHIFT
        if index < self.start:
            raise IndexError(f"item {index} was dropped; the first is {self.start}")
        if chunk < len(self._chunks):
            return self._chunks[chunk][position & MASK]
        return self._tail[position - (len(self._chunks) << SHIFT)]

    def __setitem__(self, index: int, item: Item) -> None:
        """Replace one item; forks keep the old one."""
        position = index - self._base
        chunk = position >> SHIFT
        if index < self.start:
            raise IndexError(f"item {index} was dropped; the first is {self.start}")
        if chunk < len(self._chunks):
            copy = self._chunks[chunk].copy()
            copy[position & MASK] = item
            self._chunks[chunk] = copy
        else:
            self._tail[position - (len(self._chunks) << SHIFT)] = item

    def append(self, item: Item) -> None:
        """Add one item at the end."""
        self.end += 1
        self._tail.append(item)
        if len(self._tail) == SIZE:
            self._chunks.append(self._tail)
            self._tail = []

    def extend(self, items: Iterable[Item]) -> None:
        """Add items at the end."""
        for item in items:
            self.append(item)

    def slice(self, low: int, high: int) -> list[Item]:
        """List the items low to high - 1; both within start and end."""
        found: list[Item] = []
        while low < high:
            position = low - self._base
            chunk, inside = position >> SHIFT, position & MASK
            if chunk >= len(self._chunks):
                inside = position - (len(self._chunks) << SHIFT)
                return found + self._tail[inside : inside + high - low]
            found += self._chunks[chunk][inside : inside + high - low]
            low = self._base + ((chunk + 1) << SHIFT)
        return found

    def __iter__(self) -> Iterator[Item]:
        """Go through all items."""
        return iter(self.slice(self.start, self.end))

    def truncate(self, end: int) -> None:
        """Drop everything from the absolute index `end` on."""
        self.end = min(self.end, end)
        position = end - self._base
        chunk = position >> SHIFT
        if chunk < len(self._chunks):
            self._tail = self._chunks[chunk][: position & MASK]
            del self._chunks[chunk:]
        else:
            del self._tail[position - (len(self._chunks) << SHIFT) :]

    def drop_before(self, index: int) -> None:
        """Drop everything before the absolute index `index`."""
        self.start = max(self.start, index)
        whole = min((self.start - self._base) >> SHIFT, len(self._chunks))
        if whole:
            del self._chunks[:whole]
            self._base += whole << SHIFT

    def fork(self) -> Chunks[Item]:
        """Copy it, sharing the chunks."""
        copy: Chunks[Item] = Chunks.__new__(Chunks)
        copy.start, copy.end = self.start, self.end
        copy._base = self._base
        copy._chunks = self._chunks.copy()
        copy._tail = self._tail.copy()
        return copy
