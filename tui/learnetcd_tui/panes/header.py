"""The first line: which story this is, when we are in it, and whether everything is still safe.

Next page: `members`.
"""

from __future__ import annotations

from learnetcd_tui.canvas import Line, Target, milliseconds
from learnetcd_tui.picture import Picture


def draw(picture: Picture, width: int, height: int) -> list[Line]:
    """One line; what a narrow terminal has no room for is left out, the verdict never is."""
    view = picture.view
    verdict = safety(picture)
    clock = Line("  ").add(f"t = {milliseconds(view.now_ms)}", "strong")
    story = Line(" learnetcd", "title")
    parts = [
        (view.scene, "strong"),
        (view.profile, ""),
        (f"seed {view.seed}", "dim"),
        (f"branch {view.branch}", "dim"),
    ]
    for words, style in parts:
        if words and story.width + len(words) + 2 + clock.width + verdict.width <= width:
            story.add("  ").add(words, style)
    return [story.append(clock).to(width - verdict.width).append(verdict)]


def safety(picture: Picture) -> Line:
    """The rules that are switched off, and the invariants that hold or the ones that broke."""
    view = picture.view
    line = Line("  ")
    if view.broken_rules:
        line.add(f"off: {', '.join(view.broken_rules)}", "warn", Target("key", name="rules")).add(
            "  "
        )
    target = Target("tab", name="safety")
    if view.violated:
        more = f" and {len(view.violated) - 1} more" if len(view.violated) > 1 else ""
        return line.add(f" VIOLATED: {view.violated[-1]}{more} ", "bad", target).add(" ")
    return line.add(f"safe {view.safe}/{view.invariants}", "good", target).add(" ")
