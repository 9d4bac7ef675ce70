"""The proxy: what it passes on and what it does not, whom it asks, and what it remembers."""

import json
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing

from learnetcd.api.http import HttpRequest, HttpResponse
from learnetcd.errors import UserError
from learnetcd.runtime import director, proxy
from learnetcd.runtime.connection import Connection, Stream
from learnetcd.runtime.director import Director
from learnetcd.runtime.http_client import HttpClient, NoAnswer
from learnetcd.runtime.http_server import HttpServer, listen
from learnetcd.runtime.local_member import free_ports
from learnetcd.runtime.proxy import Proxy, is_meant
from learnetcd.runtime.settings import InitialMember, Settings

FLOOD = 12 << 20
"""More than the sockets on the way take if nobody reads."""


class Endpoint:
    """A member as a proxy sees it: it tells who it is, and what it was asked."""

    def __init__(self, nursery: trio.Nursery, name: str) -> None:
        self.name = name
        self.asked: list[HttpRequest] = []
        self.told: list[str] = []
        """What it names when it is asked for the members; by default itself."""
        self.gone = trio.Event()
        """Set when the client of an endless answer went away."""
        self.streams: list[Connection] = []
        """Who listens to an endless answer."""
        self.listener = listen("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.server = HttpServer(self.handle, None)
        self.server.connect = self.welcome
        self.welcomed = 0
        nursery.start_soon(self.server.run, [self.listener])

    def welcome(self, server: HttpServer, connected: socket.socket) -> Connection:
        self.welcomed += 1
        return Connection(server, connected)

    def handle(self, request: HttpRequest) -> HttpResponse | Stream:
        if request.path == "/members":
            urls = self.told or [self.url]
            told = [{"id": 1, "peerURLs": [self.url], "clientURLs": urls}]
            headers = (("X-Etcd-Cluster-ID", "1"),)
            return HttpResponse(200, headers, json.dumps(told).encode())
        self.asked.append(request)
        match request.path:
            case "/endless":
                head = HttpResponse(200, (("X-Etcd-Index", "7"),))
                return Stream(head, self.streams.append, lambda client: self.gone.set())
            case "/flood":
                return Stream(HttpResponse(200, ()), flood, lambda client: None)
            case "/silent":
                return Stream(None, lambda client: None, lambda client: None)
            case "/cut":
                return Stream(None, lambda client: client.close(), lambda client: None)
        headers = (("Content-Type", "text/x"), ("Keep-Alive", "timeout=5"), ("X-Etcd-Index", "7"))
        return HttpResponse(200, headers, f"{self.name} heard {request.path}".encode())

    def end(self) -> None:
        """As if its machine had gone."""
        trio.lowlevel.notify_closing(self.listener)
        self.listener.close()
        for connection in list(self.server.connections):
            connection.close()


def flood(client: Connection) -> None:
    client.write(b"x" * FLOOD)
    client.finish()


class World:
    """Two members, a proxy before them, and its client."""

    def __init__(self, nursery: trio.Nursery, folder: Path, **changed: Any) -> None:
        self.members = [Endpoint(nursery, name) for name in ("one", "two")]
        urls = [member.url for member in self.members]
        for member in self.members:
            member.told = urls
        self.settings = Settings(data_dir=str(folder / "data"), **({"proxy": "on"} | changed))
        self.nursery = nursery
        self.client = HttpClient(10)
        self.director: Director
        self.url = ""

    async def start(self) -> None:
        self.director = Director(self.settings, [member.url for member in self.members])
        (Path(self.settings.data_dir) / "proxy").mkdir(parents=True)
        await self.director.refresh()
        self.listener = listen("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.proxy = Proxy(self.settings, self.director, [self.listener])
        self.nursery.start_soon(self.proxy.server.run, [self.listener])

    def close(self) -> None:
        self.client.close()
        self.proxy.close()
        self.listener.close()
        for member in self.members:
            member.listener.close()

    async def ask(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> HttpResponse:
        return await self.client.request(self.url, method, path, headers, body)

    def first(self) -> Endpoint:
        """Whom the proxy asks first."""
        url = self.director.endpoints()[0]
        return next(member for member in self.members if member.url == url)

    def second(self) -> Endpoint:
        return next(member for member in self.members if member is not self.first())


@asynccontextmanager
async def world(folder: Path, **changed: Any) -> AsyncIterator[World]:
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            made = World(nursery, folder, **changed)
            try:
                await made.start()
                yield made
            finally:
                made.close()
            nursery.cancel_scope.cancel()


def play(folder: Path, test: Callable[[World], Awaitable[None]], **changed: Any) -> None:
    async def in_it() -> None:
        async with world(folder, **changed) as made:
            await test(made)

    trio.run(in_it)


async def talk(address: tuple[str, int], said: bytes, end: bytes) -> bytes:
    """Say something, and listen until this is heard."""
    heard = b""
    async with await trio.open_tcp_stream(*address) as stream:
        await stream.send_all(said)
        while end not in heard:
            heard += await stream.receive_some()
    return heard


async def until(condition: Callable[[], object]) -> None:
    while not condition():  # noqa: ASYNC110  # nobody sets an event for a test
        await trio.sleep(0.005)


# -- what is passed on ------------------------------------------------------------------------


def test_a_request_and_its_answer_pass_whole(tmp_path):
    async def test(world):
        headers = {"content-type": "text/y", "host": "infra0:1", "x-forwarded-for": "10.0.0.9"}
        answer = await world.ask("PUT", "/v2/keys/a%2Fb?ttl=5", headers, b"value=1")
        asked = world.first().asked[0]
        assert (asked.method, asked.path, asked.query) == ("PUT", "/v2/keys/a%2Fb", "ttl=5")
        assert asked.body == b"value=1"
        assert asked.headers["host"] == "infra0:1"
        assert asked.headers["content-type"] == "text/y"
        assert asked.headers["x-forwarded-for"] == "10.0.0.9, 127.0.0.1"
        told = dict(answer.headers)
        assert (answer.status, told["x-etcd-index"], told["content-type"]) == (200, "7", "text/x")
        assert answer.body.endswith(b" heard /v2/keys/a%2Fb")

    play(tmp_path, test)


def test_headers_of_one_connection_end_with_it(tmp_path):
    async def test(world):
        await world.ask("GET", "/x", {"connection": "x-mine, close", "x-mine": "1", "te": "gzip"})
        assert not {"connection", "x-mine", "te"} & {*world.first().asked[0].headers}
        await world.ask("GET", "/x", {"connection": "host", "host": "infra0:1"})
        assert f"http://{world.first().asked[1].headers['host']}" == world.first().url
        assert "keep-alive" not in dict((await world.ask("GET", "/x")).headers)

    play(tmp_path, test)


def test_of_a_head_only_the_length_is_told(tmp_path):
    async def test(world):
        answer = await world.ask("HEAD", "/x")
        assert dict(answer.headers)["content-length"] == str(len("one heard /x"))
        assert (await world.ask("GET", "/x")).body == b"%b heard /x" % world.first().name.encode()

    play(tmp_path, test)


def test_a_piece_of_an_endless_answer_comes_before_the_next_one(tmp_path):
    async def test(world):
        async with world.client.opened(world.url, "/endless", {}) as (head, connection):
            assert head.status == 200
            world.first().streams[0].write(b"piece\n")
            assert await connection.piece() == b"piece\n"

    play(tmp_path, test)


def test_one_connection_to_a_member_is_enough_for_one_request_after_the_other(tmp_path):
    async def test(world):
        before = world.first().welcomed
        for method in ("GET", "PUT", "HEAD", "GET"):
            await world.ask(method, "/x")
        assert len(world.first().asked) == 4
        assert world.first().welcomed == before + 1

    play(tmp_path, test)


def test_what_a_member_closes_meanwhile_is_not_used_again(tmp_path):
    async def test(world):
        first = world.first()
        for _ in range(2):
            await world.ask("PUT", "/x")
            for connection in list(first.server.connections):
                connection.close()
            await trio.testing.wait_all_tasks_blocked(0.01)
        assert len(first.asked) == 2
        assert world.director.endpoints()[0] == first.url

    play(tmp_path, test)


def test_requests_that_come_together_are_answered_in_their_order(tmp_path):
    async def test(world):
        requests = "".join(f"GET /{n} HTTP/1.1\r\nHost: h\r\n\r\n" for n in range(50))
        said = await talk(world.listener.getsockname(), requests.encode(), b"heard /49")
        assert [int(n) for n in re.findall(rb"heard /(\d+)", said)] == list(range(50))

    play(tmp_path, test)


def test_whom_a_client_without_host_has_asked_is_the_member(tmp_path):
    async def test(world):
        said = await talk(world.listener.getsockname(), b"GET /x HTTP/1.0\r\n\r\n", b"heard")
        assert said.startswith(b"HTTP/1.0 200 OK\r\n")
        assert f"http://{world.first().asked[0].headers['host']}" == world.first().url

    play(tmp_path, test)


def test_a_large_body_passes_whole(tmp_path):
    async def test(world):
        body = bytes(range(256)) * (8 << 12)
        await world.ask("PUT", "/x", {}, body)
        assert world.first().asked[0].body == body

    play(tmp_path, test)


def test_while_a_client_does_not_listen_nothing_piles_up_for_it(tmp_path):
    async def test(world):
        async with await trio.open_tcp_stream(*world.listener.getsockname()) as stream:
            await stream.send_all(b"GET /flood HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            await until(lambda: any(one.unsent for one in world.proxy.server.connections))
            await trio.sleep(0.1)
            (connection,) = world.proxy.server.connections
            assert sum(map(len, connection._unsent)) < 1 << 20
            said = b"".join([piece async for piece in stream])
        assert said.count(b"x") == FLOOD
        assert said.endswith(b"0\r\n\r\n")

    play(tmp_path, test)


def test_when_a_watcher_goes_the_member_is_told(tmp_path):
    async def test(world):
        async with world.client.opened(world.url, "/endless", {}):
            pass
        await world.first().gone.wait()

    play(tmp_path, test)


def test_web_pages_are_let_in_once_by_the_proxy_alone(tmp_path):
    async def test(world):
        headers = [name for name, _ in (await world.ask("GET", "/x")).headers]
        assert headers.count("access-control-allow-origin") == 1
        assert (await world.ask("OPTIONS", "/x")).status == 200
        assert [asked.method for asked in world.first().asked] == ["GET"]

    play(tmp_path, test)


def test_a_readonly_proxy_passes_on_only_a_get(tmp_path):
    async def test(world):
        for method in ("PUT", "POST", "DELETE", "HEAD", "OPTIONS"):
            assert (await world.ask(method, "/x")).status == 501
        assert (await world.ask("GET", "/x")).status == 200
        assert [asked.method for asked in world.first().asked] == ["GET"]

    play(tmp_path, test, proxy="readonly")


# -- members that fail ------------------------------------------------------------------------


def test_a_member_that_is_gone_is_avoided_and_the_next_is_asked(tmp_path):
    async def test(world):
        first, second = world.first(), world.second()
        first.end()
        assert (await world.ask("PUT", "/x")).body == f"{second.name} heard /x".encode()
        assert world.director.endpoints() == [second.url]

    play(tmp_path, test)


def test_after_a_while_it_is_asked_again(tmp_path):
    async def test(world):
        before = world.director.endpoints()
        world.director.failed(before[0], "for a test")
        assert world.director.endpoints() == before[1:]
        await trio.sleep(0.06)
        assert world.director.endpoints() == before

    play(tmp_path, test, proxy_failure_wait_ms=50)


def test_it_is_still_avoided_when_the_members_are_asked_for_again(tmp_path):
    async def test(world):
        one, other = world.director.endpoints()
        world.director.failed(one, "for a test")
        await world.director.refresh()
        assert world.director.endpoints() == [other]

    play(tmp_path, test)


def test_a_read_that_was_cut_off_is_asked_of_the_next_but_no_write(tmp_path):
    async def test(world):
        first, second = world.first(), world.second()
        answer = await world.ask("PUT", "/cut")
        words = "httpproxy: unable to get response from 2 endpoint(s)"
        assert (answer.status, json.loads(answer.body)) == (502, {"message": words})
        assert (len(first.asked), len(second.asked)) == (1, 0)
        await world.director.refresh()
        await world.ask("GET", "/cut")
        assert [asked.method for asked in second.asked] == ["GET"]

    play(tmp_path, test)


def test_without_any_member_it_says_so_as_etcd_does(tmp_path):
    async def test(world):
        for member in world.members:
            member.end()
        assert (await world.ask("GET", "/x")).status == 502
        answer = await world.ask("GET", "/x")
        words = "httpproxy: zero endpoints currently available"
        assert (answer.status, json.loads(answer.body)) == (503, {"message": words})

    play(tmp_path, test)


def test_who_is_silent_for_longer_than_allowed_has_failed(tmp_path):
    async def test(world):
        assert (await world.ask("GET", "/silent")).status == 502
        assert world.director.endpoints() == []

    play(tmp_path, test, proxy_read_timeout_ms=50)


def test_who_takes_a_request_too_slowly_has_failed(tmp_path):
    async def test(world):
        with listen("127.0.0.1", 0) as deaf:
            world.director._endpoints = [f"http://127.0.0.1:{deaf.getsockname()[1]}"]
            assert (await world.ask("PUT", "/x", {}, b"x" * (9 << 20))).status == 502

    play(tmp_path, test, proxy_write_timeout_ms=50)


def test_who_speaks_no_tls_where_it_should_has_failed(tmp_path):
    async def test(world):
        url = world.first().url.replace("http:", "https:")
        world.director._endpoints = [url]
        assert (await world.ask("GET", "/x")).status == 502
        assert list(world.director.avoided()) == [url]

    play(tmp_path, test, proxy_dial_timeout_ms=200)


@pytest.mark.parametrize("url", ["http://h:99999", "https://h:0", f"http://{'x' * 70}:1"])
def test_a_member_with_an_address_that_makes_no_sense_is_avoided(tmp_path, url):
    async def test(world):
        world.director._endpoints = [url]
        assert (await world.ask("GET", "/x")).status == 502
        assert list(world.director.avoided()) == [url]

    play(tmp_path, test)


def test_a_client_who_leaves_while_it_is_tried_to_connect_leaves_nothing_behind(tmp_path):
    async def test(world):
        connect, may_connect = world.proxy.upstreams.connect, trio.Event()

        async def slowly(url):
            await may_connect.wait()
            return await connect(url)

        world.proxy.upstreams.connect = slowly
        async with await trio.open_tcp_stream(*world.listener.getsockname()) as stream:
            await stream.send_all(b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n")
            await until(lambda: world.proxy.under_way)
            (connection,) = world.proxy.server.connections
            connection.close()
        assert not world.proxy.under_way
        may_connect.set()
        await world.ask("GET", "/y")
        assert [asked.path for asked in world.first().asked] == ["/y"]

    play(tmp_path, test)


def test_a_watch_that_breaks_off_is_no_reason_to_avoid_a_member(tmp_path):
    async def test(world):
        endpoints = world.director.endpoints()
        async with world.client.opened(world.url, "/endless", {}) as (head, connection):
            assert head.status == 200
            with pytest.raises(NoAnswer):
                await connection.piece()
        assert world.director.endpoints() == endpoints

    play(tmp_path, test, proxy_read_timeout_ms=50)


# -- who the members are ----------------------------------------------------------------------


def test_it_says_whom_it_would_ask(tmp_path):
    async def test(world):
        answer = await world.ask("GET", "/v2/config/local/proxy")
        assert json.loads(answer.body) == {"endpoints": world.director.endpoints()}
        answer = await world.ask("PUT", "/v2/config/local/proxy")
        assert (answer.status, dict(answer.headers)["allow"]) == (405, "GET")

    play(tmp_path, test)


def test_members_that_come_and_go_are_found(tmp_path):
    async def test(world):
        for member in world.members:
            member.told = [world.members[1].url, "http://h9:1"]
        world.nursery.start_soon(world.director.run)
        await trio.sleep(0.5)
        assert {*world.director.endpoints()} == {world.members[1].url, "http://h9:1"}

    play(tmp_path, test, proxy_refresh_interval_ms=20)


def test_the_members_are_kept_in_the_file_of_etcd(tmp_path):
    async def test(world):
        file = tmp_path / "data" / "proxy" / "cluster"
        assert file.read_text() == f'{{"PeerURLs":["{world.members[0].url}"]}}'
        assert file.stat().st_mode & 0o777 == 0o600
        found = await director.first_peer_urls(world.settings)
        assert found == [world.members[0].url]

    play(tmp_path, test)


def test_the_first_time_it_asks_whom_the_settings_name(tmp_path):
    members = (InitialMember("b", ("http://b:1",)), InitialMember("a", ("http://a:1",)))
    settings = Settings(data_dir=str(tmp_path), initial_cluster=members)
    assert trio.run(director.first_peer_urls, settings) == ["http://a:1", "http://b:1"]


@pytest.mark.parametrize("text", ["", "[]", '{"PeerURLs":[1]}', '{"PeerURLs":"x"}'])
def test_a_file_that_makes_no_sense_is_one_sentence(tmp_path, text):
    (tmp_path / "proxy").mkdir()
    (tmp_path / "proxy" / "cluster").write_text(text)
    with pytest.raises(UserError, match="should hold"):
        trio.run(director.first_peer_urls, Settings(data_dir=str(tmp_path)))


def test_when_it_ends_it_lets_go_of_all_connections_and_remembers_the_members(tmp_path):
    async def in_it():
        async with trio.open_nursery() as nursery:
            member = Endpoint(nursery, "one")
            (port,) = free_ports(1)
            settings = Settings(
                data_dir=str(tmp_path),
                proxy="on",
                listen_client_urls=(f"http://127.0.0.1:{port}",),
                initial_cluster=(InitialMember("one", (member.url,)),),
            )
            async with proxy.running(settings), HttpClient(10) as client:
                await client.request(settings.listen_client_urls[0], "GET", "/x")
                assert len(member.asked) == 1
            await until(lambda: not member.server.connections)
            member.listener.close()
            nursery.cancel_scope.cancel()
        again = replace(settings, initial_cluster=(InitialMember("x", ("http://127.0.0.1:1",)),))
        assert await director.first_peer_urls(again) == [member.url]

    trio.run(in_it)


# -- proxy or member --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "wish", "meant"),
    [
        ((), "off", False),
        ((), "readonly", True),
        (("member",), "on", False),
        (("proxy",), "off", True),
    ],
)
def test_what_was_here_before_counts_more_than_the_flag(tmp_path, there, wish, meant):
    for name in there:
        (tmp_path / name).mkdir()
    assert is_meant(Settings(data_dir=str(tmp_path), proxy=wish)) is meant


def test_data_of_both_are_refused(tmp_path):
    for name in ("member", "proxy"):
        (tmp_path / name).mkdir()
    with pytest.raises(UserError, match="of a member and of a proxy"):
        is_meant(Settings(data_dir=str(tmp_path)))


def test_it_cannot_take_a_port_that_is_taken(tmp_path):
    taken = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    settings = Settings(data_dir=str(tmp_path), proxy="on", listen_client_urls=(url,))
    with taken, pytest.raises(UserError, match="Nobody can listen"):
        trio.run(proxy.serve, settings)
