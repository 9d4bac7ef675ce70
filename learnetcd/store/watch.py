"""The watch hub: who waits for which key, and who is told of an event.

The store is the same on every member; those who watch are this member's own guests. So the hub is
no part of the store. It is shown every event, and says whom to tell:

    hub.watch(7, store, "/queue", recursive=True)      nothing yet: watcher 7 waits
    before = store.root
    event = store.set("/queue/job", "mow")
    hub.notify(event, before)                          [Notice(7, event)]; and 7 is gone

Four kinds of event are told to a watcher of a key:

    at the key itself                            all watchers of the key
    below it, no name on the way hidden          the recursive ones
    above it: its directory is removed           all, if the key was there (so: the tree before)
    any of these before its since_index          nobody: it asked for later ones

A watcher is told once and forgotten, but a *stream* is told on and on. Whoever asks for an index in
the past is served from the history at once, and does not wait here at all.

Source: etcd 2.3 store/watcher_hub.go, store/watcher.go.

Left out: the channel of 100 events between hub and client, and that a watcher is dropped when it is
full. How much to hold for a slow client is for those who speak to clients.

Next page: `timestamp`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from learnetcd.store.event import Event
from learnetcd.store.path import ROOT, child, clean, is_below, is_hidden_from, names_in
from learnetcd.store.tree import Directory, find
from learnetcd.value import dataclass

if TYPE_CHECKING:
    from learnetcd.store.store import Store


@dataclass(frozen=True, slots=True)
class Watcher:
    """Somebody who waits for events."""

    id: int
    """Chosen by whoever asks, for the notices."""

    key: str

    recursive: bool
    """Whether events below the key are wanted too."""

    stream: bool
    """Whether it stays when it was told of an event."""

    since_index: int
    """Events with a lower index are not wanted."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A watcher is to be told of an event."""

    watcher_id: int
    event: Event


class WatcherHub:
    """All who wait at one member."""

    __slots__ = ("_keys", "_watchers")

    def __init__(self) -> None:
        """Begin with nobody."""
        self._watchers: dict[str, dict[int, Watcher]] = {}
        """By key and id, in the order of asking."""
        self._keys: dict[int, str] = {}
        """What each of them watches."""

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[Watcher]:
        """All of them, in the order of asking."""
        return (self._watchers[key][watcher_id] for watcher_id, key in self._keys.items())

    def __contains__(self, watcher_id: object) -> bool:
        return watcher_id in self._keys

    def fork(self) -> WatcherHub:
        """Copy it, for time travel."""
        copy = WatcherHub()
        copy._watchers = {key: here.copy() for key, here in self._watchers.items()}
        copy._keys = self._keys.copy()
        return copy

    # -- coming and going ---------------------------------------------------------------------

    def watch(
        self,
        watcher_id: int,
        store: Store,
        path: str,
        *,
        recursive: bool = False,
        stream: bool = False,
        since_index: int = 0,
    ) -> Notice | None:
        """Let somebody watch a key, from `since_index` on, or from now on if it is 0.

        The key need not be there. An event of the past is told at once, and then nobody waits, not
        even a stream: a stream from the past is one event long, in etcd too.
        """
        assert watcher_id not in self._keys, f"watcher {watcher_id} waits already"
        key = clean(path)
        since_index = since_index or store.etcd_index + 1
        event = store.history.scan(key, since_index, recursive=recursive)
        if event is not None:
            return Notice(watcher_id, event)
        watcher = Watcher(watcher_id, key, recursive, stream, since_index)
        self._watchers.setdefault(key, {})[watcher_id] = watcher
        self._keys[watcher_id] = key
        return None

    def cancel(self, watcher_id: int) -> None:
        """Forget somebody who went away, or who was told and does not stay."""
        key = self._keys.pop(watcher_id, None)
        if key is not None:
            del self._watchers[key][watcher_id]
            if not self._watchers[key]:
                del self._watchers[key]

    # -- telling ------------------------------------------------------------------------------

    def notify(self, event: Event, before: Directory) -> list[Notice]:
        """Say who is told of an event that has just happened to the tree `before`."""
        if event.is_refresh or not self._keys:
            return []
        key = event.node.key
        notices: list[Notice] = []
        # etcd tells of a removal where each node went away, and then as of any other event. So a
        # stream hears twice of the removal of its own key.
        for gone in self._watched_and_gone(event, before):
            notices += self._tell(gone, event, all_of_them=True)
        for watched in on_the_way_to(key):
            if watched == key or not is_hidden_from(watched, key):
                notices += self._tell(watched, event, all_of_them=watched == key)
        return notices

    def _watched_and_gone(self, event: Event, before: Directory) -> list[str]:
        """The watched keys that an event took away, what was in a directory before itself."""
        key = event.node.key
        if event.removed_directory:
            watched = [one for one in self._watchers if one == key or is_below(one, key)]
            return sorted((one for one in watched if find(before, one) is not None), reverse=True)
        return [key] if event.is_removal else []

    def _tell(self, key: str, event: Event, *, all_of_them: bool) -> list[Notice]:
        """Tell those at a key who want the event: all, or those who watch what is below as well."""
        told = [
            watcher
            for watcher in self._watchers.get(key, {}).values()
            if (all_of_them or watcher.recursive)
            and event.node.modified_index >= watcher.since_index
        ]
        for watcher in told:
            if not watcher.stream:
                self.cancel(watcher.id)
        return [Notice(watcher.id, event) for watcher in told]


def on_the_way_to(key: str) -> list[str]:
    """The root, the directories on the way to a key, and the key: `/`, `/a`, `/a/b`."""
    keys = [ROOT]
    for name in names_in(key):
        keys.append(child(keys[-1], name))
    return keys
