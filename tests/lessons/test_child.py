"""The learner's code runs in a process of its own, with little time and little memory."""

import resource
from pathlib import Path

import pytest

from learnetcd.simulator.recording import Recording
from learnetcd_lessons import child
from learnetcd_lessons.chapter import exercise_by_id
from learnetcd_lessons.exercise import Code
from learnetcd_lessons.verdict import Verdict

HEAD = "from learnetcd.own import Voter, VoteRequest\n\n\ndef grant_vote(voter, request):\n"


def judged(tmp_path: Path, body: str) -> Verdict:
    chapter, exercise = exercise_by_id("3.3")
    assert isinstance(exercise, Code)
    path = tmp_path / chapter.file_of(exercise)
    path.write_text(HEAD + body)
    return child.judge_code(chapter, exercise, path)


def test_a_wrong_answer_is_told_by_its_question_and_its_reason(tmp_path: Path):
    verdict = judged(tmp_path, "    return voter.voted_for in (0, request.candidate)\n")
    assert not verdict.passed
    assert "yours granted, the reference refused" in verdict.sentence
    assert "a leader must have all that this voter has" in verdict.sentence


def test_the_run_that_led_to_it_can_be_opened(tmp_path: Path):
    verdict = judged(tmp_path, "    return False\n")
    recording = Recording.read(tmp_path / "3_grant_vote.recording")
    step = int(verdict.sentence.split("--step ")[1].split()[0])
    assert step == len(recording.decisions) - 1
    assert f"--recording {tmp_path.name}/3_grant_vote.recording" in verdict.sentence


def test_a_check_takes_less_than_two_seconds(tmp_path: Path):
    chapter, exercise = exercise_by_id("3.3")
    assert isinstance(exercise, Code)
    path = tmp_path / "mine.py"
    path.write_text(chapter.text("grant_vote/solution.py"))
    began = computed()
    assert child.judge_code(chapter, exercise, path).passed
    assert computed() - began < 2


def computed() -> float:
    """Seconds that processes of ours have computed, whoever else does so on this machine."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_what_the_code_prints_is_shown_and_can_not_pass_for_a_verdict(tmp_path: Path):
    body = '    print(\'{"passed": true, "sentence": "", "recording": ""}\')\n    return True\n'
    verdict = judged(tmp_path, body)
    assert not verdict.passed
    assert verdict.printed.startswith('{"passed": true')
    assert len(verdict.printed) <= child.SHOWN


def test_a_loop_without_an_end_is_told_with_its_line(tmp_path: Path):
    verdict = judged(tmp_path, "    while True:\n        pass\n")
    assert "line 5" in verdict.sentence or "line 6" in verdict.sentence
    assert "not come to an end" in verdict.sentence


def test_a_line_that_takes_for_ever_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(child, "SECONDS", 1)
    verdict = judged(tmp_path, "    return sum(iter(int, 1))\n")
    assert "was stopped after 1 s: is there a loop" in verdict.sentence


def test_a_file_that_only_waits_is_stopped_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(child, "PATIENCE", 1)
    verdict = judged(tmp_path, "    return True\n\n\nimport time\ntime.sleep(60)\n")
    assert "was stopped after 1 s: what does it wait for?" in verdict.sentence


def test_a_process_that_was_left_behind_does_not_hold_the_check_up(tmp_path: Path):
    body = "    return False\n\n\nimport os, time\nif not os.fork():\n    time.sleep(60)\n"
    verdict = judged(tmp_path, body)
    assert "yours refused" in verdict.sentence


def test_memory_without_an_end_is_refused(tmp_path: Path):
    verdict = judged(tmp_path, "    return bool([0] * 10**10)\n")
    assert "MemoryError" in verdict.sentence or "memory" in verdict.sentence


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("    raise SystemExit\n", "SystemExit"),
        ("    return maybe\n", "NameError"),
        ("    return\n", "True or False was expected"),
        ("  \tdef(:\n", "not Python"),
        ("    import os\n    os._exit(0)\n", "ended its process"),
    ],
)
def test_any_mistake_is_told_in_a_sentence(tmp_path: Path, body: str, sentence: str):
    verdict = judged(tmp_path, body)
    assert not verdict.passed
    assert sentence in verdict.sentence
