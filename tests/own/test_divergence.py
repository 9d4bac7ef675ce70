"""Where a reader's file and the reference first part, and what is said about it."""

from pathlib import Path

import pytest

from learnetcd import cli
from learnetcd.errors import UserError
from learnetcd.own import Entry, Follower, Own, loaded, storm, trial
from learnetcd.own.cases import CASES, LATER
from learnetcd.own.divergence import SCENES, acting, first_divergence, in_run, storming
from learnetcd.own.fitting import fitted
from learnetcd.own.parts import FUNCTIONS
from learnetcd.own.values import AppendRequest
from learnetcd.simulator.library import load_scene
from learnetcd.simulator.timeline import Timeline

from . import files

MINE = Path("mine.py")


def divergence_of(text: str, **options):
    return first_divergence(loaded(MINE, text), **options)


def test_a_file_that_does_as_figure_2_says_never_parts_from_the_reference():
    assert divergence_of(files.RIGHT) is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            files.ANY_LOG_WINS,
            "of the scene newer-beats-longer (RequestVote, S1 to S2), yours granted, the reference "
            "refused, because S1's log ends with 3@1, its own with 1@2: a leader must have all "
            "that this voter has.",
        ),
        (files.VOTES_TWICE, "because it already voted for S"),
        (
            files.ANY_TERM_COMMITS,
            "(AppendEntriesReply, S2 to S1), yours committed up to 1, the reference committed up "
            "to 0, because it is of term 1 and the leader leads term 3",
        ),
        (files.A_MINORITY_COMMITS, "because durable at S2: 1 of 2 needed."),
        (
            files.CUTS_WHAT_FOLLOWS,
            "yours made the log 1@1, the reference made the log 1@1 2@1, because no entry "
            "conflicts with a new one, so none may go.",
        ),
        (
            files.COMPARES_NOTHING,
            "yours wrote '3', the reference refused with 100 (Key not found), because /x is not "
            "there, and the command is compareAndSwap '3' (prev_value '2').",
        ),
    ],
)
def test_the_first_divergence_is_one_sentence_with_the_clause_that_decided(text, sentence):
    found = divergence_of(text)
    assert found is not None
    assert sentence in found.sentence
    assert not found.is_fault
    assert "\n" not in found.sentence


def test_the_run_of_a_divergence_is_the_same_up_to_the_step_before():
    found = divergence_of(files.ANY_LOG_WINS)
    assert found is not None
    recording = found.recording()
    assert recording is not None
    timeline: Timeline = recording.play()
    assert timeline.length == found.step + 1
    assert recording.decisions[-1].text().startswith("deliver S1>S2")


@pytest.mark.parametrize("name", SCENES)
def test_each_scene_asks_its_function_and_so_does_a_storm(name):
    """A run that asks nothing would show nothing."""
    asked: list[str] = []

    def ask(function: str, *question: object) -> object:
        asked.append(function)
        return FUNCTIONS[function].reference(*question)

    for scene in SCENES[name]:
        asked.clear()
        one = load_scene(scene)
        assert in_run(scene, one.setup, acting(one), fitted([name], ask)) is None
        assert asked, scene
    asked.clear()
    in_run("storm", storm.setup_of(3), storming(3), fitted([name], ask))
    assert len(asked) > 5


@pytest.mark.parametrize("name", CASES)
def test_the_cases_of_a_function_have_more_than_one_answer(name):
    answers = {FUNCTIONS[name].told(answer, answer) for answer in answers_of(name)}
    assert len(answers) > 1


def answers_of(name):
    return [FUNCTIONS[name].reference(*question) for question in CASES[name]()]


def test_a_lesson_can_leave_conflicts_for_later():
    """Chapter 5 asks for appends without conflicts; chapter 7 for all of them."""
    no_conflict = files.RIGHT.replace("del log[entry.index - 1 :]", "pass")
    append = loaded(MINE, no_conflict).functions["append_entries"]
    only_append = Own(MINE, {"append_entries": append})
    assert first_divergence(only_append) is not None
    assert first_divergence(only_append, without=["conflicts"]) is None
    log = (Entry(1, 1), Entry(2, 1))
    follower = Follower(2, log, 0)
    conflict = AppendRequest(2, 1, 1, (Entry(2, 2),), 0)
    assert LATER["conflicts"]("append_entries", (follower, conflict))
    assert not LATER["conflicts"]("append_entries", (follower, AppendRequest(2, 2, 1, (), 0)))


def test_a_fault_is_told_with_the_moment_and_the_line():
    found = divergence_of("def grant_vote(voter, request):\n    return 1 // voter.voted_for\n")
    assert found is not None
    assert found.is_fault
    assert found.sentence == (
        "After message 1 of the scene first-leader (RequestVote, S2 to S1): grant_vote, line 2 of "
        "mine.py: ZeroDivisionError: integer division or modulo by zero."
    )


# -- in a process of its own -----------------------------------------------------------------------


def test_a_trial_gives_the_same_divergence(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("print('not JSON')\n" + files.ANY_LOG_WINS, encoding="utf-8")
    there = trial.tried(path, storms=1)
    assert there is not None
    here = divergence_of(files.ANY_LOG_WINS)
    assert (there.sentence, there.setup, there.decisions) == (
        here.sentence,
        here.setup,
        here.decisions,
    )


def test_a_step_that_takes_for_ever_is_told_with_its_line(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("def advance_commit(leader):\n    return 10 ** 10**9\n", encoding="utf-8")
    found = trial.tried(path, seconds=2)
    assert found is not None
    assert found.sentence == (
        "advance_commit, line 2 of mine.py: it has not come to an end after 2 s."
    )


def test_memory_without_end_is_a_fault_with_its_line(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("def grant_vote(a, b):\n    return [0] * 10**10\n", encoding="utf-8")
    found = trial.tried(path)
    assert found is not None
    assert found.sentence.endswith("grant_vote, line 2 of mine.py: MemoryError.")


def test_a_file_that_can_not_be_loaded_is_refused_by_its_trial(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("def grant_vote(:\n", encoding="utf-8")
    with pytest.raises(UserError, match="line 1: this is not Python"):
        trial.tried(path)


def test_a_process_that_dies_at_once_is_told_in_a_sentence(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("import os\nos._exit(3)\n", encoding="utf-8")
    with pytest.raises(UserError, match="the process ended early"):
        trial.tried(path)


# -- the command -----------------------------------------------------------------------------------


def test_learnetcd_own_says_where_the_two_part_and_how_to_see_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(files.ANY_LOG_WINS, encoding="utf-8")
    assert cli.main(["own", "mine.py", "--scene", "newer-beats-longer"]) == 1
    said = capsys.readouterr().out
    assert "yours granted, the reference refused" in said
    assert "learnetcd tui --own mine.py --recording own-grant_vote.recording --step " in said
    assert Path("own-grant_vote.recording").exists()
    assert cli.main(["own", "mine.py", "--scene", "first-leader"]) == 0
    assert "mine.py does as the reference does" in capsys.readouterr().out


def test_learnetcd_own_prints_a_stub_and_refuses_what_it_does_not_know(capsys):
    assert cli.main(["own", "--stub", "wal"]) == 0
    assert "def read_log(log: bytes, running: int = 0) -> ReadLog:" in capsys.readouterr().out
    assert cli.main(["own", "--stub", "votes"]) == 2
    assert "There is no part 'votes'" in capsys.readouterr().err
    assert cli.main(["own"]) == 2
    assert "A file is needed" in capsys.readouterr().err
