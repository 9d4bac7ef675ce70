"""What each key opens over the panes: a list of the desk, all keys, everything by its name.

A branch and a text are looked at first: Enter goes to the one, and writes the other to a file.

Next page: `learnetcd_tui/narrate`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from functools import partial

from learnetcd.desk.acts import exporting
from learnetcd.desk.desk import Desk
from learnetcd.desk.keys import GROUPS, KEYS, Key
from learnetcd.desk.lists import LISTS, Choosable, Row
from learnetcd.errors import UserError
from learnetcd_tui.canvas import Line, fit
from learnetcd_tui.overlays.comparing import comparison_text
from learnetcd_tui.overlays.help import help_text
from learnetcd_tui.overlays.overlay import Overlay
from learnetcd_tui.overlays.picking import Picking
from learnetcd_tui.overlays.reading import Reading


def all_keys() -> Reading:
    """F1."""
    return Reading("Keys", help_text)


def list_of(choosable: Choosable, desk: Desk) -> Picking:
    """What is picked from a list goes to the desk; a branch and a text are looked at first."""

    def follow(picked: str) -> Overlay | None:
        if choosable is LISTS["exports"] and picked.endswith(".txt"):
            return text_of(picked, desk)
        if choosable is not LISTS["branches"]:
            desk.do(choosable.act, picked)
        elif picked != desk.session.view().branch:
            return comparison_with(picked, desk)
        else:
            desk.notice = f"You are on {picked}. Who goes back and acts otherwise begins another."
        return None

    return Picking(choosable.title, choosable.rows(desk), follow, choosable.is_free)


def text_of(name: str, desk: Desk) -> Overlay | None:
    """An export that can be read here; Enter writes it to a file."""
    try:
        text = exporting.content_of(desk, name, desk.session.view().step)
    except UserError as error:
        desk.notice = str(error)
        return None
    return Reading(
        name,
        lambda width: [Line(fit(row, width)) for row in folded(text, width)],
        "Enter writes it to a file, Esc closes",
        partial(desk.do, "export", name),
    )


def folded(text: str, width: int) -> Iterator[str]:
    """Its lines; what is too long goes on below, a little further in."""
    for row in text.splitlines():
        inner = len(row) - len(row.lstrip()) + 4
        yield from textwrap.wrap(row, width, subsequent_indent=" " * inner) or [""]


def comparison_with(branch: str, desk: Desk) -> Reading:
    """Another branch beside the one where we are; Enter goes there."""
    comparison = desk.session.compare(desk.session.view().branch, branch)
    return Reading(
        "Side by side",
        partial(comparison_text, comparison),
        f"Enter goes to {branch}, Esc stays",
        partial(desk.do, "branch", branch),
    )


def palette(press: Callable[[Key], None]) -> Picking:
    """Each act of the table of keys, by any words of its help; picking it presses its key."""
    offered = {key.label: key for key in KEYS if key.act not in NOT_OFFERED}
    rows = [Row(key.label, "", key.help, GROUPS[key.group]) for key in offered.values()]
    rows.sort(key=lambda row: list(GROUPS.values()).index(row.group))
    return Picking("Everything, by its name", rows, lambda picked: press(offered[picked]))


NOT_OFFERED = ("", "command_palette", "escape", "enter")
"""What only moves inside that which is open."""
