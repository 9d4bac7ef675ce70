"""A figure: one picture of a run as a value, in two forms that say the same.

    figure.svg      <svg ...><title>S2 leads term 1</title> ...          to be looked at
    figure.text     S2 ---- vote request t1 ---> S1                      to be read, or read aloud

The text is no caption. Whoever can't see the picture learns the same from it, and so does a test.
A notebook shows the picture, and falls back to the text by itself.

Next page: `svg`.
"""

from __future__ import annotations

from learnetcd.value import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture of a run."""

    svg: str
    """The picture; empty where nothing on this machine could lay it out."""
    text: str
    """What it says, line by line."""
    dot: str = ""
    """What graphviz was asked to lay out, if it was."""

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """Both forms, for a notebook: it takes the best that it can show."""
        picture = {"image/svg+xml": self.svg} if self.svg else {}
        return {**picture, "text/plain": self.text}
