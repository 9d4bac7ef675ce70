"""Stats: three small reports about one member, older than `/metrics` and simpler to read.

    GET /v2/stats/self      who it is, what it does, since when, and who leads
    GET /v2/stats/leader    how its followers answer; 403 from who does not lead
    GET /v2/stats/store     how often the store was asked for what

Source: etcd 3.4 etcdserver/api/v2stats, etcdserver/api/v2http/client.go (statsHandler).

How quickly a follower *acknowledges* is in none of them, nor in etcd's: what `latency` tells is how
many milliseconds it took to hand it an append.

Differs: as failures we count all messages that could not be delivered, etcd only appends.

Left out: the rates of bytes that come and go, which etcd leaves out too while they are 0.

Next page: `metrics`.
"""

from __future__ import annotations

from decimal import Decimal

from learnetcd.api.call import Call
from learnetcd.api.http import HttpResponse
from learnetcd.api.meters import Deliveries
from learnetcd.api.pages import json_page, message
from learnetcd.member.cluster import name_of
from learnetcd.raft.entry import NO_MEMBER
from learnetcd.raft.roles import Candidate, Follower, Leader, Role
from learnetcd.store import timestamp
from learnetcd.store.node import SECOND_NS
from learnetcd.store.wording import fields, string


def self_stats(call: Call) -> HttpResponse:
    """GET /v2/stats/self."""
    member, meters = call.member, call.facts.meters
    meters.look_who_leads(member)
    since_ns = meters.leader_since_ns
    leader = [
        ("leader", string(name_of(meters.leader) if meters.leader != NO_MEMBER else "")),
        ("uptime", string(duration(member.wall_ns - since_ns if since_ns else 0))),
        ("startTime", string(timestamp.written(since_ns))),
    ]
    return json_page(
        fields(
            [
                ("name", string(call.facts.name)),
                ("id", string(name_of(member.id))),
                ("state", string(state(member.raft.role))),
                ("startTime", string(timestamp.written(call.facts.started_ns))),
                ("leaderInfo", fields(leader)),
                ("recvAppendRequestCnt", str(meters.appends_received)),
                ("sendAppendRequestCnt", str(meters.appends_sent)),
            ]
        )
    )


def leader_stats(call: Call) -> HttpResponse:
    """GET /v2/stats/leader."""
    member = call.member
    if not isinstance(member.raft.role, Leader):
        return message(403, "not current leader")
    by_name = {name_of(one): told for one, told in call.facts.meters.followers.items()}
    followers = fields((name, follower(by_name[name])) for name in sorted(by_name))
    return json_page(fields([("leader", string(name_of(member.id))), ("followers", followers)]))


def follower(deliveries: Deliveries) -> str:
    """How appends leave for one of them."""
    latency = [
        ("current", number(deliveries.current)),
        ("average", number(deliveries.average)),
        ("standardDeviation", number(deliveries.standard_deviation)),
        ("minimum", number(deliveries.minimum)),
        ("maximum", number(deliveries.maximum)),
    ]
    counts = [("fail", str(deliveries.failed)), ("success", str(deliveries.succeeded))]
    return fields([("latency", fields(latency)), ("counts", fields(counts))])


def store_stats(call: Call) -> HttpResponse:
    """GET /v2/stats/store."""
    member = call.member
    counters = member.statistics
    return json_page(fields((name, str(count)) for name, count in counters.items()))


# -- words ------------------------------------------------------------------------------------


def state(role: Role) -> str:
    """A role, as etcd calls it."""
    match role:
        case Follower():
            return "StateFollower"
        case Candidate(pre_vote=True):
            return "StatePreCandidate"
        case Candidate():
            return "StateCandidate"
        case Leader():
            return "StateLeader"


def number(value: float) -> str:
    """A number with a fraction, as Go writes it in JSON: `0.00008`, and `8e-7` only below that."""
    if value and abs(value) < 1e-6:
        return repr(value).replace("e-0", "e-")
    return f"{Decimal(repr(value)):f}".removesuffix(".0")


def duration(ns: int) -> str:
    """A time span, as Go writes it: `1h2m3.5s`, `250ms`."""
    for unit, unit_ns in (("ns", 1000), ("µs", 1_000_000), ("ms", SECOND_NS)):
        if 0 < ns < unit_ns:
            return f"{trimmed(ns, unit_ns // 1000)}{unit}"
    minutes, ns = divmod(ns, 60 * SECOND_NS)
    hours, minutes = divmod(minutes, 60)
    whole = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{whole}{trimmed(ns, SECOND_NS)}s"


def trimmed(ns: int, unit_ns: int) -> str:
    """A number of units, without zeros behind it."""
    whole, fraction = divmod(ns, unit_ns)
    digits = f"{fraction:0{len(str(unit_ns)) - 1}}".rstrip("0") if fraction else ""
    return f"{whole}.{digits}" if digits else str(whole)
