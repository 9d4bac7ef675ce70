"""A key is drawn before the finger is up: five members, a thousand entries each, 120x40."""

import asyncio
from dataclasses import replace
from time import perf_counter

from looks import still
from stills import cut_leader_picture, five_members


def test_a_key_is_drawn_within_50_ms():
    """The best of ten: the others tell how busy the machine is."""
    picture = replace(cut_leader_picture(), view=five_members(1000))

    async def press() -> float:
        app = still(picture)
        times = []
        async with app.run_test(size=(120, 40)) as pilot:
            for key in ["down", "up"] * 5:
                begun = perf_counter()
                app.take_key(key, None)
                times.append(perf_counter() - begun)
                await pilot.pause()
        return min(times)

    assert asyncio.run(press()) < 0.050


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
