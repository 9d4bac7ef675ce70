"""Swarm runs: whatever breaks, nothing wrong is done, and the cluster comes to life again."""

import pytest

from learnetcd.invariants import Judge
from learnetcd.simulator.swarm import FAULTS, Dice, Swarm, swarm_setup
from learnetcd.simulator.timeline import replay


@pytest.mark.parametrize("seed", range(12))
def test_a_swarm_run_breaks_no_rule_and_ends_well(seed):
    result = Swarm(seed, trouble_ms=3_000).run(judge=Judge())
    assert result.trouble == ""
    assert result.commits > 0


def test_a_swarm_run_is_repeated_by_its_decisions_alone():
    result = Swarm(3, trouble_ms=1_000).run()
    world = replay(result.setup, result.decisions)
    assert world.step == len(result.decisions)
    assert max(world.member(m).raft.log.commit_index for m in world.alive_ids) == result.commits


def test_a_swarm_run_is_the_same_each_time():
    assert Swarm(4, trouble_ms=1_000).run() == Swarm(4, trouble_ms=1_000).run()


def test_seeds_differ_in_cluster_weather_and_faults():
    setups = [swarm_setup(seed, Dice(seed)) for seed in range(200)]
    assert {len(setup.members) for setup in setups} == {1, 2, 3, 4, 5}
    assert len({setup.weather for setup in setups}) > 10
    assert {setup.profile for setup in setups} == {"paper", "etcd-3.3", "etcd-3.5"}
    kinds = {kind for seed in range(200) for kind in Swarm(seed)._kinds}
    assert kinds == set(FAULTS)
