"""The messages in flight: each stands on its lane where it is by now.

     S1 ━━━━━━━▶╌╌╌╌ S2       behind it the lane is whole, before it dotted
           append             what it is stands beside the lane, with a star if it is new

A message that is held or that a cut stands in the way of says so. Each knows where it comes from
and where it goes (`data-from`, `data-to`): a view that moves from one picture to the next lets it
fly.

Next page: `members`.
"""

from __future__ import annotations

from math import hypot

from learnetcd.figures.places import SMALL, lane, to_the_right
from learnetcd.figures.svg import (
    Markup,
    Point,
    element,
    group,
    line,
    polygon,
    value_text,
    width_of,
    words,
)
from learnetcd.session.signs import fate
from learnetcd.session.views import ClusterView, PacketView
from learnetcd.tracing import member_name


def flight(view: ClusterView, places: dict[int, Point], *, has_words: bool) -> Markup:
    """All messages, and beside each lane what is on it."""
    parts = [packet(one, *lane(places, *one.link), before) for one, before in in_rows(view)]
    if has_words:
        parts += [kinds(sent, *lane(places, *link)) for link, sent in by_link(view).items()]
    return Markup("".join(parts))


def by_link(view: ClusterView) -> dict[tuple[int, int], list[PacketView]]:
    """The messages of each link."""
    links: dict[tuple[int, int], list[PacketView]] = {}
    for one in view.packets:
        links.setdefault(one.link, []).append(one)
    return links


def in_rows(view: ClusterView) -> list[tuple[PacketView, int]]:
    """Each message, and how many stand before it at the same place, the first one on top."""
    rows = []
    for sent in by_link(view).values():
        places = [round(8 * done(one)) for one in sent]
        rows += [(one, places[:n].count(places[n])) for n, one in enumerate(sent)]
    return rows[::-1]


def done(packet: PacketView) -> float:
    """How much of its way a message has behind it."""
    return packet.sent_ms_ago / max(1, packet.sent_ms_ago + packet.arrives_in_ms)


def look_of(packet: PacketView) -> str:
    """Whether it will arrive."""
    return "fault" if packet.blocked else "leader" if packet.held else "candidate"


def packet(view: PacketView, start: Point, end: Point, before: int) -> Markup:
    """A head on its lane, which is whole behind it and dotted before it."""
    part = min(1.0, max(0.0, done(view) - 0.11 * before))
    at = (start[0] + part * (end[0] - start[0]), start[1] + part * (end[1] - start[1]))
    look = look_of(view)
    sender, receiver = view.link
    name = f"message-{sender}-{receiver}-{view.number}-{view.copy_number}"
    trail = Markup(line(start, at, look, 2) + line(at, end, look, 1, "2 4"))
    return Markup(
        group(trail, data_id=f"lane-{name}", class_="lane")
        + group(
            arrow_head(start, end, look, view.copy),
            tip=f"{member_name(sender)} → {member_name(receiver)} {view.text}, {fate(view)}",
            transform=f"translate({value_text(at[0])},{value_text(at[1])})",
            data_id=name,
            data_from=f"{value_text(start[0])},{value_text(start[1])}",
            data_to=f"{value_text(end[0])},{value_text(end[1])}",
            data_target=f"message {sender} {receiver} {view.number}",
            class_="message",
        )
    )


def arrow_head(start: Point, end: Point, look: str, is_copy: bool) -> Markup:
    """Where it goes; a copy is hollow."""
    across, down = end[0] - start[0], end[1] - start[1]
    length = hypot(across, down) or 1
    ahead, right = (across / length, down / length), to_the_right(start, end)
    corners = [
        (along * ahead[0] + aside * right[0], along * ahead[1] + aside * right[1])
        for along, aside in ((9, 0), (-7, 7), (-4, 0), (-7, -7))
    ]
    if not is_copy:
        return polygon(corners, look)
    points = " ".join(f"{value_text(x)},{value_text(y)}" for x, y in corners)
    return element("polygon", points=points, class_=look, fill="none", stroke="currentColor")


def kinds(sent: list[PacketView], start: Point, end: Point) -> Markup:
    """What is on its way there, in words beside the lane."""
    said = " + ".join(dict.fromkeys(one.kind for one in sent))
    said = f"{'*' if any(one.new for one in sent) else ''}{said}{hindrance(sent[0])}"
    if len(sent) > 1 and "+" not in said:
        said += f" ({len(sent)})"
    right = to_the_right(start, end)
    lies_flat = abs(right[1]) > 0.7
    if lies_flat and width_of(said, SMALL) > abs(end[0] - start[0]):  # members would hide the rest
        said = f"{len(sent)} messages"
    width = width_of(said, SMALL) + 8
    from_lane = 4 + 9 * abs(right[1]) + width / 2 * abs(right[0])
    at = (start[0] + NEAR * (end[0] - start[0]), start[1] + NEAR * (end[1] - start[1]))
    x, y = (
        at[0] + from_lane * right[0],
        at[1] + (from_lane if lies_flat else 12) * right[1],
    )
    if lies_flat:
        left, farthest = sorted((start[0], end[0]))
        x = min(max(x, left + width / 2), farthest - width / 2)
    ground = element(
        "rect", x=x - width / 2, y=y - 8, width=width, height=16, rx=4, class_="paper",
        fill="currentColor", opacity=0.85,
    )  # fmt: skip
    return Markup(ground + words(x, y, said, look_of(sent[0]), at="middle", size=SMALL))


NEAR = 0.35
"""Words about a lane stand nearer to its start: so those of the two directions do not meet."""


def hindrance(view: PacketView) -> str:
    """The sign of what keeps a message from arriving."""
    return " ✕" if view.blocked else " ‖" if view.held else ""
