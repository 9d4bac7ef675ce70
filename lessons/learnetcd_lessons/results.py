"""Results: what a class has done, as a table for the teacher, judged anew from the files.

    learnetcd lesson results raft-ann raft-bob > results.csv

    folder,exercise,title,done,acts,score,hints,tries
    raft-ann,3.2,A vote that nobody wins,yes,3,,1,4

Whether something is done, in how many acts and with which score is found out from the files of the
folder, never from what it remembers. Hints and tries can't be found out: these are as remembered.

Next page: `watching`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from learnetcd.errors import UserError
from learnetcd_lessons.chapter import chapters, ids_of, title_of
from learnetcd_lessons.folder import MEMORY
from learnetcd_lessons.judging import judge
from learnetcd_lessons.progress import Progress

COLUMNS = ("folder", "exercise", "title", "done", "acts", "score", "hints", "tries")


def write_results(folders: Iterable[Path], out: TextIO) -> None:
    """Judge all folders, and write a line for each exercise."""
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for folder in folders:
        if not (folder / MEMORY).is_file():
            raise UserError(f"{folder} is no folder of lessons: there is no {MEMORY} in it.")
        table.writerows(rows_of(folder))


def rows_of(folder: Path) -> Iterator[tuple[object, ...]]:
    """The lines of one folder."""
    progress = Progress.read(folder)
    for chapter in chapters():
        for id_ in ids_of(chapter):
            verdict, remembered = judge(folder, id_), progress.of(id_)
            acts = verdict.acts if verdict.passed and verdict.acts is not None else ""
            done = "yes" if verdict.passed else "no"
            yield (
                *(folder.resolve().name, id_, title_of(id_), done, acts, verdict.score),
                *(remembered.hints, remembered.tries),
            )
