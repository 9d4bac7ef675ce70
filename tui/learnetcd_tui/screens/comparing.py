"""Two branches side by side: the same until one step, which is marked, and how both end.

      40 S2 is down.                     40 S2 is down.
    ≠ 41 S2 starts again from its disk.  41 The rule vote-memory is off from now on.

Next page: `help`.
"""

from __future__ import annotations

from itertools import zip_longest

from rich.text import Text

from learnetcd.session.comparing import ComparedStep, Comparison
from learnetcd_tui.canvas import fit, wrap


def comparison_text(comparison: Comparison, width: int) -> Text:
    """The steps around the first difference, then the state lines of both ends."""
    column = (width - 3) // 2
    text = Text(verdict(comparison) + "\n\n")
    append_pair(text, comparison.left, comparison.right, column, "bold underline")
    for step in comparison.steps:
        is_first = step.step == comparison.first_difference
        style = "bold reverse" if is_first else "dim" if step.same else ""
        append_step(text, step, "≠" if is_first else " ", column, style)
    text.append("\n")
    append_pair(text, "at its end", "at its end", column, "bold underline")
    for left, right in comparison.ends:
        append_pair(text, left, right, column, "" if left == right else "bold")
    return text


def verdict(comparison: Comparison) -> str:
    """The first difference in a sentence."""
    left, right = comparison.left, comparison.right
    if comparison.first_difference:
        return f"{left} and {right} differ first at step {comparison.first_difference}."
    return f"{left} and {right} do not differ: one is the beginning of the other."


def append_step(text: Text, step: ComparedStep, sign: str, column: int, style: str) -> None:
    """One step of both, in as many lines as its sentences need."""
    number = f"{step.step:>4} "
    room = column - len(number) - 2
    rows = zip_longest(wrap(step.left, room), wrap(step.right, room), fillvalue="")
    for place, (left, right) in enumerate(rows):
        head = number if not place else " " * len(number)
        text.append(f"{sign if not place else ' '} ")
        text.append(fit((head if step.left else "") + left, column - 2), style)
        text.append(" │ ")
        text.append(fit((head if step.right else "") + right, column - 2) + "\n", style)


def append_pair(text: Text, left: str, right: str, column: int, style: str) -> None:
    """Two words side by side."""
    text.append("  ")
    text.append(fit(left, column - 2), style)
    text.append(" │ ")
    text.append(fit(right, column - 2), style)
    text.append("\n")
