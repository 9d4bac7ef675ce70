"""What breaks a cluster breaks it in the way it says."""

import errno
from random import Random

import pytest
import trio

from learnetcd.disk.files import Files
from learnetcd.disk.storage import create, open_storage
from learnetcd.member import bootstrap, identity
from learnetcd.member.cluster import ClusterMember
from learnetcd.runtime.local_member import LocalMember, free_ports
from learnetcd.survival.faults import tear
from learnetcd.survival.faulty_files import DiskFault, FaultyFiles
from learnetcd.survival.members import Survivor
from learnetcd.survival.network import Network
from learnetcd.wire.etcdserverpb import Metadata

URLS = {"m1": "http://127.0.0.1:1001", "m2": "http://127.0.0.1:1002"}


def test_a_disk_has_a_fault_as_long_as_its_file_is_there(tmp_path):
    files: Files = FaultyFiles(tmp_path)
    file = files.open(str(tmp_path / "data"), create=True)
    for fault, act, number in (
        (DiskFault.FULL, lambda: file.write(0, b"x"), errno.ENOSPC),
        (DiskFault.FULL, lambda: file.preallocate(10), errno.ENOSPC),
        (DiskFault.FAILING_SYNC, file.sync, errno.EIO),
    ):
        act()
        (tmp_path / fault.value).touch()
        with pytest.raises(OSError, match="data") as failed:
            act()
        assert failed.value.errno == number
        (tmp_path / fault.value).unlink()
        act()
    file.close()


def test_a_torn_end_is_cut_off_and_what_was_promised_is_there(tmp_path):
    files = FaultyFiles(tmp_path)
    member = ClusterMember(identity.member_id(["http://m1"], ""), "m1", ("http://m1",))
    begun = bootstrap.first_stored([member])
    cluster_id = identity.cluster_id([member.id])
    data = tmp_path / "m1"
    create(files, str(data), Metadata(member.id, cluster_id), stored=begun).close()
    tear(Survivor(LocalMember("m1", "", ()), data, tmp_path, tmp_path / "journal"))
    storage, stored = open_storage(files, str(data))
    storage.close()
    assert stored.entries == begun.entries


async def exchange(network, ports, said):
    """Ask m2 as m1, through the relay, and give what comes back."""
    stream = await trio.open_tcp_stream("127.0.0.1", ports[0])
    sender = f"{identity.member_id([URLS['m1']], 'etcd-cluster'):x}"
    async with stream:
        await stream.send_all(b"GET / HTTP/1.1\r\nX-Server-From: %s\r\n\r\n" % sender.encode())
        await stream.send_all(said)
        return await stream.receive_some(100)


async def with_relay(play):
    """A relay of m2, behind which somebody answers."""
    network, ports = Network(URLS, Random(1)), free_ports(2)

    async def answer(stream):
        async with stream:
            async for piece in stream:
                if b"?" in piece:
                    await stream.send_all(b"!")

    async with trio.open_nursery() as nursery:
        await nursery.start(lambda task_status: serve(answer, ports[1], task_status))
        nursery.start_soon(network.relay, "m2", *ports)
        await trio.sleep(0.2)
        with trio.fail_after(20):
            await play(network, ports)
        nursery.cancel_scope.cancel()


async def serve(answer, port, task_status):
    await trio.serve_tcp(answer, port, host="127.0.0.1", task_status=task_status)


@pytest.mark.parametrize("way", [("m1", "m2"), ("m2", "m1")])
def test_a_way_that_is_cut_lets_nothing_pass_until_it_is_healed(way):
    async def play(network, ports):
        assert await exchange(network, ports, b"?") == b"!"
        network.ways[way].cut()
        async with trio.open_nursery() as nursery:
            came = []

            async def ask():
                came.append(await exchange(network, ports, b"?"))

            nursery.start_soon(ask)
            await trio.sleep(0.2)
            assert came == []
            network.heal()
        assert came == [b"!"]

    trio.run(with_relay, play)


def test_who_is_not_cut_off_is_heard():
    async def play(network, ports):
        network.ways["", "m2"].cut()
        assert await exchange(network, ports, b"?") == b"!"

    trio.run(with_relay, play)


def test_a_lossy_way_breaks_connections():
    async def play(network, ports):
        network.ways["m2", "m1"].loss = 1.0
        with pytest.raises((AssertionError, trio.BrokenResourceError)):
            assert await exchange(network, ports, b"?")

    trio.run(with_relay, play)
