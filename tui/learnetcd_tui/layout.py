"""Where each pane stands, at each size of the terminal.

    120 columns                                80 columns
    header                                     header
    members and logs      | next               members and logs
    flight                | clients            tabs: next+story flight clients why ...
    tabs: story disk ...  | tabs: why keys     (one of them)
    timeline, status, keys                     timeline, status, keys

Where a lesson is read, it stands on the left from 110 columns on; else it is one more tab.

From 170 columns on, the source and the disk get a column of their own.

Next page: `picture`.
"""

from __future__ import annotations

from dataclasses import dataclass

Heights = tuple[int, int, int]
"""How many lines the members want: at best, without gaps between them, at least."""

SMALLEST = (60, 16)
BELOW = (
    (
        *("next", "flight", "clients", "explain", "source"),
        *("disk", "wire", "http", "keys", "safety", "tasks"),
    ),
)
BESIDE = (("story", "source", "disk", "wire", "http", "tasks"), ("explain", "keys", "safety"))
WIDE = (("story", "wire", "http", "tasks"), ("explain", "keys", "safety"))
"""For each layout, the groups of panes that share one place as tabs."""


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle of the screen."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The places of all panes that are seen, and which of them share one place as tabs."""

    places: dict[str, Place]
    groups: tuple[tuple[str, ...], ...]


def plan(
    width: int, height: int, members: Heights, recent: tuple[str, ...], guided: bool = False
) -> Plan:
    """Place everything; of panes that share a place, the one looked at most recently is seen."""
    if is_too_small(width, height):
        return Plan({"over": Place(0, 0, width, height)}, ((),))
    if guided and width >= 110:
        return beside_guide(min(64, width * 2 // 5), width, height, members, recent)
    bottom = {
        "header": Place(0, 0, width, 1),
        "timeline": Place(0, height - 3, width, 1),
        "status": Place(0, height - 2, width, 1),
        "footer": Place(0, height - 1, width, 1),
    }
    body = Place(0, 1, width, height - 4)
    if width < 110:
        groups = ((*BELOW[0], "guide"),) if guided else BELOW
        places = narrow(body, members, front(groups[0], recent))
        return Plan(bottom | places, groups)
    if width < 170:
        places = columns(body, members, 34 if width < 140 else 44)
        swap(places, BESIDE, recent)
        return Plan(bottom | places, BESIDE)
    third = min(76, width // 3)
    places = columns(Place(0, 1, width - third, body.height), members, 34)
    swap(places, WIDE, recent)
    source = body.height * 3 // 5
    places["source"] = Place(width - third, 1, third, source)
    places["disk"] = Place(width - third, 1 + source, third, body.height - source)
    return Plan(bottom | places, WIDE)


def beside_guide(
    left: int, width: int, height: int, members: Heights, recent: tuple[str, ...]
) -> Plan:
    """The guide on the left, and all else as if there were only the rest of the screen."""
    rest = plan(width - left, height, members, recent)
    places = {
        name: Place(place.x + left, place.y, place.width, place.height)
        for name, place in rest.places.items()
    }
    return Plan({"guide": Place(0, 0, left, height)} | places, rest.groups)


def is_too_small(width: int, height: int) -> bool:
    """Is there no room for the panes?"""
    return width < SMALLEST[0] or height < SMALLEST[1]


def front(group: tuple[str, ...], recent: tuple[str, ...]) -> str:
    """The pane of the group that was looked at last; at first the first one."""
    return next((name for name in recent if name in group), group[0])


def swap(
    places: dict[str, Place], groups: tuple[tuple[str, ...], ...], recent: tuple[str, ...]
) -> None:
    """Give the place of the first of each group to the one in front."""
    for group in groups:
        places[front(group, recent)] = places.pop(group[0])


def narrow(body: Place, members: Heights, tab: str) -> dict[str, Place]:
    """Members above; below them one tab, of which the first holds two panes side by side."""
    above = members_height(body, members, least_below=12 if tab == "guide" else 6)
    y, rest = body.y + above, body.height - above
    places = {"members": Place(0, body.y, body.width, above)}
    if tab == "next":
        side = 26 if body.width < 76 else 34 if body.width < 90 else 40
        places["next"] = Place(body.width - side, y, side, rest)
        places["story"] = Place(0, y, body.width - side, rest)
    else:
        places[tab] = Place(0, y, body.width, rest)
    return places


def columns(body: Place, members: Heights, side: int) -> dict[str, Place]:
    """Members, flight and story on the left; next, clients and a tab on the right."""
    left = body.width - side
    above = members_height(body, members, least_below=10)
    flight = min(8, max(5, (body.height - above) // 2))
    story = body.height - above - flight
    next_height = min(12, max(6, body.height // 3))
    clients = max(5, body.height // 4)
    places = {
        "members": Place(0, body.y, left, above),
        "flight": Place(0, body.y + above, left, flight),
        "story": Place(0, body.y + above + flight, left, story),
        "next": Place(left, body.y, side, next_height),
        "clients": Place(left, body.y + next_height, side, clients),
    }
    used = next_height + clients
    places["explain"] = Place(left, body.y + used, side, body.height - used)
    return places


def members_height(body: Place, members: Heights, least_below: int) -> int:
    """All that the members want if the panes below keep their least; else less."""
    for wanted in members:
        if body.height - wanted >= least_below:
            return wanted
    return min(max(members[-1], body.height - least_below), body.height - 4)
