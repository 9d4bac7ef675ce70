"""The poller: whoever has something to read is told so, all of them by one task.

    epoll      3 clients have sent something: 7, 12, 9
    poller     wakes up once, and calls 7, 12 and 9, one after the other
    each       reads, and is answered by a member that waits for nothing
    poller     lets the three answers leave, one right behind the other

trio would let each client have a task of its own that waits for its socket, and that reads nicely.
But to put a task to sleep and to wake it again costs more than to answer a simple read: half of all
computing went there. So trio waits for one thing, that *something* has come, and the system's own
list says what. With a thousand busy clients one wake-up is for many of them; with ten thousand that
are idle there are no ten thousand sleeping tasks to remember.

Those whose writes have shared a sync are answered as in a round, too (`in_a_round`): were each sent
to as soon as its write is applied, each would wake a client that sleeps, again and again.

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

    __slots__ = ("_afterwards", "_is_calling", "_selector")

    def __init__(self) -> None:
        """Begin with none."""
        self._selector = selectors.DefaultSelector()
        self._is_calling = False
        self._afterwards: list[Callable[[], None]] = []

    def add(self, reader: socket.socket, readable: Callable[[], None]) -> None:
        """Call `readable` whenever something can be read, until `remove`."""
        self._selector.register(reader, selectors.EVENT_READ, readable)

    def remove(self, reader: socket.socket) -> None:
        """Call no more. To be done before a socket is closed: its number may be another's then."""
        if self._selector.get_map() is not None:  # it knows nobody any more when it is closed
            self._selector.unregister(reader)

    def at_the_end(self, action: Callable[[], None]) -> None:
        """Do it when all were called in this round; at once, if there is none."""
        if self._is_calling:
            self._afterwards.append(action)
        else:
            action()

    def in_a_round(self, action: Callable[[], None]) -> None:
        """Do it as if somebody had sent something: what comes of it for many leaves together."""
        if self._is_calling:
            action()
            return
        self._is_calling = True
        action()
        self._end_round()

    def _end_round(self) -> None:
        self._is_calling = False
        afterwards, self._afterwards = self._afterwards, []
        for action in afterwards:
            action()

    async def run(self) -> None:
        """Go on until cancelled."""
        selector = self._selector
        while True:
            await trio.lowlevel.wait_readable(selector)
            self._is_calling = True
            for key, _ in selector.select(0):
                key.data()
            self._end_round()

    def close(self) -> None:
        """Be done with it."""
        self._selector.close()
