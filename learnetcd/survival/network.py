"""The network between members: a relay in front of each of them, which may hold things back.

    m1 --------->  relay of m2  --------->  m2          way m1 -> m2
       <---------               <---------              way m2 -> m1

A member advertises the address of its relay, so whatever the others say to it passes there. Who is
connecting, the relay reads off the requests: members say it in a header (but a real etcd does not
when it probes or asks for versions). Each pair has two ways, and each of them can be cut, slow or
lossy without the other.

**Cut**: nothing passes until the way is open again; then it does, however old it is. That is what
TCP makes of a cable that is pulled and put back. **Loss**: the connection breaks, and what was
under way is gone. TCP loses nothing in the middle.

Next page: `members`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random

import trio

from learnetcd.member import identity
from learnetcd.member.cluster import name_of
from learnetcd.peer.handshake import FROM
from learnetcd.runtime.local_member import LOOPBACK

PIECE_BYTES = 1 << 16
MOST_HEAD_BYTES = 1 << 14
TOKEN = "etcd-cluster"


class Way:
    """From one member to another."""

    def __init__(self, chance: Random) -> None:
        """All is well."""
        self.delay_s = 0.0
        self.loss = 0.0
        """The chance that a piece breaks its connection."""
        self._chance = chance
        self._is_open = trio.Event()
        self._is_open.set()

    def cut(self) -> None:
        """Let nothing pass."""
        if self._is_open.is_set():
            self._is_open = trio.Event()

    def heal(self) -> None:
        """Let everything pass, at once."""
        self.delay_s = self.loss = 0.0
        self._is_open.set()

    async def passed(self) -> bool:
        """Wait until a piece may pass; False if it breaks its connection."""
        if self.delay_s:
            await trio.sleep(self._chance.uniform(0.5, 1.5) * self.delay_s)
        await self._is_open.wait()
        return self._chance.random() >= self.loss


class Network:
    """All ways between members that have names, and the relays that know them."""

    def __init__(self, advertised: dict[str, str], chance: Random) -> None:
        """`advertised`: the peer URL of each member, by its name."""
        names = [*advertised, ""]  # the last is whoever does not say who it is
        self._names = {
            name_of(identity.member_id([url], TOKEN)): name for name, url in advertised.items()
        }
        self.ways = {(one, other): Way(chance) for one in names for other in names if one != other}

    def cut_between(self, one: str, other: str) -> None:
        """Both ways."""
        self.ways[one, other].cut()
        self.ways[other, one].cut()

    def heal(self) -> None:
        """All is well again."""
        for way in self.ways.values():
            way.heal()

    async def relay(self, receiver: str, port: int, target_port: int) -> None:
        """Relay to a member what comes for it, until cancelled."""

        async def accepted(stream: trio.SocketStream) -> None:
            try:
                await self._relay_one(receiver, target_port, stream)
            except* (OSError, trio.BrokenResourceError, trio.ClosedResourceError):
                pass  # one of the two is gone, and the other is told by the end of the connection

        await trio.serve_tcp(accepted, port, host=LOOPBACK)

    async def _relay_one(self, receiver: str, target_port: int, stream: trio.SocketStream) -> None:
        async with stream:
            head = await head_of(stream)
            sender = ""

            def there(piece: bytes) -> Way:
                nonlocal sender
                sender = sender or self._names.get(sender_of(piece), "")
                return self.ways[sender, receiver]

            def back(_: bytes) -> Way:
                return self.ways[receiver, sender]

            async with (
                await trio.open_tcp_stream(LOOPBACK, target_port) as target,
                trio.open_nursery() as nursery,
            ):
                scope = nursery.cancel_scope
                nursery.start_soon(pass_on, [head], stream, target, there, scope)
                nursery.start_soon(pass_on, [], target, stream, back, scope)


async def head_of(stream: trio.SocketStream) -> bytes:
    """The beginning of what is said: the head of the first request, at least."""
    head = b""
    while b"\r\n\r\n" not in head and len(head) < MOST_HEAD_BYTES:
        piece = bytes(await stream.receive_some(PIECE_BYTES))
        if not piece:
            break
        head += piece
    return head


def sender_of(head: bytes) -> str:
    """Who says to be asking; "" if nobody does."""
    for line in head.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(": ")
        if name.lower() == FROM.lower():
            return value.strip()
    return ""


async def pass_on(
    pieces: Iterable[bytes],
    source: trio.SocketStream,
    target: trio.SocketStream,
    way_of: Callable[[bytes], Way],
    connection: trio.CancelScope,
) -> None:
    """Pass on these pieces and all that come, until the connection ends or breaks."""
    for piece in pieces:
        if not await way_of(piece).passed():
            break
        await target.send_all(piece)
    else:
        async for more in source:
            if not await way_of(bytes(more)).passed():
                break
            await target.send_all(more)
    connection.cancel()
