"""Pick one of a list: scenes, rules, profiles, branches. Type a few letters, Enter; Esc closes.

Next page: `branches`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    name: str
    """What is given back."""
    sign: str
    """A few letters before it: `on`, `off`, `▶`."""
    text: str
    """What it is, in a sentence."""


class Picker(ModalScreen[str | None]):
    """A list over the panes."""

    DEFAULT_CSS = """
    Picker { align: center middle; background: $background 60%; }
    Picker > Vertical { width: 90%; max-width: 100; height: auto; max-height: 90%;
        border: round $primary; padding: 0 1; }
    Picker Input { border: none; height: 1; padding: 0; margin-bottom: 1; }
    Picker OptionList { height: auto; max-height: 100%; border: none; padding: 0; }
    """

    def __init__(self, title: str, rows: Sequence[Row]) -> None:
        """Show these rows."""
        super().__init__()
        self.heading = title
        self.rows = rows

    def compose(self) -> ComposeResult:
        """The title, the letters typed, the list."""
        with Vertical():
            yield Static(
                f"{self.heading}  (type to find, Enter to choose, Esc to close)", markup=False
            )
            yield Input(placeholder="...", compact=True)
            yield OptionList(*self.options(""))

    def on_mount(self) -> None:
        """Let the letters go into the field."""
        self.query_one(Input).focus()
        self.query_one(OptionList).highlighted = 0

    def options(self, letters: str) -> list[Option]:
        """The rows that hold the letters: first those whose name begins with them."""
        wanted = letters.lower().strip()
        rows = [row for row in self.rows if wanted in f"{row.name} {row.text}".lower()]
        rows.sort(
            key=lambda row: (
                not row.name.lower().startswith(wanted),
                wanted not in row.name.lower(),
            )
        )
        wide = max((len(row.name) for row in self.rows), default=0)
        signs = max((len(row.sign) for row in self.rows), default=0)
        return [
            Option(
                Text.assemble(
                    (f"{row.sign:<{signs}} " if signs else "", "bold"),
                    (f"{row.name:<{wide}}  ", "bold"),
                    row.text,
                ),
                id=row.name,
            )
            for row in rows
        ]

    def on_input_changed(self, event: Input.Changed) -> None:
        """Letters: fewer rows."""
        rows = self.query_one(OptionList)
        rows.clear_options()
        rows.add_options(self.options(event.value))
        rows.highlighted = 0 if rows.option_count else None

    def on_input_submitted(self) -> None:
        """Enter: the row that is lit."""
        rows = self.query_one(OptionList)
        if rows.highlighted is not None:
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
        elif event.key in ("down", "up"):
            event.stop()
            event.prevent_default()
            if event.key == "down":
                rows.action_cursor_down()
            else:
                rows.action_cursor_up()
