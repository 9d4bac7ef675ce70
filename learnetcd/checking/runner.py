"""The runner: checks in processes of their own, two at a time, against the clock.

    catch(mutant)     one child after the other, until one of them finds something:
                          runs of chance   ->   scenes that name the mutant   ->   aimed tests
    search(...)       two children, even and odd seeds, until time is up or one finds something
    crash(...)        the same with lives of a disk, until enough crashes were tried
    explore(...)      two children search for a broken rule: one level by level, one by chance

This is the one page of `checking` that knows processes and time. What runs in the children is pure;
so what they find can be found again by its seed.

Next page: `patience`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from learnetcd.checking.mutant import NO_RUN, Mutant
from learnetcd.checking.mutants import MUTANTS

SOUND = "sound"
"""Stands for no mutant."""

PROCESSES = 2

ROOT = Path(__file__).parents[2]
"""Where `learnetcd` is imported from; the tests lie there too, in a checkout."""

Report = dict[str, Any]  # what a child printed as JSON: see there


def cpu_seconds() -> float:
    """How long this process has worked: what others do beside it does not count."""
    return time.process_time()


# -- children ------------------------------------------------------------------------------------


RUNNING: set[subprocess.Popen[str]] = set()
"""All children of this process: whoever ends it ends them."""


@contextmanager
def child(
    mutant: str, check: str, words: Sequence[str], own: str = ""
) -> Iterator[subprocess.Popen[str]]:
    """A child at work; it ends with the block, done or not."""
    # -P: a folder of that name in the working directory is not what we want to check.
    yours = ["--own", os.path.abspath(own)] if own else []
    what = [*yours, mutant, check, *words]
    command = [sys.executable, "-P", "-m", "learnetcd.checking.child", *what]
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        process_group=0,  # Ctrl+C is for us, and we end them
    )
    RUNNING.add(process)
    try:
        yield process
    finally:
        RUNNING.discard(process)
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def reports(mutant: str, check: str, words: Sequence[str], own: str = "") -> Iterator[Report]:
    """What a child reports, line by line."""
    with child(mutant, check, words, own) as process:
        assert process.stdout is not None, "its output was asked for"
        for line in process.stdout:
            yield json.loads(line)
        if process.wait() != 0:
            raise RuntimeError(f"the child that checks {mutant} by {check} broke down")


# -- mutants -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Catch:
    """Who noticed a mutant, and how soon."""

    mutant: str
    """Its id; `SOUND` for the code as it is."""
    by: str
    """The invariant, scene or test; empty if nobody did."""
    sentence: str
    where: str
    """How to see it again, and what it took: "seed 3, 812 steps"."""
    seconds: float
    """CPU time, all that was tried in vain included."""


def scenes_for(mutant: Mutant) -> list[str]:
    """The scenes that claim to show what this mutant breaks."""
    from learnetcd.simulator.library import load_scene, scene_names

    return [name for name in scene_names() if mutant.id in load_scene(name).fails_under]


def catch(mutant: Mutant, seconds: float) -> Catch:
    """Try everything until something notices."""
    spent = steps = 0.0
    seeds = 0
    run = (mutant.hint, "1", "1", str(seconds))
    for report in reports(mutant.id, "swarm", run) if mutant.hint != NO_RUN else ():
        spent, seeds, steps = report["cpu"], seeds + 1, steps + report["steps"]
        if "found" in report:
            where = f"seed {report['seed']}, {steps:,.0f} steps"
            return Catch(mutant.id, report["found"], report["sentence"], where, spent)
    for check, words in (("scenes", scenes_for(mutant)), ("tests", aimed_tests(mutant.tests))):
        if words:
            last: Report = {"cpu": 0.0}
            for report in reports(mutant.id, check, words):
                last = {**last, **report}
                if "found" in report:
                    break
            spent += last["cpu"]
            if "found" in last:
                where = f"after {seeds} seeds"
                return Catch(mutant.id, last["found"], last["sentence"], where, spent)
    return Catch(mutant.id, "", "", f"{seeds} seeds", spent)


def aimed_tests(paths: Iterable[str]) -> list[str]:
    """The aimed tests, where they are: in a checkout, not in an installed package."""
    return [path for path in paths if (ROOT / path).exists()]


def all_aimed_tests() -> list[str]:
    """Tests of single rules; those of whole clusters say no more than runs of chance do."""
    return aimed_tests(sorted({path for mutant in MUTANTS for path in mutant.tests}))


def try_sound_code(seconds: float) -> Catch:
    """The same checks on the code as it is: nobody may complain."""
    from learnetcd.simulator.library import scene_names

    spent, tried = 0.0, []
    plans: tuple[tuple[str, Sequence[str]], ...] = (
        ("swarm", ("any", "1", "1", str(seconds))),
        ("scenes", scene_names()),
        ("tests", all_aimed_tests()),
    )
    for check, words in plans:
        last: Report = {"cpu": 0.0}
        count = 0
        for last in reports(SOUND, check, words) if words else ():
            count += 1
            if "found" in last:
                where = f"seed {last['seed']}" if "seed" in last else ""
                return Catch(SOUND, last["found"], last["sentence"], where, spent + last["cpu"])
        spent += last.get("cpu", 0.0)
        tried.append(f"{last.get('tests', count)} {'seeds' if check == 'swarm' else check}")
    return Catch(SOUND, "", "", ", ".join(tried), spent)


def catch_all(mutants: Sequence[Mutant], seconds: float) -> Iterator[Catch]:
    """All of them, two at a time, in their order; the code as it is comes last."""
    with ThreadPoolExecutor(PROCESSES) as threads:
        sound = threads.submit(try_sound_code, seconds)
        catches = [threads.submit(catch, mutant, seconds) for mutant in mutants]
        try:
            for future in (*catches, sound):
                yield future.result()
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            while not all(future.done() for future in (*catches, sound)):
                for process in list(RUNNING):
                    process.kill()
                time.sleep(0.05)
            raise


# -- the swarm -----------------------------------------------------------------------------------


@dataclass(slots=True)
class Tally:
    """What a swarm has done so far."""

    seeds: int = 0
    steps: int = 0
    entries: int = 0
    on_files: int = 0
    """How many of the seeds kept bytes in files, not values."""
    elapsed: float = 0.0
    found: Report | None = None

    @property
    def rate(self) -> float:
        """Steps a second, of all processes together."""
        return self.steps / self.elapsed if self.elapsed else 0.0


ENDLESS = 10**18
"""So many seeds that time is up first."""


def search(first: int, seconds: float, *, count: int = ENDLESS, own: str = "") -> Iterator[Tally]:
    """Try so many seeds from `first` on; the tally so far, a few times a second."""
    began = time.monotonic()
    tally = Tally()
    processes = 1 if count == 1 else PROCESSES
    shares = [range(first + n, first + count, processes) for n in range(processes)]
    words = [
        ["any", str(share.start), str(processes), str(seconds), str(len(share))] for share in shares
    ]
    for report in heard("swarm", words, own):
        tally.elapsed = time.monotonic() - began
        if report:
            tally.seeds += 1
            tally.steps += report["steps"]
            tally.entries += report["entries"]
            tally.on_files += report["on_files"]
            tally.found = report if "found" in report else None
        yield tally
        if tally.found is not None or tally.elapsed > seconds:
            break


def heard(check: str, words: Sequence[Sequence[str]], own: str = "") -> Iterator[Report]:
    """What several children report, as it comes; a few times a second nothing, an empty report."""
    inbox: Queue[Report | BaseException | None] = Queue()

    def listen(to: Sequence[str]) -> None:
        try:
            for report in reports(SOUND, check, to, own):
                inbox.put(report)
                if stop or "found" in report:
                    break
        except BaseException as error:  # told to the one who waits
            inbox.put(error)
        inbox.put(None)

    stop: list[bool] = []
    with ThreadPoolExecutor(len(words)) as threads:
        for one in words:
            threads.submit(listen, one)
        running = len(words)
        try:
            while running:
                try:
                    report = inbox.get(timeout=0.25)
                except Empty:
                    report = {}
                if isinstance(report, BaseException):
                    raise report
                if report is None:
                    running -= 1
                else:
                    yield report
        finally:
            stop.append(True)


# -- crashes -------------------------------------------------------------------------------------


@dataclass(slots=True)
class CrashTally:
    """The crashes tried so far."""

    lives: int = 0
    points: int = 0
    elapsed: float = 0.0
    loss: Report | None = None


def crash(first: int, points: int, *, lives: int = -1) -> Iterator[CrashTally]:
    """Try lives from the seed `first` on; the tally so far, a few times a second."""
    began = time.monotonic()
    tally = CrashTally()
    processes = 1 if lives == 1 else PROCESSES
    words = [
        [str(first + process), str(processes), str(points // processes), str(lives)]
        for process in range(processes)
    ]
    for report in heard("crashes", words):
        tally.elapsed = time.monotonic() - began
        if report:
            tally.lives += 1
            tally.points += report["points"]
            tally.loss = report if "found" in report else None
        yield tally
        if tally.loss is not None:
            break


# -- the search ----------------------------------------------------------------------------------

SPREAD, WANDER = "spread", "wander"
"""The two ways to search, each in a child of its own."""


@dataclass(slots=True)
class Explored:
    """What a search has seen so far."""

    spread: Report = field(default_factory=dict)
    """The last report of the child that goes level by level."""
    wander: Report = field(default_factory=dict)
    """The same of the one that goes by chance."""
    elapsed: float = 0.0
    found: Report | None = None

    @property
    def transitions(self) -> int:
        """Moves that were made, by both."""
        made: int = self.spread.get("transitions", 0) + self.wander.get("transitions", 0)
        return made


def explore(
    twin: str,
    *,
    members: int,
    depth: int,
    seconds: float,
    seed: int,
    scene: str = "",
    own: str = "",
) -> Iterator[Explored]:
    """Search for a broken rule; what was seen so far, a few times a second."""
    began = time.monotonic()
    explored = Explored()
    rest = [twin, str(members), str(depth), str(seconds), str(seed), *filter(None, [scene])]
    for report in heard("search", [[SPREAD, *rest], [WANDER, *rest]], own):
        explored.elapsed = time.monotonic() - began
        if report:
            setattr(explored, report["how"], report)
            explored.found = report if "found" in report else None
        yield explored
        if explored.found is not None:
            break
