"""The child: a process that breaks itself as it is told, runs checks, and says what they found.

    python -m learnetcd.checking.child B03 swarm any 1 1 5.0
    {"seed": 1, "steps": 5177, "entries": 190}                                one line for each seed
    {"seed": 2, "steps": 812, "entries": 9, "found": "G5 leader completeness", ...}

    python -m learnetcd.checking.child B03 scenes cut-leader
    python -m learnetcd.checking.child B03 tests tests/paper
    python -m learnetcd.checking.child sound swarm any 1 1 5.0                nothing is broken
    python -m learnetcd.checking.child sound crashes 1 2 50000 -1
    python -m learnetcd.checking.child sound search wander own-term 3 60 60.0 1
    python -m learnetcd.checking.child --own mine.py sound swarm any 1 1 5.0  somebody's own code

A mutant can only live in a process that has imported nothing of the core yet (`patching`), so this
page imports it inside its functions. Nothing but this process ever asks for a mutant: no command
and no environment variable can break a member that serves clients.

Next page: `runner`.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from learnetcd.checking.mutants import MUTANTS
from learnetcd.checking.patching import patch
from learnetcd.checking.runner import SOUND, SPREAD, cpu_seconds

if TYPE_CHECKING:
    from learnetcd.checking.search import Search
    from learnetcd.own.file import Own

Report = dict[str, object]
"""A line for the parent."""


def main(words: Sequence[str]) -> int:
    """Break what is to be broken, check, and report."""
    yours: tuple[Own, ...] = ()
    reported = sys.stdout
    if words[0] == "--own":
        _, file, *words = words
        reported = kept_from_prints()
        yours = (read_yours(file),)
    name, check, *rest = words
    if name != SOUND:
        patch(next(mutant for mutant in MUTANTS if mutant.id == name))
    try:
        for report in CHECKS[check](rest, *yours):
            print(json.dumps(report), file=reported, flush=True)
        if yours:
            leave_at_once()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os._exit(141)  # nobody wants to know any more, nor what Python would say about that
    return 0


def kept_from_prints() -> TextIO:
    """The way to the parent, for reports alone: what a file prints does not get there."""
    kept = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return kept


def read_yours(file: str) -> Own:
    """Somebody's own parts, in a process that may not take all memory."""
    from learnetcd.own.apart import limit
    from learnetcd.own.file import load
    from learnetcd.own.trial import BYTES

    limit(BYTES)
    return load(Path(file))


def leave_at_once() -> None:
    """End, whatever a thread of somebody's file still does."""
    from learnetcd.own.apart import leave

    leave()


def swarm(words: Sequence[str], own: Own | None = None) -> Iterator[Report]:
    """Run seeds `first`, `first + stride`, ... until one finds something or time is up."""
    from learnetcd.checking.plans import plan_of
    from learnetcd.checking.swarm import run
    from learnetcd.simulator.setup import FILES
    from learnetcd.simulator.share import code_of

    hint, first, stride, seconds, *count = words
    seed, left = int(first), int(count[0]) if count else -1
    while left and cpu_seconds() < float(seconds):
        plan = plan_of(seed, hint)
        plan.own = own
        one = run(plan)
        report: Report = {"seed": seed, "steps": one.steps, "entries": one.committed}
        report["on_files"] = one.setup.disks == FILES
        report["cpu"] = cpu_seconds()
        if one.finding is not None:
            report |= {
                "found": one.finding.what,
                "sentence": one.finding.sentence,
                "recording": one.recording().text(),
                "code": code_of(one.setup, one.decisions),
            }
        yield report
        if one.finding is not None:
            return
        seed, left = seed + int(stride), left - 1


def crashes(words: Sequence[str]) -> Iterator[Report]:
    """Let lives end at all their points, until there were enough, or one of them is a loss."""
    from learnetcd.checking.crashes import Crashes

    seed, stride, points, lives = map(int, words)
    while points > 0 and lives:
        one = Crashes(seed)
        one.try_all()
        report: Report = {"seed": seed, "points": one.points}
        if one.loss is not None:
            report |= {"found": one.loss.call, "sentence": one.loss.sentence}
        yield report
        if one.loss is not None:
            return
        seed, points, lives = seed + stride, points - one.points, lives - 1


def search(words: Sequence[str], own: Own | None = None) -> Iterator[Report]:
    """Search for a broken rule until one is found, nothing is left, or time is up."""
    from learnetcd.checking.beginnings import beginnings, of_scene
    from learnetcd.checking.moves import Bounds
    from learnetcd.checking.search import Search, let_garbage_wait
    from learnetcd.own.fitting import with_own
    from learnetcd.simulator.setup import Setup

    let_garbage_wait()
    how, twin, members, depth, seconds, seed, *scene = words
    broken = () if twin == SOUND else (twin,)
    setup = Setup(members=tuple(range(1, int(members) + 1)), broken_rules=broken)
    starts = [of_scene(name, broken) for name in scene] or beginnings(setup)
    if own is not None:
        starts = [replace(start, setup=with_own(start.setup, own)) for start in starts]
    one = Search(depth=int(depth))
    shown = 0.0
    for _ in one.rounds(starts, Bounds() if how == SPREAD else None, int(seed)):
        if cpu_seconds() > float(seconds):
            break
        if cpu_seconds() > shown + 0.5:
            shown = cpu_seconds()
            yield search_report(one, how)
    report = search_report(one, how)
    if one.found is not None:
        found = one.found
        report |= {
            "found": f"{found.violation.invariant} {found.violation.name}",
            "invariant": found.violation.invariant,
            "sentence": str(found.violation),
            "setup": found.setup.lines(),
            "decisions": [decision.text() for decision in found.decisions],
        }
    yield report


def search_report(one: Search, how: str) -> Report:
    """How far a search is."""
    report: Report = {"how": how, "states": len(one.keys), "transitions": one.transitions}
    return report | {"complete": one.complete_to, "cpu": cpu_seconds()}


def scenes(names: Sequence[str]) -> Iterator[Report]:
    """Play scenes; one that comes out otherwise than it says has found something."""
    from learnetcd.simulator.library import load_scene
    from learnetcd.simulator.stage import play

    for name in names:
        try:
            result = play(load_scene(name))
            sentence = "\n".join(str(mismatch) for mismatch in result.mismatches)
        except Exception as error:  # an assertion of a broken member, most of all
            sentence = f"{type(error).__name__}: {error}"
        report: Report = {"scene": name, "cpu": cpu_seconds()}
        if sentence:
            report |= {"found": f"scene {name}", "sentence": sentence}
        yield report


def tests(words: Sequence[str]) -> Iterator[Report]:
    """Run tests until one fails."""
    try:
        import pytest
    except ImportError:
        yield {"missing": "pytest is not installed"}
        return

    class Listener:
        """Hears how each test ends."""

        failed = ""
        passed = 0

        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            """Note the first that fails."""
            self.passed += report.when == "call" and report.passed
            if report.failed and not self.failed:
                self.failed = report.nodeid

        def pytest_collectreport(self, report: pytest.CollectReport) -> None:
            """A mutant may be so broken that tests can't even be read."""
            if report.failed and not self.failed:
                self.failed = report.nodeid

    listener = Listener()
    options = ["-x", "-q", "-p", "no:cacheprovider", "--no-header", "--durations=0"]
    with contextlib.redirect_stdout(io.StringIO()):
        pytest.main([*options, *words], plugins=[listener])
    found: Report = {"tests": listener.passed, "cpu": cpu_seconds()}
    if listener.failed:
        name = listener.failed.rpartition("::")[2] or listener.failed
        found |= {"found": f"test {name}", "sentence": listener.failed}
    yield found


CHECKS: dict[str, Callable[..., Iterator[Report]]] = {
    "swarm": swarm,
    "crashes": crashes,
    "search": search,
    "scenes": scenes,
    "tests": tests,
}
"""What a child can do."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
