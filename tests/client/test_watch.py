"""A watch misses nothing, whatever becomes of members and connections."""

from random import Random

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st

from learnetcd.client import Client, ClientError, Mirror, TooLate
from learnetcd.client.watch import ASK_ANEW_S
from learnetcd.simulator.decisions import Crash, Restart
from tests.simulated_cluster import SimulatedTransport, play


def client_of(cluster) -> Client:
    return Client(cluster.urls, SimulatedTransport(cluster))


def test_what_happens_between_two_questions_is_told():
    async def program(cluster, nursery):
        etcd = client_of(cluster)
        after = await etcd.now()
        for number in range(5):
            await etcd.set(f"/x/{number}", "1")
        seen = etcd.watch("/x", after=after)
        assert [(await anext(seen)).node.name for _ in range(5)] == list("01234")

    play(program)


def test_a_quiet_key_does_not_fall_behind_because_others_are_busy():
    async def program(cluster, nursery):
        etcd = client_of(cluster)
        seen = etcd.watch("/quiet", after=await etcd.now())
        told: list[str] = []

        async def look():
            told.append((await anext(seen)).node.value or "")

        nursery.start_soon(look)
        for _ in range(2):
            for number in range(700):
                await etcd.set("/busy", str(number))
            await trio.sleep(ASK_ANEW_S + 1)
        await etcd.set("/quiet", "at last")
        await trio.sleep(1)
        assert told == ["at last"]

    play(program, members=(1,))


def test_who_falls_behind_by_more_than_is_remembered_is_told_so():
    async def program(cluster, nursery):
        etcd = client_of(cluster)
        for number in range(1002):
            await etcd.set("/busy", str(number))
        with pytest.raises(TooLate):
            await anext(etcd.watch("/busy", after=1))

    play(program, members=(1,))


@settings(max_examples=settings.default.max_examples // 10)
@given(seed=st.integers(0, 2**32))
def test_no_change_is_missed_or_doubled_while_members_and_links_come_and_go(seed):
    async def program(cluster, nursery):
        chance, transport = Random(seed), SimulatedTransport(cluster)
        reader, writer = Client(cluster.urls, transport), client_of(cluster)
        seen: list[int] = []
        mirror = await Mirror.of(reader, "/x")
        nursery.start_soon(mirror.follow)

        async def look(changes):
            async for change in changes:
                seen.append(change.node.modified_index)

        nursery.start_soon(look, reader.watch("/x", after=await reader.now()))
        for number in range(40):
            victim = chance.choice(cluster.members)
            match chance.randrange(6):
                case 0 if len(cluster.world.alive_ids) == 3:
                    cluster.decide(Crash(victim, 0))
                case 1 if not cluster.world.alive(victim):
                    cluster.decide(Restart(victim))
                case 2:
                    transport.unreachable ^= {victim}
            try:
                await writer.set(f"/x/{chance.randrange(5)}", str(number))
                if chance.random() < 0.2:
                    await writer.delete(f"/x/{chance.randrange(5)}")
            except ClientError:
                pass  # whether it happened is what the others will see
            await trio.sleep(chance.random())
        for member in cluster.members:
            if not cluster.world.alive(member):
                cluster.decide(Restart(member))
        transport.unreachable.clear()
        await trio.sleep(10)
        last = await writer.set("/x/last", "")
        await trio.sleep(3)
        assert seen == list(range(1, last.node.modified_index + 1))
        tree = await writer.get("/x", recursive=True, quorum=True)
        assert mirror.files == {file.key: file for file in tree.node.files()}

    play(program, seed=seed)
