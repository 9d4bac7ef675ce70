"""The key of a state: a number, equal for states from which the same can happen.

    S1 leads, S2 has the entry, S3 has not   \
                                              one key: who is called what does not matter
    S3 leads, S1 has the entry, S2 has not   /

A search that came here before, by whichever way, need not go on from here. Whether it did, the key
says: two states have one key if they differ in nothing that could ever matter. What can't matter is
left out: the time (a search has none, see `moves`), numbers of messages and of batches, how often
somebody drew a timeout. And who is called S2 does not matter either; so members are put into an
order by what they are, and then named by their places in it (*symmetry*).

    facts of a member    plain     term, log, what its disk holds, what waits for it
                         names     whom it voted for, who leads: to be renamed
                         peers     what it knows of each other: to be put into the new order

The facts of a member are taken once and kept as long as nobody moves it: a world that is forked
shares its machines, so the very object tells.

To the state belongs what the judge remembers (who led which term, who voted for whom, what was
answered), else a state in which a vote was lost would be taken for one in which it was never given.

`simulator.digest` names another thing: everything, down to the last counter, and in a way that is
the same everywhere. This key lives in one process.

Left out: two members of whom all facts are equal, but who are different for a third. They keep
their order, so such a state may be looked at twice.

Source: symmetry reduction, Ip and Dill, "Better verification through symmetry" (1996).

Next page: `search`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter

from learnetcd.checking.moves import Bounds
from learnetcd.invariants.elections import ElectionSafety, OneVote
from learnetcd.invariants.judge import Judge
from learnetcd.invariants.reads import FreshReads
from learnetcd.raft.configuration import ConfigChange
from learnetcd.raft.entry import Entry, HardState, Stored
from learnetcd.raft.messages import Message
from learnetcd.raft.progress import Progress
from learnetcd.raft.raft import Raft
from learnetcd.raft.roles import Candidate, Leader
from learnetcd.simulator.disk import DiskRefused, Record
from learnetcd.simulator.machine import Machine
from learnetcd.simulator.world import World

Key = int


@dataclass(frozen=True, slots=True)
class Facts:
    """What matters of one member."""

    plain: tuple[object, ...]
    names: tuple[int, ...]
    """Members that it names; 0 for nobody."""
    peers: dict[int, tuple[object, ...]]
    """What it knows of others, or will tell them."""


Ghosts = tuple[tuple[object, ...], tuple[int, ...]]
"""What the judge remembers of a member, and the members that it names."""

Known = dict[int, tuple[Machine, Facts]]
"""The facts of each member, and the machine that they were taken of."""


def key_of(world: World, bounds: Bounds, known: Known, *, symmetric: bool) -> tuple[Key, Known]:
    """The key of a state; `known` are the facts of the state before it.

    Not `symmetric`: names count, for there are entries that name members.
    """
    taken = {
        member: known[member]
        if member in known and known[member][0] is world.machine(member)
        else (world.machine(member), facts_of(world.machine(member)))
        for member in world.member_ids
    }
    ghosts = ghosts_of(world.judge, world.member_ids)
    letters = letters_of(world)
    order = list(world.member_ids)
    if symmetric:
        order = in_order(order, taken, ghosts, letters)
    place = {member: number for number, member in enumerate(order, 1)} | {0: 0}
    parts: list[object] = [bounds, common_ghosts(world.judge)]
    for member in order:
        facts = taken[member][1]
        names = (*facts.names, *ghosts[member][1])
        parts.append((facts.plain, ghosts[member][0], tuple(place.get(n, n) for n in names)))
        parts.append(tuple(facts.peers.get(other) for other in order))
        parts.append(tuple(tuple(letters.get((member, other), ())) for other in order))
    return hash(tuple(parts)), taken


def names_members(world: World) -> bool:
    """Whether some entry names members: a change of them."""
    logs = [world.member(member).raft.log for member in world.alive_ids]
    entries = [entry for log in logs for entry in log.entries(log.first_index, log.last_index)]
    return any(isinstance(entry.payload, ConfigChange) for entry in entries)


def in_order(
    members: Iterable[int],
    taken: Known,
    ghosts: dict[int, Ghosts],
    letters: dict[tuple[int, int], list[object]],
) -> list[int]:
    """Put members into an order that does not depend on what they are called."""
    sent_by: dict[int, list[int]] = {}
    coming_to: dict[int, list[int]] = {}
    for (sender, receiver), row in letters.items():
        mail = hash(tuple(row))
        sent_by.setdefault(sender, []).append(mail)
        coming_to.setdefault(receiver, []).append(mail)

    def nameless(member: int) -> int:
        sent, coming = sorted(sent_by.get(member, ())), sorted(coming_to.get(member, ()))
        facts = taken[member][1]
        others = sorted(hash(about) for about in facts.peers.values())
        return hash((facts.plain, ghosts[member][0], *others, 0, *sent, 0, *coming))

    return sorted(members, key=nameless)


# -- members -------------------------------------------------------------------------------------


def facts_of(machine: Machine) -> Facts:
    """Take the facts of one member."""
    disk = machine.disk
    try:
        stored = disk.recovered()
    except DiskRefused:
        return Facts(("refused",), (), {})
    names = [stored.hard_state.vote]
    plain: list[object] = [stored_facts(stored)]
    member = machine.member
    if member is None:
        return Facts(tuple(plain), tuple(names), {})
    unsafe = [record for _, record in disk.last_records(disk.written - disk.synced)]
    names += [record.vote for record in unsafe if isinstance(record, HardState)]
    sync, behind = machine.sync, disk.synced
    raft, log = member.raft, member.raft.log
    names += [raft.vote, raft.leader]
    plain += [
        tuple(map(record_facts, unsafe)),
        sync and (sync.written - behind, *(task.written - behind for task in machine.syncs_after)),
        machine.apply and machine.apply.number,
        (raft.term, type(raft.role).__name__, log.first_index),
        log.entries(log.first_index, log.last_index),
        (log.commit_index, log.applied_index, log.applying_index),
        (log.durable_index, log.saving_index, member.applied_index, member.store.digest()),
        (tuple(member.waiting), tuple(member.fresh_reads.items())),
        member.wall_minus_now_ms,
        raft.configuration.joint,
    ]
    peers: dict[int, list[object]] = {}
    add_configuration(raft, peers)
    add_promises(raft, plain, peers)
    add_role(raft, plain, names, peers)
    return Facts(tuple(plain), tuple(names), {peer: tuple(all_) for peer, all_ in peers.items()})


def stored_facts(stored: Stored) -> tuple[object, ...]:
    """What a disk holds for sure, but for the vote."""
    state = stored.hard_state
    return (state.term, state.commit_index, stored.snapshot.index, stored.entries)


def record_facts(record: Record) -> object:
    """A record, but for the vote in it."""
    match record:
        case Entry():
            return record
        case HardState():
            return (record.term, record.commit_index)
        case _:
            return (record.index, record.term, "snapshot")


def add_configuration(raft: Raft, peers: dict[int, list[object]]) -> None:
    """Who is a member, as it believes."""
    configuration = raft.configuration
    for member in configuration.members:
        is_old = member in configuration.outgoing
        peers[member] = [member in configuration.voters, is_old]


def add_promises(raft: Raft, plain: list[object], peers: dict[int, list[object]]) -> None:
    """What it will say when its disk has it."""
    for number, batch in enumerate(raft.batches):
        plain.append((batch.term, batch.last_index, batch.last_term))
        for message in batch.promises:
            told = (number, message_facts(message))
            if message.receiver == raft.id:
                plain.append(told)
            else:
                peers.setdefault(message.receiver, []).append(told)


def add_role(
    raft: Raft, plain: list[object], names: list[int], peers: dict[int, list[object]]
) -> None:
    """What only its role knows."""
    match raft.role:
        case Candidate(votes=votes):
            for voter, granted in votes.items():
                peers.setdefault(voter, []).append(granted)
        case Leader() as leader:
            plain.append((leader.pending_change_index, leader.read_round))
            for member, progress in leader.progress.items():
                peers.setdefault(member, []).append(progress_facts(progress))
            for member, confirmed in leader.confirmed_rounds.items():
                peers.setdefault(member, []).append(("round", confirmed))
            for read in leader.pending_reads:
                plain.append((read.read_round, read.context, read.read_index))
                names.append(read.asker)
            for asker, context in leader.early_reads:
                plain.append(("early", context))
                names.append(asker)
        case _:
            pass


def progress_facts(progress: Progress) -> tuple[object, ...]:
    """What a leader knows of one other."""
    return (
        progress.match_index,
        progress.next_index,
        progress.mode.value,
        progress.waiting,
        progress.sent_commit,
        len(progress.inflight),
    )


# -- messages ------------------------------------------------------------------------------------


def letters_of(world: World) -> dict[tuple[int, int], list[object]]:
    """What is on its way on each link, in its order; copies behind the others."""
    letters: dict[tuple[int, int], list[object]] = {}
    for sender, receiver, number, copy in sorted(world.network.packets):
        message = world.network.packets[sender, receiver, number, copy].message
        letters.setdefault((sender, receiver), []).append((copy > 0, message_facts(message)))
    return letters


def message_facts(message: Message) -> tuple[object, ...]:
    """A message, but for who sends it to whom."""
    kind = type(message)
    return (kind.__name__, content_of(kind)(message))  # type: ignore[arg-type]  # a class has a hash


@cache
def content_of(kind: type[Message]) -> Callable[[Message], object]:
    """What reads all fields of a kind of message, but for the two names."""
    names = [field.name for field in fields(kind)]
    return attrgetter(*(name for name in names if name not in ("sender", "receiver")))


# -- what the judge remembers --------------------------------------------------------------------


def ghosts_of(judge: Judge | None, members: Iterable[int]) -> dict[int, Ghosts]:
    """What was seen of each member: the terms it led and voted in, what it was asked; its votes."""
    assert judge is not None, "a search is judged"
    led: dict[int, list[int]] = {}
    votes: dict[int, tuple[int, int]] = {}
    asked: list[tuple[int, int]] = []
    for one in judge.invariants:
        match one:
            case ElectionSafety(leaders=leaders):
                for term in range(leaders.start, leaders.end):
                    led.setdefault(leaders[term], []).append(term)
            case OneVote(votes=votes):
                pass
            case FreshReads(asked=waiting):
                asked = list(waiting.values())
    found: dict[int, Ghosts] = {}
    for member in members:
        term, candidate = votes.get(member, (0, 0))
        floors = tuple(floor for where, floor in asked if where == member)
        found[member] = ((tuple(led.get(member, ())), term, floors), (candidate,))
    return found


def common_ghosts(judge: Judge | None) -> tuple[object, ...]:
    """What was seen of the cluster: what was committed, and how far answers went."""
    assert judge is not None, "a search is judged"
    history = judge.history
    assert history is not None, "members were started"
    answered = next(one.answered for one in judge.invariants if isinstance(one, FreshReads))
    return (history.end, tuple(entry.term for entry in history.committed), answered)
