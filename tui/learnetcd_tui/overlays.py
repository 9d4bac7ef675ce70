"""What comes over the panes: a list to choose from, all keys, two branches side by side.

Next page: `screens/overlay`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from learnetcd_tui.lists import LISTS, Choosable
from learnetcd_tui.screens.comparing import comparison_text
from learnetcd_tui.screens.help import help_text
from learnetcd_tui.screens.picker import Picker
from learnetcd_tui.screens.reading import Reading

if TYPE_CHECKING:
    from learnetcd_tui.app import Application


def open_help(application: Application) -> None:
    """All keys."""
    application.push_screen(Reading("Keys", help_text))


def open_list(application: Application, choosable: Choosable) -> None:
    """Open a list; what is chosen from it goes to the desk."""
    desk = application.desk

    def chosen(picked: str | None) -> None:
        if picked is not None and choosable is LISTS["branches"]:
            compare_with(application, picked)
        elif picked is not None:
            desk.do(choosable.act, picked)
        application.draw()

    picker = Picker(choosable.title, choosable.rows(desk), choosable.is_free)
    application.push_screen(picker, chosen)


def compare_with(application: Application, branch: str) -> None:
    """Put a branch beside the one where we are; Enter goes to it."""
    desk = application.desk
    comparison = desk.session.compare(desk.session.view().branch, branch)

    def closed(goes_there: bool | None) -> None:
        if goes_there:
            desk.do("branch", branch)
        application.draw()

    text = partial(comparison_text, comparison)
    hint = f"Enter goes to {branch}, Esc stays"
    application.push_screen(Reading("Side by side", text, hint), closed)
