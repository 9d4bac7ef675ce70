"""Proposing: how a request gets to whoever leads, and what is said if nothing comes back.

    S1 leads, and dies      PUT a   proposed at S2, sent to S1: lost, and nobody will ever say so
    nobody leads            PUT b   held at S2
    S3 is elected           PUT b   proposed now
    7 s after it was asked  PUT a   "request timed out, possibly due to previous leader failure"

A member of a cluster without a leader has nobody to propose to. So it waits: an election takes a
second or two, and a client sees a slow answer in place of an error. What was proposed is another
matter. It may be in a log somewhere, so it must not be proposed once more: it might happen twice.

**Together.** While the disk is busy, what comes waits for it, and is proposed as one:

    disk       sync (5) ............ | sync (6 7 8) ............ | sync (9 10 11 12)
    proposed   5                     | 6 7 8                     | 9 10 11 12
    comes        PUT b, PUT c, PUT d |  PUT e, PUT f ...

Nobody waits longer for that: entries 6 to 8 could be on the disk no sooner, and nobody is answered
before they are. But one append with three entries costs this member and each of the others hardly
more than one with one: it is sent, written, acknowledged and committed once.

**For others.** While a leader hands over, members that still take it for the leader send it what
their clients ask. It holds that as well, and passes it on to whoever leads next: so when a leader
is stopped gently, nobody's request is lost.

Who waits in vain is told what may be the reason, if the member knows one: that a new leader was
found not long after the request came. How long is "not long": as long as it may take to notice that
a leader is gone, and to elect another one, two election timeouts. (That a connection was lost is a
reason, too; but connections are known to others: `learnetcd.api.answers`.)

Source: etcd 3.4 raft/node.go (run: no proposals are taken while nobody leads, of others neither),
etcdserver/server.go (parseProposeCtxErr); Thesis §10.2.2 for the batches.

Differs: etcd makes an append of each proposal, and drops what comes while a leader hands over.

Next page: `saving`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learnetcd.raft.configuration import ConfigChange
from learnetcd.raft.entry import NO_MEMBER
from learnetcd.raft.messages import ForwardProposal
from learnetcd.raft.replication import ProposalRefused, refusal
from learnetcd.store.errors import RAFT_INTERNAL, EtcdError
from learnetcd.tracing.clients import ProposalHeld

if TYPE_CHECKING:
    from learnetcd.member.member import Member

TIMED_OUT = "etcdserver: request timed out"
LEADER_FAILED = f"{TIMED_OUT}, possibly due to previous leader failure"


def propose(member: Member, request_id: int, payload: bytes | ConfigChange) -> bool:
    """Let a command or a change be proposed: now (True), or when there is no reason to wait."""
    member.held[request_id] = payload
    reason = why_to_wait(member)
    if reason:
        member.trace(ProposalHeld(request_id, reason))
    else:
        propose_what_is_held(member)
    return not reason


def take_forwarded(member: Member, message: ForwardProposal) -> None:
    """Propose what another member passes on, now or when somebody leads."""
    if member.config.hold_proposals and refusal(member.raft):
        member.held_for_others += message.payloads
    else:
        member.raft.step(message)


def why_to_wait(member: Member) -> str:
    """Why nothing is proposed now; empty if there is no reason."""
    if not member.config.hold_proposals:
        return ""
    return refusal(member.raft) or ("its disk is busy" if member.unsaved else "")


def propose_what_is_held(member: Member) -> None:
    """Hand all that was held to the core, as one proposal."""
    held, member.held = member.held, {}
    for_others, member.held_for_others = member.held_for_others, []
    try:
        member.raft.propose(*held.values(), *for_others)
    except ProposalRefused:
        # The core says why to whoever watches; the client hears of it by its time-out.
        if member.config.hold_proposals:
            member.held, member.held_for_others = held, for_others


def look_who_leads(member: Member) -> None:
    """Note a new leader, and propose what was held until now."""
    leader = member.raft.leader
    if leader != member.known_leader:
        member.known_leader = leader
        if leader != NO_MEMBER:
            member.leader_since_ms = member.now_ms
    if (member.held or member.held_for_others) and not why_to_wait(member):
        propose_what_is_held(member)


def timed_out(member: Member, since_ms: int) -> EtcdError:
    """What a client is told who has waited in vain since then."""
    election_ms = member.config.election_ticks * member.config.tick_ms
    found_ms = member.leader_since_ms
    leader_failed = found_ms is not None and found_ms - 2 * election_ms < since_ms < found_ms
    return EtcdError(RAFT_INTERNAL, LEADER_FAILED if leader_failed else TIMED_OUT, 0)
