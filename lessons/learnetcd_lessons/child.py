"""The child: a process in which a learner's code runs, with little time and little memory.

    python -m learnetcd_lessons.child 3.3 raft/03_timers_and_votes/3_grant_vote.py OUT 5

Whoever learns writes loops without an end and lists that grow for ever. So the code runs where that
does no harm: in a process of its own, in the learner's folder, that is stopped after a few seconds.
What it prints is kept and shown; what it found goes to the file OUT, where no print can get in
between.

Left out: protection against somebody who means harm. It is the learner's own machine.

Next page: `folder`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import traceback
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from learnetcd import own
from learnetcd.errors import UserError
from learnetcd.own.apart import leave, limit, run_apart
from learnetcd.own.divergence import Divergence, first_divergence
from learnetcd_lessons.chapter import Chapter, exercise_by_id
from learnetcd_lessons.exercise import Code
from learnetcd_lessons.verdict import Verdict

SECONDS = 5
"""So long may it compute; a solution takes a fraction of one."""
PATIENCE = 20
"""Seconds on the clock, for code that waits; on a busy machine others take most of them."""
MEMORY = 1 << 30
"""Bytes; Python with all of learnetcd takes a tenth of it."""
SHOWN = 2_000
"""So many letters of what was printed are shown."""


def judge_code(chapter: Chapter, exercise: Code, path: Path) -> Verdict:
    """Judge a learner's file in a process of its own."""
    path = path.resolve()
    with tempfile.TemporaryDirectory(prefix="learnetcd-lesson-") as folder:
        out = Path(folder) / "verdict.json"
        words = [chapter.id_of(exercise), str(path), str(out), str(SECONDS)]
        ended = run_apart(
            [sys.executable, "-m", "learnetcd_lessons.child", *words],
            PATIENCE,
            folder=path.parent,
            environment=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        if ended.code == -signal.SIGXCPU:
            stopped = f"{path.name} was stopped after {SECONDS} s: is there a loop without an end?"
            return Verdict(False, stopped, printed=ended.printed[:SHOWN])
        if ended.code is None:
            waited = f"{path.name} was stopped after {PATIENCE} s: what does it wait for?"
            return Verdict(False, waited, printed=ended.printed[:SHOWN])
        if not out.is_file():
            ended_early = f"{path.name} ended its process."
            return Verdict(False, ended_early, printed=ended.printed[-SHOWN:])
        found = Verdict(**json.loads(out.read_text(encoding="utf-8")))
    return replace(found, printed=ended.printed[:SHOWN])


# --- in the child ---------------------------------------------------------------------------------


def main(words: list[str]) -> None:
    """Limit this process, load the learner's file, check it, and write down what was found."""
    id_, path, out, seconds = words
    limit(MEMORY, int(seconds))
    chapter, exercise = exercise_by_id(id_)
    assert isinstance(exercise, Code), f"{id_} of {chapter.title} is no code"
    Path(path).with_suffix(".recording").unlink(missing_ok=True)  # of the check before
    verdict = found_in(exercise, Path(path))
    Path(out).write_text(json.dumps(verdict.plain()), encoding="utf-8")
    leave()


def found_in(exercise: Code, path: Path) -> Verdict:
    """What is wrong with a learner's code, and a run that shows it."""
    try:
        if exercise.check is not None:
            return verdict_on(exercise.check(load(path)))
        found = first_divergence(own.load(path), without=exercise.without)
        return verdict_on("") if found is None else verdict_on_divergence(found, path)
    except UserError as error:
        return verdict_on(str(error))
    except MemoryError:
        return verdict_on("It takes more memory than there is: does a list grow for ever?")
    except (Exception, SystemExit) as error:  # whatever a learner's code may raise
        return verdict_on(where(error, path))


def verdict_on(complaint: str) -> Verdict:
    """Passed, if there is nothing to complain about."""
    return Verdict(not complaint, complaint or "It does what ours does.")


def verdict_on_divergence(found: Divergence, path: Path) -> Verdict:
    """The first answer that differs from ours; with the run that led to it, to be opened."""
    recording = found.recording()
    if recording is None:
        return verdict_on(found.sentence)
    file = path.with_suffix(".recording")
    file.write_text(recording.text(), encoding="utf-8")
    ours, theirs = (f"{path.parent.name}/{one.name}" for one in (file, path))
    watch = f"learnetcd tui --own {theirs} --recording {ours} --step {found.step}"
    return Verdict(False, f"{found.sentence}\nWatch it: {watch}")


def load(path: Path) -> ModuleType:
    """Import a file under its own name."""
    spec = spec_from_file_location(path.stem, path)
    assert spec, f"{path} is a Python file"
    assert spec.loader, f"{path} is a Python file"
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def where(error: BaseException, path: Path) -> str:
    """An error of the learner's code: what, and in which line."""
    what = f"{type(error).__name__}: {error}".removesuffix(": ")
    if isinstance(error, SyntaxError) and error.lineno:
        return f"Line {error.lineno} can't be read: {error.msg}."
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    return f"Line {lines[-1]}: {what}." if lines else f"{what}."


if __name__ == "__main__":
    main(sys.argv[1:])
