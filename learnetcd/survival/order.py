"""Order: everything that was done has its place, and the place is the etcd index.

    c1   |-- put /a=1: 57 --|
    q2                         |-- post: /queue/...58 --|
    c3                                                     |-- list /queue at 58: ...58 --|

Every write counts one in the index, and every answer says how far it had got. So there is nothing
to search for here, as there is for a key of which only values are known: whoever asked after
somebody else was answered must be told of a later index; and what was read at an index must be what
all events up to that one leave. This is true of all keys together, and so of directories, too.

Next page: `deadlines`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from operator import attrgetter

from learnetcd.survival.book import REMOVALS, Heard, Seen

NAME_DIGITS = 20


class Contents:
    """What the events so far leave. All keys lie in directories, and none of these in another."""

    def __init__(self) -> None:
        """Nothing has happened."""
        self.directories: dict[str, dict[str, Seen]] = {}

    def follow(self, seen: Seen) -> bool:
        """One more event; False if it removes what is not there."""
        if seen.action not in REMOVALS:
            self._directory_of(seen.key)[seen.key] = seen
            return True
        if seen.key in self.directories:
            del self.directories[seen.key]
            return True
        return self._directory_of(seen.key).pop(seen.key, None) is not None

    def held(self, key: str) -> frozenset[tuple[str, str | None]]:
        """The keys, with their values, that are there or below."""
        one = self._directory_of(key).get(key)
        found = self.directories.get(key, {}).values() if one is None else [one]
        return frozenset((seen.key, seen.value) for seen in found)

    def all(self) -> dict[str, tuple[int, str | None]]:
        """Each key, with the index of its last event and its value."""
        each = self.directories.values()
        return {key: (seen.index, seen.value) for one in each for key, seen in one.items()}

    def _directory_of(self, key: str) -> dict[str, Seen]:
        return self.directories.setdefault(key.rpartition("/")[0], {})


def disorder(heard: Sequence[Heard], history: Sequence[Seen]) -> Iterator[str]:
    """All that is not in its place."""
    yield from shared(heard)
    yield from backwards(heard)
    yield from misnamed(history)
    yield from misread(heard, history)


def shared(heard: Sequence[Heard]) -> Iterator[str]:
    """An index belongs to one request."""
    counts = Counter(one.index for one in heard if one.done is not None)
    for index, count in counts.items():
        if count > 1:
            yield f"{count} requests were told that they are event {index}"


def backwards(heard: Sequence[Heard]) -> Iterator[str]:
    """Who asks later is told of a later index; or of the same one, if nothing was written."""
    returned = sorted(heard, key=attrgetter("returned"))
    latest, count = None, 0
    for one in sorted(heard, key=attrgetter("called")):
        while returned[count].returned < one.called:
            if latest is None or returned[count].index > latest.index:
                latest = returned[count]
            count += 1
        if latest is not None and one.index < latest.index + (one.done is not None):
            yield (
                f"{one.client} was told of index {one.index} ({one.asked}), though {latest.client} "
                f"had been told of {latest.index} ({latest.asked}) before it asked"
            )


def misnamed(history: Sequence[Seen]) -> Iterator[str]:
    """A name that the store makes is the index of its making: none comes twice, and they rise."""
    for one in history:
        name = one.key.rpartition("/")[2]
        if len(name) == NAME_DIGITS and one.value is not None and int(name) != one.index:
            yield f"event {one.index} made the key {one.key}"


def misread(heard: Sequence[Heard], history: Sequence[Seen]) -> Iterator[str]:
    """Reads find what the events up to their index leave, and events remove what is there."""
    contents = Contents()
    reads = sorted(heard, key=attrgetter("index"), reverse=True)
    reads = [one for one in reads if one.held is not None]

    def read_before(index: float) -> Iterator[str]:
        while reads and reads[-1].index < index:
            one = reads.pop()
            expected = contents.held(one.asked.key)
            if one.held != expected:
                yield (
                    f"{one.client} was told at index {one.index} of {one.asked.key}: "
                    f"{said(one.held)}; the events leave {said(expected)}"
                )

    for seen in history:
        yield from read_before(seen.index)
        if not contents.follow(seen):
            yield f"event {seen.index} removes {seen.key} ({seen.action}), which is not there"
    yield from read_before(float("inf"))


def said(held: frozenset[tuple[str, str]] | frozenset[tuple[str, str | None]] | None) -> str:
    """Keys and their values, in words."""
    return ", ".join(f"{key}={value}" for key, value in sorted(held or ())) or "nothing"
