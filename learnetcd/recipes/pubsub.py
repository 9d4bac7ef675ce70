"""Publish and subscribe: whoever wants to know is told, in order.

    publish     POST /topics/news "a"     -> /topics/news/00000000000000000041, lives 60 s
    subscribe   after 40: "a" (41), "b" (44), "c" (45) ...

**Naive**: ask for the next change, handle it, ask for the next change. What is published while a
message is handled is never seen.

**The recipe**: ask from the index on that follows the last message. Each message is a key of its
own, in order, and stays for a while: so a subscriber that fell so far behind that the cluster has
forgotten the changes reads the keys, and goes on behind the last of them.

What it does not promise. A message that is older than the time to live is gone, whoever missed it.
A publisher that is not told whether its message was taken must say it again, so it may be there
twice. Nothing says who has read what. And ten messages a second are fine, a hundred thousand not.

Next page: `balance`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from learnetcd.client import Client, Node, TooLate

WINDOW_S = 60
"""How long a message stays."""


def topic(name: str) -> str:
    """Where the messages of a topic are."""
    return f"/topics/{name}"


async def publish(client: Client, name: str, message: str) -> int:
    """Say something to all who listen; the index that it got."""
    said = await client.append(topic(name), message, ttl_s=WINDOW_S)
    return said.node.created_index


async def next_message_naively(client: Client, name: str) -> Node:
    """Wait for what is published from now on."""
    return (await anext(client.watch(topic(name), after=await client.now()))).node


async def messages(client: Client, name: str, *, after: int) -> AsyncIterator[Node]:
    """Tell each message after that index once, in order, without an end."""
    while True:
        try:
            async for change in client.watch(topic(name), after=after):
                after = change.node.modified_index
                if not change.is_removal:
                    yield change.node
        except TooLate:
            kept, now = await client.files(topic(name))
            for node in kept:
                if node.created_index > after:
                    yield node
            after = now
