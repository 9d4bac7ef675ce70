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
    seen = picture.choices[first : first + height]
    whens = ["now" if choice.in_ms == 0 else milliseconds(choice.in_ms) for choice in seen]
    rooms = [width - 3 - len(when) - 2 for when in whens]
    texts = squeezed([choice.text.replace("->", "→") for choice in seen], rooms)
    lines = []
    for place, (text, room, when) in enumerate(zip(texts, rooms, whens, strict=True), start=first):
        is_here = place == cursor
        target = Target("choice", index=place)
        line = Line(" ▸ " if is_here else "   ", "key", target)
        line.add(fit(text, room), "here" if is_here else "", target)
        lines.append(line.add(f" {when}", "dim", target))
    return lines


LEAST_MISSED = (r" \([\d.]+\)", r"^deliver ", r": (cut|down)$")
"""What is left out where a line is too short: the number of a message, its way, the reason."""


def squeezed(texts: list[str], rooms: list[int]) -> list[str]:
    """All of them with the same words left out, so that one can be compared with another."""
    for words in LEAST_MISSED:
        if all(width_of(text) <= room for text, room in zip(texts, rooms, strict=True)):
            break
        texts = [re.sub(words, "", text) for text in texts]
    return texts
