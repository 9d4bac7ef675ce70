"""A running member tells what it does to whoever may watch; and who watches does it no harm."""

import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio

from learnetcd.api.http import HttpRequest
from learnetcd.api.telling import Heard, plain_sentence
from learnetcd.member.inputs import WalSynced
from learnetcd.runtime import trace_stream
from learnetcd.runtime.http_client import HttpClient
from learnetcd.runtime.server import Server
from learnetcd.runtime.settings import Settings
from learnetcd.runtime.trace_stream import (
    MOST_UNSENT_PIECES,
    MOST_WATCHERS,
    Watcher,
    Words,
    refusal_of_pages,
)
from learnetcd.session.portrait import portrait
from learnetcd.tracing import discard
from learnetcd.tracing.storage import LogSynced
from tests.runtime.test_server import with_server

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Watching:
    """One who watches, and others who ask."""

    def __init__(self, server: Server, client: HttpClient) -> None:
        self.server = server
        self.client = client
        self.url = f"http://127.0.0.1:{server.ports.clients[0].getsockname()[1]}"

    async def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, Any]:
        said = {"Content-Type": FORM["Content-Type"], **headers}
        answer = await self.client.request(self.url, method, path, said, body.encode())
        is_json = dict(answer.headers).get("content-type") == "application/json"
        return answer.status, json.loads(answer.body) if is_json else answer.body.decode()

    @asynccontextmanager
    async def stream(self) -> AsyncIterator[Callable[[], Awaitable[dict[str, Any]]]]:
        """A way to the next line of the stream."""
        async with self.client.opened(self.url, "/debug/trace", {}) as (head, connection):
            assert head.status == 200
            read = b""

            async def next_line() -> dict[str, Any]:
                nonlocal read
                with trio.fail_after(10):
                    while b"\n" not in read:
                        read += await connection.piece()
                first, _, read = read.partition(b"\n")
                return dict(json.loads(first))

            yield next_line

    async def told(self, next_line: Callable[[], Awaitable[dict[str, Any]]], kind: str) -> str:
        """The sentence of the next event of that kind."""
        while True:
            line = await next_line()
            if line.get("kind") == kind:
                return str(line["sentence"])

    async def gate(self, name: str, do: str, watcher: int) -> tuple[int, Any]:
        return await self.ask("PUT", f"/debug/gates/{name}", f"watcher={watcher}&do={do}")

    async def until(self, is_so: Callable[[], bool]) -> None:
        with trio.fail_after(10):
            while True:
                if is_so():
                    return
                await trio.sleep(0.005)

    @property
    def is_listened_to(self) -> bool:
        return self.server.driver.member.tracer is not discard


def watched(folder: Path, test: Callable[[Watching], Awaitable[None]], **settings: bool) -> None:
    settings = {"trace_stream": True, **settings}

    async def beside(server: Server) -> None:
        async with HttpClient(timeout_s=10) as client:
            await test(Watching(server, client))

    with_server(folder, beside, words=Words(plain_sentence, portrait), **settings)


# --- watching -----------------------------------------------------------------------------------


def test_there_is_nothing_to_watch_unless_the_owner_wants_it(tmp_path: Path):
    async def test(watching: Watching) -> None:
        for path in ("/debug/trace", "/debug/member"):
            assert (await watching.ask("GET", path))[0] == 404
        assert (await watching.gate("synced", "hold", 1))[0] == 404

    watched(tmp_path, test, trace_stream=False)


def test_who_watches_is_told_and_the_last_to_go_lets_the_member_be_silent(tmp_path: Path):
    async def test(watching: Watching) -> None:
        assert not watching.is_listened_to
        async with watching.stream() as one, watching.stream() as other:
            assert [await one(), await other()] == [{"watcher": 1}, {"watcher": 2}]
            await watching.ask("PUT", "/v2/keys/x", "value=1")
            for next_line in (one, other):
                assert "put /x=1" in await watching.told(next_line, "RequestReceived")
                assert "put /x=1" in await watching.told(next_line, "EntryApplied")
        await watching.until(lambda: not watching.is_listened_to)
        assert watching.server.driver.failure is None

    watched(tmp_path, test)


def test_what_the_member_is_can_be_asked_at_any_time(tmp_path: Path):
    async def test(watching: Watching) -> None:
        await watching.ask("PUT", "/v2/keys/x", "value=1")
        status, seen = await watching.ask("GET", "/debug/member")
        assert (status, seen["role"], seen["name"]) == (200, "leader", "default")
        assert seen["entries"][-1][2] == "x=1"
        assert seen["gates"]["synced"] == {"held": False, "waiting": 0, "first": ""}
        assert not watching.is_listened_to

    watched(tmp_path, test)


def test_no_page_of_the_web_may_watch(tmp_path: Path):
    async def test(watching: Watching) -> None:
        page = {"Origin": "http://127.0.0.1"}
        for path in ("/debug/trace", "/debug/member"):
            assert (await watching.ask("GET", path, **page))[0] == 403
        held = await watching.ask("PUT", "/debug/gates/synced", "watcher=1&do=hold", **page)
        assert held[0] == 403

    watched(tmp_path, test, allow_hold=True)


@pytest.mark.parametrize(
    ("host", "may"),
    [
        ("127.0.0.1:2379", True),
        ("[::1]:2379", True),
        ("localhost", True),
        ("infra0:2379", True),
        ("evil.example:2379", False),
        ("", False),
    ],
)
def test_who_calls_us_by_a_name_that_anybody_could_point_at_us_is_told_nothing(
    host: str, may: bool
):
    settings = Settings(host_whitelist=("infra0",))
    refusal = refusal_of_pages(
        HttpRequest("GET", "/debug/trace", "", {"host": host}, b""), settings
    )
    assert (refusal is None) == may


def test_watchers_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trace_stream, "MOST_WATCHERS", 1)

    async def test(watching: Watching) -> None:
        async with watching.stream() as next_line:
            await next_line()
            assert (await watching.ask("GET", "/debug/trace"))[0] == 503
        await watching.until(lambda: not watching.is_listened_to)
        async with watching.stream() as next_line:
            assert await next_line() == {"watcher": 2}

    watched(tmp_path, test)
    assert MOST_WATCHERS > 1


class Sink:
    """A stream that is as full as the test says."""

    def __init__(self) -> None:
        self.unsent = 0
        self.written: list[dict[str, Any]] = []

    def write(self, data: bytes) -> None:
        self.written.append(json.loads(data))

    def close(self) -> None:
        raise AssertionError("nobody is sent away for being slow")


def test_who_is_slow_is_told_how_much_was_left_out_and_where():
    sink = Sink()
    watcher = Watcher(1, sink, plain_sentence)
    for number in range(1, 10):
        sink.unsent = MOST_UNSENT_PIECES if 3 <= number <= 7 else 0
        watcher.hear(Heard(1, number, 1, WalSynced(0, 1), LogSynced(number)))
    assert [line.get("missed", line.get("id")) for line in sink.written] == [
        *("1.1.1", "1.2.1", 5, "1.8.1", "1.9.1")
    ]


def test_a_watcher_who_does_not_read_never_keeps_the_member_from_answering(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(trace_stream, "MOST_UNSENT_PIECES", 4)

    async def test(watching: Watching) -> None:
        async with watching.stream() as next_line:
            await next_line()
            (stream,) = (one for one in watching.server.clients_server.connections if one._stream)
            stream._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
            for _ in range(200):  # more than the sockets hold
                await watching.ask("PUT", "/v2/keys/x", f"value={'v' * 300}")
            assert 0 < stream.unsent <= 4
            while "missed" not in (line := await next_line()):
                pass
            assert line["missed"] > 0

    watched(tmp_path, test)


# --- holding ------------------------------------------------------------------------------------


def test_a_held_gate_holds_a_write_until_it_is_let_through(tmp_path: Path):
    async def test(watching: Watching) -> None:
        async with watching.stream() as next_line, trio.open_nursery() as nursery:
            number = (await next_line())["watcher"]
            assert (await watching.gate("synced", "hold", number))[1]["held"]
            nursery.start_soon(watching.ask, "PUT", "/v2/keys/x", "value=1")
            gate = watching.server.driver.gates.synced
            await watching.until(lambda: len(gate.waiting) == 1)
            seen = (await watching.ask("GET", "/debug/member"))[1]
            assert seen["gates"]["synced"] == {"held": True, "waiting": 1, "first": "WalSynced"}
            assert seen["durable_index"] == seen["last_index"] - 1
            assert (await watching.gate("synced", "step", number))[1] == {
                "held": True,
                "waiting": 0,
                "first": "",
            }
        await watching.until(lambda: not gate.held)

    watched(tmp_path, test, allow_hold=True)


def test_when_the_watcher_who_holds_is_gone_its_gates_open(tmp_path: Path):
    async def test(watching: Watching) -> None:
        gates = watching.server.driver.gates
        async with watching.stream() as holder, watching.stream() as other:
            one, two = (await holder())["watcher"], (await other())["watcher"]
            for name in ("synced", "committed"):
                await watching.gate(name, "hold", one)
            assert await watching.gate("synced", "open", two) == (
                *(409, "Watcher 1 holds that gate.\n"),
            )
            assert gates.synced.held
        await watching.until(lambda: not gates.synced.held and not gates.committed.held)
        with trio.fail_after(10):
            assert (await watching.ask("PUT", "/v2/keys/x", "value=1"))[0] == 201

    watched(tmp_path, test, allow_hold=True)


def test_nobody_holds_a_member_whose_owner_does_not_allow_it(tmp_path: Path):
    async def test(watching: Watching) -> None:
        async with watching.stream() as next_line:
            number = (await next_line())["watcher"]
            status, why = await watching.gate("synced", "hold", number)
            assert (status, why) == (403, "This server was started without --allow-hold.\n")
        assert not watching.server.driver.gates.synced.held

    watched(tmp_path, test)


@pytest.mark.parametrize(
    ("gate", "body", "status"),
    [
        ("synced", "watcher=1&do=break", 400),
        ("synced", "watcher=1", 400),
        ("synced", "watcher=9&do=hold", 400),
        ("synced", "do=hold", 400),
        ("synced", "watcher=%zz", 400),
        ("nosuch", "watcher=1&do=hold", 404),
    ],
)
def test_what_makes_no_sense_at_a_gate_is_refused(
    tmp_path: Path, gate: str, body: str, status: int
):
    async def test(watching: Watching) -> None:
        async with watching.stream() as next_line:
            await next_line()
            assert (await watching.ask("PUT", f"/debug/gates/{gate}", body))[0] == status
        assert not watching.server.driver.gates.synced.held

    watched(tmp_path, test, allow_hold=True)
