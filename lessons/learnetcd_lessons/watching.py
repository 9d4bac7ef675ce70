"""Watching: check again when a file is saved; a success stays on the screen until a key is pressed.

    3.2 A vote that nobody wins                       saved at 14:02:11
    Not yet: in term 1 somebody may still win: S3 has its vote left.

    [Enter] check again   [n] next   [h] hint   [q] quit

Files are looked at five times a second: that works on every system and every disk, also where a
system tells nothing of changes (network drives, containers). Who does not trust it presses Enter.

Left out: a terminal in raw mode. Words end with Enter, so it also works through a pipe.

Next page: `telling`.
"""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable
from pathlib import Path

EVERY_SECONDS = 0.2


def stamp(path: Path) -> tuple[int, int]:
    """Changes whenever a file or what is beside it is saved."""
    newest, size = 0, 0
    for file in sorted(path.parent.glob(f"{path.stem}.*")):
        try:
            found = file.stat()
        except OSError:  # an editor puts a new file in the place of the old one
            continue
        newest, size = max(newest, found.st_mtime_ns), size + found.st_size
    return newest, size


def wait(path: Path, is_interested: Callable[[], bool] = lambda: True) -> str:
    """Wait until a file was saved ("saved") or a line was typed (the line; "q" at its end)."""
    before = stamp(path)
    while is_interested():
        ready, _, _ = select.select([sys.stdin], [], [], EVERY_SECONDS)
        if ready:
            line = os.read(sys.stdin.fileno(), 1024).decode(errors="replace")
            return line.strip().lower() if line else "q"
        if stamp(path) != before:
            return "saved"
    return "q"
