"""A lean client: as much load as one process can make, in a process of its own.

    python -m learnetcd.bench.load ask PORT METHOD PATH SECONDS CONNECTIONS     how many answers
                                      ... and the file of an authority: the same by TLS
    python -m learnetcd.bench.load watch PORT PATH WATCHERS                     who was told of it

What is to be measured is the server, so the client does no more than it must: plain sockets, each
with one request under way, and of an answer it reads the status and the length. It speaks to ours
and to the real etcd with the very same bytes.

`ask` prints a line when all are connected, and one of JSON at the end. `watch` prints a line when
all are waiting, then reads a line, from which on it waits until all have been told, and prints how
many were.

Next page: `servers`.
"""

from __future__ import annotations

import json
import selectors
import socket
import ssl
import sys
import time

BODY = b"value=" + b"x" * 64
PATIENCE_S = 60


def request(method: str, path: str) -> bytes:
    """The same bytes each time."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept-Encoding: identity"]
    body = b""
    if method == "PUT":
        body = BODY
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def connect(port: int, tls: ssl.SSLContext | None = None) -> socket.socket:
    """One more connection."""
    connected = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return tls.wrap_socket(connected, server_hostname="127.0.0.1") if tls else connected


def read_answer(connected: socket.socket) -> None:
    """Read one answer to its end; it must be a good one."""
    data = connected.recv(1 << 16)
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += more(connected)
    at = data.index(b"Content-Length: ") + len(b"Content-Length: ")
    whole = end + 4 + int(data[at : data.index(b"\r\n", at)])
    while len(data) < whole:
        data += more(connected)
    assert data[9:10] == b"2", f"this is no success: {data!r}"


def more(connected: socket.socket) -> bytes:
    """More of what must come."""
    data = connected.recv(1 << 16)
    assert data, "the server has closed the connection"
    return data


def ask(
    port: int, method: str, path: str, seconds: float, connections: int, authority: str = ""
) -> None:
    """Ask again as soon as there is an answer, on each connection."""
    tls = ssl.create_default_context(cafile=authority) if authority else None
    question = request(method, path)
    selector = selectors.DefaultSelector()
    clients = [connect(port, tls) for _ in range(connections)]
    print("connected", flush=True)
    for connected in clients:
        selector.register(connected, selectors.EVENT_READ)
        connected.send(question)
    answers = 0
    began = time.perf_counter()
    while (now := time.perf_counter()) < began + seconds:
        for key, _ in selector.select(PATIENCE_S):
            connected = key.fileobj  # type: ignore[assignment]  # only sockets are registered
            read_answer(connected)
            answers += 1
            connected.send(question)
    print(json.dumps({"answers": answers, "seconds": now - began}))


def watch(port: int, path: str, watchers: int) -> None:
    """Watch one key by many connections, and count who is told when it changes."""
    question = request("GET", f"{path}?wait=true")
    waiting = [connect(port) for _ in range(watchers)]
    for connected in waiting:
        connected.send(question)
    for connected in waiting:
        assert b"X-Etcd-Index" in connected.recv(1 << 16), "the head must come at once"
    print("waiting", flush=True)
    sys.stdin.readline()
    told = 0
    for connected in waiting:
        data = b""
        while b"\r\n0\r\n\r\n" not in data:
            data += more(connected)
        told += b'"action":"set"' in data
    print(json.dumps({"told": told}))


if __name__ == "__main__":
    _, what, port, *rest = sys.argv
    if what == "ask":
        ask(int(port), rest[0], rest[1], float(rest[2]), int(rest[3]), *rest[4:])
    else:
        watch(int(port), rest[0], int(rest[1]))
