"""What `learnetcd check` prints, and with which exit code."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from learnetcd.checking import command, plans
from learnetcd.checking.child import swarm
from learnetcd.cli import main
from learnetcd.simulator.recording import Recording
from learnetcd.simulator.share import opened


def test_one_seed_is_run_again(capsys: pytest.CaptureFixture[str]):
    assert main(["check", "swarm", "--seed", "6"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("1 seed (")
    assert "0 violations" in out


def test_a_count_of_seeds_is_an_end(capsys: pytest.CaptureFixture[str]):
    assert main(["check", "swarm", "--seeds", "3"]) == 0
    out = capsys.readouterr().out
    assert "\r3 seeds (" in out or out.startswith("3 seeds (")
    assert "0 violations" in out


def test_a_mutant_that_does_not_exist_is_answered_by_a_sentence(capsys: pytest.CaptureFixture[str]):
    assert main(["check", "mutants", "second-vot"]) == 2
    assert "Did you mean 'second-vote'?" in capsys.readouterr().err


def test_mutants_are_found_by_id_and_by_name():
    assert command.find_mutant("b02") is command.find_mutant("second-vote")


def test_a_finding_leaves_a_recording_and_says_how_to_open_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    found = {
        "seed": 12,
        "found": "G1 election safety",
        "sentence": "two",
        "steps": 40,
        "recording": "x",
        "code": "LE1-abc",
    }
    command.report_finding(found)
    assert (tmp_path / "swarm-12.recording").read_text() == "x"
    told = capsys.readouterr().out
    assert "learnetcd tui --recording swarm-12.recording" in told
    assert "learnetcd replay LE1-abc" in told


def test_a_finding_is_told_where_nothing_can_be_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_text", refuse)
    found = {"seed": 12, "found": "G1", "sentence": "two", "steps": 40, "recording": "x"}
    found["code"] = "LE1-abc"
    command.report_finding(found)
    told = capsys.readouterr().out
    assert "learnetcd check swarm --seed 12" in told
    assert "swarm-12.recording can't be written here: Permission denied." in told


def test_a_scene_is_checked_by_name(capsys: pytest.CaptureFixture[str]):
    assert main(["check", "scenes", "first-leader"]) == 0
    assert "1 scene, and each claim is shown." in capsys.readouterr().out


def test_the_share_code_of_a_finding_rebuilds_the_run(monkeypatch: pytest.MonkeyPatch):
    """In one line, and without the plan of its seed."""
    plan = plans.plan_of(2)
    plan.broken_rules = ("own-term", "up-to-date", "one-vote")
    monkeypatch.setattr(plans, "plan_of", lambda *_: plan)
    report = next(iter(swarm(["any", "2", "1", "60", "1"])))
    assert report["found"]
    code = str(report["code"])
    assert "\n" not in code
    assert opened(code).decisions == Recording.parse(str(report["recording"])).decisions


def test_who_breaks_off_a_check_of_mutants_does_not_wait_for_what_is_left_of_it():
    """The code as it is is tried for a minute or more, in children that Ctrl+C does not reach."""
    checking = subprocess.Popen(
        [sys.executable, "-m", "learnetcd", "check", "mutants", "B02"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,
        restore_signals=True,
    )
    assert checking.stdout is not None
    while not checking.stdout.readline().startswith("B02 second-vote  "):
        assert checking.poll() is None
    os.killpg(checking.pid, signal.SIGINT)
    said, _ = checking.communicate(timeout=20)
    assert (checking.returncode, said) == (130, "")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--scene", "no-such-scene"), "There is no scene 'no-such-scene'"),
        (("--own", "mine.py", "--broken", "own-term"), "--own and --broken don't go together"),
    ],
)
def test_what_a_search_can_not_do_is_said_before_it_begins(words, complaint, capsys):
    assert main(["check", "search", *words]) == 2
    assert complaint in capsys.readouterr().err
