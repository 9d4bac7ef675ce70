"""All keys, from the one table, in as many columns as fit.

Next page: `learnetcd_tui/palette`.
"""

from __future__ import annotations

from rich.text import Text

from learnetcd_tui.canvas import fit, width_of, wrap
from learnetcd_tui.keys import GROUPS, KEYS

MARKS = (
    "Marks of an entry: x=1· stored   x=1▪ durable   x=1▣ committed   x=1█ applied"
    "   x=1░ will be removed   * changed in this step   3@2 entry 3, made in term 2"
)
LINES = "Timeline: e election   L leader   c commit   f fault   ! violation   ┬ a branch   ▲ here"
TICKS = "Timers count ticks of 100 ms, by the member's own clock."


ROLES = (
    "Members: L ◆ leader   C ◈ candidate   P ◇ asks before it stands   F ● follower   - ✕ down"
    "   match→next: what a follower is known to hold, what it gets next   ‖ waits for an answer"
)


def help_text(width: int) -> Text:
    """The groups one under the other; inside a group, one or two columns."""
    columns = 2 if width >= 100 else 1
    room = width // columns - 2
    text = Text()
    for group, title in GROUPS.items():
        text.append(f"{title}\n", "bold underline")
        cells = []
        for key in KEYS:
            if key.group == group and key.words in ("", "1"):  # one line for the seven members
                label = fit("1 to 7" if key.words else key.label, 10)
                words = "choose that member" if key.words else key.help
                words += f" ({key.asks.partition(': ')[2]})" if ":" in key.asks else ""
                rows = wrap(words, room - width_of(label) - 1)
                cells += [(label if not n else " " * 10, row) for n, row in enumerate(rows)]
        height = -(-len(cells) // columns)
        for y in range(height):
            for label, words in cells[y::height]:
                text.append(" " + label, "bold")
                text.append(fit(words, room - width_of(label)))
            text.append("\n")
    text.append(
        "\n" + "\n".join(row for line in (ROLES, MARKS, LINES, TICKS) for row in wrap(line, width))
    )
    return text
