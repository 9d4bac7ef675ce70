"""The lists to choose from: scenes, profiles, rules, conditions, exports, branches.

    S -> scenes -> a name -> desk.do("scene", name)

The screen shows a list as rows that can be filtered, `--narrate` says it line by line, a notebook
gives it to the browser.

Next page: `learnetcd_tui`, in `tui/`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from learnetcd.desk.acts import exporting
from learnetcd.desk.desk import Desk
from learnetcd.simulator import library


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list."""

    name: str
    """What is chosen by it."""
    sign: str
    """A few letters before it: `on`, `OFF`, `here`."""
    text: str
    """What it is, in a sentence."""
    group: str = ""
    """What it is about; rows of one group stand together, under that word."""

    def __str__(self) -> str:
        """As `--narrate` says it."""
        sign = f" ({self.sign})" if self.sign else ""
        return f"{self.name}{sign}: {self.text}"


@dataclass(frozen=True, slots=True)
class Choosable:
    """A list, and what is done with the name that is chosen from it."""

    title: str
    act: str
    rows: Callable[[Desk], list[Row]]
    is_free: bool = False
    """Something else than a row may be typed, too: the rows are examples."""


def scene_rows(desk: Desk) -> list[Row]:
    """The scenes and their claims, by topic."""
    return [Row(scene.name, "", scene.claim, scene.topic) for scene in library.scenes()]


def profile_rows(desk: Desk) -> list[Row]:
    """The profiles; one of them is ours."""
    ours = desk.session.view().profile
    return [
        Row("paper", here(ours == "paper"), "the extended paper, to the letter where it speaks"),
        Row(
            "etcd-3.3",
            here(ours == "etcd-3.3"),
            "an empty entry in each new term; a leader without a quorum steps down",
        ),
        Row(
            "etcd-3.5",
            here(ours == "etcd-3.5"),
            "the same, and who wants to stand asks first (pre-vote)",
        ),
    ]


def rule_rows(desk: Desk) -> list[Row]:
    """The safety rules, on or off, and what breaks without each."""
    return [
        Row(
            rule.name,
            "on" if rule.on else "OFF",
            f"when off: {rule.sentence} Breaks: {rule.breaks}",
        )
        for rule in desk.session.rules()
    ]


def condition_rows(desk: Desk) -> list[Row]:
    """What can be waited for."""
    return [Row(example, "", meaning) for example, meaning in desk.session.conditions()]


def branch_rows(desk: Desk) -> list[Row]:
    """The branches; ours is the last one: it is the others that it can be compared with."""
    rows = []
    for branch in sorted(desk.session.branches(), key=lambda branch: branch.current):
        origin = f", parts from {branch.parent} after step {branch.parts_at}"
        text = "1 step" if branch.length == 1 else f"{branch.length} steps"
        text += origin if branch.parent else ""
        rows.append(Row(branch.name, here(branch.current), text))
    return rows


def export_rows(desk: Desk) -> list[Row]:
    """What can be written to a file, each in a few words."""
    return [Row(name, "", exporting.MEANINGS[name]) for name in exporting.names(desk)]


def here(is_ours: bool) -> str:
    """A word beside the one that we have."""
    return "here" if is_ours else ""


LISTS = {
    "scenes": Choosable("Scenes", "scene", scene_rows),
    "profiles": Choosable("Whose Raft?", "profile", profile_rows),
    "rules": Choosable("Safety rules: Enter switches one off, or on again", "rule", rule_rows),
    "conditions": Choosable("Run until", "until", condition_rows, is_free=True),
    "exports": Choosable("Write to a file", "export", export_rows),
    "branches": Choosable("Compare with a branch, or go there", "branch", branch_rows),
}
