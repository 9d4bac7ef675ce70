"""An attachment: servers that run by themselves, watched from another process.

                        /debug/trace    each event, as it happens  --->  told
    learnetcd serve
                        /debug/member   five times a second        --->  Place.pages
    --trace-stream      /debug/gates    <---  hold, step, open

    a real etcd         a watch of all keys, as it happens         --->  told
                        a few of its pages, twice a second         --->  Place.pages

Servers that want a certificate, or a name and a password, are shown what etcdctl would show them:
by its flags (`--ca-file`, `--username` ...) or by its variables (ETCDCTL_CA_FILE ...).

Whoever is attached changes nothing: of an etcd it is one more client who reads. A server that can't
be reached is asked again and again; nothing that is missing here ends anything.

Next page: `learnetcd.session.outline`.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import trio

from learnetcd.errors import UserError
from learnetcd.runtime.credentials import Credentials
from learnetcd.runtime.http_client import ClientConnection, HttpClient, NoAnswer

ANSWER_S = 3
AGAIN_S = 0.5
"""A server that could not be reached is tried again after so long."""
MEMBER_S, ETCD_S = 0.2, 0.5
"""How often it is asked where it stands."""

MOST_TOLD = 10_000
LONGEST_LINE = 1 << 20

TRACE, MEMBER = "/debug/trace", "/debug/member"
WATCH = "/v2/keys/?wait=true&recursive=true&stream=true"
ETCD_PAGES = ("/v2/stats/self", "/v2/stats/store", "/v2/members", "/debug/vars")
"""What a real etcd tells of itself to whoever asks."""
KEYS = "/v2/keys/?recursive=true&sorted=true"
MOST_KEYS_BYTES = 1 << 20
"""An etcd whose keys take more than this is not asked for them again."""

NOT_LET_IN = (401, 403)
NOT_ASKED = "it has not answered yet"

Json = dict[str, Any]


@dataclass(slots=True)
class Place:
    """One server that is watched."""

    url: str
    is_etcd: bool = False
    """It is no learnetcd, or was not started with `--trace-stream`."""
    trouble: str = NOT_ASKED
    """Why nothing is known of it now; empty while all is well."""
    pages: Mapping[str, Json] = field(default_factory=dict)
    """What it said last, by path; never changed, only replaced."""
    watcher: int = 0
    """The number by which it knows us."""
    wants_keys: bool = True
    """Of an etcd: whether its keys may be others than when they were asked for."""
    has_many_keys: bool = False

    @property
    def has_answered(self) -> bool:
        """Whether it is watched, or there is a reason why not."""
        if self.trouble:
            return self.trouble != NOT_ASKED
        return self.is_etcd or self.watcher > 0


class Attachment:
    """All servers that are watched."""

    def __init__(self, urls: tuple[str, ...], shown: Credentials) -> None:
        """Nobody is asked yet."""
        self.places = [Place(url) for url in urls]
        self.told: deque[tuple[int, Place, Json]] = deque(maxlen=MOST_TOLD)
        """What they said that they did, in the order in which it came, counted from 1."""
        self._told_in_all = 0
        self.news = 0
        """Goes up whenever something is new."""
        self._client = HttpClient(ANSWER_S, shown=shown)
        self._all_asked = trio.Event()

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Watch, until cancelled."""
        async with self._client, trio.open_nursery() as nursery:
            for place in self.places:
                nursery.start_soon(self._keep_watching, place)
            task_status.started()

    async def _keep_watching(self, place: Place) -> None:
        while True:
            try:
                place.is_etcd = await self._page(place, MEMBER) is None
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._keep_asking, place)
                    await self._listen(place)
                    nursery.cancel_scope.cancel()
                self._is_new(place, "it ended the connection")
            except* (NoAnswer, ValueError, TypeError, RecursionError) as problems:
                self._is_new(place, str(first_of(problems)))
            place.watcher, place.wants_keys = 0, True
            await trio.sleep(AGAIN_S)

    async def until_asked(self) -> None:
        """Wait until each has said where it stands, or why it can't be asked."""
        with trio.move_on_after(ANSWER_S):
            await self._all_asked.wait()

    def _is_new(self, place: Place, trouble: str = "") -> None:
        """Something about a server is new."""
        place.trouble = trouble
        self.news += 1
        if all(place.has_answered for place in self.places):
            self._all_asked.set()

    # -- where it stands ----------------------------------------------------------------------

    async def _keep_asking(self, place: Place) -> None:
        while True:
            paths = ETCD_PAGES if place.is_etcd else (MEMBER,)
            pages = {path: await self._page(place, path) for path in paths}
            if place.is_etcd:
                pages[KEYS] = await self._keys(place)
            place.pages = {path: page for path, page in pages.items() if page is not None}
            self._is_new(place)
            await trio.sleep(ETCD_S if place.is_etcd else MEMBER_S)

    async def _page(self, place: Place, path: str) -> Json | None:
        """A page, or None if it has none such; `ValueError` if it is no JSON."""
        answer = await self._client.request(place.url, "GET", path)
        if answer.status in NOT_LET_IN:
            raise NoAnswer(
                f"it answers {answer.status} at {path}: it wants a name that may do that"
            )
        return read(answer.body) if answer.status == 200 else None

    async def _keys(self, place: Place) -> Json | None:
        """The keys of an etcd, asked for only when something has happened to them."""
        if place.wants_keys and not place.has_many_keys:
            place.wants_keys = False
            answer = await self._client.request(place.url, "GET", KEYS)
            place.has_many_keys = len(answer.body) > MOST_KEYS_BYTES
            if answer.status == 200 and not place.has_many_keys:
                return read(answer.body)
        return None if place.has_many_keys else dict(place.pages.get(KEYS, {}))

    # -- what it does -------------------------------------------------------------------------

    async def _listen(self, place: Place) -> None:
        path = WATCH if place.is_etcd else TRACE
        async with self._client.opened(place.url, path, {}) as (head, connection):
            if head.status != 200:
                raise NoAnswer(f"it answers {head.status} at {path}")
            async with aclosing(lines(connection)) as said:
                async for line in said:
                    self._hear(place, read(line))

    def _hear(self, place: Place, line: Json) -> None:
        if "watcher" in line:
            place.watcher = int(line["watcher"])
            self._is_new(place, place.trouble)
            return
        place.wants_keys = True
        self._told_in_all += 1
        self.told.append((self._told_in_all, place, line))
        self.news += 1

    # -- holding ------------------------------------------------------------------------------

    async def gate(self, place: Place, name: str, do: str) -> None:
        """Hold, step or open a gate; a `UserError` if the server does not let us."""
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        body = f"watcher={place.watcher}&do={do}".encode()
        try:
            answer = await self._client.request(
                place.url, "PUT", f"/debug/gates/{name}", form, body
            )
        except NoAnswer as problem:
            raise UserError(f"{place.url} does not answer: {problem}.") from None
        if answer.status != 200:
            why = answer.body.decode(errors="replace").strip() or f"it answers {answer.status}"
            raise UserError(f"{place.url} refuses: {why}")


def read(text: bytes) -> Json:
    """What somebody says in JSON; a `ValueError` if it is none."""
    said = json.loads(text)
    if not isinstance(said, dict):
        raise ValueError(f"it says {text[:40]!r}")
    return said


async def lines(connection: ClientConnection) -> AsyncGenerator[bytes, None]:
    """The body of an endless answer, line by line."""
    begun = b""
    while piece := await connection.piece():
        *whole, begun = (begun + piece).split(b"\n")
        for line in whole:
            if line:
                yield line
        if len(begun) > LONGEST_LINE:
            raise NoAnswer("it says a line without an end")


def first_of(problems: BaseExceptionGroup[Any]) -> BaseException:
    """One of several reasons, of which each would do."""
    problem: BaseException = problems
    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    return problem
