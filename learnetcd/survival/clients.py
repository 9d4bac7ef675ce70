"""The clients: they write, read, compare and delete, each one thing at a time.

    c1   put /trial/7/b=c1-318     get /trial/7/a (quorum)     put ... if it holds c2-57     ...

Each asks any member, another one each time. All work on the same few keys, so that they meet; after
a while they go on to new ones, so that no key's history becomes too long to be judged.

Nothing is asked twice: if a client does not know whether a write was done, neither do we, and that
is what is written down.

Next page: `holders`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from urllib.parse import urlencode

import trio

from learnetcd.checking.history import Operation
from learnetcd.member.request import KeyRequest, Method, ReadKind
from learnetcd.runtime.http_client import HttpClient, NoAnswer, NotAsked
from learnetcd.survival.book import WRITES, Book, Json, heard_in, told_by

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
    """Somebody who asks one thing after the other, and has it written down."""

    name: str
    urls: Sequence[str]
    book: Book
    chance: Random
    written: int = 0

    def new_value(self) -> str:
        """A value that nobody else writes."""
        self.written += 1
        return f"{self.name}-{self.written}"

    async def ask(self, client: HttpClient, request: KeyRequest) -> Json | None:
        """Ask any member once, and write down what came of it; None if nobody knows."""
        while self.book.is_far_ahead:  # noqa: ASYNC110  # it is seldom, and the book knows no events
            await trio.sleep(PAUSE_S)
        called = trio.current_time()
        url, (method, path, body) = self.chance.choice(self.urls), as_http(request)
        try:
            answer = await client.request(url, method, path, FORM, body)
        except NotAsked:
            await trio.sleep(LOST_S)
            return None
        except NoAnswer:
            self.unanswered(request, called)
            return None
        if answer.status >= 500:
            self.unanswered(request, called)
            return None
        said: Json = json.loads(answer.body)
        self.book.answered(heard_in(self.name, url, request, called, answer, said))
        self.told(request, called, said)
        return said

    def unanswered(self, request: KeyRequest, called: float) -> None:
        """It was told nothing."""
        if request.method in WRITES:
            self.book.open_ends += 1

    def told(self, request: KeyRequest, called: float, said: Json) -> None:
        """It was told something."""


@dataclass(slots=True)
class Plain(Client):
    """Who asks for keys that nothing ties to each other."""

    last_seen: dict[str, str] | None = None
    """What it knows of the keys, for the next comparison."""

    async def run(self, began: float) -> None:
        """Ask one thing after the other, until the book is closed."""
        async with HttpClient(ANSWER_S) as client:
            while not self.book.is_closed:
                request = self.request(f"{ROOT}/{epoch(began)}/{self.chance.choice(KEYS)}")
                await self.ask(client, request)
                await trio.sleep(self.chance.uniform(0.5, 1.5) * PAUSE_S)

    def request(self, path: str) -> KeyRequest:
        """Something to ask about a key."""
        known = (self.last_seen or {}).get(path, "")
        what = self.chance.random()
        if what < 0.25:
            return KeyRequest(Method.GET, path, read=ReadKind.QUORUM)
        if what < 0.3:
            return KeyRequest(Method.DELETE, path, prev_value=self.chance.choice(["", known]))
        value = self.new_value()
        if what < 0.35:
            return KeyRequest(Method.PUT, path, value, prev_exist=False)
        if what < 0.6 and known:
            return KeyRequest(Method.PUT, path, value, prev_value=known)
        return KeyRequest(Method.PUT, path, value)

    def unanswered(self, request: KeyRequest, called: float) -> None:
        """What it asked may be done at any time."""
        Client.unanswered(self, request, called)
        if request.method in WRITES:
            self.book.enter(Operation(self.name, called, None, request, None))

    def told(self, request: KeyRequest, called: float, said: Json) -> None:
        """Remember what the key holds."""
        now = trio.current_time()
        self.book.enter(Operation(self.name, called, now, request, told_by(said)))
        if "action" in said:
            self.last_seen = {request.key: said["node"].get("value", "")}


def epoch(began: float) -> int:
    """Which set of keys is used now."""
    return int((trio.current_time() - began) / EPOCH_S)


def as_http(request: KeyRequest) -> tuple[str, str, bytes]:
    """Method, path and body."""
    asked: dict[str, str] = {}
    if request.read is ReadKind.QUORUM:
        asked["quorum"] = "true"
    if request.recursive:
        asked |= {"recursive": "true", "sorted": "true"}
    if request.prev_exist is not None:
        asked["prevExist"] = str(request.prev_exist).lower()
    if request.prev_value:
        asked["prevValue"] = request.prev_value
    if request.ttl is not None:
        asked["ttl"] = str(request.ttl)
    if request.refresh:
        asked["refresh"] = "true"
    path = f"/v2/keys{request.key}?{urlencode(asked)}"
    has_value = request.method in {Method.PUT, Method.POST} and not request.refresh
    body = urlencode({"value": request.value}).encode() if has_value else b""
    return request.method.value, path, body
