"""Lockstep: one decision, done by real members, so that their twin can do the same.

    decision  Deliver(1, 2, 5)
    members   set the clocks; let that message in at S2; note what S2 was told
    twin      decide the same; S2 here and S2 there must be equal

The twin says what is next, and its clock is theirs. But the members have the last word: a message
whose sender has died may not come, and what a crash leaves on a real disk is what lies there. So
what was decided may come to be another decision, and that one is recorded.

Next page: `live`.
"""

from __future__ import annotations

from collections.abc import Iterable

from learnetcd.errors import UserError
from learnetcd.member.inputs import Input, MessageReceived, PeerUnreachable, WallClockRead
from learnetcd.member.member import Member
from learnetcd.raft.entry import Stored
from learnetcd.runtime.held_cluster import HeldCluster
from learnetcd.runtime.reins import Reins
from learnetcd.simulator.decisions import (
    ApplyCommitted,
    Campaign,
    Cancel,
    Crash,
    Decision,
    Deliver,
    Drop,
    Duplicate,
    FireTimer,
    ForgetLeader,
    KeepSnapshot,
    Report,
    Restart,
    SetTimer,
    Submit,
    Sync,
    TellUnreachable,
    Transfer,
)
from learnetcd.simulator.disk import Disk, DiskRefused
from learnetcd.simulator.network import Packet
from learnetcd.simulator.tape import decision_of
from learnetcd.simulator.world import World
from learnetcd.tracing import member_name

Noted = list[tuple[int, Input]]
"""What members were told: (member, input)."""


class Lockstep:
    """Real members that do what their twin is about to do."""

    def __init__(self, cluster: HeldCluster, reins: Reins) -> None:
        """Note from now on what they are told."""
        self._cluster = cluster
        self._reins = reins
        self._noted: Noted = []
        self._started_in: dict[int, int] = {}
        """The steps before which members were started again."""
        cluster.observer = lambda member, input: self._noted.append((member, input))

    def notes(self) -> Noted:
        """What members were told since somebody asked last."""
        noted, self._noted = self._noted, []
        return noted

    def do(self, decision: Decision, world: World, trial: World, told: Noted) -> Decision:
        """Let it happen to the members; `trial` is `world` after it. Say what came to be."""
        done: Decision = self._reins.do(self._let_happen, decision, world, trial, told)
        return done

    async def _let_happen(
        self, decision: Decision, world: World, trial: World, told: Noted
    ) -> Decision:
        """In the members' thread: do what the twin will do, and say what it has come to be."""
        cluster = self._cluster
        for member, place in cluster.places.items():
            place.clock.set(trial.clock(member))
        match decision:
            case Deliver(sender, receiver, number, copy):
                packet = world.packet((sender, receiver, number, copy))
                if self._has_perished(packet) or not await cluster.let_message_through(
                    receiver, packet.message, self._is_of_an_earlier_life(packet, world)
                ):
                    return Drop(sender, receiver, number, copy)
            case Drop(sender, receiver, number, copy):
                packet = world.packet((sender, receiver, number, copy))
                if world.alive(receiver) and not self._has_perished(packet):
                    await cluster.lose_message(receiver, packet.message)
            case Duplicate(sender, receiver, number, copy):
                packet = world.packet((sender, receiver, number, copy))
                if not self._has_perished(packet):
                    await cluster.double_message(receiver, packet.message)
            case Sync(member) | KeepSnapshot(member):
                await cluster.let_sync_through(member, lambda: bool(self._noted))
            case ApplyCommitted(member):
                await cluster.let_apply_through(member)
            case FireTimer(member):
                await cluster.let_timer_through(member)
            case Submit(member, request_id, request):
                if not cluster.let_in(member, request_id):
                    cluster.submit(member, request_id, request)
            case Cancel(member, request_id):
                await cluster.cancel(member, request_id)
            case TellUnreachable(member, peer):
                await cluster.tell(member, PeerUnreachable, peer)
            case Report(member, peer):
                await cluster.let_report_through(member, peer)
            case Campaign() | SetTimer() | Transfer() | ForgetLeader():
                for member, input in told:
                    cluster.feed(member, input)
            case Crash(member):
                left = await cluster.crash(member)
                return Crash(member, kept=kept_by(world.disk(member), left))
            case Restart(member):
                await cluster.start(member)
                self._started_in[member] = world.step
            case _:
                pass  # it is about what lies between the members: the twin's alone
        return decision

    def _has_perished(self, packet: Packet) -> bool:
        """Whether it was sent to an earlier life of its receiver: its connection ended with that.

        In the twin it is still in flight; there is nothing to wait for.
        """
        return packet.sent_in <= self._started_in.get(packet.receiver, -1)

    def _is_of_an_earlier_life(self, packet: Packet, world: World) -> bool:
        """Whether its sender has died since: what it had not said by then, it will not say."""
        is_gone = not world.alive(packet.sender)
        return is_gone or packet.sent_in <= self._started_in.get(packet.sender, -1)

    def compare(self, members: Iterable[int], world: World) -> None:
        """Make sure that the twin is one."""
        for member in members:
            server = self._cluster.places[member].server
            if server is None or not world.alive(member):
                continue
            ours, theirs = seen_of(world.member(member)), seen_of(server.driver.member)
            if ours != theirs:
                raise UserError(
                    f"The picture of {member_name(member)} is wrong from here on, by a mistake of "
                    f"learnetcd: it shows {ours}, and the member is at {theirs}."
                )


def as_decisions(decision: Decision, noted: Noted) -> list[Decision]:
    """What the members were told, as decisions; or if nothing, what was decided."""
    if isinstance(decision, Deliver | Crash | Restart | Drop):
        return [decision, *followed(noted)]
    return followed(noted) or [decision]


def followed(noted: Noted) -> list[Decision]:
    """What came of a delivery or a start besides: the twin reads its clock by itself."""
    return [
        decision_of(member, input)
        for member, input in noted
        if not isinstance(input, WallClockRead | MessageReceived)
    ]


def kept_by(disk: Disk, left: Stored) -> int:
    """How many of the unsynced records of the twin's disk a crash has left on the real one."""
    for kept in range(disk.written - disk.synced + 1):
        try:
            found = disk.after_crash(kept)
        except DiskRefused:
            continue
        if (found.hard_state, found.entries) == (left.hard_state, left.entries):
            return kept
    raise UserError(f"The disk holds {left.hard_state}, and the picture of it does not.")


def seen_of(member: Member) -> tuple[object, ...]:
    """What a reader sees first of a member."""
    raft, log = member.raft, member.raft.log
    role = type(raft.role).__name__
    indexes = (log.last_index, log.durable_index, log.commit_index, log.applied_index)
    return (
        role,
        raft.term,
        raft.vote,
        raft.leader,
        log.last_term,
        *indexes,
        member.store.etcd_index,
    )
