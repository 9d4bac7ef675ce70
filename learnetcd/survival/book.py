"""The book: what clients asked and were told, what watchers saw, and when.

An answer that never came, or says that nobody knows (5xx), leaves a request open: it may have been
done, or be done later. Only a request for which there was no connection was surely never heard.

Every value that is written is written by one request alone. So a value that is found says which
request was done; and if it is set twice, some request was done twice.

Next page: `clients`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from learnetcd.checking.history import SOME_VALUE, Operation, Told
from learnetcd.member.request import KeyRequest, Method
from learnetcd.store.errors import KEY_NOT_FOUND

Json = dict[str, Any]  # what an answer says
WRITES = (Method.PUT, Method.DELETE)
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


@dataclass(slots=True)
class Book:
    """All that is known at the end."""

    operations: dict[str, list[Operation]] = field(default_factory=dict)
    """What was asked of each key."""
    acknowledged: list[Seen] = field(default_factory=list)
    """What was written, in the words of the answers."""
    watched: dict[str, list[Seen]] = field(default_factory=dict)
    """What each watcher saw that goes from event to event, in its order."""
    streams: list[list[Seen]] = field(default_factory=list)
    """What was seen on each stream, as long as it lasted."""
    is_closed: bool = False
    """Whether clients ask no more."""
    open_ends: int = 0
    """Requests whose end nobody knows."""

    def answered(
        self, client: str, request: KeyRequest, called: float, now: float, body: Json
    ) -> None:
        """Somebody was told something."""
        self._enter(Operation(client, called, now, request, told_by(body)))
        if "action" in body and request.method in WRITES:
            self.acknowledged.append(seen_of(body))

    def unanswered(self, client: str, request: KeyRequest, called: float) -> None:
        """Somebody was told nothing."""
        if request.method in WRITES:
            self.open_ends += 1
            self._enter(Operation(client, called, None, request, None))

    def _enter(self, operation: Operation) -> None:
        self.operations.setdefault(operation.asked.key, []).append(operation)


def told_by(body: Json) -> Told:
    """What an answer tells of the key."""
    if "errorCode" in body:
        return Told(False, None if body["errorCode"] == KEY_NOT_FOUND else SOME_VALUE)
    node = body.get("node") if body["action"] == "get" else body.get("prevNode")
    return Told(True, None if node is None else node["value"])
