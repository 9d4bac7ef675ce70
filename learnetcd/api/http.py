"""HTTP as values: a request that came in, a response that goes out, and what lies between.

    HttpRequest("PUT", "/v2/keys/x", "", {"content-type": ...}, b"value=1")
    HttpResponse(201, (("Content-Type", "application/json"),), b'{"action":"set", ...}')

A *submission* is a request that the member has to answer first. It says what to ask the member, and
how to put the member's answer. A watch has no end that could be known: its answer gives the head of
the response only, and every event that is told later is one more piece of the body.

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
from typing import TypeAlias

from learnetcd.member.request import Answer, Request
from learnetcd.store.event import Event
from learnetcd.value import dataclass

Headers: TypeAlias = "tuple[tuple[str, str], ...]"

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


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What a client is told."""

    status: int
    headers: Headers
    body: bytes = b""
    """What a GET would be sent; in the answer to a HEAD only its length is told."""

    def plus(self, headers: Headers) -> HttpResponse:
        """The same, with more headers."""
        return HttpResponse(self.status, headers + self.headers, self.body) if headers else self


Respond: TypeAlias = Callable[[Answer], HttpResponse]


@dataclass(frozen=True, slots=True)
class Submission:
    """What the member is to be asked, and how to tell a client the answer."""

    request: Request
    respond: Respond
    """The response; for a watch that waits, only its head."""
    notice: Callable[[Event], bytes] | None = None
    """How a watcher is told of an event; None for what is no watch."""
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


Result: TypeAlias = "HttpResponse | Submission"
