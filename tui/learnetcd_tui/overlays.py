"""What comes over the panes: the lists to pick from.

    S -> scenes -> Enter -> desk.do("scene", name)

Next page: `screens/picker`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from learnetcd_tui.screens.picker import Picker, Row

if TYPE_CHECKING:
    from learnetcd_tui.app import Application
    from learnetcd_tui.desk import Desk


def scene_rows(desk: Desk) -> list[Row]:
    """The scenes and their claims."""
    return [Row(name, "", claim) for name, claim in desk.scenes()]


def profile_rows(desk: Desk) -> list[Row]:
    """The profiles; the arrow stands at ours."""
    ours = desk.session.view().profile
    return [Row(name, "▶" if name == ours else " ", claim) for name, claim in desk.profiles()]


def rule_rows(desk: Desk) -> list[Row]:
    """The safety rules, on or off, and what breaks without each."""
    return [
        Row(rule.name, "on" if rule.on else "OFF", f"{rule.sentence} Without it: {rule.breaks}")
        for rule in desk.session.rules()
    ]


def branch_rows(desk: Desk) -> list[Row]:
    """The branches; the arrow stands at ours."""
    return [
        Row(
            branch.name,
            "▶" if branch.current else " ",
            f"{branch.length} steps"
            + (
                f", parts from {branch.parent} after step {branch.parts_at}"
                if branch.parent
                else ""
            ),
        )
        for branch in desk.session.branches()
    ]


LISTS: dict[str, tuple[str, str, Callable[[Desk], list[Row]]]] = {
    "scenes": ("Scenes", "scene", scene_rows),
    "profiles": ("Whose Raft?", "profile", profile_rows),
    "rules": ("Safety rules: Enter switches one off, or on again", "rule", rule_rows),
    "branches": ("Branches", "branch", branch_rows),
}
"""For each list: its title, the act that takes a name from it, and its rows."""


def open_list(application: Application, name: str) -> None:
    """Open a list; what is chosen from it goes to the desk."""
    title, act, rows = LISTS[name]

    def chosen(picked: str | None) -> None:
        if picked is not None:
            application.desk.do(act, picked)
        application.draw()

    application.push_screen(Picker(title, rows(application.desk)), chosen)
