"""A text to read over the panes: all keys, or two branches side by side.

Next page: `comparing`.
"""

from __future__ import annotations

from collections.abc import Callable

from learnetcd_tui.canvas import Line
from learnetcd_tui.overlays.overlay import Ended, Overlay, framed

WIDEST = 132
"""Two columns of sentences."""

CLOSES = ("escape", "q", "f1", "B")
LINES = {"up": -1, "down": 1}
PAGES = {"pageup": -1, "comma": -1, "pagedown": 1, "full_stop": 1, "space": 1}
"""A clicker has the keys of a page."""


class Reading:
    """A text that scrolls."""

    def __init__(
        self,
        title: str,
        text: Callable[[int], list[Line]],
        hint: str = "Esc closes",
        enter: Callable[[], None] = lambda: None,
    ) -> None:
        """Show what `text` makes of a width; say in the hint what Enter does."""
        self.title = title
        self.text = text
        self.hint = hint
        self.enter = enter
        self.top = 0
        """The first line that is seen."""
        self.page = 0
        """How many lines were seen when it was drawn last."""

    def take(self, pressed: str, character: str | None) -> Ended | None:
        """One more key: close, or scroll."""
        if pressed == "enter":
            return Ended("")
        if pressed in CLOSES:
            return Ended()
        self.top += LINES.get(pressed, 0) + PAGES.get(pressed, 0) * self.page
        return None

    def follow(self, picked: str) -> Overlay | None:
        """Enter; nothing comes over the panes then."""
        self.enter()
        return None

    def draw(self, width: int, height: int) -> list[Line]:
        """The frame, and as much of the text as fits."""
        inner = min(WIDEST, width - 4)
        lines = self.text(inner)
        self.page = min(len(lines), height - 2)
        self.top = max(0, min(self.top, len(lines) - self.page))
        seen = lines[self.top : self.top + self.page]
        below = len(lines) - self.top - self.page
        return framed(self.title, self.hint, seen, below, inner, (width, height))
