"""Pages: the short answers that have no etcd event in them.

    404    404 page not found                              no such path
    405    Method Not Allowed       Allow: GET,HEAD        not with this method
    301    <a href="/v2/keys/x">Moved Permanently</a>.     the path is not in its clean form
    400    400 Bad Request                                 the path can't be read
    409    {"message":"membership: peerURL exists"}        refused, with the reason

etcd is written in Go, and most of these are the words of Go's own HTTP server, final newlines and
all. Programs compare them, so do we.

Source: Go's net/http (Error, NotFound, Redirect); etcd 3.4
etcdserver/api/v2http/httptypes/errors.go for the last.

Next page: `target`.
"""

from __future__ import annotations

import re
from html import escape

from learnetcd.api.http import Headers, HttpResponse
from learnetcd.store import wording

JSON = ("Content-Type", "application/json")
PLAIN_TEXT = ("Content-Type", "text/plain; charset=utf-8")
HTML = ("Content-Type", "text/html; charset=utf-8")
NO_SNIFFING = ("X-Content-Type-Options", "nosniff")
"""A browser shall not guess that a text is something else, and run it."""


def text(words: str) -> HttpResponse:
    """A text that was asked for."""
    return HttpResponse(200, (PLAIN_TEXT,), words.encode())


def json_page(written: str) -> HttpResponse:
    """A JSON object that was asked for."""
    return HttpResponse(200, (JSON,), written.encode())


def refusal(status: int, words: str, *headers: tuple[str, str]) -> HttpResponse:
    """A refusal, in a line of text."""
    return HttpResponse(status, (*headers, PLAIN_TEXT, NO_SNIFFING), f"{words}\n".encode())


def not_found() -> HttpResponse:
    """There is nothing at that path."""
    return refusal(404, "404 page not found")


def not_allowed(*methods: str) -> HttpResponse:
    """There is, but it can't be asked in that way."""
    return refusal(405, "Method Not Allowed", *allowing(methods))


def allowing(methods: tuple[str, ...]) -> Headers:
    """The header that names the methods; etcd leaves it out in one place."""
    return (("Allow", ",".join(methods)),) if methods else ()


def moved(method: str, location: str) -> HttpResponse:
    """It has another name."""
    headers: Headers = (("Location", _NOT_ASCII.sub(_percent, location)),)
    if method not in {"GET", "HEAD"}:
        return HttpResponse(301, headers)
    # Go writes both quotes by their decimal numbers.
    link = escape(location).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
    body = f'<a href="{link}">Moved Permanently</a>.\n\n' if method == "GET" else ""
    return HttpResponse(301, (*headers, HTML), body.encode("iso-8859-1"))


_NOT_ASCII = re.compile("[^\x00-\x7f]")


def _percent(match: re.Match[str]) -> str:
    return f"%{ord(match[0]):x}"


def bad_request() -> HttpResponse:
    """It can't be read as HTTP at all."""
    return HttpResponse(400, (PLAIN_TEXT,), b"400 Bad Request")


def message(status: int, words: str) -> HttpResponse:
    """A refusal for programs: one JSON object, without a newline after it."""
    body = wording.fields([("message", wording.string(words))])
    return HttpResponse(status, (JSON,), body.encode())
