"""All keys, from the one table, in as many columns as fit.

Next page: `opening`.
"""

from __future__ import annotations

from learnetcd.desk.keys import GROUPS, KEYS, Key
from learnetcd_tui.canvas import Line, wrap

MARKS = (
    "Marks of an entry: x=1· stored   x=1▪ durable   x=1▣ committed   x=1█ applied"
    "   x=1░ will be removed   * changed in this step"
)
LINES = "Timeline: e election   L leader   c commit   f fault   ! violation   ┬ a branch   ▲ here"
TICKS = "3@2 entry 3, made in term 2   Timers count ticks of 100 ms, by the member's own clock."
ROLES = (
    "Members: L ◆ leader   C ◈ candidate   P ◇ asks before it stands   F ● follower   - ✕ down"
    "   match→next: what a follower is known to hold, what it gets next   ‖ waits for an answer"
)


TOGETHER = {
    "choose_member": ("1 to 7", "choose that member"),
    "show": ("d b h k i", "disk, bytes of a message, HTTP, keys, tasks"),
}
"""Acts that several keys have."""

LABEL = 11
"""Columns for the name of a key; the longest is `shift+tab`."""


def help_text(width: int) -> list[Line]:
    """The groups one under the other; inside a group, one or two columns."""
    columns = 2 if width >= 100 else 1
    lines = []
    for group, title in GROUPS.items():
        lines.append(Line(title, "title"))
        keys = [key for key in KEYS if key.group == group]
        cells = [cell for key in keys for cell in key_lines(key, width // columns)]
        height = -(-len(cells) // columns)
        while columns > 1 and cells[height].text.startswith(" " * LABEL):
            height += 1  # a key is not torn apart
        for y in range(height):
            lines.append(Line())
            for cell in cells[y::height]:
                lines[-1].append(cell)
    legend = [row for line in (ROLES, MARKS, LINES, TICKS) for row in wrap(line, width)]
    return [*lines, Line(), *(Line(row) for row in legend)]


def key_lines(key: Key, width: int) -> list[Line]:
    """A key and what it does, in cells of one width; one line for keys that are alike."""
    alike = [one for one in KEYS if one.act == key.act]
    if key is not alike[0]:
        return []
    label, words = TOGETHER.get(key.act, (key.label, key.help))
    words += f" ({key.asks.partition(': ')[2]})" if ":" in key.asks else ""
    first, *others = wrap(words, width - LABEL - 2)
    lines = [Line(f" {label}", "key").to(LABEL).add(first)]
    lines += [Line(" " * LABEL).add(other) for other in others]
    return [line.to(width) for line in lines]
