"""A timeline: all histories of one cluster that were looked at, and the one that is shown.

API as agreed; the page is being written.
"""

from __future__ import annotations

from dataclasses import dataclass

from learnetcd.simulator.decisions import Decision
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.world import World


@dataclass(frozen=True, slots=True)
class Branch:
    """One history; all branches share the steps before they part."""

    name: str
    parent: str
    """Empty for the first one, "main"."""
    parts_at: int
    """The last step that it shares with its parent."""
    length: int
    """Steps in all, shared ones included."""


class Timeline:
    """Histories that begin at one setup."""

    setup: Setup
    world: World
    """The state at `step` of the current branch. Look, don't decide here."""
    step: int
    branch: str
    length: int
    """Steps of the current branch."""

    def __init__(self, setup: Setup) -> None:
        """Begin at step 0 of the branch "main"."""
        raise NotImplementedError

    def decide(self, decision: Decision) -> None:
        """Carry out a decision at the current step (`Impossible` changes nothing).

        In the past: the recorded decision just goes forward, another one begins a new branch."""
        raise NotImplementedError

    def forward(self) -> Decision | None:
        """Carry out the next recorded decision; None at the end of the branch."""
        raise NotImplementedError

    def seek(self, step: int) -> None:
        """Go to any step of the current branch."""
        raise NotImplementedError

    def back(self, steps: int = 1) -> None:
        """Go back; quick when done again and again."""
        raise NotImplementedError

    def decision(self, step: int) -> Decision:
        """The decision that led from `step` - 1 to `step` of the current branch."""
        raise NotImplementedError

    def world_at(self, step: int) -> World:
        """A state of the current branch, to look at; the current step does not change."""
        raise NotImplementedError

    def branches(self) -> list[Branch]:
        """All of them, the first one first."""
        raise NotImplementedError

    def switch(self, branch: str, step: int | None = None) -> None:
        """Go to another branch: to the same step, or as far as it goes."""
        raise NotImplementedError

    def rename(self, branch: str, name: str) -> None:
        """Give a branch a better name."""
        raise NotImplementedError
