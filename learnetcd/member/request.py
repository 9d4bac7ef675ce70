"""What clients ask of a member, and what they are told.

A request is a value; how it came in (HTTP, a key of the TUI, a scenario) is the driver's business.
Writes travel through the log as bytes, so that every member applies the very same command.

    GET  local      from this member's own tree, at once: may be old
    GET  quorum     through the log, like a write
    GET  index      by a read index: no log entry, one round of heartbeats

Next page: `inputs`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from learnetcd.raft.configuration import ConfigChange
from learnetcd.store.errors import EtcdError
from learnetcd.store.event import Event


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


@dataclass(frozen=True, slots=True)
class MembershipRequest:
    """A request to change who is a member."""

    change: ConfigChange


Request = KeyRequest | MembershipRequest


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


@dataclass(frozen=True, slots=True)
class Command:
    """A key request on its way through the log."""

    request_id: int
    request: KeyRequest

    def encode(self) -> bytes:
        """Bytes for a log entry. One JSON object, until the log is written in etcd's own format."""
        request = self.request
        fields = [self.request_id, request.method.value, request.path, request.value]
        return json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()


@lru_cache(maxsize=4096)  # each member of a simulated cluster decodes the same bytes
def decode_command(payload: bytes) -> Command:
    """Read what `Command.encode` wrote."""
    request_id, method, path, value = json.loads(payload)
    return Command(request_id, KeyRequest(Method(method), path, value, ReadKind.QUORUM))
