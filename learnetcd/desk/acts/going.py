"""Going on and back: steps of four grains, free running, marks on the timeline, undo.

Next page: `breaking`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learnetcd.desk.words import number
from learnetcd.errors import UserError
from learnetcd.simulator.grains import Grain

if TYPE_CHECKING:
    from learnetcd.desk.desk import Desk

LONGEST_MS = 60_000
"""Of the cluster's time; what has not come true by then is not waited for."""


def go(desk: Desk, grain: Grain) -> None:
    """Go on by one grain, as it comes."""
    desk.stand_still()
    desk.session.forward(grain)


def step(desk: Desk, words: str) -> None:
    """One message or timer, and what the member does then."""
    go(desk, Grain.MESSAGE)


def effect(desk: Desk, words: str) -> None:
    """The smallest step."""
    go(desk, Grain.EFFECT)


def turn(desk: Desk, words: str) -> None:
    """All that is due at one member."""
    go(desk, Grain.TURN)


def next_change(desk: Desk, words: str) -> None:
    """Until something changes that a reader wants to see."""
    go(desk, Grain.CHANGE)


def back(desk: Desk, words: str) -> None:
    """One step back."""
    desk.stand_still()
    desk.session.back(Grain.MESSAGE)


def take(desk: Desk, words: str) -> None:
    """The chosen one of the things that can happen next."""
    choices = desk.session.choices()
    if desk.cursor >= len(choices):
        raise UserError("Nothing can happen next.")
    choice = choices[desk.cursor]
    desk.stand_still()
    desk.session.choose(choice)


def run(desk: Desk, words: str) -> None:
    """Run or pause."""
    desk.running, desk.goal = not desk.running, ""


def faster(desk: Desk, words: str) -> None:
    """One speed up."""
    desk.pace.change(+1)


def slower(desk: Desk, words: str) -> None:
    """One speed down."""
    desk.pace.change(-1)


def until(desk: Desk, words: str) -> None:
    """Run until a condition holds."""
    desk.stand_still()
    if not (desk.is_watched and desk.session.is_live):
        desk.notice = desk.session.run_until(words).sentence
        return
    reached = desk.session.run_until(words, 0)  # is it a condition, and does it hold already?
    if reached.came_true:
        desk.notice = reached.sentence
        return
    desk.running, desk.goal, desk.goal_left_ms = True, words, LONGEST_MS
    desk.notice = f"Until {words}: space stops it."


def undo(desk: Desk, words: str) -> None:
    """Take the last act back, whatever it was."""
    desk.stand_still()
    desk.session.undo()


def redo(desk: Desk, words: str) -> None:
    """Do again what was undone."""
    desk.stand_still()
    desk.session.redo()


def seek(desk: Desk, words: str) -> None:
    """To a step of this branch."""
    desk.stand_still()
    desk.session.seek(number(words, "A step"))


def first(desk: Desk, words: str) -> None:
    """To the first step."""
    seek(desk, "0")


def last(desk: Desk, words: str) -> None:
    """To the last step."""
    seek(desk, str(desk.session.view().length))


def landmark_before(desk: Desk, words: str) -> None:
    """To the mark before this step."""
    here = desk.session.view().step
    before = (mark.step for mark in desk.session.landmarks() if mark.step < here)
    seek(desk, str(max(before, default=0)))


def landmark_after(desk: Desk, words: str) -> None:
    """To the mark after this step."""
    view = desk.session.view()
    after = (mark.step for mark in desk.session.landmarks() if mark.step > view.step)
    seek(desk, str(min(after, default=view.length)))


ACTS = {
    act.__name__: act
    for act in (
        *(step, effect, turn, next_change, back, take, run, faster, slower, until, undo, redo),
        *(seek, first, last, landmark_before, landmark_after),
    )
}
