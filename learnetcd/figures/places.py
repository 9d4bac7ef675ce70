"""Places: where each member of a ring stands, and by which lane a message goes from one to another.

            S1              members stand clockwise, the first one on top; two side by side
          ↗↙  ↘↖
        S3  ⇄  S2           messages keep to the right: a question and its answer do not meet

Next page: `flight`.
"""

from __future__ import annotations

from math import cos, hypot, pi, sin

from learnetcd.figures.svg import Point
from learnetcd.session.views import ClusterView

WIDTH, HEIGHT = 560, 420
MIDDLE = 280.0
TOP, BOTTOM = 98.0, 318.0
"""Where the highest and the lowest member stand."""

NOWHERE = (MIDDLE, 210.0)
"""Where a member is that has been taken out: a message to it may still be under way."""

CROWDED = 5
"""With more members than this, words stand only where there is room for them."""

SMALL = 13
"""The height of words that stand beside something."""

LANE = 9
"""How far a message keeps to the right of the straight line."""


def places_of(view: ClusterView) -> dict[int, Point]:
    """The middle of each member: the first one on top, the others clockwise."""
    count = len(view.members)
    if count <= 2:  # side by side
        across = [0.0] if count == 1 else [-150.0, 150.0]
        return {one.id: (MIDDLE + x, 210) for one, x in zip(view.members, across, strict=True)}
    angles = [2 * pi * place / count for place in range(count)]
    high = (BOTTOM - TOP) / (1 - min(map(cos, angles)))
    wide = high * {3: 1.15, 4: 1.4}.get(count, 1.35 if count == CROWDED else 1.7)
    return {
        one.id: (MIDDLE + wide * sin(angle), TOP + high * (1 - cos(angle)))
        for one, angle in zip(view.members, angles, strict=True)
    }


def radius_of(count: int) -> float:
    """How big a member is."""
    return 41 if count <= CROWDED else 34


def half_way(one: Point, other: Point) -> Point:
    """The point between."""
    return ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2)


def to_the_right(start: Point, end: Point) -> Point:
    """One unit to the right of somebody who goes from start to end."""
    across, down = end[0] - start[0], end[1] - start[1]
    length = hypot(across, down) or 1
    return (-down / length, across / length)


def lane(places: dict[int, Point], sender: int, receiver: int) -> tuple[Point, Point]:
    """Where a message leaves and where it arrives, at the edges of the two."""
    start, end = places.get(sender, NOWHERE), places.get(receiver, NOWHERE)
    across, down = end[0] - start[0], end[1] - start[1]
    length, right = hypot(across, down) or 1, to_the_right(start, end)
    edge = radius_of(len(places)) + 14
    aside = (LANE * right[0], LANE * right[1])
    return (
        (start[0] + across * edge / length + aside[0], start[1] + down * edge / length + aside[1]),
        (end[0] - across * edge / length + aside[0], end[1] - down * edge / length + aside[1]),
    )
