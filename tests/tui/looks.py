"""Text snapshots: what a screen shows, line by line, compared with a stored file.

    LEARNETCD_UPDATE_SNAPSHOTS=1 python -m pytest tests/tui     writes them anew; review the diff

Left out: colours. They are looked at; the words must do without them.
"""

from __future__ import annotations

import asyncio
import difflib
import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from textual.pilot import Pilot

from learnetcd_tui.app import Application
from learnetcd_tui.canvas import Target
from learnetcd_tui.picture import Picture

NAMED_KEYS = {
    ".": "full_stop",
    ",": "comma",
    "?": "question_mark",
    "!": "exclamation_mark",
    "+": "plus",
    "-": "minus",
    "=": "equals_sign",
    "|": "vertical_line",
    ">": "greater_than_sign",
    " ": "space",
}
"""The names that Textual has for keys that are no letters."""

CHARACTERS = {name: character for character, name in NAMED_KEYS.items()}

SNAPSHOTS = Path(__file__).parent / "snapshots"


class StillDesk:
    """A desk in front of a picture that does not move: for looks, not for acts."""

    def __init__(self, picture: Picture) -> None:
        self.still = picture
        self.running = False
        self.cursor = picture.cursor
        self.chosen = picture.chosen

    def sight(self) -> Picture:
        return replace(self.still, cursor=self.cursor, chosen=self.chosen)

    def has_news(self) -> bool:
        return False

    def choose(self, target: Target) -> None:
        self.chosen = target

    def do(self, act: str, words: str = "") -> None:
        """Nothing moves."""


def still(picture: Picture, **options: bool) -> Application:
    """An application in front of a still picture."""
    return Application(StillDesk(picture), **options)  # type: ignore[arg-type]


def play(
    app: Application,
    *keys: str,
    size: tuple[int, int] = (120, 40),
    then: Callable[[Pilot[int]], Awaitable[None]] | None = None,
) -> str:
    """Press the keys, and give back what is on the screen then."""

    async def session() -> str:
        async with app.run_test(size=size) as pilot:
            for key in keys:
                app.take_key(key, key if len(key) == 1 else CHARACTERS.get(key))
            if then is not None:
                await then(pilot)
            await pilot.pause()
            return screen_text(app)

    return asyncio.run(session())


def screen_text(app: Application) -> str:
    """The words on the screen."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips) + "\n"


def assert_looks_like(name: str, text: str) -> None:
    """Compare with the stored text, or store it."""
    file = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("LEARNETCD_UPDATE_SNAPSHOTS"):
        file.write_text(text, encoding="utf-8")
    stored = file.read_text(encoding="utf-8") if file.exists() else ""
    difference = difflib.unified_diff(
        stored.splitlines(), text.splitlines(), "stored", "now", lineterm=""
    )
    assert stored == text, "\n".join(difference)
