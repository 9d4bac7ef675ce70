"""The bench of the checks: how much of a cluster's behaviour is looked at in a second.

    States up to depth 9, 3 members                   4,063    1.8 times those up to depth 8
    The search, level by level: transitions a second  4,600    each a fork, a move, a key
    The search, on files: transitions a second        1,500    the same, and bytes are read
    The swarm: events a second                       16,000    every invariant judged after each

A *transition* is what a search pays for: a world is forked, one thing happens in it, the judge
looks at the step, and the state is named, to see if it was seen before. How many states there are
does not depend on the machine: each level has some times as many as the one before it, and that is
why a search goes no deeper, however fast it is.

Times are CPU times of this process, on one core. The commands use two.

Next page: `load`.
"""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Iterator

from learnetcd.bench.figure import Figure, missed, print_table
from learnetcd.checking.beginnings import Beginning, beginnings
from learnetcd.checking.moves import Bounds
from learnetcd.checking.plans import plan_of
from learnetcd.checking.search import Search, let_garbage_wait
from learnetcd.checking.swarm import run as run_plan
from learnetcd.simulator.setup import FILES, Setup

SECONDS = 5.0
"""Of each search that is timed."""

DEPTH = 60

GOAL = 4_000
"""Transitions a second, on one core."""

SEEDS = 8
"""Runs of the swarm that are timed."""

LEVELS = 9
"""So far down the states of three members are counted."""


def run(args: Namespace) -> int:
    """Measure, and print the table."""
    print("Measuring; this takes about a minute.\n")
    let_garbage_wait()
    figures = [*growth(), *rates(), swarm_rate()]
    print_table(figures)
    return 0


def rates(seconds: float = SECONDS) -> Iterator[Figure]:
    """Transitions a second, in both ways to search; a disk of files is read at each change."""
    starts = beginnings(Setup())
    on_files = [start for start in starts if start.setup.disks == FILES]
    in_memory = [start for start in starts if start.setup.disks != FILES]
    for name, where, bounds, goal in (
        ("level by level", in_memory, Bounds(), GOAL),
        ("on files", on_files, Bounds(), 0),
        ("by chance", starts, None, GOAL),
    ):
        search = Search(depth=DEPTH)
        began = time.process_time()
        for _ in search.rounds(where, bounds, seed=1):
            if time.process_time() - began > seconds:
                break
        rate = search.transitions / (time.process_time() - began)
        yield Figure(
            f"The search, {name}: transitions a second",
            f"{rate:,.0f}",
            f"{search.transitions:,} of them, {len(search.keys):,} distinct states",
            missed=missed(rate, goal, f"{goal:,}"),
        )


def swarm_rate(seeds: int = SEEDS) -> Figure:
    """Events a second of runs of chance, with all that is judged."""
    began = time.process_time()
    steps = sum(run_plan(plan_of(seed)).steps for seed in range(1, seeds + 1))
    rate = steps / (time.process_time() - began)
    how = f"{steps:,} of them in {seeds} seeds, each judged"
    return Figure("The swarm: events a second", f"{rate:,.0f}", how)


# -- growth ----------------------------------------------------------------------------------------


def growth(levels: int = LEVELS) -> Iterator[Figure]:
    """How many states there are, by depth and by members: the same on every machine."""
    counts = [states(3, depth) for depth in range(1, levels + 1)]
    yield Figure(
        f"States up to depth {levels}, 3 members",
        f"{counts[-1]:,}",
        f"{counts[-1] / counts[-2]:.1f} times those up to depth {levels - 1}: {row(counts)}",
        is_ratio=True,
    )
    depth = levels - 2
    by_members = [states(members, depth) for members in range(1, 6)]
    yield Figure(
        f"States up to depth {depth}, 5 members",
        f"{by_members[-1]:,}",
        f"of 1 to 5 members: {row(by_members)}",
        is_ratio=True,
    )


def row(counts: list[int]) -> str:
    """Numbers, one after the other."""
    return " ".join(f"{count:,}" for count in counts)


def states(members: int, depth: int) -> int:
    """How many states can be reached by so many moves, with two elections, two writes, a crash."""
    start = Beginning("nothing yet", Setup(members=tuple(range(1, members + 1))), ())
    search = Search(depth=depth)
    for _ in search.rounds([start], Bounds(), seed=1):
        pass
    return len(search.keys)
