"""A text to read over the panes: all keys, or two branches side by side.

Next page: `comparing`.
"""

from __future__ import annotations

from collections.abc import Callable

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import Static

from learnetcd_tui.screens.overlay import Overlay


class Reading(Overlay[bool]):
    """A text that scrolls. It gives back whether Enter closed it."""

    DEFAULT_CSS = """
    Reading { align: center middle; background: $background; }
    Reading > VerticalScroll { width: 96%; max-width: 140; height: auto; max-height: 94%;
        border: round $primary; padding: 0 1; }
    Reading Static { width: 100%; height: auto; text-wrap: nowrap; }
    """
    BINDINGS = [
        Binding("escape,q,f1,B", "dismiss(False)", "close", show=False),
        Binding("enter", "dismiss(True)", "close", show=False),
        Binding("down,pagedown,space,full_stop", "scroll(1)", "down", show=False),
        Binding("up,pageup,comma", "scroll(-1)", "up", show=False),
    ]

    def __init__(self, title: str, text: Callable[[int], Text], hint: str = "") -> None:
        """Show what `text` makes of a width."""
        super().__init__()
        self.hint = hint or "Esc closes"
        self.heading = title
        self.text = text

    def compose(self) -> ComposeResult:
        """The text alone; its title is on the border."""
        with VerticalScroll() as frame:
            frame.border_title = f"{self.heading}  ({self.hint})"
            yield Static(self.text(min(136, int(self.app.size.width * 0.96) - 6)))

    def on_mount(self) -> None:
        """Let the keys come."""
        self.ready()

    def action_scroll(self, direction: int) -> None:
        """A few lines."""
        self.query_one(VerticalScroll).scroll_relative(y=6 * direction, animate=False)
