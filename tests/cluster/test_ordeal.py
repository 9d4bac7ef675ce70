"""A short ordeal of real processes; `learnetcd check cluster` is the long one."""

import shutil
import tempfile

from learnetcd.cli import main
from learnetcd.survival import command
from learnetcd.survival.ordeal import Enough, Outcome, survive


def test_a_cluster_survives_the_end_of_a_leader_and_something_else(tmp_path):
    outcome = survive(tmp_path, 3, 1.0, Enough(1, 20), print)
    assert outcome.findings == ()
    assert outcome.unknown == 0
    assert outcome.leader_kills >= 1
    assert sum(outcome.faults.values()) >= 2
    assert outcome.watched > outcome.acknowledged >= 20
    shutil.rmtree(tmp_path)  # three times 64 MB


def test_a_run_in_which_too_little_happened_does_not_count(capsys, monkeypatch):
    def hardly_anything(*_):
        return Outcome(leader_kills=4, acknowledged=10_000)

    monkeypatch.setattr(command, "survive", hardly_anything)
    assert main(["check", "cluster", "--minutes", "1", "--seed", "5"]) == 1
    said = capsys.readouterr().out
    assert "seed 5" in said
    assert "does not count" in said


def test_what_is_found_is_said_and_the_journals_stay(capsys, monkeypatch, tmp_path):
    def something_lost(folder, *_):
        return Outcome(leader_kills=40, acknowledged=10_000, unknown=1, findings=("lost: x",))

    monkeypatch.setattr(command, "survive", something_lost)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert main(["check", "cluster"]) == 1
    said = capsys.readouterr().out
    assert "1 of 0 histories are unknown" in said
    assert "lost: x" in said
    assert "No acknowledged write is lost" not in said
    assert len(list(tmp_path.glob("learnetcd-ordeal-*"))) == 1


def test_real_etcds_can_be_had_where_they_are_installed(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["check", "cluster", "--etcd", "1"]) == 2
    assert "there is no program `etcd` here" in capsys.readouterr().err
