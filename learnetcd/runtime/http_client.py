"""The HTTP client: how a member asks other members.

    async with HttpClient(timeout_s=5) as client:
        response = await client.request("http://10.0.0.2:2380", "GET", "/version")
        async with client.opened("http://10.0.0.2:2380", path, headers) as (head, connection):
            piece = await connection.piece()

A request that is answered is one round trip on a connection that is kept for the next one. A stream
has a connection of its own, and ends with it.

Every wait has a limit, and everything that can go wrong on the way is one error, `NoAnswer`, with a
sentence: whoever asks other machines must expect that they are not there.

Source: RFC 9112.

Left out: redirects, cookies, compression. Members need none of them.

Next page: `credentials`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Self
from urllib.parse import urlsplit

import httptools
import trio

from learnetcd.api.http import HttpResponse
from learnetcd.runtime.answer_reader import AnswerReader
from learnetcd.runtime.credentials import Credentials
from learnetcd.runtime.forward_proxy import ForwardProxy, NotPassedOn
from learnetcd.runtime.mistrust import why
from learnetcd.runtime.tls import NotTrusted, Tls, client_context

READ_BYTES = 1 << 16
PORTS = {"http": 80, "https": 443}
MOST_IDLE = 4
"""Connections to one server that are kept for the next request."""


NOTHING_SHOWN = Credentials()

Stream = trio.SocketStream | trio.SSLStream[trio.SocketStream]


class NoAnswer(Exception):
    """There was no answer that could be understood; the sentence says why."""


class NotAsked(NoAnswer):
    """There was nobody to ask: the request has surely not been heard."""


class NotBelieved(NotAsked):
    """Somebody is there, but TLS does not come about: we don't believe them, or they don't us."""


class ClientConnection:
    """One connection to one server, and what is being read from it."""

    def __init__(
        self, stream: Stream, host: str, origin: str = "", always: Mapping[str, str] | None = None
    ) -> None:
        """Ask over a stream. A proxy is told the `origin` with each path, and some headers."""
        self._stream = stream
        self._socket = (
            stream.socket
            if isinstance(stream, trio.SocketStream)
            else stream.transport_stream.socket
        )
        self._origin = origin
        self._always = {"host": host, **(always or {})}
        self._answer: AnswerReader

    async def ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
    ) -> HttpResponse:
        """Send a request, and wait for the head of the answer; `piece` gives the rest."""
        self._answer = AnswerReader(method)
        lines = [f"{method} {self._origin}{path} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in {**self._always, **headers}.items()]
        if body or method not in {"GET", "HEAD"}:
            lines.append(f"Content-Length: {len(body)}")
        head = "\r\n".join(lines) + "\r\n\r\n"
        with failing_as_no_answer():
            await self._stream.send_all(head.encode("latin-1") + body)
        while not self._answer.has_head:
            await self._read_more()
        return HttpResponse(self._answer.status, self._answer.headers)

    async def piece(self) -> bytes:
        """Give what comes next of the body, as soon as it is there; b"" if that was all."""
        while not (piece := self._answer.taken()) and not self._answer.is_complete:
            await self._read_more()
        return piece

    async def whole_body(self) -> bytes:
        """Read all of the body."""
        pieces = []
        while piece := await self.piece():
            pieces.append(piece)
        return b"".join(pieces)

    async def _read_more(self) -> None:
        with failing_as_no_answer():
            data = await self._stream.receive_some(READ_BYTES)
            if not data and not (self._answer.has_head and self._answer.end()):
                raise NoAnswer("the connection was closed before the answer was complete")
            if data:
                self._answer.feed(data)

    @property
    def may_go_on(self) -> bool:
        """Whether another request may be sent here."""
        return self._answer.is_complete and self._answer.keeps_alive

    @property
    def is_quiet(self) -> bool:
        """Whether nothing has come that nobody asked for: not even the end."""
        return not self._socket.is_readable()

    def close(self) -> None:
        """Let go, at once."""
        self._socket.close()


class HttpClient:
    """Asks servers, and keeps connections to them for the next request."""

    def __init__(
        self,
        timeout_s: float,
        routes: Sequence[tuple[str, str]] = (),
        tls: Tls | None = None,
        proxy: ForwardProxy | None = None,
        shown: Credentials = NOTHING_SHOWN,
    ) -> None:
        """No answer within this time is none. `routes`: where a URL leads, if not to itself.

        `proxy`: who asks for us, whatever it is; nobody, if there is none.
        `shown`: who we are, and whom we believe at https. Members have a `tls` for that.
        """
        self.timeout_s = timeout_s
        self._routes = dict(routes)
        self._tls = tls or Tls(shown.files)
        self._proxy = proxy
        self._headers = shown.headers
        self._idle: dict[str, list[ClientConnection]] = {}

    async def __aenter__(self) -> Self:
        """Ask within."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Let go of the connections that were kept."""
        self.close()

    def close(self) -> None:
        """Let go of the connections that were kept."""
        for connections in self._idle.values():
            for connection in connections:
                connection.close()

    async def request(
        self,
        url: str,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> HttpResponse:
        """Ask, and read the whole answer; `NoAnswer` if there is none."""
        with within(self.timeout_s):
            connection = self._kept(url) or await self._connect(url)
            said = {**self._headers, **(headers or {})}
            return await self._ask(url, connection, method, path, said, body)

    def _kept(self, url: str) -> ClientConnection | None:
        """A connection that was kept, and that the other side has not closed meanwhile.

        If it closes it only now, there is no answer, and the request may have been heard. To ask
        again would be to ask twice: a write that was passed on to the leader would be done twice.
        """
        idle = self._idle.get(url, [])
        while idle:
            connection = idle.pop()
            if connection.is_quiet:
                return connection
            connection.close()
        return None

    async def _connect(self, url: str) -> ClientConnection:
        return await connected(url, self._routes.get(url, url), self._tls, self._proxy)

    async def _ask(
        self,
        url: str,
        connection: ClientConnection,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
    ) -> HttpResponse:
        try:
            head = await connection.ask(method, path, headers, body)
            whole = await connection.whole_body()
        except BaseException:
            connection.close()
            raise
        self._keep(url, connection)
        return HttpResponse(head.status, head.headers, whole)

    def _keep(self, url: str, connection: ClientConnection) -> None:
        """Keep a connection for the next request, if it is good for one."""
        idle = self._idle.setdefault(url, [])
        if connection.may_go_on and len(idle) < MOST_IDLE:
            idle.append(connection)
        else:
            connection.close()

    @asynccontextmanager
    async def opened(
        self, url: str, path: str, headers: Mapping[str, str]
    ) -> AsyncIterator[tuple[HttpResponse, ClientConnection]]:
        """Ask for something endless: the head of the answer, and the connection to read it from."""
        with within(self.timeout_s):
            connection = await self._connect(url)
            try:
                head = await connection.ask("GET", path, {**self._headers, **headers})
            except BaseException:
                connection.close()
                raise
        try:
            yield head, connection
        finally:
            connection.close()


async def connected(
    url: str, way: str, tls: Tls, proxy: ForwardProxy | None = None
) -> ClientConnection:
    """Connect to whoever listens at a URL, by the way that leads there."""
    try:
        parts = urlsplit(way)
        there = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
        host, port = (proxy.host, proxy.port) if proxy else there
        plain = await trio.open_tcp_stream(host, port)
    except (OSError, ValueError) as error:  # the cluster may name an address that makes no sense
        raise NotAsked(str(error)) from error
    if parts.scheme != "https":
        origin, always = (f"http://{parts.netloc}", proxy.headers) if proxy else ("", None)
        return ClientConnection(plain, parts.netloc, origin, always)
    try:
        if proxy:
            await proxy.connect_through(plain, *there)
        # Whatever the way: the certificate must be that of whom we wanted to ask.
        host = urlsplit(url).hostname or ""
        secured = trio.SSLStream(
            plain, client_context(tls.files), server_hostname=host, https_compatible=True
        )
        await secured.do_handshake()
        tls.check_names(secured.getpeercert() or {})
    except NotPassedOn as error:
        plain.socket.close()
        raise NotAsked(str(error)) from error
    except (OSError, ValueError, trio.BrokenResourceError, NotTrusted) as error:
        plain.socket.close()
        raise NotBelieved(f"no handshake: {why(error.__cause__ or error)}") from error
    except BaseException:
        plain.socket.close()
        raise
    return ClientConnection(secured, parts.netloc)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Wait no longer than this."""
    try:
        with trio.fail_after(seconds):
            yield
    except trio.TooSlowError:
        raise NoAnswer(f"nothing came within {seconds:g} s") from None


@contextmanager
def failing_as_no_answer() -> Iterator[None]:
    """Let everything that may go wrong on the way be a `NoAnswer`."""
    try:
        yield
    except (OSError, trio.BrokenResourceError, trio.ClosedResourceError) as error:
        why = str(error) or str(error.__cause__ or "") or type(error).__name__
        raise NoAnswer(why) from error
    except httptools.HttpParserError as error:
        raise NoAnswer(f"the answer is no HTTP: {error}") from error
