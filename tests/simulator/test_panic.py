"""A member that finds its own state impossible stops, as etcd does; nobody sees a traceback."""

import pytest

from learnetcd.invariants import Judge
from learnetcd.raft import replication
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.world import World


@pytest.fixture
def impossible_heartbeats(monkeypatch):
    def fail(raft, heartbeat):
        raise AssertionError("entry 3 is committed and gone")

    monkeypatch.setattr(replication, "accept_heartbeat", fail)


def test_a_failed_assertion_kills_the_member_and_is_a_violation(impossible_heartbeats):
    told = []
    world = World(
        Setup(), judge=Judge(), tracer=lambda member, event: told.append(event.sentence("S?"))
    )
    for _ in range(40):
        world.decide(world.next_decision())
    assert world.alive_ids == (2,)
    assert "S? stops, for this can't be: entry 3 is committed and gone." in told
    [violation] = world.judge.violations
    assert (violation.name, violation.sentence) == (
        "possible states",
        "entry 3 is committed and gone",
    )
    assert world.judge.safe == len(world.judge.invariants)


def test_the_run_goes_on_and_comes_to_the_same_digest_again(impossible_heartbeats):
    digests = []
    for _ in range(2):
        world = World(Setup(), judge=Judge())
        for _ in range(60):
            world.decide(world.next_decision())
        digests.append(world.digest())
    assert digests[0] == digests[1]
