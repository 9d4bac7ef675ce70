"""A proxy on the way, as small as can be: it notes what it was asked, and asks for others."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.processes import PATIENCE_S


class Forwarding(ThreadingHTTPServer):
    """The proxy."""

    daemon_threads = True

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.credentials: set[str] = set()
        self.refuses = False
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Forwarding

    def do_GET(self) -> None:
        self.note()
        parts = urlsplit(self.path)
        assert parts.scheme == "http", f"a proxy is told the whole URL, not {self.path}"
        assert self.headers["host"] == parts.netloc
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        asking = HTTPConnection(parts.netloc, timeout=PATIENCE_S)
        headers = {"Content-Type": self.headers.get("content-type", "")}
        asking.request(self.command, f"{parts.path}?{parts.query}", body, headers)
        answer = asking.getresponse()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"transfer-encoding", "connection"}:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.read())
        asking.close()

    do_PUT = do_GET

    def do_CONNECT(self) -> None:
        self.note()
        if self.server.refuses:
            self.send_error(403)
            return
        host, _, port = self.path.rpartition(":")
        self.send_response(200)
        self.end_headers()
        with socket.create_connection((host, int(port))) as there:
            back = threading.Thread(target=pass_on, args=(there, self.connection))
            back.start()
            pass_on(self.connection, there)
            back.join()

    def note(self) -> None:
        self.server.asked.append(f"{self.command} {self.path}")
        self.server.credentials.add(self.headers.get("proxy-authorization", ""))

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def pass_on(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(1 << 16):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


@contextmanager
def forwarding() -> Iterator[Forwarding]:
    """The proxy, while it runs."""
    with Forwarding() as proxy:
        thread = threading.Thread(target=proxy.serve_forever, args=(0.05,))
        thread.start()
        yield proxy
        proxy.shutdown()
        thread.join()
