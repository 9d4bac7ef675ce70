"""Beginnings: states from which a search sets out.

    nothing yet       three members, nobody leads                  who is elected, and how often?
    a leader          S1 leads                                     writes, acknowledgements
    a late word       x=1 is committed, and only S1 knows it       what does the next leader know?
    two leaders       S2 leads, S1 has not heard of it             what does the old one still do?
    two histories     S1 and S2 have different entries at 1        which of them stays?
    a leader, on files    the same, on disks that crashes can tear     what does a restart find?

To break a log, somebody must first lead and write; that alone takes ten decisions, and a search
that tries everything would have tried millions before it came to what matters. A *staged* search is
led there by the acts of a scene, and tries everything from there on. What it finds is a run from
the very start all the same.

Left out: other numbers of members for `two histories`: acts name members.

Source: staged search, Michael and others, "Teaching rigorous distributed systems with efficient
model checking" (2019), DSLabs. Next page: `moves`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from learnetcd.errors import UserError
from learnetcd.invariants.judge import Judge
from learnetcd.simulator import acts
from learnetcd.simulator.acts import Act
from learnetcd.simulator.decisions import Decision
from learnetcd.simulator.library import load_scene
from learnetcd.simulator.setup import FILES, Setup
from learnetcd.simulator.world import World


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where a search sets out."""

    name: str
    setup: Setup
    acts: tuple[Act, ...]

    def reach(self) -> tuple[World, list[Decision]]:
        """Go there; a broken rule may break something on the way, and then it ends there."""
        world = World(self.setup, judge=Judge())
        decisions: list[Decision] = []
        for act in self.acts:
            try:
                plan = act.plan(world)
            except UserError:
                break  # a broken rule led elsewhere: then the search sets out from there
            for decision in plan:
                world.decide(decision)
                decisions.append(decision)
                if world.judge is not None and world.judge.violations:
                    return world, decisions
        return world, decisions


STAGES = {
    "nothing yet": "",
    "a leader": "elect S1",
    "a late word": "elect S1; put S1 x=1; run until S1 committed 1",
    "two leaders": "elect S1; put S1 x=1; settle; cut 1|23; time out S2; run until S2 leads; heal",
    "two histories": "elect S1; cut 1|23; put S1 x=1; time out S2; run until S2 leads; "
    "put S2 x=2; heal",
}
"""The name of each beginning, and its acts."""


def beginnings(setup: Setup) -> list[Beginning]:
    """All that fit a cluster of so many members."""
    names = [name for name in STAGES if len(setup.members) == 3 or "cut" not in STAGES[name]]
    if len(setup.members) < 2:
        names = ["nothing yet", "a leader"]
    on_files = Beginning("a leader, on files", replace(setup, disks=FILES), parsed(["elect S1"]))
    return [
        *(Beginning(name, setup, parsed(STAGES[name].split("; "))) for name in names),
        on_files,
    ]


def of_scene(name: str, broken_rules: tuple[str, ...]) -> Beginning:
    """What a scene has happen before it begins."""
    scene = load_scene(name)
    broken = tuple(sorted({*scene.setup.broken_rules, *broken_rules}))
    return Beginning(name, replace(scene.setup, broken_rules=broken), scene.start)


def parsed(lines: Iterable[str]) -> tuple[Act, ...]:
    """Acts as they are typed."""
    return tuple(acts.parse(line) for line in lines if line)
