"""A storm: a run of chance in which much happens to a log in little time.

    storm(7)     messages are lost, doubled and overtaken; now and then somebody asks for something,
                 a member loses power, or stands for election although there is a leader

Nothing is judged here: the swarm (`learnetcd check swarm`) does that, with many more kinds of
trouble. A storm only asks the parts of a member as many different questions as it can.

Next page: `cases`.
"""

from __future__ import annotations

from collections.abc import Iterator

from learnetcd.member.request import KeyRequest, Method
from learnetcd.raft.chance import draw
from learnetcd.simulator.decisions import Campaign, Crash, Decision, Restart, Submit
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.world import World

STEPS = 400
"""So long is a storm."""

BREWING = 950
"""Where the draws begin."""


def setup_of(seed: int) -> Setup:
    """Five members or three, on a bad network."""
    members = (1, 2, 3) if seed % 2 else (1, 2, 3, 4, 5)
    return Setup(
        members=members,
        seed=seed,
        profile="etcd-3.3",
        network_ms=(10, 150),
        weather=(30, 60, 150),
        knobs=(("heartbeat_ticks", 3),),
    )


def decisions(world: World, seed: int) -> Iterator[Decision]:
    """What happens, one after the other; each must be carried out before the next is asked for."""
    request_id = 0
    for turn in range(STEPS):
        member = world.member_ids[draw(seed, BREWING, 2 * turn, len(world.member_ids))]
        chance = draw(seed, BREWING, 2 * turn + 1, 100)
        if chance < 10:
            request_id += 1
            yield Submit(member, request_id, request_of(seed, request_id))
        elif chance < 14 and not world.alive(member):
            yield Restart(member)
        elif chance == 14:
            yield Crash(member, 0)
        elif chance == 15:
            yield Campaign(member)
        elif (due := world.next_decision()) is not None:
            yield due


def request_of(seed: int, number: int) -> KeyRequest:
    """A write under one condition or another."""
    key = f"/{'xy'[draw(seed, BREWING + 1, number, 2)]}"
    value = str(number)
    match draw(seed, BREWING + 2, number, 6):
        case 0:
            return KeyRequest(Method.DELETE, key)
        case 1:
            return KeyRequest(Method.PUT, key, value, prev_exist=False)
        case 2:
            return KeyRequest(Method.PUT, key, value, prev_exist=True)
        case 3:
            return KeyRequest(Method.PUT, key, value, prev_value=str(number - 1))
        case _:
            return KeyRequest(Method.PUT, key, value)
