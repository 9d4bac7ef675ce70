"""Answers: what a program can be told when it asks a cluster.

    done      Change("set", Node("/x", "1", modified_index=7), etcd_index=7)
    refused   Refused: the cluster says no, and why (101: it was compared); nothing happened
    nobody    NobodyAnswered: nobody heard the request; nothing happened
    unknown   Unknown: it was heard, but no answer came: it may have happened, or may happen yet

The last one is the one that programs get wrong. A write that ran into a timeout is not a write that
failed. Whoever asks for it again asks twice; whoever forgets it may find it done.

Source: etcd 3.4 store/event.go, store/node_extern.go (the JSON), error/error.go (the codes).

Next page: `asking`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from learnetcd.store.errors import (
    COMPARE_FAILED,
    EVENT_INDEX_CLEARED,
    KEY_EXISTS,
    KEY_NOT_FOUND,
    UNAUTHORIZED,
)
from learnetcd.value import dataclass


class ClientError(Exception):
    """What was asked for did not happen, or nobody knows whether it did."""


class NobodyAnswered(ClientError):
    """No member could be reached, so nothing happened."""


class Unknown(ClientError):
    """The request was heard, but not answered: it may have happened, or may happen yet."""


class Refused(ClientError):
    """The cluster says no; nothing happened."""

    def __init__(self, code: int, message: str, cause: str, etcd_index: int) -> None:
        """Say what etcd said: its code, its words, what they are about, and when it was."""
        super().__init__(f"{code}: {message} ({cause}) [{etcd_index}]")
        self.code = code
        self.cause = cause
        self.etcd_index = etcd_index


class KeyMissing(Refused):
    """There is no such key (error 100)."""


class KeyTaken(Refused):
    """The key was to be created, but it is there (error 105)."""


class Changed(Refused):
    """The key is not what it was to be compared with (error 101)."""


class TooLate(Refused):
    """Who waits for an event of so long ago is too late: it is forgotten (error 401)."""


class NotAllowed(Refused):
    """Whoever we said that we are may not do that (error 110)."""


KINDS = {
    KEY_NOT_FOUND: KeyMissing,
    KEY_EXISTS: KeyTaken,
    COMPARE_FAILED: Changed,
    EVENT_INDEX_CLEARED: TooLate,
    UNAUTHORIZED: NotAllowed,
}
"""The refusals that a program wants to tell from others."""


@dataclass(frozen=True, slots=True)
class Node:
    """A file or a directory, as a client sees it."""

    key: str
    value: str | None = None
    """None: it is a directory."""
    created_index: int = 0
    modified_index: int = 0
    ttl_s: int | None = None
    """Seconds that it has left; None if it stays."""
    nodes: tuple[Node, ...] = ()
    """What is in the directory, if it was asked for."""

    @property
    def name(self) -> str:
        """The last part of the key."""
        return self.key.rpartition("/")[2]

    def files(self) -> Iterator[Node]:
        """All files here and below."""
        if self.value is not None:
            yield self
        for node in self.nodes:
            yield from node.files()


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to a key, or that it was read."""

    action: str
    """get, set, create, update, delete, compareAndSwap, compareAndDelete, expire."""
    node: Node
    previous: Node | None
    """What was there before."""
    etcd_index: int
    """How many changes the member that answered had seen then."""

    @property
    def is_removal(self) -> bool:
        """Whether the key is gone now."""
        return self.action in {"delete", "compareAndDelete", "expire"}


def change_from(body: bytes, etcd_index: int) -> Change:
    """Read what etcd said; `Refused` if it said no."""
    said = json.loads(body)
    if "errorCode" in said:
        raise refusal_from(said)
    previous = node_from(said["prevNode"]) if "prevNode" in said else None
    return Change(said["action"], node_from(said["node"]), previous, etcd_index)


def refusal_from(said: Mapping[str, Any]) -> Refused:
    """Read an error."""
    code = said["errorCode"]
    kind = KINDS.get(code, Refused)
    return kind(code, said.get("message", ""), said.get("cause", ""), said.get("index", 0))


def node_from(said: Mapping[str, Any]) -> Node:
    """Read a node, and what is in it."""
    return Node(
        said.get("key", "/"),
        None if said.get("dir") else said.get("value"),
        said.get("createdIndex", 0),
        said.get("modifiedIndex", 0),
        said.get("ttl"),
        tuple(node_from(node) for node in said.get("nodes", ())),
    )
