"""The key space as one member has it: its keys, who watches them, and what happened last.

    etcd index 9
    msg = hello            modified 7, created 7
    jobs/
    jobs/1 = a             modified 9, created 9        4 s to live
    c12 watches jobs and below
    9 create jobs/1=a      8 delete lock      ...       the newest of at most 1000 events

Readers at a member see this and nothing else, so a member that lags shows another key space than
the others. How long a key has to live is counted by the clock of this member; that it is gone, the
leader says.

A tree may be large and a screen is small: like logs, it is given out as far as there is room.

Next page: `exchange`.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from learnetcd.member import namespace
from learnetcd.member.member import Member
from learnetcd.session.views import KeyspaceView, KeyView
from learnetcd.simulator.words import event_text
from learnetcd.store.event import Event
from learnetcd.store.history import CAPACITY
from learnetcd.store.node import Node
from learnetcd.store.store import Store
from learnetcd.store.tree import find, nodes_in
from learnetcd.store.watch import Watcher

NOTHING = KeyspaceView(0, (), (), ())


def keyspace_of(member: Member) -> Callable[[int], KeyspaceView]:
    """What a member has, up to so many of each."""

    def keyspace(count: int) -> KeyspaceView:
        store, watchers = member.store, tuple(member.watchers)
        return KeyspaceView(
            store.etcd_index,
            tuple(key_view(node, member.wall_ns) for node in islice(clients_nodes(store), count)),
            tuple(map(watcher_text, watchers[-count:])),
            tuple(last_events(store, count)),
            (store.history.start_index, len(store.history)),
            CAPACITY,
        )

    return keyspace


def clients_nodes(store: Store) -> islice[Node]:
    """What lies below `/1`, each directory before what is in it; not `/1` itself."""
    item = find(store.root, namespace.CLIENTS)
    return islice(nodes_in(item) if item is not None else iter(()), 1, None)


def key_view(node: Node, wall_ns: int) -> KeyView:
    """One key."""
    left = node.seen_at(wall_ns).ttl if node.expires_ns is not None else None
    path = namespace.outside(node.key)
    return KeyView(
        path, node.value or "", node.is_dir, node.created_index, node.modified_index, left
    )


def watcher_text(watcher: Watcher) -> str:
    """Who waits for what."""
    path = namespace.outside(watcher.key) or "/"
    return f"c{watcher.id} watches {path}" + (" and below" if watcher.recursive else "")


def last_events(store: Store, count: int) -> list[str]:
    """The newest first; the cluster's own are left out."""
    history, texts = store.history, []
    for index in range(history.last_index, max(history.start_index, 1) - 1, -1):
        event: Event = history.event(index)
        if namespace.is_clients(event.node.key):
            texts.append(f"{index} {event_text(namespace.event_outside(event))}")
        if len(texts) == count:
            break
    return texts
