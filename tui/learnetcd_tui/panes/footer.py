"""The last line: the keys that are most useful, as many as fit. F1 lists all of them.

Next page: `keys`, the table that it is made from.
"""

from __future__ import annotations

from learnetcd_tui.canvas import Line, Target
from learnetcd_tui.keys import KEYS
from learnetcd_tui.picture import Picture


def draw(picture: Picture, width: int, height: int) -> list[Line]:
    """One line; the last key, all keys, is always there."""
    useful = [key for key in KEYS if key.short]
    last = useful.pop()
    line = Line(" ")
    for key in useful:
        if line.width + len(key.label + key.short) + 3 + len(last.label + last.short) + 2 > width:
            break
        target = Target("key", name=key.act)
        line.add(key.label, "key", target).add(f" {key.short}  ", "", target)
    target = Target("key", name=last.act)
    return [line.add(last.label, "key", target).add(f" {last.short}", "", target)]
