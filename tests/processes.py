"""Servers for tests: ours or the real etcd, each a process of its own, on free ports.

    server = Process(OURS, tmp_path / "data").wait_until_ready()
    server.put("/x", "1")
    server.end()

A `name` makes it a member of a cluster: alone, unless told of others, as by
tests/conformance/clusters.py.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from random import randrange
from tempfile import TemporaryDirectory
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from tests.warm import WarmProcess

OURS = (sys.executable, "-m", "learnetcd", "serve")
REAL = ("etcd", "--enable-v2")

PATIENCE_S = 60
"""How long to wait for what will surely happen: a busy machine is not a mistake in the code."""

# Somebody's proxy knows no way to our loopback.
OPENER = build_opener(ProxyHandler({}))


@dataclass(frozen=True)
class Answer:
    """What a server said, and how far its log was then."""

    body: dict[str, Any]  # JSON, of an error too
    term: int
    raft_index: int


class Process:
    """One server, with its data and its journal in a folder of the test."""

    def __init__(
        self,
        command: Sequence[str],
        data: Path,
        *flags: str,
        name: str = "",
        ports: tuple[int, int] | None = None,
        cluster: str = "",
        is_cold: bool = False,
    ) -> None:
        """Start it on a data directory, which need not be there. If it is ours, it starts warm."""
        self.port, self.peer_port = ports or free_ports(2)
        self.url, self.peer_url = url_of(self.port), url_of(self.peer_port)
        self.data = data
        self.journal = data.with_name(f"{data.name}.journal")
        own = ports_of_its_own(self.url, self.peer_url)
        if name:
            own += [
                f"--name={name}",
                f"--initial-advertise-peer-urls={self.peer_url}",
            ]
            if not any(flag.startswith("--discovery") for flag in flags):
                own.append(f"--initial-cluster={cluster or f'{name}={self.peer_url}'}")
        self.process: subprocess.Popen[bytes] | WarmProcess
        words = [*command, f"--data-dir={data}", *own, *flags]
        with self.journal.open("ab") as journal:
            self.began = journal.tell()
            if words[: len(OURS)] == [*OURS] and not is_cold:
                of_ours = OURS.index("serve")
                self.process = WarmProcess(words[of_ours:], self.journal, environment())
            else:
                self.process = subprocess.Popen(
                    words, stdout=journal, stderr=journal, env=environment()
                )

    # -- its life ---------------------------------------------------------------------------------

    def wait_until_ready(self) -> "Process":
        """It has a leader, and listens."""
        self.wait_until_it_says("ready to serve client requests")
        return self

    def wait_until_it_serves(self) -> "Process":
        """It says that it is healthy. (Each such question becomes an entry of the log.)"""
        deadline = time.monotonic() + PATIENCE_S
        while not self._is_healthy():
            assert self.process.poll() is None, f"it ended:\n{self.said()}"
            assert time.monotonic() < deadline, f"it does not serve:\n{self.said()[-4000:]}"
            time.sleep(0.02)
        return self

    def _is_healthy(self) -> bool:
        with suppress(OSError), OPENER.open(f"{self.url}/health", timeout=PATIENCE_S) as answer:
            return bool(answer.status == 200)
        return False

    def wait_until_it_says(self, words: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while words not in self.said():
            assert self.process.poll() is None, f"it ended:\n{self.said()}"
            assert time.monotonic() < deadline, f"it never said {words!r}:\n{self.said()[-4000:]}"
            time.sleep(0.01)

    def said(self) -> str:
        """Its journal since it started."""
        return self.journal.read_bytes()[self.began :].decode(errors="backslashreplace")

    def complaints(self) -> list[str]:
        """The lines of its journal that are neither information nor warnings."""
        return [line for line in self.said().splitlines() if not re.search(r" [IW] \| ", line)]

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send it a signal, unless it has ended; and say what it ended with."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.exit_code()

    def send(self, number: int) -> None:
        """Send it a signal that does not end it."""
        self.process.send_signal(number)

    def kill(self) -> None:
        """End it as a power cut of the process would: SIGKILL."""
        self.end(signal.SIGKILL)

    def exit_code(self) -> int:
        """What it ended with, as soon as it has."""
        return self.process.wait(PATIENCE_S)

    # -- as a client ------------------------------------------------------------------------------

    def put(self, key: str, value: str, **options: str) -> dict[str, Any]:
        return self.ask("PUT", key, value=value, **options).body

    def get(self, key: str) -> dict[str, Any]:
        return self.ask("GET", key).body

    def value(self, key: str) -> str:
        value: str = self.get(key)["node"]["value"]
        return value

    def ask(self, method: str, key: str, **form: str) -> Answer:
        """Ask for a key, and give the answer, an error too."""
        body = urlencode(form).encode() if form else None
        request = Request(f"{self.url}/v2/keys{key}", body, method=method)
        try:
            answer = OPENER.open(request, timeout=PATIENCE_S)
        except HTTPError as error:
            answer = error
        with answer:
            term, raft_index = (answer.headers.get(f"X-Raft-{it}", 0) for it in ("Term", "Index"))
            return Answer(json.load(answer), int(term), int(raft_index))

    def connect(self) -> socket.socket:
        """A plain connection, on which one may say anything."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)


def serve(words: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """A server of ours, warm, that is expected to end by itself."""
    with TemporaryDirectory() as said:
        out, err = Path(said, "out"), Path(said, "err")
        server = WarmProcess(["serve", *words], out, environment(), err, folder)
        try:
            code = server.wait(PATIENCE_S)
        finally:
            server.send_signal(signal.SIGKILL)
        return subprocess.CompletedProcess(server.args, code, out.read_text(), err.read_text())


def environment() -> dict[str, str]:
    """Ours, without what would change the behaviour of a server or of etcdctl."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ETCD")}
    # etcd writes deadlines into snapshots in the zone of the machine.
    return {**kept, "TZ": "UTC"}


# -- where they listen ----------------------------------------------------------------------------


def ports_of_its_own(client_url: str = "", peer_url: str = "") -> list[str]:
    """The flags for a member that clients find there, and other members there; or at free ports."""
    client_url, peer_url = client_url or free_url(), peer_url or free_url()
    return [
        f"--listen-client-urls={client_url}",
        f"--advertise-client-urls={client_url}",
        f"--listen-peer-urls={peer_url}",
    ]


def url_of(port: int) -> str:
    """The address of a server on this machine."""
    return f"http://127.0.0.1:{port}"


def free_url() -> str:
    return url_of(free_ports(1)[0])


# A port that is free now may be taken when its server starts. So none is given twice, processes
# that run tests side by side choose from ports of their own, and none is of those that the system
# gives to whoever connects (from 32768 on).
_PLACES, _PORTS_OF_ONE = 8, 2000
_FIRST = 15_000 + _PORTS_OF_ONE * (
    int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _PLACES
)
_given: set[int] = set()


def free_ports(count: int) -> list[int]:
    """Ports on which nobody listens, in rising order."""
    return sorted(free_ports_in_a_row(1) for _ in range(count))


def free_ports_in_a_row(count: int) -> int:
    """The first of so many ports, one after the other."""
    while True:
        first = _FIRST + randrange(_PORTS_OF_ONE - count)
        ports = range(first, first + count)
        with suppress(OSError), ExitStack() as opened:
            for port in ports:
                opened.enter_context(socket.create_server(("127.0.0.1", port)))
            if _given.isdisjoint(ports):
                _given.update(ports)
                return first
