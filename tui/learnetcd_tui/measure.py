"""How long a person waits: from a key to the drawn screen, and from the start to the first picture.

    figures()    five members, 1,000 entries in each log, 120x40    for `learnetcd bench`

Each key of the table is pressed as a person would press it, letters that are typed into lists, too,
and the first time counts like any other. The wait ends when the last byte for the terminal is
written: that is the act, the new picture, the drawing, and up to 17 ms until Textual draws the next
frame. The CPU time holds nothing of what other programs did meanwhile.

Left out: the terminal's own time, and the line to it. `q`, which leaves.

Next page: `learnetcd/runtime/`.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from statistics import median
from time import perf_counter, process_time
from typing import NamedTuple

from textual import events
from textual.drivers.headless_driver import HeadlessDriver
from textual.pilot import Pilot

from learnetcd.desk.desk import Desk
from learnetcd.desk.keys import key_of_label
from learnetcd.session.session import Grain, Session
from learnetcd_tui.app import Application

SIZE = (120, 40)

ENTRIES = 1_000
"""In the log of each of five members."""

SCRIPT = """
n . . , , e m z y z down up 2 K . U z z 1 ? ? ! ! tab tab shift+tab j m left up right j n
2 T j f down L L D X , home end [ [ ] , , z z + - - - - - - - - space space
P x = 1 enter G x enter C 1 | 2 3 enter H Z p a u s e enter t t
S c u t backspace down pagedown end escape O v o t e escape F down escape B down enter down escape
f1 pagedown escape ctrl+p k i l l escape u l e a d e r enter w escape o escape
d up down b down h down k i i
S c u t - l e a d enter r
"""
"""A lecture in which each key is pressed. The last one plays a whole scene: it counts alone."""


class Wait(NamedTuple):
    """For one key."""

    key: str
    milliseconds: float
    """From the key to the last byte for the terminal."""
    cpu_milliseconds: float
    """What this process did meanwhile, and until nothing was left to do."""


class Time(NamedTuple):
    """One line of the bench's table."""

    name: str
    milliseconds: float
    how: str
    at_most: int


def figures() -> Sequence[Time]:
    """What a person waits for."""
    *waits, played = [Wait(*wait) for wait in json.loads(run_alone("keys"))]
    longest = max(waits, key=lambda wait: wait.milliseconds)
    middle = median(wait.milliseconds for wait in waits)
    middle_cpu = median(wait.cpu_milliseconds for wait in waits)
    most_cpu = max(wait.cpu_milliseconds for wait in waits)
    where = f"{SIZE[0]}x{SIZE[1]}, five members, {ENTRIES:,} entries"
    return (
        Time("First picture, at the second start", first_picture(), "three members", 1_000),
        Time("A key is drawn within, at the median", middle, f"{where}; {len(waits)} keys", 50),
        Time("... at the most", longest.milliseconds, f"the key {longest.key}", 50),
        Time("A key costs, at the median", middle_cpu, "CPU time", 50),
        Time("... at the most", most_cpu, "CPU time", 50),
        Time("A scene of 300 steps is played and drawn within", played.milliseconds, "r", 1_000),
    )


def run_alone(what: str) -> str:
    """Measure in a process of its own: nothing is imported or remembered yet."""
    command = [sys.executable, "-m", __name__, what]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


# --- keys -----------------------------------------------------------------------------------------


class Paper(HeadlessDriver):
    """A terminal that takes everything, and knows when it got the last of it."""

    is_headless = False  # else Textual would leave out the last part: words and colours into bytes
    drawn_at = 0.0

    def write(self, data: str) -> None:
        """The bytes of one drawing."""
        self.drawn_at = perf_counter()


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


async def press_all(session: Session) -> list[Wait]:
    """Press all keys of the script."""
    application = Application(Desk(session))
    application.driver_class = Paper
    async with application.run_test(size=SIZE, headless=False) as pilot:
        await pilot.pause()
        return [await press(pilot, key) for key in SCRIPT.split()]


async def press(pilot: Pilot[int], key: str) -> Wait:
    """Press a key, and wait until nothing is left to be done."""
    terminal = pilot.app._driver
    assert isinstance(terminal, Paper)
    began, cpu_began = perf_counter(), process_time()
    terminal.send_message(key_event(key))
    await pilot.pause()
    seconds, cpu_seconds = max(terminal.drawn_at, began) - began, process_time() - cpu_began
    return Wait(key, 1000 * seconds, 1000 * cpu_seconds)


def key_event(label: str) -> events.Key:
    """As the terminal sends it: `.` is called `full_stop`."""
    key = key_of_label(label)
    if len(label) > 1 or key is None:
        return events.Key(label, label if len(label) == 1 else None)
    return events.Key(key.keys.split(",")[0], label)


# --- the start ------------------------------------------------------------------------------------


def first_picture() -> float:
    """Start twice, and leave when the first picture is there; how long the second one took."""
    milliseconds = 0.0
    for _ in range(2):
        before = os.times()
        run_alone("start")
        after = os.times()
        seconds = after.children_user - before.children_user
        seconds += after.children_system - before.children_system
        milliseconds = 1000 * seconds
    return milliseconds


async def leave(pilot: Pilot[object]) -> None:
    """Wait for the first picture, and leave."""
    await pilot.pause()
    pilot.app.exit()


def start() -> None:
    """Sit down and leave again."""
    application = Application(Desk(Session.open()))
    application.driver_class = Paper
    application.run(size=SIZE, auto_pilot=leave)


if __name__ == "__main__":
    if sys.argv[1:] == ["keys"]:
        print(json.dumps(asyncio.run(press_all(long_run()))))
    else:
        start()
