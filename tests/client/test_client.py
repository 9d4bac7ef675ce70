"""What a program is told: by a cluster that is well, and by one that is not."""

import pytest
import trio

from learnetcd.client import (
    Changed,
    Client,
    KeyMissing,
    KeyTaken,
    NobodyAnswered,
    Unknown,
)
from learnetcd.simulator.decisions import Crash, Pause, Resume
from tests.processes import OURS, Process
from tests.simulated_cluster import SimulatedTransport, play


def client_of(cluster) -> Client:
    return Client(cluster.urls, SimulatedTransport(cluster))


async def every_verb(etcd: Client) -> None:
    was_set = await etcd.set("/x", "ä 1&2")
    assert (await etcd.get("/x")).node.value == "ä 1&2"
    with pytest.raises(KeyTaken) as taken:
        await etcd.create("/x", "2")
    assert taken.value.cause == "/x"
    index = was_set.node.modified_index
    swapped = await etcd.swap("/x", "3", index=index)
    assert swapped.previous is not None
    assert swapped.previous.value == "ä 1&2"
    with pytest.raises(Changed):
        await etcd.swap("/x", "4", index=index)
    with pytest.raises(Changed):
        await etcd.delete("/x", previous="4")
    assert (await etcd.delete("/x", index=swapped.node.modified_index)).is_removal
    with pytest.raises(KeyMissing):
        await etcd.get("/x", quorum=True)
    first, second = await etcd.append("/q", "a"), await etcd.append("/q", "b")
    assert first.node.key < second.node.key
    read = await etcd.get("/q", recursive=True, in_order=True)
    assert [file.value for file in read.node.files()] == ["a", "b"]
    assert read.node.nodes[0].name == first.node.name
    assert (await etcd.set("/t", "1", ttl_s=100)).node.ttl_s == 100
    assert (await etcd.refresh("/t", 200)).node.ttl_s == 200
    assert (await etcd.get("/t")).node.value == "1"
    assert (await etcd.delete("/q", recursive=True)).is_removal


def test_every_verb_over_a_simulated_cluster():
    async def program(cluster, nursery):
        await every_verb(client_of(cluster))

    play(program)


def test_every_verb_over_sockets(tmp_path):
    server = Process(OURS, tmp_path / "data").wait_until_ready()

    async def main():
        async with Client([server.url]) as etcd:
            await every_verb(etcd)

    try:
        trio.run(main)
    finally:
        server.end()


def test_a_member_that_is_not_there_is_passed_over_also_by_a_write():
    async def program(cluster, nursery):
        etcd = client_of(cluster)
        cluster.decide(Crash(1, 0))
        await trio.sleep(5)
        began = trio.current_time()
        await etcd.set("/x", "1")
        assert trio.current_time() - began < 0.5
        assert (await etcd.get("/x")).node.value == "1"

    play(program)


def test_a_read_is_asked_again_when_no_answer_comes():
    async def program(cluster, nursery):
        etcd = client_of(cluster)
        await etcd.set("/x", "1")
        cluster.decide(Pause(1))
        assert (await etcd.get("/x", quorum=True)).node.value == "1"

    play(program)


def test_a_write_that_was_heard_is_never_asked_again():
    async def program(cluster, nursery):
        transport = SimulatedTransport(cluster)
        etcd, another = Client(cluster.urls, transport), client_of(cluster)
        transport.stops_hearing.add(1)
        with pytest.raises(Unknown):
            await etcd.append("/q", "once")
        assert len((await another.get("/q")).node.nodes) == 1

    play(program)


def test_who_loses_patience_with_a_mute_member_asks_another_one_next():
    async def program(cluster, nursery):
        etcd = client_of(cluster)
        await etcd.set("/x", "1")
        cluster.decide(Pause(1))
        with pytest.raises(trio.TooSlowError), trio.fail_after(1):
            await etcd.set("/x", "2")
        await trio.sleep(5)  # if it was the leader, there is another one now
        with trio.fail_after(1):
            await etcd.set("/x", "3")

    play(program)


def test_two_who_turn_away_from_one_member_do_not_come_back_to_it():
    async def program(cluster, nursery):
        etcd = Client(cluster.urls[:2], SimulatedTransport(cluster))
        cluster.decide(Crash(1, 0))
        await trio.sleep(5)
        for _ in range(2):
            nursery.start_soon(etcd.set, "/x", "1")
        await trio.sleep(1)
        assert etcd._members.first == cluster.urls[1]

    play(program)


def test_an_election_is_waited_for():
    async def program(cluster, nursery):
        etcd = client_of(cluster)
        cluster.decide(Crash(cluster.leader, 0))
        await etcd.get("/", quorum=True)

    play(program)


def test_when_patience_ends_it_is_said_that_nobody_answered():
    async def program(cluster, nursery):
        etcd = client_of(cluster)
        for member in cluster.members:
            cluster.decide(Crash(member, 0))
        with pytest.raises(NobodyAnswered, match="nobody listens at http://S3"):
            await etcd.set("/x", "1")
        with pytest.raises(NobodyAnswered):
            await etcd.get("/x")

    play(program)


def test_a_majority_that_does_not_move_leaves_a_write_unknown():
    async def program(cluster, nursery):
        etcd = client_of(cluster)
        cluster.decide(Pause(2))
        cluster.decide(Pause(3))
        with pytest.raises(Unknown, match="timed out"):
            await etcd.set("/x", "1")
        cluster.decide(Resume(2))
        cluster.decide(Resume(3))
        await trio.sleep(5)
        await etcd.set("/y", "1")

    play(program)
