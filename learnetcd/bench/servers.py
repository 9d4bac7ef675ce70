"""Servers to be measured: ours and the real etcd, each as a process of its own.

Both get the same settings and a fresh directory on the same disk. Where the machine lets us choose,
each server is kept to one core, the same for both, and the client to another: Python runs on one
core whatever it is given, etcd on as many as there are, and neither must steal from its client.

Next page: `http`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from learnetcd.bench.figure import some
from learnetcd.bench.load import connect, read_answer, request
from learnetcd.runtime.local_member import ETCD, OURS, environment, free_ports, url_of

PATIENCE_S = 60
PROGRAMS = {"learnetcd": OURS, "etcd": ETCD}
SERVERS, CLIENTS = 0, 1
"""The core of each, of those that there are."""


@dataclass(slots=True)
class Server:
    """One that runs."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    seconds_to_answer: float
    """From the start of the process to its first answer."""
    computed_first: float = 0.0
    """... and how many seconds of that it computed."""
    peer_port: int = 0
    """Where others of its cluster find it, if they may."""
    tls_port: int = 0
    """Where it speaks TLS, if it does; the certificate is signed by this authority."""
    authority: str = ""

    @property
    def memory_kib(self) -> int:
        """How much of the machine's memory it holds now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        (line,) = [line for line in status.splitlines() if line.startswith("VmRSS")]
        return int(line.split()[1])

    @property
    def cpu_seconds(self) -> float:
        """How much computing it has done so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii")
        user, system = fields.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def etcd_is_here() -> bool:
    """Whether there is a real etcd to compare with."""
    return shutil.which("etcd") is not None


@contextmanager
def running(name: str, data: Path, *options: str, pki: Path | None = None) -> Iterator[Server]:
    """Run `learnetcd` or `etcd` on a data directory, until it is not needed any more.

    `pki`: where there are certificates; then it speaks TLS at another port, too.
    """
    port, peer_port, tls_port = free_ports(3)
    url, peer_url = (url_of(one) for one in (port, peer_port))
    listens = f"{url},{url_of(tls_port, 'https')}" if pki else url
    if pki:
        options += (f"--cert-file={pki / 'server.pem'}", f"--key-file={pki / 'server-key.pem'}")
    words = [
        *PROGRAMS[name],
        f"--data-dir={data}",
        f"--listen-client-urls={listens}",
        f"--advertise-client-urls={url}",
        f"--listen-peer-urls={peer_url}",
        f"--initial-advertise-peer-urls={peer_url}",
        f"--initial-cluster=default={peer_url}",
        *options,
    ]
    with until_not_needed(name, port, words, data, SERVERS) as server:
        server.peer_port = peer_port
        if pki:
            server.tls_port, server.authority = tls_port, str(pki / "ca.pem")
        yield server


@contextmanager
def proxy_before(member: Server, data: Path) -> Iterator[Server]:
    """Run the proxy of the same program before a member; it stands beside the client."""
    (port,) = free_ports(1)
    words = [
        *PROGRAMS[member.name],
        "--proxy=on",
        f"--data-dir={data}",
        f"--listen-client-urls={url_of(port)}",
        f"--initial-cluster=default={url_of(member.peer_port)}",
    ]
    with until_not_needed(member.name, port, words, data, CLIENTS) as server:
        yield server


@contextmanager
def until_not_needed(
    name: str, port: int, words: Sequence[str], data: Path, core: int
) -> Iterator[Server]:
    """Run a server; it has answered once when this begins."""
    began = time.perf_counter()
    process = started(words, data.with_name(f"{data.name}.txt"))
    keep_to_core(process.pid, core)
    try:
        wait_for_answer(process, port)
        server = Server(name, port, process, time.perf_counter() - began)
        server.computed_first = server.cpu_seconds
        yield server
    finally:
        process.kill()
        process.wait()


def started(words: Sequence[str], journal: Path) -> subprocess.Popen[bytes]:
    """Start a server that writes its journal there."""
    with journal.open("ab") as output:
        return subprocess.Popen(words, env=environment(), stdout=output, stderr=output)


def keep_to_core(pid: int, core: int) -> None:
    """Let a process run on one core only, where that can be had."""
    if hasattr(os, "sched_setaffinity") and len(cores := sorted(os.sched_getaffinity(0))) > 1:
        os.sched_setaffinity(pid, {cores[core]})


def wait_for_answer(process: subprocess.Popen[bytes], port: int) -> None:
    """Ask until there is an answer."""
    give_up = time.monotonic() + PATIENCE_S
    while True:
        assert process.poll() is None, "the server has ended by itself"
        assert time.monotonic() < give_up, "the server does not answer"
        try:
            with connect(port) as connected:
                connected.send(request("GET", "/v2/keys/"))
                read_answer(connected)
            return
        except OSError:
            time.sleep(0.002)


def client(*words: str) -> subprocess.Popen[bytes]:
    """Start a client in a process of its own."""
    command = [sys.executable, "-m", "learnetcd.bench.load", *words]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    keep_to_core(process.pid, CLIENTS)
    return process


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast a server answered."""

    per_second: float
    cpu_us: float
    """Microseconds of computing for each answer."""


def rate(
    server: Server, method: str, seconds: float, connections: int, *, tls: bool = False
) -> Rate:
    """Ask a server for some seconds."""
    port = server.tls_port if tls else server.port
    words = ("ask", str(port), method, "/v2/keys/bench", str(seconds), str(connections))
    process = client(*words, *([server.authority] if tls else []))
    assert process.stdout is not None
    process.stdout.readline()  # handshakes are not counted
    before = server.cpu_seconds
    out, _ = process.communicate()
    assert process.returncode == 0, "the client has failed"
    counted = json.loads(out)
    used = server.cpu_seconds - before
    answers = some(counted["answers"], seconds)
    return Rate(answers / counted["seconds"], 1e6 * used / answers)
