"""The looks: the style sheet of the page, with the colours of all figures.

The colours have the names and values that they have in a figure (`learnetcd.figures.svg`). A figure
follows what the reader told the browser; a notebook and a book have a switch of their own for light
and dark, so here the page says which it is, by `data-ground`.

Next page: `seat`.
"""

from __future__ import annotations

from pathlib import Path

from learnetcd.figures.svg import COLOURS, FONT

SHEET = Path(__file__).parent / "cluster.css"


def style_sheet() -> str:
    """Colours first, then `cluster.css`."""
    grounds = (
        f'.learnetcd[data-ground="{ground}"]{{'
        + "".join(f"--{name}:{colours[place]};" for name, colours in COLOURS.items())
        + f"--font:{FONT};}}"
        for place, ground in enumerate(("light", "dark"))
    )
    words = "".join(
        f".learnetcd .{name},.learnetcd .learnetcd-figure .{name},"
        f".learnetcd .learnetcd-figure.{name}{{color:var(--{name})}}"
        for name in COLOURS
    )
    return "\n".join([*grounds, words, SHEET.read_text(encoding="utf-8")])
