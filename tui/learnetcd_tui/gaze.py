"""Where the person looks: the pane with the focus, the tab in front, the scrolling.

Next page: `app`.
"""

from __future__ import annotations

from learnetcd_tui.contents import CONTENTS
from learnetcd_tui.layout import Plan


class Gaze:
    """The focus, the tab, the scrolling, the letters of a jump."""

    def __init__(self) -> None:
        """Begin at what can happen next."""
        self.tab = ""
        """The pane in front of those that share its place; empty for the first of them."""
        self.focus = "next"
        self.jumping = False
        """Each pane shows its letter, and the next key is one of them."""
        self.scroll: dict[str, int] = {}
        self.plan = Plan({}, ())
        """What is on the screen now."""

    def turn_to(self, name: str) -> None:
        """Bring a pane to the front and look at it; no name leads back to the first tab."""
        if name in self.plan.tabs:
            self.tab = name
        elif name not in self.plan.places or name in ("", "story"):
            self.tab = ""
        self.focus = name or "next"

    def jump(self, letter: str) -> None:
        """To the pane with this letter; any other key only ends the jump."""
        self.jumping = False
        for content in CONTENTS.values():
            if content.letter == letter:
                self.turn_to(content.name)

    def turn(self, by: int) -> None:
        """To the next pane that is seen, or to the one before."""
        seen = [
            name
            for name, content in CONTENTS.items()
            if content.letter and name in self.plan.places
        ]
        place = seen.index(self.focus) if self.focus in seen else 0
        self.focus = seen[(place + by) % len(seen)]

    def turn_wheel(self, name: str, lines: int) -> None:
        """Scroll a pane: the story counts from its end, the others from their beginning."""
        lines = -lines if name == "story" else lines
        self.scroll[name] = max(0, self.scroll.get(name, 0) + lines)
