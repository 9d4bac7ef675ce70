r"""Apart: a process for a file of yours, which ends with all that it has begun.

    ended = run_apart([sys.executable, "-c", "print('hi')"], seconds=5)
    ended.code          0; None: its time was up
    ended.printed       "hi\n": what it printed, in one text with its errors

A file of yours may do what any program may: begin processes and threads, print without an end,
leave in the middle. So it stands at the head of a session of its own, and when it is over, whatever
is still there of that session is over, too. What it prints goes to a file, not to a pipe: a pipe is
at its end when the last of its writers is, and that may be a process that was left behind. What it
found is for another file, where no print can get in between.

Left out: protection against somebody who means harm. It is your own machine.

Next page: `trial`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Never

from learnetcd.value import dataclass

MOST_WRITTEN = 16 << 20
"""So many bytes may it put into one file."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended."""

    code: int | None
    """Its exit code; None if it was stopped, because its time was up."""
    printed: str


def run_apart(
    words: Sequence[str],
    seconds: float,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Ended:
    """Run a program in a folder, for so many seconds at most."""
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(
            words,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            code = None
        finally:  # Ctrl+C as well: it is no more of our session
            with suppress(ProcessLookupError, PermissionError):  # nobody is left of it
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        printed.seek(0)
        return Ended(code, printed.read().decode(errors="replace"))


def limit(memory: int, computing: int | None = None) -> None:
    """Hold this process to bytes of memory, bytes in a file, and seconds of computing."""
    import resource

    limits = [(resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, MOST_WRITTEN)]
    if computing is not None:
        limits.append((resource.RLIMIT_CPU, computing))
    for what, most in limits:
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with suppress(ValueError, OSError):  # a system without this limit
            resource.setrlimit(what, (most, hard))


def left_behind() -> str:
    """What else is running in this process, or was begun by it: "a thread", "a process", ""."""
    if len(sys._current_frames()) > 1:
        return "a thread"
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return ""
    return "a process"


def leave() -> Never:
    """End this process at once, threads or not; what was printed is kept."""
    with suppress(OSError, ValueError):  # printed too much, or closed
        sys.stdout.flush()
    os._exit(0)
