"""A schedule: letting a cluster run by itself, until something is the case.

    run(world, until=lambda world: leader(world) != 0)      # what is due, one after the other
    catch_up(world, [Campaign(1), ...])                     # a list, as far as it is possible

`carry_out` is where the decisions go: `world.decide`, or a timeline's, which remembers them.

Left out: chance. Whatever `run` decides follows from the world alone; the schedule that makes
trouble is `timeline`.

Next page: `timeline`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from learnetcd.raft.roles import Leader
from learnetcd.simulator.decisions import Decision, Impossible, PassTime
from learnetcd.simulator.world import World

CarryOut = Callable[[Decision], None]


def run(
    world: World,
    until: Callable[[World], bool],
    *,
    max_steps: int = 100_000,
    carry_out: CarryOut | None = None,
) -> bool:
    """Let happen what is due until the condition holds; False if it never came to that."""
    carry_out = world.decide if carry_out is None else carry_out
    for _ in range(max_steps):
        if until(world):
            return True
        decision = world.next_decision()
        if decision is None:
            return False
        carry_out(decision)
    return until(world)


def run_for(world: World, ms: int, carry_out: CarryOut | None = None) -> None:
    """Let happen what is due in the next milliseconds."""
    end = world.now + ms
    carry_out = world.decide if carry_out is None else carry_out
    while (decision := world.next_decision()) is not None and (world.next_at() or 0) <= end:
        carry_out(decision)
    carry_out(PassTime(end))


def catch_up(world: World, decisions: Iterable[Decision]) -> list[Decision]:
    """Carry out those of the decisions that are possible when their turn comes, and list them."""
    done = []
    for decision in decisions:
        try:
            world.decide(decision)
        except Impossible:
            continue
        done.append(decision)
    return done


def leader(world: World) -> int:
    """The living leader of the highest term; 0 when nobody leads."""
    leaders = [
        (raft.term, raft.id)
        for raft in (world.member(member).raft for member in world.alive_ids)
        if isinstance(raft.role, Leader)
    ]
    return max(leaders, default=(0, 0))[1]
