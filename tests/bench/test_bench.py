"""`learnetcd bench` measures what it says, and says when a goal is missed."""

import pytest

from learnetcd.bench import core, figure
from learnetcd.invariants import Judge


def test_a_busy_cluster_is_healthy_and_writes():
    busy = core.Busy(judge=Judge())
    assert busy.go(2_000) > 0
    assert busy.world.judge is not None
    assert busy.world.judge.violations == ()
    assert busy.world.member(3).raft.log.commit_index > 40


def test_all_of_our_writes_are_committed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(core, "WRITES", 60)
    assert core.our_writes(20) > 0  # asserts by itself that each one was done


def test_a_seed_is_repeated():
    (found,) = core.repeats(3)
    assert (found.value, found.missed) == ("3 of 3", "")


def test_a_goal_that_is_missed_is_named():
    assert figure.missed(10, 15, "15") == "15"
    assert figure.missed(10, 5, "5") == ""
    assert figure.missed(60, 50, "50 ms", at_least=False) == "50 ms"
    line = figure.line(figure.Figure("Events", "10", "counted", missed="15"))
    assert line.endswith("MISSED: 15")
