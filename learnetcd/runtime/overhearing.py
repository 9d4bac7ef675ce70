"""Overhearing: what clients send and get, noted at the socket, for those who watch.

    Connection     socket ---> request ---> ... ---> response ---> socket
    Overheard      the same; and of each request that the member is asked, the bytes of both

A connection of `learnetcd serve` does nothing of the kind: it does not even ask whether somebody
wants to know. Who watches lets the server make these instead.

A room with this screen may be full of people: passwords are not noted.

Left out: of requests that come before the one before was answered, whose bytes are whose: all go to
the first. And what is answered without asking the member, such as the list of members.

Next page: `held_tasks`.
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from learnetcd.runtime.connection import Connection
from learnetcd.runtime.http_reader import Received

if TYPE_CHECKING:
    from learnetcd.runtime.http_server import HttpServer

MOST_BYTES = 1 << 16
"""Of each direction of one exchange."""
MOST_EXCHANGES = 200


@dataclass(slots=True)
class Exchange:
    """What was heard of one request."""

    asked: bytes = b""
    told: bytes = b""


HEADER = re.compile(rb"(?im)^(authorization:)[^\r\n]*")
ACCOUNTS = re.compile(rb"(?s)^([A-Z]+ /v2/auth/.*?\r?\n\r?\n).+")


def without_secrets(asked: bytes) -> bytes:
    """What was sent, without passwords: in a header, and in what is said about accounts."""
    asked = HEADER.sub(rb"\1 (not shown)", asked)
    return ACCOUNTS.sub(rb"\1(not shown)", asked)


class Ear:
    """What was heard last, by request ids."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.heard: dict[int, Exchange] = {}

    def note(self, request_id: int, exchange: Exchange) -> None:
        """Remember it, and forget the oldest."""
        self.heard[request_id] = exchange
        if len(self.heard) > MOST_EXCHANGES:
            del self.heard[next(iter(self.heard))]


class Overheard(Connection):
    """A connection whose bytes are noted."""

    __slots__ = ("_asked", "_ear", "_exchange")

    def __init__(self, ear: Ear, server: HttpServer, connected: socket.socket) -> None:
        """Serve a client like any other."""
        self._ear = ear
        self._asked = b""
        self._exchange = Exchange()
        super().__init__(server, connected)

    def _take(self, data: bytes) -> None:
        self._asked = (self._asked + data)[:MOST_BYTES]
        super()._take(data)

    def _begin(self, received: Received) -> None:
        self._exchange, self._asked = Exchange(without_secrets(self._asked)), b""
        exchange, before = self._exchange, self._request_id
        super()._begin(received)
        if self._request_id != before:
            self._ear.note(self._request_id, exchange)

    def _send(self, data: bytes) -> None:
        self._exchange.told = (self._exchange.told + data)[:MOST_BYTES]
        super()._send(data)
