"""What lies over all other panes: a list, a text; or one sentence where the terminal is too small.

Next page: `learnetcd_tui/pane`.
"""

from __future__ import annotations

from learnetcd_tui.canvas import Line, wrap
from learnetcd_tui.layout import SMALLEST, is_too_small
from learnetcd_tui.picture import Picture


def draw(picture: Picture, width: int, height: int) -> list[Line]:
    """The whole screen."""
    if is_too_small(width, height):
        sentence = (
            f"This terminal has {width} columns and {height} lines;"
            f" learnetcd needs {SMALLEST[0]} columns and {SMALLEST[1]} lines."
        )
        return [Line(), *(Line("  ").add(row) for row in wrap(sentence, width - 4))]
    return picture.overlay.draw(width, height) if picture.overlay else []
