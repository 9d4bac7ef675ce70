"""The bench of the core: what readable code costs, without sockets and disks.

    An event, in a run ten times as long         1.02 x   50,000 steps against 500,000 ...
    Every invariant and every trace event        2.1 x    ...
    Events a second, nothing watches             61,000   three members, one process ...

Ratios come first: they say the same on every machine. An *event* is one decision of the simulator,
which is nearly always one input to one member: a message, a timer, a finished sync. Times are CPU
times of this process, so that what others do beside it does not count; of three rounds the median.

Next page: `checks`.
"""

from __future__ import annotations

import time
import tracemalloc
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from statistics import median
from typing import Any

from learnetcd.bench.figure import Figure, missed, print_table
from learnetcd.checking.plans import plan_of
from learnetcd.checking.swarm import run as run_plan
from learnetcd.invariants import Judge
from learnetcd.member.request import KeyRequest, Method, Outcome
from learnetcd.raft.chance import draw
from learnetcd.simulator import schedule
from learnetcd.simulator.decisions import Campaign, Decision, Submit
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.timeline import Timeline
from learnetcd.simulator.world import World
from learnetcd.tracing import TraceEvent, Tracer, discard

MEMBERS = (1, 2, 3)

WRITE_EVERY = 40
"""Steps from one write to the next, in a run that is measured."""

MORE = ("learnetcd_tui.measure",)
"""Modules that have figures of their own (`figures()`), if they are there."""


def run(args: Namespace) -> int:
    """Measure, and print the table."""
    seeds = args.seeds
    print("Measuring; this takes about a minute.\n")
    figures: list[Figure] = []
    for measure in (
        rates,
        length_of_run,
        peer,
        time_travel,
        memory,
        lambda: repeats(seeds),
        *more(),
    ):
        figures += measure()
    print_table(figures)
    return 0


def more() -> Iterator[Callable[[], Sequence[Figure]]]:
    """What other parts measure about themselves."""
    for name in MORE:
        package = name.partition(".")[0]
        if find_spec(package) and find_spec(name):
            yield partial(times, import_module(name).figures)


def times(measure: Callable[[], Sequence[tuple[str, float, str, int]]]) -> list[Figure]:
    """Make figures of (name, milliseconds, how, at most)."""
    return [
        Figure(name, f"{ms:.0f} ms", how, missed=missed(ms, goal, f"{goal} ms", at_least=False))
        for name, ms, how, goal in measure()
    ]


# -- a run that is measured ----------------------------------------------------------------------


class Busy:
    """A healthy cluster with a client who writes now and then."""

    def __init__(self, *, judge: Judge | None = None, tracer: Tracer = discard) -> None:
        """Elect S1."""
        self.world = World(Setup(members=MEMBERS, profile="etcd-3.3"), tracer=tracer, judge=judge)
        elect(self.world)

    def go(self, steps: int) -> float:
        """Do so many steps; the CPU seconds that they took."""
        world = self.world
        began = time.process_time()
        for _ in range(steps):
            world.decide(next_of(world))
        return time.process_time() - began


def elect(world: World) -> None:
    """Let S1 lead."""
    world.decide(Campaign(1))
    assert schedule.run(world, until=lambda now: schedule.leader(now) == 1), "nobody leads"


def next_of(world: World) -> Decision:
    """What happens next in a busy cluster."""
    if world.step % WRITE_EVERY == 0:
        request_id = world.clients.last_id + 1
        request = KeyRequest(Method.PUT, f"/k{request_id % 100}", str(request_id))
        return Submit(1, request_id, request)
    decision = world.next_decision()
    assert decision is not None, "a cluster with a leader always has something to do"
    return decision


def seconds_for(steps: int, make: Callable[[], Busy]) -> float:
    """The median of three rounds."""
    return median(make().go(steps) for _ in range(3))


# -- figures -------------------------------------------------------------------------------------


def rates() -> list[Figure]:
    """How many events a second, with and without somebody who watches."""
    steps = 20_000
    kept: list[TraceEvent] = []

    def keep(member: int, event: TraceEvent) -> None:
        kept.append(event)

    def watched() -> Busy:
        kept.clear()
        return Busy(judge=Judge(), tracer=keep)

    bare = steps / seconds_for(steps, Busy)
    judged = steps / seconds_for(steps, lambda: Busy(judge=Judge(local=False)))
    local = steps / seconds_for(steps, lambda: Busy(judge=Judge()))
    full = steps / seconds_for(steps, watched)
    how = f"three members, one process, {steps:,} events"
    return [
        Figure("Cost of the invariants of the whole cluster", f"{bare / judged:.2f} x", how, True),
        Figure("Cost of every invariant and every trace event", f"{bare / full:.2f} x", how, True),
        Figure("Events a second, nobody watches", f"{bare:,.0f}", how),
        Figure(
            "... with the invariants of the whole cluster",
            f"{judged:,.0f}",
            "G1 to G9",
            missed=missed(judged, 15_000, "15,000"),
        ),
        Figure("... with every invariant", f"{local:,.0f}", "G1 to L11"),
        Figure(
            "... and with every trace event kept",
            f"{full:,.0f}",
            f"{len(kept) / steps:.1f} trace events an event",
            missed=missed(full, 7_000, "7,000"),
        ),
    ]


def length_of_run() -> list[Figure]:
    """Whether an event costs more in a long run with a long log."""
    short, block, blocks = 20_000, 500, 20
    busy = Busy(judge=Judge())

    def pace() -> float:  # the median: one block in which the machine was busy says nothing
        return median(busy.go(block) for _ in range(blocks))

    busy.go(short - block * blocks)
    early = pace()
    busy.go(9 * short)
    late = pace()
    entries = busy.world.member(1).raft.log.last_index
    how = f"events {short:,} and {10 * short:,}, every invariant; {entries:,} entries in each log"
    ratio = late / early
    return [
        Figure(
            "Cost of an event in a run ten times as long",
            f"{ratio:.2f} x",
            how,
            True,
            missed(ratio, 1.1, "1.1 x", at_least=False),
        )
    ]


def time_travel() -> list[Figure]:
    """How long it takes to see any moment of a long run."""
    steps, looks = 100_000, 60
    timeline = long_timeline(steps)
    took: list[float] = []
    for look in range(looks):
        began = time.perf_counter()
        timeline.seek(draw(1, 1, look, steps))
        took.append(1000 * (time.perf_counter() - began))
    how = f"{looks} moments by chance in a run of {steps:,} events, every invariant"
    return [
        Figure("Any moment is shown within, at the median", f"{median(took):.1f} ms", how),
        Figure(
            "... at the most",
            f"{max(took):.1f} ms",
            "the same moments",
            missed=missed(max(took), 50, "50 ms", at_least=False),
        ),
    ]


def memory() -> list[Figure]:
    """How much memory the past takes."""
    steps = 20_000
    tracemalloc.start()
    try:
        timeline = long_timeline(steps)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    each = held / timeline.length
    how = f"all that a timeline of {steps:,} events holds, frames, logs and stores included"
    goal = missed(each, 500, "500 bytes", at_least=False)
    return [
        Figure("Memory for an event that can be gone back to", f"{each:.0f} bytes", how, True, goal)
    ]


def long_timeline(steps: int) -> Timeline:
    """A run that can be gone back in."""
    timeline = Timeline(Setup(members=MEMBERS, profile="etcd-3.3"), Judge())
    timeline.decide(Campaign(1))
    while timeline.length < steps:
        timeline.decide(next_of(timeline.world))
    return timeline


def repeats(seeds: int) -> list[Figure]:
    """Whether a seed tells the same story twice."""
    same = 0
    for seed in range(1, seeds + 1):
        first, second = (short_run(seed) for _ in range(2))
        same += first == second
    how = "runs with all kinds of faults, 1,000 steps each, twice; `--seeds N` for another number"
    goal = missed(same, seeds, "all")
    return [Figure("Same seed, same digest", f"{same:,} of {seeds:,}", how, True, goal)]


def short_run(seed: int) -> str:
    """The last state of a run of chance, by its name."""
    plan = plan_of(seed)
    plan.steps = 1_000
    return run_plan(plan).world.digest()


# -- the peer ------------------------------------------------------------------------------------

WRITES = 2_000


def peer() -> list[Figure]:
    """Committed writes, beside those of another Raft in Python, in the same process.

    Alone, a write costs what the protocol costs; in a crowd, what it costs to do many things at
    once. PySyncObj puts a crowd into one message; our member lets each of its clients have their
    own, which is easier to watch.
    """
    there = find_spec("pysyncobj") is not None
    if not there:
        print("PySyncObj, our peer, is not here: `pip install pysyncobj` brings it.\n")
    figures: list[Figure] = []
    for at_a_time, words in ((1, "one at a time"), (500, "500 at a time")):
        how = f"three members in one process, CPU time of {WRITES:,} writes, {words}"
        ours = WRITES / median(our_writes(at_a_time) for _ in range(3))
        figures.append(
            Figure(
                f"Writes a second, {words}", f"{ours:,.0f}", f"{how}; simulated network and disk"
            )
        )
        if there:
            theirs = WRITES / median(their_writes(at_a_time) for _ in range(3))
            value = f"{ours / theirs:.2f} x"
            figures += [
                Figure("... of PySyncObj", f"{theirs:,.0f}", f"{how}; loopback sockets, no disk"),
                Figure(f"Writes a second, {words}, PySyncObj = 1", value, how, True),
            ]
    return figures


def our_writes(at_a_time: int) -> float:
    """CPU seconds for the writes."""
    world = World(Setup(members=MEMBERS, profile="etcd-3.3", apply_ms=(0, 0)))
    elect(world)
    began = time.process_time()
    for _ in range(WRITES // at_a_time):
        for _ in range(at_a_time):
            request_id = world.clients.last_id + 1
            world.decide(Submit(1, request_id, KeyRequest(Method.PUT, "/k", str(request_id))))
        assert schedule.run(world, until=lambda now: not now.member(1).waiting), "somebody waits"
    seconds = time.process_time() - began
    answers = [record.answer for record in world.clients.values()]
    done = sum(answer is not None and answer.outcome is Outcome.DONE for answer in answers)
    assert done == WRITES, f"{done} of {WRITES} writes were done"
    return seconds


def their_writes(at_a_time: int) -> float:
    """The same with PySyncObj; its members talk over the loopback and keep nothing on disk."""
    pysyncobj: Any = import_module("pysyncobj")
    counter: Any = import_module("pysyncobj.batteries").ReplCounter
    # A single write is sent at once; a crowd waits for its message, as its authors would have it.
    options = pysyncobj.SyncObjConf(
        autoTick=False, connectionRetryTime=0.05, appendEntriesUseBatch=at_a_time > 1
    )
    addresses = [f"127.0.0.1:{port}" for port in free_ports(len(MEMBERS))]
    counters = [counter() for _ in addresses]
    members = [
        pysyncobj.SyncObj(me, [a for a in addresses if a != me], conf=options, consumers=[mine])
        for me, mine in zip(addresses, counters, strict=True)
    ]
    try:
        tick_until(members, lambda: any(one._isLeader() for one in members))
        tick_until(members, lambda: all(one.isReady() for one in members))
        place = next(i for i, one in enumerate(members) if one._isLeader())
        done = 0

        def answered(result: object, error: object) -> None:
            nonlocal done
            done += 1

        began = time.process_time()
        for batch in range(WRITES // at_a_time):
            for _ in range(at_a_time):
                counters[place].inc(callback=answered)
            wanted = (batch + 1) * at_a_time
            tick_until(members, lambda wanted=wanted: done >= wanted)  # type: ignore[misc]
        return time.process_time() - began
    finally:
        for one in members:
            one.destroy()
        for one in members:
            one.doTick(0.001)


def tick_until(members: Sequence[Any], reached: Callable[[], bool]) -> None:
    """Let its members work until it is so; not for ever."""
    give_up = time.monotonic() + 30
    while not reached():
        assert time.monotonic() < give_up, "PySyncObj has made no progress for 30 seconds"
        for one in members:
            one.doTick(0.001)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    import socket

    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
