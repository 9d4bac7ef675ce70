"""What lies over the panes: it takes the keys while it is there, and is drawn as lines in a frame.

    ┌─ Whose Raft? (2 of 3) ──────────────────────────────────────────────┐
    │  › etcd▏                                                            │
    │                                                                     │
    │  ▸ here etcd-3.3  an empty entry in each new term; ...              │
    │         etcd-3.5  the same, and who wants to stand asks first       │
    └─ ↑↓ move   Enter picks   Esc closes ────────────────────────────────┘

It is no screen of the terminal library. Like the prompt it hears of a key in the very moment in
which the key is pressed, so whoever types ahead of the drawing loses no letter. Like a pane it is
lines, so it is seen as soon: a screen of widgets, put together when a key asks for it, took four
times as long.

Next page: `picking`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from learnetcd_tui.canvas import Line, Target, fit, width_of


@dataclass(frozen=True, slots=True)
class Ended:
    """It is not there any more."""

    picked: str | None = None
    """What was picked; None if it was only closed."""


class Overlay(Protocol):
    """One thing over the panes."""

    def take(self, pressed: str, character: str | None) -> Ended | None:
        """One more key, or pasted characters that are no key."""

    def follow(self, picked: str) -> Overlay | None:
        """Do what was picked; what comes over the panes then."""

    def draw(self, width: int, height: int) -> list[Line]:
        """The whole screen."""


def framed(
    title: str, hint: str, lines: Sequence[Line], below: int, inner: int, size: tuple[int, int]
) -> list[Line]:
    """Lines of one width in a frame, in the middle of a screen; `below` more are not seen."""
    width, height = size
    left, above = (width - inner - 4) // 2, (height - len(lines) - 2) // 2
    frame = [edge("┌", title, "title", "┐", inner)]
    for line in lines:
        frame.append(Line("│ ", "rule").append(line.fit(inner)).add(" │", "rule"))
    more = f"   ↓ {below} more line{'s' * (below > 1)}" if below else ""
    frame.append(edge("└", hint + more, "key", "┘", inner))
    return [Line()] * above + [Line(" " * left).append(line) for line in frame]


def edge(left: str, words: str, style: str, right: str, inner: int) -> Line:
    """The upper or the lower edge, with some words in it; a click on the lower one closes."""
    target = Target("key", name="escape") if left == "└" else None
    words = fit(words, min(width_of(words), inner - 2))
    line = Line(f"{left}─ ", "rule").add(words, style, target).add(" ")
    return line.add("─" * (inner + 3 - line.width) + right, "rule")
