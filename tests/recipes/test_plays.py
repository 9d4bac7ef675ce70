"""Each recipe keeps its promise in every trouble; each naive form breaks its own where it is said.

Over a simulated cluster, in its time: the very plays that `learnetcd demo` performs.
"""

from contextlib import suppress
from random import Random

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from learnetcd.client import Client, Node, Unknown
from learnetcd.demo.plays import PLAYS, TTL_S, Verdict, verdict_of_queue
from learnetcd.demo.stage import FAULTS, Program, Stage
from learnetcd.recipes import lock
from learnetcd.recipes.presence import Presence
from learnetcd.simulator.decisions import Crash, Cut, Heal, Impossible, Pause, Restart, Resume
from tests.simulated_cluster import SimulatedCluster, SimulatedTransport, play

STORM_S = 15
CALM_S = 15
"""A program may still wait for an answer that is lost; then a key must expire and a job be done."""


def perform(name: str, naive: bool, fault: str | None, seed: int = 7, storm=None) -> Verdict:
    verdicts: list[Verdict] = []

    async def program(cluster: SimulatedCluster, nursery: trio.Nursery) -> None:
        async def kill_leader() -> None:
            if cluster.leader is not None:
                cluster.decide(Crash(cluster.leader, 0))

        calm = trio.Event()
        stage = Stage(
            cluster.urls,
            lambda: SimulatedTransport(cluster),
            nursery,
            say=lambda name, words: None,
            kill_leader=kill_leader,
            fault=fault,
            calm=calm.wait,
        )
        if storm is None:
            calm.set()
        else:
            nursery.start_soon(storm, cluster, Random(seed), calm)
        verdicts.append(await PLAYS[name].perform(stage, naive))

    play(program, seed=seed)
    return verdicts[0]


async def storm(cluster: SimulatedCluster, chance: Random, calm: trio.Event) -> None:
    """One member after the other is cut off, paused or crashes, every second one a leader."""
    ends_at = trio.current_time() + STORM_S
    while trio.current_time() < ends_at:
        await trio.sleep(chance.uniform(0.5, 6))
        victim = chance.choice([*cluster.members, *[cluster.leader or 1] * len(cluster.members)])
        others = [member for member in cluster.members if member != victim]
        links = tuple(link for other in others for link in ((victim, other), (other, victim)))
        cut, pause = (Cut(links), Heal()), (Pause(victim), Resume(victim))
        begin, end = chance.choice([cut, pause, (Crash(victim), Restart(victim))])
        with suppress(Impossible):  # the play itself has killed it
            cluster.decide(begin)
        await trio.sleep(chance.uniform(0.1, 2 * TTL_S))
        with suppress(Impossible):
            cluster.decide(end)
    for member in set(cluster.members) - set(cluster.world.alive_ids):
        cluster.decide(Restart(member))
    await trio.sleep(CALM_S)
    calm.set()


CASES = [(name, fault) for name, one in PLAYS.items() for fault in (None, *one.faults)]


@pytest.mark.parametrize(("name", "fault"), CASES)
def test_a_recipe_keeps_its_promise_in_trouble(name, fault):
    verdict = perform(name, False, fault)
    assert verdict.kept, verdict


@pytest.mark.parametrize(("name", "fault"), CASES)
def test_the_naive_form_breaks_its_promise_where_it_is_said_and_only_there(name, fault):
    verdict = perform(name, True, fault)
    assert verdict.kept == (fault not in PLAYS[name].breaks_naive), verdict


def test_a_member_that_falls_mute_costs_nobody_its_presence():
    async def program(cluster: SimulatedCluster, nursery: trio.Nursery) -> None:
        mute = next(member for member in cluster.members if member != cluster.leader)
        urls = [cluster.urls[mute - 1], *cluster.urls[: mute - 1], *cluster.urls[mute:]]
        presence = Presence(Client(urls, SimulatedTransport(cluster)), "/here", "me", 4)
        await presence.begin()
        nursery.start_soon(presence.keep)
        await trio.sleep(2)
        cluster.decide(Pause(mute))
        for _ in range(80):
            await trio.sleep(0.1)
            assert presence._sure_until > trio.current_time() + 0.5

    play(program)


def test_who_finds_its_own_key_is_sure_of_it_for_no_longer_than_it_lives():
    async def program(cluster: SimulatedCluster, nursery: trio.Nursery) -> None:
        before, again = (
            Presence(Client(cluster.urls, SimulatedTransport(cluster)), "/here", "me", 4)
            for _ in range(2)
        )
        await before.begin()
        await trio.sleep(3)
        await again.begin()
        assert again.index == before.index
        await trio.sleep(3)
        assert again.is_sure
        assert (await Client(cluster.urls, SimulatedTransport(cluster)).get("/here")).node.value

    play(program)


@pytest.mark.parametrize("name", ["discovery", "queue"])
def test_who_asks_a_cluster_that_is_away_for_long_goes_on_asking(name):
    async def blackout(cluster: SimulatedCluster, _: Random, calm: trio.Event) -> None:
        for member in cluster.members:
            cluster.decide(Pause(member))
        await trio.sleep(30)
        for member in cluster.members:
            cluster.decide(Resume(member))
        await trio.sleep(CALM_S)
        calm.set()

    verdict = perform(name, False, None, storm=blackout)
    assert verdict.kept, verdict


def test_whoever_is_started_again_says_why_in_one_sentence():
    said: list[str] = []

    async def main() -> None:
        async with trio.open_nursery() as nursery:

            async def give_up(_: Program) -> None:
                if not said:
                    raise ExceptionGroup("", [ExceptionGroup("", [Unknown("no answer")])])
                nursery.cancel_scope.cancel()

            stage = Stage(
                ["http://S1"],
                lambda: SimulatedTransport(None),
                nursery,
                say=lambda name, words: said.append(words),
                kill_leader=trio.lowlevel.checkpoint,
            )
            stage.program("a").start(give_up)

    trio.run(main, clock=MockClock(autojump_threshold=0))
    assert said == ["is started again, for no answer"]


def test_a_job_that_waits_is_late_and_one_that_is_nowhere_is_lost():
    jobs = [Node(f"/queues/mail/jobs/{number}", f"job {number}") for number in range(1, 5)]
    kept = [Node(jobs[1].key, "done by w1"), jobs[2]]
    late = verdict_of_queue(jobs[:3], [jobs[0].key], kept)
    assert late.kept
    assert late.seen == "done: job 1, job 2; not done yet: job 3"
    lost = verdict_of_queue(jobs, [jobs[0].key], kept)
    assert not lost.kept
    assert lost.seen == "done: job 1, job 2; not done yet: job 3; lost: job 4"
    assert not verdict_of_queue(jobs[:1], [jobs[0].key] * 2, []).kept


def test_two_of_one_name_do_not_hold_one_lock():
    """Or one that was started again beside its former self, which was only paused."""

    async def program(cluster: SimulatedCluster, nursery: trio.Nursery) -> None:
        fences: list[int] = []
        is_held = False

        async def hold() -> None:
            nonlocal is_held
            client = Client(cluster.urls, SimulatedTransport(cluster))
            async with lock.locked(client, "db", "me", TTL_S) as held:
                assert not is_held
                is_held = True
                await trio.sleep(1)
                is_held = False
                fences.append(held.index)

        async with trio.open_nursery() as both:
            both.start_soon(hold)
            both.start_soon(hold)
        assert len(set(fences)) == 2

    play(program)


@settings(max_examples=7)
@given(name=st.sampled_from(list(PLAYS)), fault=st.sampled_from(FAULTS), seed=st.integers(0, 9999))
def test_recipes_keep_their_promises_also_when_leaders_and_followers_come_and_go(name, fault, seed):
    verdict = perform(name, False, fault if fault in PLAYS[name].faults else None, seed, storm)
    assert verdict.kept, verdict
    assert "not done yet" not in verdict.seen
