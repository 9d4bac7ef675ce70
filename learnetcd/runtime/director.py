"""The director: which members a proxy asks, and which not just now.

    --initial-cluster            peer URLs, of whoever is there at the beginning
      GET /members, at one of them       --> client URLs: the endpoints, in a new random order
                                         --> peer URLs: whom to ask the next time
    DATA/proxy/cluster           {"PeerURLs":["http://10.0.0.1:2380", ...]}

Members come and go. So the list is asked for again and again, and the peer URLs of the last answer
are kept in a file: a proxy that starts again finds its cluster even when nobody is left of those
that its command line names. The file is etcd's own, and each starts with what the other has left.

An endpoint that failed is avoided for a while, so that not each client has to wait for it in vain.
The order is random, so that not all proxies ask the same member; it stays until the next list.

Source: etcd 3.4 proxy/httpproxy/director.go; etcdmain/etcd.go, startProxy.

Differs: an endpoint that failed is avoided for the whole time; in etcd only until the next list.

Next page: `upstream`.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import trio

from learnetcd.disk.directory import PRIVATE_FILE, PRIVATE_FOLDER
from learnetcd.errors import UserError
from learnetcd.member.cluster import ClusterMember
from learnetcd.runtime import journal
from learnetcd.runtime.discovery import found_complete
from learnetcd.runtime.http_client import NoAnswer
from learnetcd.runtime.joining import ask
from learnetcd.runtime.securing import peers_files
from learnetcd.runtime.settings import Settings
from learnetcd.runtime.srv import found_by_name
from learnetcd.runtime.tls import Tls

PATIENCE_S = 5
"""For each member that is asked who the members are."""
WITHOUT_ENDPOINTS_S = 1
"""Nobody can be served then: so the next question does not wait for the refresh interval."""


class Director:
    """The endpoints of a cluster, as a proxy knows them."""

    def __init__(self, settings: Settings, peer_urls: list[str]) -> None:
        """Nothing is asked before `refresh`."""
        self._settings = settings
        self._peer_urls = peer_urls
        self._tls = Tls(peers_files(settings))
        self._endpoints: list[str] = []
        self._failed: dict[str, tuple[float, str]] = {}
        """Until when each of those that failed is avoided, and why."""

    def endpoints(self) -> list[str]:
        """Client URLs of members, those to be asked first before the others."""
        if not self._failed:
            return self._endpoints
        avoided = self.avoided()
        return [url for url in self._endpoints if url not in avoided]

    def avoided(self) -> dict[str, str]:
        """Those that failed a while ago, and why."""
        now = trio.current_time()
        self._failed = {url: one for url, one in self._failed.items() if one[0] > now}
        return {url: why for url, (_, why) in self._failed.items()}

    def failed(self, url: str, why: str) -> None:
        """Avoid an endpoint for a while."""
        wait_ms = self._settings.proxy_failure_wait_ms
        self._failed[url] = (trio.current_time() + wait_ms / 1000, why)
        journal.warn("avoiding a member that failed", url=url, reason=why, for_ms=wait_ms)

    async def run(self) -> None:
        """Ask again and again who the members are."""
        while True:
            has_some = bool(self.endpoints())
            interval_s = self._settings.proxy_refresh_interval_ms / 1000
            await trio.sleep(interval_s if has_some else min(interval_s, WITHOUT_ENDPOINTS_S))
            await self.refresh()

    async def refresh(self) -> None:
        """Ask who the members are; if none of them answers, there are no endpoints."""
        before = set(self._endpoints)
        members = await self._told()
        endpoints = sorted({url for one in members for url in one.client_urls})
        if set(endpoints) != before:
            journal.say("endpoints found", urls=endpoints)
        # A new list: who asks just now goes on with the one before.
        self._endpoints = random.sample(endpoints, len(endpoints))
        peer_urls = sorted({url for one in members for url in one.peer_urls})
        if peer_urls:
            self._peer_urls = peer_urls
            keep(self._settings, peer_urls)

    async def _told(self) -> tuple[ClusterMember, ...]:
        for url in self._peer_urls:
            try:
                _, members = await ask(url, PATIENCE_S, self._settings.peer_routes, self._tls)
            except NoAnswer as error:
                journal.warn_now_and_then("a member names no endpoints", url=url, why=str(error))
            else:
                return members
        return ()


# -- what is kept -----------------------------------------------------------------------------


def folder_of(settings: Settings) -> Path:
    """Where a proxy keeps the little that it has."""
    return Path(settings.data_dir) / "proxy"


def keep(settings: Settings, peer_urls: list[str]) -> None:
    """Write down where the members are; the file is whole at any moment."""
    target = folder_of(settings) / "cluster"
    draft = target.with_name("cluster.bak")
    try:
        with open(draft, "wb", opener=privately) as file:
            file.write(json.dumps({"PeerURLs": peer_urls}, separators=(",", ":")).encode())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except OSError as error:
        journal.warn("the members can't be written down", file=target, why=str(error))


def privately(path: str, flags: int) -> int:
    """Open a file that only its owner may read."""
    return os.open(path, flags, PRIVATE_FILE)


async def first_peer_urls(settings: Settings) -> list[str]:
    """Whom to ask first: those of the last time, or whom the settings name."""
    folder = folder_of(settings)
    try:
        folder.mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)
        text = (folder / "cluster").read_text(encoding="utf-8")
    except FileNotFoundError:
        return await named_peer_urls(settings)
    except (OSError, UnicodeError) as error:
        raise UserError(f"{folder}/cluster can't be used: {error}.") from error
    return read_peer_urls(text, f"{folder}/cluster")


def read_peer_urls(text: str, name: str) -> list[str]:
    """Read what `keep`, or etcd, wrote."""
    try:
        match json.loads(text):
            case {"PeerURLs": [*urls]} if all(isinstance(url, str) for url in urls):
                return urls
    except ValueError:
        pass
    raise UserError(f'{name} should hold {{"PeerURLs":["http://...", ...]}}, not {text[:80]!r}.')


async def named_peer_urls(settings: Settings) -> list[str]:
    """Whom the settings name, by whatever way they name members."""
    if settings.discovery:
        members = await found_complete(settings)
    elif settings.discovery_srv:
        members = await found_by_name(settings)
    else:
        members = settings.initial_cluster
    return sorted(url for one in members for url in one.peer_urls)
