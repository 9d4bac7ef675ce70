"""The streams of a command: what it reads from and writes to may be closed, narrow or full.

    learnetcd simulate split > /dev/full         one sentence, no mistake of ours
    LC_ALL=C learnetcd simulate split            "Raft sec. 5.2", for a terminal of ASCII
    learnetcd tui --narrate <&-                  nothing to read: it ends at once

Left out: colours and widths; the screens have their own pages for that.

Next page: `learnetcd/differences`.
"""

import codecs
import errno
import io
import os
import sys
from typing import TextIO

IN_ASCII = {
    "§": "sec. ",
    "→": "->",
    "×": "x",
    "–": "-",
    "…": "...",
    "·": ".",
    "│": "|",
    "┃": "|",
    "╎": ":",
    "‖": ":",
    "─": "-",
    "◀": "<",
    "▶": ">",
    "✕": "x",
}
"""How our own signs are written where only ASCII can be. Others become a question mark."""

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
"""Errors of a stream that takes no more. They carry no file's name."""


def make_usable() -> None:
    """Put a stand-in where a stream is closed, and let no letter be too wide for the others."""
    codecs.register_error("in-ascii", in_ascii)
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115  # open to the end
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # the same
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # the same
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="in-ascii")


def in_ascii(error: UnicodeError) -> tuple[str, int]:
    """Answer the codec that met a letter it has no bytes for."""
    assert isinstance(error, UnicodeEncodeError), "only writing asks this"
    letters = error.object[error.start : error.end]
    return "".join(IN_ASCII.get(letter, "?") for letter in letters), error.end


def leave_broken_output() -> None:
    """Give Python's last flush, at exit, a place where it cannot fail a second time."""
    leave(sys.stdout)


def leave_lost_screen() -> None:
    """What a terminal that is gone did not take is not tried again at exit.

    Textual draws on stderr. A flush that failed at exit would change the exit code.
    """
    try:
        sys.stderr.flush()
    except OSError:
        leave(sys.stderr)


def leave(stream: TextIO) -> None:
    """Let a stream lead nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
