"""A server that records: its run is played again in the simulator, and comes to the same end."""

import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from learnetcd.errors import UserError
from learnetcd.member.inputs import TimerFired
from learnetcd.runtime.recording import Recorder, Start
from learnetcd.session.session import Grain, Session
from learnetcd.simulator.recording import Recording
from tests.processes import OURS, PATIENCE_S, Process, free_ports, serve, url_of
from tests.runtime.played import assert_same_log, keys_of, played

StartRecording = Callable[[str], Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[StartRecording]:
    """Start a server on one data directory, recording into a file of that name."""
    started: list[Process] = []

    def start(name: str) -> Process:
        flags = (f"--record={tmp_path / name}", "--snapshot-count=15")
        started.append(Process(OURS, tmp_path / "data", *flags))
        return started[-1].wait_until_ready()

    yield start
    for server in started:
        server.end(signal.SIGKILL)


def work(server: Process) -> None:
    """Writes, conditions, times to live, queues, errors, a watch and a stream."""
    watching = threading.Thread(target=server.get, args=("/watched?wait=true",))
    watching.start()
    leaving = server.connect()
    leaving.sendall(
        b"GET /v2/keys/?wait=true&stream=true&recursive=true HTTP/1.1\r\nHost: x\r\n\r\n"
    )
    for number in range(20):
        server.put(f"/n/{number % 7}", f"value {number} \u20ac")
    server.put("/short", "x", ttl="1")
    server.put("/n/0?prevValue=wrong", "x")
    server.ask("POST", "/queue", value="job")
    server.ask("DELETE", "/n/1")
    server.ask("GET", "/missing?quorum=true")
    server.put("/watched", "now")
    watching.join()
    leaving.close()
    deadline = time.monotonic() + PATIENCE_S
    while "errorCode" not in server.get("/short") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert "errorCode" in server.get("/short"), "its time is over"


def keys_at(server: Process) -> list[str]:
    """All keys that clients see, sorted."""

    def below(nodes: list[dict[str, Any]]) -> Iterator[str]:
        for node in nodes:
            yield node["key"]
            yield from below(node.get("nodes", []))

    return sorted(below(server.get("/?recursive=true")["node"]["nodes"]))


def test_a_life_is_played_again_and_so_is_the_next_one_that_begins_with_its_snapshot(
    start: StartRecording, tmp_path: Path
):
    for name in ("first", "second"):
        server = start(name)
        work(server)
        keys = keys_at(server)
        assert server.end() == -signal.SIGTERM
        assert not Recording.read(tmp_path / name).breaks_off
        member = played(tmp_path / name)
        assert_same_log(member, server.data)
        assert keys_of(member) == keys
    lines = (tmp_path / "second").read_text().splitlines()
    assert any(line.startswith("snapshot ") for line in lines)


def test_of_a_server_that_was_killed_all_is_there_that_it_was_told(
    start: StartRecording, tmp_path: Path
):
    server = start("killed")
    for number in range(30):
        server.put("/last", str(number))
    server.end(signal.SIGKILL)
    assert Recording.read(tmp_path / "killed").breaks_off
    node = played(tmp_path / "killed").node_at("/last")
    assert node is not None
    assert node.value == "29"


def test_the_past_of_a_server_opens_as_a_session(start: StartRecording, tmp_path: Path):
    server = start("past")
    server.put("/x", "1")
    server.end()
    session = Session.load(tmp_path / "past")
    end, length = session.digest(), session.view().length
    session.seek(0)
    roles = []
    for _ in range(12):
        session.forward(Grain.CHANGE)
        roles.append(session.view().members[0].role)
    assert (roles[0], roles[-1]) == ("follower", "leader")
    assert session.view().branch == "main", "one goes forward on what was recorded"
    session.seek(length)
    assert session.digest() == end


def test_a_recording_is_for_its_owner_alone(tmp_path: Path):
    Recorder(str(tmp_path / "mine"), lambda start, write: Broken()).end()
    assert (tmp_path / "mine").stat().st_mode & 0o077 == 0


def test_a_recording_that_is_there_is_not_written_over(tmp_path: Path):
    path = tmp_path / "kept"
    path.write_text("mine")
    ended = serve([f"--data-dir={tmp_path / 'data'}", f"--record={path}"], tmp_path)
    assert ended.returncode == 1
    assert "it is there already. Give another name, or remove it first." in ended.stderr
    assert path.read_text() == "mine"


def test_each_of_several_members_is_played_again_from_its_own_recording(tmp_path: Path):
    places = [free_ports(2) for _ in range(3)]
    named = ",".join(f"m{n}={url_of(peer)}" for n, (_, peer) in enumerate(places, 1))
    servers = [
        Process(
            *(OURS, tmp_path / f"m{number}"),
            *(f"--record={tmp_path / f'part{number}'}", "--snapshot-count=15"),
            name=f"m{number}",
            ports=(client, peer),
            cluster=named,
        )
        for number, (client, peer) in enumerate(places, 1)
    ]
    try:
        for server in servers:
            server.wait_until_ready()
        for number in range(30):
            servers[number % 3].put(f"/n/{number % 5}", str(number))
        keys = keys_at(servers[0])
        for server in servers:
            server.end()
    finally:
        for server in servers:
            server.end(signal.SIGKILL)
    for number, server in enumerate(servers, 1):
        member = played(tmp_path / f"part{number}")
        assert_same_log(member, server.data)
        assert keys_of(member) == keys
        assert "\nreceive " in (tmp_path / f"part{number}").read_text()
        shutil.rmtree(server.data)  # a log is a file of 64 MB


class Broken:
    """A tape that has no words."""

    def __init__(self) -> None:
        self.asked = 0

    def note(self, input: object) -> None:
        self.asked += 1
        raise UserError("no words")

    def end(self) -> None:
        raise AssertionError("it has ended before")


def test_a_recording_that_fails_ends_and_the_server_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    broken = Broken()
    recorder = Recorder(str(tmp_path / "x"), lambda start, write: broken)
    note = recorder.begin(Start(None, None, 1, 2, "etcd-3.3"))  # type: ignore[arg-type]  # not looked at
    note(TimerFired(1))
    note(TimerFired(2))
    recorder.end()
    assert broken.asked == 1
    assert "nothing more is recorded" in caplog.text
