"""From what a learner wrote to a verdict."""

from pathlib import Path

import pytest

from learnetcd.simulator.scenario import parse
from learnetcd_lessons import folder, sheet
from learnetcd_lessons.chapter import chapter_by_number
from learnetcd_lessons.exercise import BreakIt, MakeIt, Predict, Right
from learnetcd_lessons.judging import judge
from learnetcd_lessons.run import Run

VOTES = chapter_by_number(3)


@pytest.fixture
def here(begun: Path) -> Path:
    return begun


def add(here: Path, id_: str, acts: str) -> None:
    path = folder.path_of(here, id_)
    path.write_text(f"{path.read_text()}\n{acts}\n")


# --- make it happen, break it ---------------------------------------------------------------------


def test_an_untouched_folder_has_nothing_done(here: Path):
    for id_ in ("3.1", "3.2", "3.4", "3.quiz"):
        assert not judge(here, id_).passed, id_


def test_any_route_counts_and_its_acts_are_counted(here: Path):
    add(here, "3.2", "timer S1 12\ntimer S2 12\ntimer S3 12\nrun 1250 ms\nrun 10 ms")
    verdict = judge(here, "3.2")
    assert verdict.passed
    assert verdict.acts == 3


def test_a_split_vote_with_a_dead_member_does_not_count(here: Path):
    add(here, "3.2", "crash S3\ntime out S1\ntime out S2")
    assert "must be alive" in judge(here, "3.2").sentence


def test_two_candidates_are_not_enough_and_the_verdict_says_who_decides(here: Path):
    add(here, "3.2", "time out S1\ntime out S2")
    assert "S3 has its vote left" in judge(here, "3.2").sentence


def test_a_recording_beside_the_file_counts_too(here: Path):
    solution = parse("x", VOTES.text("split_vote/solution.txt"))
    path = folder.path_of(here, "3.2").with_suffix(".recording")
    Run.of(solution).save(path, "Mine")
    assert judge(here, "3.2").passed


def test_an_act_that_means_nothing_is_named_with_its_line(here: Path):
    add(here, "3.2", "time owt S1")
    verdict = judge(here, "3.2")
    assert not verdict.passed
    assert "time owt S1" in verdict.sentence
    assert "line " in verdict.sentence


def test_the_rule_that_may_be_off_is_the_only_one(here: Path):
    add(here, "3.4", "rule one-vote off\ntime out S1\ntime out S3\nrun 100 ms")
    assert "The rule one-vote must stay on." in judge(here, "3.4").sentence


def test_a_run_of_another_cluster_does_not_count(here: Path):
    path = folder.path_of(here, "3.2")
    head, _, acts = path.read_text().partition("\n\n")
    path.write_text(f"{head}\nsetup: members S1 S2 S3 S4 S5\n\n{acts}\ntime out S1\n")
    assert "must begin as in the stub" in judge(here, "3.2").sentence


def test_more_acts_than_allowed_break_nothing(here: Path):
    fidgets = "pause S3\nresume S3\n" * 3
    add(here, "3.4", fidgets + VOTES.text("two_leaders/solution.txt").partition("\n\n")[2])
    assert "Broken, but in 12 acts; 8 are enough." in judge(here, "3.4").sentence


def test_what_still_holds_is_named(here: Path):
    add(here, "3.4", "time out S1\nsettle")
    assert "Election safety still holds after 1 acts." in judge(here, "3.4").sentence


def test_all_of_make_it_and_break_it_have_two_ways():
    for exercise in VOTES.exercises:
        if isinstance(exercise, MakeIt | BreakIt):
            assert VOTES.has(f"{exercise.name}/second.txt")


# --- questions ------------------------------------------------------------------------------------


def answer(here: Path, id_: str, *letters: str) -> None:
    path = folder.path_of(here, id_)
    text = path.read_text()
    for number, letter in enumerate(letters, 1):
        text = sheet.with_answer(text, number, letter)
    path.write_text(text)


def test_a_sheet_holds_no_answer_and_no_run_is_told_before_one(here: Path):
    text = folder.path_of(here, "3.1").read_text()
    assert "leads term" not in text
    assert judge(here, "3.1").sentence.startswith("No answer yet to question 1, 2, 3, 4, 5")


def test_a_wrong_prediction_shows_the_very_run_and_the_others_wait(here: Path):
    answer(here, "3.1", "A")
    verdict = judge(here, "3.1")
    assert "S2 leads term 1: it has the votes of S1, S2." in verdict.sentence
    assert "learnetcd tui --recording LE1-" in verdict.sentence
    assert "term 3" not in verdict.sentence
    assert (verdict.score, verdict.unanswered) == ("0 of 5", 4)


def test_all_predictions_right(here: Path):
    exercise = VOTES.exercises[0]
    assert isinstance(exercise, Predict)
    letters = ["ABCD"[sheet.right_option(r, sheet.played(r)[0].world)] for r in exercise.rounds]
    assert len(set(letters)) > 2, "an exercise whose answer is always the same is none"
    answer(here, "3.1", *letters)
    verdict = judge(here, "3.1")
    assert verdict.passed
    assert verdict.score == "5 of 5"


@pytest.mark.parametrize("letter", ["E", "AB", "1"])
def test_an_answer_that_is_no_letter_of_the_question_is_refused(here: Path, letter: str):
    answer(here, "3.1", letter)
    assert f"Answer 1 is one of A, B, C, D; found '{letter}'." in judge(here, "3.1").sentence


def test_a_lost_answer_line_is_named(here: Path):
    path = folder.path_of(here, "3.1")
    path.write_text(path.read_text().replace("answer 2:", ""))
    assert "The line 'answer 2:' is gone" in judge(here, "3.1").sentence


def test_a_wrong_quiz_answer_names_the_belief_and_a_run_that_refutes_it(here: Path):
    quiz = VOTES.quiz("split")
    number = VOTES.quizzes.index(quiz) + 1
    options = sheet.shuffled(quiz)
    wrong = next(place for place, one in enumerate(options) if "parts" in one.text)
    path = folder.path_of(here, "3.quiz")
    path.write_text(sheet.with_answer(path.read_text(), number, "ABC"[wrong]))
    verdict = judge(here, "3.quiz")
    assert "many believe this: A split vote is a split brain." in verdict.sentence
    assert "learnetcd tui --scene split" in verdict.sentence


def test_right_quiz_answers_pass(here: Path):
    places = [
        next(place for place, one in enumerate(sheet.shuffled(quiz)) if isinstance(one, Right))
        for quiz in VOTES.quizzes
    ]
    assert len(set(places)) > 1, "the right answer should not always stand at the same place"
    answer(here, "3.quiz", *("ABC"[place] for place in places))
    assert judge(here, "3.quiz").passed


def test_a_file_that_is_gone_is_told_how_to_get_back(here: Path):
    folder.path_of(here, "3.2").unlink()
    assert "learnetcd lesson reset 3.2" in judge(here, "3.2").sentence


def test_a_file_in_which_nothing_is_written_yet_is_told_without_a_run(tmp_path: Path):
    folder.start(tmp_path)
    assert judge(tmp_path, "3.3").sentence == (
        "3_grant_vote.py is as in the beginning: nothing is written yet."
    )
