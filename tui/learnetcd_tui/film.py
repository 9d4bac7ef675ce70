"""A film of the screen: a run, message by message, as a player of terminal recordings shows it.

    {"version": 2, "width": 120, "height": 40, "title": "cut-leader"}
    [0.0, "o", "...the whole screen..."]
    [1.5, "o", "...the rows that differ..."]

No terminal is filmed and no clock is read. The panes are drawn as ever, into lines, and each frame
stands for so long as a person needs to see what is new: longer where a mark of the timeline was
passed. So the same run gives the same film, byte for byte.

Source: asciinema, asciicast v2.

Next page: `export`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby

from rich.color import ColorSystem

from learnetcd.desk.desk import Desk
from learnetcd.errors import UserError
from learnetcd.session.session import Session
from learnetcd_tui.canvas import Line
from learnetcd_tui.contents import CONTENTS
from learnetcd_tui.layout import plan
from learnetcd_tui.pane import Pane
from learnetcd_tui.panes.members import heights_wanted
from learnetcd_tui.picture import Picture
from learnetcd_tui.theme import style_of

SIZE = (120, 40)
"""Columns and rows: the smallest at which all that matters is seen at once."""

FIRST_S, NEXT_S, LANDMARK_S = 2.0, 0.8, 2.0
"""How long a frame stands: the first, any other, and one in which a mark was passed."""

MOST_STEPS = 1000
"""A longer film nobody watches."""


def film(session: Session, first: int, last: int, *, light: bool = False) -> str:
    """Film a session from before its step `first` to its step `last`; it ends up there."""
    if last - first >= MOST_STEPS:
        raise UserError(
            f"A film of {last - first + 1} steps is too long to watch: choose {MOST_STEPS} at most."
        )
    title = session.view().scene or "A run"
    width, height = SIZE
    header = {"version": 2, "width": width, "height": height, "title": f"learnetcd: {title}"}
    lines = [json.dumps(header)]
    shown: list[str] = [""] * height
    at_s = 0.0
    for rows, lasts_s in frames(session, first, last):
        drawn = [ansi(row, light) for row in rows]
        lines.append(json.dumps([round(at_s, 3), "o", changes(shown, drawn)]))
        shown, at_s = drawn, at_s + lasts_s
    lines.append(json.dumps([round(at_s, 3), "o", LAST_WORDS]))
    return "\n".join(lines) + "\n"


CLEAR = "\x1b[?25l\x1b[2J"
LAST_WORDS = "\x1b[0m\x1b[?25h"
"""The cursor is away while the film runs, and back at its end."""


def changes(shown: list[str], drawn: list[str]) -> str:
    """What the terminal is told: the rows that differ, each at its place."""
    told = [
        f"\x1b[{y};1H{row}"
        for y, (old, row) in enumerate(zip(shown, drawn, strict=True), start=1)
        if old != row
    ]
    return ("" if any(shown) else CLEAR) + "".join(told)


def frames(session: Session, first: int, last: int) -> Iterator[tuple[list[Line], float]]:
    """Each screen, and how long it stands."""
    session.seek(max(0, first - 1))
    desk = Desk(session)
    yield screen(desk), FIRST_S
    while (step := session.view().step) < last:
        desk.do("step")
        if session.view().step <= step:
            return
        if session.view().step > last:
            session.seek(last)
        told = session.narration(step + 1, session.view().step)
        yield screen(desk), LANDMARK_S if any(one.landmark for one in told) else NEXT_S


def screen(desk: Desk) -> list[Line]:
    """All panes, as the application places them, in one line for each row."""
    width, height = SIZE
    picture = Picture.of(
        desk.sight(), focus="story", jumping=False, scroll={}, overlay=None, prompt=None, guide=None
    )
    planned = plan(width, height, heights_wanted(len(picture.view.members)), ())
    rows = [Line() for _ in range(height)]
    for name, place in sorted(planned.places.items(), key=lambda item: item[1].x):
        pane = Pane(CONTENTS[name], CONTENTS)
        pane.place = place
        for y, line in enumerate(pane.drawn(picture, planned)):
            rows[place.y + y].to(place.x).append(line)
    return [row.fit(width) for row in rows]


def ansi(line: Line, light: bool) -> str:
    """A line as a terminal takes it."""
    return "".join(
        style_of(style, light).render(
            "".join(span.text for span in spans), color_system=ColorSystem.TRUECOLOR
        )
        for style, spans in groupby(line.spans, key=lambda span: span.style)
    )
