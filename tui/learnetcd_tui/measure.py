"""How long a person waits: from a key to the drawn screen, and from the start to the first picture.

    figures()    five members, 1,000 entries in each log, 120x40    for `learnetcd bench`

A key is pressed as a person would: the act, the new picture, and all that Textual does until it has
nothing more to do. Times are CPU times, so that what others do beside it does not count.

Left out: the terminal's own time, and the line to it.

This is the last page.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from statistics import median
from time import process_time
from typing import NamedTuple

from textual.pilot import Pilot

from learnetcd.session.session import Grain, Session
from learnetcd_tui.app import Application
from learnetcd_tui.desk import Desk
from learnetcd_tui.keys import KEYS_BY_NAME

SIZE = (120, 40)

ENTRIES = 1_000
"""In the log of each of five members."""

STEPPING = ("full_stop", "full_stop", "n", "comma", "comma", "e", "m", "z", "y", "z", "down", "up")
BREAKING = ("2", "K", "full_stop", "U", "z", "z", "question_mark", "question_mark", "T", "comma")
LEAPING = ("home", "end", "left_square_bracket", "left_square_bracket", "comma", "comma", "z", "z")
PRESSED = STEPPING + BREAKING + LEAPING

OPENING = ("S", "O", "F", "B", "f1", "ctrl+p")
"""What opens a screen over the panes."""

Waited = tuple[str, float]
"""A key, and the milliseconds until it was drawn."""


class Time(NamedTuple):
    """One line of the bench's table."""

    name: str
    milliseconds: float
    how: str
    at_most: int


def figures() -> Sequence[Time]:
    """What a person waits for."""
    keys, screens = asyncio.run(press_all(long_run()))
    over = "lists, help, palette"
    where = f"{SIZE[0]}x{SIZE[1]}, five members, {ENTRIES:,} entries"
    return (
        Time("First picture, at the second start", first_picture(), "three members", 1_000),
        Time("A key is drawn within, at the median", middle(keys), where, 50),
        Time("... at the most", *worst(keys), 50),
        Time("A screen over the panes is drawn within", middle(screens), over, 50),
        Time("... at the most", *worst(screens), 50),
    )


def middle(waited: Sequence[Waited]) -> float:
    """The median."""
    return median(milliseconds for _, milliseconds in waited)


def worst(waited: Sequence[Waited]) -> tuple[float, str]:
    """The longest time, and the key."""
    key, milliseconds = max(waited, key=lambda one: one[1])
    return milliseconds, f"{key}: {KEYS_BY_NAME[key].help}"


def long_run() -> Session:
    """Five members with long logs, shortly before a frame: steps back are longest there."""
    session = Session.open(members=5)
    session.time_out(1)
    session.run_until("S1 leads")
    for number in range(ENTRIES):
        session.put(1, f"k{number % 50}", str(number))
        session.advance(20)
    while session.view().step % 250 != 245:
        session.forward(Grain.EFFECT)
    return session


async def press_all(session: Session) -> tuple[list[Waited], list[Waited]]:
    """Press all keys; how long those of the panes took, and those that open a screen."""
    app = Application(Desk(session))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        keys = [(key, await press(pilot, key)) for key in PRESSED]
        screens = []
        for key in OPENING * 2:
            screens.append((key, await press(pilot, key)))
            await press(pilot, "escape")
    return keys, screens[len(OPENING) :]  # what is imported at the first opening is not counted


async def press(pilot: Pilot[int], key: str) -> float:
    """Press a key; the CPU milliseconds until nothing is left to be done."""
    app = pilot.app
    assert isinstance(app, Application)
    began = process_time()
    if app.screen is app.board:
        app.take_key(key, None)
    else:
        await pilot.press(key)
    await pilot.pause()
    return 1000 * (process_time() - began)


def first_picture() -> float:
    """Start twice, and leave when the first picture is there; how long the second one took."""
    milliseconds = 0.0
    for _ in range(2):
        before = os.times()
        subprocess.run([sys.executable, "-m", __name__], check=True, stdout=subprocess.DEVNULL)
        after = os.times()
        seconds = after.children_user - before.children_user
        seconds += after.children_system - before.children_system
        milliseconds = 1000 * seconds
    return milliseconds


async def leave(pilot: Pilot[object]) -> None:
    """Wait for the first picture, and leave."""
    await pilot.pause()
    pilot.app.exit()


if __name__ == "__main__":
    Application(Desk(Session.open())).run(headless=True, size=SIZE, auto_pilot=leave)
