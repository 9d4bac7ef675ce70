"""The plays: each recipe with its naive form, at work, in trouble, and judged.

    discovery    a and b serve; trouble comes to a. Who is listed when time has passed?
    pubsub       ten messages; trouble comes to who listens. Are all ten heard, in order?
    balance      three serve; trouble comes to one. Who is still asked that can't answer?
    coordinate   a worker waits for a start; trouble comes as it begins. Does it start?
    lock         a and b take turns at one value; trouble comes to a while it works
    queue        two workers, four jobs; trouble comes to one of them amid a job
    election     three candidates; trouble comes to the one that leads

Each play ends with a verdict: what was promised, and whether it was kept. That the naive form
breaks its promise, and under which fault, is as much a claim as that the recipe keeps it. What is
late is not broken: what is promised by a certain time is judged when the cluster has been in order
for so long (`Stage.settle`), for while nobody leads it, nobody's key expires, and no job is noted.

Next page: `guest`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import trio

from learnetcd.client import Node
from learnetcd.demo.stage import FAULTS, Program, Stage, insist
from learnetcd.recipes import balance, coordinate, discovery, election, lock, pubsub, queue

TTL_S = 4
"""In a play nobody wants to wait long."""
AFTER_S = TTL_S + 1.5
"""After this time a key that nobody refreshed is gone: expiry comes every half second."""
LONG_S = 2 * TTL_S
"""How long trouble lasts: longer than any key lives."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a play ended."""

    kept: bool
    promise: str
    seen: str
    """What happened."""


@dataclass(frozen=True, slots=True)
class Play:
    """One recipe on the stage."""

    perform: Callable[[Stage, bool], Awaitable[Verdict]]
    """Told whether to take the naive form."""
    breaks_naive: tuple[str | None, ...]
    """The faults, or no fault at all, under which the naive form breaks its promise."""
    faults: tuple[str, ...] = FAULTS
    """Those that it can be played with."""


async def play_discovery(stage: Stage, naive: bool) -> Verdict:
    """Who is listed some time after trouble came?"""
    serving = {name: stage.program(name) for name in "ab"}

    async def serve(program: Program) -> None:
        address = f"10.0.0.{ord(program.name) - ord('a') + 1}:80"
        if naive:
            await discovery.register_naively(program.client, "web", program.name, address)
            await trio.sleep_forever()
        async with discovery.registered(program.client, "web", program.name, address, TTL_S):
            program.says(f"serves at {address}")
            await trio.sleep_forever()

    for program in serving.values():
        program.start(serve)
    caller = stage.program("caller")
    service = discovery.service("web")
    seen = await insist(
        partial(coordinate.until, caller.client, service, lambda now: len(now.files) == 2)
    )
    caller.says(f"finds {', '.join(seen.values())}")
    await stage.strike(serving["a"])
    await stage.settle(AFTER_S)
    # Through the log: a member that has just come back would list who was there when it left.
    found, _ = await insist(partial(caller.client.files, service, quorum=True))
    listed = {file.name for file in found}
    caller.says(f"finds {', '.join(file.value or '' for file in found)}")
    expected = {"a", "b"} if stage.fault in (None, "leader") else {"b"}
    return Verdict(
        listed == expected,
        "whoever is alive and reachable is listed, and nobody else",
        f"listed: {', '.join(sorted(listed))}; alive and reachable: {', '.join(sorted(expected))}",
    )


async def play_pubsub(stage: Stage, naive: bool) -> Verdict:
    """Are all messages heard, in order?"""
    publisher, subscriber = stage.program("paper"), stage.program("reader")
    heard: list[str] = []
    begin = await insist(publisher.client.now)

    async def listen(program: Program) -> None:
        if naive:
            while True:
                message = await pubsub.next_message_naively(program.client, "news")
                await hear(program, message.value)
        async for message in pubsub.messages(program.client, "news", after=begin):
            await hear(program, message.value)

    async def hear(program: Program, words: str | None) -> None:
        if words in heard:
            return  # its publisher had to say it twice
        heard.append(words or "")
        program.says(f"hears {words}")
        await program.works(0.3)

    subscriber.start(listen)
    await trio.sleep(0.5)
    sent = [f"news {number}" for number in range(1, 11)]
    for number, words in enumerate(sent):
        if number == 4:
            await stage.strike(subscriber)
        if number == 8:
            stage.relent(subscriber)
        await insist(partial(pubsub.publish, publisher.client, "news", words))
        await trio.sleep(0.2)
    await stage.settle(LONG_S)
    missed = [words for words in sent if words not in heard]
    return Verdict(
        heard == sent,
        "each message is heard once, in order",
        f"missed: {', '.join(missed)}" if missed else "all were heard",
    )


async def play_balance(stage: Stage, naive: bool) -> Verdict:
    """Who is asked that can't answer, when time has passed?"""
    serving = {f"10.0.0.{number}:80": stage.program(name) for number, name in enumerate("abc", 1)}
    is_there = dict.fromkeys(serving, True)

    async def serve(program: Program) -> None:
        address = next(address for address, one in serving.items() if one is program)
        async with discovery.registered(program.client, "web", program.name, address, TTL_S):
            await trio.sleep_forever()

    for program in serving.values():
        program.start(serve)
    caller = stage.program("caller")
    everybody = partial(
        coordinate.until,
        caller.client,
        discovery.service("web"),
        lambda now: len(now.files) == len(serving),
    )
    mirror = await insist(everybody)
    if not naive:
        stage.nursery.start_soon(insist, mirror.follow)
    balancer = balance.Balancer(mirror)
    asked: Counter[str] = Counter()
    in_vain = 0

    async def ask(caller: Program) -> None:
        nonlocal in_vain
        while True:
            chosen = balancer.choose()
            if chosen is not None:  # without a leader nobody could say in time that it lives
                asked[chosen.address] += 1
                if not is_there[chosen.address]:
                    caller.says(f"asks {chosen.address}: no answer")
                    in_vain += 1
                    if not naive:
                        balancer.failed(chosen)
            await trio.sleep(0.1)

    caller.start(ask)
    await trio.sleep(0.65)
    caller.says(f"has asked {', '.join(f'{one} {count} times' for one, count in asked.items())}")
    victim = "10.0.0.2:80"
    await stage.strike(serving[victim])
    is_there[victim] = stage.fault in (None, "leader")
    await stage.settle(AFTER_S)
    asked_before, in_time = asked[victim], in_vain
    await stage.let_pass(AFTER_S)
    late = in_vain - in_time
    return Verdict(
        late == 0 and (not is_there[victim] or asked[victim] > asked_before),
        "whoever is dead is not asked any more after a time to live, and whoever lives is",
        f"asked in vain {in_vain} times, {late} of them late",
    )


async def play_coordinate(stage: Stage, naive: bool) -> Verdict:
    """Does a worker start that begins to wait just when the start is given?"""
    starter, worker = stage.program("starter"), stage.program("worker")
    started: list[float] = []
    await insist(partial(starter.client.set, "/config/start", "no"))

    async def wait(program: Program) -> None:
        if naive:
            await coordinate.until_naively(
                program.client, "/config/start", "yes", lambda: program.works(1)
            )
        else:
            await coordinate.until(
                program.client, "/config/start", lambda now: now.values() == ["yes"]
            )
        program.says("starts")
        started.append(trio.current_time())

    worker.start(wait)
    await trio.sleep(0.5)
    worker.says("has read that it is not time yet, and is about to wait")
    await stage.strike(worker)
    await insist(partial(starter.client.set, "/config/start", "yes"))
    starter.says("gives the start")
    await stage.let_pass(AFTER_S)
    stage.relent(worker)
    await stage.settle(AFTER_S)
    return Verdict(
        bool(started),
        "whoever waits for something goes on when it is so",
        "the worker has started" if started else "the worker waits for what has happened",
    )


async def play_lock(stage: Stage, naive: bool) -> Verdict:
    """Does anybody write after somebody who came later?"""
    storage = lock.Storage()
    turns: list[Program] = []
    first, second = stage.program("a"), stage.program("b")

    async def write(program: Program) -> None:
        async with lock.locked(program.client, "db", program.name, TTL_S) as held:
            program.says(f"has the lock, fence {held.index}")
            await program.works(1)
            turns.append(program)
            try:
                (storage.write_naively if naive else storage.write)(program.name, held.index)
            except lock.TooOld as refusal:
                program.says(f"is refused: {refusal}")
            else:
                program.says("writes")

    first.start(write)
    await trio.sleep(0.5)
    second.start(write)
    await stage.strike(first)
    await stage.let_pass(LONG_S)
    stage.relent(first)
    await stage.settle(AFTER_S)
    fences = [fence for fence, _ in storage.writes]
    return Verdict(
        fences == sorted(fences) and second in turns,
        "each has its turn, and nobody writes after somebody who came later",
        ", then ".join(f"{name} (fence {fence})" for fence, name in storage.writes),
    )


async def play_queue(stage: Stage, naive: bool) -> Verdict:
    """Is each job done once?"""
    boss = stage.program("boss")
    jobs = [
        await insist(partial(queue.put, boss.client, "mail", f"job {number}"))
        for number in range(1, 5)
    ]
    done: list[str] = []

    async def work(program: Program) -> None:
        while True:
            if naive:
                job = await queue.take_naively(program.client, "mail")
                program.says(f"takes {job.value}")
                await program.works(1)
                done.append(job.key)
                continue
            async with queue.claimed(program.client, "mail", program.name, TTL_S) as mine:
                program.says(f"claims {mine.job.value}")
                await program.works(1)
                if await mine.done():
                    done.append(mine.job.key)
                    program.says(f"has done {mine.job.value}")
                else:
                    program.says(f"throws its work at {mine.job.value} away: it has been done")

    workers = [stage.program(name) for name in ("w1", "w2")]
    for worker in workers:
        worker.start(work)
    await trio.sleep(0.6)
    await stage.strike(workers[0])
    await stage.let_pass(LONG_S)
    stage.relent(workers[0])
    await stage.settle(LONG_S)
    kept, _ = await insist(partial(boss.client.files, queue.jobs("mail"), quorum=True))
    return verdict_of_queue(jobs, done, kept)


def verdict_of_queue(jobs: list[Node], done: list[str], kept: list[Node]) -> Verdict:
    """Judge jobs by their keys: one that nobody has done is lost if it is not there, either."""
    noted = {job.key for job in kept if queue.is_done(job)}
    waiting = {job.key for job in kept} - noted - set(done)
    fates = {
        "done": [job for job in jobs if job.key in noted.union(done)],
        "done twice": [job for job in jobs if done.count(job.key) > 1],
        "not done yet": [job for job in jobs if job.key in waiting],
        "lost": [job for job in jobs if job.key not in waiting.union(noted, done)],
    }
    return Verdict(
        not fates["done twice"] and not fates["lost"],
        "each job is done once, and none is lost",
        "; ".join(
            f"{fate}: {', '.join(job.value or '' for job in fated)}"
            for fate, fated in fates.items()
            if fated
        ),
    )


async def play_election(stage: Stage, naive: bool) -> Verdict:
    """Does anybody act as leader after a later one has?"""
    acts: list[tuple[int, str]] = []
    leaders: list[Program] = []
    is_led = trio.Event()

    async def stand(program: Program) -> None:
        while True:
            async with election.leading(program.client, "web", program.name, TTL_S) as leadership:
                program.says(f"leads, term {leadership.index}")
                leaders.append(program)
                is_led.set()
                while naive or leadership.is_sure:
                    acts.append((leadership.index, program.name))
                    await program.works(0.2)
                program.says("is not sure any more that it leads, and stops")

    for name in "abc":
        stage.program(name).start(stand)
    await is_led.wait()
    await trio.sleep(1)
    victim, elected = leaders[-1], len(leaders)
    await stage.strike(victim)
    await stage.let_pass(LONG_S)
    stage.relent(victim)
    await stage.settle(AFTER_S)
    late = [(old, new) for old, new in pairwise(acts) if new[0] < old[0]]
    succeeded = any(program is not victim for program in leaders[elected:])
    has_successor = stage.fault in (None, "leader") or succeeded
    return Verdict(
        not late and has_successor,
        "somebody leads, and nobody acts as leader after a later one has",
        f"{late[0][1][1]} acted in term {late[0][1][0]} after {late[0][0][1]} in {late[0][0][0]}"
        if late
        else f"led: {', '.join(program.name for program in leaders)}",
    )


PLAYS = {
    "discovery": Play(play_discovery, ("killed", "paused", "cut")),
    "pubsub": Play(play_pubsub, (None, "paused", "cut", "leader"), ("paused", "cut", "leader")),
    "balance": Play(play_balance, ("killed", "paused", "cut")),
    "coordinate": Play(play_coordinate, (None, "paused", "cut"), ("paused", "cut", "leader")),
    "lock": Play(play_lock, ("paused",)),
    "queue": Play(play_queue, ("killed",)),
    "election": Play(play_election, ("paused", "cut")),
}
"""By name, in the order of the recipes."""
