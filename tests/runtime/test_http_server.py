"""What clients of the HTTP server see, over real sockets; behind it there is no member."""

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
import trio.testing

from learnetcd.api.http import HttpRequest, HttpResponse, Submission
from learnetcd.member.request import Answer, KeyRequest, Method, Outcome
from learnetcd.runtime import connection, http_server
from learnetcd.runtime.connection import Stream
from learnetcd.runtime.http_server import HttpServer, listen
from learnetcd.store.errors import RAFT_INTERNAL, EtcdError

EVENT: Any = "event"  # the server hands it on, and does not look at it
DONE = Answer(Outcome.DONE)
WAITING = Answer(Outcome.WAITING)


class FakeDriver:
    """Notes what is asked, and lets the test answer."""

    def __init__(self) -> None:
        self.clients: dict[int, Any] = {}
        self.cancelled: list[int] = []
        self.asked = 0

    def next_request_id(self) -> int:
        self.asked += 1
        return self.asked

    def submit(self, request_id: int, request: Any, client: Any, patience_ms: Any) -> None:
        self.clients[request_id] = client

    def cancel(self, request_id: int) -> None:
        self.cancelled.append(request_id)
        self.clients.pop(request_id, None)

    def give_up(self, request_id: int, cause: str) -> None:
        client = self.clients[request_id]
        self.cancel(request_id)
        client.replied(Answer(Outcome.UNKNOWN, error=EtcdError(RAFT_INTERNAL, cause, 0)))

    async def client(self, request_id: int) -> Any:
        """Wait for the request, and give whoever asked."""
        await eventually(lambda: request_id in self.clients)
        return self.clients[request_id]


def handle(request: HttpRequest) -> HttpResponse | Submission:
    """Answer at once; but what is below /later must be asked for."""
    if not request.path.startswith("/later"):
        return HttpResponse(200, (), f"{request.path} ".encode() + request.body[:9])

    def respond(answer: Answer) -> HttpResponse:
        said = answer.error.cause.encode() if answer.error else b"answer"
        return HttpResponse(200, (), b"" if answer is WAITING else said)

    return Submission(KeyRequest(Method.GET, "/x"), respond, notice=lambda event: b"piece\n")


async def eventually(is_so: Callable[[], bool]) -> None:
    with trio.fail_after(10):
        while True:
            if is_so():
                return
            await trio.sleep(0.005)


class Client:
    """Somebody with a socket."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self.stream = stream
        self.read = b""

    async def send(self, text: str) -> None:
        await self.stream.send_all(text.encode())

    async def ask(self, path: str, *headers: str) -> None:
        await self.send("\r\n".join([f"GET {path} HTTP/1.1", "Host: h", *headers, "", ""]))

    async def until(self, end: str) -> str:
        """All up to and including some text."""
        with trio.fail_after(10):
            while end.encode() not in self.read:
                piece = await self.stream.receive_some()
                assert piece, f"it ended, and all it said was {self.read!r}"
                self.read += piece
        before, found, self.read = self.read.partition(end.encode())
        return (before + found).decode()

    async def rest(self) -> str:
        """All up to the end of the connection."""
        with trio.fail_after(10):
            while piece := await self.stream.receive_some():
                self.read += piece
        return self.read.decode()


class Running:
    """A server, and ways to talk to it."""

    def __init__(self, nursery: trio.Nursery) -> None:
        self.driver = FakeDriver()
        self.http = HttpServer(handle, self.driver)  # type: ignore[arg-type]
        self.listener = listen("127.0.0.1", 0)
        self.address = self.listener.getsockname()
        self.clients: list[Client] = []
        nursery.start_soon(self.http.run, [self.listener])

    async def connect(self) -> Client:
        client = Client(await trio.open_tcp_stream(*self.address))
        self.clients.append(client)
        return client


@asynccontextmanager
async def running() -> AsyncIterator[Running]:
    async with trio.open_nursery() as nursery:
        server = Running(nursery)
        try:
            yield server
        finally:
            nursery.cancel_scope.cancel()
            server.listener.close()
            for client in server.clients:
                client.stream.socket.close()


def run(test: Callable[..., Any]) -> Callable[[], None]:
    """Make a test of a coroutine that is given a server."""

    async def with_server() -> None:
        async with running() as server:
            await test(server)

    def in_trio() -> None:
        trio.run(with_server)

    in_trio.__name__ = test.__name__
    in_trio.__doc__ = test.__doc__
    return in_trio


# -- one request after the other ---------------------------------------------------------------


@run
async def test_a_connection_serves_one_request_after_the_other(server):
    client = await server.connect()
    for path in ("/a", "/b"):
        await client.ask(path)
        said = await client.until(f"{path} ")
        assert said.startswith("HTTP/1.1 200 OK\r\n")
        assert f"Content-Length: {len(path) + 1}\r\n" in said


@run
async def test_requests_sent_together_are_answered_in_their_order(server):
    """The second is not begun before the first is answered: it may want to see what that did."""
    client = await server.connect()
    for path in ("/later", "/b", "/later", "/c"):
        await client.ask(path)
    first = await server.driver.client(1)
    await trio.testing.wait_all_tasks_blocked()
    assert client.read == b""
    assert server.driver.asked == 1
    first.replied(DONE)
    assert "answer" in await client.until("/b ")
    (await server.driver.client(2)).replied(DONE)
    assert "answer" in await client.until("/c ")


@run
async def test_a_thousand_requests_in_one_piece_are_answered(server):
    client = await server.connect()
    await client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n" * 1000)
    await client.ask("/last")
    said = await client.until("/last ")
    assert said.count("HTTP/1.1 200 OK") == 1001


@run
async def test_the_body_of_an_answer_to_head_is_only_counted(server):
    client = await server.connect()
    await client.send("HEAD /abc HTTP/1.1\r\nHost: h\r\n\r\n")
    await client.ask("/next")
    said = await client.until("/next ")
    assert "Content-Length: 5\r\n" in said
    assert "/abc" not in said


@run
async def test_a_client_that_waits_for_it_is_told_to_send_its_body(server):
    client = await server.connect()
    await client.send(
        "PUT /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
    )
    assert await client.until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n"
    await client.send("body")
    assert "/a body" in await client.until("body")


# -- the end of a connection -------------------------------------------------------------------


@run
async def test_a_connection_ends_after_the_last_request(server):
    client = await server.connect()
    await client.ask("/a", "Connection: close")
    said = await client.rest()
    assert "Connection: close\r\n" in said
    assert said.endswith("/a ")


@run
async def test_what_is_no_http_is_not_answered(server):
    client = await server.connect()
    await client.send("GARBAGE\r\n\r\n")
    assert await client.rest() == ""


@run
async def test_a_bad_request_is_answered_after_those_before_it_and_ends_the_connection(server):
    client = await server.connect()
    await client.ask("/a")
    await client.send("GET /b HTTP/1.1\r\nno colon\r\n\r\nGET /c HTTP/1.1\r\nHost: h\r\n\r\n")
    said = await client.rest()
    assert "/a HTTP/1.1 400 Bad Request\r\n" in said
    assert "Connection: close\r\n" in said
    assert said.endswith("400 Bad Request")


@run
async def test_who_says_no_more_still_gets_the_answers(server):
    client = await server.connect()
    await client.ask("/later")
    await client.ask("/b")
    await client.stream.send_eof()
    (await server.driver.client(1)).replied(DONE)
    said = await client.rest()
    assert "answer" in said
    assert said.endswith("/b ")


@run
async def test_of_a_body_that_is_too_large_the_answer_can_still_be_read(server):
    client = await server.connect()
    await client.send(f"PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: {100 << 20}\r\n\r\n")

    async def send_on_and_on() -> None:
        while True:
            await client.stream.send_all(bytes(1 << 16))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(send_on_and_on)
        said = await client.rest()
        nursery.cancel_scope.cancel()
    assert "Connection: close\r\n" in said
    assert "/a " in said


def test_who_knocks_while_the_door_is_closed_does_no_harm():
    """Who goes on first, the one who lets in or the one who closes, is chance: so it is tried."""

    async def play() -> None:
        for _ in range(12):
            async with running() as server:
                await trio.sleep(0.01)
                with socket.create_connection(server.address):
                    await trio.lowlevel.checkpoint()
                    with trio.move_on_after(0.05):  # it would wait for whoever was let in
                        await server.http.stop([server.listener])
                assert server.http.is_stopping  # and nothing was raised

    trio.run(play)


@run
async def test_who_goes_away_is_owed_nothing_any_more(server):
    client = await server.connect()
    await client.ask("/later")
    await server.driver.client(1)
    reset(client)
    await eventually(lambda: server.driver.cancelled == [1])
    assert server.http.connections == {}


def reset(client: Client) -> None:
    """Go away without a farewell."""
    no_time = b"\x01\x00\x00\x00\x00\x00\x00\x00"
    client.stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_time)
    client.stream.socket.close()


# -- watching ----------------------------------------------------------------------------------


@run
async def test_a_watcher_hears_at_once_that_it_is_heard_and_then_what_happens(server):
    client = await server.connect()
    await client.ask("/later")
    watcher = await server.driver.client(1)
    watcher.replied(WAITING)
    head = await client.until("\r\n\r\n")
    assert "Transfer-Encoding: chunked\r\n" in head
    assert "Content-Length" not in head
    watcher.notified(EVENT, done=False)
    watcher.notified(EVENT, done=True)
    assert await client.until("0\r\n\r\n") == "6\r\npiece\n\r\n" * 2 + "0\r\n\r\n"
    await client.ask("/next")
    assert "/next" in await client.until("/next ")


@run
async def test_an_old_client_is_told_without_chunks_until_the_connection_ends(server):
    client = await server.connect()
    await client.send("GET /later HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    watcher = await server.driver.client(1)
    watcher.replied(WAITING)
    watcher.notified(EVENT, done=True)
    head, _, body = (await client.rest()).partition("\r\n\r\n")
    assert "chunked" not in head
    assert body == "piece\n"


@run
async def test_a_watcher_that_goes_away_is_forgotten(server):
    client = await server.connect()
    await client.ask("/later")
    (await server.driver.client(1)).replied(WAITING)
    await client.until("\r\n\r\n")
    await client.stream.send_eof()
    await eventually(lambda: server.driver.cancelled == [1])
    assert await client.rest() == ""


@run
async def test_a_watcher_that_has_just_gone_does_no_harm_when_it_is_told(server):
    """The event and the end of the connection may cross; then nobody is told, and that is all."""
    for number, is_over in enumerate((False, True), 1):
        client = await server.connect()
        await client.ask("/later")
        watcher = await server.driver.client(number)
        watcher.replied(WAITING)
        await client.until("\r\n\r\n")
        reset(client)
        watcher.notified(EVENT, done=is_over)
        assert server.driver.cancelled[-1] == number


@run
async def test_a_server_that_stops_bears_with_a_watcher_that_has_just_gone(server):
    client = await server.connect()
    await client.ask("/later")
    (await server.driver.client(1)).replied(WAITING)
    await client.until("\r\n\r\n")
    reset(client)
    await server.http.stop([server.listener])
    assert server.http.connections == {}


@run
async def test_a_watcher_that_does_not_listen_is_dropped_at_a_hundred_events(server):
    client = await server.connect()
    await client.ask("/later")
    watcher = await server.driver.client(1)
    watcher.replied(WAITING)
    told = 0
    while not server.driver.cancelled:
        watcher.notified(EVENT, done=False)
        told += 1
        assert told < 10_000_000
    with trio.fail_after(60):
        assert (await client.until("0\r\n\r\n")).count("piece") == told


@run
async def test_who_floods_us_while_watching_is_shown_out(server):
    client = await server.connect()
    await client.ask("/later")
    (await server.driver.client(1)).replied(WAITING)
    await client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n" * 3000)
    await eventually(lambda: server.driver.cancelled == [1])
    assert server.http.connections == {}


# -- streams -----------------------------------------------------------------------------------


@run
async def test_what_is_written_in_one_round_of_the_poller_is_sent_at_its_end(server):
    waiting = []

    def begun(sink):
        for piece in (b"one", b"two"):
            sink.write(piece)
        waiting.append(sink)
        assert sink.unsent == 3  # with the head

    server.http.handle = lambda request: Stream(HttpResponse(200, ()), begun, lambda sink: None)
    client = await server.connect()
    await client.ask("/stream")
    assert (await client.until("two\r\n")).endswith("\r\n\r\n3\r\none\r\n3\r\ntwo\r\n")
    (sink,) = waiting
    sink.write(b"three")
    assert sink.unsent == 0  # nobody is called now
    sink.close()
    sink.write(b"four")  # then nobody is told, and that is all
    assert "four" not in await client.rest()


# -- patience ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "patience"),
    [
        ("", "IDLE_S"),
        ("GET / HTTP/1.1\r\nHo", "HEAD_S"),
        ("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf", "BODY_S"),
    ],
)
def test_who_keeps_us_waiting_is_shown_out(monkeypatch, sent, patience):
    """Slow loris: a byte now and then does not buy more time."""
    monkeypatch.setattr(http_server, "LOOK_AROUND_S", 0.01)
    for name in ("IDLE_S", "HEAD_S", "BODY_S"):
        monkeypatch.setattr(connection, name, 1 if name == patience else 1000)

    @run
    async def shown_out(server):
        client = await server.connect()
        await client.send(sent)
        with trio.fail_after(10):
            assert await client.rest() == ""

    shown_out()


@run
async def test_who_waits_for_us_may_wait_for_long(server):
    client = await server.connect()
    await client.ask("/later")
    await server.driver.client(1)
    (only,) = server.http.connections
    assert only.patience_s is None


# -- stopping ----------------------------------------------------------------------------------


@run
async def test_a_server_that_stops_finishes_what_it_has_begun(server):
    idle, asking, watching = [await server.connect() for _ in range(3)]
    await idle.ask("/a")
    await idle.until("/a ")
    await asking.ask("/later")
    await watching.ask("/later")
    (await server.driver.client(2)).replied(WAITING)
    await watching.until("\r\n\r\n")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(server.http.stop, [server.listener])
        assert await idle.rest() == ""
        assert await watching.rest() == "0\r\n\r\n"
        (await server.driver.client(1)).replied(DONE)
        said = await asking.rest()
        assert said.endswith("answer")
        assert "Connection: close\r\n" in said
        for client in (idle, asking, watching):
            client.stream.socket.close()
    with pytest.raises(OSError, match="all attempts to connect"):
        await server.connect()


@run
async def test_a_server_that_stops_does_not_wait_for_who_asks_nothing(server):
    silent, idle, begun = [await server.connect() for _ in range(3)]
    await idle.ask("/a")
    await idle.until("/a ")
    await begun.send("GET /b HT")
    await eventually(
        lambda: any(not one.reader.is_between_requests for one in server.http.connections)
    )
    began = trio.current_time()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(server.http.stop, [server.listener])
        assert await begun.rest() == ""
        begun.stream.socket.close()
    assert trio.current_time() - began < 1  # the two others are still open on their side
    assert await silent.rest() == await idle.rest() == ""


def test_who_still_waits_when_a_server_stops_is_told_so(monkeypatch):
    """The request may be done or not: so says etcd, too (tests/oracle/test_in_flight.py)."""
    monkeypatch.setattr(http_server, "ANSWERS_S", 0.1)

    @run
    async def stopped(server):
        waiting, answered = await server.connect(), await server.connect()
        await waiting.ask("/later")
        await server.driver.client(1)
        await answered.ask("/later")
        other = await server.driver.client(2)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(server.http.stop, [server.listener])
            await eventually(lambda: server.http.is_stopping)
            other.replied(DONE)
        assert (await waiting.rest()).endswith("etcdserver: server stopped")
        assert (await answered.rest()).endswith("answer")

    stopped()


def test_a_server_that_stops_does_not_wait_for_ever(monkeypatch):
    monkeypatch.setattr(http_server, "ANSWERS_S", 0.1)
    monkeypatch.setattr(http_server, "STOPPING_S", 0.1)

    @run
    async def stopped(server):
        client = await server.connect()
        await client.ask("/later")
        await server.driver.client(1)
        monkeypatch.setattr(server.driver, "give_up", lambda *_: None)
        with trio.fail_after(5):
            await server.http.stop([server.listener])

    stopped()
