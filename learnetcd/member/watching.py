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

A watcher may outlive the store that it watches, when the member gets a snapshot from its leader:
then it is told what the snapshot's own history knows.

Source: etcd 3.4 etcdserver/api/v2http/client.go, handleKeyWatch; etcdserver/v2_server.go.

Next page: `clients`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learnetcd.member import namespace
from learnetcd.member.effects import Effect, NotifyWatcher
from learnetcd.store.event import Event
from learnetcd.tracing.clients import WatcherTold, WatchLost

if TYPE_CHECKING:
    from learnetcd.member.member import Member
    from learnetcd.member.request import WatchRequest
    from learnetcd.store.tree import Directory
    from learnetcd.store.watch import Watcher


def begin(member: Member, watcher_id: int, request: WatchRequest) -> Event | None:
    """Let a client wait; an event that it is too late to wait for is to be told at once.

    `EtcdError` if so many events have happened since that one that it is forgotten.
    """
    notice = member.watchers.watch(
        watcher_id,
        member.store,
        namespace.inside(request.path),
        recursive=request.recursive,
        stream=request.stream,
        since_index=request.since_index,
    )
    return None if notice is None else namespace.event_outside(notice.event)


def tell(member: Member, event: Event, before: Directory, effects: list[Effect]) -> None:
    """Tell all who wait for an event that has just happened to the tree `before`."""
    notices = member.watchers.notify(event, before)
    if notices:
        told = namespace.event_outside(event)
        for notice in notices:
            done = notice.watcher_id not in member.watchers
            tell_one(member, notice.watcher_id, told, effects, done=done)


def tell_one(
    member: Member, watcher_id: int, event: Event, effects: list[Effect], *, done: bool
) -> None:
    """Tell one of them, in the keys of clients."""
    effects.append(NotifyWatcher(watcher_id, event, done))
    member.trace(WatcherTold(watcher_id, event.action, event.node.key, event.node.modified_index))


# -- after a snapshot of the leader -----------------------------------------------------------


def catch_up(member: Member, etcd_index: int, effects: list[Effect]) -> None:
    """The store was replaced: tell what happened since `etcd_index`, as far as it is known.

    A snapshot brings the last thousand events along. Who waits for one that is older than those
    would wait for ever without a sign that it missed something, so its watch ends.
    """
    # Differs: in etcd watchers stay, and are told nothing of what a snapshot brought: it restores
    # the store under their feet (etcd 3.4 v2store/store.go, Recovery).
    for watcher in tuple(member.watchers):
        since_index = max(watcher.since_index, etcd_index + 1)
        if since_index <= member.store.etcd_index:
            catch_one_up(member, watcher, since_index, effects)


def catch_one_up(member: Member, watcher: Watcher, since_index: int, effects: list[Effect]) -> None:
    """Tell a watcher what it missed; if nobody knows, end its watch."""
    history = member.store.history
    if since_index < history.start_index:
        member.watchers.cancel(watcher.id)
        effects.append(NotifyWatcher(watcher.id, None, done=True))
        member.trace(WatchLost(watcher.id, since_index, history.start_index))
        return
    while event := history.scan(watcher.key, since_index, recursive=watcher.recursive):
        if not watcher.stream:
            member.watchers.cancel(watcher.id)
        told = namespace.event_outside(event)
        tell_one(member, watcher.id, told, effects, done=not watcher.stream)
        if not watcher.stream:
            return
        since_index = event.node.modified_index + 1
