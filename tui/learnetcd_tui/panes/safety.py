"""What must hold in every state, and what broke: by colour, by sign, and by the word VIOLATED.

Next page: `timeline`.
"""

from __future__ import annotations

from learnetcd_tui.canvas import Line, Target, fit, wrap
from learnetcd_tui.picture import Picture


def draw(picture: Picture, width: int, height: int) -> list[Line]:
    """The broken ones first, with what was found and where; then those that hold."""
    broken = [one for one in picture.invariants if one.violation]
    lines: list[Line] = []
    for one in broken:
        target = Target("step", index=one.violated_at)
        lines.append(Line(fit(f" VIOLATED {one.name}", width), "bad", target))
        lines += [Line(f"   {row}", "wall", target) for row in wrap(one.violation, width - 4)]
        lines.append(Line(f"   at step {one.violated_at}   {one.citation}", "dim", target))
    for one in picture.invariants:
        if not one.violation:
            line = Line(" ✓ ", "good").add(fit(one.name, min(30, width - 4)), "")
            if width >= 64:
                line.add("  " + fit(one.sentence, width - line.width - 2), "dim")
            lines.append(line)
    skip = min(picture.scroll.get("safety", 0), max(0, len(lines) - height))
    return lines[skip:]
