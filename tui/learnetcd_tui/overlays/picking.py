"""Pick one of a list: scenes, rules, profiles, branches. Type a few letters, Enter; Esc closes.

A row is shown if each word that was typed stands somewhere in it: in its name, its sentence or its
group. Rows whose name begins with what was typed come first.

    › lead cut▏       cut-leader   A leader that is cut off goes on believing that it leads ...

Next page: `reading`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from learnetcd.desk.lists import Row
from learnetcd_tui.canvas import Line, Target, wrap
from learnetcd_tui.overlays.overlay import Ended, Overlay, framed
from learnetcd_tui.prompt import typed_on

WIDEST = 96
"""A longer line is hard to read."""

MOVES = {"up": -1, "down": 1, "pageup": -8, "pagedown": 8, "home": -1_000_000, "end": 1_000_000}
"""By how many rows each key moves, while the letters stay as they are."""

FREE = "Enter takes it as you type it."

HINT = "↑↓ move   Enter picks   Esc closes"


class Picking:
    """A list over the panes."""

    def __init__(
        self,
        title: str,
        rows: Sequence[Row],
        follow: Callable[[str], Overlay | None],
        is_free: bool = False,
    ) -> None:
        """Show these rows; if it is free, what is typed counts as it stands."""
        self.title = title
        self.rows = rows
        self.follow = follow
        """What is done with the name that is picked."""
        self.is_free = is_free
        self.typed = ""
        self.place = 0
        """The row that is lit, among those that are shown."""
        self.has_moved = False

    def take(self, pressed: str, character: str | None) -> Ended | None:
        """One more key: pick, close, move, or type."""
        match pressed:
            case "enter":
                return self.picked()
            case "escape":
                return Ended()
            case _ if pressed in MOVES:
                last = len(self.shown()) - 1
                self.place = max(0, min(last, self.place + MOVES[pressed]))
                self.has_moved = True
            case _:
                typed = typed_on(self.typed, pressed, character)
                if typed != self.typed:
                    self.typed, self.place, self.has_moved = typed, 0, False
        return None

    def picked(self) -> Ended | None:
        """Enter: the words that were typed, if anything may be typed; else the row that is lit."""
        if self.is_free and self.typed.strip() and not self.has_moved:
            return Ended(self.typed.strip())
        shown = self.shown()
        return Ended(shown[self.place].name) if shown else None

    def shown(self) -> list[Row]:
        """The rows in which each word that was typed stands somewhere, the best ones first."""
        typed = self.typed.lower().strip()
        if not typed:
            return list(self.rows)
        rows = [row for row in self.rows if all(word in letters(row) for word in typed.split())]
        rows.sort(
            key=lambda row: (
                not row.name.lower().startswith(typed),
                typed not in row.name.lower(),
            )
        )
        return rows

    # --- drawing --------------------------------------------------------------------------------

    def draw(self, width: int, height: int) -> list[Line]:
        """The frame: what was typed, and as many rows as fit, among them the one that is lit."""
        inner = min(WIDEST, width - 6)
        room = min(height - 6, len(self.row_lines(self.rows, inner)[0]))
        shown = self.shown()
        lines, lit = self.row_lines(shown, inner)
        top = max(0, min(lit - room // 2, len(lines) - room))
        seen = lines[top : top + room]
        seen = seen or [Line(f"   {FREE if self.is_free else 'Nothing holds all of this.'}", "dim")]
        seen += [Line()] * (room - len(seen))  # the frame stays as it is while letters are typed
        below = max(0, len(lines) - top - room)
        count = f"{len(shown)} of {len(self.rows)}" if self.typed else f"{len(self.rows)}"
        title = f"{self.title} ({count})"
        return framed(title, HINT, [self.field(), Line(), *seen], below, inner, (width, height))

    def field(self) -> Line:
        """What was typed so far."""
        line = Line(" › ", "key").add(self.typed, "strong").add("▏", "focus")
        hint = " type it, or pick below" if self.is_free else " type to find"
        return line.add("" if self.typed else hint, "dim")

    def row_lines(self, rows: Sequence[Row], width: int) -> tuple[list[Line], int]:
        """All rows, under the words of their groups; and where the one that is lit begins."""
        signs = max((len(row.sign) for row in self.rows), default=0)
        names = max((len(row.name) for row in self.rows), default=0)
        lines: list[Line] = []
        group, lit = "", 0
        for place, row in enumerate(rows):
            if row.group != group and not self.typed:
                group = row.group
                lines.append(Line(f" {group}", "title"))
            is_lit = place == self.place
            lit = len(lines) if is_lit else lit
            head = f" {'▸' if is_lit else ' '} {row.sign:<{signs}}{' ' * bool(signs)}"
            lines += draw_row(row, f"{head}{row.name:<{names}}  ", width, is_lit)
        return lines, lit


def letters(row: Row) -> str:
    """Where the words that are typed are looked for."""
    return f"{row.name} {row.text} {row.group}".lower()


def draw_row(row: Row, head: str, width: int, is_lit: bool) -> list[Line]:
    """Sign, name, and the sentence, under itself where it needs more lines."""
    target = Target("row", name=row.name)
    first, *others = wrap(row.text, max(20, width - len(head) - 1)) or [""]
    styles = ("focus", "focus") if is_lit else ("strong", "")
    lines = [Line(head, styles[0], target).add(first, styles[1], target)]
    lines += [Line(" " * len(head) + other, styles[1], target) for other in others]
    return [line.add(" " * (width - line.width), styles[1], target) for line in lines]
