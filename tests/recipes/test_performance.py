"""`learnetcd demo` that is broken off, or sent to no cluster, leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from learnetcd import cli
from learnetcd.demo import performance
from learnetcd.demo.plays import PLAYS, Verdict


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_play_that_is_broken_off_ends_its_members_and_removes_their_folder(
    tmp_path: Path, number: signal.Signals
):
    playing = subprocess.Popen(
        [sys.executable, "-m", "learnetcd", "demo", "lock", "--fault", "paused"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        process_group=0,
        restore_signals=True,
    )
    assert playing.stdout is not None
    assert playing.stdout.readline()
    assert members(tmp_path)
    playing.send_signal(number)
    said, _ = playing.communicate(timeout=30)
    assert playing.returncode == -number
    assert "Traceback" not in said
    assert members(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def members(folder: Path) -> list[str]:
    """The processes whose data is below a folder."""
    listed = subprocess.run(
        ["ps", "axww", "-o", "args"], capture_output=True, text=True, check=True
    )
    return [line for line in listed.stdout.splitlines() if f"--data-dir={folder}" in line]


@pytest.mark.parametrize("url", ["nonsense", "http://[::1", "http://127.0.0.1:99999", ""])
def test_what_is_no_address_of_a_cluster_is_refused(url: str, capsys: pytest.CaptureFixture[str]):
    assert cli.main(["demo", "lock", "--against", url]) == 2
    assert capsys.readouterr().err.startswith("learnetcd: --against: ")


@pytest.mark.parametrize("is_listening", [False, True])
def test_an_address_where_nobody_answers_is_soon_told(
    is_listening: bool, capsys: pytest.CaptureFixture[str]
):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}"
        if not is_listening:
            mute.close()
        began = time.monotonic()
        assert cli.main(["demo", "lock", "--against", url]) == 2
        assert time.monotonic() - began < 6
    said = capsys.readouterr()
    assert said.out == f"Looking for a cluster at {url} ...\n"
    assert said.err.startswith(f"learnetcd: There is no cluster to play at: {url}: ")


@pytest.mark.parametrize("name", PLAYS)
@pytest.mark.parametrize("fault", [None, "killed", "paused", "cut", "leader"])
def test_whoever_sees_the_naive_form_hold_is_told_what_breaks_it(
    name: str,
    fault: str | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    """By one last line, which names a fault that the table of the plays knows to break it."""

    async def hold(_: object) -> Verdict:
        return Verdict(True, "it holds", "nothing happened")

    if fault is not None and fault not in PLAYS[name].faults:
        fault = "paused"
    monkeypatch.setattr(performance, "perform", hold)
    typed = ["demo", name, "--naive", *(["--fault", fault] if fault else [])]
    assert cli.main(typed) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    if fault in PLAYS[name].breaks_naive:
        assert last == "KEPT: it holds. nothing happened."
    else:
        assert last.rpartition("--fault ")[2].rstrip(".") in PLAYS[name].breaks_naive
