"""A whole server inside the test, so that its gates are at hand."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio

from learnetcd.member.inputs import Input, RequestSubmitted, WallClockRead, WalSynced
from learnetcd.member.request import ClusterRequest
from learnetcd.runtime.gates import Gates
from learnetcd.runtime.server import Server, serve
from learnetcd.runtime.settings import Settings
from learnetcd.runtime.trace_stream import Words
from tests.processes import free_url

PUT = b"PUT /v2/keys/x HTTP/1.1\r\nHost: h\r\nContent-Length: 7\r\n\r\nvalue=1"


def with_server(
    folder: Path,
    test: Callable[[Server], Awaitable[None]],
    gates: Gates | None = None,
    observer: Callable[[Input], None] | None = None,
    words: Words | None = None,
    **more: Any,
) -> None:
    """Run a test beside a server, with more settings."""
    url = free_url()
    settings = Settings(
        data_dir=str(folder / "data"),
        listen_client_urls=(url,),
        advertise_client_urls=(url,),
        listen_peer_urls=(free_url(),),
        **more,
    )

    async def beside() -> None:
        servers: list[Server] = []
        started = trio.Event()

        def note(server: Server) -> None:
            servers.append(server)
            started.set()

        watch = {} if observer is None else {"record": lambda _: observer}
        async with trio.open_nursery() as nursery:
            started_with = {"gates": gates, "started": note, "words": words, **watch}
            nursery.start_soon(partial(serve, settings, **started_with))
            with trio.fail_after(20):
                await started.wait()
            await test(servers[0])
            nursery.cancel_scope.cancel()

    trio.run(beside)


async def connect(server: Server) -> trio.SocketStream:
    return await trio.open_tcp_stream(*server.ports.clients[0].getsockname())


@pytest.mark.parametrize("name", ["received", "proposed", "written", "synced", "committed"])
def test_a_write_hangs_as_long_as_a_gate_before_its_answer_is_held(tmp_path: Path, name: str):
    gates = Gates()
    gate = getattr(gates, name)

    async def test(server: Server) -> None:
        gate.hold()
        async with await connect(server) as client:
            await client.send_all(PUT)
            with trio.move_on_after(0.2) as patience:
                await client.receive_some()
            assert patience.cancelled_caught
            gate.release()
            with trio.fail_after(10):
                assert b" 201 Created\r\n" in await client.receive_some()

    with_server(tmp_path, test, gates)


def test_before_a_client_is_let_in_the_member_has_said_who_it_is(tmp_path: Path):
    inputs: list[Input] = []

    async def test(server: Server) -> None:
        asked = [one.request for one in inputs if isinstance(one, RequestSubmitted)]
        assert [type(one) for one in asked] == [ClusterRequest, ClusterRequest]
        assert asked[0].path.endswith("/attributes")
        assert asked[1] == ClusterRequest("/0/version", "3.4.0")
        # So the first write of a client has the index that it has in etcd.
        assert server.driver.member.store.etcd_index == 3

    with_server(tmp_path, test, observer=inputs.append)
    assert isinstance(inputs[0], WallClockRead)
    assert any(isinstance(one, WalSynced) for one in inputs)


def test_every_input_is_shown_to_the_observer_before_anything_comes_of_it(tmp_path: Path):
    inputs: list[Input] = []

    async def test(server: Server) -> None:
        async with await connect(server) as client:
            before = len(inputs)
            await client.send_all(PUT)
            await client.receive_some()
            kinds = [type(one).__name__ for one in inputs[before:]]
            kinds = [kind for kind in kinds if kind != "TimerFired"]
            assert kinds == ["RequestSubmitted", "WalSynced", "ApplyDue"]

    with_server(tmp_path, test, observer=inputs.append)


def test_ten_thousand_files_are_no_reason_to_refuse_a_client(tmp_path: Path):
    """A client is a file for the machine, and most shells let a program have 1024."""
    import resource

    async def test(server: Server) -> None:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert soft == hard

    with_server(tmp_path, test)
