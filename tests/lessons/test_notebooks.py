"""The notebooks are what the chapters say, and run from top to bottom."""

import json
import linecache
import os
from pathlib import Path

import pytest

from learnetcd_lessons import folder, notebook
from learnetcd_lessons.cells import Lesson
from learnetcd_lessons.chapter import Chapter, chapter_by_number, chapters
from learnetcd_lessons.judging import judge
from learnetcd_lessons.progress import Progress

NOTEBOOKS = Path(__file__).parent.parent.parent / "notebooks"
EVERY_CHAPTER = pytest.mark.parametrize("chapter", chapters(), ids=lambda chapter: chapter.slug)


@EVERY_CHAPTER
def test_the_notebook_in_the_repository_is_the_one_that_the_chapter_makes(chapter: Chapter):
    """Letter for letter, also what its cells show. LEARNETCD_UPDATE_NOTEBOOKS=1 writes it anew."""
    path, text = NOTEBOOKS / f"{chapter.slug}.ipynb", notebook.text_of(chapter)
    if os.environ.get("LEARNETCD_UPDATE_NOTEBOOKS"):
        path.write_text(text, encoding="utf-8")
    is_equal = path.read_text(encoding="utf-8") == text
    assert is_equal, "LEARNETCD_UPDATE_NOTEBOOKS=1 make tests ARGS=tests/lessons/test_notebooks.py"


def run(chapter: Chapter) -> list[object]:
    """Run all cells in this process, and give what each would show."""
    names: dict[str, object] = {}
    shown = []
    for number, cell in enumerate(json.loads(notebook.text_of(chapter))["cells"]):
        if cell["cell_type"] != "code":
            continue
        code, name = "".join(cell["source"]), f"<cell {chapter.number}.{number}>"
        linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
        *_, last = code.rstrip().split("\n")
        if last.startswith(("lesson.", "c")) and "=" not in last.split("(")[0]:
            code = code.rstrip().removesuffix(last) + f"_ = {last}"
        names["_"] = None
        exec(compile(code, name, "exec"), names)
        shown.append(names["_"])
    return shown


@EVERY_CHAPTER
def test_every_cell_runs_from_top_to_bottom(
    chapter: Chapter, begun: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(folder.home(begun, chapter))
    shown = [one for one in run(chapter) if one is not None]
    assert len(shown) > 5
    done = [id_ for id_, one in Progress.read(begun).by_id.items() if one.done]
    assert done == [], "who only runs the cells has solved nothing"


# --- what is typed in them ------------------------------------------------------------------------


@pytest.fixture
def lesson(begun: Path, monkeypatch: pytest.MonkeyPatch) -> Lesson:
    monkeypatch.chdir(folder.home(begun, chapter_by_number(3)))
    return Lesson(3)


def test_an_answer_in_a_notebook_is_on_the_sheet_of_the_runner(lesson: Lesson):
    asked = repr(lesson.predict("next_leader", 1))
    assert "leads term" not in asked
    said = lesson.predict("next_leader", 1, "b")
    assert "So it is." in said.text
    assert "S2→S1 vote request" in repr(said)
    assert lesson.here is not None
    assert judge(lesson.here, "3.1").score == "1 of 5"


def test_a_wrong_answer_of_a_quiz_shows_the_run_that_refutes_it(lesson: Lesson):
    asked = repr(lesson.quiz("split"))
    letter = next(row.strip()[0] for row in asked.split("\n") if "independently" in row)
    said = lesson.quiz("split", letter)
    assert "A split vote is a split brain." in said.text
    assert said.figure is not None


def test_a_function_of_a_cell_is_checked_and_becomes_the_file_of_the_exercise(lesson: Lesson):
    code = lesson.chapter.text("grant_vote/solution.py")
    names: dict[str, object] = {}
    linecache.cache["<mine>"] = (len(code), None, code.splitlines(keepends=True), "<mine>")
    exec(compile(code, "<mine>", "exec"), names)
    assert repr(lesson.check("grant_vote", names["grant_vote"])).startswith("Done")
    assert lesson.here is not None
    assert judge(lesson.here, "3.3").passed


def test_a_cluster_in_which_it_happened_is_judged_and_kept(lesson: Lesson):
    from learnetcd.session.session import Session

    session = Session.open()
    for member in (1, 2, 3):
        session.time_out(member)
    assert repr(lesson.check("split_vote", session)).startswith("Done")
    assert lesson.here is not None
    assert judge(lesson.here, "3.2").passed


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda lesson: lesson.check("split_vote"), "Give the cluster"),
        (lambda lesson: lesson.check("grant_vote"), "Give the function"),
        (lambda lesson: lesson.quiz("split", "X"), "Type one letter, A to C."),
        (lambda lesson: lesson.predict("next_leader", 1, "X"), "Type one letter, A to D."),
        (lambda lesson: lesson.hint("split_vote"), "How many candidates"),
    ],
)
def test_what_is_missing_is_said(lesson: Lesson, call, said: str):
    assert said in repr(call(lesson))
