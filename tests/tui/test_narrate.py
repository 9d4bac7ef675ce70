"""The desk without a screen: what is said, and that nothing is drawn."""

import subprocess
import sys

from learnetcd.desk.desk import Desk
from learnetcd.desk.keys import KEYS
from learnetcd.session.session import Session
from learnetcd_tui.narrate import narrate

BOXES = set("─━│┃═╪▶▸▲█▣▪")


def told(*lines: str, scene: str | None = None) -> list[str]:
    """What is said to these lines."""
    said: list[str] = []
    narrate(Desk(Session.open(scene)), lines, said.append)
    return said


def test_it_begins_with_the_state_of_all_members_and_a_hint():
    said = told()
    assert said[1:4] == ["S1 F t0 v. c0 []", "S2 F t0 v. c0 []", "S3 F t0 v. c0 []"]
    assert "Type a key" in said[4]


def test_each_step_is_told_in_sentences_with_their_place_in_the_paper():
    said = told("n")
    assert any("stands in term 1" in line and "[Raft §5.2" in line for line in said)
    assert said[-3:] == ["S1 F t0 v. c0 []", "S2 C t1 v2 c0 []", "S3 F t0 v. c0 []"]


def test_nothing_is_drawn():
    said = " ".join(told("n n n", "P x=1", "n", "C 1|23", "!", "?", "O", "S", "B", "F1"))
    assert BOXES & set(said) == set()
    assert "\x1b" not in said


def test_a_violation_is_said_with_its_word():
    assert "VIOLATED: election safety" in told("r", "end", scene="lost-vote")


def test_a_line_that_is_no_key_is_answered():
    assert told("hello")[-1] == "There is no key 'hello'. F1 lists all keys."


def test_all_keys_can_be_listened_to():
    said = "\n".join(told("F1"))
    for key in KEYS:
        assert f"{key.label}: " in said


def test_it_ends_with_q_and_with_the_last_line():
    assert told("q", "n") == told()


def run(arguments: list[str], text: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "learnetcd", "tui", *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=30)


def test_it_speaks_into_a_pipe():
    result = run(["--narrate", "--scene", "first-leader"], "n\n.\n.\nq\n")
    assert result.returncode == 0
    assert "S2 L t1 v2 c0 []" in result.stdout.splitlines()
    assert result.stderr == ""


def test_the_screen_does_not_draw_into_a_pipe_but_says_how_to_listen():
    result = run([], "")
    assert result.returncode == 2
    assert result.stdout == ""
    assert "--narrate" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_scene_that_is_not_there_is_one_sentence():
    result = run(["--narrate", "--scene", "cut-leade"], "")
    assert result.returncode == 2
    assert "Did you mean 'cut-leader'?" in result.stderr
    assert "Traceback" not in result.stderr


def test_what_stands_in_a_pane_can_be_heard():
    said = told("P x=1", "n", "k", "d", "b", "h", "i", scene="cut-leader")
    for words in (
        "S1: etcd index ",
        "wal/0000000000000000-0000000000000000.wal",
        "GET /raft/stream/",
        "curl -X PUT http://S1:2379/v2/keys/x -d value=1",
        "No tasks are seen here",
    ):
        assert any(words in line for line in said), words
    assert BOXES & set(" ".join(said)) == set()
