"""Every chapter is whole, and the lint would notice if one were not."""

from dataclasses import replace

import pytest

from learnetcd_lessons import lint as linting
from learnetcd_lessons.chapter import Chapter, chapters
from learnetcd_lessons.exercise import Exercise, Hints, Predict, Quiz
from learnetcd_lessons.lint import lint


@pytest.mark.parametrize("chapter", chapters(), ids=lambda chapter: chapter.slug)
def test_a_chapter_is_whole(chapter: Chapter):
    assert lint(chapter) == []


# --- the lint notices -----------------------------------------------------------------------------

VOTES = next(chapter for chapter in chapters() if chapter.number == 3)


def with_exercise(name: str, **changes: object) -> Chapter:
    """Chapter 3 with one exercise changed, and no other: so it is quick."""
    changed: Exercise = replace(VOTES.exercise(name), **changes)
    return replace(VOTES, exercises=(changed,))


def complaints(chapter: Chapter) -> str:
    return "\n".join(one for one in lint(chapter) if "lesson.md does not" not in one)


def test_a_stub_that_passes_is_noticed():
    chapter = with_exercise("split_vote", goal=lambda run: "")
    assert "split_vote: the stub passes, so there is nothing to do" in complaints(chapter)


def test_a_solution_that_does_not_pass_is_noticed():
    chapter = with_exercise("split_vote", goal=lambda run: "Never.")
    assert "split_vote: solution does not pass" in complaints(chapter)
    assert "split_vote: second does not pass" in complaints(chapter)


def test_a_hint_that_gives_the_solution_away_is_noticed():
    hints = Hints("What is needed?", "The rule.", "time out S1 time out S2 time out S3")
    chapter = with_exercise("split_vote", hints=hints)
    assert "split_vote: a hint gives away 'time out S1" in complaints(chapter)


def test_hints_that_say_the_same_are_noticed():
    chapter = with_exercise("split_vote", hints=Hints("What?", "So.", "So."))
    assert "it takes three different hints" in complaints(chapter)


def test_a_question_without_exactly_one_right_answer_is_noticed():
    exercise = VOTES.exercise("next_leader")
    assert isinstance(exercise, Predict)
    options = tuple(replace(option, holds="leader") for option in exercise.rounds[0].options)
    chapter = with_exercise("next_leader", rounds=(replace(exercise.rounds[0], options=options),))
    assert "question 1: Of the options" in complaints(chapter)


def without_exercises(**changes: object) -> Chapter:
    return replace(VOTES, exercises=(), **changes)


def test_a_target_that_is_not_met_is_noticed():
    assert "C4 is not met in lesson.md" in complaints(without_exercises(targets=("C4",)))
    assert "M13 is not met by a wrong answer" in complaints(without_exercises(targets=("M13",)))
    assert "there is no claim or belief X1" in complaints(without_exercises(targets=("X1",)))


def test_a_belief_that_is_met_without_being_a_target_is_noticed():
    targets = tuple(one for one in VOTES.targets if one != "M19")
    assert "M19 is met, and is not among the targets" in complaints(
        without_exercises(targets=targets)
    )


def test_a_quiz_that_names_no_belief_or_scene_is_noticed():
    quiz = VOTES.quizzes[0]
    wrong = replace(quiz.options[1], belief="M99", refuted_by="no-such-scene")
    chapter = without_exercises(quizzes=(Quiz(quiz.name, quiz.question, (wrong,)),))
    found = complaints(chapter)
    assert "there is no belief M99" in found
    assert "there is no scene no-such-scene" in found
    assert "it takes one right answer and at least two wrong ones" in found


@pytest.mark.parametrize(
    ("fence", "complaint"),
    [
        ("```{source} learnetcd.raft.rules:NO_SUCH_RULE\n```", "there is no learnetcd.raft.rules"),
        ("```{exercise} no_such\n```", "there is no no_such"),
        ("```{exercises} grant_vote\n```", "there is no {exercises} here"),
        ("```{scene} vote-once", "opens a fence that nothing closes"),
        ("{claim}`A99`", "there is no claim A99"),
    ],
)
def test_a_text_that_names_what_is_not_there_is_noticed(
    monkeypatch: pytest.MonkeyPatch, fence: str, complaint: str
):
    monkeypatch.setattr(Chapter, "text", lambda *_: f"# 3\n\n{fence}\n")
    assert complaint in "\n".join(linting._text(VOTES))
