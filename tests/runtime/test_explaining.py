"""Who asks is told what its request made the member do; nobody else pays for it, or hears of it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import trio

from learnetcd.runtime import explaining
from learnetcd.runtime.gates import Gates
from learnetcd.runtime.server import Server
from learnetcd.tracing import discard
from tests.runtime.test_server import connect, with_server

EXPLAIN = "X-Learnetcd-Explain: yes\r\n"


def put(key: str, headers: str = EXPLAIN) -> bytes:
    head = f"PUT /v2/keys/{key} HTTP/1.1\r\nHost: h\r\n{headers}Content-Length: 7\r\n\r\n"
    return head.encode() + b"value=1"


async def ask(server: Server, question: bytes) -> dict[str, str]:
    """The headers of the answer."""
    async with await connect(server) as client:
        await client.send_all(question)
        with trio.fail_after(10):
            answer = b""
            while b"\r\n\r\n" not in answer:
                answer += await client.receive_some()
    lines = answer.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return dict(line.split(": ", 1) for line in lines)


async def until(is_so: Callable[[], bool]) -> None:
    with trio.fail_after(10):
        while True:
            if is_so():
                return
            await trio.sleep(0.002)


def kinds(headers: dict[str, str]) -> list[str]:
    story: list[dict[str, Any]] = json.loads(headers["X-Learnetcd-Trace"])
    return [event["kind"] for event in story]


def listens(server: Server) -> bool:
    return server.driver.member.tracer is not discard


def test_who_asks_is_told_from_the_request_to_the_answer_and_then_nobody_listens(tmp_path: Path):
    async def test(server: Server) -> None:
        assert not listens(server)
        assert kinds(await ask(server, put("x"))) == [
            "RequestReceived",
            "LeaderAppended",
            "LogWritten",
            "EntriesDurable",
            "MatchAdvanced",
            "EntryCommitted",
            "EntryApplied",
            "RequestAnswered",
        ]
        local = f"GET /v2/keys/x HTTP/1.1\r\nHost: h\r\n{EXPLAIN}\r\n".encode()
        assert kinds(await ask(server, local)) == ["RequestReceived", "LocalReadAnswered"]
        assert not listens(server)

    with_server(tmp_path, test)


def test_who_does_not_ask_is_told_nothing(tmp_path: Path):
    async def test(server: Server) -> None:
        assert "X-Learnetcd-Trace" not in await ask(server, put("x", headers=""))
        watch = f"GET /v2/keys/x?wait=true HTTP/1.1\r\nHost: h\r\n{EXPLAIN}\r\n".encode()
        assert "X-Learnetcd-Trace" not in await ask(server, watch)
        assert not listens(server)

    with_server(tmp_path, test)


def test_writes_at_the_same_time_are_told_each_its_own_story(tmp_path: Path):
    gates = Gates()

    async def test(server: Server) -> None:
        found: dict[str, dict[str, str]] = {}

        async def write(key: str) -> None:
            found[key] = await ask(server, put(key))

        gates.synced.hold()
        async with trio.open_nursery() as nursery:
            for key in "abc":
                nursery.start_soon(write, key)
            await until(lambda: len(server.driver._clients) == 3)
            gates.synced.release()
        for key, headers in found.items():
            story = headers["X-Learnetcd-Trace"]
            assert f"put /{key}=" in story
            assert not any(f"/{other}=" in story for other in "abc" if other != key)

    with_server(tmp_path, test, gates)


def test_clients_who_go_without_a_word_leave_no_more_than_a_few_stories(tmp_path: Path):
    gates = Gates()

    async def test(server: Server) -> None:
        gates.received.hold()
        for number in range(1, explaining.MOST_STORIES * 2):
            async with await connect(server) as client:
                await client.send_all(put("x"))
                await until(lambda number=number: len(gates.received.waiting) == number)
        gates.received.release()
        handler = server.clients_server.handle.__self__  # type: ignore[attr-defined]
        assert len(handler._stories) == explaining.MOST_STORIES
        # Those that are left hear what others do, and don't take it for theirs.
        assert "RequestAnswered" in kinds(await ask(server, put("y")))

    with_server(tmp_path, test, gates)


def test_a_story_is_never_longer_than_clients_read_headers(tmp_path: Path):
    """Python's own client breaks off at 65,536 bytes: a write that was done would look broken."""
    value = quote("\N{GRINNING FACE}" * 3000)
    head = f"PUT /v2/keys/x HTTP/1.1\r\nHost: h\r\n{EXPLAIN}Content-Length: {len(value) + 6}\r\n"
    form = "Content-Type: application/x-www-form-urlencoded\r\n\r\n"

    async def test(server: Server) -> None:
        headers = await ask(server, f"{head}{form}value={value}".encode())
        assert len(headers["X-Learnetcd-Trace"]) < 40_000
        assert kinds(headers)[:2] == ["RequestReceived", "LeaderAppended"]

    with_server(tmp_path, test)
