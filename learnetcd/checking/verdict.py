"""The verdict over a whole run: what no single step can show.

    a run of trouble  ->  all is healed  ->  within 60 election timeouts:
                                             somebody leads, a new write is done, everybody has it
                                         ->  the stores are equal, and no answered write is missing

"Sooner or later a leader is elected" can't be broken by any step, so no invariant says it; a run
that ends can. Raft promises progress only while a majority can talk, and only while talking and
writing take much less time than an election timeout (Raft §5.6). So first all links are mended,
paused processes resumed, clocks set right, disks made fast, dead members restarted; members that
were removed are stopped, for without pre-vote they disturb the others for ever (Raft §6).

And the answers of a run must fit together, as if one machine had given them (`linearizability`).
That is a search; where it takes too long nothing is said, and the check of answered writes stands.

Next page: `linearizability`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from learnetcd.checking.chaos import leaders
from learnetcd.checking.history import Witness, histories, judged, same_branch
from learnetcd.checking.plans import Plan
from learnetcd.invariants.elections import ElectionSafety
from learnetcd.invariants.judge import Judge
from learnetcd.member.request import KeyRequest, Method, Outcome
from learnetcd.raft.configuration import Configuration
from learnetcd.raft.quorum import majority
from learnetcd.simulator.clients import ClientRecord
from learnetcd.simulator.decisions import (
    Crash,
    Decision,
    Heal,
    Release,
    Restart,
    Resume,
    SetWeather,
    Skew,
    SlowApply,
    SlowDisk,
    StartMember,
    Submit,
)
from learnetcd.simulator.world import World
from learnetcd.store.node import Node
from learnetcd.tracing import member_name

PATIENCE = 60
"""So many election timeouts are enough for everything."""

MOST_STEPS = 50_000
"""And so many decisions: a cluster that is left alone has no reason to talk without end."""

FAST = (1, 3)
"""Milliseconds of a disk and of a store that keep up."""

LINEARIZABILITY = "linearizability"
"""What a finding is called that is about answers which don't fit together."""

LAST_WRITE = KeyRequest(Method.PUT, "/settled", "yes")


def patience_ms(plan: Plan, world: World) -> int:
    """How long to wait for progress; a store that lags and a long log to be copied take longer."""
    last = max((world.member(m).raft.log.last_index for m in world.alive_ids), default=0)
    applied = min((world.member(m).applied_index for m in world.alive_ids), default=0)
    # At worst the entries are copied one by one, with a round trip and a sync for each.
    each_ms = 2 * plan.network_ms[1] + FAST[1]
    begun_ms = 10 * (plan.disk_ms[1] + plan.apply_ms[1])
    return PATIENCE * plan.election_ms + begun_ms + (last - applied) * each_ms


# -- mending -------------------------------------------------------------------------------------


def mending(world: World) -> Iterator[Decision]:
    """Everything is repaired."""
    yield Heal()
    yield SetWeather(0, 0, 0)
    for member in world.member_ids:
        if world.clock_rate(member) != 1000:
            yield Skew(member, 1000)
        if world.paused(member):
            yield Resume(member)
        if not world.alive(member):
            yield Restart(member)
        yield from keeping_up(world, member)
    for packet in world.packets():
        if packet.held:
            yield Release(*packet.key)


def keeping_up(world: World, member: int) -> Iterator[Decision]:
    """Its disk and its store are fast."""
    machine = world.machine(member)
    if machine.disk_ms != FAST:
        yield SlowDisk(member, *FAST)
    if machine.apply_ms != FAST:
        yield SlowApply(member, *FAST)


def newest_configuration(world: World) -> Configuration:
    """Who the members are, according to whoever has applied most."""
    living = [world.member(member) for member in world.alive_ids]
    return max(living, key=lambda member: member.applied_index).raft.configuration


def newest_members(world: World) -> tuple[int, ...]:
    """All of them, learners too."""
    return newest_configuration(world).members


def caring(world: World) -> Iterator[Decision]:
    """Members that are needed run, members that were removed do not: asked for again and again."""
    needed = newest_members(world)
    for member in needed:
        if member not in world.member_ids:
            yield StartMember(member)
            yield SlowDisk(member, *FAST)
            yield SlowApply(member, *FAST)
        elif not world.alive(member):
            yield Restart(member)
    known = {
        member: world.member(member).raft.configuration.members
        for member in needed
        if world.alive(member)
    }
    for member in world.alive_ids:
        if member not in needed and all(member not in members for members in known.values()):
            yield Crash(member)


def asking(world: World, since: int) -> Iterator[Decision]:
    """A write, at every leader there is, until one is done."""
    if not last_writes(world, since):
        for member in leaders(world):
            yield Submit(member, world.clients.last_id + 1, LAST_WRITE)


def last_writes(world: World, since: int) -> list[int]:
    """The entries of those that are done, of all asked for after the request `since`."""
    return [
        record.answer.raft_index
        for record in world.clients.latest(world.clients.last_id - since)
        if record.request_id > since
        and record.request is LAST_WRITE
        and record.answer is not None
        and record.answer.outcome is Outcome.DONE
    ]


def settled(world: World, since: int) -> bool:
    """Whether a write asked for after the request `since` is done, and everybody has it."""
    done = last_writes(world, since)
    if not done:
        return False
    needed = newest_members(world)
    if not all(world.alive(member) for member in needed):
        return False
    applied = [world.member(member).applied_index for member in needed]
    return min(applied) >= min(done) and min(applied) == max(applied)


def beyond_help(world: World) -> bool:
    """Whether somebody needs for ever the vote of one who has no vote any more.

    S1 and S2 vote; S2 leads and removes itself; before S1 hears that this is committed, S2 is cut
    off. It may not stand any more, and its log is longer, so S1 does not get its vote and cannot
    win. etcd/raft's README warns of it: have three voters or more.
    """
    newest = newest_configuration(world)
    voters = {*newest.voters, *newest.outgoing}
    configurations = [
        world.member(member).raft.configuration for member in voters if world.alive(member)
    ]
    return any(
        half and len(voters.intersection(half)) < majority(len(half))
        for configuration in configurations
        for half in (configuration.voters, configuration.outgoing)
    )


def why_not_settled(world: World, since: int) -> str:
    """What stands in the way, in words."""
    members = ", ".join(
        f"{member_name(m)} is {type(world.member(m).raft.role).__name__.lower()} of term "
        f"{world.member(m).raft.term} and has applied {world.member(m).applied_index}"
        for m in world.alive_ids
    )
    return (
        f"{PATIENCE} election timeouts after all was healed, no new write is done and known to "
        f"all: {members}"
    )


# -- looking back --------------------------------------------------------------------------------


def stores_differ(world: World) -> str:
    """Stores that have applied the same entries must be equal: what was found if they are not."""
    first: dict[int, tuple[int, str]] = {}
    for member_id in world.alive_ids:
        member = world.member(member_id)
        digest = member.store.digest()
        other, expected = first.setdefault(member.applied_index, (member_id, digest))
        if digest != expected:
            return (
                f"{member_name(other)} and {member_name(member_id)} have both applied up to "
                f"{member.applied_index}, and their stores differ"
            )
    return ""


def missing_write(world: World) -> str:
    """Writes that were answered must be there, or have been written over since."""
    newest = max((world.member(m) for m in world.alive_ids), key=lambda one: one.applied_index)
    by_key: dict[str, list[ClientRecord]] = {}
    for record in world.clients.values():
        if isinstance(record.request, KeyRequest) and record.request.method is not Method.GET:
            by_key.setdefault(record.request.key, []).append(record)
    tied = [key for key, records in by_key.items() if not all(map(is_plain, records))]
    for key, records in by_key.items():
        if any(same_branch(key, other) for other in tied):
            continue  # it may be gone, or changed, by what was done to another key, or by itself
        if found := _missing(key, records, newest.node_at(key), world.setup.weather[1] > 0):
            return found
    return ""


def is_plain(record: ClientRecord) -> bool:
    """Whether it puts or deletes one key, come what may."""
    request = record.request
    assert isinstance(request, KeyRequest), f"{request} writes no key"
    return request.method is not Method.POST and not request.options


def not_linearizable(world: World, witness: Witness) -> str:
    """Answers that no single machine could have given: which, if there are any."""
    for key, operations, verdict in judged(histories(world, witness)):
        if (stuck := verdict.stuck) is not None:
            return (
                f"no order of the {len(operations)} operations on {key} explains all answers: "
                f"{stuck.client} ({stuck.asked}) does not fit behind the best {len(verdict.order)}"
            )
    return ""


def _missing(key: str, records: list[ClientRecord], node: Node | None, doubles: bool) -> str:
    done = [record for record in records if _is(record, Outcome.DONE)]
    if not done:
        return ""
    last = max(done, key=_etcd_index)
    request = last.request
    assert isinstance(request, KeyRequest), f"{request} writes nothing"
    if node is None:
        # Gone; it may have been deleted by somebody who was never told so, or once more by somebody
        # who was: if the network doubled his request on its way to the leader.
        deletes = [record for record in records if _deletes(record)]
        unsure = any(doubles or not _is(record, Outcome.DONE) for record in deletes)
        if request.method is Method.DELETE or unsure:
            return ""
        return f"c{last.request_id} was told that {request} is done, and {key} is not there"
    if node.modified_index > _etcd_index(last):
        return ""
    if node.modified_index == _etcd_index(last) and node.value == request.value:
        return ""
    return (
        f"c{last.request_id} was told that {request} is done at etcd index {_etcd_index(last)}, "
        f"but {key} is {node.value!r} since {node.modified_index}"
    )


def _is(record: ClientRecord, outcome: Outcome) -> bool:
    return record.answer is not None and record.answer.outcome is outcome


def _etcd_index(record: ClientRecord) -> int:
    return record.answer.etcd_index if record.answer is not None else 0


def _deletes(record: ClientRecord) -> bool:
    return isinstance(record.request, KeyRequest) and record.request.method is Method.DELETE


def too_many_leaders(judge: Judge) -> str:
    """Where nothing ever went wrong, one election is enough; a second may have been near."""
    elected = sum(1 for leader in leaders_of_terms(judge.invariants) if leader)
    return f"nothing went wrong, and yet {elected} leaders were elected" if elected > 2 else ""


def leaders_of_terms(invariants: Iterable[object]) -> Iterable[int]:
    """Who led which term, as the judge saw it."""
    return next(one.leaders for one in invariants if isinstance(one, ElectionSafety))


def unreadable_disk(world: World) -> str:
    """What a dead member's disk holds must be readable."""
    for member in world.member_ids:
        if not world.alive(member):
            try:
                world.disk(member).recovered()
            except Exception as refused:  # whatever it is: the member can't come back
                return f"{member_name(member)} can't start from its disk: {refused}"
    return ""
