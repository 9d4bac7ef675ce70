"""An exchange: one question to one endpoint, and its answer.

    GET /v2/keys/msg?quorum=false&recursive=false&sorted=false HTTP/1.1

    HTTP/1.1 200 OK
    X-Etcd-Index: 9
    {"action":"get","node":{"key":"/msg","value":"hello","modifiedIndex":7,"createdIndex":7}}

Two clocks run: until the answer begins (`--timeout`), and until all is done (`--total-timeout`).
A watch has neither: etcd sends the head of its answer at once, and the body when something happens.

Source: etcd 3.4 client/client.go, client/curl.go; Go's net/url for what is escaped.
Left out: following redirects (no path that we ask for has one), the environment's proxies.
Next page: `client`.
"""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from learnetcd.api import curl
from learnetcd.api.curl import FORM, encoded, escaped
from learnetcd.ctl.credentials import Certificates, tls_trouble
from learnetcd.ctl.endpoints import Endpoint
from learnetcd.ctl.failures import DeadlineExceeded, NotReached, Trouble
from learnetcd.ctl.flags import quoted

NO_MORE: Mapping[str, str] = MappingProxyType({})
"""No more headers."""

NO_CERTIFICATES = Certificates()


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, of whichever member."""

    method: str
    path: str
    """Not escaped: `/v2/keys/a b`. Bytes that are not UTF-8 are in it as surrogates."""
    query: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    content_type: str = FORM
    waits: bool = False
    """Whether the answer may take for ever."""
    is_secret: bool = False
    """Whether the body is not for everybody who looks at the screen: a password is in it."""

    def target(self, root: str = "") -> str:
        """Its path and query, escaped; `root` is what comes before `/v2` at an endpoint."""
        path = escaped(root + self.path)
        return f"{path}?{encoded(self.query)}" if self.query else path

    def url(self, endpoint: Endpoint) -> str:
        """The whole, for curl."""
        return endpoint.text.rstrip("/") + self.target()

    def in_time(self) -> Request:
        """The same question, whose answer may not take for ever."""
        return replace(self, waits=False)

    @property
    def shown_body(self) -> str:
        """The body, for a screen."""
        return "(not shown)" if self.is_secret else self.body or ""

    def shell_line(self, endpoint: Endpoint, how: str = "") -> str:
        """The same for a person to copy: what a shell would take apart is quoted."""
        body = None if self.body is None else self.shown_body
        return curl.line(self.method, self.url(endpoint), body, self.content_type, how)

    def curl(self, endpoint: Endpoint) -> str:
        """The line that asks the same, as etcdctl shows it."""
        data = "" if self.body is None else f" -d {quoted(self.shown_body)}"
        return f"curl -X {self.method} {self.url(endpoint)}{data}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a member said."""

    status: int
    headers: Mapping[str, str]
    """By name in small letters."""
    body: bytes
    endpoint: Endpoint
    """Who said it."""


# --- one connection -----------------------------------------------------------------------------


def exchange(
    endpoint: Endpoint,
    request: Request,
    timeout: float,
    deadline: float | None,
    headers: Mapping[str, str] = NO_MORE,
    certificates: Certificates = NO_CERTIFICATES,
) -> Answer:
    """Ask this one member; `Trouble` if it gives no answer in time."""
    if endpoint.scheme not in ("http", "https"):
        raise Trouble(f"unsupported protocol scheme {quoted(endpoint.scheme)}")
    if not endpoint.host:
        raise Trouble("http: no Host in request URL")
    first_byte = [time.monotonic() + timeout] if timeout > 0 and not request.waits else []
    limit = min(first_byte + ([] if deadline is None else [deadline]), default=None)
    connection = http.client.HTTPConnection(*endpoint.address)
    try:
        connection.sock = sock = connect(endpoint, limit)
        if endpoint.scheme == "https":
            sock.settimeout(left(limit))
            connection.sock = sock = certificates.secured(sock, endpoint.host)
        try:
            send(connection, request, request.target(endpoint.path.rstrip("/")), headers)
        except OSError:
            if endpoint.scheme == "https":
                sock.recv(1)  # who hung up may have said why: in TLS 1.3 after our handshake
            raise
        sock.settimeout(left(limit))
        response = connection.getresponse()
        body = b"".join(pieces(response, sock, deadline))
    except TimeoutError:
        if deadline is not None and time.monotonic() >= deadline:
            raise DeadlineExceeded from None
        raise Trouble(f"client: endpoint {endpoint} exceeded header timeout") from None
    except (OSError, http.client.HTTPException) as broken:
        trouble = tls_trouble(broken) if endpoint.scheme == "https" else None
        raise (trouble or what_broke(endpoint, broken)) from None
    finally:
        connection.close()
    found = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, found, body, endpoint)


def send(
    connection: http.client.HTTPConnection, request: Request, target: str, more: Mapping[str, str]
) -> None:
    """Write the question, with more headers than it needs."""
    headers = {"Connection": "close", **more}
    if request.body is None:
        connection.request(request.method, target, headers=headers)
        return
    headers["Content-Type"] = request.content_type
    body = request.body.encode("utf-8", "surrogateescape")
    connection.request(request.method, target, body, headers)


def connect(endpoint: Endpoint, limit: float | None) -> socket.socket:
    """Open a connection; `NotReached` if there is none to be had."""
    host, port = endpoint.address
    if port > 65535:
        raise NotReached(f"dial tcp: address {port}: invalid port")
    try:
        sock = socket.create_connection((host, port), left(limit))
    except (socket.gaierror, UnicodeError):
        raise NotReached(f"dial tcp: lookup {host}: no such host") from None
    except TimeoutError:
        raise
    except OSError as refused:
        reason = (refused.strerror or str(refused)).lower()
        raise NotReached(f"dial tcp {host}:{port}: connect: {reason}") from None
    # Head and body go in two pieces; without this the second waits until the first has arrived.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # A watch may be silent for days: let the kernel notice when the other side is gone.
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return sock


def pieces(
    response: http.client.HTTPResponse, sock: socket.socket, deadline: float | None
) -> Iterator[bytes]:
    """The body, piece by piece, as long as there is time."""
    while not response.isclosed():  # from Python 3.13 on it is, at the very last byte
        sock.settimeout(left(deadline))
        if piece := response.read1(65536):
            yield piece
        elif response.length:
            raise http.client.IncompleteRead(b"")
        else:
            return


def left(limit: float | None) -> float | None:
    """Seconds until then; `TimeoutError` if it is over."""
    if limit is None:
        return None
    seconds = limit - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def what_broke(endpoint: Endpoint, broken: Exception) -> Trouble:
    """A connection that broke, or that speaks something else than HTTP, in Go's words."""
    host, port = endpoint.address
    match broken:
        case http.client.RemoteDisconnected():
            return Trouble("EOF")
        case http.client.IncompleteRead():
            return Trouble("unexpected EOF")
        case http.client.BadStatusLine():
            return Trouble(f"malformed HTTP response {quoted(str(broken).strip())}")
        case OSError(strerror=str(reason)):
            return NotReached(f"read tcp {host}:{port}: {reason.lower()}")
    return Trouble(f"malformed HTTP response: {broken}")
