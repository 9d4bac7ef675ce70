"""The proxy: it holds no data, and passes on what clients ask to whoever does.

    curl --> proxy, on this machine --> one of the members, wherever they are
                  |
                  +-- director: which members there are, and which to avoid

A program asks the proxy beside it, at an address that never changes, and need not know the members.
The proxy is no member: it has no vote, and a cluster may have any number of them. It adds no
promise and takes none away: what a member answers is what the client gets, errors too. A write
without a quorum, say, is refused by the member, after the member's own patience.

Headers that are about one connection end with it (*hop by hop*): each side of the proxy has its
own. And the member is told for whom we ask, in `X-Forwarded-For`.

Whoever comes through a proxy is, to a member that looks at certificates, the proxy: so its own must
not be made out to a user. (Names and passwords pass like all else.)

Source: etcd 3.4 proxy/httpproxy/reverse.go, proxy.go; RFC 9110 §7.6.1.

Differs: when a member fails with a request under way, etcd asks the next one, and a write may be
done twice. Here only a read is asked again; the client of a write is told (502), and must look.
The head of a watch and its events are passed on at once; in etcd they wait in a buffer until the
answer ends. An answer that breaks off does so for the client, too; etcd ends it as if it were
whole. The headers for web pages (`--cors`) are the proxy's alone; etcd's has them twice.

Left out: `/metrics` of the proxy itself: it has none, and passes that on as well.

Next page: `local_member`.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import trio

from learnetcd.api import access, pages, target
from learnetcd.api.http import Headers, HttpRequest, HttpResponse
from learnetcd.errors import UserError
from learnetcd.runtime import journal
from learnetcd.runtime.connection import Connection, Errand
from learnetcd.runtime.director import Director, first_peer_urls, folder_of
from learnetcd.runtime.http_client import ClientConnection, HttpClient, NoAnswer, within
from learnetcd.runtime.http_server import HttpServer
from learnetcd.runtime.notify import tell_systemd_ready
from learnetcd.runtime.securing import clients_files, peers_files, secured
from learnetcd.runtime.server import CLIENT_PORT, ENDINGS, allow_many_files, listen_at
from learnetcd.runtime.settings import Settings
from learnetcd.runtime.tls import Tls
from learnetcd.store import wording

CONFIGURATION = "/v2/config/local/proxy"
"""The one page of its own: whom it would ask."""
MOST_IDLE = 128
"""Connections to one member that are kept: so many clients at a time cost no new ones."""

# fmt: off
OF_ONE_CONNECTION = frozenset([
    "connection", "content-length", "expect", "keep-alive", "proxy-authenticate",
    "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
])
"""Headers that are not passed on: each connection has its own."""
# fmt: on
OF_THE_ANSWERER = ("access-control-", "date")
"""... and what only he says whom the client sees."""

Answering = tuple[str, ClientConnection, HttpResponse]
"""Who answers, over which connection, and the head of it."""


class Proxy:
    """What clients of a cluster see in place of its members."""

    def __init__(self, settings: Settings, director: Director) -> None:
        """Pass requests on to whom the director names."""
        self.director = director
        self.is_readonly = settings.proxy == "readonly"
        self._origins = frozenset(settings.cors)
        self._dial_s = limit_s(settings.proxy_dial_timeout_ms)
        self._write_s = limit_s(settings.proxy_write_timeout_ms)
        self._read_s = limit_s(settings.proxy_read_timeout_ms)
        files = clients_files(settings)
        # As in etcd: who has files for members only shows those to both of their ports.
        tls = Tls(files if files.names or files.is_self_signed else peers_files(settings))
        self._client = HttpClient(math.inf, (), tls, MOST_IDLE)

    def close(self) -> None:
        """Let go of the connections that were kept."""
        self._client.close()

    def handle(self, request: HttpRequest) -> HttpResponse | Errand:
        """Answer a request that is for us, and have a member asked all others."""
        if self.is_readonly and request.method != "GET":
            return HttpResponse(501, ())
        path = target.path_of(request)
        if path is None:
            return pages.bad_request()
        clean_path = target.cleaned(path)
        if clean_path != path:
            return pages.moved(request.method, target.location(clean_path, request.query))
        headers = access.sharing(self._origins, request)
        if request.method == "OPTIONS":
            return HttpResponse(200, headers)
        if path == CONFIGURATION:
            return self._configuration(request).plus(headers)
        return Errand(partial(self._pass_on, request, headers))

    def _configuration(self, request: HttpRequest) -> HttpResponse:
        if request.method != "GET":
            return pages.not_allowed("GET")
        urls = ",".join(wording.string(url) for url in self.director.endpoints())
        return pages.text(f'{{"endpoints":[{urls}]}}\n')

    # -- one request ----------------------------------------------------------------------------

    async def _pass_on(self, request: HttpRequest, own: Headers, client: Connection) -> None:
        """Ask a member, and tell the client what it says; `own` are headers that we add."""
        endpoints = self.director.endpoints()
        if not endpoints:
            words = "httpproxy: zero endpoints currently available"
            client.respond(pages.message(503, words).plus(own))
            return
        asked = passed_on(request, client.address)
        answering = await self._ask_one_of(endpoints, asked)
        await trio.lowlevel.checkpoint_if_cancelled()  # the client may have gone just now
        if answering is None:
            words = f"httpproxy: unable to get response from {len(endpoints)} endpoint(s)"
            client.respond(pages.message(502, words).plus(own))
            return
        url, member, head = answering
        try:
            await self._relay(request.method, member, head, own, client)
        except NoAnswer as error:
            self.director.failed(url, str(error))
            client.close()  # in the middle: who got a part must not take it for all
        finally:
            self._client.keep(url, member)  # or close it, if the answer was not read to its end

    async def _ask_one_of(self, endpoints: list[str], asked: HttpRequest) -> Answering | None:
        """The head of an answer, of the first member that gives one; None if nobody does."""
        for url in endpoints:
            try:
                with within(self._dial_s):
                    member = await self._client.connection_to(url)
            except NoAnswer as error:
                self.director.failed(url, str(error))
                continue
            try:
                return url, member, await self._head(member, asked)
            except NoAnswer as error:
                member.close()
                self.director.failed(url, str(error))
                if asked.method not in {"GET", "HEAD"}:
                    return None  # it may have been heard: to ask another might be to write twice
            except BaseException:
                member.close()
                raise
        return None

    async def _head(self, member: ClientConnection, asked: HttpRequest) -> HttpResponse:
        with within(self._write_s):
            await member.send(asked.method, whole_target(asked), asked.headers, asked.body)
        with within(self._read_s):
            return await member.head()

    async def _relay(
        self,
        method: str,
        member: ClientConnection,
        head: HttpResponse,
        own: Headers,
        client: Connection,
    ) -> None:
        """Tell the client what a member says: as it comes, if nobody knows how much it will be."""
        response = HttpResponse(head.status, passed_back(head.headers)).plus(own)
        length = dict(head.headers).get("content-length")
        if method == "HEAD":
            # Of the body only its length is told.
            body = bytes(int(length)) if length and length.isdecimal() else b""
            client.respond(HttpResponse(response.status, response.headers, body))
        elif length is not None or head.status in {204, 304}:
            body = b"".join([piece async for piece in self._pieces(member)])
            client.respond(HttpResponse(response.status, response.headers, body))
        else:
            client.begin(response)
            async for piece in self._pieces(member):
                client.write(piece)
                await client.taken()
            client.finish()

    async def _pieces(self, member: ClientConnection) -> AsyncIterator[bytes]:
        while True:
            with within(self._read_s):
                piece = await member.piece()
            await trio.lowlevel.checkpoint_if_cancelled()
            if not piece:
                return
            yield piece


def limit_s(limit_ms: int) -> float:
    """A limit of the settings, where 0 stands for none."""
    return limit_ms / 1000 if limit_ms else math.inf


# -- what changes on the way ------------------------------------------------------------------


def passed_on(request: HttpRequest, address: str) -> HttpRequest:
    """The request as a member gets it; `address` is the client's."""
    headers = without_those_of_one_connection(request.headers)
    if address:
        before = headers.get("x-forwarded-for")
        headers["x-forwarded-for"] = f"{before}, {address}" if before else address
    return HttpRequest(request.method, request.path, request.query, headers, request.body)


def without_those_of_one_connection(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that are meant for whoever answers in the end."""
    nominated = {name.strip().lower() for name in headers.get("connection", "").split(",")}
    ends_here = OF_ONE_CONNECTION | nominated
    return {name: value for name, value in headers.items() if name not in ends_here}


def passed_back(headers: Headers) -> Headers:
    """The headers of an answer as the client gets them, each name as Go writes it."""
    return tuple(
        (name.title(), value)
        for name, value in headers
        if name not in OF_ONE_CONNECTION and not name.startswith(OF_THE_ANSWERER)
    )


def whole_target(request: HttpRequest) -> str:
    """Path and query, as they came."""
    return f"{request.path}?{request.query}" if request.query else request.path


# -- from the start to the end ----------------------------------------------------------------


def is_meant(settings: Settings) -> bool:
    """Whether a proxy is to be started, not a member: what was here before counts most."""
    is_member = (Path(settings.data_dir) / "member").exists()
    is_proxy = folder_of(settings).exists()
    if is_member and is_proxy:
        raise UserError(
            f"{settings.data_dir} holds the data of a member and of a proxy: move one of the "
            "folders `member` and `proxy` away."
        )
    if is_member and settings.proxy != "off":
        journal.warn("starting the member whose data are here, and no proxy")
    if is_proxy and settings.proxy == "off":
        journal.warn("starting the proxy whose data are here, and no member")
    return is_proxy or (settings.proxy != "off" and not is_member)


def serve_until_ended(settings: Settings) -> int:
    """Be a proxy until a signal comes, and say which."""
    return trio.run(serve, settings)


async def serve(settings: Settings) -> int:
    """The same, in an event loop."""
    allow_many_files()
    settings = secured(settings)
    ended_by = 0
    with ExitStack() as opened:
        listeners = [
            opened.enter_context(listen_at(url, CLIENT_PORT)) for url in settings.listen_client_urls
        ]
        director = Director(settings, await first_peer_urls(settings))
        await director.refresh()
        proxy = Proxy(settings, director)
        opened.callback(proxy.close)
        server = HttpServer(proxy.handle, None, tls=Tls(clients_files(settings)))
        with trio.open_signal_receiver(*ENDINGS) as signals:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(director.run)
                nursery.start_soon(server.run, listeners)
                urls = settings.listen_client_urls
                journal.say("proxy: ready to serve client requests", urls=urls)
                tell_systemd_ready()
                async for number in signals:
                    ended_by = number
                    break
                await server.stop(listeners)
                nursery.cancel_scope.cancel()
    return ended_by
