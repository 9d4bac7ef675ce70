"""The cases, and how they are played: all that need a server of a kind, on one."""

import json
import traceback
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tests.conformance.clusters import Cluster, wait_until
from tests.conformance.player import Case, Player
from tests.conformance.servers import OPTIONS, PROXIES, SocketServer
from tests.processes import Process

PLAYED: list[Case] = json.loads(
    Path(__file__).with_name("http_v2_cases.json").read_text(encoding="utf-8")
)["cases"]

SIZES = {"three": 3, "noquorum": 2}
LANES = {"main": 3}
"""How many servers of a kind share its cases, if not one plays them all."""


def asked_for(request: pytest.FixtureRequest) -> list[Case]:
    """The cases of a module's tests that are left when `-k` has chosen."""
    items = [
        item for item in request.session.items if item.getparent(pytest.Module) is request.node
    ]
    return [item.callspec.params["case"] for item in items if hasattr(item, "callspec")]


def outcomes(command: tuple[str, ...], folder: Path, cases: Iterable[Case]) -> dict[str, str]:
    """Play cases on servers that a command starts: by name, what was not as expected.

    Cases on one server follow each other, as each counts indexes from where it begins. But most of
    the time they wait, so there are several servers, and all are played on at the same time.
    """
    lanes: dict[tuple[str, int], list[Case]] = {}
    for number, case in enumerate(cases):
        kind = case["server"]
        lanes.setdefault((kind, number % LANES.get(kind, 1)), []).append(case)
    with ThreadPoolExecutor(len(lanes)) as threads:
        played = [
            threads.submit(outcomes_of, command, folder / f"{kind}{lane}", kind, in_lane)
            for (kind, lane), in_lane in lanes.items()
        ]
        return {name: outcome for one in played for name, outcome in one.result().items()}


def outcomes_of(
    command: tuple[str, ...], folder: Path, kind: str, cases: list[Case]
) -> dict[str, str]:
    """Play cases on one server, one after the other."""
    folder.mkdir()
    cluster = Cluster(folder, [command] * SIZES.get(kind, 1), *OPTIONS[kind])
    members = list(cluster.processes.values())
    try:
        cluster.wait_until_they_serve()
        if kind == "three":
            cluster.wait_until_changes_are_allowed()
        if kind == "noquorum":
            cluster.kill(2)
            wait_until(lambda: cluster.leader() is None, "nobody leads", cluster.words)
        proxy = proxy_before(cluster, command, PROXIES[kind]) if kind in PROXIES else None
        with closing(SocketServer(*members, proxy=proxy)) as server:
            return {case["name"]: outcome(server, case) for case in cases}
    finally:
        cluster.kill_all()


def proxy_before(cluster: Cluster, command: Sequence[str], kind: str) -> Process:
    """Start a proxy that knows the members of a cluster."""
    proxy = cluster.start(cluster.add_place(cluster.folder.parent, command), f"--proxy={kind}")
    return proxy.wait_until_it_serves()


def outcome(server: SocketServer, case: Case) -> str:
    """Play one case: what was not as expected, "" if all was."""
    try:
        return Player(server, case).play()
    except Exception:  # nor does a case that breaks down stop the others
        return traceback.format_exc()
