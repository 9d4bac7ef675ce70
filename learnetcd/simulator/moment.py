"""What is true at one moment of a cluster: small questions, asked of a world.

    role_name(world, 2)     "leader"
    has_conflict(world)     True when two logs differ at one index
    is_quiet(world)         True when nothing is on its way or to be done, heartbeats apart

A world is a large thing, and those who look into it (conditions, grains, pictures, explanations)
ask the same few questions. They are answered here once, so that "quiet" means one thing everywhere.

Left out: everything about how the moment came to be. A world knows no past.

Next page: `conditions`, how such questions are typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from learnetcd.errors import UserError
from learnetcd.member.member import Member
from learnetcd.raft.entry import Stored
from learnetcd.raft.messages import Heartbeat, HeartbeatReply
from learnetcd.raft.raft import Raft
from learnetcd.raft.roles import Candidate, Leader
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
from learnetcd.simulator.disk import DiskRefused
from learnetcd.simulator.network import Packet
from learnetcd.simulator.world import World
from learnetcd.tracing import member_name

LOCAL_WORK = (Sync, KeepSnapshot, ApplyCommitted)
"""What a member's own disk and store have to do: nobody else takes part."""


# --- members --------------------------------------------------------------------------------------


def members(world: World) -> tuple[int, ...]:
    """All members, dead ones too, in order."""
    return world.member_ids


def living(world: World) -> list[Member]:
    """The members that are alive, in order."""
    return [world.member(member) for member in members(world) if world.alive(member)]


def core(world: World, member: int) -> Raft:
    """A member's Raft core; asking a dead one is a mistake of the person who asks."""
    if member not in world.member_ids:
        known = ", ".join(member_name(known) for known in members(world))
        raise UserError(f"There is no member {member_name(member)}. There are: {known}.")
    if not world.alive(member):
        raise UserError(f"{member_name(member)} is down: it has no memory. Start it again first.")
    return world.member(member).raft


def role_name(world: World, member: int) -> str:
    """What a member is: follower, pre-candidate, candidate, leader or down."""
    if member not in world.member_ids or not world.alive(member):
        return "down"
    return world.member(member).raft.role.name


def leader_of_latest_term(world: World) -> int:
    """The living leader of the highest term; 0 when nobody leads.

    An old leader that was cut off may still think that it leads: the newest one is the leader.
    """
    leaders = [m.raft for m in living(world) if isinstance(m.raft.role, Leader)]
    return max(leaders, key=lambda raft: raft.term).id if leaders else 0


def has_leader(world: World) -> bool:
    """Whether somebody leads."""
    return leader_of_latest_term(world) != 0


def has_candidate(world: World) -> bool:
    """Whether somebody stands for election."""
    return any(isinstance(member.raft.role, Candidate) for member in living(world))


def term(world: World, member: int) -> int:
    """A member's term; what its disk would say when it is down."""
    if world.alive(member):
        return world.member(member).raft.term
    return on_disk(world, member).hard_state.term


def commit_index(world: World, member: int) -> int:
    """How far a member knows its log to be committed; 0 when it is down."""
    return world.member(member).raft.log.commit_index if world.alive(member) else 0


def applied_index(world: World, member: int) -> int:
    """How far a member's store has got; 0 when it is down."""
    return world.member(member).raft.log.applied_index if world.alive(member) else 0


def last_index(world: World, member: int) -> int:
    """How far a member's log reaches; on its disk when it is down."""
    if world.alive(member):
        return world.member(member).raft.log.last_index
    stored = on_disk(world, member)
    return stored.snapshot.index + len(stored.entries)


def with_ids(world: World, text: str) -> str:
    """Put ids for the names of real members in what a person typed: `crash S8e9e`."""
    for member in world.member_ids:
        name = member_name(member)
        if name != f"S{member}":
            text = re.sub(rf"\b{name}\b", f"S{member}", text)
    return text


def on_disk(world: World, member: int) -> Stored:
    """What is safe on a member's disk, as far as it can be read."""
    try:
        return world.disk(member).recovered()
    except DiskRefused as refused:
        return refused.stored


def value_at(world: World, member: int, key: str) -> str | None:
    """What a reader at a member sees for a key; None when there is none, or the member is down."""
    if not world.alive(member):
        return None
    node = world.member(member).node_at(key)
    return None if node is None else node.value


def conflicts(one: Raft, other: Raft) -> bool:
    """Whether two logs differ at some index that both have.

    One look is enough: by the Log Matching property (Raft §5.3), logs with the same term at an
    index are the same up to there. So they differ if they differ where the shorter one ends.
    """
    index = min(one.log.last_index, other.log.last_index)
    terms = one.log.term_at(index), other.log.term_at(index)
    return None not in terms and terms[0] != terms[1]


def has_conflict(world: World) -> bool:
    """Whether the logs of two living members differ at one index."""
    cores = [member.raft for member in living(world)]
    return any(conflicts(a, b) for place, a in enumerate(cores) for b in cores[:place])


# --- what is under way ----------------------------------------------------------------------------


def is_heartbeat(packet: Packet) -> bool:
    """Whether a message only says that somebody is there."""
    return isinstance(packet.message, Heartbeat | HeartbeatReply)


def will_arrive(world: World, packet: Packet) -> bool:
    """Whether a message reaches a living member if nothing else is done."""
    is_stopped = packet.held or world.network.blocked(packet)
    return not is_stopped and not packet.lost and world.alive(packet.receiver)


def local_work(world: World, members: Iterable[int]) -> Decision | None:
    """What the disks and stores of these members do next; None when they have nothing to do."""
    tasks = [
        (key, decision)
        for member in members
        for key, decision, _ in world.machine(member).tasks()
        if isinstance(decision, LOCAL_WORK)
    ]
    return min(tasks, key=lambda task: task[0])[1] if tasks else None


def is_quiet(world: World) -> bool:
    """Whether nothing is on its way or to be done, heartbeats apart."""
    on_its_way = any(will_arrive(world, p) and not is_heartbeat(p) for p in world.packets())
    return not on_its_way and local_work(world, world.member_ids) is None


def is_answered(world: World, request_id: int) -> bool:
    """Whether a client request got its answer."""
    record = world.clients.get(request_id)
    return record is not None and record.answer is not None


def times_told(world: World, request_id: int) -> int:
    """Of how many events a client was told who watches."""
    record = world.clients.get(request_id)
    return 0 if record is None else len(record.notices)


def has_violation(world: World) -> bool:
    """Whether a rule that must always hold was broken in this run."""
    return bool(violated(world))


def violated(world: World) -> tuple[str, ...]:
    """The invariants that were broken in this run, by name, in order."""
    return () if world.judge is None else tuple(one.name for one in world.judge.violations)


# --- decisions ------------------------------------------------------------------------------------


def member_of(decision: Decision) -> int:
    """The member to which a decision happens; 0 when it is the world."""
    if isinstance(decision, Deliver | Drop):
        return decision.receiver
    member = getattr(decision, "member", 0)
    return member if isinstance(member, int) else 0


def happens_by_itself(world: World, decision: Decision) -> bool:
    """Whether a decision is the course of things, not an act of a person.

    Messages are lost and doubled by both: it is the course of things when it would happen anyway.
    """
    if isinstance(decision, Drop | Duplicate):
        return any(due.decision == decision for due in world.choices())
    return isinstance(decision, (Deliver, FireTimer, Report, *LOCAL_WORK))
