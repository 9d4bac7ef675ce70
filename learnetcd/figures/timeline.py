"""The timeline: every step of a run from left to right, and each branch on a line of its own.

    ├──e─L───c──c──▲ ─ ─ ─ ─ ─ ─ main
                └──f──c── cut at 12

`e` an election, `L` a leader, `c` a commit, `f` a fault, `!` a violation; `▲` is where we stand.
What is ahead is dashed. The line is as long as 32 steps, and when a run outgrows it as 64, 128 ...:
so the marks stay where they are while the run grows, but for the steps at which the scale doubles.

Next page: `cluster_map`.
"""

from __future__ import annotations

from collections.abc import Sequence

from learnetcd.figures.svg import Markup, element, group, line, words
from learnetcd.session.signs import LANDMARKS
from learnetcd.session.views import BranchView, ClusterView, LandmarkView

WIDTH = 560
LEFT, RIGHT = 14, 546
ROW = 24
MOST_BRANCHES = 5
LOOKS = {
    "commit": "commit",
    "election": "candidate",
    "leader": "leader",
    "fault": "fault",
    "violation": "fault",
}


def height_of(branches: Sequence[BranchView]) -> float:
    """How high it is."""
    return 40 + ROW * (len(shown(branches)) - 1)


def shown(branches: Sequence[BranchView]) -> list[BranchView]:
    """Our branch first, then the last ones of the others."""
    others = [one for one in branches if not one.current]
    return [one for one in branches if one.current] + others[-(MOST_BRANCHES - 1) :]


def timeline(
    view: ClusterView, landmarks: Sequence[LandmarkView], branches: Sequence[BranchView]
) -> Markup:
    """Each branch, the marks of ours, and where we stand."""
    lanes = shown(branches)
    scale = Scale(max([view.length, *(one.length for one in lanes)]))
    rows = {one.name: 18 + ROW * place for place, one in enumerate(lanes)}
    parts = [branch(one, rows, scale, view.step) for one in lanes]
    strength = list(LANDMARKS)
    strongest: dict[float, LandmarkView] = {}
    signed = [mark for mark in landmarks if mark.kind in LANDMARKS]
    for mark in sorted(signed, key=lambda mark: strength.index(mark.kind)):
        strongest[scale.at(mark.step)] = mark
    parts += [landmark(x, mark) for x, mark in strongest.items()]
    parts += [step_area(step, scale) for step in range(0, view.length + 1, scale.each)]
    x = scale.at(view.step)
    here = group(
        words(x, 32, "▲", "leader", at="middle", size=13),
        transform="translate(0,0)",
        data_id="here",
    )
    return Markup("".join(parts) + here)


class Scale:
    """Where a step stands."""

    def __init__(self, length: int) -> None:
        """Room for so many steps."""
        self.room = 32
        while self.room < length:
            self.room *= 2
        self.each = max(1, self.room // 128)
        """Where steps are too close to be hit, only each so-manieth can be."""

    def at(self, step: int) -> float:
        """How far from the left."""
        return LEFT + (RIGHT - LEFT) * step / self.room


def branch(one: BranchView, rows: dict[str, int], scale: Scale, here: int) -> Markup:
    """A line from where it parts; ours is whole up to where we stand."""
    y, start, end = rows[one.name], scale.at(one.parts_at), scale.at(one.length)
    if one.current:
        behind = line((LEFT, y), (scale.at(here), y), "ink", 2)
        return Markup(behind + line((scale.at(here), y), (max(end, LEFT + 1), y), "dim", 2, "3 4"))
    from_ours = rows.get(one.parent, rows[next(iter(rows))])
    name = f"┬ {one.name}"
    at_right = end + 6 if end < RIGHT - 150 else start
    return group(
        line((start, from_ours), (start, y), "rule", 1.5),
        line((start, y), (end, y), "dim", 1.5),
        words(at_right, y - (0 if at_right > end else 7), name, "durable", size=11),
        tip=f"branch {one.name}: {one.length} steps",
        data_target=f"branch {one.name}",
    )


def landmark(x: float, mark: LandmarkView) -> Markup:
    """A letter on the line."""
    ground = element("circle", cx=x, cy=18, r=7, class_="paper", fill="currentColor")
    sign = words(x, 17, LANDMARKS[mark.kind], LOOKS[mark.kind], at="middle", size=12)
    return group(ground, sign, tip=f"step {mark.step}: {mark.text}")


def step_area(step: int, scale: Scale) -> Markup:
    """Where a click goes to a step."""
    width = scale.at(scale.each) - scale.at(0)
    return group(
        element("rect", x=scale.at(step) - width / 2, y=6, width=width, height=30, opacity=0),
        tip=f"step {step}",
        data_target=f"step {step}",
    )
