"""What must hold in every state, and what broke: by colour, by sign, and by the word VIOLATED.

Next page: `tasks`.
"""

from __future__ import annotations

from learnetcd.session.views import InvariantView
from learnetcd_tui.canvas import Line, Target, fit, scrolled, wrap
from learnetcd_tui.picture import Picture

NOBODY_CAN_SAY = (
    "What must hold of the cluster as a whole, nobody can judge who sees no more than its members,"
    " or one of them."
)


def draw(picture: Picture, width: int, height: int) -> list[Line]:
    """The broken ones first, with what was found and where; then those that hold."""
    if picture.view.is_part:
        return [Line(f" {row}", "dim") for row in wrap(NOBODY_CAN_SAY, width - 2)]
    broken = [one for one in picture.invariants if one.violation]
    lines: list[Line] = []
    for one in broken:
        target = Target("step", index=one.violated_at)
        lines.append(Line(fit(f" VIOLATED {one.name}", width), "bad", target))
        lines += [Line(f"   {row}", "wall", target) for row in wrap(one.violation, width - 4)]
        lines.append(Line(f"   at step {one.violated_at}   {one.citation}", "dim", target))
    if not broken:
        lines.append(Line(f" All {len(picture.invariants)} held after every step so far.", "good"))
    longest = max((len(one.name) for one in picture.invariants), default=0)
    for one in picture.invariants:
        if not one.violation:
            lines += draw_held(one, longest, width)
    return scrolled(lines, picture.scroll.get("safety", 0), height)


def draw_held(one: InvariantView, longest: int, width: int) -> list[Line]:
    """Name and sentence: side by side where there is room, else one under the other."""
    margin = longest + 5 if width >= 64 else 3
    rows = wrap(one.sentence, width - margin - 1)
    head = Line(" ✓ ", "good").add(one.name)
    if width < 64:
        return [head, *(Line(" " * margin + row, "dim") for row in rows)]
    lines = [head.to(margin).add(rows[0], "dim")]
    return lines + [Line(" " * margin + row, "dim") for row in rows[1:]]
