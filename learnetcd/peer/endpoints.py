"""The endpoints: what a member answers on its peer port.

    POST /raft                        a message                       -> Delivery, then 204
    GET  /raft/stream/message/ID      "send me your messages"         -> Attachment: 200, endless
    GET  /raft/stream/msgapp/ID       "send me your appends"          -> Attachment: 200, endless
    POST /raft/snapshot               a snapshot, with its database   -> Delivery, then 204
    GET  /raft/probing                are you there? what time is it?
    GET  /members                     who the members are: for those who join
    GET  /version                     as on the port for clients

Who opens a stream is who will *receive* by it: the ID in the path is the asker's. So between two
members there are four streams, two in each direction.

Source: etcd 3.4 etcdserver/api/rafthttp/http.go, etcdserver/api/etcdhttp/peer.go.

Differs: a message of a removed member is refused by 403, so that it learns what happened and stops;
etcd 3.4 answers 500.

Left out: `/leases` and the other paths of etcd's v3 interface; they are answered by 404.

Next page: `learnetcd/api/`.
"""

from __future__ import annotations

import json

from learnetcd.api import pages
from learnetcd.api.http import HttpRequest, HttpResponse
from learnetcd.api.version import version_of
from learnetcd.member import cluster
from learnetcd.member.cluster import ClusterMember
from learnetcd.member.member import Member
from learnetcd.peer import delivery, messages
from learnetcd.peer.handshake import (
    REQUEST_CHECKS,
    STREAM_CHECKS,
    Caller,
    Check,
    Local,
    Refusal,
    id_of,
    refusal,
)
from learnetcd.peer.streams import Kind
from learnetcd.raft.messages import Message
from learnetcd.store import timestamp
from learnetcd.value import dataclass
from learnetcd.wire.protobuf import Malformed

STREAM = "/raft/stream/"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message for the member; the answer says no more than that it arrived."""

    message: Message | None
    """None for the heartbeat of a link."""
    response: HttpResponse


@dataclass(frozen=True, slots=True)
class Attachment:
    """A stream that another member has opened, to be written to for as long as it lasts."""

    kind: Kind
    receiver: int
    response: HttpResponse
    """Its head."""


Answered = HttpResponse | Delivery | Attachment


class Endpoints:
    """The peer port of one member."""

    __slots__ = ("local", "member")

    def __init__(self, member: Member, local: Local) -> None:
        """Answer for a member."""
        self.member = member
        self.local = local

    def handle(self, request: HttpRequest) -> Answered:
        """Answer a request, or say what the member is to be handed."""
        path = request.path
        if path.startswith(STREAM):
            return self._only("GET", request) or self._stream(request)
        match path:
            case "/raft":
                return self._only("POST", request) or self._message(request)
            case "/raft/snapshot":
                return self._only("POST", request) or self._snapshot(request)
            case "/raft/probing":
                return self._probing()
            case "/members":
                return self._only("GET", request) or self._members()
            case "/version":
                return self._only("GET", request) or version_of(self.member.store)
            case _:
                return pages.not_found()

    def _only(self, method: str, request: HttpRequest) -> HttpResponse | None:
        return None if request.method == method else pages.not_allowed(method)

    # -- raft ---------------------------------------------------------------------------------

    def _message(self, request: HttpRequest) -> Answered:
        if refused := self._check(REQUEST_CHECKS, Caller(request.headers, self.local)):
            return refused
        try:
            message = messages.decode(request.body)
        except Malformed:
            return self._refused(Refusal(400, "error unmarshalling raft message"))
        return self._delivered(message)

    def _snapshot(self, request: HttpRequest) -> Answered:
        if refused := self._check(REQUEST_CHECKS, Caller(request.headers, self.local)):
            return refused
        try:
            return self._delivered(delivery.unpacked(request.body))
        except Malformed as error:
            return self._refused(Refusal(400, f"failed to decode raft message ({error})"))

    def _delivered(self, message: Message | None) -> Answered:
        if message is not None and message.sender in cluster.removed(self.member.store):
            return self._refused(Refusal(403, "cannot process message from removed member"))
        return Delivery(message, HttpResponse(204, self._headers()))

    def _stream(self, request: HttpRequest) -> Answered:
        kind, _, sender = request.path.removeprefix(STREAM).rpartition("/")
        known = self.member.store
        caller = Caller(
            request.headers,
            self.local,
            sender=id_of(sender),
            members=[member.id for member in cluster.members(known)],
            removed=cluster.removed(known),
        )
        if refused := self._check(REQUEST_CHECKS, caller):
            return refused
        if kind not in {one.value for one in Kind}:
            return self._refused(Refusal(404, "invalid path"))
        if refused := self._check(STREAM_CHECKS, caller):
            return refused
        assert caller.sender is not None, "the checks let nobody pass without an id"
        head = HttpResponse(200, tuple(self.local.stream_headers.items()))
        return Attachment(Kind(kind), caller.sender, head)

    # -- for those who join -----------------------------------------------------------------------

    def _probing(self) -> HttpResponse:
        now = timestamp.written(self.member.wall_ns)
        return pages.text(f'{{"OK":true,"Now":"{now}"}}\n')

    def _members(self) -> HttpResponse:
        listed = [described(member) for member in cluster.members(self.member.store)]
        body = json.dumps(listed, separators=(",", ":"), ensure_ascii=False)
        return HttpResponse(200, (pages.JSON, *self._headers()), f"{body}\n".encode())

    # -- small things -------------------------------------------------------------------------

    def _check(self, checks: tuple[Check, ...], caller: Caller) -> HttpResponse | None:
        refused = refusal(checks, caller)
        return None if refused is None else self._refused(refused)

    def _refused(self, refused: Refusal) -> HttpResponse:
        return pages.refusal(refused.status, refused.reason, *self._headers())

    def _headers(self) -> tuple[tuple[str, str], ...]:
        return tuple(self.local.answer_headers.items())


def described(member: ClusterMember) -> dict[str, object]:
    """A member as the peer port tells of it; here, ids are numbers."""
    told: dict[str, object] = {"id": member.id, "peerURLs": list(member.peer_urls)}
    if member.is_learner:
        told["isLearner"] = True
    if member.name:
        told["name"] = member.name
    if member.client_urls:
        told["clientURLs"] = list(member.client_urls)
    return told


def read_members(body: bytes) -> tuple[ClusterMember, ...]:
    """Read what `GET /members` of another member answered; ValueError if it is something else."""
    told = json.loads(body)
    if not isinstance(told, list):
        raise ValueError(f"a list of members was expected, not {body[:60]!r}")
    try:
        return tuple(
            ClusterMember(
                int(one["id"]),
                one.get("name", ""),
                tuple(one.get("peerURLs") or ()),
                tuple(one.get("clientURLs") or ()),
                one.get("isLearner") is True,
            )
            for one in told
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"this is no list of members: {body[:60]!r}") from error
