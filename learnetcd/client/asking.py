"""Asking: one member after the other, until one answers; and when to stop.

    PUT  at m1   nobody listens       -> m2: nothing has happened at m1, so this is safe
    PUT  at m1   no answer in time    -> Unknown: to ask m2 could do it twice
    GET  at m1   no answer, or a 503  -> m2: to read twice harms nobody
    whoever asks m1 is cancelled      -> the next question goes to m2: m1 may be cut off, and mute

A read is asked again after any trouble, a write only if surely nobody heard it. Whoever answered is
asked first the next time. While all members are away they are asked again and again until patience
ends: an election takes a second or two, and no program should fall over it. But certificates don't
become better by waiting.

Source: etcd 3.4 client/client.go (httpClusterClient). Differs: that one asks the next member after
any trouble, also for a write; so a write may be done twice.

Next page: `client`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import trio

from learnetcd.api.http import HttpResponse
from learnetcd.client.answer import Change, ClientError, NobodyAnswered, Unknown, change_from
from learnetcd.runtime.http_client import NoAnswer, NotAsked, NotBelieved

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PAUSE_S = 0.1
"""Between two rounds in which nobody answered."""


class Body(Protocol):
    """What follows the head of an answer, as it comes."""

    async def piece(self) -> bytes:
        """Give the next piece; b"" if there is no more."""


class Transport(Protocol):
    """How a request gets to a member: over sockets, or over a simulated network.

    Whatever goes wrong on the way is a `NoAnswer`; a `NotAsked` if surely nobody heard the request.
    Names of headers are in lower case.
    """

    async def request(
        self,
        url: str,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> HttpResponse:
        """Ask, and read the whole answer; wait no longer than is reasonable."""

    def opened(
        self, url: str, path: str, headers: Mapping[str, str]
    ) -> AbstractAsyncContextManager[tuple[HttpResponse, Body]]:
        """Ask for what may take long: the head of the answer, and the body as it comes."""

    def close(self) -> None:
        """Let go of all connections."""


class Members:
    """The members of a cluster, as somebody knows them who asks."""

    def __init__(self, urls: Sequence[str], transport: Transport, patience_s: float) -> None:
        """Know where they listen; nobody is asked yet."""
        self.urls = tuple(urls)
        self.transport = transport
        self.patience_s = patience_s
        self._first = 0

    @property
    def first(self) -> str:
        """Who is asked first."""
        return self.urls[self._first]

    def turn_away(self, url: str) -> None:
        """Ask the next one first, unless somebody else has turned away from that one before."""
        if self.first == url:
            self._first = (self._first + 1) % len(self.urls)

    async def ask(self, method: str, path: str, body: bytes = b"") -> Change:
        """Ask until somebody answers; a `ClientError` if that does not go well."""
        patient_until = trio.current_time() + self.patience_s
        while True:
            may_become_better = False
            for _ in self.urls:
                url = self.first
                try:
                    return await self._ask_at(url, method, path, body)
                except trio.Cancelled:
                    self.turn_away(url)  # who lost patience with it may try another one next
                    raise
                except (NobodyAnswered, Unknown) as error:
                    self.turn_away(url)
                    trouble: ClientError = error
                    if isinstance(error, Unknown) and method != "GET":
                        raise
                    may_become_better |= not isinstance(error.__cause__, NotBelieved)
            if trio.current_time() >= patient_until or not may_become_better:
                raise trouble
            await trio.sleep(PAUSE_S)

    async def _ask_at(self, url: str, method: str, path: str, body: bytes) -> Change:
        try:
            answer = await self.transport.request(url, method, path, FORM, body)
        except NotAsked as error:
            raise NobodyAnswered(f"{url}: {error}") from error
        except NoAnswer as error:
            raise Unknown(f"{url}: {error}") from error
        return understood(answer)


def understood(answer: HttpResponse) -> Change:
    """Read an answer; `Refused` if it is a no, and `Unknown` if the member has trouble."""
    if answer.status >= 500:
        raise Unknown(f"{answer.status}: {answer.body.decode(errors='replace').strip()}")
    try:
        return change_from(answer.body, etcd_index(answer))
    except (ValueError, KeyError, TypeError):
        said = answer.body[:80].decode(errors="replace").strip()
        raise Unknown(f"{answer.status}: no answer of an etcd: {said!r}") from None


def etcd_index(answer: HttpResponse) -> int:
    """How many changes the member had seen when it answered."""
    return int(dict(answer.headers).get("x-etcd-index", 0))
