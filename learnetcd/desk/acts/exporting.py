"""Taking something along: a picture, a film, a log or a share code, in a file beside us.

    x, space-time.svg   ->   first-leader-25-space-time.svg: the last steps, up to where we stand

Next page: `learnetcd/desk/words`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from learnetcd.errors import UserError, unknown_name

if TYPE_CHECKING:
    from learnetcd.desk.desk import Desk

LATEST = 60
"""So many of the last steps are drawn in one picture."""

FILM, CODE = "run.cast", "share.code"

WISHES = {
    "space-time.svg": ("svg", "space-time"),
    "space-time.txt": ("text", "space-time"),
    "now.svg": ("svg", "now"),
    "now.txt": ("text", "now"),
    "causes.svg": ("svg", "causes"),
    "causes.txt": ("text", "causes"),
    "causes.dot": ("dot", "causes"),
    "operations.svg": ("svg", "operations"),
    "operations.txt": ("text", "operations"),
    "roles.svg": ("svg", "roles"),
    "quorums.svg": ("svg", "quorums"),
    "run.shiviz": ("shiviz", ""),
}
"""Form and picture of each name, but for film and code."""

MEANINGS = {
    "space-time.svg": f"who told whom what, in the last {LATEST} steps up to here",
    "space-time.txt": "the same, as text: looked at before it is written",
    "now.svg": "members, messages and logs as they are here",
    "now.txt": "the same, as text: looked at before it is written",
    "causes.svg": "what led to the chosen sentence, or to the last mark of the timeline",
    "causes.txt": "the same, as text: looked at before it is written",
    "causes.dot": "the same, for graphviz",
    "operations.svg": "what clients asked about a key, and whether it is linearizable",
    "operations.txt": "the same, as text: looked at before it is written",
    "roles.svg": "the roles, what makes one of them another, and who is in which",
    "quorums.svg": "whom each two majorities share",
    "run.shiviz": "all steps with vector clocks, for ShiViz",
    FILM: "the last 200 steps up to here as a film of the screen, for asciinema",
    CODE: "the whole run in one line, for somebody who has learnetcd, too",
}
"""What each name is, in a few words."""


def export(desk: Desk, words: str) -> None:
    """Write it to a file, and say to which."""
    name, view = words.strip(), desk.session.view()
    if name not in names(desk):
        raise unknown_name("export", name, names(desk))
    content = content_of(desk, name, view.step)
    title = re.sub(r"[^\w.]+", "-", view.scene).strip("-") or "run"
    path = free_path(desk, f"{title}-{view.step}-{name}")
    try:
        Path(path).write_text(content, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}.") from error
    desk.own_files.add(path)
    desk.notice = f"Written: {path}"


def names(desk: Desk) -> list[str]:
    """What can be taken along from here: a film where there is a screen."""
    return [name for name in MEANINGS if name != FILM or desk.film is not None]


def content_of(desk: Desk, name: str, step: int) -> str:
    """What will stand in the file."""
    session = desk.session
    if name == CODE:
        return session.share_code() + "\n"
    if step == 0:
        raise UserError("Nothing has happened yet, so there is nothing to draw: go a step first.")
    if name == FILM:
        assert desk.film is not None, "offered only where there is a screen"
        return desk.film(session, step)
    from learnetcd.figures.exports import Wish, export  # here: the screen must not wait for it

    form, picture = WISHES[name]
    first, of = max(1, step - LATEST + 1) if picture else 1, ""
    chosen = desk.chosen
    if picture == "causes" and chosen is not None and chosen.kind == "event":
        first, step, of = chosen.index, chosen.index, str(chosen.index)
    return export(session, Wish(form, picture, first, step, of))


def free_path(desk: Desk, path: str) -> str:
    """This name, or one like it if somebody else's file is called so."""
    number, free = 1, path
    while free not in desk.own_files and Path(free).exists():
        number += 1
        free = f"{number}-{path}"
    return free


ACTS = {export.__name__: export}
