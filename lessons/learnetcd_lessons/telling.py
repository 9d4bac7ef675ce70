"""Telling: what the runner prints. One place, so that it has one voice.

Next page: `guiding`.
"""

from __future__ import annotations

import difflib
from pathlib import Path

from learnetcd_lessons import lesson
from learnetcd_lessons.chapter import Chapter, chapters, exercise_by_id, ids_of, suffix, title_of
from learnetcd_lessons.exercise import BreakIt, Code, Exercise, MakeIt, Predict
from learnetcd_lessons.folder import path_of, without_heading
from learnetcd_lessons.judging import to_open
from learnetcd_lessons.progress import Progress, Standing
from learnetcd_lessons.verdict import Verdict

KINDS = {Code: "code", Predict: "predict", MakeIt: "make it happen", BreakIt: "break it"}
WHERE_IT_RUNS = "What it prints: see the notebook (learnetcd lab) or the book (learnetcd book)."


def overview(progress: Progress | None) -> str:
    """All chapters, and how far one has got in each exercise."""
    lines = []
    for chapter in chapters():
        lines += [f"{chapter.number:>2}  {chapter.title}", f"    {chapter.summary}"]
        for id_ in ids_of(chapter):
            standing = progress.of(id_) if progress else Standing()
            lines.append(f"    {mark(standing)} {id_:<7} {kind_of(id_):<15} {title_of(id_)}"
                         f"{remark(standing)}")  # fmt: skip
    return "\n".join(lines)


def kind_of(id_: str) -> str:
    """What kind of thing to do it is, in a word or two."""
    return "quiz" if id_.endswith("quiz") else KINDS[type(exercise_by_id(id_)[1])]


def mark(standing: Standing) -> str:
    """A sign for how far one has got."""
    return "x" if standing.done else "-" if standing.skipped else "."


def remark(standing: Standing) -> str:
    """What is remembered, in a few words."""
    words = []
    if standing.acts is not None:
        words.append(f"{standing.acts} acts")
    if standing.first_score:
        words.append(f"at first {standing.first_score}")
    if standing.hints:
        words.append("1 hint" if standing.hints == 1 else f"{standing.hints} hints")
    return f"  ({', '.join(words)})" if words else ""


def outcome(id_: str, verdict: Verdict) -> str:
    """What came of a check."""
    lines = [f"{'Done' if verdict.passed else 'Not yet'}: {id_} {title_of(id_)}", verdict.sentence]
    if verdict.printed.strip():
        lines += ["", "Your code printed:", verdict.printed.rstrip()]
    if not verdict.passed and not id_.endswith("quiz"):
        lines.append(f"A hint: learnetcd lesson hint {id_}")
    return "\n".join(lines)


def after_success(id_: str) -> str:
    """What one may do next."""
    return "" if id_.endswith("quiz") else f"See how we did it: learnetcd lesson solution {id_}"


# --- solutions ------------------------------------------------------------------------------------


def solution(folder: Path, id_: str) -> str:
    """Our solution, how it differs from the learner's, and a second way."""
    chapter, exercise = exercise_by_id(id_)
    if isinstance(exercise, Predict):
        return "The runs themselves are the solution: `learnetcd lesson check` played them to you."
    ours = body(exercise, chapter.text(f"{exercise.name}/solution{suffix(exercise)}"))
    path = path_of(folder, id_)
    theirs = body(exercise, path.read_text(encoding="utf-8"))
    lines = ["Ours:", "", ours.rstrip()]
    difference = difflib.unified_diff(
        theirs.splitlines(), ours.splitlines(), path.name, "ours", n=2, lineterm=""
    )
    lines += ["", "Yours and ours:", "", *difference]
    second = f"{exercise.name}/second{suffix(exercise)}"
    if chapter.has(second):
        lines += ["", "A second way:", "", body(exercise, chapter.text(second)).rstrip()]
    return "\n".join(lines)


def body(exercise: Exercise, text: str) -> str:
    """What was written: of acts, only what is below the head, without the task."""
    if isinstance(exercise, Code):
        return without_heading(text)
    _, _, acts = text.partition("\n\n")
    return without_heading(acts)


# --- the text of a chapter ------------------------------------------------------------------------


def chapter_text(chapter: Chapter) -> str:
    """A chapter as plain text, for a terminal without the stepper beside it."""
    return "\n\n".join(part_text(chapter, part) for part in lesson.parse(chapter.text("lesson.md")))


def part_text(chapter: Chapter, part: lesson.Part) -> str:
    """One part."""
    match part:
        case lesson.Prose(text):
            return lesson.for_terminal(text)
        case lesson.Cell(code):
            return f"{indented(code)}\n\n{WHERE_IT_RUNS}"
        case lesson.Typed(_, text):
            return indented(text)
        case lesson.Source(symbol):
            return f"{symbol}\n\n{indented(lesson.source_text(symbol))}"
        case lesson.Played(scene):
            return f"    Watch it: {to_open(chapter, scene)}\n    {chapter.scene(scene).claim}"
        case lesson.Asked(quiz):
            return f"    quiz: {chapter.quiz(quiz).question}"
        case lesson.Tried(exercise):
            one = chapter.exercise(exercise)
            return f"    exercise {chapter.id_of(one)}: {one.title}\n\n{indented(one.task.strip())}"


def indented(text: str) -> str:
    """As code."""
    return "\n".join(f"    {line}".rstrip() for line in text.split("\n"))
