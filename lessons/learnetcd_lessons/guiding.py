"""Guiding: the chapter as pages beside the stepper.

    All three may wake at once ...          the scene `split`, with its run ahead
    Who leads next?  A S1  B S2 ...         the moment of the question; after the answer, the run
    Make a term that nobody wins ...        the stub; after each act the run is judged

Each scene, question and exercise of the text ends a page, and opens its cluster there. What is
answered and what is reached goes to the learner's folder, if one stands in it: the same files that
an editor would write, so `learnetcd lesson check` knows of it.

Next page: `command`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from string import ascii_uppercase

from learnetcd.session.history import Beginning, begin
from learnetcd.session.session import Session
from learnetcd.simulator.scenario import Scene, parse
from learnetcd_lessons import folder, lesson, sheet
from learnetcd_lessons.beliefs import BELIEFS
from learnetcd_lessons.chapter import QUIZ, Chapter
from learnetcd_lessons.exercise import (
    BreakIt,
    Code,
    Exercise,
    MakeIt,
    Option,
    Predict,
    Quiz,
    Right,
    Round,
    Wrong,
)
from learnetcd_lessons.judging import RECORDING, judge_run
from learnetcd_lessons.progress import Progress
from learnetcd_lessons.run import Run
from learnetcd_lessons.telling import part_text
from learnetcd_lessons.verdict import Verdict
from learnetcd_tui.guide import Answered, Guide, Page


def guide(chapter: Chapter, here: Path | None) -> Guide:
    """The pages of a chapter, for a learner who works in a folder, or only reads."""
    return Guide([*pages(chapter, Notebook(chapter, here))])


@dataclass(frozen=True, slots=True)
class Notebook:
    """The learner's folder, if there is one: what is done on the screen is written there."""

    chapter: Chapter
    here: Path | None

    def answer(self, id_: str, number: int, letter: str) -> None:
        """Fill in an answer."""
        if self.here is not None and (path := folder.path_of(self.here, id_)).is_file():
            text = path.read_text(encoding="utf-8")
            path.write_text(sheet.with_answer(text, number, letter), encoding="utf-8")

    def done(self, id_: str, verdict: Verdict, session: Session) -> bool:
        """Keep a run that is better than those before; whether it is."""
        if self.here is None:
            return True
        progress = Progress.read(self.here)
        is_news = progress.note(id_, verdict)
        if is_news:
            progress.save()
            session.save(folder.path_of(self.here, id_).with_suffix(RECORDING))
        return is_news


# --- pages ----------------------------------------------------------------------------------------


def pages(chapter: Chapter, notebook: Notebook) -> Iterator[Page]:
    """Cut the text where something opens a cluster, or where a section begins."""
    title, texts = chapter.title, list[str]()
    for part in lesson.parse(chapter.text("lesson.md")):
        match part:
            case lesson.Prose(text):
                for paragraph in lesson.for_terminal(text).split("\n\n"):
                    if not paragraph.startswith("#"):
                        texts.append(paragraph)
                        continue
                    if texts:
                        yield Page(title, "\n\n".join(texts))
                    title, texts = paragraph.lstrip("# "), []
            case lesson.Played(name):
                scene = chapter.scene(name)
                texts.append(f"{scene.claim} Press . or n to see it.")
                yield Page(title, "\n\n".join(texts), opens=partial(played, scene))
                texts = []
            case lesson.Asked(name):
                yield from [Page(title, "\n\n".join(texts))] if texts else []
                yield quiz_page(chapter, chapter.quiz(name), notebook)
                texts = []
            case lesson.Tried(name):
                yield from [Page(title, "\n\n".join(texts))] if texts else []
                yield from exercise_pages(chapter, chapter.exercise(name), notebook)
                texts = []
            case _:
                texts.append(part_text(chapter, part))
    if texts:
        yield Page(title, "\n\n".join(texts))


def opened(scene: Scene) -> Session:
    """A session at the beginning of a scene."""
    return Session(begin(scene.setup, Beginning(scene.name, scene.start, scene.grain)))


def played(scene: Scene) -> Session:
    """A session at the beginning of a scene, with its whole run ahead."""
    session = opened(scene)
    beginning = session.view().step
    for act in scene.acts:
        session.act(act.text)
    session.seek(beginning)
    return session


def options_text(options: tuple[str, ...]) -> str:
    """From which to choose."""
    lettered = zip(ascii_uppercase, options, strict=False)
    return "\n".join(f"  {letter}  {text}" for letter, text in lettered)


def place_of(words: str, count: int) -> int | None:
    """The place of the option that a letter names."""
    letter = words.strip().upper()
    return ascii_uppercase.index(letter) if letter and letter in ascii_uppercase[:count] else None


def no_option(count: int) -> Answered:
    """What is said to anything else."""
    return f"Type one letter, A to {ascii_uppercase[count - 1]}.", None


# --- quizzes --------------------------------------------------------------------------------------


def quiz_page(chapter: Chapter, quiz: Quiz, notebook: Notebook) -> Page:
    """A question; a wrong answer opens the run that refutes it."""
    options = sheet.shuffled(quiz)

    def asks(words: str) -> Answered:
        place = place_of(words, len(options))
        if place is None:
            return no_option(len(options))
        number = chapter.quizzes.index(quiz) + 1
        notebook.answer(f"{chapter.number}.{QUIZ}", number, ascii_uppercase[place])
        match options[place]:
            case Right(because=because):
                return f"Right. {because}", None
            case Wrong(belief=belief, refuted_by=scene, because=because):
                said = f"Many believe this: {BELIEFS[belief]}\n{because} Press . or n to see it."
                return said, played(chapter.scene(scene))

    texts = tuple(option.text for option in options)
    return Page("A question", f"{quiz.question}\n\n{options_text(texts)}", asks=asks)


# --- exercises ------------------------------------------------------------------------------------


def exercise_pages(chapter: Chapter, exercise: Exercise, notebook: Notebook) -> Iterator[Page]:
    """A page for each question of a `Predict`, one for any other exercise."""
    id_ = chapter.id_of(exercise)
    title, task = f"{id_} {exercise.title}", exercise.task.strip()
    match exercise:
        case Predict():
            yield Page(title, task)
            for number, one in enumerate(exercise.rounds, 1):
                yield round_page(f"{title}: question {number}", id_, number, one, notebook)
        case MakeIt() | BreakIt():
            scene = parse(exercise.name, folder.stub(chapter, exercise))
            looks = looking(chapter, exercise, notebook)
            yield Page(title, task, opens=partial(opened, scene), looks=looks)
        case Code():
            file = f"{chapter.slug}/{chapter.file_of(exercise)}"
            how = f"Write it in {file}. `learnetcd lesson check {id_}` says how it does."
            yield Page(title, f"{task}\n\n{how}")


def looking(
    chapter: Chapter, exercise: MakeIt | BreakIt, notebook: Notebook
) -> Callable[[Session], str]:
    """After each act, judge the run; a success is kept."""
    id_, seen = chapter.id_of(exercise), dict[str, int]()

    def looks(session: Session) -> str:
        view = session.view()
        if seen.get(view.branch) == view.length or view.scene != exercise.name:
            return ""
        seen[view.branch] = view.length
        recording = session.recording()
        verdict = judge_run(chapter, exercise, Run(recording.setup, recording.decisions))
        if verdict.passed and notebook.done(id_, verdict, session):
            return f"{verdict.sentence} The run is kept. ) goes on."
        return verdict.sentence

    return looks


def round_page(title: str, id_: str, number: int, one: Round, notebook: Notebook) -> Page:
    """A question about what will happen; after the answer the run lies ahead."""
    options: tuple[Option, ...] = one.options
    given: list[int] = []

    def asks(words: str) -> Answered:
        place = place_of(words, len(options))
        if place is None:
            return no_option(len(options))
        given[:] = [place]
        notebook.answer(id_, number, ascii_uppercase[place])
        said = f"You say: {options[place].text}. The run lies ahead: . or n goes along it."
        return said, played(sheet.scene_of(one))

    def looks(session: Session) -> str:
        view = session.view()
        if not given or view.scene != "question" or view.step < view.length:
            return ""
        right = sheet.right_option(one, sheet.played(one)[0].world)
        if given[0] == right:
            return f"You said: {options[right].text}. So it is."
        return f"You said: {options[given[0]].text}. It is: {options[right].text}."

    then = f"Then: {one.then}."
    texts = tuple(option.text for option in options)
    text = f"{one.question}\n\n{then}\n\n{options_text(texts)}"
    return Page(title, text, opens=partial(opened, sheet.scene_of(one)), looks=looks, asks=asks)
