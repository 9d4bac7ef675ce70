"""The real etcdctl at a server whose gates are in our hand."""

from pathlib import Path

import trio

from learnetcd.runtime.gates import Gates
from learnetcd.runtime.server import Server
from tests.processes import environment
from tests.runtime.test_server import with_server


def test_etcdctl_set_hangs_while_the_sync_is_held_and_returns_when_it_is_let_through(folder: Path):
    gates = Gates()

    async def test(server: Server) -> None:
        gates.synced.hold()
        done = trio.Event()
        said: list[bytes] = []

        async def etcdctl_set() -> None:
            url = f"http://127.0.0.1:{server.ports.clients[0].getsockname()[1]}"
            found = await trio.run_process(
                ["etcdctl", "--endpoints", url, "set", "/greeting", "hello"],
                env={**environment(), "ETCDCTL_API": "2"},
                capture_stdout=True,
            )
            said.append(found.stdout)
            done.set()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(etcdctl_set)
            with trio.fail_after(10):
                while True:
                    if gates.synced.waiting:  # the entry is on the disk, and nobody knows it yet
                        break
                    await trio.sleep(0.01)
            await trio.sleep(0.5)
            assert not done.is_set()
            assert server.driver.member.store.etcd_index == 3
            gates.synced.release()
            with trio.fail_after(10):
                await done.wait()
        assert said == [b"hello\n"]
        assert server.driver.member.store.etcd_index == 4

    with_server(folder, test, gates)
