"""Judging: from what a learner wrote to a verdict. In the learner's own process only for texts.

    judge(Path("raft"), "3.2")          what is in raft/03_timers_and_votes/2_split_vote.txt

Runs are judged here: they are our own simulator, and can do no harm. Code of the learner's runs in
a child (`child`), which may be stopped.

Next page: `child`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from learnetcd.errors import UserError
from learnetcd.simulator.decisions import SetRule
from learnetcd.simulator.scenario import parse
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.share import code_of
from learnetcd_lessons import child, sheet
from learnetcd_lessons.beliefs import BELIEFS
from learnetcd_lessons.chapter import QUIZ, Chapter, chapter_by_id, exercise_by_id
from learnetcd_lessons.exercise import BreakIt, Code, Exercise, MakeIt, Predict, Right
from learnetcd_lessons.folder import path_of, stub
from learnetcd_lessons.run import Run
from learnetcd_lessons.verdict import Verdict

RECORDING = ".recording"


def judge(folder: Path, id_: str) -> Verdict:
    """Judge one thing to do in a learner's folder; what can't be read is a verdict, too."""
    path = path_of(folder, id_)
    if not path.is_file():
        return Verdict(
            False, f"{path.name} is gone; `learnetcd lesson reset {id_}` writes it anew."
        )
    try:
        if id_.endswith(QUIZ):
            return judge_quizzes(chapter_by_id(id_), path)
        chapter, exercise = exercise_by_id(id_)
        if isinstance(exercise, Code) and path.read_text(encoding="utf-8") == stub(
            chapter, exercise
        ):
            return Verdict(False, f"{path.name} is as in the beginning: nothing is written yet.")
        return judge_exercise(chapter, exercise, path)
    except UserError as error:
        return Verdict(False, f"{path.name}: {error}")
    except UnicodeDecodeError:
        return Verdict(False, f"{path.name} is no text.")


def judge_exercise(chapter: Chapter, exercise: Exercise, path: Path) -> Verdict:
    """Judge what is in a file, by the kind of exercise."""
    match exercise:
        case Code():
            return child.judge_code(chapter, exercise, path)
        case Predict():
            return judge_predictions(exercise, path)
        case MakeIt() | BreakIt():
            return judge_runs(chapter, exercise, path)
        case _:
            raise AssertionError(f"{type(exercise).__name__} can't be judged")


# --- runs -----------------------------------------------------------------------------------------


def judge_runs(chapter: Chapter, exercise: MakeIt | BreakIt, path: Path) -> Verdict:
    """Judge the acts in the file, and a recording beside it; the best of them counts.

    The recording is what one saved on the screen: it has the same name and ends in `.recording`.
    """
    recording = path.with_suffix(RECORDING)
    verdicts = [judge_file(chapter, exercise, path)]
    if recording.is_file():
        verdicts.append(judge_file(chapter, exercise, recording))
    # Passed before failed, fewer acts before more, a recording before an unchanged stub.
    return min(
        reversed(verdicts), key=lambda one: (not one.passed, one.acts or 0 if one.passed else 0)
    )


def judge_file(chapter: Chapter, exercise: MakeIt | BreakIt, path: Path) -> Verdict:
    """Judge one run."""
    try:
        run = Run.read(path)
    except UserError as error:
        return Verdict(False, f"{path.name}: {error}")
    except UnicodeDecodeError:
        return Verdict(False, f"{path.name} is no text.")
    verdict = judge_run(chapter, exercise, run)
    if verdict.passed or not run.decisions:
        return verdict
    return replace(verdict, sentence=f"{verdict.sentence}\n{to_watch(run)}")


def judge_run(chapter: Chapter, exercise: MakeIt | BreakIt, run: Run) -> Verdict:
    """Judge a run, however it came about."""
    missing = differs(run.setup, parse("stub", chapter.text(f"{exercise.name}/stub.txt")).setup)
    match exercise:
        case MakeIt():
            missing = missing or foreign_rules(run, "") or exercise.goal(run)
        case BreakIt():
            missing = missing or foreign_rules(run, exercise.twin) or not_broken(exercise, run)
    if missing:
        return Verdict(False, missing, run.acts)
    how = "act" if run.acts == 1 else "acts"
    return Verdict(True, f"Done in {run.acts} {how}.", run.acts)


def differs(found: Setup, wanted: Setup) -> str:
    """Whether a run began otherwise than the exercise says. Chance may be another."""
    for name in ("members", "learners", "profile", "knobs", "member_knobs", "disks"):
        if getattr(found, name) != getattr(wanted, name):
            return f"The run must begin as in the stub: other {name.replace('_', ' ')} were found."
    return ""


def foreign_rules(run: Run, allowed: str) -> str:
    """Whether a rule was switched off that must be on."""
    switched = {*run.setup.broken_rules}
    switched |= {d.rule for d in run.decided(SetRule) if not d.on}
    wrong = sorted(switched - {allowed})
    return f"The rule {wrong[0]} must stay on." if wrong else ""


def not_broken(exercise: BreakIt, run: Run) -> str:
    """Whether the invariant still holds, or broke in too many acts."""
    if exercise.breaks not in run.violated():
        others = ", ".join(run.violated())
        also = f" (Broken was: {others}.)" if others else ""
        return f"{exercise.breaks.capitalize()} still holds after {run.acts} acts.{also}"
    if run.acts > exercise.most_acts:
        return f"Broken, but in {run.acts} acts; {exercise.most_acts} are enough."
    return ""


def to_watch(run: Run, step: int | None = None) -> str:
    """How to see a run on the screen."""
    at = "" if step is None else f" --step {step}"
    return f"Watch it: learnetcd tui --recording {code_of(run.setup, run.decisions)}{at}"


def to_open(chapter: Chapter, scene: str) -> str:
    """The command that opens a scene: those of a chapter lie in the learner's folder."""
    is_own = scene in chapter.scene_names()
    path = f"{chapter.slug}/scenes/{scene}.txt" if is_own else scene
    return f"learnetcd tui --scene {path}"


# --- questions ------------------------------------------------------------------------------------


def judge_predictions(exercise: Predict, path: Path) -> Verdict:
    """Play the run of each question that has an answer, and compare."""
    given = sheet.answers(
        path.read_text(encoding="utf-8"), [len(r.options) for r in exercise.rounds]
    )
    right, open_ones, wrong = 0, list[str](), list[str]()
    for number, (answer, one) in enumerate(zip(given, exercise.rounds, strict=True), 1):
        if answer is None:
            open_ones.append(str(number))
            continue
        run, asked_at = sheet.played(one)
        truth = sheet.right_option(one, run.world)
        if answer == truth:
            right += 1
            continue
        told = "\n".join(run.story(after=asked_at))
        wrong.append(
            f"Question {number}: not so. What happened:\n{told}\n{to_watch(run, asked_at)}"
        )
    return of_questions(right, open_ones, wrong)


def judge_quizzes(chapter: Chapter, path: Path) -> Verdict:
    """Compare the answers of a chapter's quizzes; a wrong one names a belief and a run."""
    quizzes = chapter.quizzes
    given = sheet.answers(path.read_text(encoding="utf-8"), [len(q.options) for q in quizzes])
    right, open_ones, wrong = 0, list[str](), list[str]()
    for number, (answer, quiz) in enumerate(zip(given, quizzes, strict=True), 1):
        option = None if answer is None else sheet.shuffled(quiz)[answer]
        match option:
            case None:
                open_ones.append(str(number))
            case Right():
                right += 1
            case wrong_one:
                wrong.append(
                    f"Question {number}: many believe this: {BELIEFS[wrong_one.belief]}\n"
                    f"{wrong_one.because}\nWatch it: {to_open(chapter, wrong_one.refuted_by)}"
                )
    return of_questions(right, open_ones, wrong)


def of_questions(right: int, unanswered: list[str], wrong: list[str]) -> Verdict:
    """The verdict on a sheet."""
    count = right + len(unanswered) + len(wrong)
    sentences = [*wrong]
    if unanswered:
        sentences.append(f"No answer yet to question {', '.join(unanswered)}.")
    return Verdict(
        right == count,
        "\n\n".join(sentences) or f"All {count} answers are right.",
        score=f"{right} of {count}",
        unanswered=len(unanswered),
    )
