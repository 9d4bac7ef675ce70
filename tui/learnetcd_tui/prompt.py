"""The line in which words are typed after a key: `C` then `1|23` and Enter. Esc closes it.

Next page: `picker`.
"""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from learnetcd_tui.keys import Key


class Prompt(Horizontal):
    """Takes the place of the keys at the bottom while it is open."""

    DEFAULT_CSS = """
    Prompt { display: none; height: 1; dock: bottom; layer: over; }
    Prompt Static { width: auto; padding: 0 1; text-style: bold; }
    Prompt Input { width: 1fr; height: 1; border: none; padding: 0; }
    """

    class Answered(Message):
        """Somebody typed words and pressed Enter."""

        def __init__(self, key: Key, words: str) -> None:
            """Say for which key."""
            super().__init__()
            self.key = key
            self.words = words

    def __init__(self) -> None:
        """Begin closed."""
        super().__init__(id="prompt")
        self.key: Key | None = None

    def compose(self) -> ComposeResult:
        """The question, and a place for the answer."""
        yield Static("", id="question", markup=False)
        yield Input(compact=True, select_on_focus=False)

    @property
    def is_open(self) -> bool:
        """Is somebody typing?"""
        return self.key is not None

    def open(self, key: Key) -> None:
        """Ask for what a key needs."""
        self.key = key
        self.query_one("#question", Static).update(f"{key.label}  {key.asks}  →")
        self.display = True
        field = self.query_one(Input)
        field.value = ""
        field.focus()

    def close(self) -> None:
        """Ask no more."""
        self.key = None
        self.display = False
        self.screen.set_focus(None)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        event.stop()
        key, words = self.key, event.value
        self.close()
        if key is not None:
            self.post_message(self.Answered(key, words))

    def on_key(self, event: events.Key) -> None:
        """Esc."""
        if event.key == "escape":
            event.stop()
            self.close()
