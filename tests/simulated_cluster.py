"""A simulated cluster for programs that use trio: its time is theirs, and nobody waits for either.

    async def program(cluster: SimulatedCluster, nursery: trio.Nursery) -> None:
        etcd = Client(cluster.urls, SimulatedTransport(cluster))
        await etcd.set("/x", "1")

    play(program, seed=7)

The members are the simulator's, so what goes wrong is a decision: `cluster.decide(Crash(2))`. The
way of a program to the members is its own: `transport.unreachable.add(1)`.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from itertools import count
from math import inf

import trio
from trio.testing import MockClock

from learnetcd.api.api import Api
from learnetcd.api.facts import Facts
from learnetcd.api.http import HttpRequest, HttpResponse, Result, Submission
from learnetcd.member.request import Answer, Outcome
from learnetcd.raft.roles import Leader
from learnetcd.runtime.http_client import NoAnswer, NotAsked
from learnetcd.simulator.clients import ClientRecord
from learnetcd.simulator.decisions import Cancel, Decision, Impossible, PassTime, Submit
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.world import World

ANSWER_S = 6.0
SENT_AGAIN_S = 0.2
"""TCP sends again what was not acknowledged."""


def play(
    program: "Callable[[SimulatedCluster, trio.Nursery], Awaitable[None]]", **setup: object
) -> None:
    """Run a program beside a cluster that has a leader; all that the two start ends with it."""

    async def main() -> None:
        cluster = SimulatedCluster(Setup(**{"profile": "etcd-3.3", "seed": 7, **setup}))
        async with trio.open_nursery() as nursery:
            await nursery.start(cluster.live)
            await program(cluster, nursery)
            nursery.cancel_scope.cancel()

    trio.run(main, clock=MockClock(autojump_threshold=0))


class SimulatedCluster:
    """A world whose clock is trio's."""

    def __init__(self, setup: Setup) -> None:
        self.world = World(setup)
        self.members = setup.members
        self.urls = [url_of(member) for member in self.members]
        self.request_ids = count(1)
        self._began = trio.current_time()
        self._happened = trio.Event()

    async def live(self, *, task_status: trio.TaskStatus[None]) -> None:
        """Let happen what happens by itself, each at its time; at first until all know a leader."""
        is_waited_for = True
        while True:
            if is_waited_for and all(self.world.member(id).known_leader for id in self.members):
                is_waited_for = False
                task_status.started()
            due = self.world.next_at()
            happened = self._happened
            with trio.move_on_at(inf if due is None else self._began + due / 1000):
                await happened.wait()
                continue  # something else came first, and may have changed what comes next
            decision = self.world.next_decision()
            assert decision is not None
            self.decide(decision)
            await trio.lowlevel.checkpoint()

    @property
    def leader(self) -> int | None:
        """Who leads, if anybody does; of two the one of the later term."""
        leaders = [
            (raft.term, member)
            for member in self.world.alive_ids
            if isinstance((raft := self.world.member(member).raft).role, Leader)
        ]
        return max(leaders)[1] if leaders else None

    def decide(self, decision: Decision) -> None:
        """Let something happen now."""
        now = int((trio.current_time() - self._began) * 1000)
        due = self.world.next_at()
        if self.world.now < now and (due is None or now <= due):
            self.world.decide(PassTime(now))
        self.world.decide(decision)
        self._happened.set()
        self._happened = trio.Event()

    async def until(self, request_id: int, enough: Callable[[ClientRecord], bool]) -> ClientRecord:
        """Wait until a client was told enough."""
        while not enough(record := self.world.clients[request_id]):
            await self._happened.wait()
        return record


def in_lower_case(response: HttpResponse) -> HttpResponse:
    headers = tuple((name.lower(), value) for name, value in response.headers)
    return HttpResponse(response.status, headers, response.body)


def url_of(member: int) -> str:
    return f"http://S{member}"


def member_of(url: str) -> int:
    return int(url.removeprefix("http://S"))


class SimulatedTransport:
    """The way of one program to the members."""

    def __init__(self, cluster: SimulatedCluster) -> None:
        self.cluster = cluster
        self.unreachable: set[int] = set()
        """Members that do not hear this program, nor it them."""
        self.stops_hearing: set[int] = set()
        """Members that hear it, but their answers do not come back."""

    def close(self) -> None:
        """There is nothing to let go of."""

    async def request(
        self,
        url: str,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> HttpResponse:
        with trio.move_on_after(ANSWER_S):
            result, request_id = await self._ask(url, method, path, headers or {}, body)
            if isinstance(result, HttpResponse):
                return in_lower_case(result)
            answer = await self._answer(url, request_id)
            return in_lower_case(result.respond(answer))
        raise NoAnswer(f"nothing came within {ANSWER_S:g} s")

    @asynccontextmanager
    async def opened(
        self, url: str, path: str, headers: Mapping[str, str]
    ) -> AsyncIterator[tuple[HttpResponse, "Notices"]]:
        with trio.move_on_after(ANSWER_S) as waiting:
            result, request_id = await self._ask(url, "GET", path, headers, b"")
            assert isinstance(result, Submission)
            answer = await self._answer(url, request_id)
        if waiting.cancelled_caught:
            raise NoAnswer(f"nothing came within {ANSWER_S:g} s")
        try:
            head = in_lower_case(result.respond(answer))
            yield head, Notices(self, url, result, request_id, answer)
        finally:
            with suppress(Impossible):  # it has been told all, or the member is gone
                self.cluster.decide(Cancel(member_of(url), request_id))

    async def _ask(
        self, url: str, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[Result, int]:
        member, world = member_of(url), self.cluster.world
        if member in self.unreachable or not world.alive(member):
            raise NotAsked(f"nobody listens at {url}")
        if world.paused(member):
            await trio.sleep_forever()
        path, _, query = path.partition("?")
        named = {name.lower(): value for name, value in headers.items()}
        request = HttpRequest(method, path, query, named, body)
        result = Api(world.member(member), Facts(f"S{member}", 1)).handle(request)
        request_id = next(self.cluster.request_ids)
        if isinstance(result, Submission):
            self.cluster.decide(Submit(member, request_id, result.request))
        return result, request_id

    async def _answer(self, url: str, request_id: int) -> Answer:
        record = await self.told(url, request_id, lambda it: it.answer is not None)
        assert record.answer is not None
        if record.answer.outcome is Outcome.UNKNOWN and record.answer.error is None:
            raise NoAnswer("the connection broke")
        return record.answer

    async def told(
        self, url: str, request_id: int, enough: Callable[[ClientRecord], bool]
    ) -> ClientRecord:
        """Wait until this program was told enough; what does not get here is sent again."""
        record = await self.cluster.until(request_id, enough)
        while member_of(url) in self.unreachable | self.stops_hearing:  # noqa: ASYNC110
            await trio.sleep(SENT_AGAIN_S)
        return record


class Notices:
    """What a watcher is told, as a body that comes piece by piece."""

    def __init__(
        self,
        transport: SimulatedTransport,
        url: str,
        submission: Submission,
        request_id: int,
        answer: Answer,
    ) -> None:
        self._transport = transport
        self._url = url
        self._submission = submission
        self._request_id = request_id
        self._told = 0
        self._rest = b"" if answer.outcome is Outcome.WAITING else submission.respond(answer).body

    async def piece(self) -> bytes:
        if self._rest:
            rest, self._rest = self._rest, b""
            return rest
        record = await self._transport.told(
            self._url,
            self._request_id,
            lambda it: len(it.notices) > self._told or not it.watches,
        )
        if len(record.notices) == self._told:
            return b""
        assert self._submission.notice is not None
        event = record.notices[self._told]
        self._told += 1
        return self._submission.notice(event)
