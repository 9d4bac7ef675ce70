"""Members: who belongs to the cluster, and how that is changed.

    GET     /v2/members             all of them
    GET     /v2/members/leader      the one that leads; 503 while nobody does
    POST    /v2/members             {"peerURLs":["http://10.0.0.2:2380"]}    add one         201
    PUT     /v2/members/ID          the same; it has moved there                             204
    DELETE  /v2/members/ID          remove it                                                204
    GET     /v2/machines            the client URLs of all, for clients of etcd 0.4

A change goes through the log, and whether it may act is decided when it is applied, for another
change may have come before it. One question is asked before, because afterwards it would be too
late: can those who are there decide anything then? A member counts from the moment at which it is
added, but is of no help until somebody has started it. And whoever was connected only a moment ago
may be gone the next one: a member is trusted to be there after five seconds without a break.

Source: etcd 3.4 etcdserver/api/v2http/client.go (membersHandler), etcdserver/server.go
(mayAddMember, mayRemoveMember), etcdserver/api/membership/cluster.go (IsReadyToAddVotingMember).

Next page: `account_changes`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from learnetcd.api.call import Call
from learnetcd.api.credentials import NOT_ALLOWED, if_root
from learnetcd.api.http import HttpResponse, Result, Submission
from learnetcd.api.pages import JSON, message, not_allowed, text
from learnetcd.api.peer_urls import NotUnderstood, peer_urls_in
from learnetcd.member import cluster, identity
from learnetcd.member.cluster import ClusterMember, name_of
from learnetcd.member.request import Answer, MembershipRequest, Outcome
from learnetcd.raft.configuration import Change, ChangeKind, ConfigChange
from learnetcd.raft.quorum import majority
from learnetcd.store.node import SECOND_NS
from learnetcd.store.wording import fields, string

PREFIX = "/v2/members"


def members(call: Call) -> Result:
    """Anything at or below /v2/members; only who has the role root may change something."""
    if call.request.method == "GET":
        return answered(call)
    return if_root(call.member, call.facts, call.request, partial(answered, call), NOT_ALLOWED)


def answered(call: Call) -> Result:
    """Read or change, in the cluster that the header names."""
    return found(call).plus((call.facts.cluster_header,))


def found(call: Call) -> Result:
    """The function for the method."""
    name = call.path[len(PREFIX) :].removeprefix("/")
    match call.request.method:
        case "GET":
            return listed(call, name)
        case "POST":
            return add(call)
        case _ if not name:
            return not_allowed()
        case "PUT":
            return update(call, name)
        case _:
            return remove(call, name)


def machines(call: Call) -> HttpResponse:
    """GET /v2/machines."""
    known = cluster.members(call.member.store)
    return text(", ".join(sorted(url for member in known for url in member.client_urls)))


# -- reading ----------------------------------------------------------------------------------


def listed(call: Call, name: str) -> HttpResponse:
    """All members, or the leader."""
    known = cluster.members(call.member.store)
    if not name:
        return page(200, fields([("members", f"[{','.join(map(written, known))}]")]))
    if name != "leader":
        return message(404, "Not found")
    for member in known:
        if member.id == call.member.raft.leader:
            return page(200, written(member))
    return message(503, "During election")


def page(status: int, json: str) -> HttpResponse:
    """A JSON object in a line."""
    return HttpResponse(status, (JSON,), f"{json}\n".encode())


def written(member: ClusterMember) -> str:
    """A member as JSON."""
    return fields(
        [
            ("id", string(name_of(member.id))),
            ("name", string(member.name)),
            ("peerURLs", listed_urls(member.peer_urls)),
            ("clientURLs", listed_urls(member.client_urls)),
        ]
    )


def listed_urls(urls: Iterable[str]) -> str:
    """A list of URLs as JSON."""
    return f"[{','.join(map(string, urls))}]"


# -- changing ---------------------------------------------------------------------------------

ID_REMOVED = "membership: ID removed"
ID_NOT_FOUND = "membership: ID not found"
ID_EXISTS = "membership: ID exists"
URL_EXISTS = "membership: peerURL exists"


def add(call: Call) -> Result:
    """POST: the new member has an id, but no name as long as it was not started."""
    try:
        urls = peer_urls_in(call.request)
    except NotUnderstood as error:
        return message(error.status, str(error))
    if call.facts.strict_changes and not is_safe_to_add(call):
        return message(500, "Internal Server Error")
    member_id = identity.added_member_id(urls, call.member.wall_ns // SECOND_NS)
    member = ClusterMember(member_id, peer_urls=urls)
    done = page(201, written(member))
    refusals = {ID_EXISTS: message(409, ID_EXISTS), URL_EXISTS: message(409, URL_EXISTS)}
    return submission(ChangeKind.ADD_VOTER, member, done, refusals)


def update(call: Call, name: str) -> Result:
    """PUT: its peers shall look for it elsewhere."""
    unknown = message(404, f"No such member: {name}")
    member_id = id_named(name)
    if member_id is None:
        return unknown
    try:
        urls = peer_urls_in(call.request)
    except NotUnderstood as error:
        return message(error.status, str(error))
    member = ClusterMember(member_id, peer_urls=urls)
    refusals = {ID_NOT_FOUND: unknown, URL_EXISTS: message(409, URL_EXISTS)}
    return submission(ChangeKind.UPDATE, member, HttpResponse(204, ()), refusals)


def remove(call: Call, name: str) -> Result:
    """DELETE: for good, for its id never comes back."""
    unknown = message(404, f"No such member: {name}")
    member_id = id_named(name)
    if member_id is None:
        return unknown
    if call.facts.strict_changes and not is_safe_to_remove(call, member_id):
        return message(500, "Internal Server Error")
    gone = message(410, f"Member permanently removed: {name_of(member_id)}")
    refusals = {ID_NOT_FOUND: unknown, ID_REMOVED: gone}
    return submission(ChangeKind.REMOVE, ClusterMember(member_id), HttpResponse(204, ()), refusals)


def submission(
    kind: ChangeKind,
    member: ClusterMember,
    done: HttpResponse,
    refusals: dict[str, HttpResponse],
) -> Submission:
    """Let the cluster decide about a change."""
    told = b"" if kind is ChangeKind.REMOVE else cluster.context(member)
    change = ConfigChange((Change(kind, member.id),), context=told, legacy=True)
    return Submission(MembershipRequest(change), partial(decided, done, refusals))


def decided(done: HttpResponse, refusals: dict[str, HttpResponse], answer: Answer) -> HttpResponse:
    """What became of a change. Whatever has no answer of its own is called an error of ours."""
    if answer.outcome is Outcome.DONE:
        return done
    why = answer.error.cause if answer.error is not None else ""
    return refusals.get(why) or message(500, "Internal Server Error")


def id_named(name: str) -> int | None:
    """The id that a path names, in hexadecimal digits; None if it names none."""
    digits = "0123456789abcdefABCDEF"
    is_id = name and len(name.lstrip("0")) <= 16 and not set(name) - set(digits)
    return int(name, 16) if is_id else None


# -- what must not be lost --------------------------------------------------------------------

CONNECTED_S = 5
"""Who has been connected for so long is there (etcdserver/server.go, HealthInterval)."""


def is_safe_to_add(call: Call) -> bool:
    """Whether the others are there, and can decide without the new one."""
    known = cluster.members(call.member.store)
    voters = [member for member in known if not member.is_learner]
    return may_add(known) and connected(call, voters) == len(voters)


def is_safe_to_remove(call: Call, member_id: int) -> bool:
    """Whether the others are there, and can decide without the one that goes."""
    known = cluster.members(call.member.store)
    if not may_remove(known, member_id):
        return False
    voters = [member for member in known if not member.is_learner]
    # Who has no vote, or is gone already, is missed by nobody.
    has_no_vote = all(one.id != member_id for one in voters)
    is_gone = member_id != call.member.id and not call.facts.connected_for_s(member_id)
    return has_no_vote or is_gone or connected(call, voters) - 1 >= majority(len(voters) - 1)


def connected(call: Call, voters: Iterable[ClusterMember]) -> int:
    """How many of them are there, with the one that is asked."""
    return sum(
        one.id == call.member.id or call.facts.connected_for_s(one.id) > CONNECTED_S
        for one in voters
    )


def may_add(known: Iterable[ClusterMember]) -> bool:
    """Whether those who were started can decide without the new one."""
    voters = [member for member in known if not member.is_learner]
    started = sum(1 for member in voters if member.name)
    # etcd lets a cluster of one that has grown to two grow on, though the two can't decide: it is
    # how a cluster that was restored from a backup gets its members back.
    return (started, len(voters)) == (1, 2) or started >= majority(len(voters))


def may_remove(known: Iterable[ClusterMember], member_id: int) -> bool:
    """Whether those who were started can decide when it is gone."""
    voters = [one for one in known if not one.is_learner and one.id != member_id]
    started = sum(1 for one in voters if one.name)
    return any(one.id == member_id for one in known if one.is_learner) or (
        started >= majority(len(voters))
    )
