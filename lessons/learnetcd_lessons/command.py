"""`learnetcd lesson`: chapters with exercises, in the learner's own folder and editor.

    $ learnetcd lesson start raft && cd raft
    $ learnetcd lesson check --watch            check the next exercise whenever its file is saved
    $ learnetcd lesson hint

Next page: `cells`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from learnetcd.cli import HintingParser, how_help_looks
from learnetcd.errors import UserError, did_you_mean
from learnetcd.simulator import acts, conditions
from learnetcd_lessons import folder, results, telling, watching
from learnetcd_lessons.chapter import (
    QUIZ,
    chapter_by_number,
    chapters,
    exercise_by_id,
    ids_of,
)
from learnetcd_lessons.judging import RECORDING, judge
from learnetcd_lessons.progress import Progress

STORY = """\
Chapters about how etcd works, each with exercises: predict what a cluster will do, make
something happen, write a part of a member, break a rule and see what it was for.
You work in a folder of your own, with your own editor.
"""

EXAMPLES = """\
  learnetcd lesson                        all chapters and exercises, and what you have done
  learnetcd lesson start raft             make the folder `raft` with a file for each exercise
  learnetcd lesson 3                      read chapter 3, beside a cluster to step through
  learnetcd lesson check                  check the next exercise
  learnetcd lesson check 3.2 --watch      check it whenever you save its file
  learnetcd lesson acts                   what may be written where something is to be done
  learnetcd lesson hint 3.2               one hint; again: the next one, of three
  learnetcd lesson solution 3.2           ours, beside yours, when yours is done
  learnetcd lesson results raft-*         for a teacher: what is done, as CSV
"""


def run(words: Sequence[str]) -> int:
    """Do what was typed after `learnetcd lesson`; the number is the exit code."""
    if not words:
        return show_overview()
    if words[0].isdigit():
        return read(int(words[0]), words[1:])
    args = build_parser().parse_args(words)
    work: Callable[[argparse.Namespace], int] = args.work
    return work(args)


def build_parser() -> argparse.ArgumentParser:
    """All that may be typed."""
    parser = HintingParser(
        prog="learnetcd lesson", **how_help_looks(STORY, f"examples:\n{EXAMPLES}")
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(
        name: str, summary: str, work: Callable[[argparse.Namespace], int]
    ) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=summary, **how_help_looks(summary, ""))
        one.set_defaults(work=work)
        return one

    start = command("start", "make a folder with a file for each exercise", run_start)
    start.add_argument("folder", metavar="DIR", type=Path)
    check = command("check", "check an exercise, a chapter, or what comes next", run_check)
    check.add_argument("id", nargs="?", metavar="N", help="3 or 3.2 (default: the next exercise)")
    check.add_argument("--all", action="store_true", help="check everything")
    check.add_argument("--watch", action="store_true", help="again whenever a file is saved")
    for name, summary, work in (
        ("hint", "tell one hint more, of three", run_hint),
        ("skip", "leave an exercise for later", run_skip),
        ("solution", "show our solution of an exercise that is done", run_solution),
    ):
        one = command(name, summary, work)
        one.add_argument("id", nargs="?", metavar="N", help="such as 3.2 (default: the next one)")
    reset = command("reset", "write a file as it was in the beginning", run_reset)
    reset.add_argument("id", nargs="?", metavar="N", help="such as 3.2")
    reset.add_argument("--all", action="store_true", help="all files, and forget all progress")
    table = command("results", "for a teacher: judge folders anew, print CSV", run_results)
    table.add_argument("folders", nargs="+", metavar="DIR", type=Path)
    command("acts", "what may be written in exercises with acts", run_acts)
    command("lint", "for authors: is every chapter whole?", run_lint)
    return parser


# --- the commands ---------------------------------------------------------------------------------


def show_overview() -> int:
    """List everything."""
    try:
        here = folder.find(Path())
    except UserError:
        print(telling.overview(None))
        print("\n`learnetcd lesson start DIR` makes a folder to work in.")
        return 0
    progress = Progress.read(here)
    print(telling.overview(progress))
    if (next_id := progress.next_id()) is not None:
        path = folder.path_of(here, next_id)
        print(f"\nNext: {next_id}, in {path.relative_to(here)}. `learnetcd lesson check --watch`")
    else:
        print("\nAll is done.")
    return 0


def read(number: int, words: Sequence[str]) -> int:
    """Read a chapter: beside the stepper, or as text where no screen can be drawn."""
    parser = HintingParser(prog=f"learnetcd lesson {number}")
    parser.add_argument("--text", action="store_true", help="as text, not beside the stepper")
    parser.add_argument("--light", action="store_true", help="dark letters on a light ground")
    args, chapter = parser.parse_args(words), chapter_by_number(number)
    if args.text or not all(s.isatty() for s in (sys.stdin, sys.stdout, sys.stderr)):
        print(telling.chapter_text(chapter))
        return 0
    from learnetcd_lessons.guiding import (
        guide,
        played,
    )  # the screen takes a fifth of a second to import
    from learnetcd_tui.main import run_on_screen

    try:
        here = folder.find(Path())
    except UserError:
        here = None
    beginning = played(chapter.scene(chapter.scenes_played()[0]))
    return run_on_screen(beginning, light=args.light, guide=guide(chapter, here))


def run_start(args: argparse.Namespace) -> int:
    """Make a folder."""
    written = folder.start(args.folder)
    for path in written:
        print(f"  {path}")
    print(f"{len(written)} files in {args.folder}." if written else "Everything is there already.")
    print(f"Go there (cd {args.folder}), then: learnetcd lesson check --watch")
    return 0


def run_check(args: argparse.Namespace) -> int:
    """Check one thing, a chapter, or everything."""
    here = folder.find(Path())
    progress = Progress.read(here)
    if args.watch:
        return watch(here, progress, args.id)
    if args.all:
        ids = [id_ for chapter in chapters() for id_ in ids_of(chapter)]
    elif args.id is not None and args.id.isdigit():
        ids = ids_of(chapter_by_number(int(args.id)))
    else:
        ids = [known_id(args.id, progress)]
    passed = [check(here, progress, id_) for id_ in ids]
    return 0 if all(passed) else 1


def check(here: Path, progress: Progress, id_: str) -> bool:
    """Check one thing, tell and remember what came of it."""
    verdict = judge(here, id_)
    progress.refresh()
    is_news = progress.note(id_, verdict)
    progress.save()
    print(f"\n{telling.outcome(id_, verdict)}")
    if is_news and (more := telling.after_success(id_)):
        print(more)
    return verdict.passed


def watch(here: Path, progress: Progress, wanted: str | None) -> int:
    """Check whenever a file is saved, and go on to the next exercise when one is done."""
    id_: str | None = known_id(wanted, progress)
    while id_ is not None:
        done = check(here, progress, id_)
        path = folder.path_of(here, id_)
        keys = "[Enter] next" if done else "[Enter] check again   [h] hint   [n] next"
        print(f"\n{path.relative_to(here)} is watched.   {keys}   [q] quit", flush=True)
        match watching.wait(path):
            case "q":
                return 0
            case "h":
                tell_hint(progress, id_)
            case "n":
                id_ = following(id_)
            case "" if done:  # what was done stays on the screen until a key is pressed
                id_ = progress.next_id(after=id_)
    print("\nAll is done.")
    return 0


def following(id_: str) -> str | None:
    """What comes after something, in the order of the chapters."""
    ids = [id_ for chapter in chapters() for id_ in ids_of(chapter)]
    return next(iter(ids[ids.index(id_) + 1 :]), None)


def run_hint(args: argparse.Namespace) -> int:
    """Tell the next hint."""
    progress = Progress.read(folder.find(Path()))
    tell_hint(progress, known_id(args.id, progress))
    return 0


def tell_hint(progress: Progress, id_: str) -> None:
    """Tell one more hint, or the last one again."""
    if id_.endswith(QUIZ):
        raise UserError("A quiz has no hints: a wrong answer tells you more than a hint could.")
    _, exercise = exercise_by_id(id_)
    progress.refresh()
    print(progress.hint(id_, exercise.hints.levels))


def run_skip(args: argparse.Namespace) -> int:
    """Leave something for later."""
    progress = Progress.read(folder.find(Path()))
    id_ = known_id(args.id, progress)
    progress.of(id_).skipped = True
    progress.save()
    then = progress.next_id(after=id_)
    print(f"Skipped: {id_}. " + (f"Next: {then}." if then else "There is nothing after it."))
    return 0


def run_solution(args: argparse.Namespace) -> int:
    """Show our solution, when there is one of the learner's."""
    here = folder.find(Path())
    progress = Progress.read(here)
    id_ = known_id(args.id, progress)
    if not progress.of(id_).done:
        raise UserError(
            f"The solution of {id_} is shown when you have one: `learnetcd lesson check {id_}`. "
            f"`learnetcd lesson hint {id_}` helps on the way."
        )
    if id_.endswith(QUIZ):
        raise UserError("You have it: all your answers are right.")
    print(telling.solution(here, id_))
    return 0


def run_reset(args: argparse.Namespace) -> int:
    """Begin one thing again, or everything."""
    here = folder.find(Path())
    if args.all == (args.id is not None):
        raise UserError("Say what to begin again: `learnetcd lesson reset 3.2`, or `--all`.")
    progress = Progress.read(here)
    ids = [id_ for chapter in chapters() for id_ in ids_of(chapter)]
    for id_ in ids if args.all else [known_id(args.id, progress)]:
        path = folder.path_of(here, id_)
        for mine in (path, path.with_suffix(RECORDING)):
            if mine.is_file():
                mine.replace(mine.with_name(f"{mine.name}.before"))
        folder.reset(here, id_)
        progress.by_id.pop(id_, None)
        print(f"{path.relative_to(here)} is as in the beginning; yours is in {path.name}.before.")
    progress.save()
    return 0


def run_results(args: argparse.Namespace) -> int:
    """Print the table for the teacher."""
    results.write_results(args.folders, sys.stdout)
    return 0


def run_acts(args: argparse.Namespace) -> int:
    """List all acts."""
    width = max(len(form.example) for form in acts.FORMS)
    for form in acts.FORMS:
        print(f"  {form.example:<{width}}  {form.meaning}")
    print("\nConditions, for `run until`:")
    for condition in conditions.FORMS:
        print(f"  {condition.example:<{width}}  {condition.meaning}")
    return 0


def run_lint(args: argparse.Namespace) -> int:
    """Look at all chapters as an author must."""
    from learnetcd_lessons.lint import lint, unshown  # it plays every solution: no learner needs it

    complaints = [complaint for chapter in chapters() for complaint in lint(chapter)]
    for complaint in complaints:
        print(complaint)
    print(f"No chapter shows yet who decides by: {', '.join(unshown())}.")
    print(f"{len(chapters())} chapters, {len(complaints)} complaints.")
    return 1 if complaints else 0


def known_id(words: str | None, progress: Progress) -> str:
    """The id that was typed, or that of what comes next."""
    if words is None:
        next_id = progress.next_id()
        if next_id is None:
            raise UserError("All is done. Name one to look at it again, such as 3.2.")
        return next_id
    ids = [id_ for chapter in chapters() for id_ in ids_of(chapter)]
    if words not in ids:
        raise UserError(
            f"There is no exercise {words!r}. {did_you_mean(words, ids)} "
            "`learnetcd lesson` lists them all."
        )
    return words
