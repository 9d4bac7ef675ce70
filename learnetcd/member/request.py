"""What clients ask of a member, and what they are told.

A request is a value; how it came in (HTTP, a key of the TUI, a scenario) is the driver's business.
Writes travel through the log as bytes, so that every member applies the very same command.

    GET  local      from this member's own tree, at once: may be old
    GET  quorum     through the log, like a write
    GET  index      by a read index: no log entry, one round of heartbeats

A request that no member could ever answer rightly is refused here, before it enters a log.

Next page: `inputs`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache

from learnetcd.errors import UserError
from learnetcd.raft.configuration import ConfigChange, describe
from learnetcd.store.errors import EtcdError
from learnetcd.store.event import Event
from learnetcd.store.path import ROOT, clean, names_in


class Method(Enum):
    """The verbs of the v2 API."""

    GET = "GET"
    PUT = "PUT"
    DELETE = "DELETE"


class ReadKind(Enum):
    """How a GET is answered."""

    LOCAL = "local"
    QUORUM = "quorum"
    INDEX = "index"


@dataclass(frozen=True, slots=True)
class KeyRequest:
    """A request about one key."""

    method: Method
    path: str
    value: str = ""
    read: ReadKind = ReadKind.LOCAL

    def __post_init__(self) -> None:
        """Refuse a path that names no key, by a `UserError`."""
        key_of(self.path)

    @property
    def key(self) -> str:
        """The key that it is about, as the store writes it: `/x`."""
        return key_of(self.path)

    @property
    def answered_locally(self) -> bool:
        """Whether this member's own store is enough: a plain GET, which may be old."""
        return self.method is Method.GET and self.read is ReadKind.LOCAL

    def __str__(self) -> str:
        """Say it in words: `put /x=1`, `get /x (quorum)`, `delete /x`."""
        match self.method:
            case Method.PUT:
                return f"put {self.key}={self.value}"
            case Method.DELETE:
                return f"delete {self.key}"
            case Method.GET:
                return f"get {self.key} ({self.read.value})"


@dataclass(frozen=True, slots=True)
class MembershipRequest:
    """A request to change who is a member."""

    change: ConfigChange

    def __str__(self) -> str:
        """Say it in words: `add voter S4`."""
        return describe(self.change)


Request = KeyRequest | MembershipRequest


@lru_cache(maxsize=4096)  # the same few keys, at each member, request after request
def key_of(path: str) -> str:
    """The key that a path names; a `UserError` for what only directories could hold."""
    key = clean(path)
    if key == ROOT:
        raise UserError(f"{path!r} names the root, which is a directory. Name a key, such as /x.")
    if len(names_in(key)) > 1:
        raise UserError(
            f"{path!r} lies in a directory, and members are not asked for these yet. "
            f"Name a key of one word, such as /{key.rpartition('/')[2]}."
        )
    return key


class Outcome(Enum):
    """What a client can know."""

    DONE = "done"
    """It happened, and here is the result."""
    REFUSED = "refused"
    """It did not happen: the store said no."""
    UNKNOWN = "unknown"
    """Nobody can say: it may have happened, it may still happen."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client is told."""

    outcome: Outcome
    event: Event | None = None
    """The store's event, for requests about keys that were done."""
    error: EtcdError | None = None
    raft_index: int = 0
    """The answering member's applied index: header X-Raft-Index."""
    raft_term: int = 0
    etcd_index: int = 0
    """The store's index after the request: header X-Etcd-Index."""

    def __str__(self) -> str:
        """Say it in words."""
        if self.error is not None:
            return f"{self.outcome.value}, {self.error}"
        if self.event is None:
            return f"{self.outcome.value}"
        node = self.event.node
        value = "is gone" if node.value is None else f"is {node.value!r}"
        return f"{self.outcome.value}, {node.key} {value} at etcd index {self.etcd_index}"


@dataclass(frozen=True, slots=True)
class Command:
    """A key request on its way through the log."""

    request_id: int
    request: KeyRequest

    def encode(self) -> bytes:
        """Bytes for a log entry. One JSON object, until the log is written in etcd's own format."""
        request = self.request
        fields = [self.request_id, request.method.value, request.path, request.value]
        # surrogatepass: what a person typed need not be valid text.
        return _json.encode(fields).encode("utf-8", "surrogatepass")


_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


@lru_cache(maxsize=4096)  # each member of a simulated cluster decodes the same bytes
def decode_command(payload: bytes) -> Command:
    """Read what `Command.encode` wrote."""
    request_id, method, path, value = json.loads(payload)
    return Command(request_id, KeyRequest(Method(method), path, value, ReadKind.QUORUM))


def stamped(change: ConfigChange, request_id: int) -> ConfigChange:
    """Write the request id before a change's context, so that it is found again when applied."""
    return replace(change, context=b"%d %b" % (request_id, change.context))


def request_id_of(change: ConfigChange) -> int:
    """The request id that `stamped` wrote; 0 for a change that no client asked for."""
    stamp, _, _ = change.context.partition(b" ")
    return int(stamp) if stamp.isdigit() else 0
