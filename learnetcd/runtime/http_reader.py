r"""The reader: HTTP requests out of the bytes that a client sends.

    PUT /v2/keys/x?ttl=5 HTTP/1.1\r\n       the request line: method, target, version
    Host: 127.0.0.1:2379\r\n                the headers, one a line
    Content-Length: 7\r\n
    \r\n                                    an empty line
    value=1GET /v2/keys/x HTTP/1.1\r\n ...  so many bytes of body; then the next request

Bytes come in pieces of any size, so the reader keeps what it has until a whole request is there,
and what comes after it for later: a client may send several requests at once (*pipelining*).

Where a request ends is the one question that must not be answered in two ways. If a proxy before us
believes the length and we the chunks, a client can hide a second request in the body of the first
(*request smuggling*). So whatever says it twice, or unclearly, is refused, and the connection ends.

Why not a library: those for Python (httptools, h11) refuse what etcd takes (lines that end without
a carriage return, methods that nobody knows, bytes above 127 in a target), and don't say whether it
was the request line that they could not read, in which case etcd hangs up without a word.

Differs: etcd joins a header that goes on in the next line, believes the chunks if there is a length
as well, and takes the same length twice. RFC 9112 lets a server refuse all three; we do. It refuses
an empty line before a request, and a first line of more than 4096 bytes; we don't.

Source: RFC 9112; Go's net/http (server.go, transfer.go), for what is said about which mistake.

Next page: `http_writer`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from learnetcd.api.http import LARGEST_FORM, HttpRequest, HttpResponse
from learnetcd.api.pages import PLAIN_TEXT
from learnetcd.value import dataclass

LARGEST_HEAD = 1 << 20
"""As Go has it."""
LARGEST_CHUNK_LINE = 4096
LONGEST_KNOWN = 2048
"""Headers that are longer are read anew each time, so that few of them can't fill our memory."""

REQUEST_LINE = re.compile(r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([!-~\x80-\xff]+) HTTP/1\.([0-9])")
LOOKS_LIKE_ONE = re.compile(r"[^ ]* [^ ]* HTTP/1\.[0-9]")
HEADER_LINE = re.compile(r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t -~\x80-\xff]*)")
NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+:")
END_OF_HEAD = re.compile(rb"\n\r?\n")


class NotHttp(Exception):
    """What came can't be read as HTTP; say `response`, if there is one, and hang up."""

    def __init__(self, response: HttpResponse | None) -> None:
        """None: hang up without a word."""
        super().__init__(response)
        self.response = response


def refusal(status: int, words: str) -> NotHttp:
    """Refuse in the words of Go."""
    return NotHttp(HttpResponse(status, (PLAIN_TEXT,), f"{status} {words}".encode()))


@dataclass(frozen=True, slots=True)
class Fields:
    """The headers of a request, and what they say about its body and its end."""

    headers: Mapping[str, str]
    """By names in lower case."""
    length: int | None
    """How many bytes of body follow; None if they come in chunks."""
    keep_alive: bool
    """Whether another request may follow on this connection."""
    expects_continue: bool
    """Whether the client waits for a word before it sends the body."""


@dataclass(frozen=True, slots=True)
class Head:
    """All of a request but its body."""

    method: str
    path: str
    query: str
    minor_version: int
    fields: Fields


@dataclass(frozen=True, slots=True)
class Received:
    """A whole request."""

    request: HttpRequest
    minor_version: int
    """0 or more, for HTTP/1.0 and HTTP/1.1."""
    keep_alive: bool
    """Whether another one may follow."""

    @property
    def may_have_chunks(self) -> bool:
        """Whether the answer may come in chunks; HTTP/1.0 knows none."""
        return self.minor_version > 0


class HttpReader:
    """What one client sends."""

    __slots__ = ("_body", "_buffer", "_head", "_is_first", "_largest_body", "_looked_to")

    def __init__(self, largest_body: int = LARGEST_FORM) -> None:
        """Begin with nothing. Of a body that is larger, only one byte more is taken."""
        self._largest_body = largest_body
        self._buffer = bytearray()
        self._looked_to = 0
        """Up to here the buffer holds no end of a head."""
        self._is_first = True
        """Whether no request was read yet."""
        self._head: Head | None = None
        """Of the request whose body is being read."""
        self._body = bytearray()

    def feed(self, data: bytes) -> None:
        """Take what came."""
        self._buffer += data

    @property
    def is_between_requests(self) -> bool:
        """Whether nothing of a next request is there."""
        return self._head is None and not self._buffer

    @property
    def has_head(self) -> bool:
        """Whether only the body of a request is missing."""
        return self._head is not None

    @property
    def size(self) -> int:
        """How many bytes are waiting here."""
        return len(self._buffer) + len(self._body)

    @property
    def wants_to_be_told_to_continue(self) -> bool:
        """Whether the client holds back a body until it hears `100 Continue`."""
        return self._head is not None and self._head.fields.expects_continue and not self.size

    def next(self) -> Received | None:
        """Take the next request, if it is there as a whole; `NotHttp` if it is none."""
        head = self._head or self._next_head()
        if head is None:
            return None
        fields, body, is_whole = head.fields, b"", True
        if fields.length != 0:
            self._head = head
            is_whole = self._read_body(fields.length)
            if not is_whole and len(self._body) <= self._largest_body:
                return None
            body, self._body, self._head = bytes(self._body), bytearray(), None
        request = HttpRequest(head.method, head.path, head.query, fields.headers, body)
        # Of a body that is too large nobody looks for the end.
        return Received(request, head.minor_version, fields.keep_alive and is_whole)

    def _next_head(self) -> Head | None:
        buffer = self._buffer
        if buffer.startswith((b"\r", b"\n")):  # RFC 9112 §2.2: an empty line before it does no harm
            buffer[:] = buffer.lstrip(b"\r\n")
            self._looked_to = 0
        found = END_OF_HEAD.search(buffer, max(self._looked_to - 2, 0))
        if len(buffer) > LARGEST_HEAD and (found is None or found.start() > LARGEST_HEAD):
            raise refusal(431, "Request Header Fields Too Large")
        if found is None:
            self._looked_to = len(buffer)
            return None
        text = buffer[: found.start()].decode("latin-1")
        del buffer[: found.end()]
        self._looked_to = 0
        is_first, self._is_first = self._is_first, False
        return read_head(text, is_first)

    def _read_body(self, length: int | None) -> bool:
        """Take so many bytes, or chunks; False if they are not all there yet."""
        if length is None:
            return self._read_chunks()
        missing = length - len(self._body)
        self._body += self._buffer[:missing]
        del self._buffer[:missing]
        return len(self._body) == length

    def _read_chunks(self) -> bool:
        r"""Take chunks, each with its length before it, up to the one of length 0 (RFC 9112 §7.1).

        5\r\nvalue\r\n 2\r\n=1\r\n 0\r\n\r\n      is      value=1
        """
        buffer = self._buffer
        while (end := buffer.find(b"\r\n", 0, LARGEST_CHUNK_LINE)) >= 0:
            size = chunk_size(bytes(buffer[:end]))
            if size == 0:
                return self._read_trailer(end + 2)
            if len(self._body) + size > self._largest_body:
                self._body = bytearray(self._largest_body + 1)  # nobody will ask what it says
                return False
            whole = end + 2 + size + 2
            if len(buffer) < whole:
                return False
            if buffer[whole - 2 : whole] != b"\r\n":
                raise refusal(400, "Bad Request")
            self._body += buffer[end + 2 : whole - 2]
            del buffer[:whole]
        if len(buffer) >= LARGEST_CHUNK_LINE:
            raise refusal(400, "Bad Request")
        return False

    def _read_trailer(self, begin: int) -> bool:
        """Pass over what may follow the last chunk: headers, up to an empty line."""
        buffer = self._buffer
        found = END_OF_HEAD.search(buffer, begin - 1)  # from the newline of the last chunk on
        if (len(buffer) if found is None else found.end()) > LARGEST_CHUNK_LINE:
            raise refusal(400, "Bad Request")
        if found is None:
            return False
        del buffer[: found.end()]
        return True


def read_head(text: str, is_first: bool) -> Head:
    """Read the request line and the headers; is it the first request of a connection?"""
    request_line, _, header_lines = text.partition("\n")
    read = REQUEST_LINE.fullmatch(request_line.removesuffix("\r"))
    if read is None:
        raise mistake_in_request_line(request_line.removesuffix("\r"), is_first)
    method, target, digit = read.groups()
    path, _, query = target.partition("?")
    minor_version = int(digit)
    read_now = read_fields if len(header_lines) <= LONGEST_KNOWN else read_fields.__wrapped__
    return Head(method, path, query, minor_version, read_now(header_lines, minor_version))


def mistake_in_request_line(line: str, is_first: bool) -> NotHttp:
    """What is said to somebody whose request line can't be read: nothing, if it is not even HTTP.

    etcd serves several protocols at one port, and by the first line of a connection it chooses who
    answers. Afterwards it knows.
    """
    if is_first and not LOOKS_LIKE_ONE.fullmatch(line):
        return NotHttp(None)
    return refusal(400, "Bad Request")


def mistake_in_header(line: str) -> NotHttp:
    """What is said about a line that is no header."""
    if ":" not in line or line.startswith((" ", "\t")):
        return refusal(400, "Bad Request")
    which = "value" if NAME.match(line) else "name"
    return refusal(400, f"Bad Request: invalid header {which}")


@lru_cache(maxsize=512)  # a client sends the same headers with each of its requests
def read_fields(text: str, minor_version: int) -> Fields:
    """Read the headers."""
    headers: dict[str, str] = {}
    twice: set[str] = set()
    for line in text.split("\n") if text else ():
        read = HEADER_LINE.fullmatch(line.removesuffix("\r"))
        if read is None:
            raise mistake_in_header(line.removesuffix("\r"))
        name = read[1].lower()
        if name in headers:
            twice.add(name)  # and the first counts
        else:
            headers[name] = read[2].rstrip(" \t")
    if minor_version and "host" not in headers:
        raise refusal(400, "Bad Request: missing required Host header")
    if "host" in twice:
        raise refusal(400, "Bad Request")
    expectation = headers.get("expect", "").lower()
    if expectation not in {"", "100-continue"}:
        raise NotHttp(HttpResponse(417, ()))
    length = body_length(headers, twice, minor_version)
    wish = headers.get("connection", "").lower()
    keep_alive = "close" not in wish if minor_version else "keep-alive" in wish
    waits = expectation != "" and length != 0 and minor_version > 0
    return Fields(headers, length, keep_alive, waits)


def body_length(headers: Mapping[str, str], twice: set[str], minor_version: int) -> int | None:
    """How long the body is: 0 if there is none, None if it comes in chunks (RFC 9112 §6.3)."""
    length, encoding = headers.get("content-length"), headers.get("transfer-encoding")
    if encoding is not None:
        # Whoever says two things may mean one for us, and another for a proxy before us.
        if length is not None or "transfer-encoding" in twice or minor_version == 0:
            raise refusal(400, "Bad Request")
        if encoding.lower() != "chunked":
            raise NotHttp(HttpResponse(501, (PLAIN_TEXT,), b"Unsupported transfer encoding"))
        return None
    if length is None:
        return 0
    # 18 digits: Go has 64 bits for it.
    if "content-length" in twice or not re.fullmatch("[0-9]{1,18}", length):
        raise refusal(400, "Bad Request")
    return int(length)


def chunk_size(line: bytes) -> int:
    """The number that a chunk begins with; what comes after a semicolon means nothing to us."""
    digits = line.partition(b";")[0].rstrip(b" \t")
    if not re.fullmatch(rb"[0-9A-Fa-f]{1,15}", digits):
        raise refusal(400, "Bad Request")
    return int(digits, 16)
