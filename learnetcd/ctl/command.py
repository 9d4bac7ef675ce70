"""`learnetcd ctl`: what was typed after it, done, and its exit code.

Next page: `learnetcd/`, the command line as a whole.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from learnetcd.ctl.failures import Ended
from learnetcd.ctl.line import carry_out


def run(words: Sequence[str]) -> int:
    """Do what was typed after `learnetcd ctl`, and return the exit code."""
    speak_utf_8()
    try:
        carry_out([in_utf_8(word) for word in words])
    except Ended as end:
        sys.stdout.flush()
        sys.stderr.write(end.text)
        return end.exit_code
    return 0


def speak_utf_8() -> None:
    """Write values as the bytes that they are, whatever the terminal is set to."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")


def in_utf_8(word: str) -> str:
    """A word of the command line as UTF-8, with what is none as surrogates."""
    return os.fsencode(word).decode("utf-8", "surrogateescape")
