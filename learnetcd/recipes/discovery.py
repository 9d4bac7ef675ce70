"""Discovery: services say where they are, and whoever needs one looks it up.

    /services/web/a   10.0.0.1:80      lives 6 s, refreshed every 2 s by the service itself
    /services/web/b   10.0.0.2:80

**Naive**: write the address once. The service dies, and is found for ever after.

**The recipe**: the address is a `presence`. It goes with its service, at the latest a time to live
after the last refresh, and comes back with it; a service that stops in order takes it along.
Whoever looks for services keeps a mirror, and is told of each change.

What it does not promise. A service that is listed was alive some seconds ago, and may be dead now:
whoever calls it must bear that. And a member that is cut off from the others lists dead services
for as long as it is cut off: only the leader lets keys expire, and it does not hear of it. Who must
know asks through the log (`files(..., quorum=True)`), and gets no answer there.

Next page: `pubsub`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from learnetcd.client import Client, Mirror
from learnetcd.recipes.presence import Presence

TTL_S = 6


def service(name: str) -> str:
    """Where the instances of a service are listed."""
    return f"/services/{name}"


@asynccontextmanager
async def registered(
    client: Client, name: str, instance: str, address: str, ttl_s: int = TTL_S
) -> AsyncIterator[None]:
    """Be found while the block runs."""
    presence = Presence(client, f"{service(name)}/{instance}", address, ttl_s)
    await presence.begin()

    async def stay() -> None:
        while True:
            await presence.keep()
            await presence.begin()  # whoever was away for too long comes back

    async with presence.beside(stay):
        yield


async def register_naively(client: Client, name: str, instance: str, address: str) -> None:
    """Be found for ever."""
    await client.set(f"{service(name)}/{instance}", address)


async def instances(client: Client, name: str) -> Mirror:
    """Read who is there; `follow` it to be told of changes."""
    return await Mirror.of(client, service(name))
