"""The learner's folder: a file for each exercise, a sheet of questions for each chapter, progress.

    raft/
        03_timers_and_votes/
            1_next_leader.txt       what to predict
            2_split_vote.txt        acts; or 2_split_vote.recording, saved on the screen
            3_grant_vote.py         a function to write
            4_two_leaders.txt
            quiz.txt
            scenes/                 the scenes of the chapter, to be opened and changed
        learnetcd-lessons.json      what is done, with how many hints and acts

All of it is the learner's: files are never written over but by `reset`. The last file only
remembers; what is done can always be found out again from the others.

Next page: `progress`.
"""

from __future__ import annotations

from pathlib import Path

from learnetcd.errors import UserError
from learnetcd.own.parts import PARTS
from learnetcd.own.stub import stub as stub_of
from learnetcd_lessons import sheet
from learnetcd_lessons.chapter import QUIZ, Chapter, chapter_by_id, chapters, exercise_by_id
from learnetcd_lessons.exercise import BreakIt, Code, Exercise, MakeIt, Predict

MEMORY = "learnetcd-lessons.json"
QUIZ_FILE = "quiz.txt"
HOW = """\
Write acts below, one a line: time out S1, timer S2 12, cut 1|23, step, run 200 ms ...
All of them: learnetcd lesson acts. Or do it on the screen: learnetcd lesson {}
"""


def find(start: Path) -> Path:
    """The folder of lessons in which one stands, or one above."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / MEMORY).is_file():
            return folder
    raise UserError(
        "There is no folder of lessons here. `learnetcd lesson start DIR` makes one; then go there."
    )


def home(folder: Path, chapter: Chapter) -> Path:
    """The folder of a chapter."""
    return folder / chapter.slug


def path_of(folder: Path, id_: str) -> Path:
    """Where something to do is, by its id."""
    chapter = chapter_by_id(id_)
    if id_.endswith(QUIZ):
        return home(folder, chapter) / QUIZ_FILE
    return home(folder, chapter) / chapter.file_of(exercise_by_id(id_)[1])


def start(folder: Path) -> list[str]:
    """Make a folder, or add to it what is new; what is there stays. Gives what was written."""
    if folder.is_file():
        raise UserError(f"{folder} is a file; a folder is wanted.")
    written = []
    for chapter in chapters():
        for path, text in files_of(chapter).items():
            target = home(folder, chapter) / path
            if not target.exists():
                write(target, text)
                written.append(f"{chapter.slug}/{path}")
    memory = folder / MEMORY
    if not memory.exists():
        write(memory, "{}\n")
    return written


def files_of(chapter: Chapter) -> dict[str, str]:
    """All files that a chapter begins with, by their paths."""
    files = {chapter.file_of(exercise): stub(chapter, exercise) for exercise in chapter.exercises}
    if chapter.quizzes:
        files[QUIZ_FILE] = quiz_page(chapter)
    scenes = {f"scenes/{name}.txt": chapter.scene_text(name) for name in chapter.scene_names()}
    return files | scenes


def reset(folder: Path, id_: str) -> Path:
    """Write a file as it was in the beginning."""
    path = path_of(folder, id_)
    write(path, files_of(chapter_by_id(id_))[path.name])
    return path


def write(path: Path, text: str) -> None:
    """Write a file, and the folder for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def stub(chapter: Chapter, exercise: Exercise) -> str:
    """What a learner begins with."""
    if isinstance(exercise, Predict):
        return f"{heading(chapter, exercise)}\n\n{sheet.predict_sheet(exercise)}"
    if isinstance(exercise, Code):
        code = (
            stub_of(PARTS[exercise.part])
            if exercise.part
            else chapter.text(f"{exercise.name}/stub.py")
        )
        return f"{heading(chapter, exercise)}\n\n{code}"
    text = chapter.text(f"{exercise.name}/stub.txt")
    # The head of a scene ends at the first empty line: what follows is the learner's.
    head, _, body = text.partition("\n\n")
    return f"{head}\n\n{heading(chapter, exercise)}\n{body}"


def heading(chapter: Chapter, exercise: Exercise) -> str:
    """The task, as notes at the top of a file."""
    id_ = chapter.id_of(exercise)
    lines = [f"{id_} {exercise.title}", "", *exercise.task.strip().split("\n"), ""]
    if isinstance(exercise, MakeIt | BreakIt):
        lines += HOW.format(chapter.number).split("\n")
    lines.append(f"learnetcd lesson check {id_}     learnetcd lesson hint {id_}")
    return "\n".join(f"# {line}".rstrip() for line in lines)


def without_heading(text: str) -> str:
    """What stands below the task: it ends at the line with the commands."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if line.startswith("# learnetcd lesson check"):
            return "\n".join(lines[number + 1 :])
    return text


def quiz_page(chapter: Chapter) -> str:
    """All quizzes of a chapter."""
    top = f"# Chapter {chapter.number}: {chapter.title}. One letter after each `answer`, then:\n"
    return f"{top}# learnetcd lesson check {chapter.number}\n\n{sheet.quiz_sheet(chapter.quizzes)}"
