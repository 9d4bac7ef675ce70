"""The disk of the chosen member: its last records, their bytes, how far fsync has reached.

    S1: a crash now would leave term 2, vote S1, x=1 y=2 z=3
     term 2 vote S1 commit 2      10 00 00 00 00 00 00 00 08 03 10 c3 b4 …
     entry 3@2 z=3                39 00 00 00 00 00 00 87 08 02 10 db 9e …
    ──────────── fsync: a crash loses what is below
     entry 4@2 w=4                39 00 00 00 00 00 00 87 08 02 10 93 d5 …
    wal/0000000000000000-0000000000000000.wal   records 1 to 12

A record that is chosen (arrow keys, or a click) opens to its fields.

Next page: `wire`.
"""

from __future__ import annotations

from learnetcd.session.views import MemberView, RecordView
from learnetcd_tui.canvas import Line, Target, fit, scrolled, wrap
from learnetcd_tui.dump import dump
from learnetcd_tui.picture import Picture

SHOWN = 100
"""So many records can be scrolled and chosen."""
TEXT = 30
"""Columns for what a record says, where its bytes stand beside it."""


def draw(picture: Picture, width: int, height: int) -> list[Line]:
    """What a crash now would leave, the records down to the newest, the files."""
    member = picture.chosen_member
    if member is None:
        return []
    words = "its disk keeps" if not member.alive else "a crash now would leave"
    head = [
        Line(f" {row}", "strong")
        for row in wrap(f"{member.name}: {words} {member.after_crash()}", width - 2)[:3]
    ]
    files = draw_files(member, width, max(0, (height - len(head)) // 4))
    lines, opened = draw_records(member, picture.chosen, width)
    room = max(1, height - len(head) - len(files))
    if opened is None:
        shown = lines[-room:]
    else:
        shown = scrolled(lines, opened + picture.scroll.get("disk", 0), room)
    return [*head, *shown, *files]


def draw_records(
    member: MemberView, chosen: Target | None, width: int
) -> tuple[list[Line], int | None]:
    """Every record, with the line of fsync; and which line is the chosen one."""
    lines: list[Line] = []
    opened, is_below = None, False
    for record in member.records(SHOWN):
        if not record.synced and not is_below:
            lines.append(fsync_line(width))
            is_below = True
        target = target_of(member, record)
        if target == chosen:
            opened = len(lines)
        lines.append(draw_record(record, target, target == chosen, width))
        if target == chosen:
            lines += dump(record.pieces(), width, target)
    if not is_below:
        lines.append(fsync_line(width))
    return lines, opened


def target_of(member: MemberView, record: RecordView) -> Target:
    """What a click on a record means."""
    return Target("record", member.id, record.number)


def targets(picture: Picture) -> list[Target]:
    """The records that arrow keys lead to."""
    member = picture.chosen_member
    return [target_of(member, record) for record in member.records(SHOWN)] if member else []


def draw_record(record: RecordView, target: Target, is_chosen: bool, width: int) -> Line:
    """What it says, and where there is room, its first bytes."""
    style = "chosen" if is_chosen else "" if record.synced else "warn"
    line = Line("   " if record.offset is None else f" {record.offset:#06x} ", "dim", target)
    if width < 60 or is_chosen:
        return line.add(fit(record.text, width - line.width), style, target)
    line.cell(record.text, TEXT, style, target).add(" ", "", target)
    room = (width - line.width) // 3
    more = " …" if len(record.data) > room else ""
    return line.add(record.data[: room - 1].hex(" ") + more, "durable", target)


def fsync_line(width: int) -> Line:
    """The border between what survives and what does not."""
    words = " fsync: below is lost in a crash "
    if width < len(words) + 6:
        words = " fsync "
    return Line("─" * max(0, width - len(words) - 2), "good").add(words, "good")


def draw_files(member: MemberView, width: int, room: int) -> list[Line]:
    """The newest files, a line each."""
    files = member.files()[-room:] if room else ()
    return [Line(fit(f" {one.name}  {one.about}", width), "comment") for one in files]
