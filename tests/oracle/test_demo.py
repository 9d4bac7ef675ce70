"""`learnetcd demo` on real members: of ours that it starts itself, and a real etcd."""

import subprocess
import sys

import pytest

DEMO = (sys.executable, "-m", "learnetcd", "demo")


def perform(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*DEMO, *words], capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize(
    ("words", "code", "verdict"),
    [(("--naive",), 1, "BROKEN: "), (("--fault", "leader"), 0, "KEPT: ")],
)
def test_a_play_on_members_of_our_own(words, code, verdict):
    ended = perform("coordinate", *words)
    assert (ended.returncode, ended.stderr) == (code, "")
    assert ended.stdout.splitlines()[-1].startswith(verdict)


def test_a_play_at_a_real_etcd_leaves_nothing_there(folder, start_etcd):
    etcd = start_etcd(folder / "data")
    ended = perform("lock", "--fault", "paused", "--against", etcd.url)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "a       | is refused: fence" in ended.stdout
    assert etcd.ask("GET", "/").body["node"].get("nodes", []) == []


def test_a_play_does_not_begin_among_the_keys_of_others(folder, start_etcd):
    etcd = start_etcd(folder / "data")
    etcd.put("/config/ours", "1")
    ended = perform("lock", "--against", etcd.url)
    assert (ended.returncode, ended.stdout) == (2, f"Looking for a cluster at {etcd.url} ...\n")
    assert "There are keys below /config already" in ended.stderr
    assert etcd.value("/config/ours") == "1"
