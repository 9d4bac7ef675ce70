r"""The answer reader: where an answer ends, and what its head says.

    HTTP/1.1 200 OK\r\n               status 200
    X-Etcd-Index: 7\r\n               lines, as they came
    Transfer-Encoding: chunked\r\n
    \r\n                              has_head
    6\r\nfirst\n\r\n                  taken() == b"first\n"
    0\r\n\r\n                         is_complete, and keeps_alive: the connection may go on

It is given what came, in whatever pieces, and waits for nothing; whoever has the socket looks at it
after each. What is between the lengths of chunks it gives out without them.

Source: RFC 9112 §6.3 (where a body ends). httptools (the parser of Node.js) finds the ends.

Next page: `forward_proxy`.
"""

from __future__ import annotations

import re

import httptools

from learnetcd.runtime.http_reader import END_OF_HEAD

HEADER = re.compile(r"\n([^:\r\n]+):[ \t]*([^\r\n]*?)[ \t]*(?=[\r\n]|$)")
LENGTH = re.compile(r"\ncontent-length:[ \t]*([0-9]{1,18})", re.IGNORECASE)


class AnswerReader:
    """One answer, as it comes."""

    __slots__ = (
        "_head",
        "_parser",
        "_pieces",
        "has_head",
        "has_no_body",
        "is_complete",
        "keeps_alive",
    )

    def __init__(self, method: str) -> None:
        """Read the answer to such a request."""
        self._parser = httptools.HttpResponseParser(self)
        self._head = b""
        """What came up to the end of the head, and may be a bit more."""
        self._pieces: list[bytes] = []
        self.has_no_body = method == "HEAD"
        """Whether its length only says how long the body would be (RFC 9110 §9.3.2)."""
        self.has_head = False
        self.is_complete = False
        self.keeps_alive = False
        """Whether another request may be sent on this connection, when this is complete."""

    def feed(self, data: bytes | bytearray) -> None:
        """Take what came; `httptools.HttpParserError` if that is no answer."""
        if not self.has_head:
            self._head += data
        self._parser.feed_data(data)

    def end(self) -> bool:
        """Nothing more will come; say whether that is all that was to come.

        Whoever neither says how long the body is nor sends it in chunks, ends it so.
        """
        is_open = self.length is None and "transfer-encoding" not in dict(self.headers)
        self.is_complete = self.is_complete or is_open
        return self.is_complete

    @property
    def status(self) -> int:
        """Whether it went well."""
        return self._parser.get_status_code()

    @property
    def lines(self) -> str:
        """All headers as they came, each behind the newline of the line before."""
        end = END_OF_HEAD.search(self._head)
        assert end is not None, "there is no head yet"
        return self._head[self._head.index(b"\n") : end.start()].decode("latin-1")

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """The same as names, in lower case, and values."""
        return tuple((name.lower(), value) for name, value in HEADER.findall(self.lines))

    @property
    def length(self) -> int | None:
        """How long the body is, or would be, if the head says so."""
        found = LENGTH.search(self.lines)
        return None if found is None else int(found[1])

    def taken(self) -> bytes:
        """What came of the body since the last time."""
        body = b"".join(self._pieces)
        self._pieces.clear()
        return body

    # -- what the parser calls ----------------------------------------------------------------

    def on_headers_complete(self) -> None:
        """That was the head."""
        self.has_head = True
        self.keeps_alive = self._parser.should_keep_alive()  # it has forgotten this at the end
        self.is_complete = self.has_no_body

    def on_body(self, piece: bytes) -> None:
        """A piece of the body."""
        self._pieces.append(piece)

    def on_message_complete(self) -> None:
        """That was all."""
        self.is_complete = True
