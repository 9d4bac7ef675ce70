"""Namespaces: clients' keys lie below `/1` in the store, the cluster's own below `/0` and `/2`.

    a client says     the store has
    /greeting         /1/greeting             what clients write
    /                 /1
    -                 /0/members/8e9e...      who the members are (`cluster`)
    -                 /0/version
    -                 /2/users/...            who may do what, once somebody writes it down

So one log and one tree hold both, a snapshot has all of it, and no client can reach, list or watch
what the cluster needs to live. A path gets its `/1` on the way in and loses it on the way out, here
and nowhere else; in the log, in snapshots and in the store it is always there.

The root, seen from outside, has no name at all: etcd leaves its key out.

Source: etcd 3.4 etcdserver/server.go, StoreClusterPrefix and StoreKeysPrefix;
etcdserver/api/v2http/client.go, trimEventPrefix; etcdserver/api/v2auth/auth.go, StorePermsPrefix.

Next page: `request`.
"""

from __future__ import annotations

from dataclasses import replace

from learnetcd.store.errors import EtcdError
from learnetcd.store.event import Event
from learnetcd.store.node import Node
from learnetcd.store.path import ROOT, clean

NAMES = ("0", "1")
"""The directories that are always there."""

CLUSTER = "/0"
CLIENTS = "/1"
AUTH = "/2"


def inside(path: str, namespace: str = CLIENTS) -> str:
    """Write a client's path as the store knows it: `/x` is `/1/x`."""
    key = clean(path)
    return namespace if key == ROOT else namespace + key


def is_about_auth(key: str) -> bool:
    """Whether a key of the store says who may do what."""
    return key == AUTH or key.startswith("/2/")


def is_clients(key: str) -> bool:
    """Whether a key of the store belongs to clients."""
    return key == CLIENTS or key.startswith("/1/")


def outside(key: str) -> str:
    """Write a key of the store as its clients know it: `/1/x` is `/x`, `/1` has no name."""
    return key.removeprefix(CLIENTS)


def event_outside(event: Event) -> Event:
    """Tell an event in the keys of clients."""
    previous = event.prev_node
    return Event(
        event.action,
        node_outside(event.node),
        None if previous is None else node_outside(previous),
        event.is_refresh,
    )


def node_outside(node: Node) -> Node:
    """Show a node, and what is listed in it, under the keys of clients."""
    if node.nodes:
        below = tuple([node_outside(one) for one in node.nodes])
        return replace(node, key=outside(node.key), nodes=below)
    return Node(
        node.key.removeprefix(CLIENTS),
        node.value,
        node.created_index,
        node.modified_index,
        node.is_dir,
        node.expires_ns,
        node.ttl,
    )


def error_outside(error: EtcdError) -> EtcdError:
    """Say a refusal in the keys of clients."""
    return EtcdError(error.code, outside(error.cause), error.index)
