"""Health: whether the cluster, asked through this member, would get something done.

    GET /health     200 {"health":"true"}        503 {"health":"false"}

A member that merely runs is not healthy: it must know a leader, and an entry must get through the
log. So the question is a quorum read, which costs an entry, and writes nothing.

Source: etcd 3.4 etcdserver/api/etcdhttp/metrics.go, checkHealth.

Next page: `version`.
"""

from __future__ import annotations

from learnetcd.api.call import Call
from learnetcd.api.http import HttpResponse, Result, Submission
from learnetcd.api.pages import refusal, text
from learnetcd.member.request import Answer, KeyRequest, Method, Outcome, ReadKind

PATIENCE_MS = 1000
"""Who asks for the health wants an answer soon."""


def health(call: Call) -> Result:
    """GET /health."""
    if not call.member.raft.leader:
        return verdict(is_healthy=False)
    question = KeyRequest(Method.GET, "/", read=ReadKind.QUORUM)
    return Submission(question, verdict_of, patience_ms=PATIENCE_MS)


def verdict_of(answer: Answer) -> HttpResponse:
    """Whatever was answered: somebody answered."""
    return verdict(is_healthy=answer.outcome is not Outcome.UNKNOWN)


def verdict(*, is_healthy: bool) -> HttpResponse:
    """Say it."""
    return text('{"health":"true"}') if is_healthy else refusal(503, '{"health":"false"}')
