"""Cells: what is typed in the notebook of a chapter.

    lesson = Lesson(3)
    lesson.scene("split")                       the scene, to step through
    lesson.source("learnetcd.raft.rules:GRANT_VOTE")
    lesson.quiz("split", "B")                   an answer, and what to say about it
    lesson.predict("next_leader", 1, "B")       the same; then the very run is shown
    c = lesson.open("split_vote"); c            a cluster to make it happen in
    lesson.check("split_vote", c)
    lesson.check("grant_vote", grant_vote)      a function of this notebook, put into a member

In a learner's folder all of it goes to the same files that an editor would write, so the runner
(`learnetcd lesson`) knows of it, and the other way round. Elsewhere nothing is written.

A cluster needs the extra `lab`. Without it, scenes are shown as pictures.

Next page: `notebook`.
"""

from __future__ import annotations

import html
import linecache
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from learnetcd.errors import UserError
from learnetcd.figures.cluster_map import cluster_map
from learnetcd.figures.figure import Figure
from learnetcd.figures.space_time import space_time
from learnetcd.session.session import Session
from learnetcd.simulator.scenario import parse
from learnetcd_lessons import folder, guiding, lesson, sheet
from learnetcd_lessons.chapter import chapter_by_number
from learnetcd_lessons.exercise import BreakIt, Code, MakeIt, Predict
from learnetcd_lessons.guiding import Notebook
from learnetcd_lessons.judging import judge_exercise, judge_run
from learnetcd_lessons.progress import Progress
from learnetcd_lessons.run import Run
from learnetcd_lessons.verdict import Verdict

LONGEST = 80
"""A run of more steps than this fits in no picture of messages."""
MOST_MARKS = 12


@dataclass(frozen=True, slots=True)
class Said:
    """Something said below a cell, maybe with a picture."""

    text: str
    figure: Figure | None = None

    def __repr__(self) -> str:
        """The words alone."""
        return self.text if self.figure is None else f"{self.text}\n\n{self.figure.text}"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """Words and picture, for a notebook."""
        words = f"<p>{html.escape(self.text).replace(chr(10), '<br>')}</p>"
        picture = self.figure.svg if self.figure else ""
        return {"text/html": words + picture, "text/plain": repr(self)}


@dataclass(frozen=True, slots=True)
class Listing:
    """A piece of our own code."""

    symbol: str

    def __repr__(self) -> str:
        """The code, as it stands in its file."""
        return lesson.source_text(self.symbol)

    @property
    def markdown(self) -> str:
        """The same with its colours, below its name."""
        return f"`{self.symbol}`\n\n```python\n{self!r}\n```"

    def _repr_markdown_(self) -> str:
        """For a notebook."""
        return self.markdown


class Lesson:
    """One chapter, in a notebook."""

    def __init__(self, number: int) -> None:
        """Open a chapter."""
        self.chapter = chapter_by_number(number)
        try:
            self.here: Path | None = folder.find(Path())
        except UserError:
            self.here = None
        self.notebook = Notebook(self.chapter, self.here)

    # -- looking ----------------------------------------------------------------------------------

    def scene(self, name: str) -> object:
        """A scene at its beginning, with its run ahead."""
        return shown(guiding.played(self.chapter.scene(name)))

    def source(self, symbol: str) -> Listing:
        """Our own code, by its symbol."""
        return Listing(symbol)

    def open(self, name: str) -> object:
        """The cluster in which something is to be made to happen."""
        exercise = self.chapter.exercise(name)
        return shown(guiding.opened(parse(name, folder.stub(self.chapter, exercise))))

    # -- answering --------------------------------------------------------------------------------

    def quiz(self, name: str, answer: str = "") -> Said:
        """Answer a question; without an answer, ask it."""
        page = guiding.quiz_page(self.chapter, self.chapter.quiz(name), self.notebook)
        if not answer or page.asks is None:
            return Said(page.text)
        text, session = page.asks(answer)
        return Said(text, None if session is None else picture_of(session))

    def predict(self, name: str, number: int, answer: str = "") -> Said:
        """Say what will happen; only then it happens."""
        exercise = self.chapter.exercise(name)
        assert isinstance(exercise, Predict), f"{name} asks for no prediction"
        one, id_ = exercise.rounds[number - 1], self.chapter.id_of(exercise)
        options = tuple(option.text for option in one.options)
        if not answer:
            asked = [one.question, *sheet.before(one), guiding.options_text(options)]
            return Said("\n".join(asked))
        place = guiding.place_of(answer, len(options))
        if place is None:
            return Said(guiding.no_option(len(options))[0])
        self.notebook.answer(id_, number, answer.strip().upper())
        run, _ = sheet.played(one)
        right = sheet.right_option(one, run.world)
        ending = "So it is." if place == right else f"It is: {options[right]}."
        session = guiding.played(sheet.scene_of(one))
        return Said(f"You say: {options[place]}. {ending}", picture_of(session))

    # -- checking ---------------------------------------------------------------------------------

    def check(self, name: str, mine: object = None) -> Said:
        """Judge a cluster in which something was made to happen, or a function of this notebook."""
        exercise = self.chapter.exercise(name)
        id_ = self.chapter.id_of(exercise)
        match exercise:
            case MakeIt() | BreakIt():
                session = getattr(mine, "session", mine)
                if not isinstance(session, Session):
                    return Said(f"Give the cluster: lesson.check({name!r}, c)")
                recording = session.recording()
                run = Run(recording.setup, recording.decisions)
                verdict = judge_run(self.chapter, exercise, run)
                if verdict.passed:
                    self.notebook.done(id_, verdict, session)
            case Code() if callable(mine):
                verdict = self.check_code(exercise, cell_of(mine))
            case _:
                return Said(f"Give the function: lesson.check({name!r}, {name})")
        return Said(f"{'Done' if verdict.passed else 'Not yet'}: {verdict.sentence}")

    def check_code(self, exercise: Code, text: str) -> Verdict:
        """Judge the text of a cell; in a learner's folder it becomes the file of the exercise."""
        if self.here is None:
            with TemporaryDirectory() as name:
                path = Path(name) / self.chapter.file_of(exercise)
                path.write_text(text, encoding="utf-8")
                return judge_exercise(self.chapter, exercise, path)
        id_ = self.chapter.id_of(exercise)
        path, stub = folder.path_of(self.here, id_), folder.stub(self.chapter, exercise)
        if text.strip() != folder.without_heading(stub).strip():  # an untouched cell is no work
            folder.write(path, text)
        verdict = judge_exercise(self.chapter, exercise, path)
        progress = Progress.read(self.here)
        progress.note(id_, verdict)
        progress.save()
        return verdict

    def hint(self, name: str) -> Said:
        """One hint more, of three. Outside of a learner's folder: all of them."""
        exercise = self.chapter.exercise(name)
        levels = exercise.hints.levels
        if self.here is None:
            return Said("\n".join(levels))
        return Said(Progress.read(self.here).hint(self.chapter.id_of(exercise), levels))


def shown(session: Session) -> object:
    """A cluster to step; without the extra `lab`, a picture of the run ahead."""
    try:
        widgets = import_module("learnetcd.widgets")
    except ImportError:
        return picture_of(session)
    cluster: object = widgets.Cluster(session=session)
    return cluster


def picture_of(session: Session) -> Figure:
    """Who told whom what, from here to the end of the run.

    Of a long run, mostly heartbeats, how it ends, and what was worth a stop on the way there.
    """
    view = session.view()
    if 0 < view.length - view.step <= LONGEST:
        return space_time(session.span(view.step + 1, view.length))
    session.seek(view.length)
    marks = [mark for mark in session.landmarks() if mark.step > view.step]
    told = [f"{mark.at_ms} ms  {mark.text}" for mark in marks[-MOST_MARKS:]]
    figure = cluster_map(session.view(), told)
    session.seek(view.step)
    return figure


def cell_of(function: Callable[..., object]) -> str:
    """The text of the cell in which a function was written."""
    code = getattr(function, "__code__", None)
    lines = linecache.getlines(code.co_filename) if code else []
    if not lines:
        raise UserError("The text of this function is not to be found: write it in a cell.")
    return "".join(lines)
