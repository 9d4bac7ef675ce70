r"""The writer: what a client is sent, as bytes.

    HTTP/1.1 200 OK\r\n                        HTTP/1.1 200 OK\r\n
    Content-Type: application/json\r\n         Content-Type: application/json\r\n
    Content-Length: 87\r\n                     Transfer-Encoding: chunked\r\n
    \r\n                                       \r\n
    {"action":"get", ...}                      57\r\n{"action":"set", ...}\r\n
                                               0\r\n\r\n

On the left a response whose length is known. On the right one for somebody who watches: its head
leaves before anything has happened, so nobody knows how long it will be. It comes in chunks, each
with its own length, and a chunk without bytes is its end.

Source: RFC 9112 §6, §7.1; RFC 9110 §6.6.1 for the date.

Next page: `poller`.
"""

from __future__ import annotations

import time
from functools import lru_cache

from learnetcd.api.http import HttpResponse
from learnetcd.runtime.http_reader import Received

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"

WITHOUT_BODY = (204, 304)


def whole(response: HttpResponse, received: Received | None, keep_alive: bool) -> bytes:
    """A response whose length is known; `received` is what it answers, if that could be read."""
    lines = _first_lines(response, received)
    if response.status not in WITHOUT_BODY:
        lines += f"Content-Length: {len(response.body)}\r\n"
    lines += _about_connection(received, keep_alive)
    # RFC 9110 §9.3.2: a HEAD is told how long the body would be.
    is_head = received is not None and received.request.method == "HEAD"
    return lines.encode("latin-1") + b"\r\n" + (b"" if is_head else response.body)


def head_of_chunks(response: HttpResponse, received: Received, keep_alive: bool) -> bytes:
    """The head of a response whose body comes in chunks; or, in HTTP/1.0, ends with the connection.

    `keep_alive` must be False there.
    """
    lines = _first_lines(response, received)
    if received.may_have_chunks:
        lines += "Transfer-Encoding: chunked\r\n"
    return (lines + _about_connection(received, keep_alive)).encode("latin-1") + b"\r\n"


def chunk(piece: bytes) -> bytes:
    """One chunk of a body."""
    return b"%x\r\n%b\r\n" % (len(piece), piece)


def _first_lines(response: HttpResponse, received: Received | None) -> str:
    # In the client's own version, as Go has it; RFC 9110 §6.2 would have ours.
    version = 0 if received is not None and received.minor_version == 0 else 1
    return f"{response.head(version)}Date: {date(int(time.time()))}\r\n"


def _about_connection(received: Received | None, keep_alive: bool) -> str:
    if received is not None and received.minor_version == 0:
        return "Connection: keep-alive\r\n" if keep_alive else ""  # an end is the rule there
    return "" if keep_alive else "Connection: close\r\n"


@lru_cache(maxsize=2)  # the same for a whole second
def date(second: int) -> str:
    """A moment, as HTTP writes it."""
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(second))
