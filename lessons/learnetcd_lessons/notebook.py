"""A notebook: a chapter as Jupyter reads it.

    python -m learnetcd_lessons.notebook notebooks/       writes all of them

It is made from `lesson.md` alone, part for part, and never edited: a test holds the files in the
repository equal to what this page makes. Scenes come with their pictures and symbols with their
code, as outputs, so the pages can be read where notebooks are only shown.

Next page: `lab`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from learnetcd_lessons import cells, folder, guiding, lesson, sheet
from learnetcd_lessons.chapter import Chapter, chapters
from learnetcd_lessons.exercise import BreakIt, Code, Exercise, MakeIt, Predict

NAME = "lesson.ipynb"
"""What it is called in the folder of a learner's chapter."""


def main(words: list[str]) -> int:
    """Write the notebooks of all chapters into a folder."""
    for chapter in chapters():
        path = Path(words[0]) / f"{chapter.slug}.ipynb"
        folder.write(path, text_of(chapter))
    return 0


def text_of(chapter: Chapter) -> str:
    """The file."""
    notebook = {
        "cells": [
            cell | {"id": f"cell-{number:03}"} for number, cell in enumerate(cells_of(chapter), 1)
        ],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def cells_of(chapter: Chapter) -> Iterator[dict[str, Any]]:
    """All cells; the second one opens the chapter."""
    is_open = False
    for part in lesson.parse(chapter.text("lesson.md")):
        yield from part_cells(chapter, part)
        if not is_open:
            opening = "from learnetcd_lessons.cells import Lesson\n\n"
            yield code(f"{opening}lesson = Lesson({chapter.number})")
            is_open = True


def part_cells(chapter: Chapter, part: lesson.Part) -> Iterator[dict[str, Any]]:
    """The cells of one part."""
    match part:
        case lesson.Prose(text):
            yield markdown(lesson.plain(text))
        case lesson.Cell(text):
            yield code(text)
        case lesson.Typed(_, text):
            yield markdown(f"```console\n{text}\n```")
        case lesson.Source(symbol):
            listing = cells.Listing(symbol)
            output = {
                "text/markdown": lines_of(listing.markdown),
                "text/plain": lines_of(repr(listing)),
            }
            yield code(f'lesson.source("{symbol}")', output)
        case lesson.Played(name):
            scene = chapter.scene(name)
            figure = cells.picture_of(guiding.played(scene))
            output = {"image/svg+xml": lines_of(figure.svg), "text/plain": lines_of(figure.text)}
            yield markdown(f"*{scene.claim}*")
            yield code(f'lesson.scene("{name}")', output)
        case lesson.Asked(name):
            page = guiding.quiz_page(chapter, chapter.quiz(name), guiding.Notebook(chapter, None))
            yield markdown(f"**A question.** {as_list(page.text)}")
            yield code(f'lesson.quiz("{name}", answer="")')
        case lesson.Tried(name):
            exercise = chapter.exercise(name)
            title = f"**Exercise {chapter.id_of(exercise)}: {exercise.title}**"
            yield markdown(f"{title}\n\n{exercise.task.strip()}")
            yield from exercise_cells(chapter, exercise)


def exercise_cells(chapter: Chapter, exercise: Exercise) -> Iterator[dict[str, Any]]:
    """Where a learner does it."""
    name = exercise.name
    match exercise:
        case Predict():
            yield markdown(f"```\n{sheet.legend(exercise)}```")
            for number, one in enumerate(exercise.rounds, 1):
                options = guiding.options_text(tuple(option.text for option in one.options))
                seen = "\n".join(sheet.before(one))
                question = f"{number}. {one.question}\n\n```\n{seen}\n```\n\n{as_list(options)}"
                yield markdown(question)
                yield code(f'lesson.predict("{name}", {number}, answer="")')
        case MakeIt() | BreakIt():
            yield code(f'c = lesson.open("{name}")\nc')
            yield code(f'lesson.check("{name}", c)')
        case Code():
            yield code(folder.without_heading(folder.stub(chapter, exercise)))
            function = exercise.part or name
            yield code(f'lesson.check("{name}", {function})')


def as_list(text: str) -> str:
    """Options as Markdown: an empty line before each, its letter in bold."""
    rows = []
    for row in text.split("\n"):
        is_option = row.startswith("  ") and row[2:3].isupper() and row[3:5] == "  "
        rows.append(f"\n**{row[2]}** {row[5:]}" if is_option else row)
    return "\n".join(rows)


def markdown(text: str) -> dict[str, Any]:
    """A cell to read."""
    return {"cell_type": "markdown", "metadata": {}, "source": lines_of(text)}


def code(text: str, output: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """A cell to run."""
    shown = {"data": output, "metadata": {}, "output_type": "display_data"}
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [shown] if output else [],
        "source": lines_of(text),
    }


def lines_of(text: str) -> list[str]:
    """As a notebook keeps it: a list of lines, with their ends."""
    return text.strip("\n").splitlines(keepends=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
