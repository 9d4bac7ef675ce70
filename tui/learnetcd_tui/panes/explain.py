"""Why, and why not: the answer about the chosen thing, clause by clause.

    + its term is that of the leader                      a clause that holds
    - stored on 1 of 3, needed 2                          the clause that is lacking
    ~ all members are consistent, so read from any        struck through: it is said, and not so

Next page: `source`.
"""

from __future__ import annotations

from learnetcd_tui.canvas import Line, scrolled, wrap
from learnetcd_tui.picture import Picture

HOW = (
    "Choose something by arrow keys or mouse (a member, an entry, a message, a sentence),"
    " then press ? to ask why it is so, or why not."
)
STYLES = {"+": "good", "-": "wall", "~": "down", " ": ""}


def draw(picture: Picture, width: int, height: int) -> list[Line]:
    """The title, then each reason with its sign."""
    if picture.answer is None:
        return [Line(f" {row}", "dim") for row in wrap(HOW, width - 2)]
    lines = [Line(f" {row}", "strong") for row in wrap(picture.answer.title, width - 2)]
    cited = ""
    for sign, sentence, citation in picture.answer.lines:
        style = STYLES.get(sign, "")
        for number, row in enumerate(wrap(sentence, width - 4)):
            lines.append(Line(f" {sign} " if not number else "   ", style).add(row, style))
        if citation and citation != cited:  # clauses of one rule have one citation
            lines += [Line(f"   {row}", "comment") for row in wrap(citation, width - 4)]
            cited = citation
    return scrolled(lines, picture.scroll.get("explain", 0), height)
