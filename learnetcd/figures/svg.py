"""SVG: a picture as text, written element by element.

    element("circle", cx=20, cy=30, r=8, class_="leader")
    <circle cx="20" cy="30" r="8" class="leader"/>

Whatever comes from people (keys, values, names of scenes) is escaped where it enters: a plain `str`
inside an element is words, and only a `Markup`, which this page alone makes, is taken as it is.

**Colours** have names, the same that the screen uses: `leader`, `commit`, `fault`. An element has a
name as its class and says `currentColor`; what colour that is in light and in dark, the table below
decides. A picture brings its own ground with it, so that it can be read on any page. And colour is
never the only sign: beside it stands a letter, a shape, a dash or a word.

**Widths** are known without a browser: all words are monospaced, and a letter is three fifths as
wide as it is high.

A picture begins with a title and a description: that is what a screen reader says.

Source: W3C, Scalable Vector Graphics 2, §5.8 (title and desc) and §13.2 (currentColor).

Next page: `places`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from math import hypot

COLOURS = {
    "paper": ("#fbfaf6", "#10151c"),
    "ink": ("#1f2733", "#d8dee9"),
    "dim": ("#5f6774", "#8f9aab"),
    "rule": ("#c3c8d0", "#364152"),
    "leader": ("#8a5300", "#f2c879"),
    "candidate": ("#0b6b80", "#7fd1e6"),
    "follower": ("#39424f", "#b9c4d4"),
    "down": ("#8b919b", "#6b7280"),
    "durable": ("#1d4f82", "#8fb8de"),
    "commit": ("#1c6b2a", "#8ccf8f"),
    "fault": ("#b3261e", "#f08a7c"),
}
"""Each name's colour on light and on dark ground; they differ enough from the paper to be read."""

SIZE = 15
"""The height of usual words, in units of the picture."""

FONT = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"

Point = tuple[float, float]


class Markup(str):
    """SVG that is ready: the words in it are escaped."""

    __slots__ = ()


def element(name: str, /, *inside: str, **attributes: str | float | None) -> Markup:
    """One element; `class_` and `stroke_width` become `class` and `stroke-width`, None is left out.

    >>> print(element("text", "1 < 2", x=3.0, class_="dim", font_weight=None))
    <text x="3" class="dim">1 &lt; 2</text>
    """
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{value_text(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    body = "".join(one if isinstance(one, Markup) else escaped(one) for one in inside)
    return Markup(f"<{name}{said}>{body}</{name}>" if body else f"<{name}{said}/>")


@lru_cache(maxsize=10_000)  # pictures say the same few thousand things over and over
def value_text(value: str | float) -> str:
    """An attribute's value: words escaped, numbers with one digit after the point at most."""
    return (
        escaped(value)
        if isinstance(value, str)
        else f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")
    )


UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold, not even escaped; a client's value may."""


@lru_cache(maxsize=10_000)
def escaped(words: str) -> str:
    """Words, as they may stand in an element or in an attribute."""
    return escape(UNPRINTABLE.sub("\ufffd", words))


def width_of(words: str, size: float = SIZE) -> float:
    """How wide words will be."""
    return 0.602 * size * len(words)


def fitted(words: str, width: float, size: float = SIZE) -> str:
    """Words that are no wider than that: what is too much becomes three dots."""
    room = int(width / width_of("x", size))
    return words if len(words) <= room else words[: max(0, room - 1)] + "…"


# --- what every picture is made of ----------------------------------------------------------------


def words(
    x: float, y: float, said: str, look: str = "ink", *, at: str = "start", size: float = SIZE
) -> Markup:
    """Words on a line whose middle is at y; `at` says which end of them is at x."""
    anchor = None if at == "start" else at
    own_size = None if size == SIZE else size
    return element(
        "text", said, x=x, y=y + 0.35 * size, class_=look, text_anchor=anchor, font_size=own_size
    )


def line(start: Point, end: Point, look: str = "rule", width: float = 1, dash: str = "") -> Markup:
    """A line, dashed if asked for."""
    return element(
        "line",
        x1=start[0],
        y1=start[1],
        x2=end[0],
        y2=end[1],
        class_=look,
        stroke="currentColor",
        stroke_width=width,
        stroke_dasharray=dash or None,
    )


def arrow(
    start: Point, end: Point, look: str = "ink", width: float = 1.6, dash: str = ""
) -> Markup:
    """A line with a head at its end."""
    across, down = end[0] - start[0], end[1] - start[1]
    length = hypot(across, down) or 1
    across, down = HEAD * across / length, HEAD * down / length
    neck = (end[0] - across, end[1] - down)
    corners = (
        end,
        (neck[0] - down / 2, neck[1] + across / 2),
        (neck[0] + down / 2, neck[1] - across / 2),
    )
    return Markup(line(start, neck, look, width, dash) + polygon(corners, look))


def polygon(corners: Iterable[Point], look: str = "ink") -> Markup:
    """A filled shape."""
    points = " ".join(f"{value_text(x)},{value_text(y)}" for x, y in corners)
    return element("polygon", points=points, class_=look, fill="currentColor")


HEAD = 9
"""How long the head of an arrow is."""


def strip(
    x: float, y: float, said: str, look: str = "ink", at: str = "start", size: float = SIZE
) -> Markup:
    """Words on a strip of paper, so that the lines behind them don't cross them."""
    width = width_of(said, size)
    left = {"start": x, "middle": x - width / 2, "end": x - width}[at]
    ground = element(
        "rect",
        x=left - 2,
        y=y - size / 2 - 1,
        width=width + 4,
        height=size + 2,
        class_="paper",
        fill="currentColor",
        fill_opacity="0.85",
    )
    return Markup(ground + words(x, y, said, look, at=at, size=size))


def group(*inside: str, tip: str = "", **attributes: str | float | None) -> Markup:
    """Elements that belong together; the tip is shown where a pointer rests on them."""
    return element("g", element("title", tip) if tip else Markup(), *inside, **attributes)


# --- a whole picture ------------------------------------------------------------------------------


def picture(
    width: float, height: float, title: str, description: str, *inside: str, role: str = "img"
) -> str:
    """A whole picture, on its own ground, with what a screen reader says of it.

    Its role is `group` where something in it can be chosen: an image is one thing.
    """
    ground = element("rect", width=width, height=height, rx=8, class_="paper", fill="currentColor")
    return element(
        *("svg", element("title", title), element("desc", description), STYLE, ground),
        *inside,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {value_text(width)} {value_text(height)}",
        width=width,
        height=height,
        role=role,
        class_="learnetcd-figure ink",
        font_family=FONT,
        font_size=SIZE,
    )


def style_sheet() -> str:
    """The colours by their names. The class in front keeps them off the page around a picture."""

    def rules(ground: int) -> str:
        return "".join(
            f".learnetcd-figure .{name},.learnetcd-figure.{name}{{color:{colours[ground]}}}"
            for name, colours in COLOURS.items()
        )

    shape = ".learnetcd-figure{max-width:100%;height:auto}.learnetcd-figure text{fill:currentColor}"
    return f"{shape}{rules(0)}@media (prefers-color-scheme:dark){{{rules(1)}}}"


STYLE = element("style", Markup(style_sheet()))
