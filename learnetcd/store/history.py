"""The history: the last thousand events, for watchers that come late.

A client that watches a key hears of one event, and asks again for the next. What happens between
its two questions it must not miss. So it says from which index on it wants to hear, and the store
looks back:

    events     ... 1041 1042 1043 1044         watch /x from 1042: scan from there, answer 1043
                   /y   /y   /x   /z           watch /x from 1045: nothing yet, wait
                                               watch /x from   40: error 401, it was forgotten

Every write is one event and counts one, so the events are numbered without a gap, and a place is
found by subtraction.

The events lie in full blocks, which are shared when the history is forked, and a last one that is
still being filled, which is copied.

Source: etcd 2.3 store/event_history.go, store/event_queue.go (a ring of 1000 slots).

Next page: `statistics`.
"""

from __future__ import annotations

from collections.abc import Iterator

from learnetcd.store.errors import EVENT_INDEX_CLEARED, EtcdError
from learnetcd.store.event import Event
from learnetcd.store.path import is_below

CAPACITY = 1000
BLOCK = 50


class History:
    """The events with etcd indexes from `start_index` to `last_index`.

    Invariants: at most 1000 of them; each has the index after that of the one before it.
    """

    __slots__ = ("_blocks", "_first_block_index", "_last_block", "last_index", "start_index")

    def __init__(self) -> None:
        """Begin with none."""
        self.start_index = 0
        """The index of the oldest event; 0 while there is none."""
        self.last_index = 0
        """The index of the newest event; 0 while there is none."""
        self._blocks: tuple[tuple[Event, ...], ...] = ()
        self._last_block: list[Event] = []
        self._first_block_index = 0
        """The index of the first event in the first block, which may be forgotten already."""

    def __len__(self) -> int:
        return self.last_index - self.start_index + 1 if self.last_index else 0

    def __iter__(self) -> Iterator[Event]:
        return (
            self.event(index) for index in range(self.start_index, self.start_index + len(self))
        )

    def add(self, event: Event) -> None:
        """Add the next event, and forget the oldest if there are too many."""
        index = event.node.modified_index
        if not self.last_index:
            self.start_index = self._first_block_index = index
        else:
            assert index == self.last_index + 1, f"after {self.last_index} came {index}"
        self.last_index = index
        self._last_block.append(event)
        if len(self._last_block) == BLOCK:
            self._blocks = (*self._blocks, tuple(self._last_block))
            self._last_block = []
        if len(self) > CAPACITY:
            self.start_index += 1
            if self.start_index == self._first_block_index + BLOCK:
                self._blocks = self._blocks[1:]
                self._first_block_index += BLOCK

    def event(self, index: int) -> Event:
        """The event with an index, which must be one that is kept."""
        block, place = divmod(index - self._first_block_index, BLOCK)
        return self._blocks[block][place] if block < len(self._blocks) else self._last_block[place]

    def scan(self, key: str, since_index: int, *, recursive: bool) -> Event | None:
        """Find the first event from an index on that a watcher of `key` wants; None for not yet."""
        if since_index < self.start_index:
            cause = f"the requested history has been cleared [{self.start_index}/{since_index}]"
            raise EtcdError(EVENT_INDEX_CLEARED, cause, self.last_index)
        for index in range(since_index, self.last_index + 1):
            event = self.event(index)
            if not event.is_refresh and concerns(event, key, recursive=recursive):
                return event
        return None

    def fork(self) -> History:
        """Copy it: at the price of the last block."""
        copy = History.__new__(History)
        copy.start_index = self.start_index
        copy.last_index = self.last_index
        copy._blocks = self._blocks
        copy._last_block = self._last_block.copy()
        copy._first_block_index = self._first_block_index
        return copy


def concerns(event: Event, key: str, *, recursive: bool) -> bool:
    """Whether a watcher of `key` is told of an event when it looks back.

    etcd 2.3 store/event_history.go, scan. It differs from what a watcher is told who was there in
    time (`watch`): hidden keys are told too, and of a directory that was removed those hear who
    watch a key that begins with its name, whether or not the key was ever there: `/a/b`, but also
    `/ab`.
    """
    happened_at = event.node.key
    if happened_at == key or (recursive and is_below(happened_at, key)):
        return True
    return event.removed_directory and key.startswith(happened_at)
