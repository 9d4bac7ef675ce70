"""A password is nowhere to be read afterwards: neither in what a server writes nor tells."""

import base64
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trio

from learnetcd.api.telling import plain_sentence
from learnetcd.runtime import server as servers
from learnetcd.runtime.http_client import HttpClient
from learnetcd.runtime.overhearing import without_secrets
from learnetcd.runtime.passwords import Bcrypt
from learnetcd.runtime.server import Server
from learnetcd.runtime.trace_stream import Words
from learnetcd.session.portrait import portrait
from learnetcd.simulator.recording import Recording
from tests.processes import OURS, Process
from tests.runtime.test_server import with_server

SECRETS = ("swordfish", "open-sesame")
ROOT = "root:swordfish"


def basic(user: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(user.encode()).decode()}"}


class Asking:
    """A client beside a server of this process."""

    def __init__(self, server: Server, client: HttpClient) -> None:
        self.server = server
        self.client = client
        self.url = f"http://127.0.0.1:{server.ports.clients[0].getsockname()[1]}"
        self.told: list[str] = []

    async def ask(self, method: str, path: str, said: Any = None, by: str = "") -> int:
        headers = {"X-Learnetcd-Explain": "yes", **(basic(by) if by else {})}
        body = b"" if said is None else json.dumps(said).encode()
        answer = await self.client.request(self.url, method, path, headers, body)
        self.told.append(repr(answer))
        return answer.status

    async def switch_on(self) -> None:
        await self.ask("PUT", "/v2/auth/users/root", {"user": "root", "password": SECRETS[0]})
        alice = {"user": "alice", "password": SECRETS[1], "roles": ["guest"]}
        await self.ask("PUT", "/v2/auth/users/alice", alice)
        assert await self.ask("PUT", "/v2/auth/enable") == 200


def beside(folder: Path, test: Any, **settings: bool) -> None:
    async def run(server: Server) -> None:
        async with HttpClient(timeout_s=20) as client:
            await test(Asking(server, client))

    with_server(folder, run, words=Words(plain_sentence, portrait), **settings)


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "Bcrypt", lambda: Bcrypt(cost=4))


async def until(is_so: Callable[[], bool]) -> None:
    with trio.fail_after(20):
        while True:
            if is_so():
                return
            await trio.sleep(0.005)


def hides_all(text: str) -> bool:
    hidden = [base64.b64encode(f"{user}:{word}".encode()).decode() for user, word in USERS]
    return not any(word in text for word in (*SECRETS, *hidden, "$2a$"))


USERS = (("root", SECRETS[0]), ("alice", SECRETS[1]))


def test_neither_stories_nor_the_trace_hold_a_password(tmp_path: Path):
    async def test(asking: Asking) -> None:
        heard: list[str] = []
        async with trio.open_nursery() as nursery:

            async def listen() -> None:
                async with asking.client.opened(asking.url, "/debug/trace", {}) as (_, connection):
                    while piece := await connection.piece():
                        heard.append(piece.decode())

            nursery.start_soon(listen)
            await until(lambda: bool(heard))
            await asking.switch_on()
            assert await asking.ask("PUT", "/v2/keys/x", by=ROOT) == 201
            assert await asking.ask("GET", "/v2/auth/users", by=ROOT) == 200
            await until(lambda: "/x" in "".join(heard))
            nursery.cancel_scope.cancel()
        assert hides_all("".join(heard))
        assert hides_all("".join(asking.told))
        assert any("X-Learnetcd-Trace".lower() in told for told in asking.told)

    beside(tmp_path, test, trace_stream=True)


def test_once_accounts_are_on_only_root_may_watch_what_a_member_does(tmp_path: Path):
    async def test(asking: Asking) -> None:
        assert await asking.ask("GET", "/debug/member") == 200
        await asking.switch_on()
        for path in ("/debug/member", "/debug/trace"):
            for by in ("", "alice:open-sesame", "root:wrong"):
                assert await asking.ask("GET", path, by=by) == 401
        assert await asking.ask("PUT", "/debug/gates/synced", by="") == 401
        assert await asking.ask("GET", "/debug/member", by=ROOT) == 200

    beside(tmp_path, test, trace_stream=True, allow_hold=True)


def test_whoever_goes_while_a_password_is_looked_at_is_forgotten(tmp_path: Path):
    async def test(asking: Asking) -> None:
        await asking.switch_on()
        header = basic(ROOT)["Authorization"]
        head = f"GET /v2/keys/x HTTP/1.1\r\nHost: h\r\nAuthorization: {header}\r\n\r\n".encode()
        for _ in range(5):
            async with await trio.open_tcp_stream(
                *asking.server.ports.clients[0].getsockname()
            ) as client:
                await client.send_all(head)
        assert await asking.ask("GET", "/v2/keys/x", by=ROOT) == 404

    beside(tmp_path, test)


def test_nobody_waits_while_the_password_of_another_is_looked_at(tmp_path: Path, monkeypatch):
    may_end = threading.Event()

    class Slow(Bcrypt):
        def matches(self, password: str, kept: str) -> bool:
            return may_end.wait(20)

    monkeypatch.setattr(servers, "Bcrypt", lambda: Slow(cost=4))

    async def test(asking: Asking) -> None:
        await asking.switch_on()
        answers: list[int] = []

        async def with_password() -> None:
            answers.append(await asking.ask("GET", "/v2/keys/x", by=ROOT))

        async with trio.open_nursery() as nursery:
            for _ in range(5):
                nursery.start_soon(with_password)
            for _ in range(20):
                assert await asking.ask("PUT", "/v2/keys/y") in {200, 201}  # a guest
            assert answers == []
            may_end.set()
        assert answers == [404] * 5

    beside(tmp_path, test)


def test_neither_the_journal_nor_a_recording_holds_a_password(tmp_path: Path):
    recording = tmp_path / "a.recording"
    server = Process(OURS, tmp_path / "data", f"--record={recording}", "--log-level=debug")
    try:
        server.wait_until_ready()

        async def ask() -> None:
            async with HttpClient(timeout_s=20) as client:
                for path, said in (
                    ("/v2/auth/users/root", {"user": "root", "password": SECRETS[0]}),
                    ("/v2/auth/users/alice", {"user": "alice", "password": SECRETS[1]}),
                    ("/v2/auth/enable", None),
                ):
                    body = b"" if said is None else json.dumps(said).encode()
                    answer = await client.request(server.url, "PUT", path, {}, body)
                    assert answer.status in {200, 201}
                await client.request(server.url, "GET", "/v2/keys/x", basic(ROOT))
                await client.request(server.url, "GET", "/v2/keys/x", basic("alice:wrong"))

        trio.run(ask)
    finally:
        server.end()
    assert hides_all(server.said())
    text = recording.read_text(encoding="utf-8")
    assert not [word for word in SECRETS if word in text]
    assert "$2a$" in text  # what a log holds, a recording must hold, or it could not be played
    world = Recording.read(recording).play().world
    [member_id] = world.alive_ids
    assert world.member(member_id).statistics


@pytest.mark.parametrize(
    ("asked", "noted"),
    [
        (
            b"GET /v2/keys/x HTTP/1.1\r\naUthorization:  Basic cm9vdA==\r\nHost: h\r\n\r\n",
            b"GET /v2/keys/x HTTP/1.1\r\naUthorization: (not shown)\r\nHost: h\r\n\r\n",
        ),
        (
            b'PUT /v2/auth/users/a HTTP/1.1\r\nHost: h\r\n\r\n{"password":\n\n"x"}',
            b"PUT /v2/auth/users/a HTTP/1.1\r\nHost: h\r\n\r\n(not shown)",
        ),
        (b"PUT /v2/keys/x HTTP/1.1\r\n\r\nvalue=1", b"PUT /v2/keys/x HTTP/1.1\r\n\r\nvalue=1"),
    ],
)
def test_what_is_overheard_holds_no_password(asked: bytes, noted: bytes):
    assert without_secrets(asked) == noted
