"""The two pictures of the README: `make picture`.

The screen: a leader is cut off with an entry that nobody else has, and the others have gone on
without it. It carries no fonts: whoever looks at it has one of equal widths.

The election, as `learnetcd export` draws it.
"""

import asyncio
import re
from pathlib import Path

from learnetcd.desk.desk import Desk
from learnetcd.figures.space_time import space_time
from learnetcd.session.session import Session
from learnetcd_tui.app import Application

PICTURE = Path(__file__).parents[2] / "tui" / "screenshot.svg"
ELECTION = PICTURE.with_name("election.svg")
KEYS = [
    *("C", "1", "vertical_line", "2", "3", "enter"),
    *("1", "P", "x", "equals_sign", "A", "enter", "n", "n"),
    *("2", "P", "x", "equals_sign", "B", "enter", "n"),
    *("1", "G", "x", "enter", "question_mark"),
]
FONTS = "DejaVu Sans Mono, Menlo, Consolas, monospace"


async def photograph() -> str:
    application = Application(Desk(Session.open("cut-leader")), light=False, ascii_only=False)
    async with application.run_test(size=(120, 40)) as pilot:
        for key in KEYS:
            await pilot.press(key)
        await pilot.pause()
        svg = application.export_screenshot(title="learnetcd tui --scene cut-leader")
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return re.sub(r"font-family: [^;]*;", f"font-family: {FONTS};", svg)


def election() -> str:
    session = Session.open("first-leader")
    for act in session.script():
        session.act(act)
    return space_time(session.span(1, 9)).svg + "\n"


if __name__ == "__main__":
    PICTURE.write_text(asyncio.run(photograph()), encoding="utf-8")
    ELECTION.write_text(election(), encoding="utf-8")
