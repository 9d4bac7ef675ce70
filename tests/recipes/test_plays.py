"""Each recipe keeps its promise in every trouble; each naive form breaks its own where it is said.

Over a simulated cluster, in its time: the very plays that `learnetcd demo` performs.
"""

from random import Random

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st

from learnetcd.client import Client
from learnetcd.demo.plays import PLAYS, Verdict
from learnetcd.demo.stage import FAULTS, Stage
from learnetcd.recipes.presence import Presence
from learnetcd.simulator.decisions import Crash, Cut, Heal, Pause, Restart
from tests.simulated_cluster import SimulatedCluster, SimulatedTransport, play


def perform(name: str, naive: bool, fault: str | None, seed: int = 7, trouble=None) -> Verdict:
    verdicts: list[Verdict] = []

    async def program(cluster: SimulatedCluster, nursery: trio.Nursery) -> None:
        async def kill_leader() -> None:
            cluster.decide(Crash(cluster.leader, 0))

        stage = Stage(
            cluster.urls,
            lambda: SimulatedTransport(cluster),
            nursery,
            say=lambda name, words: None,
            kill_leader=kill_leader,
            fault=fault,
        )
        if trouble is not None:
            nursery.start_soon(trouble, cluster)
        verdicts.append(await PLAYS[name].perform(stage, naive))

    play(program, seed=seed)
    return verdicts[0]


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


@settings(max_examples=12)
@given(name=st.sampled_from(list(PLAYS)), fault=st.sampled_from(FAULTS), seed=st.integers(0, 999))
def test_recipes_keep_their_promises_also_while_members_of_the_cluster_come_and_go(
    name, fault, seed
):
    async def trouble(cluster: SimulatedCluster) -> None:
        """One member at a time is away or cut off; there is a majority in all but elections.

        The leader, too, where nothing is promised by a certain time.
        """
        chance, is_timeless = Random(seed), name in {"lock", "election"}
        while True:
            await trio.sleep(chance.uniform(1, 10))
            victim = chance.choice([one for one in cluster.members if one != cluster.leader])
            if is_timeless:
                victim = chance.choice(list(cluster.members))
            others = [member for member in cluster.members if member != victim]
            if is_timeless and chance.random() < 0.5:
                links = [link for it in others for link in ((victim, it), (it, victim))]
                cluster.decide(Cut(tuple(links)))
                await trio.sleep(chance.uniform(0.1, 6))
                cluster.decide(Heal())
            else:
                cluster.decide(Crash(victim, 0))
                await trio.sleep(chance.uniform(0.1, 3))
                cluster.decide(Restart(victim))

    if fault not in PLAYS[name].faults or fault == "leader":
        fault = None
    verdict = perform(name, False, fault, seed, trouble)
    assert verdict.kept, verdict
