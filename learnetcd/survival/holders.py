"""The holders: clients whose keys live only as long as they say so, again and again.

    set h1-7 for 2 s      refresh      refresh           (nothing more: it is gone after 2 s)
    |-----------2 s-----------|
                          |-----------2 s-----------|
                                       |-----------2 s-----------|  expire

This is how services say that they are there (the article's third chapter). A holder that stops
refreshing is taken for dead; one that is alive must never lose its key, whoever leads meanwhile. So
holders refresh in time or stop on purpose, and look what has become of their key.

Next page: `queuers`.
"""

from __future__ import annotations

from dataclasses import dataclass

import trio

from learnetcd.member.request import KeyRequest, Method, ReadKind
from learnetcd.runtime.http_client import HttpClient
from learnetcd.survival.clients import ANSWER_S, ROOT, Client

HOLDS = f"{ROOT}/holds"
TTL_S = 2
MOST_REFRESHES = 4


@dataclass(slots=True)
class Holder(Client):
    """One of them."""

    async def run(self) -> None:
        """Hold one key after the other, until the book is closed."""
        async with HttpClient(ANSWER_S) as client:
            while not self.book.is_closed:
                value = self.new_value()
                await self.hold(client, f"{HOLDS}/{value}", value)

    async def hold(self, client: HttpClient, path: str, value: str) -> None:
        """Set a key, refresh it some times, and look at it until it must be gone."""
        await self.ask(client, KeyRequest(Method.PUT, path, value, ttl=TTL_S))
        for _ in range(self.chance.randint(0, MOST_REFRESHES)):
            await trio.sleep(self.chance.uniform(0.2, 0.8) * TTL_S)
            refresh = KeyRequest(Method.PUT, path, ttl=TTL_S, prev_exist=True, refresh=True)
            await self.ask(client, refresh)
        for _ in range(4):
            await trio.sleep(self.chance.uniform(0.1, 0.5) * TTL_S)
            await self.ask(client, KeyRequest(Method.GET, path, read=ReadKind.QUORUM))
