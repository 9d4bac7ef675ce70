"""The book: what clients asked and were told, what watchers saw, and when.

An answer that never came, or says that nobody knows (5xx), leaves a request open: it may have been
done, or be done later. Only a request for which there was no connection was surely never heard.

Every value that is written is written by one request alone. So a value that is found says which
request was done; and if it is set twice, some request was done twice.

Each answer also says how far the whole cluster had got when the request was done: the etcd index.
That is its place among all requests, whatever key it was about.

Next page: `clients`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from time import time_ns
from typing import Any

import trio

from learnetcd.api.http import HttpResponse
from learnetcd.checking.history import SOME_VALUE, Operation, Told
from learnetcd.member.request import KeyRequest, Method
from learnetcd.store import timestamp
from learnetcd.store.errors import KEY_NOT_FOUND
from learnetcd.store.history import CAPACITY
from learnetcd.store.node import SECOND_NS

Json = dict[str, Any]  # what an answer says
WRITES = (Method.PUT, Method.POST, Method.DELETE)
MOST_AHEAD = CAPACITY // 4
"""So many events clients may be ahead of who watches. A chain sees one event in each round trip, so
on a busy machine it is slower than twelve clients."""
REMOVALS = {"delete", "expire", "compareAndDelete"}


@dataclass(frozen=True, slots=True)
class Seen:
    """One event: in the answer to who wrote, and for everybody who watches."""

    index: int
    """The etcd index at which it happened."""
    action: str
    key: str
    value: str | None
    """What the key holds since; None if it is gone."""


def seen_of(event: Json) -> Seen:
    """An event as it stands in an answer."""
    node, action = event["node"], event["action"]
    value = None if action in REMOVALS else node.get("value", "")
    return Seen(node["modifiedIndex"], action, node["key"], value)


@dataclass(frozen=True, slots=True)
class Heard:
    """What an answer says of the whole cluster."""

    client: str
    """Who asked."""
    server: str
    """Which member answered, by its URL."""
    called: float
    returned: float
    asked: KeyRequest
    index: int
    """The etcd index, when the request was done or refused."""
    term: int
    """The Raft term of the member when it answered; 0 if it did not say."""
    done: Seen | None
    """The event, of a write that was done."""
    held: frozenset[tuple[str, str]] | None
    """Of a read: the keys, with their values, that are there or below."""
    deadline: float | None = None
    """When the key is going to expire, by the clock that `called` goes by."""


@dataclass(frozen=True, slots=True)
class Expired:
    """The end of a key, as a watcher was told of it."""

    key: str
    index: int
    modified_index: int
    """When it got the deadline that was over."""
    deadline: float
    seen: float
    """When it was told, for the first time anywhere."""


@dataclass(slots=True)
class Book:
    """All that is known at the end."""

    operations: dict[str, list[Operation]] = field(default_factory=dict)
    """What was asked of each key that can be judged alone."""
    acknowledged: list[Seen] = field(default_factory=list)
    """What was written, in the words of the answers."""
    heard: list[Heard] = field(default_factory=list)
    """All answers."""
    expired: dict[int, Expired] = field(default_factory=dict)
    """Which keys came to their end, by the index of that."""
    watched: dict[str, list[Seen]] = field(default_factory=dict)
    """What each watcher saw that goes from event to event, in its order."""
    streams: list[list[Seen]] = field(default_factory=list)
    """What was seen on each stream, as long as it lasted."""
    is_closed: bool = False
    """Whether clients ask no more."""
    open_ends: int = 0
    """Requests whose end nobody knows."""

    @property
    def is_far_ahead(self) -> bool:
        """Whether clients must wait, lest members forget what a slow watcher has not seen yet."""
        reached = min((seen[-1].index if seen else 0 for seen in self.watched.values()), default=0)
        return bool(self.acknowledged) and self.acknowledged[-1].index > reached + MOST_AHEAD

    def answered(self, heard: Heard) -> None:
        """Somebody was told something."""
        self.heard.append(heard)
        if heard.done is not None and not heard.asked.refresh:
            self.acknowledged.append(heard.done)

    def enter(self, operation: Operation) -> None:
        """It is about a key that can be judged alone."""
        self.operations.setdefault(operation.asked.key, []).append(operation)

    def saw(self, event: Json) -> Seen:
        """A watcher was told of an event."""
        seen = seen_of(event)
        if seen.action == "expire" and seen.index not in self.expired:
            before = event["prevNode"]
            deadline, now = deadline_of(before), trio.current_time()
            assert deadline is not None, f"what expired had a deadline: {event}"
            self.expired[seen.index] = Expired(
                seen.key, seen.index, before["modifiedIndex"], deadline, now
            )
        return seen


def heard_in(
    client: str, server: str, asked: KeyRequest, called: float, answer: HttpResponse, said: Json
) -> Heard:
    """What an answer says, at the moment at which it came."""
    headers = dict(answer.headers)
    term = int(headers.get("x-raft-term", 0))
    now = trio.current_time()
    if "errorCode" in said:
        held = frozenset[tuple[str, str]]() if said["errorCode"] == KEY_NOT_FOUND else None
        held = held if asked.method is Method.GET else None
        return Heard(client, server, called, now, asked, said["index"], term, None, held)
    node, index = said["node"], int(headers["x-etcd-index"])
    if asked.method is Method.GET:
        held = frozenset((leaf["key"], leaf["value"]) for leaf in leaves(node))
        return Heard(client, server, called, now, asked, index, term, None, held)
    done, deadline = seen_of(said), deadline_of(node)
    return Heard(client, server, called, now, asked, done.index, term, done, None, deadline)


def deadline_of(node: Json) -> float | None:
    """When a key expires, by the clock of this program.

    Members go by the time of day. So does this, with what the clocks of one machine show at the
    same moment: nobody may set them meanwhile.
    """
    if "expiration" not in node:
        return None
    left_ns = timestamp.read(node["expiration"]) - time_ns()
    return trio.current_time() + left_ns / SECOND_NS


def leaves(node: Json) -> Iterator[Json]:
    """All keys with a value."""
    if node.get("dir"):
        for inner in node.get("nodes", ()):
            yield from leaves(inner)
    else:
        yield node


def told_by(body: Json) -> Told:
    """What an answer tells of the key."""
    if "errorCode" in body:
        return Told(False, None if body["errorCode"] == KEY_NOT_FOUND else SOME_VALUE)
    node = body.get("node") if body["action"] == "get" else body.get("prevNode")
    return Told(True, None if node is None else node["value"])
