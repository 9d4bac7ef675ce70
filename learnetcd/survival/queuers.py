"""The queuers: clients who leave something in a directory, in order, and take it out again.

    post q1-5  ->  /trial/queues/3/00000000000000000417
    list       ->  ...0417=q1-5, ...0423=q2-9
    take       ->  delete ...0417 if it holds q1-5
    clear      ->  delete /trial/queues/3 and all that is in it

The store makes the names, so that they rise: each is the etcd index of its making. Of two who take
the same thing, one is told that it was too late.

Next page: `watchers`.
"""

from __future__ import annotations

from dataclasses import dataclass

import trio

from learnetcd.member.request import KeyRequest, Method, ReadKind
from learnetcd.runtime.http_client import HttpClient
from learnetcd.survival.book import Json, leaves
from learnetcd.survival.clients import ANSWER_S, ROOT, Client, epoch

QUEUES = f"{ROOT}/queues"
PAUSE_S = 0.15


@dataclass(slots=True)
class Queuer(Client):
    """One of them."""

    async def run(self, began: float) -> None:
        """Post, list and take, until the book is closed."""
        async with HttpClient(ANSWER_S) as client:
            while not self.book.is_closed:
                await self.work(client, f"{QUEUES}/{epoch(began)}")

    async def work(self, client: HttpClient, queue: str) -> None:
        """One round: post as many as are taken, so that now and then the queue is empty."""
        await self.ask(client, KeyRequest(Method.POST, queue, self.new_value()))
        await trio.sleep(self.chance.uniform(0.5, 1.5) * PAUSE_S)
        listing = KeyRequest(Method.GET, queue, read=ReadKind.QUORUM, recursive=True)
        said = await self.ask(client, listing)
        if said is not None and "node" in said and self.chance.random() < 0.7:
            await self.take(client, said)
        if self.chance.random() < 0.05:
            await self.ask(client, KeyRequest(Method.DELETE, queue, recursive=True))

    async def take(self, client: HttpClient, listed: Json) -> None:
        """Take the first that was listed, if somebody else has not taken it meanwhile."""
        for first in leaves(listed["node"]):
            request = KeyRequest(Method.DELETE, first["key"], prev_value=first["value"])
            await self.ask(client, request)
            return
