"""The disk of the chosen member: its last records, and the line that fsync has reached.

    term 2 vote S1 commit 2
    entry 3@2 z=3
    ──────────── fsync: a crash loses what is below
    entry 4@2 w=4

Next page: `keyspace`.
"""

from __future__ import annotations

from learnetcd_tui.canvas import Line, Target, fit, wrap
from learnetcd_tui.picture import Picture


def draw(picture: Picture, width: int, height: int) -> list[Line]:
    """What a crash now would leave, then the records down to the newest."""
    member = next((m for m in picture.view.members if m.id == picture.member), None)
    if member is None:
        return []
    words = "its disk keeps" if not member.alive else "a crash now would leave"
    lines = [
        Line(f" {row}", "strong")
        for row in wrap(f"{member.name}: {words} {member.after_crash()}", width - 2)[:3]
    ]
    room = max(1, height - len(lines) - 1)
    records = member.records(room)
    is_below = False
    for record in records:
        if not record.synced and not is_below:
            lines.append(fsync_line(width))
            is_below = True
        style = "" if record.synced else "warn"
        lines.append(Line(fit(f"   {record.text}", width), style, Target("member", member.id)))
    if not is_below:
        lines.append(fsync_line(width))
    return lines


def fsync_line(width: int) -> Line:
    """The border between what survives and what does not."""
    words = " fsync: below is lost in a crash "
    if width < len(words) + 6:
        words = " fsync "
    return Line("─" * max(0, width - len(words) - 2), "good").add(words, "good")
