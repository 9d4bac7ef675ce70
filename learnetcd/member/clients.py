r"""The clients who wait: what is done with a request, and when its answer may leave.

    GET  local     answered at once, from this member's own store: may be old
    GET  index     ask the leader for a read index; answered when it is applied here
    GET  quorum    \
    any write       > propose it; answered when its entry is applied here
    change          /
    watch              told at once that it waits, and of events when there are any (`watching`)

A client is answered by the member that it asked, and only after *that* member has applied the
entry (Raft §5.3; etcd's wait list). So whoever got an answer and asks the same member again sees
what it wrote. The request id travels along, in the bytes of a command or in the context of a
change: by that the member knows its own client's entry when it comes by.

A proposal may get lost on the way to the leader, or the leader may lose its office. Nobody will
ever say so: the client waits until its time-out, and is then told that the outcome is *unknown*. It
must not be told "failed", because the entry may still be in some log, and be committed later.

Source: etcd 2.3 etcdserver/server.go, Do; Thesis §6.4 for the read index.

Left out: recognising a request that is sent twice (Raft §8 has clients number theirs). etcd's v2
interface has compare-and-swap for those who must not repeat a write.

Next page: `proposing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from learnetcd.member import proposing, watching
from learnetcd.member.command import Command, deadline_after
from learnetcd.member.effects import Effect, Reply
from learnetcd.member.execution import for_client, result_of
from learnetcd.member.request import (
    Answer,
    AuthRequest,
    ClusterRequest,
    KeyRequest,
    MembershipRequest,
    Method,
    Outcome,
    ReadKind,
    Request,
    WatchRequest,
    stamped,
)
from learnetcd.raft.work import ReadReady
from learnetcd.store.errors import EtcdError
from learnetcd.store.event import Event
from learnetcd.tracing.clients import (
    LocalReadAnswered,
    ReadAnswerWaits,
    RequestAnswered,
    RequestForgotten,
    RequestReceived,
    RequestTimedOut,
    WatchBegan,
)
from learnetcd.value import dataclass

if TYPE_CHECKING:
    from learnetcd.member.member import Member


@dataclass(frozen=True, slots=True)
class Waiting:
    """A client who waits for an answer."""

    request_id: int
    request: Request
    since_ms: int
    """The member's clock when it asked."""


# -- asking -----------------------------------------------------------------------------------


def submit(member: Member, request_id: int, request: Request, effects: list[Effect]) -> bool:
    """Take a request: answer it, or let it wait for the log. True if the core was asked to act."""
    member.trace(RequestReceived(request_id, request))
    match request:
        case KeyRequest(answered_locally=True):
            result = read(member, request)
            reply(member, request_id, request, result, effects, told=LocalReadAnswered)
        case KeyRequest(method=Method.GET, read=ReadKind.INDEX):
            wait(member, request_id, request)
            member.raft.read(request_id)  # unique in the run: no old answer can be taken for it
            return True
        case KeyRequest() | ClusterRequest() | AuthRequest():
            wait(member, request_id, request)
            payload = command_of(member, request_id, request).encode()
            return proposing.propose(member, request_id, payload)
        case MembershipRequest():
            wait(member, request_id, request)
            return proposing.propose(member, request_id, stamped(request.change, request_id))
        case WatchRequest():
            watch(member, request_id, request, effects)
        case _:
            assert_never(request)
    return False


def read(member: Member, request: KeyRequest) -> Event | EtcdError:
    """Look into this member's own store."""
    return for_client(result_of(member.store, request, now_ns=member.wall_ns))


def command_of(
    member: Member, request_id: int, request: KeyRequest | ClusterRequest | AuthRequest
) -> Command:
    """A request as it goes through the log: with a deadline, where it has a time to live."""
    if isinstance(request, KeyRequest) and request.ttl is not None:
        return Command(request_id, request, deadline_after(member.wall_ns, request.ttl))
    return Command(request_id, request)


def watch(member: Member, request_id: int, request: WatchRequest, effects: list[Effect]) -> None:
    """Let a client watch a key, or tell it that it comes too late."""
    try:
        event = watching.begin(member, request_id, request)
    except EtcdError as error:
        reply(member, request_id, request, error.with_traceback(None), effects)
        return
    waits = Answer(
        Outcome.WAITING,
        raft_index=member.applied_index,
        raft_term=member.raft.term,
        etcd_index=member.store.etcd_index,
    )
    effects.append(Reply(request_id, waits))
    member.trace(WatchBegan(request_id, request))
    if event is not None:
        watching.tell_one(member, request_id, event, effects, done=not request.stream)


def forget(member: Member, request_id: int) -> None:
    """A client went away: nobody is to be told any more."""
    if request_id in member.watchers or request_id in member.waiting:
        member.trace(RequestForgotten(request_id))
    member.watchers.cancel(request_id)
    member.waiting.pop(request_id, None)
    member.held.pop(request_id, None)
    member.fresh_reads.pop(request_id, None)


def wait(member: Member, request_id: int, request: Request) -> None:
    """Remember the client."""
    assert request_id not in member.waiting, f"request {request_id} was submitted twice"
    member.waiting[request_id] = Waiting(request_id, request, member.now_ms)


# -- answering --------------------------------------------------------------------------------


def answer_waiting(
    member: Member, request_id: int, result: Event | EtcdError | None, effects: list[Effect]
) -> None:
    """Answer a request whose entry was applied, if it was asked here and the client still waits."""
    waiting = member.waiting.pop(request_id, None)
    if waiting is not None:
        reply(member, request_id, waiting.request, result, effects)


def reply(
    member: Member,
    request_id: int,
    request: Request,
    result: Event | EtcdError | None,
    effects: list[Effect],
    told: type[RequestAnswered] = RequestAnswered,
) -> None:
    """Tell a client what came of its request."""
    event, error = (None, result) if isinstance(result, EtcdError) else (result, None)
    answer = Answer(
        Outcome.DONE if error is None else Outcome.REFUSED,
        event,
        error,
        member.applied_index,
        member.raft.term,
        member.store.etcd_index,
    )
    effects.append(Reply(request_id, answer))
    member.trace(told(request_id, request, answer))


# -- fresh reads ------------------------------------------------------------------------------


def take_read_index(member: Member, ready: ReadReady, effects: list[Effect]) -> None:
    """A read may be answered once the store is as far as the leader's log was committed."""
    if ready.context not in member.waiting:
        return  # it timed out
    member.fresh_reads[ready.context] = ready.read_index
    if ready.read_index > member.applied_index:
        member.trace(ReadAnswerWaits(ready.context, ready.read_index, member.applied_index))
    answer_fresh_reads(member, effects)


def answer_fresh_reads(member: Member, effects: list[Effect]) -> None:
    """Answer the reads for which this store is fresh enough by now."""
    if not member.fresh_reads:
        return
    applied_index = member.applied_index
    for request_id, read_index in list(member.fresh_reads.items()):
        if read_index <= applied_index:
            del member.fresh_reads[request_id]
            request = member.waiting[request_id].request
            assert isinstance(request, KeyRequest), f"request {request_id} is no read: {request}"
            answer_waiting(member, request_id, read(member, request), effects)


# -- giving up --------------------------------------------------------------------------------


def earliest_timeout(member: Member) -> int | None:
    """When the client who has waited longest gives up; None when nobody waits."""
    # All wait equally long and time never falls, so whoever came first is the first to give up.
    for waiting in member.waiting.values():
        return waiting.since_ms + member.config.request_timeout_ms
    return None


def expire(member: Member, effects: list[Effect]) -> None:
    """Tell those who have waited too long that nobody knows."""
    timeout_ms = member.config.request_timeout_ms
    while (due := earliest_timeout(member)) is not None and due <= member.now_ms:
        waiting = member.waiting.pop(next(iter(member.waiting)))
        member.held.pop(waiting.request_id, None)
        member.fresh_reads.pop(waiting.request_id, None)
        timed_out = proposing.timed_out(member, waiting.since_ms)
        effects.append(Reply(waiting.request_id, Answer(Outcome.UNKNOWN, error=timed_out)))
        member.trace(RequestTimedOut(waiting.request_id, waiting.request, timeout_ms))
