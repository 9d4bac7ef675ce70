"""The first line: which story this is, when we are in it, and whether everything is still safe.

Next page: `members`.
"""

from __future__ import annotations

from itertools import product

from learnetcd_tui.canvas import Line, Target, milliseconds
from learnetcd_tui.picture import Picture


def draw(picture: Picture, width: int, height: int) -> list[Line]:
    """One line; what a narrow terminal has no room for is left out, the verdict never is."""
    view = picture.view
    clock = Line("  ").add(f"t = {milliseconds(view.now_ms)}", "strong")
    story = Line(" learnetcd", "title")
    verdict = safety(picture, width - story.width - clock.width)
    parts = [
        (view.scene, "strong"),
        (view.profile, ""),
        (f"seed {view.seed}", "dim"),
        (f"branch {view.branch}", "dim"),
        (own_parts(picture), "warn"),
    ]
    for words, style in parts:
        if words and story.width + len(words) + 2 + clock.width + verdict.width <= width:
            story.add("  ").add(words, style)
    return [story.append(clock).to(width - verdict.width).append(verdict)]


def safety(picture: Picture, room: int) -> Line:
    """The rules that are switched off, and the invariants that hold or the ones that broke."""
    view = picture.view
    off, broken = view.broken_rules, view.violated
    rules = (f"off: {', '.join(off)}", f"off: {len(off)} rule{'s'[: len(off) - 1]}", "")
    verdicts: tuple[str, ...] = (f"safe {view.safe}/{view.invariants}",)
    if view.is_part:
        verdicts = ("not judged",)
    if broken:
        others = len(broken) - 1
        more = (f" and {others} more", f" +{others}") if others else ("",)
        verdicts = tuple(f" VIOLATED: {broken[-1]}{words} " for words in more)
    line = Line()
    for words, verdict in product(rules if off else ("",), verdicts):
        line = Line("  ").add(words, "warn", Target("key", name="rules")).add("  " if words else "")
        style = "bad" if broken else "dim" if view.is_part else "good"
        line.add(verdict, style, Target("tab", name="safety")).add(" ")
        if line.width <= room:
            break
    return line


def own_parts(picture: Picture) -> str:
    """What runs that the reader wrote, and in whom: `yours: grant_vote in S1 S2 S3`."""
    members = [member for member in picture.view.members if member.own_parts]
    parts = " ".join(dict.fromkeys(part for member in members for part in member.own_parts))
    return f"yours: {parts} in {' '.join(member.name for member in members)}" if members else ""
