"""A figure: one line of what a bench has measured, and the goal that it missed, if it did.

Next page: `core`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from learnetcd.errors import UserError


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    name: str
    value: str
    how: str
    is_ratio: bool = False
    missed: str = ""
    """The goal, if it was not reached."""


def some(count: int, seconds: float) -> int:
    """What was counted in so many seconds; nothing is no figure, but a machine that is too busy."""
    if count:
        return count
    raise UserError(
        f"Nothing was answered within {seconds:g} s, so there is nothing to compare: this machine "
        "is busy with something else. End that, and try again."
    )


def print_table(figures: Sequence[Figure]) -> None:
    """Print ratios first: they say the same on every machine."""
    for title, is_ratio in (("The same on every machine", True), ("On this machine", False)):
        print(title)
        for figure in figures:
            if figure.is_ratio == is_ratio:
                print(line(figure))
        print()


def line(figure: Figure) -> str:
    """One line of the table."""
    goal = f"  MISSED: {figure.missed}" if figure.missed else ""
    return f"  {figure.name:<48} {figure.value:>14}   {figure.how}{goal}"


def missed(value: float, goal: float, words: str, at_least: bool = True) -> str:
    """The goal in words, if the value is on its wrong side."""
    reached = value >= goal if at_least else value <= goal
    return "" if reached else words
