"""Presence: a key that is there as long as its owner is.

    0 s    create /services/web/a, to live 6 s     owner: "sure until 6 s"
    2 s    refresh                                 "sure until 8 s"
    4 s    refresh: no answer                      still "sure until 8 s"
           the owner is paused for 10 s
    8.5 s  the leader lets the key expire          all who watch are told
    14 s   the owner wakes up                      not sure any more; the next refresh says: gone

The cluster calls nobody: it lets keys expire that were not refreshed. Until a death is noticed it
takes a time to live, and up to half a second more.

The owner counts on its own clock, from the moment *before* it asked. So while it is sure, the key
is there, as long as clocks run equally fast. When it is not sure, the key may be there or not.

The value tells its owner from all others: two who write the same value are one to the cluster, and
keep one key. That is right for a service, whose value is its address, also after a restart. It is
wrong for a lock, where two programs may bear the same name, or one is started again beside its
former self that was only paused: so there each adds a token that nobody else has (`only_one`).

Source: etcd's Documentation/v2/api.md, "Refreshing key TTL". Next page: `discovery`.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import trio

from learnetcd.client import Changed, Client, ClientError, KeyMissing, KeyTaken, Node, Unknown

BEATS = 3
"""How often a key is refreshed within its time to live. A member that is asked may be cut off, and
mute: the next beat asks another one, in time."""
PAUSE_S = 0.2
"""Before something is asked again."""


def only_one(name: str) -> str:
    """Give a value that says who, and that nobody else has, not even one of that name."""
    return f"{name} {secrets.token_hex(4)}"


class Presence:
    """A key with a time to live, and what its owner knows of it."""

    def __init__(self, client: Client, key: str, value: str, ttl_s: int) -> None:
        """Plan a key; whoever gives the same value is the same owner."""
        self.key = key
        self.value = value
        self.ttl_s = ttl_s
        self.index = 0
        """When it was created: each owner of the key has a higher one than those before."""
        self._client = client
        self._sure_until = 0.0

    @property
    def is_sure(self) -> bool:
        """Whether the owner knows that the key is there."""
        return trio.current_time() < self._sure_until

    async def begin(self) -> None:
        """Create the key; `KeyTaken` if somebody else has it."""
        asked_at = trio.current_time()
        self.index = (await self._create()).created_index
        self._sure_until = asked_at + self.ttl_s

    async def _create(self) -> Node:
        while True:
            try:
                return (await self._client.create(self.key, self.value, ttl_s=self.ttl_s)).node
            except Unknown:
                await trio.sleep(PAUSE_S)  # if it was done, the key is taken now: by us
            except KeyTaken as taken:
                # One that is ours already may be about to expire: it is sure once it is refreshed.
                try:
                    refreshed = self._client.refresh(self.key, self.ttl_s, previous=self.value)
                    return (await refreshed).node
                except Changed:
                    raise taken from None
                except (KeyMissing, Unknown):
                    await trio.sleep(PAUSE_S)

    async def keep(self) -> None:
        """Refresh it again and again, until it is gone."""
        next_at = trio.current_time() + self.ttl_s / BEATS
        while True:
            await trio.sleep_until(next_at)
            asked_at = trio.current_time()
            next_at = asked_at + self.ttl_s / BEATS
            try:
                with trio.fail_at(next_at):
                    await self._client.refresh(self.key, self.ttl_s, previous=self.value)
            except (KeyMissing, Changed):
                self._sure_until = 0.0
                return
            except (ClientError, trio.TooSlowError):
                continue  # it lives for as long as it was told to
            self._sure_until = asked_at + self.ttl_s

    async def end(self) -> None:
        """Remove the key if it is still ours. If nobody answers, it will expire."""
        with trio.move_on_after(self.ttl_s) as farewell, suppress(ClientError):
            farewell.shield = True
            await self._client.delete(self.key, previous=self.value)

    @asynccontextmanager
    async def beside(self, keep: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
        """Keep the key while the block runs, and remove it at the end."""
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(keep)
                yield
                nursery.cancel_scope.cancel()
        finally:
            await self.end()
