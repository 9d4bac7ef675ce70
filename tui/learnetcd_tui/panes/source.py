"""The source: our own code in which the last event happened. It follows the run.

Left out: colours for every kind of word. Comments and strings stand back, the name of the function
stands out; the page is to be read, and an editor is one `path:line` away.

Next page: `disk`.
"""

from __future__ import annotations

from learnetcd_tui.canvas import Line
from learnetcd_tui.picture import Picture


def draw(picture: Picture, width: int, height: int) -> list[Line]:
    """The path, then the lines with their numbers."""
    source = picture.source
    if source is None:
        return [Line(" follows the run through our code", "dim")]
    heading = Line(f" {source.path}:{source.first_line}", "title")
    lines = [heading]
    is_text = False
    skip = min(picture.scroll.get("source", 0), max(0, len(source.lines) - height + 1))
    for offset, text in enumerate(source.lines):
        style, is_text = style_of_line(text, is_text)
        if offset < skip:
            continue
        line = Line(f"{source.first_line + offset:>5} ", "rule")
        lines.append(line.add(text.expandtabs(4), style))
        if len(lines) >= height:
            break
    return lines


def style_of_line(text: str, is_text: bool) -> tuple[str, bool]:
    """How a line of code looks, and whether we are inside a docstring after it."""
    stripped = text.strip()
    quotes = stripped.count('"""')
    if is_text or stripped.startswith('"""'):
        return "comment", is_text != (quotes % 2 == 1)
    if stripped.startswith("#"):
        return "comment", False
    if stripped.startswith(("def ", "class ", "async def ", "@")):
        return "word", False
    return "", False
