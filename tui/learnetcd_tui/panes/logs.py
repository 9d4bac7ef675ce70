"""The logs, aligned by index: the same column is the same place in every member's log.

    index 1      2      3      4
          x=1█   y=2█   x=3▣   z=4·      the entry and how far it has got at this member
          t1     t1     t2     t2        the term in which a leader made it
          ───────────────────┘ committed 3

To compare two logs is to compare two lines, column by column; that is the whole of Raft §5.3. So
the window is one for all members, and it moves by half its width: nothing slides at each step.

Next page: `proxy`.
"""

from __future__ import annotations

from learnetcd.figures.logs import first_column
from learnetcd.session.signs import MARKS
from learnetcd.session.views import ClusterView, EntryView, MemberView
from learnetcd_tui.canvas import Line, Target, fit, width_of

CELL_WIDTHS = (7, 9, 13, 18)
"""Text, mark, and a gap that holds the star of a change. The smallest that fits is taken."""


class Window:
    """Which indexes the columns show, and how wide a column is."""

    def __init__(self, view: ClusterView, width: int, back: int, chosen: int = 0) -> None:
        """Follow the end of the longest log, or so many entries before it, or the chosen entry."""
        self.last = max((member.last_index for member in view.members), default=0)
        self.back = back
        self.chosen = chosen
        for cell in CELL_WIDTHS:
            if cell == CELL_WIDTHS[0] or width // cell >= 3:
                self.divide(width, cell)
            longest = max((width_of(short(entry)) for entry in self.visible(view)), default=0)
            if longest <= self.cell - 2:
                break

    def divide(self, width: int, cell: int) -> None:
        """Make columns of this width, and find the index of the first."""
        self.cell, self.cells = cell, width // cell
        self.first = max(1, first_column(self.last, self.cells) - self.back)
        if self.chosen:
            self.first = max(min(self.first, self.chosen), self.chosen - self.cells + 1)

    def visible(self, view: ClusterView) -> list[EntryView]:
        """Every entry in the window, of every member."""
        last = self.first + self.cells - 1
        return [entry for member in view.members for entry in member.entries(self.first, last)]

    def ruler(self) -> Line:
        """The indexes above the columns."""
        line = Line()
        for index in range(self.first, self.first + self.cells):
            line.cell(str(index), self.cell, "dim")
        return line


def short(entry: EntryView) -> str:
    """The words of an entry: `(empty)` needs no brackets in a cell of its own."""
    return entry.text.strip("()")


def draw_log(member: MemberView, window: Window, chosen: Target | None) -> tuple[Line, Line, Line]:
    """The entries, their terms, and the line up to which this member knows them committed."""
    last = window.first + window.cells - 1
    entries = {entry.index: entry for entry in member.entries(window.first, last)}
    values, terms = Line(), Line()
    for index in range(window.first, last + 1):
        target = Target("entry", member=member.id, index=index)
        if entry := entries.get(index):
            draw_entry(values, entry, window.cell, target, chosen)
            terms.cell(f"t{entry.term}", window.cell, "dim", target)
        elif index <= member.snapshot_index and index < member.first_index:
            values.cell("≡" * (window.cell - 2), window.cell, "dim", target)
            terms.cell("snap", window.cell, "dim", target)
        else:
            values.cell("", window.cell)
            terms.cell("", window.cell)
    return values, terms, commit_line(member, window)


def draw_entry(
    line: Line, entry: EntryView, cell: int, target: Target, chosen: Target | None
) -> None:
    """One cell: the text, the mark, a star if it changed in the last step."""
    style = "conflict" if entry.conflicts else entry.mark.value
    if target == chosen:
        style += " chosen"
    text = short(entry)
    if entry.conflicts:
        text += "░" * (cell - 2 - width_of(text))
    text = fit(text, min(width_of(text), cell - 2)) + MARKS[entry.mark]
    line.add(text, style, target)
    line.add("*" if entry.changed else " ", "changed", target)
    line.add(" " * (cell - width_of(text) - 1), "", target)


def commit_line(member: MemberView, window: Window) -> Line:
    """A rule under the committed entries, and the number beside its end."""
    star = "*" if "commit_index" in member.changed else ""
    style = "changed" if star else "dim"
    words = f"{star}committed {member.commit_index or 'nothing'}"
    more = f", applied {member.applied_index}"
    columns = min(member.commit_index - window.first + 1, window.cells)
    if columns <= 0:
        return Line(words + (more if member.commit_index != member.applied_index else ""), style)
    length = columns * window.cell - 2
    room = window.cells * window.cell - length - 2
    if member.applied_index != member.commit_index and len(words + more) <= max(room, length - 2):
        words += more
    if len(words) <= room:
        return Line("─" * length + "┘ ", "good").add(words, style)
    # No room behind the corner: the words go onto the rule.
    return Line("─" * (length - len(words) - 2) + " ", "good").add(words, style).add(" ┘", "good")
