"""The last line: the keys that are most useful, as many as fit; or the words that are being typed.

What the line above has no room for stands here, too, until the next key.

Next page: `guide`.
"""

from __future__ import annotations

from learnetcd.desk.keys import KEYS
from learnetcd_tui.canvas import Line, Target, fit
from learnetcd_tui.panes.status import split_notice
from learnetcd_tui.picture import Picture


def draw(picture: Picture, width: int, height: int) -> list[Line]:
    """One line; the last key, all keys, is always there."""
    if picture.prompt is not None:
        return [prompt_line(*picture.prompt, width)]
    if rest := split_notice(picture, width)[1]:
        return [Line(" ").add(fit(rest, width - 2), "key")]
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


def prompt_line(label: str, typed: str, hint: str, width: int) -> Line:
    """`C → 1|23▏   cut into groups: ...`."""
    line = Line(f" {label} → ", "key").add(typed, "strong").add("▏", "focus")
    return line.add("   ").add(fit(hint, width - line.width - 1), "dim")
