"""The HTTP server: it lets clients in, and shows those out who take too long.

    listening socket  --->  a Connection each
    poller            --->  who has sent something?
    once a second     --->  who has kept us waiting for too long?

Who opens a connection and sends a byte a minute costs us little, but a thousand of them would cost
much (this attack is called *slow loris*). So there is a time for everything a client may keep us
waiting for. It is looked at for all connections together, once a second: a timer for each request
would cost more than a quick request itself.

**Stopping** is gentle: nobody new is let in, requests that came are answered, whoever watches is
told that this was all, and only who takes too long is cut off.

Next page: `answer_reader`.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Sequence
from typing import TypeAlias

import trio

from learnetcd.api.http import LARGEST_FORM, HttpRequest, Result
from learnetcd.runtime import journal
from learnetcd.runtime.connection import Connection, Stream
from learnetcd.runtime.member_driver import MemberDriver
from learnetcd.runtime.mistrust import why
from learnetcd.runtime.poller import Poller
from learnetcd.runtime.tls import NotTrusted, SecuredSocket, Tls, common_name

LOOK_AROUND_S = 1
ANSWERS_S = 1
"""When the server stops: so long for answers to what was asked. The cluster may need a moment, for
the next leader; but an answer may also never come, and then the client is told so."""
STOPPING_S = 5
"""So long for clients to take what they are told."""

SLOW_WORKERS = 2
"""So many at a time look at passwords: however many want to be let in, the others are served."""

NO_MORE_FILES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


Handle: TypeAlias = "Callable[[HttpRequest], Result | Stream]"
"""Answers a request."""


class HttpServer:
    """All clients of one member."""

    def __init__(
        self,
        handle: Handle,
        driver: MemberDriver | None,
        largest_body: int = LARGEST_FORM,
        tls: Tls | None = None,
    ) -> None:
        """Answer by `handle`; what it can't answer alone, the driver's member does, if any.

        Who comes in by a `SecuredListener` shakes hands first, as `tls` says.
        """
        self.handle = handle
        self.driver = driver
        self.largest_body = largest_body
        self.tls = tls
        self.connections: dict[Connection, None] = {}
        """In the order in which they came."""
        self.now = 0
        """Seconds, of a clock that only goes on when we look around."""
        self.is_stopping = False
        self.connect: Callable[[HttpServer, socket.socket], Connection] = Connection
        """What is made for each client."""
        self.poller = Poller()
        self.slow_workers = trio.CapacityLimiter(SLOW_WORKERS)
        self.nursery: trio.Nursery
        self._nobody_left = trio.Event()

    async def run(self, listeners: Sequence[socket.socket]) -> None:
        """Serve, until cancelled."""
        try:
            async with trio.open_nursery() as self.nursery:
                for listener in listeners:
                    self.nursery.start_soon(self._let_in, listener)
                self.nursery.start_soon(self.poller.run)
                self.nursery.start_soon(self._look_around)
        finally:
            for connection in list(self.connections):
                connection.close()
            self.poller.close()

    async def _let_in(self, listener: socket.socket) -> None:
        while listener.fileno() >= 0:  # until `stop` closes it
            try:
                await trio.lowlevel.wait_readable(listener)
                if self.is_stopping:
                    return  # somebody knocked just before the door was closed
                connected, _ = listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                continue  # it went away again
            except trio.ClosedResourceError:
                return
            except OSError as error:
                if error.errno not in NO_MORE_FILES:
                    raise
                await trio.sleep(0.1)  # until somebody goes
                continue
            connected.setblocking(False)
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if isinstance(listener, SecuredListener):
                self.nursery.start_soon(self._shake_hands, connected)
            else:
                self._welcome(connected)

    async def _shake_hands(self, connected: socket.socket) -> None:
        """Let somebody in who shows what we demand."""
        assert self.tls is not None, "who listens by TLS has a certificate"
        address = "unknown"
        try:
            address = connected.getpeername()[0]  # who is gone already has none
            secured = await self.tls.let_in(connected)
        except (OSError, NotTrusted) as error:
            journal.warn_now_and_then("no handshake", address=address, reason=why(error))
            connected.close()
        else:
            self._welcome(secured, common_name(secured.certificate()))

    def _welcome(self, connected: socket.socket, certificate_name: str = "") -> None:
        connection = self.connect(self, connected)
        connection.certificate_name = certificate_name
        self.connections[connection] = None
        if self.is_stopping:
            connection.stop()
        elif isinstance(connected, SecuredSocket):
            connection.readable()  # the first request may have come with the last of the handshake

    def forget(self, connection: Connection) -> None:
        """A client has gone."""
        del self.connections[connection]
        if self.is_stopping and not self.connections:
            self._nobody_left.set()

    async def _look_around(self) -> None:
        """Show out who has kept us waiting."""
        while True:
            await trio.sleep(LOOK_AROUND_S)
            self.now += 1
            for connection in list(self.connections):
                patience = connection.patience_s
                if patience is not None and self.now - connection.since > patience:
                    connection.close()

    async def stop(self, listeners: Sequence[socket.socket]) -> None:
        """Let nobody in any more, and wait until the others are gone, but not for ever.

        Differs: etcd says at once to all who wait that it stops.
        """
        self.is_stopping = True
        for listener in listeners:
            trio.lowlevel.notify_closing(listener)
            listener.close()
        for connection in list(self.connections):
            connection.stop()
        with trio.move_on_after(ANSWERS_S):
            await self._until_nobody_is_left()
        for connection in list(self.connections):
            connection.give_up()
        with trio.move_on_after(STOPPING_S):
            await self._until_nobody_is_left()

    async def _until_nobody_is_left(self) -> None:
        if self.connections:
            await self._nobody_left.wait()


class SecuredListener(socket.socket):
    """A port at which only TLS is spoken."""


def listen_securely(host: str, port: int) -> SecuredListener:
    """Take a port for TLS."""
    plain = listen(host, port)
    secured = SecuredListener(plain.family, plain.type, plain.proto, plain.detach())
    secured.setblocking(False)
    return secured


def listen(host: str, port: int) -> socket.socket:
    """Take a port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=4096)
    listener.setblocking(False)
    return listener
