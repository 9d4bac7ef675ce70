"""Everything by its name: the palette (Ctrl-P) offers each act of the table of keys.

Next page: `narrate`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Hits, Provider

from learnetcd_tui.keys import KEYS, Key

if TYPE_CHECKING:
    from learnetcd_tui.app import Application


class Acts(Provider):
    """The acts, found by any words of their help."""

    @property
    def application(self) -> Application:
        """The application with its type."""
        from learnetcd_tui.app import Application

        assert isinstance(self.app, Application)
        return self.app

    def run(self, key: Key) -> None:
        """As if the key had been pressed."""
        self.application.press_key(key)
        self.application.draw()

    async def discover(self) -> Hits:
        """Before anything is typed: all of them."""
        for key in offered():
            yield DiscoveryHit(title(key), partial(self.run, key))

    async def search(self, query: str) -> Hits:
        """Those that fit the letters."""
        matcher = self.matcher(query)
        for key in offered():
            if (score := matcher.match(title(key))) > 0:
                yield Hit(score, matcher.highlight(title(key)), partial(self.run, key))


def offered() -> list[Key]:
    """All keys but those that only move inside what is open."""
    return [key for key in KEYS if key.act not in ("", "command_palette", "escape", "enter")]


def title(key: Key) -> str:
    """`n   on to the next change ...`."""
    return f"{key.label:<9} {key.help}"
