"""A warm start: a process of ours, forked from one that has imported already what it needs.

    server = WarmProcess(["serve", "--name=n1"], journal, environment)
    server.send_signal(signal.SIGTERM)
    server.wait(10)     # -15, as `subprocess.Popen` says it

Python imports for a third of a second before a server of ours says its first word, and the tests
start more than a hundred. It is a process like any other, with a memory, signals and an exit code
of its own. Only its beginning is another, so where that is tested (`tests/runtime/test_serve.py`)
they start cold.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from multiprocessing import get_context, parent_process
from pathlib import Path
from types import ModuleType

_context = get_context("forkserver")
_context.set_forkserver_preload(["learnetcd.cli", "learnetcd.runtime.command"])
# Two threads that ask at once how a process ended would read one answer between them.
_lock = threading.Lock()


class WarmProcess:
    """What of `subprocess.Popen` the tests need."""

    def __init__(
        self,
        words: Sequence[str],
        out: Path,
        environment: Mapping[str, str],
        err: Path | None = None,
        folder: Path | None = None,
    ) -> None:
        """Start `learnetcd` there with these words; what it says is added to a file, or to two."""
        self.args = ["learnetcd", *words]
        arguments = (list(words), out, err or out, dict(environment), folder)
        self._process = _context.Process(target=_live, args=arguments, daemon=True)
        with _lock:
            # A child would import the parent's main program, which is pytest.
            main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
            try:
                self._process.start()
            finally:
                sys.modules["__main__"] = main
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """What it ended with, or None while it lives."""
        with _lock:
            return self._process.exitcode

    def wait(self, timeout: float) -> int:
        """What it ended with, as soon as it has."""
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(self.args, timeout)
            time.sleep(0.005)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)


def _live(
    words: Sequence[str],
    out: Path,
    err: Path,
    environment: Mapping[str, str],
    folder: Path | None,
) -> None:
    """The whole life of the child."""
    for number, path in ((1, out), (2, err)):
        with path.open("ab") as file:
            os.dup2(file.fileno(), number)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    if folder is not None:
        os.chdir(folder)
    threading.Thread(target=_end_with_the_tests, daemon=True).start()
    from learnetcd.cli import main

    sys.exit(main(words))


def _end_with_the_tests() -> None:
    """Whoever breaks them off leaves no server behind."""
    tests = parent_process()
    assert tests is not None
    tests.join()
    os.kill(os.getpid(), signal.SIGKILL)
