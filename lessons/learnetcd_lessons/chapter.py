"""A chapter: a folder with a text, exercises and quizzes; and all the chapters there are.

    chapters/timers_and_votes/
        lesson.md           the text, with cells of code                        see `lesson`
        exercises.py        CHAPTER = Chapter(number=3, ...)                    see `exercise`
        grant_vote/         stub.py, solution.py, second.py of an exercise
        scenes/             scenes that only this chapter needs

Left out: an order other than by numbers. The paths through the book are lists of numbers.

Next page: `lesson`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from importlib.resources.abc import Traversable

from learnetcd.errors import UserError, unknown_name
from learnetcd.simulator import library
from learnetcd.simulator.scenario import Scene, parse
from learnetcd_lessons import lesson
from learnetcd_lessons.exercise import Code, Exercise, Predict, Quiz, Wrong


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter, as its `exercises.py` says it."""

    number: int
    folder: str
    """The name of its folder in `chapters`."""
    title: str
    summary: str
    """What a reader can do afterwards, in one sentence."""
    exercises: tuple[Exercise, ...]
    quizzes: tuple[Quiz, ...]
    targets: tuple[str, ...]
    """Claims and beliefs that it must meet, by their ids."""

    @property
    def slug(self) -> str:
        """Its name wherever chapters are files: `03_timers_and_votes`."""
        return f"{self.number:02}_{self.folder}"

    @property
    def home(self) -> Traversable:
        """Its folder."""
        return files("learnetcd_lessons") / "chapters" / self.folder

    def text(self, path: str) -> str:
        """A file of its folder."""
        return self.home.joinpath(*path.split("/")).read_text(encoding="utf-8")

    def has(self, path: str) -> bool:
        """Whether its folder has this file."""
        return self.home.joinpath(*path.split("/")).is_file()

    def id_of(self, exercise: Exercise) -> str:
        """How a learner types it: `3.2`."""
        return f"{self.number}.{self.exercises.index(exercise) + 1}"

    def file_of(self, exercise: Exercise) -> str:
        """The name of its file in the learner's folder: `2_split_vote.txt`."""
        place = self.exercises.index(exercise) + 1
        return f"{place}_{exercise.name}{suffix(exercise)}"

    def exercise(self, name: str) -> Exercise:
        """An exercise by its name."""
        return next(one for one in self.exercises if one.name == name)

    def quiz(self, name: str) -> Quiz:
        """A quiz by its name."""
        return next(one for one in self.quizzes if one.name == name)

    def scene_names(self) -> tuple[str, ...]:
        """The scenes that only this chapter has."""
        folder = self.home / "scenes"
        if not folder.is_dir():
            return ()
        names = [entry.name for entry in folder.iterdir() if entry.name.endswith(library.SUFFIX)]
        return tuple(sorted(name.removesuffix(library.SUFFIX) for name in names))

    def scene(self, name: str) -> Scene:
        """A scene by its name: of this chapter, or of the library."""
        return parse(name, self.scene_text(name))

    def scenes_played(self) -> tuple[str, ...]:
        """The scenes that its text and the wrong answers of its quizzes name, in their order."""
        parts = lesson.parse(self.text("lesson.md"))
        named = [part.scene for part in parts if isinstance(part, lesson.Played)]
        wrong = [o for quiz in self.quizzes for o in quiz.options if isinstance(o, Wrong)]
        return tuple(dict.fromkeys([*named, *(option.refuted_by for option in wrong)]))

    def scene_text(self, name: str) -> str:
        """The text of such a scene."""
        if name in self.scene_names():
            return self.text(f"scenes/{name}{library.SUFFIX}")
        if name in library.scene_names():
            return library.scene_text(name)
        raise unknown_name("scene", name, (*self.scene_names(), *library.scene_names()))


def suffix(exercise: Exercise) -> str:
    """How its files end: code is Python, all else is text."""
    return ".py" if isinstance(exercise, Code) else ".txt"


def has_stub_file(exercise: Exercise) -> bool:
    """Whether its stub and solution are files; a `Predict` has none: its sheet is made from it."""
    return not isinstance(exercise, Predict)


# --- all of them ----------------------------------------------------------------------------------


@cache
def chapters() -> tuple[Chapter, ...]:
    """All chapters there are, by number."""
    found = [
        import_module(f"learnetcd_lessons.chapters.{entry.name}.exercises").CHAPTER
        for entry in (files("learnetcd_lessons") / "chapters").iterdir()
        if entry.joinpath("exercises.py").is_file()
    ]
    return tuple(sorted(found, key=lambda chapter: chapter.number))


def chapter_by_number(number: int) -> Chapter:
    """A chapter; `UserError` if there is none of that number."""
    for chapter in chapters():
        if chapter.number == number:
            return chapter
    known = ", ".join(f"{chapter.number} ({chapter.title})" for chapter in chapters())
    raise UserError(f"There is no chapter {number} yet. There are: {known}.")


def chapter_by_id(id_: str) -> Chapter:
    """The chapter of something to do."""
    return chapter_by_number(int(id_.partition(".")[0]))


QUIZ = "quiz"
"""What the quizzes of a chapter are called where exercises have numbers: `3.quiz`."""


def ids_of(chapter: Chapter) -> list[str]:
    """All that there is to do in a chapter."""
    ids = [chapter.id_of(exercise) for exercise in chapter.exercises]
    return [*ids, f"{chapter.number}.{QUIZ}"] if chapter.quizzes else ids


def title_of(id_: str) -> str:
    """The title of something to do."""
    return "Quiz" if id_.endswith(QUIZ) else exercise_by_id(id_)[1].title


def exercise_by_id(words: str) -> tuple[Chapter, Exercise]:
    """An exercise by its id, `3.2`."""
    number, dot, place = words.partition(".")
    if not (dot and number.isdigit() and place.isdigit()):
        raise UserError(f"{words!r} names no exercise: it would be '3.2', the second of chapter 3.")
    chapter = chapter_by_number(int(number))
    if not 1 <= int(place) <= len(chapter.exercises):
        raise UserError(
            f"There is no exercise {words}: chapter {number} has {len(chapter.exercises)} of them."
        )
    return chapter, chapter.exercises[int(place) - 1]
