"""HTTP on a socket, as little as the cases need: every byte that is sent is in sight."""

import socket
import time
from dataclasses import dataclass, field


class Closed(Exception):
    """The server closed the connection in the middle, or before it said anything."""


class TooSlow(Exception):
    """The server did not say in time what was waited for."""


@dataclass(frozen=True)
class Head:
    """The beginning of a response."""

    status: int
    headers: dict[str, str]
    """By names in lower case."""

    @property
    def is_chunked(self) -> bool:
        return self.headers.get("transfer-encoding") == "chunked"


@dataclass(frozen=True)
class Response:
    """A whole response."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Connection:
    """One connection to a server."""

    port: int
    _buffer: bytes = b""
    _socket: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self.port), timeout=5)

    def close(self) -> None:
        self._socket.close()

    # -- sending ------------------------------------------------------------------------------

    def ask(
        self,
        method: str,
        target: str,
        headers: list[tuple[str, str]],
        body: bytes | None,
        timeout_s: float,
    ) -> Response:
        """Send a request and read its response."""
        self.send_request(method, target, headers, body)
        return self.response(method, timeout_s)

    def send_request(
        self, method: str, target: str, headers: list[tuple[str, str]], body: bytes | None
    ) -> None:
        lines = [f"{method} {target} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        lines += [f"{name}: {value}" for name, value in headers]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join([*lines, "\r\n"]).encode() + (body or b""))

    def send(self, data: bytes) -> None:
        try:
            self._socket.settimeout(10)
            self._socket.sendall(data)
        except OSError as error:
            raise Closed(f"could not send: {error}") from None

    # -- reading ------------------------------------------------------------------------------

    def response(self, method: str, timeout_s: float) -> Response:
        """The next response, whole."""
        deadline = time.monotonic() + timeout_s
        head = self.head(deadline)
        return Response(head.status, head.headers, self._body(method, head, deadline))

    def head(self, deadline: float) -> Head:
        """The next head."""
        first, *lines = self._until(b"\r\n\r\n", deadline).decode("iso-8859-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        status = int(first.split(" ")[1])
        return Head(status, {name.lower(): value for name, value in headers.items()})

    def _body(self, method: str, head: Head, deadline: float) -> bytes:
        if method == "HEAD" or head.status in {204, 304} or head.status < 200:
            return b""
        if head.is_chunked:
            chunks = []
            while chunk := self.chunk(deadline):
                chunks.append(chunk)
            return b"".join(chunks)
        if "content-length" in head.headers:
            return self._exactly(int(head.headers["content-length"]), deadline)
        return self.rest(deadline)

    def chunk(self, deadline: float) -> bytes:
        """The next chunk of a body; the last one is empty. Too slow: nothing of it is lost."""
        while True:
            size, separator, rest = self._buffer.partition(b"\r\n")
            if separator and len(rest) >= (length := int(size, 16)) + 2:
                self._buffer = rest[length + 2 :]
                return rest[:length]
            self._fill(deadline)

    def rest(self, deadline: float) -> bytes:
        """Everything until the server closes the connection."""
        try:
            while True:
                self._fill(deadline)
        except Closed:
            data, self._buffer = self._buffer, b""
            return data

    def is_closed_within(self, timeout_s: float) -> bool:
        """Whether the server closes the connection, without saying more."""
        try:
            self._fill(time.monotonic() + timeout_s)
        except TooSlow:
            return False
        except Closed:
            return True
        return False

    def _until(self, end: bytes, deadline: float) -> bytes:
        while end not in self._buffer:
            self._fill(deadline)
        data, _, self._buffer = self._buffer.partition(end)
        return data

    def _exactly(self, size: int, deadline: float) -> bytes:
        while len(self._buffer) < size:
            self._fill(deadline)
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        return data

    def _fill(self, deadline: float) -> None:
        self._socket.settimeout(max(deadline - time.monotonic(), 0.001))
        try:
            data = self._socket.recv(1 << 20)
        except TimeoutError:
            raise TooSlow("the server says nothing (more)") from None
        except OSError as error:
            raise Closed(str(error)) from None
        if not data:
            raise Closed("the server closed the connection")
        self._buffer += data
