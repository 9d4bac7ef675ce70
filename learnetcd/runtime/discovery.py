"""Discovery: members of a new cluster who know only how many they are find each other.

    /v2/keys/_etcd/registry/TOKEN                 any etcd, or a learnetcd, that runs already
      _config/size     3                          whoever sets up the cluster writes this
      8e9e05c52164694d infra0=http://10.0.0.1:2380
      2d2e457c6a1a76cb infra1=http://10.0.0.2:2380   each member writes its own line ...
                                                     ... and watches until there are three

Addresses that are given only when machines start can't be written on command lines before. So there
is a place where members leave theirs. The first three are the cluster: who comes later, or at the
same moment and is counted fourth, finds it full. "First" is what the etcd index says, so all agree
about it; and each key is created once, so a member that comes again is noticed: if it has no data
any more, it is not who it was.

Ids are made of the discovery URL in place of the token: so every URL founds one cluster.

Source: etcd 3.4 etcdserver/api/v2discovery/discovery.go.

Whoever finds the cluster full becomes a proxy before it, or ends, as `--discovery-fallback` says.
Where that place can't be asked directly, `--discovery-proxy` names somebody who asks for us.

Next page: `srv`.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import trio

from learnetcd.api.http import HttpResponse
from learnetcd.errors import UserError
from learnetcd.member import identity
from learnetcd.runtime import journal
from learnetcd.runtime.configuration import read_cluster
from learnetcd.runtime.forward_proxy import read_proxy
from learnetcd.runtime.http_client import HttpClient, NoAnswer
from learnetcd.runtime.settings import InitialMember, Settings
from learnetcd.store.errors import KEY_EXISTS, KEY_NOT_FOUND

PATIENCE_S = 5
LONGEST_PAUSE_S = 256

Node = dict[str, Any]
"""A node of the registry, as JSON has it."""


class ClusterIsFull(UserError):
    """There are as many members as there shall be, without us."""


class Registry:
    """The place where the members of one cluster leave their addresses."""

    def __init__(self, url: str, client: HttpClient) -> None:
        """The URL names a directory of keys."""
        parts = urlsplit(url)
        self.url = url
        self._server = f"{parts.scheme}://{parts.netloc}"
        self._path = parts.path.rstrip("/")
        self._client = client

    async def size(self) -> int:
        """How many members the cluster is going to have."""
        answer, _ = await self._ask("GET", "/_config/size")
        if answer.get("errorCode") == KEY_NOT_FOUND:
            raise UserError(
                f"--discovery: nobody has written down how many members {self.url} stands for. "
                f"Write the number there first, to {self.url}/_config/size."
            )
        text = str(answer["node"].get("value"))
        if not text.isdecimal() or int(text) < 1:
            raise UserError(f"--discovery: {self.url}/_config/size is {text!r}, and no number.")
        return int(text)

    async def members(self) -> tuple[list[Node], int]:
        """Who is there, in the order in which they came; and the etcd index of that."""
        answer, index = await self._ask("GET", "")
        nodes = [node for node in answer["node"].get("nodes", []) if not node.get("dir")]
        return sorted(nodes, key=lambda node: int(node["createdIndex"])), index

    async def create(self, name: str, value: str) -> bool:
        """Write a member down; False if one of that id was here before."""
        form = urlencode({"value": value}).encode()
        answer, _ = await self._ask("PUT", f"/{name}?prevExist=false", form)
        return answer.get("errorCode") != KEY_EXISTS

    async def something_new_since(self, index: int) -> None:
        """Wait until somebody comes."""
        target = f"{self._path}?wait=true&recursive=true&waitIndex={index + 1}"
        async with self._client.opened(self._server, target, {}) as (_, connection):
            await connection.whole_body()

    async def _ask(self, method: str, target: str, form: bytes = b"") -> tuple[dict[str, Any], int]:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        path = self._path + target
        response = await self._client.request(self._server, method, path, headers, form)
        return understood(response), int(dict(response.headers).get("x-etcd-index", 0))


def understood(response: HttpResponse) -> dict[str, Any]:
    """What etcd says; `NoAnswer` if it can't say, or is none."""
    try:
        answer = json.loads(response.body)
    except ValueError:
        answer = None
    if response.status >= 500 or not isinstance(answer, dict):
        raise NoAnswer(f"it answered {response.status}: {response.body[:200]!r}")
    if "node" not in answer and answer.get("errorCode") not in {KEY_NOT_FOUND, KEY_EXISTS}:
        raise NoAnswer(f"it is no etcd: {response.body[:200]!r}")
    return answer


async def discovered(settings: Settings) -> tuple[InitialMember, ...]:
    """Leave our address, and wait until all others have left theirs."""
    url, own_urls = settings.discovery, settings.initial_advertise_peer_urls
    own_id = f"{identity.member_id(own_urls, url):x}"
    own_line = ",".join(sorted(f"{settings.name}={one}" for one in own_urls))
    async with asking(settings) as client:
        registry = Registry(url, client)
        size = await patiently(registry, registry.size)
        nodes, _ = await patiently(registry, registry.members)
        check_that_there_is_room(nodes, size, own_id, url)
        if not await patiently(registry, partial(registry.create, own_id, own_line)):
            raise UserError(
                f"--discovery: member {own_id} has registered at {url} before, and there are no "
                f"data of it in {settings.data_dir}. Say where they are; or, if it never started, "
                "begin with a new URL."
            )
        return await all_of(registry, size, own_id)


def asking(settings: Settings) -> HttpClient:
    """Who asks the registry, directly or by somebody on the way."""
    proxy = read_proxy("--discovery-proxy", settings.discovery_proxy)
    return HttpClient(PATIENCE_S, proxy=proxy)


Found = TypeVar("Found")


async def patiently(registry: Registry, ask: Callable[[], Awaitable[Found]]) -> Found:
    """Ask until there is an answer, less and less often."""
    pause_s = 1
    while True:
        try:
            return await ask()
        except NoAnswer as error:
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            why, next_time = str(error), f"in {pause_s} s"
            journal.warn("discovery has no answer", url=registry.url, why=why, again=next_time)
            await trio.sleep(pause_s)


async def found_complete(settings: Settings) -> tuple[InitialMember, ...]:
    """Wait for a cluster that others make up, and say who they are: what a proxy wants to know."""
    async with asking(settings) as client:
        registry = Registry(settings.discovery, client)
        size = await patiently(registry, registry.size)
        return await all_of(registry, size)


async def all_of(registry: Registry, size: int, own_id: str = "") -> tuple[InitialMember, ...]:
    """Wait until there are as many as there shall be; we are one of them, if we have an id."""
    while True:
        nodes, index = await patiently(registry, registry.members)
        if own_id:
            check_that_there_is_room(nodes, size, own_id, registry.url)
        journal.say("found members by discovery", found=len(nodes[:size]), needed=size)
        if len(nodes) >= size:
            return members_of(nodes[:size], registry.url)
        await patiently(registry, partial(registry.something_new_since, index))


def check_that_there_is_room(nodes: list[Node], size: int, own_id: str, url: str) -> None:
    """Refuse to be one too many."""
    first = [name_of(node) for node in nodes[:size]]
    if len(first) == size and own_id not in first:
        raise ClusterIsFull(
            f"--discovery: the cluster at {url} is full: it has its {size} members. To become one "
            "more, be added (`etcdctl member add`) and start with --initial-cluster-state existing."
        )


def name_of(node: Node) -> str:
    """The last part of a node's key: the id of a member."""
    return str(node["key"]).rpartition("/")[2]


def members_of(nodes: list[Node], url: str) -> tuple[InitialMember, ...]:
    """The members, as `--initial-cluster` would have them."""
    try:
        members = read_cluster(",".join(str(node.get("value", "")) for node in nodes))
    except UserError as error:
        raise UserError(f"--discovery: what is at {url} does not name members: {error}") from error
    if len(members) != len(nodes):
        raise UserError(
            f"--discovery: two members at {url} have one name. Give each its own --name, and begin "
            "with a new URL."
        )
    return members
