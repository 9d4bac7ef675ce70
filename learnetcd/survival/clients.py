"""The clients: they write, read, compare-and-swap and delete, each one thing at a time.

    c1   put /trial/7/b=c1-318     get /trial/7/a (quorum)     put ... if it holds c2-57     ...

Each asks any member, another one each time. All work on the same few keys, so that they meet; after
a while they go on to new ones, so that no key's history becomes too long to be judged.

Nothing is asked twice: if a client does not know whether a write was done, neither do we, and that
is what is written down.

Next page: `watchers`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from urllib.parse import urlencode

import trio

from learnetcd.member.request import KeyRequest, Method, ReadKind
from learnetcd.runtime.http_client import HttpClient, NoAnswer, NotAsked
from learnetcd.survival.book import Book

ROOT = "/trial"
KEYS = "abcd"
EPOCH_S = 5.0
"""How long a set of keys is used."""
ANSWER_S = 2.0
PAUSE_S = 0.04
"""Between two requests of a client: the machine has other things to do as well."""
LOST_S = 0.1
"""... when nobody was there."""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(slots=True)
class Client:
    """One of them."""

    name: str
    urls: Sequence[str]
    book: Book
    chance: Random
    written: int = 0
    last_seen: dict[str, str] | None = None
    """What it knows of the keys, for the next comparison."""

    async def run(self, began: float) -> None:
        """Ask one thing after the other, until the book is closed."""
        async with HttpClient(ANSWER_S) as client:
            while not self.book.is_closed:
                epoch = int((trio.current_time() - began) / EPOCH_S)
                request = self.request(f"{ROOT}/{epoch}/{self.chance.choice(KEYS)}")
                await self.ask(client, request)
                await trio.sleep(self.chance.uniform(0.5, 1.5) * PAUSE_S)

    def request(self, path: str) -> KeyRequest:
        """Something to ask about a key."""
        known = (self.last_seen or {}).get(path, "")
        what = self.chance.random()
        if what < 0.25:
            return KeyRequest(Method.GET, path, read=ReadKind.QUORUM)
        if what < 0.3:
            return KeyRequest(Method.DELETE, path)
        self.written += 1
        value = f"{self.name}-{self.written}"
        if what < 0.35:
            return KeyRequest(Method.PUT, path, value, prev_exist=False)
        if what < 0.6 and known:
            return KeyRequest(Method.PUT, path, value, prev_value=known)
        return KeyRequest(Method.PUT, path, value)

    async def ask(self, client: HttpClient, request: KeyRequest) -> None:
        """Ask any member once, and write down what came of it."""
        called = trio.current_time()
        url, (method, path, body) = self.chance.choice(self.urls), as_http(request)
        try:
            answer = await client.request(url, method, path, FORM, body)
        except NotAsked:
            await trio.sleep(LOST_S)
            return
        except NoAnswer:
            self.book.unanswered(self.name, request, called)
            return
        if answer.status >= 500:
            self.book.unanswered(self.name, request, called)
            return
        said = json.loads(answer.body)
        self.book.answered(self.name, request, called, trio.current_time(), said)
        if "action" in said:
            self.last_seen = {request.key: said["node"].get("value", "")}


def as_http(request: KeyRequest) -> tuple[str, str, bytes]:
    """Method, path and body."""
    asked: dict[str, str] = {}
    if request.read is ReadKind.QUORUM:
        asked["quorum"] = "true"
    if request.prev_exist is not None:
        asked["prevExist"] = str(request.prev_exist).lower()
    if request.prev_value:
        asked["prevValue"] = request.prev_value
    path = f"/v2/keys{request.key}?{urlencode(asked)}"
    body = urlencode({"value": request.value}).encode() if request.method is Method.PUT else b""
    return request.method.value, path, body
