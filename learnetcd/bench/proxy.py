"""The bench of the proxy: how much of a member's rate is left to those who ask through one.

    core 1              core 0
    client -----------> member            so many answers a second
    client -> proxy --> member            0.6 of them

A proxy stands beside its clients, on their machine; so here it shares their core, and the member
has its own as before. Each request is read and written twice more on its way, and whoever does that
in Python needs about as long for it as the member does for a read. So the computing of a passage is
told, too: it says the same wherever the proxy stands.

Ours stands before a member of ours, and the real one before a real one.

Next page: `lock`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from statistics import median

from learnetcd.bench.figure import Figure, missed
from learnetcd.bench.servers import Rate, Server, proxy_before, rate

CONNECTIONS = 32
TURNS = 11
TURN_S = 0.4
GOAL = 0.5
METHODS = ("PUT", "GET")
"""A PUT first: a GET needs something to read."""


@dataclass(frozen=True, slots=True)
class Passed:
    """What is left of a member's rate."""

    of_rate: float
    computing_us: float
    """What the proxy computes for a passage ..."""
    of_direct: float
    """... and how many times what the member does for a direct answer that is."""


def proxy(ours: Server, etcd: Server, folder: Path) -> Figure:
    """Reads and synced writes, directly and through a proxy, in turns."""
    with (
        proxy_before(ours, folder / "our-proxy") as our_proxy,
        proxy_before(etcd, folder / "its-proxy") as its_proxy,
    ):
        pairs = ((ours, our_proxy), (etcd, its_proxy))
        turns = [[turn(*pair) for pair in pairs] for _ in range(TURNS)]
    (our_put, our_get), (its_put, its_get) = (
        [middle([found[number][method] for found in turns]) for method in METHODS]
        for number in range(len(pairs))
    )
    return Figure(
        "Proxy: answers to GETs through it, directly = 1",
        f"{our_get.of_rate:.2f} x",
        f"etcd's {its_get.of_rate:.2f}; PUTs {our_put.of_rate:.2f}, etcd's {its_put.of_rate:.2f}; "
        f"{our_get.computing_us:.0f} us of computing a GET, {our_get.of_direct:.2f} times what the "
        f"member needs; etcd's {its_get.computing_us:.0f} us, {its_get.of_direct:.2f} times",
        True,
        missed(our_get.of_rate, GOAL, f"{GOAL} x"),
    )


def turn(member: Server, before_it: Server) -> dict[str, Passed]:
    """Ask the member, and then by its proxy."""
    return {
        method: passed(
            rate(member, method, TURN_S, CONNECTIONS), rate(before_it, method, TURN_S, CONNECTIONS)
        )
        for method in METHODS
    }


def passed(direct: Rate, through: Rate) -> Passed:
    """What is left."""
    return Passed(
        through.per_second / direct.per_second, through.cpu_us, through.cpu_us / direct.cpu_us
    )


def middle(found: list[Passed]) -> Passed:
    """The median of all turns."""
    return Passed(
        median(one.of_rate for one in found),
        median(one.computing_us for one in found),
        median(one.of_direct for one in found),
    )
