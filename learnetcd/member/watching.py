"""Watching: clients who wait for something to happen to a key, and how they are told.

    watch /x                 Reply(WAITING)                        nothing happened yet
    ... set /x 1 applied     NotifyWatcher(event, done=True)       once, and forgotten
    watch /x stream          Reply(WAITING)
    ... set /x 2 applied     NotifyWatcher(event, done=False)      and so on
    watch /x since 7         Reply(WAITING), NotifyWatcher         it happened already: at 8
    watch /x since 1         Reply(REFUSED, 401)                   too long ago: nobody remembers

A watcher is a guest of the member that it asked, and hears of an event when *that* member applies
the entry. Those of another member may hear of it sooner or later; all hear of the same events in
the same order, because all members apply the same log.

Nothing of this is in the log: when the member dies, its watchers are gone, and whoever asks again
from the index after the last event that it saw has missed nothing.

Source: etcd 3.4 etcdserver/api/v2http/client.go, handleKeyWatch; etcdserver/v2_server.go.

Next page: `clients`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learnetcd.member.effects import Effect, NotifyWatcher
from learnetcd.store.watch import Notice

if TYPE_CHECKING:
    from learnetcd.member.member import Member
    from learnetcd.member.request import WatchRequest
    from learnetcd.store.event import Event
    from learnetcd.store.tree import Directory


def begin(member: Member, watcher_id: int, request: WatchRequest) -> Notice | None:
    """Let a client wait; an event that it is too late to wait for is to be told at once.

    `EtcdError` if so many events have happened since that one that it is forgotten.
    """
    return member.watchers.watch(
        watcher_id,
        member.store,
        request.path,
        recursive=request.recursive,
        stream=request.stream,
        since_index=request.since_index,
    )


def tell(member: Member, event: Event, before: Directory, effects: list[Effect]) -> None:
    """Tell all who wait for an event that has just happened to the tree `before`."""
    for notice in member.watchers.notify(event, before):
        done = notice.watcher_id not in member.watchers
        effects.append(NotifyWatcher(notice.watcher_id, notice.event, done))
