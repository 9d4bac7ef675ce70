"""Pick one of a list: scenes, rules, profiles, branches. Type a few letters, Enter; Esc closes.

The ground is opaque, and lines that are as wide as they should be are not wrapped once more: so it
is drawn in half the time.

Next page: `reading`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from learnetcd_tui.canvas import wrap
from learnetcd_tui.lists import Row
from learnetcd_tui.screens.overlay import Overlay


class Picker(Overlay[str | None]):
    """A list over the panes."""

    DEFAULT_CSS = """
    Picker { align: center middle; background: $background; }
    Picker > Vertical { width: 90%; max-width: 100; height: auto; max-height: 90%;
        border: round $primary; padding: 0 1; }
    Picker #title { text-style: bold; color: $primary; }
    Picker Input { border: none; height: 1; padding: 0; margin-bottom: 1; }
    Picker OptionList { height: auto; max-height: 100%; border: none; padding: 0;
        text-wrap: nowrap; }
    """

    MOVES: ClassVar[dict[str, str]] = {
        "down": "cursor_down",
        "up": "cursor_up",
        "pagedown": "page_down",
        "pageup": "page_up",
    }
    """Keys that move in the list while the letters stay in the field."""

    def __init__(self, title: str, rows: Sequence[Row], is_free: bool = False) -> None:
        """Show these rows; if it is free, what is typed counts as it stands."""
        super().__init__()
        self.is_free = is_free
        self.has_moved = False
        self.heading = title
        self.rows = rows

    def compose(self) -> ComposeResult:
        """The title and how many there are, the letters typed, the list."""
        with Vertical():
            yield Static(
                f"{self.heading}  ({len(self.rows)}; Esc closes)", markup=False, id="title"
            )
            hint = "type it, or choose below" if self.is_free else "type to find"
            yield Input(placeholder=hint, compact=True)
            yield OptionList(*self.options(""))

    def on_mount(self) -> None:
        """Let the letters go into the field."""
        self.set_focus(self.query_one(Input))
        self.query_one(OptionList).action_first()
        self.ready()

    def options(self, letters: str) -> list[Option]:
        """The rows that hold the letters: first those whose name begins with them."""
        wanted = letters.lower().strip()
        rows = [row for row in self.rows if wanted in f"{row.name} {row.text} {row.group}".lower()]
        rows.sort(
            key=lambda row: (
                not row.name.lower().startswith(wanted),
                wanted not in row.name.lower(),
            )
        )
        wide = max((len(row.name) for row in self.rows), default=0)
        signs = max((len(row.sign) for row in self.rows), default=0)
        options = []
        for place, row in enumerate(rows):
            if row.group and not wanted and row.group != rows[place - 1].group:
                options.append(Option(Text(row.group, "bold underline"), disabled=True))
            options.append(Option(self.words(row, signs, wide), id=row.name))
        return options

    def words(self, row: Row, signs: int, wide: int) -> Text:
        """A row: sign, name, and the sentence under itself where it needs more lines."""
        head = (f"{row.sign:<{signs}} " if signs else "") + f"{row.name:<{wide}}  "
        room = min(100, self.app.size.width * 9 // 10) - 6 - len(head)
        sentence = ("\n" + " " * len(head)).join(wrap(row.text, max(20, room)))
        return Text.assemble((head, "bold"), sentence)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Letters: fewer rows."""
        rows = self.query_one(OptionList)
        rows.clear_options()
        rows.add_options(self.options(event.value))
        rows.action_first()

    def on_input_submitted(self) -> None:
        """Enter: the row that is lit, or the words that were typed."""
        rows = self.query_one(OptionList)
        typed = self.query_one(Input).value.strip()
        if self.is_free and typed and not self.has_moved:
            self.dismiss(typed)
        elif rows.highlighted is not None:
            self.dismiss(rows.get_option_at_index(rows.highlighted).id)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click."""
        self.dismiss(event.option.id)

    def on_key(self, event: events.Key) -> None:
        """Esc closes; the arrows move in the list while the letters stay in the field."""
        rows = self.query_one(OptionList)
        if event.key == "escape":
            event.stop()
            self.dismiss(None)
        elif event.key in self.MOVES:
            event.stop()
            event.prevent_default()
            self.has_moved = True
            getattr(rows, f"action_{self.MOVES[event.key]}")()
