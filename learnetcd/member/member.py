"""A member: the Raft core, the store and the clients who wait, as one deterministic function.

                              +-----------------------------------+
    Input  (a fact, at a time)|   raft    what the cluster agrees |   Effects (what to do, in order)
    ------------------------->|   store   what came of it         |----------------------------->
    TimerFired                |   waiting who wants to know       |   WriteWal, SyncWal
    MessageReceived           |   watchers who wants to be told   |   SendMessage
    RequestSubmitted          +-----------------------------------+   Apply
    WalSynced, ApplyDue ...                                           Reply, NotifyWatcher ...

    effects = member.step(RequestSubmitted(at=1200, request_id=7, request=put))

`step` does no input or output of its own: it reads no clock and touches no disk. So the very same
code serves clients on a socket, runs in a simulator, and is stepped by a reader; and the list of
its inputs, fed again, gives the same effects byte for byte.

A member that starts again is a new `Member`, made of what its disk holds (`Stored`): the last
snapshot, the log after it, and term and vote. What it had applied beyond the snapshot it applies
again, from the log, as soon as it knows that it is committed.

**Time.** Every input says when it happened, on the member's own clock in milliseconds. The core
counts ticks; a tick is `config.tick_ms` long. No timer fires by itself when time passes: the driver
asks for `deadline()` and reports `TimerFired`, and *that* is what fires it. What a wall clock shows
it is told as well (`WallClockRead`); only times to live depend on that.

Invariants: applied_index <= raft.log.commit_index; apply_queue holds exactly the entries from
applied_index + 1 up to what the core has handed out, but while a snapshot of the leader waits for
the disk, when it is empty; fresh_reads and held are parts of waiting; waiting is in the order of
asking.

Source: etcd 2.3 etcdserver/server.go, the loop in run; one goroutine there, one function here.

Next page: `bootstrap`.
"""

from __future__ import annotations

from typing import assert_never

from learnetcd.member import apply, clients, expiry, namespace, proposing, saving, snapshots
from learnetcd.member.clients import Waiting
from learnetcd.member.effects import Effect, SendMessage
from learnetcd.member.inputs import (
    ApplyDue,
    CampaignAsked,
    ElectionTimerSet,
    Input,
    LeaderForgotten,
    MessageReceived,
    PeerUnreachable,
    RequestCancelled,
    RequestSubmitted,
    RulesChanged,
    SnapshotReported,
    SnapshotSaved,
    TimerFired,
    TransferAsked,
    WallClockRead,
    WalSynced,
)
from learnetcd.raft.chunks import Chunks
from learnetcd.raft.config import Config
from learnetcd.raft.configuration import ConfigChange
from learnetcd.raft.entry import NO_MEMBER, Entry, Snapshot, Stored
from learnetcd.raft.messages import ForwardProposal
from learnetcd.raft.raft import Raft
from learnetcd.raft.work import Save
from learnetcd.store.node import Node
from learnetcd.store.statistics import WATCHERS
from learnetcd.store.tree import find, node_of
from learnetcd.store.watch import WatcherHub
from learnetcd.tracing import TraceEvent, Tracer, discard
from learnetcd.tracing.guard import GuardedTracer
from learnetcd.tracing.storage import MemberStarted


class Member:
    """One participant of a cluster."""

    __slots__ = (
        "applied_index",
        "apply_queue",
        "config",
        "expiry_at",
        "fresh_reads",
        "held",
        "held_for_others",
        "id",
        "known_leader",
        "leader_since_ms",
        "now_ms",
        "own_snapshot",
        "raft",
        "snapshot_index",
        "started_at",
        "store",
        "tracer",
        "unsaved",
        "waiting",
        "wall_minus_now_ms",
        "watchers",
    )

    def __init__(
        self,
        member_id: int,
        config: Config,
        stored: Stored,
        *,
        seed: int,
        first_draw: int = 0,
        started_at: int = 0,
        tracer: Tracer = discard,
    ) -> None:
        """Start from what the disk holds, at `started_at` on the member's clock.

        `seed` and `first_draw` fix its election timeouts: see `Raft`.
        """
        self.id = member_id
        self.config = config
        self.started_at = started_at
        self.now_ms = started_at
        """The time of the last input."""
        self.tracer = guarded(tracer)
        self.raft = Raft(
            member_id, config, stored, seed=seed, first_draw=first_draw, tracer=self.tracer
        )
        self.store = snapshots.store_of(stored.snapshot)
        self.applied_index = stored.snapshot.index
        """The last entry that the store has."""
        self.snapshot_index = stored.snapshot.index
        """Where the last snapshot was taken, or came from the leader."""
        self.apply_queue: Chunks[Entry] = Chunks(start=stored.snapshot.index + 1)
        """Committed entries that the driver has not let through yet, by their index."""
        self.unsaved: list[Save] = []
        """Batches that are written and not confirmed to the core, oldest first."""
        self.own_snapshot: Snapshot | None = None
        """A snapshot of the own store that is being saved."""
        self.waiting: dict[int, Waiting] = {}
        """Clients without an answer, by request id."""
        self.fresh_reads: dict[int, int] = {}
        """Request ids of reads whose read index is known, with that index."""
        self.held: dict[int, bytes | ConfigChange] = {}
        """What nobody could take yet, by request id."""
        self.held_for_others: list[bytes | ConfigChange] = []
        """What other members have passed on, and nobody could take yet."""
        self.known_leader = NO_MEMBER
        """Who led when it last looked."""
        self.leader_since_ms: int | None = None
        """The member's clock when it last found a new leader."""
        self.watchers = WatcherHub()
        """Clients who wait for something to happen to a key."""
        self.wall_minus_now_ms = 0
        """How far a wall clock is ahead of the member's own, as it was last read."""
        self.expiry_at: int | None = None
        """When it tells the cluster the time next; None unless it leads and a key may expire."""
        hard_state, log = stored.hard_state, self.raft.log
        self.trace(
            MemberStarted(stored.snapshot.index, log.last_index, hard_state.term, hard_state.vote)
        )

    # -- the one function ---------------------------------------------------------------------

    def step(self, input: Input) -> list[Effect]:
        """Take one fact, and say what is to be done about it, in order."""
        effects: list[Effect] = []
        raft = self.raft
        self.now_ms = input.at
        raft.elapse_to((input.at - self.started_at) // self.config.tick_ms)
        match input:
            case RequestSubmitted():
                if not clients.submit(self, input.request_id, input.request, effects):
                    return effects  # the core knows of nothing new, so it has no new work
            case MessageReceived(message=ForwardProposal() as message):
                proposing.take_forwarded(self, message)
            case MessageReceived():
                raft.step(input.message)
            case WalSynced():
                saving.synced(self, input.batch, effects)
            case ApplyDue():
                apply.apply_through(self, input.through, effects)
            case TimerFired():
                self._fire_what_is_due(effects)
            case RequestCancelled():
                clients.forget(self, input.request_id)
            case WallClockRead():
                self.wall_minus_now_ms = input.wall_ms - input.at
            case SnapshotSaved():
                snapshots.saved(self, input.index)
            case PeerUnreachable():
                raft.unreachable(input.member)
            case SnapshotReported():
                raft.snapshot_reported(input.member, input.delivered)
            case CampaignAsked():
                raft.campaign()
            case TransferAsked():
                raft.transfer(input.target)
            case LeaderForgotten():
                raft.forget_leader()
            case ElectionTimerSet():
                raft.set_election_timer(input.ticks)
            case RulesChanged():
                raft.set_rules(input.rules)
                self.config = raft.config
            case _:
                assert_never(input)
        proposing.look_who_leads(self)
        self._hand_out_work(effects)
        expiry.set_timer(self)
        return effects

    def start(self) -> list[Effect]:
        """What is to be done before the first input: to apply what the disk knows to be committed.

        A driver that does not ask gets it with the effects of the first input.
        """
        effects: list[Effect] = []
        self._hand_out_work(effects)
        return effects

    def _fire_what_is_due(self, effects: list[Effect]) -> None:
        self.raft.fire_timer()
        clients.expire(self, effects)
        expiry.propose_if_due(self)

    def _hand_out_work(self, effects: list[Effect]) -> None:
        """Turn the core's work into effects, until it has no more."""
        while (work := self.raft.poll()) is not None:
            # Thesis §10.2.1: these need not wait for the disk, so let them travel while it writes.
            for message in work.send:
                effects.append(SendMessage(message))
            if work.save is not None:
                saving.save(self, work.save, effects)
            if work.apply:
                apply.queue_up(self, work.apply, effects)
            for ready in work.reads:
                clients.take_read_index(self, ready, effects)

    # -- time ---------------------------------------------------------------------------------

    def deadline(self) -> int | None:
        """When the driver shall report `TimerFired` next, on the member's clock; None for never."""
        first = clients.earliest_timeout(self)
        if (tick := self.raft.deadline()) is not None:
            timer = self.started_at + tick * self.config.tick_ms
            first = timer if first is None or timer < first else first
        if self.expiry_at is not None and (first is None or self.expiry_at < first):
            first = self.expiry_at
        return first

    # -- looking ------------------------------------------------------------------------------

    def node_at(self, path: str) -> Node | None:
        """What its own store has under a client's path; None if nothing. Nobody is counted."""
        item = find(self.store.root, namespace.inside(path))
        return None if item is None else namespace.node_outside(node_of(item))

    @property
    def statistics(self) -> dict[str, int]:
        """How often its store was asked for what, and how many watch it now."""
        return self.store.statistics.counters | {WATCHERS: len(self.watchers)}

    @property
    def wall_ns(self) -> int:
        """What a wall clock shows now, in nanoseconds since 1970."""
        return (self.now_ms + self.wall_minus_now_ms) * 1_000_000

    # -- watching -----------------------------------------------------------------------------

    def trace(self, event: TraceEvent) -> None:
        """Tell whoever watches."""
        self.tracer(self.id, event)

    def tell(self, tracer: Tracer) -> None:
        """Let somebody else watch from now on; `discard` for nobody."""
        self.tracer = self.raft.tracer = guarded(tracer)

    @property
    def tracer_failure(self) -> Exception | None:
        """What the tracer raised, if it did: it was dropped then, and the member went on."""
        return self.tracer.failure if isinstance(self.tracer, GuardedTracer) else None

    def fork(self, tracer: Tracer) -> Member:
        """Copy it, for time travel: what grows with a run is shared."""
        copy = Member.__new__(Member)
        copy.id = self.id
        copy.config = self.config
        copy.started_at = self.started_at
        copy.now_ms = self.now_ms
        copy.tracer = guarded(tracer)
        copy.raft = self.raft.fork(copy.tracer)
        copy.store = self.store.fork()
        copy.applied_index = self.applied_index
        copy.snapshot_index = self.snapshot_index
        copy.apply_queue = self.apply_queue.fork()
        copy.unsaved = self.unsaved.copy()
        copy.own_snapshot = self.own_snapshot
        copy.waiting = self.waiting.copy()
        copy.fresh_reads = self.fresh_reads.copy()
        copy.held = self.held.copy()
        copy.held_for_others = self.held_for_others.copy()
        copy.known_leader = self.known_leader
        copy.leader_since_ms = self.leader_since_ms
        copy.watchers = self.watchers.fork()
        copy.wall_minus_now_ms = self.wall_minus_now_ms
        copy.expiry_at = self.expiry_at
        return copy


def guarded(tracer: Tracer) -> Tracer:
    """Make sure that a tracer can't change what it watches."""
    return (
        tracer if tracer is discard or isinstance(tracer, GuardedTracer) else GuardedTracer(tracer)
    )
