"""Usage: what this process takes from the machine, for `/metrics` and `/debug/vars`.

    /proc/self/statm     25847 11520 ...      pages: of addresses, of memory that is really there
    /proc/self/fd        0 1 2 3 7            what is open

Source: proc(5), getrusage(2), getrlimit(2).

Left out: memory and open files where there is no `/proc`, as on macOS; they are told as 0.

Next page: `mistrust`.
"""

from __future__ import annotations

import os
import resource
from pathlib import Path

from learnetcd.api.facts import Usage

PROC = Path("/proc/self")


def usage() -> Usage:
    """Ask the machine."""
    times = os.times()
    virtual_pages, resident_pages = pages()
    page_bytes = resource.getpagesize()
    return Usage(
        cpu_seconds=times.user + times.system,
        resident_bytes=resident_pages * page_bytes,
        virtual_bytes=virtual_pages * page_bytes,
        open_files=open_files(),
        most_open_files=resource.getrlimit(resource.RLIMIT_NOFILE)[0],
    )


def pages() -> tuple[int, int]:
    """How many pages it has: of addresses, of memory."""
    try:
        virtual, resident, *_ = (PROC / "statm").read_text(encoding="ascii").split()
    except OSError:
        return 0, 0
    return int(virtual), int(resident)


def open_files() -> int:
    """How many files and connections are open."""
    try:
        return len(os.listdir(PROC / "fd"))
    except OSError:  # no /proc, or no file may be opened any more
        return 0
