"""The ring: the members, each with its timer as an arc, and the messages on their way between them.

           ◆ S1 leader
          ╱            ╲
     append            append
        ▼                ╲
     ● S3       ✕        ● S2        a wall stands across a link that is cut

Each thing has a name (`data-id`), so that a view which moves from one picture to the next knows
what is the same, and says what it stands for (`data-target`), so that it can be chosen.

Left out: logs, which are compared in rows (`logs`).

Next page: `logs`.
"""

from __future__ import annotations

from learnetcd.figures.flight import flight
from learnetcd.figures.members import members
from learnetcd.figures.places import CROWDED, HEIGHT, WIDTH, half_way, places_of, to_the_right
from learnetcd.figures.svg import Markup, Point, group, line, words
from learnetcd.session.views import ClusterView

__all__ = ["HEIGHT", "WIDTH", "ring"]


def ring(view: ClusterView, chosen: int = 0) -> Markup:
    """Links, then messages, then members: what stands later covers what stands earlier."""
    places = places_of(view)
    parts = [
        links(view, places),
        flight(view, places, has_words=len(places) <= CROWDED),
        members(view, places, chosen),
    ]
    return Markup("".join(parts))


def links(view: ClusterView, places: dict[int, Point]) -> Markup:
    """A thin line between each two; a wall across it where it is cut, half of one for one way."""
    drawn = []
    for one, start in places.items():
        for other, end in places.items():
            if one < other:
                cut = [pair in view.cuts for pair in ((one, other), (other, one))]
                drawn.append(line(start, end, "rule", 1, "2 5" if any(cut) else ""))
                if all(cut):
                    drawn.append(wall(start, end, -17, 17))
                elif cut[0]:
                    drawn.append(wall(start, end, 2, 17))
                elif cut[1]:
                    drawn.append(wall(start, end, -17, -2))
    return Markup("".join(drawn))


def wall(start: Point, end: Point, first: float, last: float) -> Markup:
    """A bar across the middle of a link, from one side of it to the other, and a cross."""
    middle, right = half_way(start, end), to_the_right(start, end)
    ends = [(middle[0] + side * right[0], middle[1] + side * right[1]) for side in (first, last)]
    at = half_way(*ends)
    return group(
        line(ends[0], ends[1], "fault", 5),
        words(at[0] + 12, at[1] - 12, "✕", "fault", at="middle"),
        tip="the link is cut",
    )
