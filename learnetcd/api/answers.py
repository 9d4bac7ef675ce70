"""Answers: what a client is told about its key.

    done       200, or 201 for a key that is new     {"action":"set","node":{...}}
    refused    400, 403, 404, 412 ...                {"errorCode":100,"message":"Key not found",...}
    unknown    500                                   {"errorCode":300,...}: it may have happened
    waiting    200, and a body without an end        each event in a line, when there is one

The headers say how far this member was: `X-Etcd-Index` counts the writes of the store,
`X-Raft-Index` and `X-Raft-Term` the log. Who reads a key and then watches it from the next etcd
index on misses nothing:

    GET /v2/keys/x                               X-Etcd-Index: 7
    GET /v2/keys/x?wait=true&waitIndex=8         whatever comes after that

**Unknown** is said with the reason that seems likely. That the leader failed is known to the member
(`learnetcd.member.proposing`); that a connection was lost, here: this member was not connected to
the leader all the while, or not to a quorum, where it leads itself.

A watcher has the head of its answer at once, so that it knows that it is heard. Its body ends after
the first event; that of a stream does not end.

Source: etcd 3.4 etcdserver/api/v2http/client.go (writeKeyEvent, handleKeyWatch),
etcdserver/api/v2error/error.go (the status of each code); etcdserver/server.go,
parseProposeCtxErr.

Next page: `keys`.
"""

from __future__ import annotations

from dataclasses import replace

from learnetcd.api.call import Call
from learnetcd.api.http import Headers, HttpResponse
from learnetcd.api.pages import JSON
from learnetcd.member import cluster as members_of
from learnetcd.member.proposing import TIMED_OUT
from learnetcd.member.request import Answer, Outcome
from learnetcd.raft.entry import NO_MEMBER
from learnetcd.raft.quorum import majority
from learnetcd.store import wording
from learnetcd.store.errors import (
    COMPARE_FAILED,
    DIRECTORY_NOT_EMPTY,
    KEY_EXISTS,
    KEY_NOT_FOUND,
    NOT_A_FILE,
    RAFT_INTERNAL,
    UNAUTHORIZED,
    EtcdError,
)
from learnetcd.store.event import Event

STATUS = {
    KEY_NOT_FOUND: 404,
    COMPARE_FAILED: 412,
    NOT_A_FILE: 403,
    KEY_EXISTS: 412,
    DIRECTORY_NOT_EMPTY: 403,
    UNAUTHORIZED: 401,
    RAFT_INTERNAL: 500,
}
"""By code; all others have 400."""

WRITTEN = {"set", "create", "update", "compareAndSwap"}
"""What was done by a client that sent the value, and may not want it back."""

CONNECTION_LOST = f"{TIMED_OUT}, possibly due to connection lost"


def told(cluster: tuple[str, str], spares_node: bool, answer: Answer) -> HttpResponse:
    """What a client is told, in the cluster that the header names."""
    event = answer.event
    if event is not None:
        status = 201 if event.created else 200
        body = f"{words(event, spares_node)}\n".encode()
        return HttpResponse(status, headers(cluster, answer), body)
    if answer.outcome is Outcome.WAITING:
        return HttpResponse(200, headers(cluster, answer))
    assert answer.error is not None, f"neither an event nor an error: {answer}"
    return refused(cluster, answer.error)


def words(event: Event, spares_node: bool) -> str:
    """The event as JSON; of a write only the action, if the client wants no more."""
    if spares_node and event.action in WRITTEN:
        return f'{{"action":"{event.action}"}}'
    return wording.event(event)


def headers(cluster: tuple[str, str], answer: Answer) -> Headers:
    """How far the member was."""
    return (
        JSON,
        cluster,
        ("X-Etcd-Index", str(answer.etcd_index)),
        ("X-Raft-Index", str(answer.raft_index)),
        ("X-Raft-Term", str(answer.raft_term)),
    )


def refused(cluster: tuple[str, str], error: EtcdError) -> HttpResponse:
    """Why it was not done."""
    index = ("X-Etcd-Index", str(error.index))
    body = f"{wording.error(error)}\n".encode()
    return HttpResponse(STATUS.get(error.code, 400), (JSON, cluster, index), body)


def notice(event: Event) -> bytes:
    """What a watcher is told of an event."""
    return f"{wording.event(event)}\n".encode()


# -- unknown ----------------------------------------------------------------------------------


def with_reason(call: Call, waited_s: float, answer: Answer) -> Answer:
    """The answer to a call that waited for so long; if it did in vain, with the likely reason."""
    error = answer.error
    if error is None or error.cause != TIMED_OUT or was_connected(call, waited_s):
        return answer
    return replace(answer, error=EtcdError(error.code, CONNECTION_LOST, error.index))


def was_connected(call: Call, seconds: float) -> bool:
    """Whether for so long nothing came between this member and those who decide."""
    member, connected_for_s = call.member, call.facts.connected_for_s
    leader = member.raft.leader
    if leader == NO_MEMBER:
        return True  # there is nobody to be connected to
    if leader != member.id:
        return connected_for_s(leader) > seconds
    members = [one.id for one in members_of.members(member.store)]
    connected = [one for one in members if one == member.id or connected_for_s(one) > seconds]
    return len(connected) >= majority(len(members))
