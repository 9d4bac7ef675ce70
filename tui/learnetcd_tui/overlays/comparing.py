"""Two branches side by side: the same until one step, which is marked, and how both end.

      40 S2 is down.                     40 S2 is down.
    ≠ 41 S2 starts again from its disk.  41 The rule vote-memory is off from now on.

Next page: `help`.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest

from learnetcd.session.comparing import ComparedStep, Comparison
from learnetcd_tui.canvas import Line, wrap


def comparison_text(comparison: Comparison, width: int) -> list[Line]:
    """The steps around the first difference, then the state lines of both ends."""
    column = (width - 3) // 2
    lines = [Line(verdict(comparison), "strong"), Line()]
    lines.append(pair(comparison.left, comparison.right, column, "title"))
    for step in comparison.steps:
        lines += step_lines(step, step.step == comparison.first_difference, column)
    lines += [Line(), pair("at its end", "at its end", column, "title")]
    for left, right in comparison.ends:
        style = "" if left == right else "strong"
        lines += [pair(a, b, column, style) for a, b in beside(left, right, column - 2)]
    return lines


def verdict(comparison: Comparison) -> str:
    """The first difference in a sentence."""
    left, right = comparison.left, comparison.right
    if comparison.first_difference:
        return f"{left} and {right} differ first at step {comparison.first_difference}."
    return f"{left} and {right} do not differ: one is the beginning of the other."


def step_lines(step: ComparedStep, is_first: bool, column: int) -> list[Line]:
    """One step of both, in as many lines as its sentences need."""
    style = "focus" if is_first else "dim" if step.same else ""
    number = f"{step.step:>4} "
    lines: list[Line] = []
    for left, right in beside(step.left, step.right, column - len(number) - 2):
        sign = "≠" if is_first and not lines else " "
        head = " " * len(number) if lines else number
        left_words = head + left if step.left else ""
        right_words = head + right if step.right else ""
        lines.append(pair(left_words, right_words, column, style, sign))
    return lines


def beside(left: str, right: str, room: int) -> Iterable[tuple[str, str]]:
    """Two sentences in lines of this width."""
    return zip_longest(wrap(left, room), wrap(right, room), fillvalue="")


def pair(left: str, right: str, column: int, style: str, sign: str = " ") -> Line:
    """Two words side by side."""
    line = Line(f"{sign} ", "changed").cell(left, column - 2, style).add(" │ ", "rule")
    return line.cell(right, column - 2, style)
