"""A real etcd, for as long as a test needs it: on free loopback ports, in a folder of the test."""

import json
import os
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

PATIENCE_S = 10

# Somebody's proxy knows no way to our loopback.
_OPENER = build_opener(ProxyHandler({}))


@dataclass(frozen=True)
class Answer:
    """What etcd said, and how far its log was then."""

    body: dict[str, Any]  # JSON
    term: int
    raft_index: int


class RealEtcd:
    """One member; a cluster of its own, unless it is told of others."""

    def __init__(
        self,
        data: Path,
        *options: str,
        name: str = "real",
        urls: tuple[str, str] | None = None,
        cluster: str = "",
    ):
        self.url, self.peer = client, peer = urls or free_urls()
        self.data = data
        self._words = data.with_name(f"{data.name}.txt")
        command = ["etcd", f"--name={name}", f"--data-dir={data}", "--enable-v2", *options]
        command += [f"--listen-client-urls={client}", f"--advertise-client-urls={client}"]
        command += [f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}"]
        command += [f"--initial-cluster={cluster or f'{name}={peer}'}"]
        with self._words.open("wb") as words:
            self._process = subprocess.Popen(command, stdout=words, stderr=words, env=environment())

    def wait_until_it_leads(self) -> None:
        """A healthy member has a leader: itself. (Each question becomes an entry of the log.)"""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                with _OPENER.open(f"{self.url}/health", timeout=PATIENCE_S):
                    return
            except OSError as error:  # nobody listens, or 503: no leader yet
                is_gone = self._process.poll() is not None
                if is_gone or time.monotonic() > deadline:
                    said = self.words()[-4000:]
                    raise AssertionError(f"no etcd serves ({error}). It said:\n{said}") from None
            time.sleep(0.02)

    def put(self, key: str, value: str, **options: str) -> Answer:
        return self._ask("PUT", key, urlencode({"value": value, **options}).encode())

    def delete(self, key: str) -> Answer:
        return self._ask("DELETE", key)

    def get(self, key: str) -> str:
        value: str = self._ask("GET", key).body["node"]["value"]
        return value

    def _ask(self, method: str, key: str, form: bytes | None = None) -> Answer:
        request = Request(f"{self.url}/v2/keys{key}", form, method=method)
        with _OPENER.open(request, timeout=PATIENCE_S) as answer:
            headers = answer.headers
            body = json.load(answer)
        return Answer(body, int(headers["X-Raft-Term"]), int(headers["X-Raft-Index"]))

    def words(self) -> str:
        """What it has said so far."""
        return self._words.read_text(encoding="utf-8")

    def last_words(self) -> str:
        """What it said until it ended by itself."""
        self._process.wait(PATIENCE_S)
        return self.words()

    def kill(self) -> None:
        """End it as a power cut of the process would: SIGKILL."""
        self._process.kill()
        self._process.wait(PATIENCE_S)


def environment() -> dict[str, str]:
    """Ours, without what would change the behaviour of etcd or etcdctl."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ETCD")}
    # etcd writes deadlines into snapshots in the zone of the machine.
    return {**kept, "TZ": "UTC"}


def free_urls() -> tuple[str, str]:
    # Both are open at once, so that they differ.
    with _listening() as client, _listening() as peer:
        return _url(client), _url(peer)


def _listening() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def _url(listening: socket.socket) -> str:
    return f"http://127.0.0.1:{listening.getsockname()[1]}"
