"""Patience: a line that says how far a long check is.

Who runs a check in a terminal sees it move; in a file or a pipe nothing of it is left.

Next page: `findings`.
"""

from __future__ import annotations

import sys


class Progress:
    """A line on a terminal that says how far it is, twice a second. Nowhere else."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._shown = 0.0

    def show(self, elapsed: float, line: str) -> None:
        """Put this line in place of the last one."""
        if sys.stderr.isatty() and elapsed - self._shown > 0.5:
            self._shown = elapsed
            print(f"\r{line} ", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Wipe it out."""
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr)
