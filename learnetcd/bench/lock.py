"""The bench of a recipe: how fast a lock goes from hand to hand while ten clients want it.

    A lock that ten clients want: hand-overs a second, etcd = 1     0.5 x   ours 61/s, etcd 120/s

Each client takes the lock, gives it back at once, and wants it again. A hand-over is a deletion,
news of it for nine who wait, ten who try to create the key, and nine refusals: so it is a bench of
watches and of writes at the same time, and of the recipe, which is ours at both servers.

Next page: `failover`.
"""

from __future__ import annotations

import secrets
from functools import partial
from statistics import median

import trio

from learnetcd.bench.figure import Figure, some
from learnetcd.bench.servers import Server
from learnetcd.client import Client
from learnetcd.recipes.lock import locked
from learnetcd.runtime.local_member import url_of

CLIENTS = 10
TURNS = 3
TURN_S = 2.0
TTL_S = 30
"""Longer than a turn: nobody shall lose the lock."""


def lock(ours: Server, etcd: Server) -> Figure:
    """Hand-overs a second, in turns."""
    found = [
        tuple(
            trio.run(partial(hand_overs, url_of(server.port))) / TURN_S for server in (ours, etcd)
        )
        for _ in range(TURNS)
    ]
    mine, theirs = (median(one) for one in zip(*found, strict=True))
    return Figure(
        f"A lock that {CLIENTS} clients want: hand-overs a second, etcd = 1",
        f"{median(one / other for one, other in found):.2f} x",
        f"ours {mine:,.0f}/s, etcd {theirs:,.0f}/s; the same recipe at both",
        True,
    )


async def hand_overs(url: str) -> int:
    """Count how often the lock was taken within a turn.

    Each turn has a lock of its own: whoever is stopped while it takes one may leave it taken.
    """
    taken, name = 0, secrets.token_hex(4)

    async def want(owner: str) -> None:
        nonlocal taken
        async with Client([url]) as etcd:
            while True:
                async with locked(etcd, name, owner, TTL_S):
                    taken += 1

    with trio.move_on_after(TURN_S):
        async with trio.open_nursery() as nursery:
            for number in range(CLIENTS):
                nursery.start_soon(want, f"client {number}")
    return some(taken, TURN_S)
