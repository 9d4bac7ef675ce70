"""The lint: is a chapter whole? It says what an author forgot, before a learner finds out.

    chapter 3, grant_vote: the stub passes, so there is nothing to do.

A stub must fail and a solution must pass; so must the second way. Hints must be there, each with
something new. No solution may stand in the text or in a hint. Symbols, scenes, quizzes, claims and
beliefs must exist, and all that the chapter is to meet must be met.

Left out: whether it is any good. For that, read it aloud.

Next page: `learnetcd_lessons/chapters/`.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from learnetcd.errors import UserError
from learnetcd.raft.rules import Rules
from learnetcd.simulator import library, stage
from learnetcd.tracing import Rule
from learnetcd_lessons import folder, lesson, sheet
from learnetcd_lessons.beliefs import BELIEFS, CLAIMS
from learnetcd_lessons.chapter import Chapter, chapters, suffix
from learnetcd_lessons.exercise import Code, Exercise, Predict, Quiz, Right, Wrong
from learnetcd_lessons.glossary import GLOSSARY
from learnetcd_lessons.judging import judge_exercise

TELLING_LETTERS = 24
"""A line of a solution with fewer letters than this tells nothing."""


def lint(chapter: Chapter) -> list[str]:
    """All that is wrong with a chapter, in sentences that name the place."""
    found = [
        *_text(chapter),
        *_scenes(chapter),
        *_targets(chapter),
        *(complaint for quiz in chapter.quizzes for complaint in _quiz(chapter, quiz)),
        *(complaint for one in chapter.exercises for complaint in _exercise(chapter, one)),
    ]
    return [f"chapter {chapter.number}, {complaint}" for complaint in found]


def unshown() -> list[str]:
    """The rules of which no chapter shows the code that asks them: what is left to write."""
    shown = {
        part.symbol
        for chapter in chapters()
        for part in lesson.parse(chapter.text("lesson.md"))
        if isinstance(part, lesson.Source)
    }
    rules = (getattr(Rules(), field) for field in Rules.__slots__)
    return [rule.source for rule in rules if isinstance(rule, Rule) and rule.source not in shown]


# --- the text -------------------------------------------------------------------------------------


def _text(chapter: Chapter) -> Iterator[str]:
    """What the text names must be there, and it must name all that is there."""
    try:
        parts = lesson.parse(chapter.text("lesson.md"))
    except UserError as error:
        yield f"lesson.md: {error}"
        return
    for part in parts:
        if isinstance(part, lesson.Source):
            with suppress(UserError):
                lesson.source_text(part.symbol)
                continue
            yield f"lesson.md: there is no {part.symbol}"
    for kind, names in (
        (lesson.Asked, [quiz.name for quiz in chapter.quizzes]),
        (lesson.Tried, [exercise.name for exercise in chapter.exercises]),
    ):
        shown = [vars_of(part) for part in parts if isinstance(part, kind)]
        yield from (f"lesson.md: there is no {name}" for name in sorted({*shown} - {*names}))
        yield from (f"lesson.md does not show {name}" for name in sorted({*names} - {*shown}))
        if {*shown} == {*names} and shown != names:
            yield f"in lesson.md the order is {', '.join(shown)}; so it must be in exercises.py"
    for claim in lesson.roles(chapter.text("lesson.md"), "claim"):
        if claim not in CLAIMS:
            yield f"lesson.md: there is no claim {claim}"
    for term in lesson.roles(chapter.text("lesson.md"), "term"):
        if term not in GLOSSARY:
            yield f"lesson.md: {term!r} is not in the glossary"


def vars_of(part: lesson.Asked | lesson.Tried) -> str:
    """What a part names."""
    return part.quiz if isinstance(part, lesson.Asked) else part.exercise


def _scenes(chapter: Chapter) -> Iterator[str]:
    """Every scene that is named must be there, and those of the chapter must show their claims."""
    if not chapter.scenes_played():
        yield "lesson.md shows no scene, and a chapter opens on its first one"
    for name in chapter.scenes_played():
        with suppress(UserError):
            chapter.scene(name)
            continue
        yield f"there is no scene {name}"
    for name in chapter.scene_names():
        if name in library.scene_names():
            yield f"scene {name}: the library has one of this name"
        result = stage.play(chapter.scene(name))
        yield from (f"scene {name}: {mismatch}" for mismatch in result.mismatches)


def _targets(chapter: Chapter) -> Iterator[str]:
    """What a chapter promises to meet: claims in its text, beliefs in its quizzes."""
    met = {*lesson.roles(chapter.text("lesson.md"), "claim")}
    met |= {o.belief for q in chapter.quizzes for o in q.options if isinstance(o, Wrong)}
    yield from (
        f"{one} is met, and is not among the targets" for one in sorted(met - {*chapter.targets})
    )
    for target in chapter.targets:
        if target not in BELIEFS | CLAIMS:
            yield f"there is no claim or belief {target}"
        elif target not in met:
            where = "by a wrong answer of a quiz" if target in BELIEFS else "in lesson.md"
            yield f"{target} is not met {where}"


# --- quizzes --------------------------------------------------------------------------------------


def _quiz(chapter: Chapter, quiz: Quiz) -> Iterator[str]:
    """One right answer, two wrong ones at least, each with a belief that there is."""
    right = [option for option in quiz.options if isinstance(option, Right)]
    if len(right) != 1 or len(quiz.options) < 3:  # one right, two wrong
        yield f"{quiz.name}: it takes one right answer and at least two wrong ones"
    for option in quiz.options:
        if isinstance(option, Wrong) and option.belief not in BELIEFS:
            yield f"{quiz.name}: there is no belief {option.belief}"


# --- exercises ------------------------------------------------------------------------------------


def _exercise(chapter: Chapter, exercise: Exercise) -> Iterator[str]:
    """Fails unsolved, passes solved, has hints, and gives nothing away."""
    yield from (f"{exercise.name}: {complaint}" for complaint in _hints(exercise))
    if isinstance(exercise, Predict) and (complaints := [*_rounds(exercise)]):
        yield from (f"{exercise.name}: {complaint}" for complaint in complaints)
        return
    with tempfile.TemporaryDirectory(prefix="learnetcd-lint-") as name:
        path = Path(name) / chapter.file_of(exercise)
        if _passes(chapter, exercise, path, folder.stub(chapter, exercise)):
            yield f"{exercise.name}: the stub passes, so there is nothing to do"
        for which, text in _solutions(chapter, exercise):
            if not _passes(chapter, exercise, path, text):
                yield f"{exercise.name}: {which} does not pass"
            yield from (f"{exercise.name}: {where}" for where in _leaks(chapter, exercise, text))


def _hints(exercise: Exercise) -> Iterator[str]:
    levels = [" ".join(level.split()) for level in exercise.hints.levels]
    if not all(levels) or len({*levels}) < len(levels):
        yield "it takes three different hints"
    if not levels[0].endswith("?"):
        yield "the first hint is a question"


def _rounds(exercise: Predict) -> Iterator[str]:
    """Each question must have exactly one right answer."""
    for number, one in enumerate(exercise.rounds, 1):
        try:
            run, _ = sheet.played(one)
            sheet.right_option(one, run.world)
        except UserError as error:
            yield f"question {number}: {error}"


def _solutions(chapter: Chapter, exercise: Exercise) -> Iterator[tuple[str, str]]:
    """The solution and the second way, as a learner might have written them."""
    if isinstance(exercise, Predict):
        yield "the right answers", _filled_in(chapter, exercise)
        return
    for which in ("solution", "second"):
        path = f"{exercise.name}/{which}{suffix(exercise)}"
        if chapter.has(path):
            yield which, chapter.text(path)
        else:
            yield f"{path}, which is not there,", ""


def _filled_in(chapter: Chapter, exercise: Predict) -> str:
    text = folder.stub(chapter, exercise)
    for number, one in enumerate(exercise.rounds, 1):
        run, _ = sheet.played(one)
        text = sheet.with_answer(text, number, "ABCDEFGH"[sheet.right_option(one, run.world)])
    return text


def _passes(chapter: Chapter, exercise: Exercise, path: Path, text: str) -> bool:
    path.write_text(text, encoding="utf-8")
    return judge_exercise(chapter, exercise, path).passed


def _leaks(chapter: Chapter, exercise: Exercise, solution: str) -> Iterator[str]:
    """A line of the solution that stands where a learner reads before solving."""
    if isinstance(exercise, Predict):
        return
    stub = folder.stub(chapter, exercise)
    places = {
        "lesson.md": chapter.text("lesson.md"),
        "the task": exercise.task,
        "a hint": " ".join(exercise.hints.levels),
    }
    for line in _telling_lines(exercise, solution):
        if line in _squeezed(stub):
            continue
        for place, text in places.items():
            if line in _squeezed(text):
                yield f"{place} gives away {line!r}"


def _telling_lines(exercise: Exercise, solution: str) -> list[str]:
    """The lines that say something: of code the statements, of acts those with names."""
    if not isinstance(exercise, Code):
        solution = solution.partition("\n\n")[2]
        lines = [line for line in solution.split("\n") if line and line[0] not in "#>|?=!"]
        return [_squeezed(" ".join(lines))]
    code = re.sub(r'""".*?"""', "", solution, flags=re.DOTALL)
    lines = [line.strip() for line in code.split("\n")]
    return [
        line
        for line in map(_squeezed, lines)
        if len(line) >= TELLING_LETTERS and not line.startswith(("def ", "from ", "import ", "#"))
    ]


def _squeezed(text: str) -> str:
    return " ".join(text.split())
