"""A verdict: whether an exercise is done, and if not, the first thing that is in the way.

Next page: `judging`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a check."""

    passed: bool
    sentence: str
    acts: int | None = None
    """How many acts it took, where acts are counted: fewer is better."""
    score: str = ""
    """Of questions: `4 of 5`."""
    unanswered: int = 0
    """Of questions: so many have no answer yet."""
    printed: str = ""
    """What the learner's code printed."""

    def plain(self) -> dict[str, Any]:
        """As a dictionary, for a file."""
        return asdict(self)
