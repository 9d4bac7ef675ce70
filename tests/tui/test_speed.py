"""What is done for a key, counted; how long it takes, `learnetcd bench` says."""

import asyncio
import gc

from looks import still
from stills import cut_leader_picture


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
