"""What can happen next, in words: the list from which a reader chooses.

    deliver append S1→S2 (3)          in 12 ms
    S1 disk: sync 1 record            in 2 ms
    S3 election timer                 in 640 ms

The world says what is possible and when; this page only finds the words. Prediction is learning, so
the list is always on the screen, before anything in it happens.

Next page: `sources`.
"""

from __future__ import annotations

from learnetcd.raft.roles import Leader
from learnetcd.session.views import Choice, InvariantView
from learnetcd.simulator.decisions import (
    ApplyCommitted,
    Decision,
    Deliver,
    Drop,
    Duplicate,
    FireTimer,
    KeepSnapshot,
    Report,
    Sync,
)
from learnetcd.simulator.words import message_kind
from learnetcd.simulator.world import World
from learnetcd.tracing import member_name


def choices(world: World, later_ms: int = 0) -> tuple[Choice, ...]:
    """Everything that can happen by itself, the earliest first; then what is held at a gate."""
    now = world.now + later_ms
    by_itself = tuple(
        Choice(choice_text(world, due.decision), due.decision, max(0, due.at - now))
        for due in world.choices()
    )
    return by_itself + tuple(
        Choice(f"held: {choice_text(world, due.decision)}", due.decision, max(0, due.at - now))
        for due in world.held_back()
    )


def choice_text(world: World, decision: Decision) -> str:
    """One of the things that can happen, in a few words."""
    match decision:
        case Deliver() | Drop() | Duplicate():
            return _message_text(world, decision)
        case FireTimer(member=member):
            return f"{member_name(member)} {_timer_text(world, member)}"
        case Sync(member=member):
            disk, sync = world.disk(member), world.machine(member).sync
            count = sync.written - disk.synced if sync else 0
            return f"{member_name(member)} disk: sync {count} record{'s' * (count != 1)}"
        case ApplyCommitted(member=member):
            task = world.machine(member).apply
            through = f" up to {task.number}" if task else ""
            return f"{member_name(member)} store: apply{through}"
        case KeepSnapshot(member=member):
            return f"{member_name(member)} disk: keep its snapshot"
        case Report(member=member, peer=peer):
            return f"{member_name(member)} hears what became of its snapshot to {member_name(peer)}"
        case _:
            return decision.text()


def _message_text(world: World, decision: Deliver | Drop | Duplicate) -> str:
    sender, receiver, number = decision.sender, decision.receiver, decision.number
    packet = world.network.packets.get((sender, receiver, number, decision.copy))
    kind = message_kind(packet.message) if packet else "message"
    copy = f".{decision.copy}" if decision.copy else ""
    what = f"{kind} {member_name(sender)}→{member_name(receiver)} ({number}{copy})"
    match decision:
        case Deliver():
            return f"deliver {what}"
        case Duplicate():
            return f"double {what}"
        case Drop():
            at_cut = (sender, receiver) in world.cuts
            why = "cut" if at_cut else "lost" if world.alive(receiver) else "down"
            return f"lose {what}: {why}"


def _timer_text(world: World, member: int) -> str:
    """Which timer is due first: Raft's, or the patience of a client."""
    raft = world.member(member).raft
    tick, deadline = raft.deadline(), world.member(member).deadline()
    is_raft = tick is not None and deadline == (
        world.member(member).started_at + tick * raft.config.tick_ms
    )
    if not is_raft:
        return "gives up on a client's request"
    return "heartbeat timer" if isinstance(raft.role, Leader) else "election timer"


def invariants(world: World) -> tuple[InvariantView, ...]:
    """What must always hold, and whether it did."""
    judge = world.judge
    if judge is None:
        return ()
    broken = {violation.invariant: violation for violation in judge.violations}
    return tuple(
        InvariantView(
            name=one.name,
            sentence=one.sentence,
            citation=one.citation,
            violation=str(broken[one.id]) if one.id in broken else "",
            violated_at=broken[one.id].at if one.id in broken else 0,
            checked=judge.checked(one.id),
        )
        for one in judge.invariants
    )
