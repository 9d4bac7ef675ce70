"""The guide: the page of a lesson that is read beside the cluster.

Next page: `over`.
"""

from __future__ import annotations

import re

from learnetcd_tui.canvas import Line, scrolled, wrap
from learnetcd_tui.picture import Picture

ITEM = re.compile(r"- |\d+\. |  [A-Z]  ")
"""How an item of a list begins, or an option."""


def draw(picture: Picture, width: int, height: int) -> list[Line]:
    """The text, what was said last, and how to turn the page."""
    guide = picture.guide
    if guide is None:
        return []
    page, room = guide.page, max(10, width - 2)
    lines = [Line(f" {row}", "strong") for row in wrap(page.title, room)]
    for paragraph in page.text.split("\n\n"):
        lines.append(Line())
        lines += paragraph_lines(paragraph, room)
    if guide.said:
        lines.append(Line())
        for paragraph in guide.said.split("\n"):
            lines += [Line(f" {row}", "good") for row in wrap(paragraph, room)]
    keys = " ) next page   ( back" + ("   a answer" if page.asks else "")
    foot = Line(keys, "key").right(f"{guide.place + 1} of {len(guide.pages)} ", width, "dim")
    return [*fill(scrolled(lines, picture.scroll.get("guide", 0), height - 1), height - 1), foot]


def paragraph_lines(paragraph: str, room: int) -> list[Line]:
    """Wrapped; or as it is, if it is code or a list."""
    rows = paragraph.split("\n")
    if all(row.startswith("    ") or not row for row in rows):
        return [Line(f" {row[4:]}", "comment") for row in rows]
    if any(map(ITEM.match, rows)):
        return [line for item in items(rows) for line in item_lines(item, room)]
    return [Line(f" {row}") for row in wrap(" ".join(rows), room)]


def items(rows: list[str]) -> list[str]:
    """The items of a list: a row that begins none goes on with the one before."""
    found: list[str] = []
    for row in rows:
        if found and not ITEM.match(row):
            found[-1] += f" {row.strip()}"
        else:
            found.append(row)
    return found


def item_lines(item: str, room: int) -> list[Line]:
    """An item; what does not fit on its first line stands below, a little further in."""
    first, *others = wrap(item, room - 2)
    return [Line(f" {first}"), *(Line(f"   {line}") for line in others)]


def fill(lines: list[Line], height: int) -> list[Line]:
    """As many lines as there is room for."""
    return [*lines[:height], *([Line()] * (height - len(lines)))]
