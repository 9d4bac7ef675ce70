"""The proxy: it holds no data, and passes on what clients ask to whoever does.

    curl --> proxy, on this machine --> one of the members, wherever they are
                  |
                  +-- director: which members there are, and which to avoid

A program asks the proxy beside it, at an address that never changes, and need not know the members.
The proxy is no member: it has no vote, and a cluster may have any number of them. It adds no
promise and takes none away: what a member answers is what the client gets, errors too. A write
without a quorum, say, is refused by the member, after the member's own patience.

Headers that are about one connection end with it (*hop by hop*): each side of the proxy has its
own. And the member is told for whom we ask, in `X-Forwarded-For`. All else passes as it came, and
of an answer nothing is read but where it ends: so to pass it on costs about what a member pays for
a read.

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

import re
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import trio

from learnetcd.api import access, pages, target
from learnetcd.api.http import Headers, HttpRequest, HttpResponse
from learnetcd.errors import UserError
from learnetcd.runtime import journal
from learnetcd.runtime.answer_reader import AnswerReader
from learnetcd.runtime.connection import Connection, Stream
from learnetcd.runtime.director import Director, first_peer_urls, folder_of
from learnetcd.runtime.http_client import NoAnswer
from learnetcd.runtime.http_server import HttpServer
from learnetcd.runtime.notify import tell_systemd_ready
from learnetcd.runtime.securing import clients_files, peers_files, secured
from learnetcd.runtime.server import CLIENT_PORT, ENDINGS, allow_many_files, listen_at
from learnetcd.runtime.settings import Settings
from learnetcd.runtime.tls import Tls
from learnetcd.runtime.upstream import Upstream, Upstreams
from learnetcd.store import wording

CONFIGURATION = "/v2/config/local/proxy"
"""The one page of its own: whom it would ask."""

# fmt: off
OF_ONE_CONNECTION = frozenset([
    "connection", "content-length", "expect", "keep-alive", "proxy-authenticate",
    "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
])
"""Headers that are not passed on: each connection has its own."""
# fmt: on
FORWARDED = "x-forwarded-for"
"""For whom somebody asks, from the first client on."""
NOT_AS_THEY_CAME = OF_ONE_CONNECTION | {FORWARDED}
OF_THE_ANSWERER = (*OF_ONE_CONNECTION, "access-control-[^:]*", "date")
"""... and in answers what only he says, too, whom the client sees."""
NOT_PASSED_BACK = re.compile(rf"\n(?:{'|'.join(OF_THE_ANSWERER)}):[^\n]*", re.IGNORECASE)


class Proxy:
    """What clients of a cluster see in place of its members."""

    def __init__(
        self, settings: Settings, director: Director, listeners: Sequence[socket.socket]
    ) -> None:
        """Pass on to whom the director names what is asked at some ports."""
        self.director = director
        self.listeners = listeners
        self.is_readonly = settings.proxy == "readonly"
        self._origins = frozenset(settings.cors)
        files = clients_files(settings)
        self.server = HttpServer(self.handle, None, tls=Tls(files))
        # As in etcd: who has files for members only shows those to both of their ports.
        tls = Tls(files if files.names or files.is_self_signed else peers_files(settings))
        self.upstreams = Upstreams(settings, self.server, tls)
        self.under_way: dict[Passage, None] = {}
        """Requests that are not answered yet, in the order in which they came."""

    def close(self) -> None:
        """Let go of the connections that were kept."""
        self.upstreams.close()

    def handle(self, request: HttpRequest) -> HttpResponse | Stream:
        """Answer a request that is for us, and have a member asked all others."""
        if self.is_readonly and request.method != "GET":
            return HttpResponse(501, ())
        paths = target.paths_of(request)
        if paths is None:
            return pages.bad_request()
        path, clean_path = paths
        if clean_path != path:
            return pages.moved(request.method, target.location(clean_path, request.query))
        headers = access.sharing(self._origins, request)
        if request.method == "OPTIONS":
            return HttpResponse(200, headers)
        if path == CONFIGURATION:
            return self._configuration(request).plus(headers)
        passage = Passage(self, request, headers)
        return Stream(None, passage.begin, passage.end)

    def _configuration(self, request: HttpRequest) -> HttpResponse:
        if request.method != "GET":
            return pages.not_allowed("GET")
        urls = ",".join(wording.string(url) for url in self.director.endpoints())
        return pages.text(f'{{"endpoints":[{urls}]}}\n')


class Passage:
    """One request on its way to a member, and the answer on its way back."""

    # fmt: off
    __slots__ = (
        "_body", "_endpoints", "_has_begun", "_own", "_proxy", "_tried", "_upstream", "client",
        "request",
    )
    # fmt: on

    def __init__(self, proxy: Proxy, request: HttpRequest, own: Headers) -> None:
        """`own`: headers of ours in the answer."""
        self._proxy = proxy
        self.request = request
        self._own = own
        self.client: Connection
        self._endpoints: list[str] = []
        """All who might be asked, when the request came."""
        self._tried = 0
        """How many of them were."""
        self._upstream: Upstream | None = None
        """Where an answer is to come from, if somebody is asked just now."""
        self._body: list[bytes] = []
        """What came of an answer that is told when it is complete."""
        self._has_begun = False
        """Whether the client has its head."""

    @property
    def asked(self) -> str:
        """The endpoint that is asked just now; "" if there is none to ask."""
        return self._endpoints[self._tried - 1] if self._tried else ""

    def begin(self, client: Connection) -> None:
        """Ask a member."""
        self.client = client
        self._proxy.under_way[self] = None
        self._endpoints = self._proxy.director.endpoints()
        if self._endpoints:
            self._ask_next()
        else:
            self._fail(503, "httpproxy: zero endpoints currently available")

    def end(self, client: Connection) -> None:
        """The client is answered, or gone."""
        self._proxy.under_way.pop(self)
        if self._upstream is not None:
            self._upstream.close()  # in the middle of an answer: nobody wants the rest

    # -- to a member --------------------------------------------------------------------------

    def _ask_next(self) -> None:
        """Ask the next endpoint, by a connection that was kept, or else by a new one."""
        if self._tried == len(self._endpoints):
            self._give_up()
            return
        url = self._endpoints[self._tried]
        self._tried += 1
        upstream = self._proxy.upstreams.idle(url)
        if upstream is not None:
            self._ask(upstream)
        else:
            self._proxy.server.nursery.start_soon(self._connect, url)

    async def _connect(self, url: str) -> None:
        try:
            upstream = await self._proxy.upstreams.connect(url)
        except NoAnswer as error:
            self._proxy.director.failed(url, str(error))
            if self._is_wanted:
                self._ask_next()
            return
        if self._is_wanted:
            self._ask(upstream)
        else:
            self._proxy.upstreams.keep(upstream)

    @property
    def _is_wanted(self) -> bool:
        """Whether the client is still there."""
        return self in self._proxy.under_way

    def _ask(self, upstream: Upstream) -> None:
        self._upstream = upstream
        asked = question(self.request, self.client.address, upstream.host)
        upstream.ask(self.request.method, asked, self)

    def failed(self, why: str) -> None:
        """The member has not answered, or not to the end."""
        self._upstream = None
        if self._has_begun:
            self.client.close()  # who got a part must not take it for all
            return
        self._proxy.director.failed(self.asked, why)
        if self.request.method in {"GET", "HEAD"}:
            self._ask_next()
        else:
            self._give_up()  # it may have been heard: to ask another might be to write twice

    def _give_up(self) -> None:
        number = len(self._endpoints)
        self._fail(502, f"httpproxy: unable to get response from {number} endpoint(s)")

    def _fail(self, status: int, words: str) -> None:
        self.client.respond(pages.message(status, words).plus(self._own))

    # -- and back -----------------------------------------------------------------------------

    def heard(self, answer: AnswerReader) -> None:
        """Tell the client; as it comes, if nobody knows how much it will be."""
        if answer.is_complete:
            self._upstream = None
        elif not answer.has_head:
            return
        if self._has_begun or not (answer.is_complete or answer.length is not None):
            self._pass_on(answer)
            return
        self._body.append(answer.taken())
        if answer.is_complete:
            body = bytes(answer.length or 0) if answer.has_no_body else b"".join(self._body)
            self.client.respond(self._response(answer, body))

    def _response(self, answer: AnswerReader, body: bytes = b"") -> HttpResponse:
        return HttpResponse(answer.status, self._own, body, passed_back(answer.lines))

    def _pass_on(self, answer: AnswerReader) -> None:
        """Tell the client what came."""
        if not self._has_begun:
            self._has_begun = True
            self.client.begin(self._response(answer))
        piece = answer.taken()
        if piece:
            self.client.write(piece)
        if answer.is_complete and not self.client.is_closed:
            self.client.finish()


# -- what changes on the way ------------------------------------------------------------------


def question(request: HttpRequest, address: str, host: str) -> bytes:
    """The request as a member gets it: for a client at an address, at a member's host."""
    headers, left_out = request.headers, NOT_AS_THEY_CAME
    if "connection" in headers:
        left_out |= {name.strip().lower() for name in headers["connection"].split(",")}
    query = f"?{request.query}" if request.query else ""
    lines = [f"{request.method} {request.path}{query} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items() if name not in left_out]
    if "host" not in headers or "host" in left_out:
        lines.append(f"host: {host}")
    before = headers.get(FORWARDED)
    lines.append(f"{FORWARDED}: {before}, {address}" if before else f"{FORWARDED}: {address}")
    if request.body or request.method not in {"GET", "HEAD"}:
        lines.append(f"content-length: {len(request.body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + request.body


def passed_back(lines: str) -> str:
    """The headers of an answer as the client gets them, each with the end of its line."""
    kept = NOT_PASSED_BACK.sub("", lines)
    return f"{kept[1:]}\n" if kept else ""


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
    ended_by = 0
    async with running(secured(settings)) as proxy:
        with trio.open_signal_receiver(*ENDINGS) as signals:
            journal.say("proxy: ready to serve client requests", urls=settings.listen_client_urls)
            tell_systemd_ready()
            async for number in signals:
                ended_by = number
                break
            await proxy.server.stop(proxy.listeners)
    return ended_by


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Proxy]:
    """A proxy at its ports, until this ends."""
    with ExitStack() as opened:
        listeners = [
            opened.enter_context(listen_at(url, CLIENT_PORT)) for url in settings.listen_client_urls
        ]
        director = Director(settings, await first_peer_urls(settings))
        await director.refresh()
        proxy = Proxy(settings, director, listeners)
        opened.callback(proxy.close)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(director.run)
            nursery.start_soon(proxy.server.run, proxy.listeners)
            yield proxy
            nursery.cancel_scope.cancel()
