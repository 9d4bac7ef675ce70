"""The bench of the search and the swarm: what does not depend on the machine."""

import pytest

from learnetcd import cli
from learnetcd.bench import checks


def test_more_depth_and_more_members_have_more_states():
    assert checks.states(3, 4) > 2 * checks.states(3, 3)
    assert checks.states(4, 4) > checks.states(3, 4) > checks.states(1, 4)


def test_the_same_states_are_counted_every_time():
    assert checks.states(3, 4) == checks.states(3, 4)


def test_the_table_says_transitions_events_and_growth(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(checks, "let_garbage_wait", lambda: None)  # that is for whole processes
    monkeypatch.setattr(checks.rates, "__defaults__", (0.2,))
    monkeypatch.setattr(checks.swarm_rate, "__defaults__", (1,))
    monkeypatch.setattr(checks.growth, "__defaults__", (4,))
    assert cli.main(["bench", "check"]) == 0
    said = capsys.readouterr().out
    assert "The search, level by level: transitions a second" in said
    assert "The swarm: events a second" in said
    assert "times those up to depth 3: " in said
