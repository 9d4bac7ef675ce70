"""`learnetcd bench cluster` measures clusters of processes; here ours alone, for a moment."""

from argparse import Namespace
from pathlib import Path

import pytest

from learnetcd.bench import cluster, http
from learnetcd.errors import UserError


def test_every_figure_of_a_cluster_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cluster, "IDLE_S", 0.2)
    monkeypatch.setattr(cluster, "TURNS", 1)
    monkeypatch.setattr(cluster, "TURN_S", 0.3)
    monkeypatch.setattr(cluster, "MISSED_WRITES", 50)
    with cluster.running("learnetcd", tmp_path) as ours:
        (idle,) = cluster.idle(ours, ours)
        puts, *_ = cluster.puts(ours, ours)
        (late,) = cluster.to_catch_up(ours, ours)
        leader = ours.leader()
        seconds = cluster.gap(ours, "/kill")
        assert ours.servers[leader].process.poll() is None  # it was started again
    assert idle.value.endswith(" %")
    assert puts.value == "1.00 x"
    assert late.name == "A member that missed 50 writes has them"
    assert 0.1 < seconds < 50


def test_without_an_etcd_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(http, "etcd_is_here", lambda: False)
    with pytest.raises(UserError, match="`learnetcd bench cluster` compares with the real etcd"):
        cluster.run(Namespace(kills=1))
