"""The poller: whoever has something to read is told so, all of them by one task.

    epoll      3 clients have sent something: 7, 12, 9
    poller     wakes up once, and calls 7, 12 and 9, one after the other
    each       reads, is answered, writes: nobody waits for anything

trio would let each client have a task of its own that waits for its socket, and that reads nicely.
But to put a task to sleep and to wake it again costs more than to answer a simple read: half of all
computing went there. So trio waits for one thing, that *something* has come, and the system's own
list says what. With a thousand busy clients one wake-up is for many of them; with ten thousand that
are idle there are no ten thousand sleeping tasks to remember.

What is called must not wait, and must bear to be called when there is nothing after all.

Source: epoll(7), kqueue(2): their own descriptor becomes readable when something is in their list.

Next page: `connection`.
"""

from __future__ import annotations

import selectors
import socket
from collections.abc import Callable

import trio


class Poller:
    """The sockets of a server, and whom to tell."""

    __slots__ = ("_selector",)

    def __init__(self) -> None:
        """Begin with none."""
        self._selector = selectors.DefaultSelector()

    def add(self, reader: socket.socket, readable: Callable[[], None]) -> None:
        """Call `readable` whenever something can be read, until `remove`."""
        self._selector.register(reader, selectors.EVENT_READ, readable)

    def remove(self, reader: socket.socket) -> None:
        """Call no more. To be done before a socket is closed: its number may be another's then."""
        self._selector.unregister(reader)

    async def run(self) -> None:
        """Go on until cancelled."""
        selector = self._selector
        while True:
            await trio.lowlevel.wait_readable(selector)
            for key, _ in selector.select(0):
                key.data()

    def close(self) -> None:
        """Be done with it."""
        self._selector.close()
