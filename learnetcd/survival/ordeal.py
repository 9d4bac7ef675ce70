"""The ordeal: a cluster, its clients and its faults, from the start to the judgement.

    start three members behind relays
    clients and watchers at work   |   a leader killed, something else, a leader killed ...
    all is mended, a last write, and every watcher has seen it
    are all stores equal? -> judgement

The seed says what is tried, in which order. When it happens, and so what comes of it, is up to the
machine: another run with the same seed is alike, not the same.

Next page: `command`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import trio

from learnetcd.api.http import HttpResponse
from learnetcd.checking.history import Judged
from learnetcd.member.request import KeyRequest, Method
from learnetcd.runtime.http_client import HttpClient, NoAnswer
from learnetcd.runtime.local_member import Address, free_ports, url_of
from learnetcd.survival import faults, judgement
from learnetcd.survival.book import Book, Json, leaves
from learnetcd.survival.clients import ROOT, Client, Plain
from learnetcd.survival.faults import Trial
from learnetcd.survival.holders import Holder
from learnetcd.survival.members import ANSWER_S, PATIENCE_S, Finding, Members, Survivor, until
from learnetcd.survival.network import Network
from learnetcd.survival.queuers import Queuer
from learnetcd.survival.watchers import watch_a_stream, watch_in_a_chain

SIZE = 3
CLIENTS = 12
"""Of plain keys."""
HOLDERS = QUEUERS = 3
CHAINS = 2
MOST_TIMES = 3
"""A run on a busy machine may take so many times as long, to have had enough."""
SETTLE_S = 0.5
END = f"{ROOT}/end"
"""The key that is written last."""


@dataclass(frozen=True, slots=True)
class Enough:
    """Of what a run must have had to say anything."""

    leader_kills: int
    writes: int

    def had(self, leader_kills: int, writes: int) -> bool:
        """Whether so many are enough."""
        return leader_kills >= self.leader_kills and writes >= self.writes


@dataclass(slots=True)
class Outcome:
    """What came of it."""

    seconds: float = 0.0
    leader_kills: int = 0
    acknowledged: int = 0
    """Writes that were acknowledged."""
    open_ends: int = 0
    """Writes of which nobody knows whether they were done."""
    watched: int = 0
    """Events that watchers saw."""
    expired: int = 0
    """Keys that came to the end of their time."""
    keys: int = 0
    """Histories that were judged."""
    unknown: int = 0
    """Histories that could not be judged within the steps that a search may take."""
    faults: dict[str, int] = field(default_factory=dict)
    """How often each fault happened."""
    findings: tuple[str, ...] = ()
    wrong: tuple[Judged, ...] = ()
    """Histories that are not linearizable."""

    def count(self, trial: Trial, book: Book) -> None:
        """Note how much there was of everything."""
        self.faults = dict(trial.counts)
        self.leader_kills = trial.leader_kills
        self.acknowledged = len(book.acknowledged)
        self.open_ends = book.open_ends
        self.expired = len(book.expired)
        self.keys = len(book.operations)
        self.watched = sum(map(len, [*book.watched.values(), *book.streams]))


Show = Callable[[str], None]


class Ordeal:
    """One run."""

    def __init__(
        self, folder: Path, seed: int, client: HttpClient, show: Show, etcds: int = 0
    ) -> None:
        """Nothing runs yet. So many of the members are real etcds."""
        ports = free_ports(3 * SIZE)
        threes = zip(*[iter(ports)] * 3, strict=True)
        addresses = [Address(url_of(one), url_of(two), url_of(three)) for one, two, three in threes]
        chance = Random(seed)
        self.book = Book()
        self._seed = seed
        self._client = client
        self._show = show
        self._addresses = addresses
        self._members = Members(folder, addresses, client, etcds)
        named = zip(self._members.all, addresses, strict=True)
        network = Network({one.name: where.told_url for one, where in named}, chance)
        self.trial = Trial(self._members, network, chance, lambda: len(self.book.acknowledged))

    async def run(self, seconds: float, enough: Enough) -> Outcome:
        """Go on until the time is over and the run counts; three times as long at most."""
        began = trio.current_time()
        outcome = Outcome()
        try:
            async with trio.open_nursery() as nursery:
                try:
                    self._begin(nursery)
                    await self._members.start()
                    await self._ask_and_break(seconds, enough)
                    stores = await self._come_to_rest()
                    self._members.refuse_mistakes()
                finally:
                    await self._members.end()
                nursery.cancel_scope.cancel()
        except* Finding as found:
            outcome.findings = tuple(sentences(found))
        else:
            judged = judgement.judge(self.book, stores)
            outcome.findings, outcome.wrong, outcome.unknown = judged
        outcome.seconds = trio.current_time() - began
        outcome.count(self.trial, self.book)
        return outcome

    def _begin(self, nursery: trio.Nursery) -> None:
        """Let relays and watchers begin."""
        for one, where in zip(self._members.all, self._addresses, strict=True):
            port, target = (port_of(url) for url in (where.told_url, where.peer_url))
            nursery.start_soon(self.trial.network.relay, one.name, port, target)
        for number in range(1, CHAINS + 1):
            chance = Random(f"{self._seed} watcher {number}")
            name = f"watcher {number}"
            nursery.start_soon(watch_in_a_chain, name, self._urls, 1, self.book, chance)
        stream_chance = Random(f"{self._seed} stream")
        nursery.start_soon(watch_a_stream, self._urls, self.book, stream_chance)

    @property
    def _urls(self) -> list[str]:
        return [one.member.client_url for one in self._members.all]

    # -- clients and faults -----------------------------------------------------------------------

    async def _ask_and_break(self, seconds: float, enough: Enough) -> None:
        """Break things while clients ask; then let each of them wait for its last answer."""
        began = trio.current_time()
        async with trio.open_nursery() as nursery:
            for number in range(1, CLIENTS + 1):
                nursery.start_soon(Plain(*self._who(f"c{number}")).run, began)
            for number in range(1, HOLDERS + 1):
                nursery.start_soon(Holder(*self._who(f"h{number}")).run)
            for number in range(1, QUEUERS + 1):
                nursery.start_soon(Queuer(*self._who(f"q{number}")).run, began)
            while not self._is_over(trio.current_time() - began, seconds, enough):
                await faults.break_and_mend(self.trial, faults.kill_the_leader)
                await faults.break_and_mend(self.trial, self.trial.next_fault())
                self._show(self._progress(trio.current_time() - began))
            self.book.is_closed = True

    def _who(self, name: str) -> tuple[str, list[str], Book, Random]:
        """What makes a client."""
        return name, self._urls, self.book, Random(f"{self._seed} {name}")

    def _is_over(self, elapsed: float, seconds: float, enough: Enough) -> bool:
        has_enough = enough.had(self.trial.leader_kills, len(self.book.acknowledged))
        return elapsed >= seconds and (has_enough or elapsed >= MOST_TIMES * seconds)

    def _progress(self, elapsed: float) -> str:
        return (
            f"{elapsed:.0f} s, {sum(self.trial.counts.values())} faults, "
            f"{len(self.book.acknowledged):,} writes acknowledged"
        )

    # -- rest -------------------------------------------------------------------------------------

    async def _come_to_rest(self) -> dict[str, Json]:
        """Read all stores when nothing happens any more, and let all watchers see what led there.

        A write that nobody waits for any more may still be under way, and a key may have a while to
        live. So something is written, until it is the last that has happened.
        """
        stores: dict[str, Json] = {}
        last = Client(*self._who("end"))
        with trio.move_on_after(PATIENCE_S):
            while not stores or not is_at_rest(stores):
                await trio.sleep(SETTLE_S)
                await self._write(last)
                stores = {one.name: await self._store_of(one) for one in self._members.all}
        if not stores:
            raise Finding(f"nothing could be written within {PATIENCE_S} s, and nothing is broken")
        end = self.book.acknowledged[-1].index
        chains = self.book.watched.values()
        if not await until(lambda: all(seen and seen[-1].index >= end for seen in chains)):
            raise Finding(f"not every watcher was told of index {end} within {PATIENCE_S} s")
        return stores

    async def _write(self, last: Client) -> None:
        before = len(self.book.acknowledged)
        while len(self.book.acknowledged) == before:
            await last.ask(self._client, KeyRequest(Method.PUT, END, last.new_value()))

    async def _store_of(self, one: Survivor) -> Json:
        """All keys with all indexes, from a member that has caught up."""
        await self._read(one, f"{END}?quorum=true")
        answer = await self._read(one, f"{ROOT}?recursive=true&sorted=true")
        index = int(dict(answer.headers)["x-etcd-index"])
        return {"etcd_index": index, "tree": json.loads(answer.body)["node"]}

    async def _read(self, one: Survivor, path: str) -> HttpResponse:
        """Ask again and again: on a busy machine an answer may come too late."""
        url = one.member.client_url
        while True:
            with suppress(NoAnswer):
                answer = await self._client.request(url, "GET", f"/v2/keys{path}")
                if answer.status == 200:
                    return answer
            await trio.sleep(SETTLE_S)


def is_at_rest(stores: dict[str, Json]) -> bool:
    """Whether all are equal, and neither a clock nor a client is going to change anything."""
    first, *others = stores.values()
    keys = {leaf["key"]: leaf for leaf in leaves(first["tree"])}
    is_last = keys[END]["modifiedIndex"] == first["etcd_index"]
    has_deadline = any("expiration" in leaf for leaf in keys.values())
    return is_last and not has_deadline and all(other == first for other in others)


def port_of(url: str) -> int:
    """The port in one of our own URLs, which all have one."""
    return int(url.rpartition(":")[2])


def sentences(found: BaseExceptionGroup[Finding]) -> Iterator[str]:
    """What was found, one by one."""
    for one in found.exceptions:
        if isinstance(one, BaseExceptionGroup):
            yield from sentences(one)
        else:
            yield str(one)


def survive(
    folder: Path, seed: int, seconds: float, enough: Enough, show: Show, etcds: int = 0
) -> Outcome:
    """One run, with its data and journals in a folder; so many members are real etcds."""

    async def run() -> Outcome:
        async with HttpClient(ANSWER_S) as client:
            return await Ordeal(folder, seed, client, show, etcds).run(seconds, enough)

    return trio.run(run)
