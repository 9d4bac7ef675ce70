"""HTTP as values: a request that came in, a response that goes out, and what lies between.

    HttpRequest("PUT", "/v2/keys/x", "", {"content-type": ...}, b"value=1")
    HttpResponse(201, (("Content-Type", "application/json"),), b'{"action":"set", ...}')

A *submission* is a request that the member has to answer first. It says what to ask the member, and
how to put the member's answer (or what to ask next: to change a user is to read it first). A watch
has no end that could be known: its answer gives the head of the response only, and every event that
is told later is one more piece of the body.

    GET /v2/keys/x?wait=true     -> Submission(WatchRequest("/x"), respond, notice)
    Answer(WAITING)              -> respond(answer): the head, sent at once
    NotifyWatcher(event, done)   -> notice(event): a piece of the body; `done` ends it

Source: RFC 9110 (what the parts mean), RFC 9112 (how they look on the wire).

Left out: what belongs to the connection and not to the message: Content-Length, Date, Connection,
chunks. Whoever has the socket adds them, and leaves out the body in the answer to a HEAD.

Next page: `pages`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TypeAlias

from learnetcd.member.request import Answer, Request
from learnetcd.store.event import Event
from learnetcd.value import dataclass

Headers: TypeAlias = "tuple[tuple[str, str], ...]"

PHRASES = {status.value: status.phrase for status in HTTPStatus}

LARGEST_FORM = 10 * 1024 * 1024
"""No more bytes of a body are read; a form that has more is refused (Go's net/http, ParseForm)."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What a client asks."""

    method: str
    path: str
    """As it came, percent signs and all; each byte is one character (ISO 8859-1)."""
    query: str
    """What comes after the question mark, as it came; empty if nothing does."""
    headers: Mapping[str, str]
    """By names in lower case."""
    body: bytes
    """Of a body that is larger than `LARGEST_FORM`, one byte more than that is enough."""
    certificate_name: str = ""
    """The name in the client's certificate, if it has shown one that we trust."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What a client is told."""

    status: int
    headers: Headers
    body: bytes = b""
    """What a GET would be sent; in the answer to a HEAD only its length is told."""
    lines: str = ""
    """More headers, as they stand on the wire: what a proxy passes on it need not read."""

    def plus(self, headers: Headers) -> HttpResponse:
        """The same, with more headers."""
        if not headers:
            return self
        return HttpResponse(self.status, headers + self.headers, self.body, self.lines)

    def head(self, minor_version: int = 1) -> str:
        """Its first lines as they stand on the wire; those of the connection come behind."""
        lines = f"HTTP/1.{minor_version} {self.status} {PHRASES.get(self.status, '')}\r\n"
        for name, value in self.headers:
            lines += f"{name}: {value}\r\n"
        return lines + self.lines


Respond: TypeAlias = "Callable[[Answer], Result]"


@dataclass(frozen=True, slots=True)
class Submission:
    """What the member is to be asked, and how to tell a client the answer."""

    request: Request
    respond: Respond
    """The response, or what is to be done next; for a watch that waits, only the head of one."""
    notice: Callable[[Event], bytes | None] | None = None
    """How a watcher is told of an event, or None: it may not see that one, and is told no more.
    There is no such function for what is no watch."""
    patience_ms: int | None = None
    """Whoever asks waits no longer than this, if it is less than the member would let it wait."""

    def plus(self, headers: Headers) -> Submission:
        """The same, with more headers in the response."""
        if not headers:
            return self
        respond = self.respond
        return Submission(
            self.request,
            lambda answer: respond(answer).plus(headers),
            self.notice,
            self.patience_ms,
        )


@dataclass(frozen=True, slots=True)
class SlowWork:
    """What takes so long that nobody else shall wait for it: the hash of a password."""

    work: Callable[[], Callable[[], Result]]
    """Done in a thread of its own, where nothing may be looked at that changes. It gives what is to
    be done then, back among all others."""

    def plus(self, headers: Headers) -> SlowWork:
        """The same, with more headers in the response."""
        work = self.work

        def with_headers() -> Callable[[], Result]:
            then = work()
            return lambda: then().plus(headers)

        return SlowWork(with_headers) if headers else self


Result: TypeAlias = "HttpResponse | Submission | SlowWork"
