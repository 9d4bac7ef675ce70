"""The real etcdctl against `learnetcd serve`, through ends of every kind."""

import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ctl.running import run
from tests.processes import OURS, Process, environment, serve

Start = Callable[..., Process]
ROUNDS = 8


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    started: list[Process] = []

    def start(*flags: str, data: Path | None = None) -> Process:
        server = Process(OURS, data or folder / "data", *flags)
        started.append(server)
        return server.wait_until_ready()

    yield start
    for server in started:
        server.end(signal.SIGKILL)


def etcdctl(server: Process, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["etcdctl", f"--endpoints={server.url}", *words],
        env={**environment(), "ETCDCTL_API": "2"},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_what_etcdctl_was_told_is_true_however_often_the_server_is_killed(start: Start):
    """A few writers, SIGKILL at any moment, and everything that was acknowledged is there."""
    acknowledged: dict[str, str] = {}
    chance = random.Random(4711)
    for life in range(ROUNDS):
        server = start()
        for key, value in acknowledged.items():
            if chance.random() < 0.2:
                assert server.value(key) == value

        def write(writer: int, server: Process = server, life: int = life) -> None:
            for number in range(1000):
                key, value = f"/{life}/{writer}/{number}", f"{life}.{number}"
                if etcdctl(server, "set", key, value).returncode != 0:
                    return
                acknowledged[key] = value

        writers = [threading.Thread(target=write, args=(number,)) for number in range(3)]
        for writer in writers:
            writer.start()
        time.sleep(chance.uniform(0.1, 0.6))
        server.end(signal.SIGKILL)
        for writer in writers:
            writer.join()
    assert len(acknowledged) > ROUNDS
    server = start()
    assert {key: server.value(key) for key in acknowledged} == acknowledged
    told = etcdctl(server, "get", max(acknowledged))
    assert told.stdout.strip() == acknowledged[max(acknowledged)]


def test_etcdctl_sees_a_healthy_cluster_of_one(start: Start):
    server = start("--name=infra0")
    listed = etcdctl(server, "member", "list").stdout
    assert "name=infra0" in listed
    assert f"clientURLs={server.url} isLeader=true" in listed
    assert "cluster is healthy" in etcdctl(server, "cluster-health").stdout


def test_a_backup_of_etcdctl_holds_the_last_write_and_can_be_restored(start: Start, folder: Path):
    """The article's backup, of a server that runs; started on as it is, it says what to do."""
    server = start()
    assert etcdctl(server, "set", "/kept", "yes").returncode == 0
    time.sleep(1)  # at rest
    backup, data = folder / "backup", folder / "restored"
    command = ["etcdctl", "backup", f"--data-dir={server.data}", f"--backup-dir={backup}"]
    environ = {**environment(), "ETCDCTL_API": "2"}
    subprocess.run(command, env=environ, check=True, capture_output=True, timeout=30)
    refused = Process(OURS, backup)
    assert refused.exit_code() == 1
    assert "`learnetcd ctl restore --backup-dir=" in refused.said()
    assert run("restore", f"--backup-dir={backup}", f"--data-dir={data}").code == 0
    assert etcdctl(start(data=data), "get", "/kept").stdout == "yes\n"


# --- disks that say no --------------------------------------------------------------------------


@pytest.fixture
def mounted(folder: Path) -> Iterator[Callable[[str], Path]]:
    """A small disk of our own in memory; mounting one is for root alone."""
    disk = folder / "disk"
    disk.mkdir()

    def mount(options: str) -> Path:
        verb = "remount," if disk.is_mount() else ""
        command = ["mount", "-t", "tmpfs", "-o", verb + options, "none", str(disk)]
        subprocess.run(command, check=True)
        return disk

    yield mount
    if disk.is_mount():
        subprocess.run(["umount", str(disk)], check=True)


def test_a_disk_that_can_only_be_read_is_one_sentence(mounted: Callable[[str], Path], folder: Path):
    ended = serve([f"--data-dir={mounted('ro')}/data"], folder)
    assert ended.returncode == 1
    assert "Read-only file system" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_disk_too_small_to_begin_with_is_one_sentence(
    mounted: Callable[[str], Path], folder: Path
):
    """A file of the log is 64 MB large from the start."""
    ended = serve([f"--data-dir={mounted('size=1m')}/data"], folder)
    assert ended.returncode == 1
    assert "No space left on device" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_disk_that_gets_full_stops_the_server_and_nothing_acknowledged_is_lost(
    mounted: Callable[[str], Path], start: Start
):
    """There is room for one file of the log, and none for the next."""
    data = mounted("size=72m") / "data"
    server = start(data=data)
    acknowledged = []
    for number in range(100):
        try:
            if server.put(f"/{number}", str(number % 10) * 1_000_000).get("action") != "set":
                break
        except OSError:
            break
        acknowledged.append(number)
    assert 10 < len(acknowledged) < 100
    assert server.exit_code() == 1
    assert "No space left on device" in server.said()
    assert "Traceback" not in server.said()
    mounted("size=400m")
    again = start(data=data)
    for number in acknowledged:
        assert again.value(f"/{number}") == str(number % 10) * 1_000_000
