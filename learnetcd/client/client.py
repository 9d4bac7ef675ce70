"""The client: what a program can ask a cluster for.

    await etcd.set("/x", "1")                whatever was there
    await etcd.create("/x", "1", ttl_s=10)   only if nothing was there; else KeyTaken
    await etcd.swap("/x", "2", index=7)      only if nobody changed it since; else Changed
    await etcd.delete("/x", index=8)         the same
    await etcd.append("/jobs", "one")        a new key, in order: /jobs/00000000000000000009
    await etcd.get("/x")                     what the member that is asked knows: it may be behind
    await etcd.get("/x", quorum=True)        through the log: what all agree on now

Everything that can go wrong is a `ClientError`; the page `answer` says what each kind of it means.

Source: etcd's Documentation/v2/api.md. Next page: `watch`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self
from urllib.parse import quote, urlencode

from learnetcd.client.answer import Change, KeyMissing, Node
from learnetcd.client.asking import Members, Transport
from learnetcd.client.watch import Watch
from learnetcd.runtime.credentials import Credentials
from learnetcd.runtime.http_client import NOTHING_SHOWN, HttpClient

ANSWER_S = 6.0
"""How long one member may take; a member itself gives up after 5 s, and says so."""
PATIENCE_S = 10.0
"""How long to look for a member that answers at all."""


class Client:
    """Somebody who uses a cluster."""

    def __init__(
        self,
        urls: Sequence[str],
        transport: Transport | None = None,
        *,
        patience_s: float = PATIENCE_S,
        shown: Credentials = NOTHING_SHOWN,
    ) -> None:
        """Know where members listen: one URL is enough, several survive the end of one.

        `shown`: what members are shown that do not let in everybody, and whom we believe at https.
        """
        way = transport or HttpClient(ANSWER_S, shown=shown)
        self._members = Members(urls, way, patience_s)

    async def __aenter__(self) -> Self:
        """Ask within."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Let go of all connections."""
        self._members.transport.close()

    # -- reading ------------------------------------------------------------------------------

    async def get(
        self, key: str, *, recursive: bool = False, in_order: bool = False, quorum: bool = False
    ) -> Change:
        """Read a key, or a directory with what is in it; `KeyMissing` if there is none."""
        return await self._ask(
            "GET", key, {"recursive": recursive, "sorted": in_order, "quorum": quorum}
        )

    async def files(self, directory: str, *, quorum: bool = False) -> tuple[list[Node], int]:
        """List all files below a directory, sorted by key, and the etcd index of the reading."""
        try:
            read = await self.get(directory, recursive=True, in_order=True, quorum=quorum)
        except KeyMissing as missing:
            return [], missing.etcd_index
        return list(read.node.files()), read.etcd_index

    async def now(self) -> int:
        """Tell the etcd index as of now: a watch after it misses nothing from here on."""
        return (await self.get("/")).etcd_index

    def watch(self, key: str, *, after: int, recursive: bool = True) -> Watch:
        """Tell every change of a key, and of all below it, after that index."""
        return Watch(self._members, address_of(key), after, recursive)

    # -- writing ------------------------------------------------------------------------------

    async def set(self, key: str, value: str, *, ttl_s: int | None = None) -> Change:
        """Write a key, whatever was there."""
        return await self._ask("PUT", key, {}, value=value, ttl=ttl_s)

    async def create(self, key: str, value: str, *, ttl_s: int | None = None) -> Change:
        """Write a key that must not be there: of several who try, one succeeds."""
        return await self._ask("PUT", key, {"prevExist": False}, value=value, ttl=ttl_s)

    async def append(self, directory: str, value: str, *, ttl_s: int | None = None) -> Change:
        """Write a new key that is greater than all that were written here before."""
        return await self._ask("POST", directory, {}, value=value, ttl=ttl_s)

    async def swap(
        self,
        key: str,
        value: str,
        *,
        index: int | None = None,
        previous: str | None = None,
        ttl_s: int | None = None,
    ) -> Change:
        """Write a key if it was last changed at that index, or if it holds that value."""
        condition = {"prevIndex": index, "prevValue": previous}
        return await self._ask("PUT", key, condition, value=value, ttl=ttl_s)

    async def refresh(self, key: str, ttl_s: int, *, previous: str | None = None) -> Change:
        """Let a key live so many seconds from now on, if it is there; no watcher is told."""
        condition = {"prevExist": True, "prevValue": previous}
        return await self._ask("PUT", key, condition, ttl=ttl_s, refresh=True)

    async def delete(
        self,
        key: str,
        *,
        index: int | None = None,
        previous: str | None = None,
        recursive: bool = False,
    ) -> Change:
        """Remove a key, under a condition or under none; or a directory with all that is in it."""
        asked = {"prevIndex": index, "prevValue": previous, "recursive": recursive}
        return await self._ask("DELETE", key, asked)

    async def _ask(
        self, method: str, key: str, asked: Mapping[str, object], **form: object
    ) -> Change:
        query, body = form_of(asked, omit_false=method != "PUT"), form_of(form)
        return await self._members.ask(method, f"{address_of(key)}?{query}", body.encode())


def address_of(key: str) -> str:
    """Where a key is found."""
    return "/v2/keys/" + quote(key.strip("/"))


def form_of(fields: Mapping[str, object], *, omit_false: bool = False) -> str:
    """What was asked for, as forms and queries say it."""
    said = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in fields.items()
        if value is not None and not (omit_false and value is False)
    }
    return urlencode(said)
