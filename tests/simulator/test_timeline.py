"""Timelines: any moment again, exactly, and no history is lost."""

import pytest

from learnetcd.errors import UserError
from learnetcd.invariants import Judge
from learnetcd.member.request import KeyRequest, Method
from learnetcd.simulator.decisions import Campaign, Crash, FireTimer, Restart, Submit, Sync
from learnetcd.simulator.schedule import run
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.timeline import FRAME, TRAIL, Branch, Timeline, replay
from learnetcd.simulator.world import Impossible, World

LONG = 2 * FRAME + 30


def timeline_of(steps, seed=7):
    """A run with writes and a crash, and the digest of each of its worlds."""
    timeline = Timeline(Setup(seed=seed))
    timeline.decide(Campaign(2))
    digests = [timeline.world_at(0).digest(), timeline.world.digest()]
    while timeline.step < steps:
        timeline.decide(next_of(timeline))
        digests.append(timeline.world.digest())
    return timeline, digests


def next_of(timeline):
    world, step = timeline.world, timeline.step
    if step % 40 == 39:
        request = KeyRequest(Method.PUT, f"/k{step % 3}", str(step))
        return Submit(2, world.clients.last_id + 1, request)
    if step % 200 == 120:
        return Crash(3, 0) if world.alive(3) else Restart(3)
    return world.next_decision()


@pytest.fixture(scope="module")
def long_run():
    return timeline_of(LONG)


def test_going_to_any_step_gives_the_very_world_that_was_there(long_run):
    timeline, digests = long_run
    for step in (0, LONG, 1, FRAME, FRAME - 1, FRAME + 1, 2 * FRAME, 17, LONG - 1, LONG):
        timeline.seek(step)
        assert timeline.step == step
        assert timeline.world.digest() == digests[step]


def test_going_back_step_by_step_and_forward_again_gives_the_same_worlds(long_run):
    timeline, digests = long_run
    timeline.seek(FRAME + 20)
    for step in range(FRAME + 19, FRAME - 20, -1):
        timeline.back()
        assert timeline.world.digest() == digests[step]
    for step in range(FRAME - 18, FRAME + 10):
        assert timeline.forward() == timeline.decision(step)
        assert timeline.world.digest() == digests[step]


def test_each_step_back_costs_no_more_than_the_way_from_a_frame(monkeypatch):
    """The first one keeps the worlds that it comes by, so that the next ones replay nothing."""
    timeline, _ = timeline_of(FRAME - 1)
    decided = count_decisions(monkeypatch)
    timeline.back()
    assert len(decided) == FRAME - 2
    for _ in range(TRAIL - 1):
        timeline.back()
    assert len(decided) == FRAME - 2
    timeline.back()
    assert len(decided) < 2 * FRAME


def test_the_first_step_of_something_that_stays_is_found_between_two_frames(monkeypatch, long_run):
    timeline, _ = long_run
    timeline.seek(3)
    decided = count_decisions(monkeypatch)
    for wanted in (1, 17, FRAME, FRAME + 1, LONG):
        assert timeline.first_step(lambda world, wanted=wanted: world.step >= wanted) == wanted
    assert len(decided) <= 5 * FRAME
    assert timeline.first_step(lambda world: world.step > LONG) is None
    assert timeline.step == 3


def count_decisions(monkeypatch):
    """What any world decides from now on."""
    decided, decide = [], World.decide
    monkeypatch.setattr(World, "decide", lambda *args: (decided.append(args[1]), decide(*args)))
    return decided


def test_nobody_goes_back_beyond_the_beginning_or_forward_beyond_the_end(long_run):
    timeline, digests = long_run
    timeline.seek(3)
    timeline.back(10)
    assert timeline.step == 0
    timeline.seek(LONG)
    assert timeline.forward() is None
    assert timeline.world.digest() == digests[LONG]
    for step in (-1, LONG + 1):
        with pytest.raises(UserError, match=f"There is no step {step}"):
            timeline.seek(step)
        with pytest.raises(UserError, match="There is no step"):
            timeline.decision(step)


def test_looking_at_another_step_does_not_go_there(long_run):
    timeline, digests = long_run
    timeline.seek(30)
    for step in (0, 29, 30, 31, LONG):
        assert timeline.world_at(step).digest() == digests[step]
    assert timeline.step == 30
    timeline.world_at(30).decide(Crash(1, 0))
    assert timeline.world.digest() == digests[30], "what was given out is a copy"


def test_the_decisions_alone_lead_to_the_same_world(long_run):
    timeline, digests = long_run
    assert replay(timeline.setup, timeline.decisions()).digest() == digests[LONG]


def test_deciding_what_was_decided_there_goes_forward():
    timeline, digests = timeline_of(60)
    timeline.seek(10)
    timeline.decide(timeline.decision(11))
    assert (timeline.step, timeline.length, timeline.branch) == (11, 60, "main")
    assert timeline.world.digest() == digests[11]


def test_deciding_otherwise_begins_a_branch_and_keeps_the_old_future():
    timeline, digests = timeline_of(60)
    timeline.seek(10)
    timeline.decide(Crash(1, 0))
    assert timeline.branch == "branch 2"
    assert (timeline.step, timeline.length) == (11, 11)
    assert timeline.branches() == [Branch("main", "", 0, 60), Branch("branch 2", "main", 10, 11)]
    timeline.switch("main", 60)
    assert timeline.world.digest() == digests[60]
    timeline.switch("branch 2", 11)
    assert not timeline.world.alive(1)
    assert timeline.same_until("main") == 10


def test_what_is_not_possible_begins_no_branch():
    timeline, digests = timeline_of(60)
    timeline.seek(10)
    with pytest.raises(Impossible):
        timeline.decide(Restart(1))
    assert len(timeline.branches()) == 1
    assert timeline.world.digest() == digests[10]


def test_branches_of_branches_share_what_is_before_they_part():
    timeline, digests = timeline_of(LONG)
    timeline.seek(FRAME + 10)
    timeline.decide(Crash(1, 0))
    while timeline.step < LONG + 7:
        timeline.decide(timeline.world.next_decision())
    second = timeline.world.digest()
    timeline.seek(2 * FRAME + 1)
    timeline.decide(Restart(1))
    third = timeline.world.digest()
    assert [(b.name, b.parent, b.parts_at) for b in timeline.branches()] == [
        ("main", "", 0),
        ("branch 2", "main", FRAME + 10),
        ("branch 3", "branch 2", 2 * FRAME + 1),
    ]
    timeline.switch("main", LONG)
    assert timeline.world.digest() == digests[LONG]
    timeline.switch("branch 2", LONG + 7)
    assert timeline.world.digest() == second
    timeline.switch("branch 3")
    assert (timeline.step, timeline.world.digest()) == (2 * FRAME + 2, third)
    timeline.seek(5)
    assert timeline.world.digest() == digests[5]
    timeline.seek(5)
    timeline.decide(Crash(2, 0))
    assert timeline.branches()[-1].parent == "main", "step 5 was made on main"


def test_switching_at_a_step_that_two_branches_share_stays_there():
    timeline, digests = timeline_of(60)
    timeline.seek(10)
    timeline.decide(Crash(1, 0))
    timeline.back(5)
    timeline.switch("main")
    assert (timeline.step, timeline.branch) == (6, "main")
    assert timeline.world.digest() == digests[6]
    timeline.seek(30)
    timeline.switch("branch 2")
    assert (timeline.step, timeline.branch) == (11, "branch 2")


def test_branches_can_be_named():
    timeline, _ = timeline_of(20)
    timeline.rename("main", "as it was")
    assert timeline.branch == "as it was"
    timeline.seek(5)
    timeline.decide(Crash(1, 0))
    with pytest.raises(UserError, match="There is a branch 'as it was' already"):
        timeline.rename("branch 2", "as it was")
    with pytest.raises(UserError, match="There is no branch 'as it wos'"):
        timeline.switch("as it wos")


def test_trace_events_are_made_again_and_the_same_each_time():
    timeline = Timeline(Setup(first_timers=((1, 14), (2, 11), (3, 18))))
    timeline.decide(FireTimer(2))
    timeline.decide(Sync(2))
    first = [(member, type(event).__name__) for member, event in timeline.events(1)]
    assert (2, "ElectionStarted") in first
    timeline.seek(0)
    assert [(member, type(event).__name__) for member, event in timeline.events(1)] == first
    assert timeline.step == 0


def test_a_judge_remembers_no_future():
    timeline = Timeline(Setup(), judge=Judge())
    timeline.decide(Campaign(2))
    run(timeline.world, until=lambda world: False, max_steps=0)
    while timeline.step < 100:
        timeline.decide(timeline.world.next_decision())
    assert timeline.world.judge.violations == ()
    timeline.seek(50)
    while timeline.forward() is not None:
        assert timeline.world.judge.violations == ()
