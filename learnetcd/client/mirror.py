"""A mirror: what is in a directory, kept here, and as new as the news.

    async with open_nursery() as nursery:
        backends = await Mirror.of(etcd, "/services/web")
        nursery.start_soon(backends.follow)
        ...
        print(backends.values())      at once: nobody is asked

Read once, then watch from the index at which that was read: between the two nothing is missed. When
a thousand other changes came too fast, read again.

A mirror is as old as the last news. A member that is cut off tells none, and does not know it.

Next page: `learnetcd/recipes/`.
"""

from __future__ import annotations

from typing import Self

import trio

from learnetcd.client.answer import Change, Node, TooLate
from learnetcd.client.client import Client


class Mirror:
    """The files of a directory, by key."""

    def __init__(self, client: Client, directory: str) -> None:
        """Know nothing yet."""
        self.files: dict[str, Node] = {}
        self.etcd_index = 0
        """The files are as they were then."""
        self._client = client
        self._directory = directory
        self._changed = trio.Condition()

    @classmethod
    async def of(cls, client: Client, directory: str) -> Self:
        """Read a directory."""
        mirror = cls(client, directory)
        await mirror.read()
        return mirror

    async def read(self) -> None:
        """Read all of it."""
        files, self.etcd_index = await self._client.files(self._directory)
        self.files = {file.key: file for file in files}
        await self._tell()

    async def follow(self) -> None:
        """Keep up with what happens, until cancelled."""
        while True:
            try:
                async for change in self._client.watch(self._directory, after=self.etcd_index):
                    await self.take_in(change)
            except TooLate:
                await self.read()

    async def take_in(self, change: Change) -> None:
        """Change what was changed."""
        key = change.node.key
        if change.is_removal:
            self.files = {
                at: file
                for at, file in self.files.items()
                if at != key and not at.startswith(f"{key}/")
            }
        elif change.node.value is not None:
            self.files[key] = change.node
        self.etcd_index = change.node.modified_index
        await self._tell()

    async def changed(self) -> None:
        """Wait until something is news."""
        async with self._changed:
            await self._changed.wait()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def values(self) -> list[str]:
        """What the files hold, in the order of their keys."""
        return [self.files[key].value or "" for key in sorted(self.files)]
