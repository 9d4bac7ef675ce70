"""Goals: questions about a whole run that more than one exercise asks.

    votes(run)[1]           {1: 1, 2: 2, 3: 3}: who voted for whom in term 1
    leaders(run)[1]         [1, 3]: who was elected in term 1

A goal of an exercise is a function from a run to a sentence, empty when it is reached. Write it
from these; add a question here when a second exercise asks it.

Next page: `sheet`.
"""

from __future__ import annotations

from collections import defaultdict

from learnetcd.simulator.decisions import Crash, Pause
from learnetcd.tracing.elections import BecameLeader, ElectionStarted, VoteGranted
from learnetcd_lessons.run import Run


def votes(run: Run) -> dict[int, dict[int, int]]:
    """By term: each member that voted, and for whom. A candidate votes for itself."""
    given: dict[int, dict[int, int]] = defaultdict(dict)
    for told in run.told(ElectionStarted):
        if not told.event.pre_vote:
            given[told.event.term][told.member] = told.member
    for granted in run.told(VoteGranted):
        if not granted.event.pre_vote:
            given[granted.event.term][granted.member] = granted.event.candidate
    return dict(given)


def leaders(run: Run) -> dict[int, list[int]]:
    """By term: who was elected in it, in order."""
    elected: dict[int, list[int]] = defaultdict(list)
    for told in run.told(BecameLeader):
        elected[told.event.term].append(told.member)
    return dict(elected)


def disturbed(run: Run) -> bool:
    """Whether somebody crashed or paused a member."""
    return bool(run.decided(Crash) or run.decided(Pause))
