"""The timeline: every step of this branch from left to right, with marks where something happened.

    ├──e─L───c──c──f───e─L──▲╌╌╌╌╌╌╌╌┤

`e` an election, `L` a leader, `c` a commit, `f` a fault, `!` a violation, `┬` a branch parts here.
A column stands for one step until the run is longer than the line, then for two, four, eight: so
the marks stay where they are while the run grows, but for the moments at which the scale doubles.

Next page: `status`.
"""

from __future__ import annotations

from learnetcd.session.signs import LANDMARKS
from learnetcd_tui.canvas import Line, Target
from learnetcd_tui.picture import Picture

STYLES = {"c": "good", "e": "candidate", "L": "leader", "f": "warn", "!": "bad", "┬": "word"}


def draw(picture: Picture, width: int, height: int) -> list[Line]:
    """One line."""
    columns = width - 4
    each = steps_per_column(picture.view.length, columns)
    signs: dict[int, str] = {
        branch.parts_at // each: "┬"
        for branch in picture.branches
        if branch.parent == picture.view.branch
    }
    strength = list(LANDMARKS.values())
    for landmark in picture.landmarks:
        column, sign = landmark.step // each, LANDMARKS.get(landmark.kind, "")
        old = signs.get(column, "")
        if sign and (old not in strength or strength.index(sign) > strength.index(old)):
            signs[column] = sign
    line = Line("[t]" if picture.jumping else " ├", "title" if picture.jumping else "rule")
    here, end = picture.view.step // each, picture.view.length // each
    for column in range(line.width - 2, columns):
        target = Target("step", index=min(column * each, picture.view.length))
        sign = signs.get(column, "─" if column <= end else " ")
        style = STYLES.get(sign, "dim")
        if column > here and sign == "─":
            sign = "╌"
        line.add(sign if column != here else "▲", "here key" if column == here else style, target)
    return [line.add("┤", "rule")]


def steps_per_column(length: int, columns: int) -> int:
    """One, two, four, eight ...: the first that makes the run fit."""
    each = 1
    while length >= each * max(1, columns):
        each *= 2
    return each
