"""What can happen next. The arrow stands at what Enter makes happen; at first that is the earliest.

Left out: the ways of a fault; they have keys of their own.

Next page: `clients`.
"""

from __future__ import annotations

import re

from learnetcd_tui.canvas import Line, Target, fit, milliseconds, width_of
from learnetcd_tui.picture import Picture


def draw(picture: Picture, width: int, height: int) -> list[Line]:
    """One line for each choice, the arrow always in sight."""
    if not picture.choices:
        return [Line(" nothing: no timer runs, nothing", "dim"), Line(" is in flight", "dim")]
    cursor = min(picture.cursor, len(picture.choices) - 1)
    first = max(0, min(cursor - height // 2, len(picture.choices) - height))
    lines = []
    for place, choice in enumerate(picture.choices[first : first + height], start=first):
        is_here = place == cursor
        target = Target("choice", index=place)
        when = "now" if choice.in_ms == 0 else milliseconds(choice.in_ms)
        room = width - 3 - len(when) - 2
        line = Line(" ▸ " if is_here else "   ", "key", target)
        line.add(fit(squeezed(choice.text, room), room), "here" if is_here else "", target)
        lines.append(line.add(f" {when}", "dim", target))
    return lines


def squeezed(text: str, room: int) -> str:
    """What a reader misses least goes first: the number of a message, then the word "deliver"."""
    text = text.replace("->", "→")
    for words in (r" \([\d.]+\)", r"^deliver "):
        if width_of(text) > room:
            text = re.sub(words, "", text)
    return text
