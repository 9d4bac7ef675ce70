"""The watchers: who waits for what happens to any key, whatever becomes of the member it asked.

    chain    wait from 7 on: event 7.   wait from 8 on: event 11.   wait from 12 on: ...
    stream   wait from now on: event 11, event 12, event 13 ... until the connection ends

A chain can't miss anything: it says from which index on it wants to know, and the next question
begins behind the last answer. It may go on at another member, which must have kept the same events.
A stream is a piece of the same sequence: nothing is missing between its first event and its last.

Next page: `faults`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random

import trio

from learnetcd.runtime.http_client import HttpClient, NoAnswer
from learnetcd.store.errors import EVENT_INDEX_CLEARED
from learnetcd.survival.book import Book, Seen
from learnetcd.survival.clients import ROOT
from learnetcd.survival.members import Finding

WAIT_S = 3.0
"""How long one member is asked before another one is."""
PAUSE_S = 0.1


async def watch_in_a_chain(
    name: str, urls: Sequence[str], since: int, book: Book, chance: Random
) -> None:
    """See every event from the index `since` on, until cancelled."""
    seen = book.watched.setdefault(name, [])
    async with HttpClient(WAIT_S) as client:
        while True:
            path = f"/v2/keys{ROOT}?wait=true&recursive=true&waitIndex={since}"
            try:
                answer = await client.request(chance.choice(urls), "GET", path)
            except NoAnswer:
                await trio.sleep(PAUSE_S)
                continue
            if answer.status >= 500 or not answer.body.strip():
                await trio.sleep(PAUSE_S)  # a member that stops ends its watches without an event
                continue
            said = json.loads(answer.body)
            if said.get("errorCode") == EVENT_INDEX_CLEARED:
                raise Finding(f"{name} waited for index {since}, which is over: {said['cause']}")
            seen.append(book.saw(said))
            since = seen[-1].index + 1


async def watch_a_stream(urls: Sequence[str], book: Book, chance: Random) -> None:
    """See what comes on one stream after the other, until cancelled."""
    path = f"/v2/keys{ROOT}?wait=true&recursive=true&stream=true"
    async with HttpClient(WAIT_S) as client:
        while True:
            seen: list[Seen] = []
            book.streams.append(seen)
            try:
                async with client.opened(chance.choice(urls), path, {}) as (_, connection):
                    rest = b""
                    while piece := await connection.piece():
                        *events, rest = (rest + piece).split(b"\n")
                        seen += [book.saw(json.loads(event)) for event in events]
            except NoAnswer:
                pass
            await trio.sleep(PAUSE_S)
