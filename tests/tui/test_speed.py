"""What is done for a key, counted; how long it takes, `learnetcd bench` says."""

import asyncio
import gc

from looks import still
from stills import cut_leader_picture

from learnetcd.desk.keys import KEYS
from learnetcd_tui.measure import SCRIPT, key_event


def test_what_did_not_change_is_not_drawn_again():
    async def press() -> list[str]:
        app = still(cut_leader_picture())
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.pause()
            before = {pane.content.name: list(pane.lines) for pane in app.panes}
            app.take_key("down", None)
            return [
                f"{pane.content.name} {row}"
                for pane in app.panes
                for row, line in enumerate(pane.lines)
                if line != before[pane.content.name][row]
            ]

    assert asyncio.run(press()) == ["next 1", "next 2"]


def test_every_key_but_quit_is_measured():
    measured = {key_event(label).key for label in SCRIPT.split()}
    missed = {key.act for key in KEYS if not measured & set(key.keys.split(","))}
    assert missed == {"quit", "choose_member"}  # members 3 to 7


def test_what_is_covered_is_not_drawn():
    async def press() -> bool:
        app = still(cut_leader_picture())
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.pause()
            app.take_key("f1", None)
            before = {pane.content.name: pane.lines for pane in app.panes}
            app.take_key("down", None)
            return all(
                pane.lines is before[pane.content.name]
                for pane in app.panes
                if pane.content.name != "over"
            )

    assert asyncio.run(press())


def test_the_past_is_not_searched_for_garbage_again_and_again():
    async def tidied() -> tuple[int, int]:
        app = still(cut_leader_picture())
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.pause()
            before = gc.get_freeze_count()
            app.kept_forever = [[number] for number in range(1000)]
            app.tidy()
            return before, gc.get_freeze_count()

    try:
        before, after = asyncio.run(tidied())
    finally:
        gc.unfreeze()
    assert before > 0
    assert after >= before + 1000
