"""Failover: how long a cluster acknowledges no write when its leader is killed.

    writes      ok ok ok ok  .  .  .  .  .  .  .  .  .  ok ok
    leader              killed
                      |<---------------------------->|

A new write is sent every few milliseconds, each on a connection of its own, to the members that
stay; nobody waits for one before the next is sent. So a request that hangs hides nothing, and the
gap is seen to within one pause, for ours and for real etcds alike.

Next page: `cluster`.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable, Sequence
from itertools import cycle

from learnetcd.bench.load import PATIENCE_S, connect, request

PAUSE_S = 0.01
WRITE = request("PUT", "/v2/keys/failover")
GOOD = b"HTTP/1.1 2"


class Prober:
    """Writes to some members, all the time."""

    def __init__(self, ports: Sequence[int]) -> None:
        """Nothing was sent yet."""
        self._ports = cycle(ports)
        self._selector = selectors.DefaultSelector()
        self._sent_at: dict[socket.socket, float] = {}

    def gap(self, kill: Callable[[], None]) -> float:
        """Seconds from the last acknowledged write before `kill` to the first one sent after."""
        try:
            before = self._next_acknowledged(since=0.0)
            kill()
            killed = time.perf_counter()
            # One that was sent before may have been decided before.
            return self._next_acknowledged(since=killed) - before
        finally:
            for connected in self._sent_at:
                connected.close()
            self._selector.close()

    def _next_acknowledged(self, since: float) -> float:
        """When a write is acknowledged that was sent since then."""
        give_up = time.perf_counter() + PATIENCE_S
        while (now := time.perf_counter()) < give_up:
            self._send(now)
            for key, _ in self._selector.select(PAUSE_S):
                connected = key.fileobj
                assert isinstance(connected, socket.socket), "only sockets are registered"
                sent_at = self._sent_at.pop(connected)
                if self._is_acknowledged(connected) and sent_at >= since:
                    return time.perf_counter()
            time.sleep(max(0.0, now + PAUSE_S - time.perf_counter()))
        raise AssertionError("the cluster acknowledges no write any more")

    def _send(self, now: float) -> None:
        connected = connect(next(self._ports))
        connected.send(WRITE)
        self._sent_at[connected] = now
        self._selector.register(connected, selectors.EVENT_READ)

    def _is_acknowledged(self, connected: socket.socket) -> bool:
        self._selector.unregister(connected)
        with connected:
            try:
                return connected.recv(1 << 16).startswith(GOOD)
            except OSError:
                return False
