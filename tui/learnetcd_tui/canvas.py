"""A line of a pane, written from left to right: words with a style, and what a click on them means.

    Line().add(" S1 ", "leader", Target("member", member=1)).to(12).add("term 2")

A pane is a function from a picture and a size to such lines. It knows no widget, so a test can read
it as text, and `pane` can compare it with what stands on the screen and redraw only what changed.

Left out: characters that join or take two cells inside our own words. Values typed by a user may
hold them; `width_of` asks the terminal library how wide they are.

Next page: `theme`.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from learnetcd.desk.target import Target
from learnetcd.session.signs import milliseconds

__all__ = ["Line", "Span", "Target", "fit", "milliseconds", "scrolled", "width_of", "wrap"]


@dataclass(frozen=True, slots=True)
class Span:
    """Some words in one style."""

    text: str
    style: str
    target: Target | None


class Line:
    """One line. It grows to the right, and ends up exactly as wide as its pane."""

    __slots__ = ("spans", "width")

    def __init__(self, text: str = "", style: str = "", target: Target | None = None) -> None:
        """Begin with some words, or with none."""
        self.spans: list[Span] = []
        self.width = 0
        if text:
            self.add(text, style, target)

    def __eq__(self, other: object) -> bool:
        """Two lines are the same if a reader and a click cannot tell them apart."""
        return isinstance(other, Line) and self.spans == other.spans

    __hash__ = None  # type: ignore[assignment]

    @property
    def text(self) -> str:
        """The words alone."""
        return "".join(span.text for span in self.spans)

    def add(self, text: str, style: str = "", target: Target | None = None) -> Line:
        """Write on."""
        if text:
            self.spans.append(Span(text, style, target))
            self.width += width_of(text)
        return self

    def cell(self, text: str, width: int, style: str = "", target: Target | None = None) -> Line:
        """Write into a column of a fixed width: what is too long loses its end."""
        return self.add(fit(text, width), style, target)

    def to(self, column: int, style: str = "") -> Line:
        """Go on at a column."""
        return self.add(" " * (column - self.width), style)

    def right(self, text: str, width: int, style: str = "", target: Target | None = None) -> Line:
        """Write so that it ends at a column, if there is room for it."""
        if self.width + width_of(text) < width:
            self.to(width - width_of(text)).add(text, style, target)
        return self

    def append(self, other: Line) -> Line:
        """Write another line after this one."""
        self.spans += other.spans
        self.width += other.width
        return self

    def fit(self, width: int) -> Line:
        """Make it exactly this wide."""
        if self.width <= width:
            return self.to(width)
        spans, self.spans, self.width = self.spans, [], 0
        for span in spans:
            room = min(width - self.width, width_of(span.text))
            self.add(fit(span.text, room), span.style, span.target)
        return self

    def target_at(self, column: int) -> Target | None:
        """What a click at this column means."""
        start = 0
        for span in self.spans:
            start += width_of(span.text)
            if column < start:
                return span.target
        return None


def width_of(text: str) -> int:
    """How many columns a text takes."""
    return len(text) if text.isascii() else cell_len(text)


def fit(text: str, width: int) -> str:
    """The text in exactly so many columns; what is cut off ends in an ellipsis."""
    if width <= 0:
        return ""
    missing = width - width_of(text)
    if missing >= 0:
        return text + " " * missing
    return set_cell_size(text, width - 1) + "…"


def wrap(text: str, width: int) -> list[str]:
    """The text in lines of at most this width, broken between words."""
    lines: list[str] = []
    for word in text.split():
        if lines and width_of(lines[-1]) + 1 + width_of(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines


def scrolled(lines: list[Line], skip: int, height: int) -> list[Line]:
    """The lines that are seen after scrolling; the last one says how many are below."""
    skip = min(skip, max(0, len(lines) - height))
    seen, below = lines[skip : skip + height], len(lines) - skip - height
    if below > 0 and seen:
        seen[-1] = Line(f" ↓ {below + 1} more lines", "key")
    return seen
