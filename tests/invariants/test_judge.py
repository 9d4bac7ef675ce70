"""The judge: it knows all invariants, forks, forgets, and raises no false alarm."""

import random

import pytest

from learnetcd.invariants import ALL, GLOBAL, Judge, Violation, catalogue
from learnetcd.member.effects import SendMessage
from learnetcd.member.request import KeyRequest, Method, ReadKind
from learnetcd.raft.messages import AppendEntriesReply, RequestVoteReply
from learnetcd.raft.twins import TWINS
from learnetcd.simulator.decisions import (
    Crash,
    Cut,
    Decision,
    Heal,
    Restart,
    Submit,
    Transfer,
)
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.world import Impossible, World

SECOND_VOTE = (SendMessage(RequestVoteReply(2, 3, 1, granted=True)),)


def test_there_are_20_each_described_for_a_learner():
    described = catalogue()
    expected = [*(f"G{n}" for n in range(1, 10)), *(f"L{n}" for n in range(1, 12))]
    assert [one.id for one in described] == expected
    assert len({one.name for one in described}) == 20
    for one in described:
        assert one.sentence.endswith(".")
        assert one.citation


def test_every_broken_twin_names_an_invariant():
    names = {kind.name for kind in ALL}
    assert [twin.name for twin in TWINS.values() if twin.breaks not in names] == []


def test_a_violation_says_where_and_when(stage):
    stage.elect(1)
    stage.show(2, effects=SECOND_VOTE)
    first, *_ = stage.judge.violations
    assert first == Violation(
        "G7", "one vote a term", "it voted for S1 and for S3 in term 1", member=2, at=stage.at
    )
    assert stage.judge.violation("G7") is first
    assert stage.judge.safe == 18  # L2 sees it, too


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ("it leads term 3", "S2 leads term 3"),
        ("its term fell from 3 to 2", "S2's term fell from 3 to 2"),
        ("S1 and S2 were both elected in term 1", "S1 and S2 were both elected in term 1"),
        ("entry 4@1 is gone", "S2: entry 4@1 is gone"),
    ],
)
def test_a_violation_names_the_member(found, said):
    assert str(Violation("G1", "any", found, 2, 17)) == said


def test_only_the_first_violation_of_an_invariant_is_kept(stage):
    stage.elect(1)
    stage.show(2, effects=SECOND_VOTE)
    found = stage.judge.violations
    stage.show(2, effects=SECOND_VOTE)
    assert stage.judge.violations == found


def test_local_invariants_can_be_left_out(stage):
    stage.judge = judge = Judge(local=False)
    for member in stage.members.values():
        judge.after_start(0, member)
    stage.show(2, effects=(SendMessage(AppendEntriesReply(2, 1, 0, 7)),))
    assert judge.violations == ()
    assert judge.safe == len(GLOBAL) == 9
    stage.elect(1)
    stage.show(2, effects=SECOND_VOTE)
    assert [violation.invariant for violation in judge.violations] == ["G7"]


def ghosts(judge):
    """Everything that a judge remembers, as text."""
    history = judge.history
    return repr(
        (
            [
                {name: list(ghost) if hasattr(ghost, "fork") else ghost for name, ghost in items}
                for one in judge.invariants
                for items in [sorted(vars(one).items())]
            ],
            [(m, d.term, d.vote, list(d.terms), d.waiting) for m, d in judge.disks.items()],
            (history.end, list(history.committed), list(history.seen), judge.violations),
        )
    )


def test_a_fork_remembers_the_same_and_goes_its_own_way(stage):
    stage.elect(1)
    stage.put(1, "a")
    stage.settle()
    stage.put(1, "under way")
    stage.get(2, ReadKind.QUORUM)
    original, fork = stage.judge, stage.judge.fork()
    before = ghosts(original)
    assert ghosts(fork) == before

    stage.judge = fork
    for value in "bcd":
        stage.put(1, value)
    stage.elect(2)
    stage.settle()
    stage.show(3, effects=(SendMessage(RequestVoteReply(3, 1, 9, granted=True)),))
    stage.crash(3)
    assert fork.violations != ()
    assert ghosts(fork) != before
    assert ghosts(original) == before


def test_the_original_goes_its_own_way_as_well(stage):
    stage.elect(1)
    fork = stage.judge.fork()
    before = ghosts(fork)
    stage.put(1, "a")
    stage.settle()
    stage.show(2, effects=SECOND_VOTE)
    assert ghosts(fork) == before
    assert fork.safe == 20


def test_what_no_member_can_bring_back_is_forgotten(make_stage):
    stage = make_stage("etcd-3.3", snapshot_entries=10, keep_entries=2)
    stage.elect(1)
    for number in range(300):
        stage.put(1, str(number))
        stage.settle()
    judge = stage.judge
    assert stage.broken == []
    assert judge.history.end == 301
    assert len(judge.history.committed) < 20
    assert len(judge.history.seen) < 20
    assert all(len(disk.terms) < 20 for disk in judge.disks.values())


# -- runs of chance --------------------------------------------------------------------------------


def disturbance(chance: random.Random, world: World, request_id: int) -> Decision | None:
    """Something that a client or a bad day does."""
    member, kind = chance.randint(1, len(world.member_ids)), chance.random()
    if kind < 0.08:
        read = chance.choice([ReadKind.INDEX, ReadKind.QUORUM])
        request = KeyRequest(Method.GET, "/x", read=read)
        if chance.random() < 0.6:
            request = KeyRequest(Method.PUT, "/x", str(request_id))
        return Submit(member, request_id, request)
    if kind < 0.085:
        return Crash(member, chance.choice([0, 0, 1, 2]))
    if kind < 0.11:
        return Restart(member)
    if kind < 0.115:
        return Transfer(member, chance.randint(1, len(world.member_ids)))
    if kind < 0.12:
        others = [other for other in world.member_ids if other != member]
        return Cut(tuple((member, other) for other in others if chance.random() < 0.8))
    if kind < 0.15:
        return Heal()
    if kind < 0.25:
        choices = world.choices()
        return chance.choice(choices[:5]).decision if choices else None
    return None


@pytest.mark.parametrize("profile", ["paper", "etcd-3.3", "etcd-3.5"])
@pytest.mark.parametrize("seed", [1, 2])
def test_no_false_alarm_in_runs_of_chance(profile, seed):
    chance = random.Random(seed)
    setup = Setup(
        members=(1, 2, 3, 4, 5)[: 3 + 2 * (seed % 2)],
        seed=seed,
        profile=profile,
        knobs=(("snapshot_entries", 20), ("keep_entries", 3)),
        network_ms=(1, 60),
        disk_ms=(1, 100),
        apply_ms=(1, 100),
        weather=(50, 50, 100),
    )
    judge = Judge()
    world = World(setup, judge=judge)
    for request_id in range(1, 2500):
        decision = disturbance(chance, world, request_id) or world.next_decision() or Heal()
        try:
            world.decide(decision)
        except Impossible:
            continue
    assert judge.violations == ()
    assert judge.history is not None
    assert judge.history.end > 10
