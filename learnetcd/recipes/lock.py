"""A lock: one holder at a time, and a number that tells an old holder from a new one.

    a   creates /locks/db      held, fence 41, to live 6 s; refreshed every 2 s
    b   is told KeyTaken       waits until the key is gone
    a   is paused for 10 s     (a garbage collection, a laptop's lid, a busy machine)
        the key expires        b creates it: held, fence 57
    b   writes, with fence 57  the storage takes it, and remembers 57
    a   wakes up, and writes   with fence 41 < 57: the storage refuses

**Naive**: whoever has the key writes. When a wakes up it is in the middle of its work, does not
know that it was away, and writes over what b wrote. No time to live is long enough, and no look at
the clock before the write is late enough: a program can be paused between the look and the write.

**The recipe**: the index at which the key was created grows with each holder. It goes along with
every write, and what is protected refuses any that is lower than one it has seen. The lock keeps
holders out of each other's way; the fence keeps the data right when that fails.

What it does not promise: that two never both think that they hold it. Where the storage can't
compare numbers, no lock of this kind protects it. (Jepsen showed that of etcd's own locks in 2020.)

Source: M. Kleppmann, "How to do distributed locking" (2016), for the fence.

Next page: `queue`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from learnetcd.client import Client, KeyTaken
from learnetcd.recipes.coordinate import until
from learnetcd.recipes.presence import Presence, only_one

TTL_S = 6


class TooOld(Exception):
    """Somebody who came later has been here."""


@asynccontextmanager
async def locked(
    client: Client, name: str, owner: str, ttl_s: int = TTL_S
) -> AsyncIterator[Presence]:
    """Hold a lock while the block runs; its `index` is the fence. Wait as long as it takes."""
    lock = Presence(client, f"/locks/{name}", only_one(owner), ttl_s)
    await acquire(client, lock)
    async with lock.beside(lock.keep):
        yield lock


async def acquire(client: Client, lock: Presence) -> None:
    """Create the key, as soon as nobody else has it."""
    while True:
        try:
            return await lock.begin()
        except KeyTaken:
            await until(client, lock.key, lambda mirror: not mirror.files)


class Storage:
    """What a lock protects: a value, and the number of who wrote it."""

    def __init__(self) -> None:
        """Nobody has written anything."""
        self.value = ""
        self.fence = 0
        self.writes: list[tuple[int, str]] = []
        """All that was written: by which fence, and what."""

    def write(self, value: str, fence: int) -> None:
        """Write, unless somebody who came later has written: then `TooOld`."""
        if fence < self.fence:
            raise TooOld(f"fence {fence} is older than {self.fence}, which has been here")
        self.write_naively(value, fence)

    def write_naively(self, value: str, fence: int) -> None:
        """Write, whoever comes."""
        self.value, self.fence = value, fence
        self.writes.append((fence, value))
