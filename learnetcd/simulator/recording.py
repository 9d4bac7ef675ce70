"""A recording: a whole run as text that can be read, compared, sent, and played again.

API as agreed; the page is being written.
"""

from __future__ import annotations

from dataclasses import dataclass

from learnetcd.simulator.decisions import Decision
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Recording:
    """A setup and decisions, with what the run must look like at some steps."""

    setup: Setup
    decisions: tuple[Decision, ...]
    marks: tuple[tuple[int, str], ...] = ()
    """(step, digest of the world after it), the last step among them."""
    title: str = ""

    @staticmethod
    def of(timeline: Timeline, title: str = "") -> Recording:
        """Record the current branch, to its end."""
        raise NotImplementedError

    def text(self) -> str:
        """Write it; `Recording.parse` reads it back."""
        raise NotImplementedError

    @staticmethod
    def parse(text: str) -> Recording:
        """Read it; whatever is damaged, cut off, edited or foreign is a `UserError` naming the line."""
        raise NotImplementedError

    def play(self) -> Timeline:
        """Carry it all out again; a run that comes out differently is a `UserError` naming the step."""
        raise NotImplementedError
