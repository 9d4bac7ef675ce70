"""The swarm: no false alarm on sound code, and a planted bug is found, told and told again."""

from dataclasses import replace
from functools import cache

import pytest

from learnetcd.checking.plans import FEATURES, HINTS, KEYS, plan_of
from learnetcd.checking.swarm import Run, run
from learnetcd.invariants import Judge
from learnetcd.simulator.decisions import Crash
from learnetcd.simulator.recording import Recording
from learnetcd.simulator.setup import FILES


@cache
def sound_run(seed: int) -> Run:
    """Of the code as it is: half a second, so each is run once. Nobody changes it."""
    return run(plan_of(seed))


# In run 736 a member's disk has the one snapshot for sure when the next one has come already; in
# run 1061 somebody deletes /t/a where /t is a file.
@pytest.mark.parametrize("seed", [*range(1, 9), 736, 1061])
def test_sound_code_gives_no_alarm(seed: int):
    one = sound_run(seed)
    assert one.finding is None
    assert one.steps > 1_000


def test_a_healthy_cluster_needs_few_leaders_and_gets_work_done():
    one = run(plan_of(2, "healthy"))
    assert one.finding is None
    assert one.committed > 50


def test_the_same_seed_tells_the_same_story():
    first, second = sound_run(6), run(plan_of(6))
    assert first.decisions == second.decisions
    assert first.world.digest() == second.world.digest()


def test_a_planted_bug_is_found_and_its_recording_shows_it_again():
    one = run(plan_of(1, broken_rules=("one-vote",)))
    assert one.finding is not None
    assert one.finding.what == "L5 steady vote"
    recording = Recording.parse(one.recording().text())
    judge = Judge()
    timeline = recording.play(judge)
    assert timeline.step == one.finding.step
    assert timeline.world.judge is not None
    assert timeline.world.judge.violations == one.judge.violations != ()


def test_seeds_differ_in_what_goes_wrong():
    plans = [plan_of(seed) for seed in range(1, 200)]
    assert {name for plan in plans for name in plan.features} == {"healthy", KEYS, *FEATURES}
    assert {plan.members for plan in plans} == {1, 2, 3, 4, 5, 7}
    assert {plan.profile for plan in plans} == {"paper", "etcd-3.3", "etcd-3.5"}


@pytest.mark.parametrize("hint", HINTS)
def test_a_hint_is_heeded(hint: str):
    plan = plan_of(3, hint)
    assert hint in ("any", plan.disks) or hint in plan.features


def test_a_share_of_all_runs_keeps_bytes_in_files_and_crashes_tear_some():
    plans = [plan_of(seed) for seed in range(1, 200)]
    assert 30 <= sum(plan.disks == FILES for plan in plans) <= 70
    troubled = [p for p in plans if p.disks == FILES and "crashes" in p.features]
    decisions = run(replace(troubled[0], steps=2_000)).decisions
    torn = [one for one in decisions if isinstance(one, Crash) and one.torn]
    assert torn
