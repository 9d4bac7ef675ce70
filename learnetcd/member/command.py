"""A command: what a client asked, on its way through the log, in etcd's own bytes.

    put /greeting=hi         08 07 12 03 50 55 54 1a 0b 2f 31 2f 67 ...    7, PUT, /1/greeting
    put /x=1 with 5 s        ... Expiration: the member that takes it adds 5 s to its wall clock
    get /x, through the log  QGET
    a write of the cluster   PUT below /0
    users and roles          the same as of keys, below /2
    let keys expire          SYNC, with the time by the leader's clock

Every member applies the very same bytes. So whatever could differ from one member to the next is
decided before: a time to live is a deadline by now, for members do not agree on what time it is.

A log that real etcd has a part in may hold what is no request of the v2 interface: its newer one
(v3) has messages of its own. They have their place in the log, and no effect here (`Foreign`).

Source: etcd 3.4 etcdserver/v2_server.go, apply_v2.go; etcdserver/apply.go, applyEntryNormal.

Next page: `inputs`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from learnetcd.member import namespace
from learnetcd.member.request import AuthRequest, ClusterRequest, KeyRequest, Method, ReadKind
from learnetcd.store.node import SECOND_NS
from learnetcd.value import dataclass
from learnetcd.wire import etcdserverpb

QUORUM_GET, SYNC = "QGET", "SYNC"
BY_NAME = {method.value: method for method in Method}

V2 = re.compile(
    rb"\x08 (?: [\x00-\x7f] | [\x80-\xff]{1,8} [\x01-\x7f] | [\x80-\xff]{9} \x01 )"
    rb"\x12 (?: \x03PUT | \x04POST | \x06DELETE | \x04QGET | \x04SYNC )",
    re.VERBOSE,
)
"""How a v2 request begins: with an id, a varint of 64 bits, and one of the methods."""


@dataclass(frozen=True, slots=True)
class Command:
    """A request on its way through the log."""

    request_id: int
    """By this the member that was asked finds the client that waits."""

    request: KeyRequest | ClusterRequest | AuthRequest

    expires_ns: int | None = None
    """When the key expires, in nanoseconds since 1970; the request's `ttl` is told by this."""

    def encode(self) -> bytes:
        """Bytes for a log entry."""
        request = self.request
        if isinstance(request, ClusterRequest):
            put = etcdserverpb.Request(self.request_id, "PUT", request.path, request.value)
            return put.encode()
        place = namespace.CLIENTS
        if isinstance(request, AuthRequest):
            place, request = namespace.AUTH, request.asked
        is_get = request.method is Method.GET
        return etcdserverpb.Request(
            id=self.request_id,
            method=QUORUM_GET if is_get else request.method.value,
            path=namespace.inside(request.path, place),
            val=request.value,
            dir=request.is_dir,
            prev_value=request.prev_value,
            prev_index=request.prev_index,
            prev_exist=request.prev_exist,
            expiration=self.expires_ns or 0,
            recursive=request.recursive,
            quorum=is_get,
            refresh=request.refresh or None,
        ).encode()


@dataclass(frozen=True, slots=True)
class Expiry:
    """The time by the leader's clock: what was due by then expires, at all members alike."""

    cutoff_ns: int
    """In nanoseconds since 1970."""

    def encode(self) -> bytes:
        """Bytes for a log entry. Nobody waits for it, so it has no id."""
        return etcdserverpb.Request(method=SYNC, time=self.cutoff_ns).encode()

    def __str__(self) -> str:
        """Say it in words."""
        return f"let expire what was due by {self.cutoff_ns / SECOND_NS:.3f} s"


@dataclass(frozen=True, slots=True)
class Foreign:
    """What others wrote and this member does not execute."""

    def __str__(self) -> str:
        """Say it in words."""
        return "what is no request of the v2 interface"


def deadline_after(wall_ns: int, ttl: int) -> int:
    """When a key expires that was given so many seconds to live.

    etcd computes in 64 bits, and so a time to live of centuries ends in the past. So does ours: in
    a log that both write, a key must not live longer for having asked the one and not the other.
    """
    deadline_ns = (wall_ns + ttl * SECOND_NS) % (1 << 64)
    return deadline_ns - (1 << 64) if deadline_ns >> 63 else deadline_ns


# -- reading ----------------------------------------------------------------------------------


@lru_cache(maxsize=4096)  # each member of a simulated cluster decodes the same bytes
def decode_command(payload: bytes) -> Command | Expiry | Foreign:
    """Read what stands in a log entry; `Malformed` if it begins as a v2 request and is none."""
    if not is_v2(payload):
        return Foreign()
    written = etcdserverpb.Request.decode(payload)
    if written.method == SYNC:
        return Expiry(written.time)
    if namespace.is_clients(written.path):
        return Command(written.id, key_request(written), written.expiration or None)
    if namespace.is_about_auth(written.path):
        return Command(written.id, AuthRequest(key_request(written, namespace.AUTH)))
    if written.method == "PUT":
        return Command(written.id, ClusterRequest(written.path, written.val))
    return Foreign()  # etcd asks itself for "" by a QGET, to see whether it is healthy


def is_v2(payload: bytes) -> bool:
    """Whether a payload is a v2 request: an id, and then one of the five methods."""
    # No v3 message looks so: there the second field is a message, and no name begins like one.
    return V2.match(payload) is not None


def key_request(written: etcdserverpb.Request, place: str = namespace.CLIENTS) -> KeyRequest:
    """What the client asked, in its own keys."""
    is_get = written.method == QUORUM_GET
    return KeyRequest(
        Method.GET if is_get else BY_NAME[written.method],
        written.path.removeprefix(place) or "/",
        written.val,
        ReadKind.QUORUM if is_get else ReadKind.LOCAL,
        written.dir,
        written.recursive,
        written.prev_exist,
        written.prev_value,
        written.prev_index,
        refresh=bool(written.refresh),
    )
