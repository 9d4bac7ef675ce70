"""`learnetcd serve` as people meet it: a process, its exit code, what it says, what it keeps."""

import json
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from learnetcd.disk.directory import Directory
from learnetcd.disk.real_files import RealFiles
from learnetcd.disk.recovery import recover
from learnetcd.runtime import command
from learnetcd.runtime.settings import Settings
from tests.processes import OURS, Process, ports_of_its_own, serve

Start = Callable[..., Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Process] = []

    def start(*flags: str, is_cold: bool = False) -> Process:
        server = Process(OURS, tmp_path / "data", *flags, is_cold=is_cold)
        started.append(server)
        return server.wait_until_ready()

    yield start
    for server in started:
        server.end(signal.SIGKILL)


def refusal(folder: Path, *words: str) -> str:
    """The one sentence of a server that does not start; exit code 1."""
    ended = serve(words, folder)
    assert ended.returncode == 1, ended
    assert "Traceback" not in ended.stderr
    complaints = [line for line in ended.stderr.splitlines() if " I | " not in line]
    assert len(complaints) == 1, ended.stderr
    return complaints[0]


# --- from the start to the end ------------------------------------------------------------------


def test_its_first_lines_say_who_it_is_and_where_it_can_be_reached(start: Start):
    """The ids are those that etcd 3.4.23 gives to the same member."""
    server = start(is_cold=True)
    server.wait_until_it_says("the cluster gets a version")
    program, member, leader, *others = server.said().splitlines()
    assert f"(name: default, data dir: {server.data})" in program
    assert "starting a new member (member id: 8e9e05c52164694d" in member
    assert "cluster id: cdf818194e3a8c32" in member
    assert f"advertised: {server.url})" in member
    assert leader.endswith(" I | elected a leader (leader: 8e9e05c52164694d, term: 2)")
    version, ready = sorted(others, key=lambda line: "ready" in line)  # side by side
    assert version.endswith(" I | the cluster gets a version (version: 3.4.0, members: 3.4.23)")
    assert ready.endswith(f" I | ready to serve client requests (urls: {server.url})")


def test_a_member_alone_elects_itself_and_answers_within_half_a_second(start: Start):
    def seconds() -> float:
        server = start(is_cold=True)
        server.end()
        times = re.findall(r"(?m)^\S+ (\d\d):(\d\d):(\S+) I \| (?:starting|ready)", server.said())
        began, ready = (int(h) * 3600 + int(m) * 60 + float(s) for h, m, s in times)
        return (ready - began) % 86_400

    assert min(seconds() for _ in range(3)) < 0.5  # the machine may have been busy


def test_it_ends_by_the_signal_that_ends_it(start: Start):
    for number in (signal.SIGTERM, signal.SIGINT):
        server = start(is_cold=True)
        assert server.end(number) == -number
        assert server.complaints() == []


def test_programs_read_its_journal_as_json(start: Start):
    server = start("--logger=zap")
    server.end()
    lines = [json.loads(line) for line in server.said().splitlines()]
    assert {"level", "ts", "msg"} <= set.intersection(*(set(line) for line in lines))
    assert lines[0]["data-dir"] == str(server.data)


def test_what_was_acknowledged_is_there_after_a_gentle_and_a_violent_end(start: Start):
    for number, key in ((signal.SIGTERM, "/gentle"), (signal.SIGKILL, "/violent")):
        server = start()
        server.put(key, "kept")
        server.end(number)
    server = start()
    assert [server.value("/gentle"), server.value("/violent")] == ["kept", "kept"]


def test_a_write_that_is_under_way_at_sigterm_is_done_or_was_never_acknowledged(start: Start):
    server = start()
    acknowledged: list[int] = []

    def write() -> None:
        for number in range(100_000):
            try:
                if server.put(f"/n/{number}", str(number))["action"] != "set":
                    return
            except OSError:  # the server has gone
                return
            acknowledged.append(number)

    writer = threading.Thread(target=write)
    writer.start()
    while len(acknowledged) < 20:
        time.sleep(0.01)
    assert server.end() == -signal.SIGTERM
    writer.join()
    again = start()
    kept = {node["key"]: node["value"] for node in again.get("/n")["node"]["nodes"]}
    assert [kept[f"/n/{number}"] for number in acknowledged] == [str(n) for n in acknowledged]
    assert len(kept) - len(acknowledged) in (0, 1)


def test_a_copy_of_a_member_at_rest_holds_its_last_write(start: Start):
    """How far the log is committed is written down although nobody waits for that."""
    server = start()
    server.put("/last", "1")
    deadline = time.monotonic() + 20
    while True:
        stored = recover(RealFiles(), Directory(str(server.data))).stored
        if stored.hard_state.commit_index == stored.entries[-1].index:
            break
        assert time.monotonic() < deadline, stored.hard_state
        time.sleep(0.05)
    assert b"/last" in stored.entries[-1].payload


# --- the command line ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "exit_code", "sentence"),
    [
        (["--help"], 0, "Runs one member of etcd"),
        (["--version"], 0, "learnetcd "),
        (["--nmae=a"], 2, "There is no flag --nmae. Did you mean '--name'?"),
        (["--max-wals=x"], 2, "--max-wals=x: it takes a whole number, 0 or more."),
        (["start"], 1, "'start' is not a valid flag"),
        (["--cert-file=x"], 1, "--cert-file and --key-file belong together: one of them is"),
        (["--listen-peer-urls=https://127.0.0.1:1"], 1, "--listen-peer-urls names https, so"),
        (["--config-file=x"], 1, "x can't be read: No such file or directory."),
    ],
)
def test_the_command_line_is_answered(
    words: list[str], exit_code: int, sentence: str, tmp_path: Path
):
    ended = serve(words, tmp_path)
    assert ended.returncode == exit_code
    assert sentence in (ended.stderr if exit_code else ended.stdout)
    assert not (tmp_path / "default.etcd").exists()


def test_warnings_come_before_anything_is_served(start: Start):
    server = start("--auth-token=simple")
    lines = server.said().splitlines()
    assert " W | Without effect here: --auth-token (the v3 API is not served)." in lines[1]


# --- what the world may have done ---------------------------------------------------------------


def test_a_port_in_use_is_one_sentence_and_leaves_no_data(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        words = ports_of_its_own(url)
        assert f"Nobody can listen on {url}: Address already in use." in refusal(tmp_path, *words)
    assert not (tmp_path / "default.etcd").exists()


def test_a_second_process_on_the_same_data_is_refused(start: Start, tmp_path: Path):
    server = start()
    sentence = refusal(tmp_path, f"--data-dir={server.data}", *ports_of_its_own())
    assert "is in use: is a member already running on this data directory?" in sentence
    server.put("/x", "unharmed")
    assert server.value("/x") == "unharmed"


@pytest.mark.parametrize("path", ["a-file", "a-file/data", "/proc/learnetcd"])
def test_a_place_where_no_data_can_be_is_one_sentence(path: str, tmp_path: Path):
    (tmp_path / "a-file").write_text("not a directory")
    assert path in refusal(tmp_path, f"--data-dir={path}", *ports_of_its_own())
    assert (tmp_path / "a-file").read_text() == "not a directory"


def test_a_log_that_was_damaged_is_refused_with_file_and_place(start: Start, tmp_path: Path):
    server = start()
    for number in range(10):
        server.put(f"/{number}", "x" * 100)
    server.end(signal.SIGKILL)
    [log] = (server.data / "member" / "wal").glob("*-*.wal")
    content = bytearray(log.read_bytes())
    content[1000] ^= 1
    log.write_bytes(content)
    sentence = refusal(tmp_path, f"--data-dir={server.data}", *ports_of_its_own())
    assert str(log) in sentence
    assert ", byte " in sentence
    assert log.read_bytes() == content  # nothing is changed where nothing is understood


def test_who_it_is_stands_in_its_data_not_in_its_flags(start: Start):
    """As in etcd: a name may change, the member stays the same."""
    first = start("--name=a", "--initial-cluster-token=one")
    first.put("/x", "1")
    first.end()
    second = start("--name=b", "--initial-cluster-token=two")
    assert second.value("/x") == "1"


def test_an_existing_cluster_in_which_nobody_answers_can_not_be_joined(tmp_path: Path):
    sentence = refusal(tmp_path, "--initial-cluster-state=existing", *ports_of_its_own())
    assert "No member of the cluster could be asked who belongs to it" in sentence
    assert not (tmp_path / "default.etcd").exists()


def test_nobody_reads_its_words_and_it_serves_on(start: Start, tmp_path: Path):
    """The terminal is gone, the pipe is closed: no reason for a database to stop."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    server = start(f"--log-outputs=stderr,{pipe}")
    assert b"ready" in os.read(reader, 10_000)
    os.close(reader)
    assert server.end() == -signal.SIGTERM  # about which it would have something to say
    assert "stopping (signal: SIGTERM)" in server.said()


def test_what_ends_a_server_stands_in_its_journal_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Where nobody looks at the terminal, the journal is all there is."""

    def fail(settings: Settings, **_: object) -> int:
        raise AssertionError("1000 can't be committed: the log ends at 5")

    monkeypatch.setattr(command, "serve_until_ended", fail)
    with pytest.raises(AssertionError):
        command.run(["--log-outputs", str(tmp_path / "log")])
    last = (tmp_path / "log").read_text().splitlines()[-1]
    assert last.endswith(
        " E | stopped by AssertionError: 1000 can't be committed: the log ends at 5"
    )
