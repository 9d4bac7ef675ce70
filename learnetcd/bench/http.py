"""The bench of a server: ours beside the real etcd, in one run, asked by the same client.

    GET: answers a second, etcd = 1             0.4 x   ours 14,000/s, etcd 34,000/s
    PUT, synced: answers a second, etcd = 1     0.4 x   ...

The two are asked in turns, a second each, so that a busy moment of the machine hits both; of all
turns the median counts. Where the core is the limit, the time that each server computed for one
answer tells more than the rate, and is printed beside it.

Next page: `proxy`.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from learnetcd.bench.figure import Figure, missed, print_table
from learnetcd.bench.load import connect, read_answer, request
from learnetcd.bench.lock import lock
from learnetcd.bench.proxy import proxy
from learnetcd.bench.servers import Rate, Server, client, etcd_is_here, rate, running
from learnetcd.disk.real_files import RealFiles
from learnetcd.disk.storage import create
from learnetcd.errors import UserError
from learnetcd.member import bootstrap, identity
from learnetcd.member.cluster import ClusterMember
from learnetcd.member.command import Command
from learnetcd.member.request import KeyRequest, Method
from learnetcd.raft.entry import Entry, HardState
from learnetcd.runtime import certificates
from learnetcd.wire.etcdserverpb import Metadata

CONNECTIONS = 32
TURNS = 17
TURN_S = 0.4
"""Many, and short: what is compared is measured while the machine is equally fast."""
TLS_TURNS = 11
TLS_TURN_S = 0.6
WATCHERS = 10_000
ENTRIES = 100_000
GOALS = {"GET": 0.7, "PUT": 0.5}
MOST_KIB_A_WATCHER = 20
MOST_SECONDS_TO_START = 0.5
MOST_SECONDS_TO_READ = 10.0
MOST_GROWTH = 1.1
MOST_COST_OF_TLS = 1.2


def run(args: Namespace) -> int:
    """Measure, and print the table."""
    refuse_unless_comparable("http")
    print("Measuring; this takes about a minute and a half.\n")
    folder = Path(tempfile.mkdtemp(prefix="learnetcd-bench-"))
    try:
        print_table([*figures(folder, args.writes)])
    finally:
        shutil.rmtree(folder)
    return 0


def refuse_unless_comparable(what: str) -> None:
    """It takes /proc, and somebody to compare with."""
    if not sys.platform.startswith("linux"):
        raise UserError(f"`learnetcd bench {what}` reads /proc, which only Linux has.")
    if not etcd_is_here():
        raise UserError(
            f"`learnetcd bench {what}` compares with the real etcd, and there is no program `etcd`"
            " here. Install it (on Debian: apt-get install etcd-server) and try again."
        )


def figures(folder: Path, writes: int) -> Iterator[Figure]:
    """All of them."""
    with running("learnetcd", folder / "ours") as ours, running("etcd", folder / "theirs") as etcd:
        yield to_start(ours, etcd)
        yield from rates(ours, etcd)
        yield proxy(ours, etcd, folder)
    yield cost_of_tls(folder)
    with running("learnetcd", folder / "ours2") as ours, running("etcd", folder / "its2") as etcd:
        yield from watchers(ours, etcd)
        yield lock(ours, etcd)
    yield to_read_a_log(folder)
    if writes:
        yield flat_memory(folder, writes)


def to_start(ours: Server, etcd: Server) -> Figure:
    """How long it takes from nothing to the first answer."""
    seconds = ours.seconds_to_answer
    return Figure(
        "From the start of a new member to its first answer",
        f"{1000 * seconds:.0f} ms",
        f"{ours.computed_first:.2f} s of computing, most of it Python's imports; etcd: "
        f"{1000 * etcd.seconds_to_answer:.0f} ms",
        missed=missed(seconds, MOST_SECONDS_TO_START, "500 ms", at_least=False),
    )


# -- requests a second -------------------------------------------------------------------------


def rates(ours: Server, etcd: Server) -> Iterator[Figure]:
    """Reads and synced writes, in turns."""
    taken: dict[tuple[str, str], list[Rate]] = {}
    for _ in range(TURNS):
        for method in ("PUT", "GET"):  # a PUT first: a GET needs something to read
            for server in (ours, etcd):
                measured = rate(server, method, TURN_S, CONNECTIONS)
                taken.setdefault((method, server.name), []).append(measured)
    how = f"one member, {CONNECTIONS} connections, one core; median of {TURNS} turns"
    for method, words in (("GET", "GET"), ("PUT", "PUT, synced")):
        mine, theirs = taken[method, "learnetcd"], taken[method, "etcd"]
        pairs = list(zip(mine, theirs, strict=True))
        ratio = median(one.per_second / other.per_second for one, other in pairs)
        computing = median(other.cpu_us / one.cpu_us for one, other in pairs)
        goal = GOALS[method]
        yield Figure(
            f"{words}: answers a second, etcd = 1",
            f"{ratio:.2f} x",
            f"{how}; for the same computing {computing:.2f} x",
            True,
            missed(ratio, goal, f"{goal} x"),
        )
        for name, found in (("ours", mine), ("etcd", theirs)):
            yield Figure(
                f"{words}: {name}",
                f"{median(one.per_second for one in found):,.0f}/s",
                f"{median(one.cpu_us for one in found):.0f} us of computing an answer",
            )


# -- what TLS costs ----------------------------------------------------------------------------


def cost_of_tls(folder: Path) -> Figure:
    """How much of the rate of reads goes when they are encrypted, beside how much of etcd's."""
    name = "TLS: what it costs of the rate of GETs, etcd = 1"
    pki = folder / "pki"
    try:
        certificates.make(pki)
    except UserError as missing:
        return Figure(name, "-", str(missing), True)
    with (
        running("learnetcd", folder / "ours3", pki=pki) as ours,
        running("etcd", folder / "its3", pki=pki) as etcd,
    ):
        write(ours)
        write(etcd)
        turns = [(costs(ours), costs(etcd)) for _ in range(TLS_TURNS)]
    cost = median(one.rate / other.rate for one, other in turns)
    computing = median(one.computing / other.computing for one, other in turns)
    mine, theirs = (median(turn[number].rate for turn in turns) for number in (0, 1))
    return Figure(
        name,
        f"{cost:.2f} x",
        f"ours answers {mine:.2f} times as many without, etcd {theirs:.2f}; by computing "
        f"{computing:.2f} x",
        True,
        missed(cost, MOST_COST_OF_TLS, f"{MOST_COST_OF_TLS} x", at_least=False),
    )


@dataclass(frozen=True, slots=True)
class Costs:
    """How many times as much goes without TLS as with it."""

    rate: float
    computing: float
    """How many times as much is computed for an answer with TLS."""


def costs(server: Server) -> Costs:
    """Ask a server by plain HTTP, and then by TLS."""
    plain = rate(server, "GET", TLS_TURN_S, CONNECTIONS)
    secured = rate(server, "GET", TLS_TURN_S, CONNECTIONS, tls=True)
    return Costs(plain.per_second / secured.per_second, secured.cpu_us / plain.cpu_us)


# -- watchers ----------------------------------------------------------------------------------


def watchers(ours: Server, etcd: Server) -> Iterator[Figure]:
    """Ten thousand who wait for one key."""
    for server, is_ours in ((ours, True), (etcd, False)):
        before = server.memory_kib
        waiting = client("watch", str(server.port), "/v2/keys/bench", str(WATCHERS))
        assert waiting.stdout is not None
        assert waiting.stdout.readline() == b"waiting\n", "not all of them could wait"
        each = (server.memory_kib - before) / WATCHERS
        began = time.perf_counter()
        write(server)
        out, _ = waiting.communicate(b"\n")
        took = time.perf_counter() - began
        told = json.loads(out)["told"]
        goal = missed(each, MOST_KIB_A_WATCHER, "20 KiB", at_least=False) if is_ours else ""
        yield Figure(
            f"An idle watcher: {server.name}", f"{each:.1f} KiB", "its memory", missed=goal
        )
        yield Figure(
            f"Watchers of one key that are told: {server.name}",
            f"{told:,}",
            f"of {WATCHERS:,}, all within {took:.1f} s",
            missed=missed(told, WATCHERS, "all"),
        )


def write(server: Server) -> None:
    """Write the key once."""
    with connect(server.port) as connected:
        connected.send(request("PUT", "/v2/keys/bench"))
        read_answer(connected)


# -- a long log --------------------------------------------------------------------------------


def to_read_a_log(folder: Path) -> Figure:
    """How long a start takes with a log of many writes and no snapshot."""
    data = folder / "long"
    write_a_log(data)
    with running("learnetcd", data) as ours:
        seconds, computed = ours.seconds_to_answer, ours.computed_first
    return Figure(
        f"Start with a log of {ENTRIES:,} writes",
        f"{seconds:.1f} s",
        f"read once, checked, applied; {computed:.1f} s of computing",
        missed=missed(seconds, MOST_SECONDS_TO_READ, "10 s", at_least=False),
    )


def write_a_log(data: Path) -> None:
    """As a member leaves it that has served so many writes."""
    member = ClusterMember(identity.member_id(["http://bench"], ""), "default", ("http://bench",))
    begun = bootstrap.first_stored([member])
    storage = create(RealFiles(), str(data), Metadata(member.id, identity.cluster_id([member.id])))
    first = len(begun.entries) + 1
    entries = [
        Entry(index, 2, Command(index, put(index)).encode())
        for index in range(first, first + ENTRIES)
    ]
    storage.write(begun.entries, begun.hard_state)
    storage.sync()
    storage.write(entries, HardState(2, member.id, entries[-1].index))
    storage.sync()
    storage.close()


def put(index: int) -> KeyRequest:
    """One of the writes: a thousand keys, again and again."""
    return KeyRequest(Method.PUT, f"/k{index % 1000}", "x" * 64)


# -- many writes -------------------------------------------------------------------------------


def flat_memory(folder: Path, writes: int) -> Figure:
    """Whether memory grows with the number of writes."""
    with running("learnetcd", folder / "many", "--snapshot-count=10000") as ours:
        written, sizes = 0, []
        while written < writes:
            measured = rate(ours, "PUT", 5.0, CONNECTIONS)
            written += round(5 * measured.per_second)
            sizes.append(ours.memory_kib)
    quarter = max(len(sizes) // 4, 1)
    early, late = max(sizes[:quarter]), max(sizes[-quarter:])
    growth = late / early
    return Figure(
        f"Memory after {written:,} writes",
        f"{growth:.2f} x",
        f"the most in the last quarter ({late // 1024} MiB) to that in the first",
        True,
        missed(growth, MOST_GROWTH, f"{MOST_GROWTH} x", at_least=False),
    )
