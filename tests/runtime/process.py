"""A `learnetcd serve` in a process of its own, for as long as a test needs it."""

import json
import re
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from learnetcd.runtime.local_member import OURS, environment, free_ports, url_of

PATIENCE_S = 20

# Somebody's proxy knows no way to our loopback.
OPENER = build_opener(ProxyHandler({}))


class Process:
    """One server on a free port, with its data in a folder of the test."""

    def __init__(self, data: Path, *flags: str, port: int | None = None) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.data = data
        self.journal = data.with_name(f"{data.name}.journal")
        own = ports_of_its_own(self.url)
        command = [*OURS, f"--data-dir={data}", *own]
        with self.journal.open("ab") as journal:
            self.began = journal.tell()
            self.process = subprocess.Popen(
                [*command, *flags], stdout=journal, stderr=journal, env=environment()
            )

    def wait_until_ready(self) -> "Process":
        deadline = time.monotonic() + PATIENCE_S
        while "ready to serve client requests" not in self.said():
            assert self.process.poll() is None, f"it ended:\n{self.said()}"
            assert time.monotonic() < deadline, f"it is not ready:\n{self.said()}"
            time.sleep(0.01)
        return self

    def said(self) -> str:
        """Its journal since it started."""
        return self.journal.read_bytes()[self.began :].decode(errors="backslashreplace")

    def complaints(self) -> list[str]:
        """The lines of its journal that are neither information nor warnings."""
        return [line for line in self.said().splitlines() if not re.search(r" [IW] \| ", line)]

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, and say what it ended with."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.exit_code()

    def exit_code(self) -> int:
        return self.process.wait(PATIENCE_S)

    # -- as a client ------------------------------------------------------------------------------

    def put(self, key: str, value: str) -> dict[str, Any]:
        return self.ask("PUT", key, urlencode({"value": value}).encode())

    def get(self, key: str) -> dict[str, Any]:
        return self.ask("GET", key)

    def value(self, key: str) -> str:
        value: str = self.get(key)["node"]["value"]
        return value

    def ask(self, method: str, key: str, form: bytes | None = None) -> dict[str, Any]:
        """The JSON of the answer, of an error too."""
        request = Request(f"{self.url}/v2/keys{key}", form, method=method)
        try:
            with OPENER.open(request, timeout=PATIENCE_S) as answer:
                return dict(json.load(answer))
        except HTTPError as error:
            with error:
                return dict(json.load(error))

    def connect(self) -> socket.socket:
        """A plain connection, on which one may say anything."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)


def serve(words: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """A server that is expected to end by itself."""
    return subprocess.run(
        [*OURS, *words],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )


def ports_of_its_own(client_url: str) -> list[str]:
    """The flags for a member alone, that clients find there and other members nowhere."""
    return [
        f"--listen-client-urls={client_url}",
        f"--advertise-client-urls={client_url}",
        f"--listen-peer-urls={free_url()}",
    ]


def free_url() -> str:
    return url_of(free_port())


def free_port() -> int:
    (port,) = free_ports(1)
    return port
