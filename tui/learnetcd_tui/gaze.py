"""Where the person looks: the pane with the focus, the tab in front, the scrolling.

Next page: `choosing`.
"""

from __future__ import annotations

from learnetcd_tui.contents import CONTENTS
from learnetcd_tui.layout import Plan

OPENED = ("disk", "wire", "http")
"""Panes that open the chosen thing."""


class Gaze:
    """The focus, the tabs in front, the scrolling, the letters of a jump."""

    def __init__(self) -> None:
        """Begin at what can happen next."""
        self.recent: tuple[str, ...] = ()
        """Panes that were brought to the front of others, the last one first."""
        self.focus = "next"
        self.jumping = False
        """Each pane shows its letter, and the next key is one of them."""
        self.scroll: dict[str, int] = {}
        self.plan = Plan({}, ((),))
        """What is on the screen now."""

    def turn_to(self, name: str) -> None:
        """Bring a pane to the front and look at it; no name leads back to how it was at first."""
        name_of_tab = "next" if name == "story" and "story" not in self.groups() else name
        others = tuple(one for one in self.recent if one != name_of_tab)
        self.recent = (name_of_tab, *others) if name else ()
        self.focus = name or "next"

    def groups(self) -> tuple[str, ...]:
        """All panes that share their places."""
        return tuple(name for group in self.plan.groups for name in group)

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

    def look_at_the_top(self) -> None:
        """Another thing is opened: begin at its first line."""
        for name in OPENED:
            self.scroll[name] = 0

    def turn_wheel(self, name: str, lines: int) -> None:
        """Scroll a pane: the story and the logs count from their end, the others do not."""
        lines = -lines if name in ("story", "members") else lines
        self.scroll[name] = max(0, self.scroll.get(name, 0) + lines)
