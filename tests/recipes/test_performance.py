"""`learnetcd demo` that is broken off, or sent to no cluster, leaves nothing behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from learnetcd import cli


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
