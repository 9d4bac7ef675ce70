"""A real process in a real terminal: keys through tmux, and what is left after a signal."""

import os
import pty
import signal
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from learnetcd.session.session import Session
from learnetcd_tui.recovery import keep

COMMAND = [sys.executable, "-m", "learnetcd", "tui"]
PATIENCE = 60
"""Seconds: a busy machine is not a mistake in the code."""


# --- tmux ----------------------------------------------------------------------------------------


class Tmux:
    """A terminal of its own server, so that no other one is touched."""

    def __init__(
        self,
        socket: Path,
        width: int,
        height: int,
        *,
        arguments: tuple[str, ...] = (),
        **more: str,
    ) -> None:
        self.command = ["tmux", "-S", str(socket)]
        size = ["-x", str(width), "-y", str(height)]
        words = " ".join([*COMMAND, *arguments, "; echo exit code $?; sleep 60"])
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "TMUX": "", **more}
        # A size that is exported would hide that of the window: side by side, tests have one.
        for size_of_another in ("COLUMNS", "LINES"):
            environment.pop(size_of_another, None)
        subprocess.run(
            [*self.command, "-f", "/dev/null", "new-session", "-d", *size, words],
            check=True,
            env=environment,
        )

    def press(self, *keys: str) -> None:
        subprocess.run([*self.command, "send-keys", *keys], check=True)

    def screen(self) -> str:
        shown = subprocess.run(
            [*self.command, "capture-pane", "-p"], check=True, capture_output=True, text=True
        )
        return shown.stdout

    def wait_for(self, words: str) -> str:
        """The screen, as soon as it shows these words."""
        until = time.monotonic() + PATIENCE
        while words not in (screen := self.screen()):
            assert time.monotonic() < until, f"{words!r} is not on the screen:\n{screen}"
            time.sleep(0.05)
        return screen

    def process(self) -> int:
        """The number of our process, a child of the shell in the pane."""
        command = [*self.command, "list-panes", "-F", "#{pane_pid}"]
        shell = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
        children = ["pgrep", "-P", shell]
        return int(subprocess.run(children, check=True, capture_output=True, text=True).stdout)

    def resize(self, width: int, height: int) -> None:
        size = ["-x", str(width), "-y", str(height)]
        subprocess.run([*self.command, "resize-window", *size], check=True)

    def kill(self) -> None:
        subprocess.run([*self.command, "kill-server"], check=False, capture_output=True)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Tmux]:
    """80x24, as over a slow line; it fails where there is no tmux."""
    tmux = Tmux(tmp_path / "socket", 80, 24)
    yield tmux
    tmux.kill()


def test_a_lecture_in_a_terminal(terminal: Tmux):
    start = terminal.wait_for("Press n")
    assert start.count("fires in") == 3
    terminal.press("n", "n", "n")
    terminal.wait_for("L ◆")
    terminal.press("C", "1|23", "Enter")
    terminal.wait_for("cut 1|23")
    terminal.press("F1")
    terminal.wait_for("Go on, go back")
    terminal.press("Escape")
    terminal.wait_for("F1 all keys")
    terminal.resize(50, 14)
    terminal.wait_for("learnetcd needs")
    terminal.resize(120, 40)
    terminal.wait_for("FLIGHT")
    terminal.press("q")
    terminal.wait_for("save this run?")
    terminal.press("Enter")
    terminal.wait_for("exit code 0")


# --- signals -------------------------------------------------------------------------------------


class Lecture:
    """The application on a terminal that we hold the other end of."""

    def __init__(self, home: Path, command: list[str] | None = None) -> None:
        self.state = home
        self.errors = home / "errors"
        self.ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, 80))
        self.before = termios.tcgetattr(theirs)
        environment = {
            **os.environ,
            "XDG_STATE_HOME": str(home),
            "HOME": str(home),
            "TERM": "xterm-256color",
            "LC_ALL": "C.UTF-8",
        }
        self.process = subprocess.Popen(
            command or COMMAND,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
            start_new_session=True,
        )
        self.theirs = theirs
        self.seen = b""

    def wait_for(self, words: bytes) -> None:
        """Read until these bytes were drawn."""
        until = time.monotonic() + PATIENCE
        while words not in self.seen:
            assert time.monotonic() < until, self.seen[-2000:]
            self.seen += os.read(self.ours, 65536)

    def end(self) -> int:
        """Wait for the end, reading what is still written."""
        until = time.monotonic() + PATIENCE
        os.set_blocking(self.ours, False)
        while self.process.poll() is None:
            assert time.monotonic() < until, "it does not end"
            self.read_on()
            time.sleep(0.02)
        self.read_on()
        return self.process.returncode

    def read_on(self) -> None:
        """Whatever has been drawn since."""
        with suppress(OSError):
            while more := os.read(self.ours, 65536):
                self.seen += more

    def kept(self) -> list[Path]:
        return list(self.state.rglob("recovery-*.recording"))


@pytest.fixture
def lecture(tmp_path: Path) -> Iterator[Lecture]:
    """A lecture that has begun and in which one step was made."""
    lecture = Lecture(tmp_path)
    lecture.wait_for(b"Press n")
    os.write(lecture.ours, b"n")
    lecture.wait_for(b"candidate")
    yield lecture
    if lecture.process.poll() is None:
        lecture.process.kill()
        lecture.process.wait()
    for end in (lecture.ours, lecture.theirs):
        with suppress(OSError):
            os.close(end)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)]
)
def test_a_signal_keeps_the_run_and_restores_the_terminal(
    lecture: Lecture, number: signal.Signals, code: int
):
    lecture.process.send_signal(number)
    assert lecture.end() == code
    assert termios.tcgetattr(lecture.theirs) == lecture.before
    assert b"\x1b[?1049l" in lecture.seen  # the screen that was there before is back
    (kept,) = lecture.kept()
    assert kept.name.encode() in lecture.seen.split(b"\x1b[?1049l")[-1]
    assert "timer S" in kept.read_text()


def test_a_killed_terminal_leaves_no_process_behind(tmp_path: Path):
    """The way of a closed window: the shell goes first, what is written goes nowhere."""
    tmux = Tmux(tmp_path / "socket", 80, 24, XDG_STATE_HOME=str(tmp_path))
    tmux.wait_for("Press n")
    tmux.press("n", "n", "Space")
    tmux.wait_for("RUNNING")
    process = tmux.process()
    tmux.kill()
    until = time.monotonic() + PATIENCE
    while is_alive(process):
        assert time.monotonic() < until, "it is still there"
        time.sleep(0.05)
    assert len(list(tmp_path.rglob("recovery-*.recording"))) == 1


def is_alive(process: int) -> bool:
    """Ask for the process, without doing anything to it."""
    with suppress(ProcessLookupError):
        os.kill(process, 0)
        return True
    return False


def test_a_closed_terminal_ends_it_and_keeps_the_run(lecture: Lecture):
    os.close(lecture.theirs)
    os.close(lecture.ours)  # the window is gone: the kernel sends SIGHUP to nobody else
    lecture.process.send_signal(signal.SIGHUP)
    until = time.monotonic() + PATIENCE
    while lecture.process.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    assert lecture.process.returncode == 129
    assert len(lecture.kept()) == 1


def test_a_run_is_kept_elsewhere_where_its_folder_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    in_the_way = tmp_path / "state"
    in_the_way.write_text("a file")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setenv("XDG_STATE_HOME", str(in_the_way))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "elsewhere"))
    session = Session.open()
    assert keep(session) is None  # nothing happened yet
    session.time_out(1)
    kept = keep(session)
    assert kept is not None
    assert kept.parent == tmp_path / "elsewhere"
    assert Session.load(kept).digest() == session.digest()


def test_a_mistake_of_ours_keeps_the_run_and_is_no_success(tmp_path: Path):
    script = (
        "from learnetcd.session.session import Session\n"
        "from learnetcd_tui.app import Application\n"
        "from learnetcd_tui.main import run_on_screen\n"
        "Application.do_light = lambda self: 1 / 0\n"
        "raise SystemExit(run_on_screen(Session.open(), light=False))\n"
    )
    lecture = Lecture(tmp_path, [sys.executable, "-c", script])
    lecture.wait_for(b"Press n")
    os.write(lecture.ours, b"nt")
    assert lecture.end() == 70
    assert b"ZeroDivisionError" in lecture.seen
    assert len(lecture.kept()) == 1
