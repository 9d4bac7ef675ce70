"""Fresh reads without a log entry: the read index.

    read?   S1: commit index is 7. Do I still lead?   -- Heartbeat round 3 -->  S2, S3
                                                      <-- reply round 3 --      S2
            a quorum answered a heartbeat that was sent after the question: nobody else can have
            committed anything before it. Apply up to 7, then answer.

Two conditions: the leader has committed an entry of its own term (else its commit index may lag
behind what the leader before it committed), and a quorum confirms it after the question. Rounds are
numbered by a counter that is private to the leader's term; an acknowledged round releases every
read of that round and before.

Source: Raft §8; Thesis §6.4, §6.4.1 for leases; etcd-io/raft pull request 397 for the counter (the
client's own id in its place confirmed a repeated question by an old answer: etcd #20418).

Differs: etcd/raft answers at once when the leader is the only voter; here it, too, must have
committed an entry of its own term, because after a restart its commit index may have been lost.

Next page: `learnetcd/invariants/`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learnetcd.raft import replication
from learnetcd.raft.config import ReadOption
from learnetcd.raft.entry import NO_MEMBER
from learnetcd.raft.messages import ForwardRead, ForwardReadReply
from learnetcd.raft.quorum import joint_committed_index
from learnetcd.raft.roles import Follower, Leader, PendingRead
from learnetcd.raft.rules import ReadFacts
from learnetcd.raft.work import ReadReady
from learnetcd.tracing import Verdict
from learnetcd.tracing.membership import ReadDropped, ReadForwarded, ReadIndexGiven, ReadWaits

if TYPE_CHECKING:
    from learnetcd.raft.raft import Raft


def ask(raft: Raft, context: int) -> None:
    """Ask for a read index: of oneself as leader, else of the leader."""
    match raft.role:
        case Leader():
            ask_leader(raft, raft.id, context)
        case Follower(leader=leader) if leader != NO_MEMBER:
            raft.send(ForwardRead(raft.id, leader, 0, context))
            raft.trace(ReadForwarded(leader))
        case _:
            raft.trace(ReadDropped())


def ask_leader(raft: Raft, asker: int, context: int) -> None:
    """Answer a question as leader: now, after a round of heartbeats, or after the first commit."""
    leader = raft.role
    if not isinstance(leader, Leader):
        raft.trace(ReadDropped())
        return
    rule = raft.config.rules.serve_read
    by_lease = raft.config.read_option is ReadOption.LEASE
    alone = raft.configuration.voters == (raft.id,) and not raft.configuration.joint
    now = rule.verdict(read_facts(raft, confirmed=by_lease or alone, lease=by_lease))
    if now.allowed:
        give_out(raft, asker, context, raft.log.commit_index, now)
    elif rule.allows(read_facts(raft, confirmed=True)):
        leader.read_round += 1
        commit_index = raft.log.commit_index
        leader.pending_reads.append(PendingRead(leader.read_round, asker, context, commit_index))
        leader.confirmed_rounds[raft.id] = leader.read_round
        raft.trace(ReadWaits(now, leader.read_round))
        replication.broadcast_heartbeat(raft)
    else:
        leader.early_reads.append((asker, context))
        raft.trace(ReadWaits(now, 0))


def read_facts(raft: Raft, confirmed: bool, lease: bool = False) -> ReadFacts:
    """Gather what the rule of serving reads looks at."""
    commit_term = raft.log.term_at(raft.log.commit_index) or 0
    return ReadFacts(raft.term, commit_term, confirmed, lease)


def take_confirmation(raft: Raft, member: int, read_round: int) -> None:
    """A member answered a heartbeat of this round."""
    leader = raft.role
    if not isinstance(leader, Leader) or not leader.pending_reads or read_round == 0:
        return
    rounds = leader.confirmed_rounds
    rounds[member] = max(rounds.get(member, 0), read_round)
    release_reads(raft, leader)


def release_reads(raft: Raft, leader: Leader) -> None:
    """Give out every read index whose round a quorum has confirmed."""
    configuration, rounds = raft.configuration, leader.confirmed_rounds
    confirmed = joint_committed_index(configuration.voters, configuration.outgoing, rounds)
    while leader.pending_reads and leader.pending_reads[0].read_round <= confirmed:
        read = leader.pending_reads.popleft()
        verdict = raft.config.rules.serve_read.verdict(read_facts(raft, confirmed=True))
        give_out(raft, read.asker, read.context, read.read_index, verdict)


def release_early_reads(raft: Raft) -> None:
    """Ask again the questions that came before an entry of this term was committed."""
    leader = raft.role
    if isinstance(leader, Leader) and leader.early_reads:
        early, leader.early_reads = leader.early_reads, []
        for asker, context in early:
            ask_leader(raft, asker, context)


def give_out(
    raft: Raft, asker: int, context: int, read_index: int, verdict: Verdict[ReadFacts]
) -> None:
    """Tell whoever asked up to where it must apply."""
    if asker == raft.id:
        raft.ready_reads.append(ReadReady(context, read_index))
    else:
        raft.send(ForwardReadReply(raft.id, asker, raft.term, context, read_index))
    raft.trace(ReadIndexGiven(asker, read_index, verdict))


def take_read_reply(raft: Raft, reply: ForwardReadReply) -> None:
    """The leader told this follower up to where it must apply."""
    raft.ready_reads.append(ReadReady(reply.context, reply.read_index))
