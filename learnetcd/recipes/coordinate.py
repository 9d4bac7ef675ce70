"""Coordination: wait until something is so, however long it has been so already.

    barrier     each of three writes /barriers/start/NAME; when three names are there, all go on
    condition   wait until /config/mode is "on"

**Naive**: read; if it is not so, wait for the next change. What changes between the reading and the
waiting is seen by neither: the program waits for ever for what has long happened.

**The recipe**: state and news belong together. Read, and watch from the very index at which that
was read: that is what a mirror does. Then waiting is a loop over states, not over news: no matter
whether something came true by one change or by ten, or before anybody looked.

What it does not promise: that it is still so when the program goes on.

Next page: `lock`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import trio

from learnetcd.client import Client, KeyMissing, Mirror


async def until(client: Client, directory: str, is_so: Callable[[Mirror], bool]) -> Mirror:
    """Wait until something is so of the files of a directory, or of one file."""
    mirror = await Mirror.of(client, directory)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(mirror.follow)
        while not is_so(mirror):
            await mirror.changed()
        nursery.cancel_scope.cancel()
    return mirror


async def until_naively(
    client: Client, key: str, value: str, meanwhile: Callable[[], Awaitable[None]]
) -> None:
    """Wait until a key has this value: by a reading, and then by news; something lies between."""
    while True:
        try:
            if (await client.get(key)).node.value == value:
                return
        except KeyMissing:
            pass
        await meanwhile()  # what happens now is seen by nobody
        await anext(client.watch(key, after=await client.now()))


async def meet(client: Client, barrier: str, name: str, parties: int) -> None:
    """Come to a barrier, and wait there until all have come."""
    directory = f"/barriers/{barrier}"
    await client.set(f"{directory}/{name}", "here")
    await until(client, directory, lambda mirror: len(mirror.files) >= parties)
