"""The upstreams: a proxy's connections to members, each for one request after the other.

    client   --GET /v2/keys/x-->   proxy   --GET /v2/keys/x-->   member
    client   <------- 200 -------  proxy   <------- 200 -------  member
                                     |
                                     +--- the connection to the member is kept for the next request

To connect takes a round trip, and with TLS a handshake, which costs more than many requests. So a
connection whose answer has come to its end is kept; whoever asks next takes the one that was used
last. All of them are told by the server's poller when something comes, as those of clients are. So
a request and its answer pass without a task that would have to be put to sleep and woken, and a
member that closes a connection is noticed at once, not by the next request.

A task is needed only by what waits: to connect, to send what a socket does not take at once, and
for a client that does not listen. Until that one does, its member is not listened to, either, so
that nothing piles up here.

Differs: etcd asks once more on a new connection if the kept one turns out to be closed. Here the
request counts as one that may have been heard.

Source: Go's net/http, transport.go; etcd 3.4 pkg/transport/timeout_transport.go (the limits).

Next page: `proxy`.
"""

from __future__ import annotations

import math
import socket
from typing import Protocol
from urllib.parse import urlsplit

import httptools
import trio

from learnetcd.runtime.answer_reader import AnswerReader
from learnetcd.runtime.connection import READ_BYTES, Connection
from learnetcd.runtime.http_client import PORTS, NoAnswer, within
from learnetcd.runtime.http_server import HttpServer
from learnetcd.runtime.mistrust import why
from learnetcd.runtime.settings import Settings
from learnetcd.runtime.tls import NotTrusted, SecuredSocket, Tls, client_context

MOST_IDLE = 128
"""Connections to one member that are kept: so many clients at a time cost no new ones."""


class Asker(Protocol):
    """Who has asked a member, and why."""

    client: Connection
    """For whom."""

    def heard(self, answer: AnswerReader) -> None:
        """More of the answer has come."""

    def failed(self, why: str) -> None:
        """No more will come, though it is not complete."""


class Upstreams:
    """All connections to members."""

    def __init__(self, settings: Settings, server: HttpServer, tls: Tls) -> None:
        """The poller of the server whose clients ask looks after them, too."""
        self.server = server
        self.dial_s = limit_s(settings.proxy_dial_timeout_ms)
        self.write_s = limit_s(settings.proxy_write_timeout_ms)
        self.read_s = limit_s(settings.proxy_read_timeout_ms)
        self._tls = tls
        self._idle: dict[str, list[Upstream]] = {}

    def idle(self, url: str) -> Upstream | None:
        """A connection to a member that has nothing to do, if there is one."""
        idle = self._idle.get(url)
        return idle.pop() if idle else None

    async def connect(self, url: str) -> Upstream:
        """A new one; `NoAnswer` if nobody is there whom we believe."""
        with within(self.dial_s):
            return Upstream(url, await connected(url, self._tls), self)

    def keep(self, upstream: Upstream) -> None:
        """Keep one for the next request."""
        idle = self._idle.setdefault(upstream.url, [])
        if len(idle) < MOST_IDLE:
            idle.append(upstream)
        else:
            upstream.close()

    def forget(self, upstream: Upstream) -> None:
        """One has ended."""
        idle = self._idle.get(upstream.url, [])
        if upstream in idle:
            idle.remove(upstream)

    def close(self) -> None:
        """Let go of those that were kept."""
        for idle in self._idle.values():
            for upstream in list(idle):
                upstream.close()


def limit_s(limit_ms: int) -> float:
    """A limit of the settings, where 0 stands for none."""
    return limit_ms / 1000 if limit_ms else math.inf


class Upstream:
    """One connection to a member."""

    # fmt: off
    __slots__ = (
        "_answer", "_asker", "_is_listening", "_limit", "_pool", "_rest", "_socket", "host",
        "is_closed", "url",
    )
    # fmt: on

    def __init__(self, url: str, connected: socket.socket, pool: Upstreams) -> None:
        """Begin with nothing asked."""
        self.url = url
        self.host = urlsplit(url).netloc
        self.is_closed = False
        self._pool = pool
        self._socket = connected
        self._asker: Asker | None = None
        self._answer: AnswerReader
        """What has come of the answer, as long as somebody waits for it."""
        self._rest = b""
        """What the socket has not taken yet of the request."""
        self._limit = trio.CancelScope()
        """Ends when the member was silent for too long, if there is such a limit."""
        self._is_listening = False
        self._listen()
        if pool.read_s < math.inf:
            pool.server.nursery.start_soon(self._wait_for_silence)

    def ask(self, method: str, question: bytes, asker: Asker) -> None:
        """Send a request; the asker is told of the answer, or that there is none."""
        self._asker, self._answer = asker, AnswerReader(method)
        self._limit_silence(self._pool.read_s)
        try:
            sent = self._socket.send(question)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            self._fail(str(error))
            return
        if sent < len(question):
            self._rest = question[sent:]
            self._pool.server.nursery.start_soon(self._send_rest)

    async def _send_rest(self) -> None:
        """Send what the socket did not take, as it takes it."""
        try:
            with within(self._pool.write_s):
                while self._rest:
                    await trio.lowlevel.wait_writable(self._socket)
                    try:
                        self._rest = self._rest[self._socket.send(self._rest) :]
                    except BlockingIOError:
                        continue
        except trio.ClosedResourceError:
            return  # by ourselves
        except (OSError, NoAnswer) as error:
            self._fail(str(error))

    # -- what comes ---------------------------------------------------------------------------

    def _listen(self) -> None:
        self._is_listening = True
        self._pool.server.poller.add(self._socket, self._readable)

    def _listen_no_more(self) -> None:
        if self._is_listening:
            self._is_listening = False
            self._pool.server.poller.remove(self._socket)

    def _readable(self) -> None:
        """Take what has come; called by the poller."""
        if self.is_closed:
            return  # by somebody who was called just before
        asker = self._asker
        if asker is not None and asker.client.unsent:
            self._listen_no_more()
            self._pool.server.nursery.start_soon(self._wait_for, asker.client)
            return
        try:
            data = self._socket.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._fail(str(error))
            return
        if asker is None:
            self.close()  # it ends, or says what nobody has asked
        elif data:
            self._take(data, asker)
        else:
            self._fail("the connection was closed before the answer was complete")

    async def _wait_for(self, client: Connection) -> None:
        """Listen again when the client has taken what came before."""
        self._limit_silence(math.inf)  # of the member, for it is the client who waits
        await client.taken()
        if not self.is_closed:
            self._limit_silence(self._pool.read_s)
            self._listen()

    def _take(self, data: bytes, asker: Asker) -> None:
        answer = self._answer
        try:
            answer.feed(data)
        except httptools.HttpParserError as error:
            self._fail(f"the answer is no HTTP: {error}")
            return
        if answer.is_complete:
            self._settle()  # first, for when the client is told, it may ask for more at once
        else:
            self._limit_silence(self._pool.read_s)
        asker.heard(answer)

    def _settle(self) -> None:
        """The answer is complete."""
        self._asker = None
        self._limit_silence(math.inf)
        if self._answer.keeps_alive and not self._rest:
            self._pool.keep(self)
        else:
            self.close()

    # -- the end ------------------------------------------------------------------------------

    def _limit_silence(self, seconds: float) -> None:
        """Let the member be silent for so long, from now on."""
        if self._pool.read_s < math.inf:
            self._limit.deadline = trio.current_time() + seconds

    async def _wait_for_silence(self) -> None:
        """End when there was nothing to hear for too long."""
        with self._limit:
            await trio.sleep_forever()
        if not self.is_closed:
            self._fail(f"nothing came within {self._pool.read_s:g} s")

    def _fail(self, why: str) -> None:
        asker = self._asker
        self.close()
        if asker is not None:
            asker.failed(why)

    def close(self) -> None:
        """Let go at once; nobody is told any more."""
        if self.is_closed:
            return
        self.is_closed, self._asker, self._rest = True, None, b""
        self._limit.cancel()
        self._pool.forget(self)
        self._listen_no_more()
        trio.lowlevel.notify_closing(self._socket)
        self._socket.close()


async def connected(url: str, tls: Tls) -> socket.socket:
    """Connect to a member; `NoAnswer` if nobody is there, or nobody whom we believe."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:  # a member may name an address that makes no sense
        stream = await trio.open_tcp_stream(host, parts.port or PORTS.get(parts.scheme, 0))
    except (OSError, ValueError) as error:
        raise NoAnswer(str(error)) from error
    plain = socket.socket(fileno=stream.socket.detach())
    plain.setblocking(False)
    if parts.scheme != "https":
        return plain
    try:
        secured = SecuredSocket(plain, client_context(tls.files), host)
    except (OSError, ValueError) as error:
        plain.close()
        raise NoAnswer(f"no handshake: {why(error)}") from error
    try:
        await secured.shake_hands()
        tls.check_names(secured.certificate())
    except (OSError, NotTrusted) as error:
        secured.close()
        raise NoAnswer(f"no handshake: {why(error)}") from error
    except BaseException:
        secured.close()
        raise
    return secured
