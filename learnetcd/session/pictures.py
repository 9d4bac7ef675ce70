"""From a world to a `ClusterView`: everything that a screen shows, at one step.

    painter = Painter(world, before)            # before: as it was before the reader's last move
    painter.members()[0].changed                # {"term", "role"}: what that move changed there
    painter.members()[0].entries(1, 20)         # only what the screen has room for

A picture belongs to one step and never changes: it is drawn from a fork of the world, which shares
all members with the original until that moves on. What costs by the length of a log (entries,
records) is given out on demand.

A member that is down has no memory, so its disk is drawn instead: that is what it will know.

Next page: `portrait`.
"""

from __future__ import annotations

from functools import cached_property, partial

from learnetcd.member.request import Outcome
from learnetcd.raft.entry import NO_MEMBER
from learnetcd.raft.log import RaftLog
from learnetcd.raft.quorum import majority
from learnetcd.raft.raft import Raft
from learnetcd.raft.roles import Candidate, Leader
from learnetcd.session import keyspace, marks
from learnetcd.session.anatomy import wire_view
from learnetcd.session.exchange import exchange_view
from learnetcd.session.truth import Truths
from learnetcd.session.views import (
    ClientView,
    MemberView,
    PacketView,
    PeerView,
    TimerView,
)
from learnetcd.simulator import moment
from learnetcd.simulator.clients import ClientRecord
from learnetcd.simulator.machine import EXACT
from learnetcd.simulator.network import Packet
from learnetcd.simulator.words import (
    message_fields,
    message_kind,
    message_text,
    notices_text,
    request_text,
)
from learnetcd.simulator.world import World
from learnetcd.tracing import member_name

MOST_CLIENTS = 60
"""More requests than this fit on no screen: the older ones are left out."""


class Painter:
    """Draws one world, with what changed since the one before."""

    def __init__(self, world: World, before: World | None = None, later_ms: int = 0) -> None:
        """Draw `world`, as it is `later_ms` after its last decision."""
        self.world = world
        self.before = before
        self.now = world.now + later_ms

    # -- members -------------------------------------------------------------------------------

    def members(self) -> tuple[MemberView, ...]:
        """One view for each member, in order."""
        return tuple(self.member(member) for member in moment.members(self.world))

    def member(self, member: int) -> MemberView:
        """A member that is alive from its memory, a dead one from its disk."""
        if self.world.alive(member):
            return self._living(self.world.member(member).raft)
        return self._dead(member)

    def _living(self, raft: Raft) -> MemberView:
        log, role, member = raft.log, raft.role, raft.id
        return MemberView(
            id=member,
            name=member_name(member),
            alive=True,
            paused=self.world.paused(member),
            role=moment.role_name(self.world, member),
            term=raft.term,
            vote=raft.vote,
            leader=raft.leader,
            timer=self._timer(raft),
            votes=tally(raft, role) if isinstance(role, Candidate) else (),
            votes_needed=votes_needed(raft),
            peers=peers(raft, role) if isinstance(role, Leader) else (),
            first_index=log.first_index,
            last_index=log.last_index,
            last_term=log.last_term,
            durable_index=log.durable_index,
            commit_index=log.commit_index,
            applied_index=log.applied_index,
            snapshot_index=log.snapshot_index,
            configuration=str(raft.configuration),
            learner=raft.configuration.is_learner(member),
            unsynced_records=self._unsynced(member),
            changed=self._changed(member),
            clock_rate=self.world.machine(member).rate,
            own_parts=self.world.config(member).parts.names,
            entries=self._entries_of(raft),
            records=marks.records_of(self.world.disk(member)),
            after_crash=marks.after_crash_of(self.world.disk(member)),
            keyspace=keyspace.keyspace_of(self.world.member(member)),
            files=marks.files_of(self.world.disk(member)),
        )

    def _dead(self, member: int) -> MemberView:
        stored = moment.on_disk(self.world, member)
        last_index = stored.snapshot.index + len(stored.entries)
        configuration = stored.snapshot.configuration
        return MemberView(
            id=member,
            name=member_name(member),
            alive=False,
            paused=False,
            role="down",
            term=stored.hard_state.term,
            vote=stored.hard_state.vote,
            leader=NO_MEMBER,
            timer=None,
            votes=(),
            votes_needed=0,
            peers=(),
            first_index=stored.snapshot.index + 1,
            last_index=last_index,
            last_term=stored.entries[-1].term if stored.entries else stored.snapshot.term,
            durable_index=last_index,
            commit_index=stored.hard_state.commit_index,
            applied_index=stored.snapshot.index,
            snapshot_index=stored.snapshot.index,
            configuration=str(configuration),
            learner=configuration.is_learner(member),
            unsynced_records=0,
            changed=self._changed(member),
            clock_rate=self.world.machine(member).rate,
            own_parts=self.world.config(member).parts.names,
            entries=marks.stored_entries_of(stored, self._leader_log),
            records=marks.records_of(self.world.disk(member)),
            after_crash=marks.after_crash_of(self.world.disk(member)),
            keyspace=lambda count: keyspace.NOTHING,
            files=marks.files_of(self.world.disk(member)),
        )

    def _timer(self, raft: Raft) -> TimerView | None:
        """The Raft timer that fires next: ticks of the member's clock, made into true time."""
        deadline = raft.deadline()
        if deadline is None:
            return None
        leads = isinstance(raft.role, Leader)
        ticks = raft.config.heartbeat_ticks if leads else raft.election_timeout
        machine, tick_ms = self.world.machine(raft.id), raft.config.tick_ms
        due = machine.when(self.world.member(raft.id).started_at + deadline * tick_ms)
        left = max(0, due - self.now)
        return TimerView(
            kind="heartbeat" if leads else "election",
            fires_in_ms=left,
            full_ms=ticks * tick_ms * EXACT // machine.rate,
            fires_in_ticks=-(-left * machine.rate // (EXACT * tick_ms)),
        )

    def _unsynced(self, member: int) -> int:
        disk = self.world.disk(member)
        return disk.written - disk.synced

    def _changed(self, member: int) -> frozenset[str]:
        """Compare with the world before, by the facts that a reader sees in the member's row."""
        if self.before is None or member not in self.before.member_ids:
            return frozenset()
        was, is_now = _facts(self.before, member), _facts(self.world, member)
        return frozenset(name for name in is_now if is_now[name] != was.get(name))

    # -- logs ----------------------------------------------------------------------------------

    @cached_property
    def _leader_log(self) -> RaftLog | None:
        leader = moment.leader_of_latest_term(self.world)
        return self.world.member(leader).raft.log if leader else None

    def _entries_of(self, raft: Raft) -> marks.Entries:
        """The entries of a living member, compared with the log that it had before."""
        before, member = self.before, raft.id
        log_before = None
        if before is not None and before.alive(member):
            log_before = before.member(member).raft.log
        shows_changes = before is not None
        return marks.entries_of(raft.log, self._leader_log, log_before, shows_changes)

    # -- messages and clients ------------------------------------------------------------------

    def packets(self) -> tuple[PacketView, ...]:
        """Messages in flight, the next to arrive first; held ones last."""
        packets = sorted(self.world.packets(), key=lambda p: (p.held, p.arrives_at, p.order))
        seen = self.before.network.packets if self.before is not None else {}
        return tuple(self._packet(packet, packet.key not in seen) for packet in packets)

    def _packet(self, packet: Packet, new: bool) -> PacketView:
        return PacketView(
            link=packet.link,
            number=packet.number,
            kind=message_kind(packet.message),
            text=message_text(packet.message),
            fields=message_fields(packet.message),
            arrives_in_ms=max(0, packet.arrives_at - self.now),
            sent_ms_ago=self.now - packet.sent_at,
            held=packet.held,
            blocked=self.world.network.blocked(packet),
            copy=packet.copy > 0,
            new=new and self.before is not None,
            copy_number=packet.copy,
            wire=partial(wire_view, packet.message),
        )

    def clients(self) -> tuple[ClientView, ...]:
        """The latest requests of clients, in the order of asking."""
        truths = Truths(self.world)
        latest = self.world.clients.latest(MOST_CLIENTS)
        return tuple(self._client(record, truths.of(record)) for record in latest)

    def _client(self, record: ClientRecord, truth: str) -> ClientView:
        return ClientView(
            id=record.request_id,
            text=f"{request_text(record.request)} → {member_name(record.member)}",
            outcome=record.outcome,
            result=result_text(record),
            truth=truth,
            exchange=partial(exchange_view, record, f"http://{member_name(record.member)}:2379"),
        )


# --- the small judgements of a picture ------------------------------------------------------------


def tally(raft: Raft, role: Candidate) -> tuple[tuple[int, bool | None], ...]:
    """Who voted for it, who did not, and who has not said yet."""
    configuration = raft.configuration
    voters = sorted({*configuration.voters, *configuration.outgoing})
    return tuple((voter, role.votes.get(voter)) for voter in voters)


def votes_needed(raft: Raft) -> int:
    """How many votes win an election."""
    configuration = raft.configuration
    return majority(max(len(configuration.voters), len(configuration.outgoing)))


def peers(raft: Raft, role: Leader) -> tuple[PeerView, ...]:
    """What a leader knows of the others."""
    return tuple(
        PeerView(
            member=member,
            next_index=progress.next_index,
            match_index=progress.match_index,
            mode=progress.mode.value,
            paused=progress.paused,
            inflight=len(progress.inflight),
        )
        for member, progress in sorted(role.progress.items())
        if member != raft.id
    )


def _facts(world: World, member: int) -> dict[str, object]:
    """What a reader sees in a member's row, by the names of `MemberView`."""
    disk = world.disk(member)
    facts: dict[str, object] = {
        "alive": world.alive(member),
        "paused": world.paused(member),
        "role": moment.role_name(world, member),
        "clock_rate": world.machine(member).rate,
        "unsynced_records": disk.written - disk.synced,
    }
    if not world.alive(member):
        stored = moment.on_disk(world, member)
        state = stored.hard_state
        return facts | {
            "term": state.term,
            "vote": state.vote,
            "commit_index": state.commit_index,
            "last_index": stored.snapshot.index + len(stored.entries),
        }
    raft = world.member(member).raft
    role = raft.role
    return facts | {
        "term": raft.term,
        "vote": raft.vote,
        "leader": raft.leader,
        # The timer runs all the time; that it was set anew is what changed.
        "timer": (raft.election_started_at, raft.election_timeout),
        "votes": tally(raft, role) if isinstance(role, Candidate) else (),
        "peers": peers(raft, role) if isinstance(role, Leader) else (),
        "last_index": raft.log.last_index,
        "last_term": raft.log.last_term,
        "durable_index": raft.log.durable_index,
        "commit_index": raft.log.commit_index,
        "applied_index": raft.log.applied_index,
        "snapshot_index": raft.log.snapshot_index,
        "configuration": raft.configuration,
    }


SHOWN_NOTICES = 3
"""So many of the last events that a watcher was told of are shown."""


def result_text(record: ClientRecord) -> str:
    """What a client was told: the value, or why there is none."""
    answer = record.answer
    if answer is None or answer.outcome is Outcome.WAITING:
        return notices_text(record.notices[-SHOWN_NOTICES:])
    if answer.error is not None:
        return f"{answer.error.code} {answer.error.message}"
    if answer.outcome is Outcome.UNKNOWN:
        return "timed out: nobody can say"
    if answer.outcome is Outcome.REFUSED:
        return "nobody listens there"
    if answer.event is None:
        return "done"
    event = answer.event
    if event.action == "get":
        return event.node.value or "(empty)"
    return f"{event.action} at {event.node.modified_index}"
