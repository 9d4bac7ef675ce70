"""Servers to play the cases on: ours or the real etcd, each in a process, reached by sockets."""

import time
from typing import Any

from tests.conformance.exchange import Closed, Connection, Response, TooSlow
from tests.conformance.normalise import named_addresses
from tests.processes import Process, free_ports

END_OF_BODY_S = 0.15
"""How long to listen for more than was waited for."""

OPTIONS: dict[str, tuple[str, ...]] = {
    "main": (),
    "one": (),
    "solo": (),
    "cors": ("--cors=http://a.example:8080,http://b.example:9",),
    "nov2": ("--enable-v2=false",),
    "three": (),
    "noquorum": (),
    "auth": (),
    "proxy": (),
    "proxyro": (),
}
"""How the servers of the cases are started."""
PROXIES = {"proxy": "on", "proxyro": "readonly"}
"""Those before which there is a proxy, and of which kind."""


class SocketServer:
    """One process, or several that are one cluster, as the player asks it."""

    def __init__(self, *members: Process, proxy: Process | None = None) -> None:
        self.members = (*members, proxy) if proxy else members
        self.size = len(members)
        self.front = self.size if proxy else 0
        self.process = members[0]
        """The one that is asked."""
        self._connection: Connection | None = None
        spare = free_ports(6)
        urls = {f"peer{n}": member.peer_url for n, member in enumerate(members, 1)}
        ports = {"spare" if n == 1 else f"spare{n}": str(port) for n, port in enumerate(spare, 1)}
        self.values = urls | ports
        clients, peers = [one.url for one in members], [one.peer_url for one in members]
        self.addresses = named_addresses(clients, peers, spare)

    def turn_to(self, number: int) -> None:
        self.close()
        self.process = self.members[number]

    def ask(
        self,
        method: str,
        target: str,
        headers: list[tuple[str, str]],
        body: bytes | None,
        timeout_s: float,
    ) -> Response:
        try:
            if self._connection is None:
                self._connection = Connection(self.process.port)
            response = self._connection.ask(method, target, headers, body, timeout_s)
        except (Closed, TooSlow):
            self.close()
            raise
        if response.headers.get("connection") == "close":
            self.close()
        return response

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def watch(self, target: str) -> "SocketWatch":
        return SocketWatch(Connection(self.process.port), target)

    def raw(self, step: dict[str, Any], texts: list[str]) -> dict[str, Any]:
        connection = Connection(self.process.port)
        try:
            return exchanged(connection, step, texts)
        finally:
            connection.close()

    def now(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class SocketWatch:
    """A GET that is still going on."""

    def __init__(self, connection: Connection, target: str) -> None:
        self._connection = connection
        connection.send_request("GET", target, [], None)
        head = connection.head(time.monotonic() + 5)
        assert head.is_chunked, f"a watch has a body without an end: {head}"
        self.status, self.headers = head.status, head.headers

    def told(self, events: int, timeout_s: float) -> tuple[list[bytes], bool]:
        told: list[bytes] = []
        deadline = time.monotonic() + timeout_s
        try:
            while chunk := self._connection.chunk(deadline):
                told += chunk.splitlines()
                if len(told) >= events:
                    deadline = time.monotonic() + END_OF_BODY_S
        except TooSlow:
            return told, False
        return told, True

    def close(self) -> None:
        self._connection.close()


def exchanged(connection: Connection, step: dict[str, Any], texts: list[str]) -> dict[str, Any]:
    """Send the texts one by one, read the responses, and see whether the connection is closed."""
    responses: list[Response | dict[str, str]] = []
    got_100_continue = False
    methods = step.get("methods", ["GET"] * step["responses"])
    for number, text in enumerate(texts):
        connection.send(text.encode())
        if number + 1 == len(texts):
            break
        if "pause" in step:
            time.sleep(step["pause"])
            continue
        response = connection.response(methods[len(responses)], 5)
        if response.status == 100:
            got_100_continue = True
        else:
            responses.append(response)
    while len(responses) < step["responses"]:
        try:
            responses.append(connection.response(methods[len(responses)], 5))
        except Closed:
            responses.append({"error": "closed"})
            break
    closed = connection.is_closed_within(END_OF_BODY_S)
    return {
        "responses": responses,
        "got_100_continue": got_100_continue,
        "closed_after": closed,
    }
