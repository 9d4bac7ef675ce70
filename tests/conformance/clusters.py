"""Several members in one cluster, each a process of its own: ours, real ones, or some of both."""

import json
import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.conformance.exchange import Closed, Connection, Response, TooSlow
from tests.processes import PATIENCE_S, Process, free_ports, url_of

CONNECTED_FOR_S = 6.0
"""etcd refuses changes of members before all have been connected for 5 s."""
FORM = ("Content-Type", "application/x-www-form-urlencoded")
JSON = ("Content-Type", "application/json")


@dataclass
class Place:
    """Where a member is, whether it runs or not."""

    name: str
    command: Sequence[str]
    data: Path
    ports: tuple[int, int]

    @property
    def url(self) -> str:
        return url_of(self.ports[0])

    @property
    def peer_url(self) -> str:
        return url_of(self.ports[1])


class Cluster:
    """Members n1, n2 ..., that can be ended and started again. They are counted from 1."""

    def __init__(self, folder: Path, commands: Sequence[Sequence[str]], *options: str) -> None:
        """Start a member by each of the commands."""
        folder.mkdir(exist_ok=True)
        self.options = options
        self.places: list[Place] = []
        self.processes: dict[int, Process] = {}
        self.earlier_words = ""
        """What members said that were ended."""
        # Rising: `/v2/machines` sorts by URL, and cases tell members apart by their number.
        ports = iter(free_ports(2 * len(commands)))
        for command in commands:
            self.add_place(folder, command, (next(ports), next(ports)))
        for number in self.numbers:
            self.start(number)

    # -- members ----------------------------------------------------------------------------------

    def add_place(
        self, folder: Path, command: Sequence[str], ports: tuple[int, int] | None = None
    ) -> int:
        """Make room for one more member; nothing is started."""
        name = f"n{len(self.places) + 1}"
        if ports is None:
            client, peer = free_ports(2)
            ports = client, peer
        self.places.append(Place(name, command, folder / name, ports))
        return len(self.places)

    @property
    def numbers(self) -> range:
        return range(1, len(self.places) + 1)

    @property
    def clients(self) -> list[str]:
        return [place.url for place in self.places]

    @property
    def peers(self) -> list[str]:
        return [place.peer_url for place in self.places]

    @property
    def folder(self) -> Path:
        return self.places[0].data

    def start(self, number: int, *options: str) -> Process:
        """Start a member, for the first time or again."""
        place = self.places[number - 1]
        named = ",".join(f"{one.name}={one.peer_url}" for one in self.places)
        process = Process(
            place.command,
            place.data,
            *self.options,
            *options,
            name=place.name,
            ports=place.ports,
            cluster=named,
        )
        self.processes[number] = process
        return process

    def wait_until_they_serve(self) -> None:
        for process in self.processes.values():
            process.wait_until_it_serves()

    def wait_until_changes_are_allowed(self) -> None:
        time.sleep(CONNECTED_FOR_S)

    def kill(self, number: int) -> None:
        self.end(number, signal.SIGKILL)

    def end(self, number: int, signal_number: int = signal.SIGTERM) -> None:
        process = self.processes.pop(number)
        process.end(signal_number)
        self.earlier_words += process.said()

    def kill_all(self) -> None:
        for number in list(self.processes):
            self.kill(number)

    def words(self) -> str:
        """What all members have ever said."""
        return self.earlier_words + "".join(one.said() for one in self.processes.values())

    # -- as a client ------------------------------------------------------------------------------

    def ask(
        self,
        number: int,
        method: str,
        target: str,
        *,
        form: dict[str, str] | None = None,
        json_body: object = None,
        patience_s: float = PATIENCE_S,
    ) -> Response:
        """Ask one member, once."""
        headers, body = [], None
        if form is not None:
            headers, body = [FORM], urlencode(form).encode()
        elif json_body is not None:
            headers, body = [JSON], json.dumps(json_body).encode()
        with closing(Connection(self.places[number - 1].ports[0])) as connection:
            return connection.ask(method, target, headers, body, patience_s)

    def put(self, number: int, key: str, value: str, **options: str) -> int:
        """Write, again and again until it is acknowledged; gives the index of that."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                form = {"value": value, **options}
                response = self.ask(number, "PUT", f"/v2/keys{key}", form=form)
            except (OSError, Closed, TooSlow):
                time.sleep(0.05)
                continue
            if response.status in {200, 201}:
                return int(response.headers["x-etcd-index"])
        raise AssertionError(f"n{number} takes no writes:\n{self.words()[-4000:]}")

    def put_many(self, number: int, folder: str, count: int, at_a_time: int = 32) -> None:
        """Write so many keys of the same few names, by several clients at a time."""

        def write(client: int) -> None:
            with closing(Connection(self.places[number - 1].ports[0])) as connection:
                for turn in range(count // at_a_time):
                    response = connection.ask(
                        "PUT",
                        f"/v2/keys{folder}/{client}",
                        [FORM],
                        b"value=%d" % turn,
                        PATIENCE_S,
                    )
                    assert response.status in {200, 201}, response

        with ThreadPoolExecutor(at_a_time) as threads:
            list(threads.map(write, range(at_a_time)))

    def members(self, number: int) -> list[dict[str, Any]]:
        found = json.loads(self.ask(number, "GET", "/v2/members").body)["members"]
        return sorted(found, key=lambda member: str(member["peerURLs"]))

    def leader(self) -> int | None:
        """The member that leads, if all that run agree about it."""
        told = set()
        for number in self.processes:
            try:
                response = self.ask(number, "GET", "/v2/members/leader")
            except (OSError, Closed, TooSlow):
                return None
            told.add(json.loads(response.body).get("peerURLs", [""])[0])
        numbers = [self.peers.index(url) + 1 for url in told if url in self.peers]
        return numbers[0] if len(told) == len(numbers) == 1 else None

    def elected(self) -> int:
        """Wait until there is a leader among those that run."""
        wait_until(lambda: self.leader() in self.processes, "a leader is elected", self.words)
        leader = self.leader()
        assert leader is not None, "there was one a moment ago"
        return leader

    def tree(self, number: int) -> tuple[object, str, list[dict[str, Any]]]:
        """All that a member has: keys with their indexes, its etcd index, the members."""
        answer = self.ask(number, "GET", "/v2/keys/?recursive=true&sorted=true")
        node = json.loads(answer.body)["node"]
        return without_times(node), answer.headers["x-etcd-index"], self.members(number)

    def check_that_trees_are_equal(self) -> None:
        """All that run have the same, as soon as the slowest has caught up."""
        first = next(iter(self.processes))

        def are_equal() -> bool:
            expected = self.tree(first)
            return all(self.tree(other) == expected for other in self.processes)

        def trees() -> str:
            return "\n".join(str(self.tree(one))[-2000:] for one in self.processes)

        wait_until(are_equal, "all trees are equal", trees)


def without_times(node: dict[str, Any]) -> dict[str, Any]:
    """A node, without what changes while one looks."""
    kept = {name: value for name, value in node.items() if name != "ttl"}
    if "nodes" in kept:
        kept["nodes"] = [without_times(one) for one in node["nodes"]]
    return kept


def wait_until(holds: Callable[[], bool], what: str, otherwise: Callable[[], str]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, f"in vain waited until {what}:\n{otherwise()[-6000:]}"
        time.sleep(0.05)
