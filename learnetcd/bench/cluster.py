"""The bench of a cluster: three of our members beside three real etcds, in one run.

    PUT, 64 connections: acknowledged a second, etcd = 1      0.3 x   ours 900/s, etcd 3,000/s
    From a leader's end to the next write, etcd = 1           1.0 x   ours 1.6 s, etcd 1.6 s
    ...

All six run all the time, with the same settings, on the same disk and cores; while one cluster is
measured, the other is idle. Clients ask the leader, and where there must be none, the others.

Next page: `benches`.
"""

from __future__ import annotations

import json
import shutil
import signal
import tempfile
import time
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from statistics import median
from typing import Any

from learnetcd.bench.failover import Prober
from learnetcd.bench.figure import Figure, missed, print_table
from learnetcd.bench.http import refuse_unless_comparable
from learnetcd.bench.load import PATIENCE_S
from learnetcd.bench.servers import PROGRAMS, Rate, Server, rate, started
from learnetcd.runtime.local_member import LocalMember, free_addresses, local_members

SIZE = 3
CONNECTIONS = 64
TURNS = 5
TURN_S = 2.0
MISSED_WRITES = 10_000
IDLE_S = 10.0
LEAST_PUTS = 0.3
MOST_FAILOVER = 1.2
MOST_CATCH_UP_S = 5.0
MOST_IDLE = 0.05
BETWEEN_KILLS_S = 1.0
"""For the members that stay to find each other, and the one that is back."""


def run(args: Namespace) -> int:
    """Measure, and print the table."""
    refuse_unless_comparable("cluster")
    print("Measuring; this takes some minutes.\n")
    folder = Path(tempfile.mkdtemp(prefix="learnetcd-bench-"))
    try:
        print_table([*figures(folder, args.kills)])
    finally:
        shutil.rmtree(folder)
    return 0


def figures(folder: Path, kills: int) -> Iterator[Figure]:
    """All of them."""
    with running("learnetcd", folder) as ours, running("etcd", folder) as etcd:
        yield from idle(ours, etcd)
        yield from puts(ours, etcd)
        yield from to_catch_up(ours, etcd)
        yield from failovers(ours, etcd, kills)


# -- a cluster -----------------------------------------------------------------------------------


class Cluster:
    """Three members that run, unless they were killed."""

    def __init__(self, name: str, folder: Path, members: Sequence[LocalMember]) -> None:
        """Start them."""
        self.name = name
        self._folder = folder
        self._members = members
        self.servers = [self._start(member) for member in members]

    def _start(self, member: LocalMember) -> Server:
        process = started(member.command, self._folder / f"{member.name}.txt")
        return Server(self.name, int(member.client_url.rpartition(":")[2]), process, 0.0)

    def leader(self) -> int:
        """Whoever leads by its own belief: its place among the members."""
        give_up = time.monotonic() + PATIENCE_S
        while time.monotonic() < give_up:
            for place, server in enumerate(self.servers):
                said = ask(server.port, "/v2/stats/self")
                if said is not None and said["state"] == "StateLeader":
                    return place
            time.sleep(0.05)
        raise AssertionError("nobody leads")

    def kill(self, place: int) -> None:
        """SIGKILL."""
        self.servers[place].process.kill()
        self.servers[place].process.wait()

    def restart(self, place: int) -> None:
        """Start it again."""
        self.servers[place] = self._start(self._members[place])

    def wait_for(self, place: int, key: str) -> None:
        """Wait until a member has a key in its own store."""
        give_up = time.monotonic() + PATIENCE_S
        while "node" not in (ask(self.servers[place].port, f"/v2/keys{key}") or {}):
            assert time.monotonic() < give_up, "it does not get there"
            time.sleep(0.01)

    @property
    def cpu_seconds(self) -> float:
        """How much computing all members have done so far."""
        return sum(server.cpu_seconds for server in self.servers)

    def end(self) -> None:
        """End all members."""
        for place in range(len(self.servers)):
            self.kill(place)


@contextmanager
def running(name: str, folder: Path) -> Iterator[Cluster]:
    """Run three of `learnetcd` or of `etcd`, until they are not needed any more."""
    inner = folder / name
    inner.mkdir()
    cluster = Cluster(name, inner, local_members(inner, free_addresses(SIZE), PROGRAMS[name]))
    try:
        put(cluster.servers[cluster.leader()].port, "/begun")
        for place in range(SIZE):
            cluster.wait_for(place, "/begun")
        yield cluster
    finally:
        cluster.end()


def ask(port: int, path: str, method: str = "GET", body: str = "") -> dict[str, Any] | None:
    """The JSON of an answer; None if there is none."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    try:
        connection.request(method, path, body, headers)
        return dict(json.load(connection.getresponse()))
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()


def put(port: int, key: str) -> None:
    """Write a key."""
    assert ask(port, f"/v2/keys{key}", "PUT", "value=1") is not None, "a write was not answered"


# -- the figures ---------------------------------------------------------------------------------


def idle(ours: Cluster, etcd: Cluster) -> Iterator[Figure]:
    """What three members compute for which nobody asks."""
    clusters = (ours, etcd)
    before = [cluster.cpu_seconds for cluster in clusters]
    time.sleep(IDLE_S)
    after = [cluster.cpu_seconds for cluster in clusters]
    used = [(now - then) / IDLE_S for now, then in zip(after, before, strict=True)]
    yield Figure(
        "Three idle members",
        f"{100 * used[0]:.1f} %",
        f"of a core, together; etcd: {100 * used[1]:.1f} %",
        missed=missed(used[0], MOST_IDLE, "5 %", at_least=False),
    )


def puts(ours: Cluster, etcd: Cluster) -> Iterator[Figure]:
    """Writes of many clients at a time, in turns."""
    taken: dict[str, list[Rate]] = {ours.name: [], etcd.name: []}
    for _ in range(TURNS):
        for cluster in (ours, etcd):
            taken[cluster.name].append(rate_of(cluster))
    mine, theirs = taken[ours.name], taken[etcd.name]
    pairs = list(zip(mine, theirs, strict=True))
    ratio = median(one.per_second / other.per_second for one, other in pairs)
    computing = median(other.cpu_us / one.cpu_us for one, other in pairs)
    yield Figure(
        f"PUT, {CONNECTIONS} connections: a second, etcd = 1",
        f"{ratio:.2f} x",
        f"at the leader, median of {TURNS} turns; for the same computing {computing:.2f} x",
        True,
        missed(ratio, LEAST_PUTS, f"{LEAST_PUTS} x"),
    )
    for cluster in (ours, etcd):
        rates = taken[cluster.name]
        yield Figure(
            f"PUT, {CONNECTIONS} connections: {cluster.name}",
            f"{median(one.per_second for one in rates):,.0f}/s",
            f"{median(one.cpu_us for one in rates):.0f} us of computing a write, of all members",
        )


def rate_of(cluster: Cluster) -> Rate:
    """One turn, at the leader; with what all members computed for it."""
    before = cluster.cpu_seconds
    measured = rate(cluster.servers[cluster.leader()], "PUT", TURN_S, CONNECTIONS)
    writes = measured.per_second * TURN_S
    return Rate(measured.per_second, 1e6 * (cluster.cpu_seconds - before) / writes)


def to_catch_up(ours: Cluster, etcd: Cluster) -> Iterator[Figure]:
    """A member that was away while many writes were made."""
    seconds = {cluster.name: seconds_to_catch_up(cluster) for cluster in (ours, etcd)}
    mine, theirs = seconds[ours.name], seconds[etcd.name]
    yield Figure(
        f"A member that missed {MISSED_WRITES:,} writes has them",
        f"{mine:.1f} s",
        f"after its start, {mine / theirs:.1f} x etcd's {theirs:.1f} s",
        missed=missed(mine, MOST_CATCH_UP_S, "5 s", at_least=False),
    )


def seconds_to_catch_up(cluster: Cluster) -> float:
    """From the start of its process to the last write in its own store."""
    leader = cluster.leader()
    away = (leader + 1) % SIZE
    cluster.servers[away].process.send_signal(signal.SIGTERM)
    cluster.servers[away].process.wait()
    written = 0.0
    while written < MISSED_WRITES:
        written += TURN_S * rate(cluster.servers[leader], "PUT", TURN_S, CONNECTIONS).per_second
    put(cluster.servers[leader].port, "/last")
    began = time.monotonic()
    cluster.restart(away)
    cluster.wait_for(away, "/last")
    return time.monotonic() - began


def failovers(ours: Cluster, etcd: Cluster, kills: int) -> Iterator[Figure]:
    """How long nobody can write when the leader is killed, again and again, in turns."""
    gaps: dict[str, list[float]] = {ours.name: [], etcd.name: []}
    for number in range(kills):
        for cluster in (ours, etcd):
            gaps[cluster.name].append(gap(cluster, f"/kill{number}"))
    mine, theirs = median(gaps[ours.name]), median(gaps[etcd.name])
    yield Figure(
        "From a leader's end to the next write, etcd = 1",
        f"{mine / theirs:.2f} x",
        f"median of {kills} kills each; ours {mine:.2f} s, etcd {theirs:.2f} s",
        True,
        missed(mine / theirs, MOST_FAILOVER, f"{MOST_FAILOVER} x", at_least=False),
    )


def gap(cluster: Cluster, key: str) -> float:
    """One kill; afterwards the member is back, and has what it missed."""
    leader = cluster.leader()
    others = [one.port for place, one in enumerate(cluster.servers) if place != leader]
    seconds = Prober(others).gap(lambda: cluster.kill(leader))
    cluster.restart(leader)
    put(cluster.servers[cluster.leader()].port, key)
    cluster.wait_for(leader, key)
    time.sleep(BETWEEN_KILLS_S)
    return seconds
