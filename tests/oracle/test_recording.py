"""A server that the real etcdctl has talked to is played again, from its recording alone."""

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.clusters import Cluster
from tests.processes import OURS, PATIENCE_S, REAL, Process, environment
from tests.runtime.played import assert_same_log, keys_of, played


@pytest.fixture
def server(folder: Path) -> Iterator[Process]:
    flags = (f"--record={folder / 'recording'}", "--snapshot-count=25")
    server = Process(OURS, folder / "data", *flags)
    yield server.wait_until_ready()
    server.end(signal.SIGKILL)


def etcdctl(server: Process, *words: str, exit_code: int = 0) -> str:
    done = subprocess.run(
        ["etcdctl", "--endpoints", server.url, *words],
        env={**environment(), "ETCDCTL_API": "2"},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == exit_code, done
    return done.stdout


def test_what_etcdctl_did_is_played_again_to_the_same_log_and_the_same_keys(
    server: Process, folder: Path
):
    watching = subprocess.Popen(
        ["etcdctl", "--endpoints", server.url, "watch", "/config", "--recursive"],
        env={**environment(), "ETCDCTL_API": "2"},
        stdout=subprocess.PIPE,
        text=True,
    )
    for number in range(12):
        etcdctl(server, "set", f"/services/web/{number % 5}", f"10.0.0.{number}")
    etcdctl(server, "mkdir", "/config")
    etcdctl(server, "mk", "/config/lock", "free", "--in-order")
    etcdctl(server, "mk", "/config/a", "1")
    etcdctl(server, "mk", "/config/a", "2", exit_code=4)
    etcdctl(server, "set", "/config/a", "3", "--swap-with-value", "1")
    etcdctl(server, "set", "/session", "mine", "--ttl", "1")
    etcdctl(server, "rm", "/services/web/0")
    etcdctl(server, "updatedir", "/config", "--ttl", "300")
    out, _ = watching.communicate(timeout=20)
    assert out != ""
    deadline = time.monotonic() + 10
    while "/session" in etcdctl(server, "ls", "/") and time.monotonic() < deadline:
        time.sleep(0.1)
    for number in range(6):
        etcdctl(server, "set", "/last", str(number))
    listed = etcdctl(server, "ls", "/", "--recursive").split()
    server.end()
    member = played(folder / "recording")
    assert_same_log(member, server.data)
    assert keys_of(member) == sorted(listed)


def test_a_member_among_real_etcds_is_played_again_from_what_they_told_it(folder: Path):
    ours = (*OURS, f"--record={folder / 'part'}")
    cluster = Cluster(folder, [REAL, ours, REAL], "--snapshot-count=25")
    try:
        cluster.wait_until_they_serve()
        for number in range(40):
            cluster.processes[number % 3 + 1].put(f"/k{number % 7}", str(number))
        cluster.kill(1)  # it may have led
        for number in range(20):
            put_when_somebody_leads(cluster.processes[2], f"/last{number % 3}", str(number))
        data = cluster.places[1].data
        cluster.end(2)
    finally:
        cluster.kill_all()
    member = played(folder / "part")
    assert_same_log(member, data)
    assert {f"/k{n}" for n in range(7)} | {f"/last{n}" for n in range(3)} <= {*keys_of(member)}


def put_when_somebody_leads(server: Process, key: str, value: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            server.put(key, value)
            return
        except (OSError, AssertionError):
            assert time.monotonic() < deadline
            time.sleep(0.1)
