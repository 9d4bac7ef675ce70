"""The histories of a run: what clients asked about each key, and whether it fits together.

    /x    c1 put 1, c3 put 2, c4 get: 1        not linearizable: c4 can't be placed
    /y    c2 put 1                             linearizable: c2

What may be called wrong is judged first: writes, and reads that promise to be fresh. Where all of
that is in order, plain reads are looked at as well. They promise nothing, and one that was answered
by a member left behind is just what a reader wants to see.

Next page: `choosing`.
"""

from __future__ import annotations

from collections.abc import Iterable

from learnetcd.checking.history import Judged, judged, witnessed
from learnetcd.checking.history import histories as histories_of
from learnetcd.simulator.decisions import Decision
from learnetcd.simulator.setup import Setup


def histories(setup: Setup, decisions: Iterable[Decision]) -> tuple[Judged, ...]:
    """The history of each key with its verdict; those that are not in order come first."""
    world, witness = witnessed(setup, decisions)
    fresh = {one.key: one for one in judged(histories_of(world, witness))}
    plain = {one.key: one for one in judged(histories_of(world, witness, plain_reads=True))}
    wrong = {key: one for key, one in fresh.items() if one.verdict.stuck is not None}
    found = fresh | plain | wrong
    return tuple(sorted(found.values(), key=lambda one: (one.verdict.stuck is None, one.key)))
