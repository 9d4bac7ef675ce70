"""One member's Raft core: facts go in by method calls, work comes out by `poll()`.

    raft = Raft(1, PROFILES["paper"], Stored(Snapshot(0, 0, Configuration((1, 2, 3)))), seed=7)
    raft.campaign()                      # or step(message), propose(b"..."), fire_timer() ...
    while work := raft.poll():
        ...                              # send work.send; save work.save, then raft.saved(batch);
                                         # apply work.apply, then raft.applied(index)

It has no thread, clock, socket, disk or random source, so the same calls always give the same work.
This page keeps what every role has and sorts messages by term (Raft §5.1). The argument itself is
told by the pages that it calls: `promises`, `election`, `replication`, `compaction`, `membership`,
`transfer`, `reads`.

Time is counted in ticks. `elapse_to(now)` lets time pass, and fires nothing; `deadline()` says when
the next timer is due and `fire_timer()` fires what is due. A host that prefers single ticks calls
`tick()`.

Next page: `promises`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from learnetcd.raft import (
    compaction,
    election,
    membership,
    promises,
    reads,
    replication,
    transfer,
)
from learnetcd.raft.config import Config
from learnetcd.raft.configuration import ConfigChange, Configuration
from learnetcd.raft.entry import NO_MEMBER, Snapshot, Stored
from learnetcd.raft.log import RaftLog
from learnetcd.raft.messages import (
    AppendEntries,
    AppendEntriesReply,
    ForwardProposal,
    ForwardRead,
    ForwardReadReply,
    ForwardTransfer,
    Heartbeat,
    HeartbeatReply,
    InstallSnapshot,
    Message,
    RequestPreVote,
    RequestPreVoteReply,
    RequestVote,
    RequestVoteReply,
    TimeoutNow,
)
from learnetcd.raft.roles import Candidate, Follower, Leader, Role
from learnetcd.raft.rules import MemoryFacts, Rules
from learnetcd.raft.work import ReadReady, Work
from learnetcd.tracing import TraceEvent, Tracer, discard
from learnetcd.tracing.elections import CandidateIgnored, OldTermIgnored

FromLeader = AppendEntries | Heartbeat | InstallSnapshot
"""Only a leader says these: who hears one in a term knows who leads it."""


class Raft:
    """The consensus core of one member."""

    __slots__ = (
        "batches",
        "config",
        "configuration",
        "draws",
        "election_started_at",
        "election_timeout",
        "handed_out",
        "heartbeat_started_at",
        "id",
        "last_batch",
        "last_change_index",
        "log",
        "looked_to",
        "now",
        "outbox",
        "promises",
        "ready_reads",
        "role",
        "saved_batch",
        "seed",
        "term",
        "tracer",
        "vote",
    )

    def __init__(
        self,
        member_id: int,
        config: Config,
        stored: Stored,
        *,
        seed: int,
        first_draw: int = 0,
        tracer: Tracer = discard,
    ) -> None:
        """Start from what the disk holds, as a follower.

        `seed` and `first_draw` fix the election timeouts: a restarted member must be given a
        `first_draw` that it has not used before.
        """
        self.id = member_id
        self.config = config
        self.seed = seed
        self.draws = first_draw
        self.tracer = tracer
        self.log = RaftLog(stored)
        self.configuration = stored.snapshot.configuration
        on_disk = stored.hard_state
        self.term = on_disk.term
        # Raft Figure 2: votedFor is persistent. Without it, a voter that crashed votes twice.
        memory = MemoryFacts(on_disk.term, on_disk.vote)
        self.vote = NO_MEMBER if config.rules.remember_vote.allows(memory) else on_disk.vote
        self.handed_out = (on_disk.term, on_disk.vote, on_disk.commit_index)
        """Term, vote and commit index as they were last given to the disk."""
        self.last_change_index = on_disk.commit_index
        """The last committed change of members, of the log up to `looked_to`."""
        self.looked_to = self.log.commit_index

        self.role: Role = Follower()
        self.now = 0
        """Ticks since the start."""
        self.election_started_at = 0
        """The tick at which the election timer was last set back."""
        self.heartbeat_started_at = 0

        self.outbox: list[Message] = []
        """Messages that may leave now."""
        self.promises: list[Message] = []
        """Messages that must wait for the next batch of writes."""
        self.batches: deque[promises.Batch] = deque()
        """Handed out and not saved yet, oldest first."""
        self.last_batch = 0
        self.saved_batch = 0
        self.ready_reads: list[ReadReady] = []
        self.election_timeout = 0
        election.draw_timeout(self)

    # -- what is known -------------------------------------------------------------------------

    @property
    def leader(self) -> int:
        """Who leads this term, as far as this member knows; 0 for nobody."""
        match self.role:
            case Follower(leader=leader):
                return leader
            case Leader():
                return self.id
            case Candidate():
                return NO_MEMBER

    @property
    def election_elapsed(self) -> int:
        """Ticks since the election timer was last set back."""
        return self.now - self.election_started_at

    @property
    def promotable(self) -> bool:
        """Whether this member may stand: it is a voter, and its log is whole."""
        return self.configuration.is_voter(self.id) and self.log.pending_snapshot is None

    # -- what happens --------------------------------------------------------------------------

    def elapse_to(self, now: int) -> None:
        """Let time pass up to the tick `now`; nothing fires."""
        if now > self.now:
            self.now = now

    def deadline(self) -> int | None:
        """The tick at which the next timer is due; None if no timer runs."""
        match self.role:
            case Leader() as leader:
                heartbeat = self.heartbeat_started_at + self.config.heartbeat_ticks
                if self.config.check_quorum or leader.transfer_target != NO_MEMBER:
                    return min(heartbeat, self.election_started_at + self.config.election_ticks)
                return heartbeat
            case _:
                return self.election_started_at + self.election_timeout if self.promotable else None

    def fire_timer(self) -> None:
        """Fire every timer that is due by now."""
        if not isinstance(self.role, Leader):
            if self.promotable and self.election_elapsed >= self.election_timeout:
                self.election_started_at = self.now
                election.stand(self, "its election timer fired")
            return
        if self.election_elapsed >= self.config.election_ticks:
            self.election_started_at = self.now
            election.check_quorum(self)
            transfer.abort_transfer(self)
        beat_due = self.now - self.heartbeat_started_at >= self.config.heartbeat_ticks
        if beat_due and isinstance(self.role, Leader):
            self.heartbeat_started_at = self.now
            replication.broadcast_heartbeat(self)

    def tick(self) -> None:
        """Let one tick pass and fire what comes due."""
        self.now += 1
        self.fire_timer()

    def propose(self, *payloads: bytes | ConfigChange) -> None:
        """Put commands or changes of members into the log, here or by the leader.

        Raises `ProposalRefused` when they went nowhere. Otherwise they *may* be committed later.
        """
        replication.propose(self, payloads)

    def read(self, context: int) -> None:
        """Ask up to where this member must apply before a read is fresh: see `Work.reads`."""
        reads.ask(self, context)

    def campaign(self) -> None:
        """Stand for election now, as if the election timer had fired."""
        election.stand(self, "it was told to")

    def transfer(self, target: int) -> None:
        """Hand leadership to `target`; a follower passes the wish to its leader."""
        transfer.transfer(self, target)

    def forget_leader(self) -> None:
        """Make a follower leaderless in its term, so that it may vote."""
        transfer.forget_leader(self)

    def unreachable(self, member: int) -> None:
        """Learn from the transport that a message to `member` was lost."""
        replication.unreachable(self, member)

    def snapshot_reported(self, member: int, delivered: bool) -> None:
        """Learn from the transport what became of a snapshot to `member`.

        Whoever sends snapshots owes this call: without it the leader waits for ever.
        """
        compaction.snapshot_reported(self, member, delivered)

    def snapshot_taken(self, snapshot: Snapshot) -> None:
        """Keep a snapshot of the own state machine, to be sent to slow followers."""
        if snapshot.index > self.log.snapshot.index:
            self.log.snapshot = snapshot

    def compact(self, index: int) -> None:
        """Forget log entries up to `index`: they are applied, and a snapshot holds their effect."""
        assert index <= self.log.snapshot.index, (
            f"entries up to {index} would be forgotten, but the last snapshot is at "
            f"{self.log.snapshot.index}"
        )
        self.log.compact(index)

    def set_election_timer(self, ticks: int) -> None:
        """Let the election timer fire after `ticks` ticks from now: for lessons."""
        self.election_started_at = self.now
        self.election_timeout = ticks

    # -- messages ------------------------------------------------------------------------------

    def step(self, message: Message) -> None:
        """Take a message. Terms first (Raft §5.1), then what it says."""
        if message.term > self.term:
            if self.ignores_candidate(message):
                self.trace(CandidateIgnored(message.sender, self.leader, self.election_elapsed))
                return
            # A pre-vote, and the yes to one, speak of a term that does not exist yet.
            yes = isinstance(message, RequestPreVoteReply) and message.granted
            if not (yes or isinstance(message, RequestPreVote)):
                leader = message.sender if isinstance(message, FromLeader) else NO_MEMBER
                election.become_follower(self, message.term, leader)
        elif message.term < self.term and message.term != 0:
            self.answer_old_term(message)
            return
        self._take(message)

    def _take(self, message: Message) -> None:
        match message:
            case AppendEntries():
                if election.follow(self, message.sender):
                    replication.accept_entries(self, message)
            case AppendEntriesReply():
                replication.take_append_reply(self, message)
            case Heartbeat():
                if election.follow(self, message.sender):
                    replication.accept_heartbeat(self, message)
            case HeartbeatReply():
                replication.take_heartbeat_reply(self, message)
            case RequestVote() | RequestPreVote():
                election.answer_vote_request(self, message)
            case RequestVoteReply() | RequestPreVoteReply():
                election.count_vote(self, message)
            case ForwardProposal():
                replication.propose_forwarded(self, message)
            case ForwardRead():
                reads.ask_leader(self, message.sender, message.context)
            case ForwardReadReply():
                reads.take_read_reply(self, message)
            case InstallSnapshot():
                if election.follow(self, message.sender):
                    compaction.accept_snapshot(self, message)
            case TimeoutNow():
                transfer.stand_now(self)
            case ForwardTransfer():
                transfer.transfer(self, message.target)
            case _:
                raise AssertionError(f"no member says {type(message).__name__}")

    def ignores_candidate(self, message: Message) -> bool:
        """Whether a vote request is not even looked at, because a leader was heard lately."""
        # Raft §6, Thesis §4.2.3: who hears from a leader ignores candidates, so that a member that
        # was cut off or removed can't depose it by its higher term.
        if not isinstance(message, RequestVote | RequestPreVote) or message.transfer:
            return False
        heard_lately = self.election_elapsed < self.config.election_ticks
        return self.config.check_quorum and self.leader != NO_MEMBER and heard_lately

    def answer_old_term(self, message: Message) -> None:
        """Answer, or ignore, a message of an older term.

        With check-quorum or pre-vote a member can be stuck in a higher term than all others, who
        ignore its votes; the answer to their leader's messages frees it (etcd/raft Step).
        """
        if message.sender == self.id:
            return  # a promise to itself that its term has overtaken
        config = self.config
        lenient = config.check_quorum or config.pre_vote or config.answer_old_terms
        answered = True
        if isinstance(message, AppendEntries | Heartbeat) and lenient:
            self.send_promise(AppendEntriesReply(self.id, message.sender, self.term, 0))
        elif isinstance(message, InstallSnapshot) and config.answer_old_terms:
            # Raft Figure 13, step 1; etcd lets the next heartbeat tell.
            self.send_promise(AppendEntriesReply(self.id, message.sender, self.term, 0))
        elif isinstance(message, RequestPreVote):
            self.send_promise(
                RequestPreVoteReply(self.id, message.sender, self.term, granted=False)
            )
        elif isinstance(message, RequestVote) and config.answer_old_terms:
            self.send_promise(RequestVoteReply(self.id, message.sender, self.term, granted=False))
        else:
            answered = False
        kind = type(message).__name__
        self.trace(OldTermIgnored(message.sender, kind, message.term, self.term, answered))

    def send(self, message: Message) -> None:
        """Send without waiting for the disk."""
        self.outbox.append(message)

    def send_promise(self, message: Message) -> None:
        """Send once everything that this member has to save by now is durable."""
        self.promises.append(message)

    def trace(self, event: TraceEvent) -> None:
        """Tell whoever watches."""
        self.tracer(self.id, event)

    # -- the host's work -----------------------------------------------------------------------

    def poll(self) -> Work | None:
        """Hand out the work that has come up since the last call; None when there is none."""
        save = promises.next_save(self)
        promises.release_promises(self)
        apply = self.log.to_apply(self.config.max_apply_bytes)
        if not (save or apply or self.outbox or self.ready_reads):
            return None
        if apply:
            self.log.applying_index = apply[-1].index
        work = Work(tuple(self.outbox), save, apply, tuple(self.ready_reads))
        self.outbox.clear()
        self.ready_reads.clear()
        return work

    def saved(self, batch: int) -> None:
        """Learn that everything up to and including this batch is durable."""
        promises.saved(self, batch)

    def applied(self, index: int) -> None:
        """Learn that the state machine has applied everything up to `index`."""
        membership.applied(self, index)

    def change_applied(self, change: ConfigChange) -> Configuration:
        """Switch to the configuration that a committed change leads to.

        Call it when the change is applied, and before `applied(its index)`. Raises
        `ConfigChangeRefused` for a change that the present configuration does not allow.
        """
        return membership.change_applied(self, change)

    def set_rules(self, rules: Rules) -> None:
        """Live by other rules from now on: for lessons."""
        self.config = replace(self.config, rules=rules)

    def fork(self, tracer: Tracer) -> Raft:
        """Copy it, for time travel; entries and messages are shared."""
        copy = Raft.__new__(Raft)
        for name in Raft.__slots__:
            setattr(copy, name, getattr(self, name))
        copy.tracer = tracer
        copy.log = self.log.fork()
        copy.role = self.role.fork()
        copy.outbox = self.outbox.copy()
        copy.promises = self.promises.copy()
        copy.batches = self.batches.copy()
        copy.ready_reads = self.ready_reads.copy()
        return copy
