"""A file that does what any program may do is tried all the same, and nothing stays of it."""

import os
import signal
import time
from pathlib import Path

import pytest

from learnetcd.checking import runner
from learnetcd.errors import UserError
from learnetcd.own import trial

PART = "\ndef grant_vote(voter, request):\n    return False\n"


def tried(tmp_path: Path, head: str) -> str:
    path = tmp_path / "mine.py"
    path.write_text(head + PART, encoding="utf-8")
    found = trial.tried(path, ["first-leader"], 0, cases=False)
    assert found is not None
    return found.sentence


@pytest.mark.parametrize(
    "head",
    [
        "import atexit\natexit.register(print, 'bye')\n",
        "import os\nos.close(1)\n",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()\n",
    ],
    ids=["prints at its end", "closes its output", "leaves a thread"],
)
def test_the_divergence_is_found_whatever_else_the_file_does(tmp_path: Path, head: str):
    assert "yours refused" in tried(tmp_path, head)


def test_a_process_that_the_file_left_behind_ends_with_it(tmp_path: Path):
    began = time.monotonic()
    pid_file = tmp_path / "pid"
    head = f"""
import os, pathlib, time
if os.fork() == 0:
    pathlib.Path({str(pid_file)!r}).write_text(str(os.getpid()))
    time.sleep(60)
    os._exit(0)
while not pathlib.Path({str(pid_file)!r}).exists():
    time.sleep(0.01)
"""
    assert "yours refused" in tried(tmp_path, head)
    assert time.monotonic() - began < 20
    assert is_gone(int(pid_file.read_text()))


def is_gone(pid: int) -> bool:
    """Whether a process has ended: it may take a moment, and init may be slow to bury it."""
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        status = Path(f"/proc/{pid}/stat")
        if status.exists() and status.read_text().split()[2] == "Z":
            return True
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    return False


def test_printing_without_an_end_is_refused(tmp_path: Path):
    with pytest.raises(UserError, match=r"line 2: OSError: .*too large"):
        tried(tmp_path, "while True:\n    print('x' * 100_000)\n")


def test_leaving_in_the_middle_is_told_in_a_sentence(tmp_path: Path):
    with pytest.raises(UserError, match=r"could not be tried: .* \(it said nothing\)"):
        tried(tmp_path, "import os\nos._exit(0)\n")


def test_a_file_that_would_end_the_process_is_not_loaded_into_ours(tmp_path: Path):
    path = tmp_path / "mine.py"
    path.write_text("import os\nos._exit(0)\n", encoding="utf-8")
    with pytest.raises(UserError, match="could not be tried"):
        trial.loaded_after_trial(path)


@pytest.mark.parametrize(
    ("head", "body", "left"),
    [
        ("", "threading.Thread(target=time.sleep, args=(60,)).start()", "a thread"),
        ("subprocess.Popen(['sleep', '60'])", "0", "a process"),
    ],
)
def test_a_file_that_leaves_something_running_is_not_loaded_into_ours(tmp_path, head, body, left):
    """It would hold up the end of a search, for ever."""
    path = tmp_path / "mine.py"
    text = f"import subprocess, threading, time\n{head}\ndef grant_vote(a, b):\n    {body}\n"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=f"mine.py leaves {left} running"):
        trial.loaded_after_trial(path)


def test_a_file_with_a_step_without_an_end_is_not_loaded_into_ours(tmp_path: Path):
    path = tmp_path / "mine.py"
    path.write_text("def advance_commit(leader):\n    return 10 ** 10**9\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"line 2 of mine\.py: it has not come to an end after 2 s"):
        trial.loaded_after_trial(path, seconds=2)


def test_a_thread_that_comes_late_does_not_hold_up_the_end_of_a_check(tmp_path: Path):
    path = tmp_path / "mine.py"
    late = "\ndef grant_vote(voter, request):\n    begin()\n    return False\n"
    head = "import threading, time\nbegin = threading.Thread(target=time.sleep, args=(60,)).start\n"
    path.write_text(head + late, encoding="utf-8")
    began = time.monotonic()
    reports = runner.reports(runner.SOUND, "swarm", ["any", "1", "1", "60", "1"], own=str(path))
    assert [report["seed"] for report in reports] == [1]
    assert time.monotonic() - began < 40


def test_what_a_file_prints_is_no_report_of_a_check(tmp_path: Path):
    path = tmp_path / "mine.py"
    path.write_text(
        "import atexit\nprint('{}')\natexit.register(print, 'bye')\n" + PART, encoding="utf-8"
    )
    (report,) = runner.reports(runner.SOUND, "swarm", ["any", "1", "1", "60", "1"], own=str(path))
    assert report["seed"] == 1
