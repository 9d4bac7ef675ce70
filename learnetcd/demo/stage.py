"""The stage: programs that use one cluster, and what befalls them.

    killed   the program is gone, in the middle of whatever it did; it says goodbye to nobody
    paused   it stands still for a while and does not know it; nothing leaves it or reaches it
    cut      it runs on, and reaches no member of the cluster for a while
    leader   the cluster's leader is killed; nothing befalls the program

Whoever writes a play says when trouble comes, and to whom (`strike`). Which trouble it is, if any,
is the choice of who looks on; so each play must be right for each of them.

A program that gets no answer for so long that it gives up is started again, as any service is; and
what a play must know, it asks until it is told (`insist`).

Next page: `plays`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

import trio

from learnetcd.api.http import HttpResponse
from learnetcd.client import Client, ClientError, NobodyAnswered, Unknown
from learnetcd.client.asking import Body, Transport
from learnetcd.runtime.http_client import NoAnswer, NotAsked

Told = TypeVar("Told")
FAULTS = ("killed", "paused", "cut", "leader")
MOMENT_S = 0.1
"""Before a program that gave up is started again."""


class Way:
    """The way of one program to the cluster."""

    def __init__(self, transport: Transport) -> None:
        """Nothing is in the way."""
        self.moves = trio.Event()
        """Set while the program is not paused."""
        self.moves.set()
        self.is_cut = False
        self._transport = transport

    async def request(
        self,
        url: str,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> HttpResponse:
        """Ask, unless the way is cut."""
        await self._leave(url)
        answer = await self._transport.request(url, method, path, headers, body)
        await self._arrive()
        return answer

    @asynccontextmanager
    async def opened(
        self, url: str, path: str, headers: Mapping[str, str]
    ) -> AsyncIterator[tuple[HttpResponse, Body]]:
        """Ask for what takes long, unless the way is cut."""
        await self._leave(url)
        async with self._transport.opened(url, path, headers) as (head, body):
            yield head, BodyOnTheWay(body, self._arrive)

    async def _leave(self, url: str) -> None:
        await self.moves.wait()
        if self.is_cut:
            raise NotAsked(f"no way to {url}")

    async def _arrive(self) -> None:
        await self.moves.wait()
        if self.is_cut:
            raise NoAnswer("the way was cut")

    def close(self) -> None:
        """Let go of all connections."""
        self._transport.close()


@dataclass(frozen=True, slots=True)
class BodyOnTheWay:
    """What follows a head, as far as it arrives."""

    body: Body
    arrive: Callable[[], Awaitable[None]]

    async def piece(self) -> bytes:
        """Give the next piece, once it has arrived."""
        piece = await self.body.piece()
        await self.arrive()
        return piece


class Program:
    """One of those who use the cluster."""

    def __init__(self, name: str, stage: Stage) -> None:
        """Know where the cluster is, and do nothing yet."""
        self.name = name
        self.way = Way(stage.transport())
        self.client = Client(stage.urls, self.way)
        self._stage = stage
        self._scope = trio.CancelScope()

    def start(self, work: Callable[[Program], Awaitable[None]]) -> None:
        """Begin to work."""
        self._stage.nursery.start_soon(self._run, work)

    async def _run(self, work: Callable[[Program], Awaitable[None]]) -> None:
        is_done = False
        with self._scope:
            while not is_done:
                try:
                    await work(self)
                    is_done = True
                except* ClientError as failures:
                    self.says(f"is started again, for {first_of(failures)}")
                    await trio.sleep(MOMENT_S)

    async def works(self, seconds: float) -> None:
        """Compute something, for so long; if it is paused, it takes longer."""
        await trio.sleep(seconds)
        await self.way.moves.wait()

    def says(self, words: str) -> None:
        """Tell the audience."""
        self._stage.say(self.name, words)

    def kill(self) -> None:
        """End it, now; what it still wants to say reaches nobody."""
        self.way.is_cut = True
        self._scope.cancel()

    def pause(self) -> None:
        """Stop it where it is."""
        self.way.moves = trio.Event()

    def go_on(self) -> None:
        """Let it go on as if nothing had been."""
        self.way.moves.set()


def first_of(failures: BaseException) -> BaseException:
    """Tell what failed first; nurseries wrap it once for each of them."""
    while isinstance(failures, BaseExceptionGroup):
        failures = failures.exceptions[0]
    return failures


async def insist(ask: Callable[[], Awaitable[Told]]) -> Told:
    """Ask again until there is an answer: for what may be done twice."""
    told: list[Told] = []
    while not told:
        try:
            told.append(await ask())
        except* (NobodyAnswered, Unknown):
            await trio.sleep(MOMENT_S)
    return told[0]


async def is_calm() -> None:
    """Wait for nothing: the cluster is in order, but for the fault of the play."""


class Stage:
    """The programs of one play, and what befalls them."""

    def __init__(
        self,
        urls: Sequence[str],
        transport: Callable[[], Transport],
        nursery: trio.Nursery,
        *,
        say: Callable[[str, str], None],
        kill_leader: Callable[[], Awaitable[None]],
        fault: str | None = None,
        calm: Callable[[], Awaitable[None]] = is_calm,
    ) -> None:
        """Play at a cluster, with this fault or with none.

        `calm`: returns when the cluster has been in order for a while, if it has troubles, too.
        """
        self.urls = tuple(urls)
        self.transport = transport
        self.nursery = nursery
        self.say = say
        self.fault = fault
        self._calm = calm
        self._kill_leader = kill_leader
        self._ways: list[Way] = []

    def program(self, name: str) -> Program:
        """Let a program enter."""
        program = Program(name, self)
        self._ways.append(program.way)
        return program

    def close(self) -> None:
        """The play is over: let go of all connections."""
        for way in self._ways:
            way.close()

    async def let_pass(self, seconds: float) -> None:
        """Let some time pass in which the programs do what they do."""
        self.say("", f"({seconds:g} s)")
        await trio.sleep(seconds)

    async def settle(self, seconds: float) -> None:
        """Let so much time pass, and all troubles of the cluster: what follows is judged."""
        await self.let_pass(seconds)
        await self._calm()

    async def strike(self, victim: Program) -> None:
        """Let the fault come."""
        match self.fault:
            case "killed":
                victim.says("is killed")
                victim.kill()
            case "paused":
                victim.says("is paused, in the middle of its work, and does not know it")
                victim.pause()
            case "cut":
                victim.says("can't reach the cluster any more")
                victim.way.is_cut = True
            case "leader":
                self.say("", "the cluster's leader is killed")
                await self._kill_leader()

    def relent(self, victim: Program) -> None:
        """Let it pass, if it is of those that pass."""
        match self.fault:
            case "paused":
                victim.says("goes on")
                victim.go_on()
            case "cut":
                victim.says("can reach the cluster again")
                victim.way.is_cut = False
