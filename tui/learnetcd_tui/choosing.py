"""Arrow keys: what is chosen next when somebody moves inside a pane.

    members    up, down: another member (of an entry: the same index there); left, right: an entry
    flight, next, clients, story    up, down: another line
    timeline   left, right: a step
    disk       up, down: another record
    the others up, down: scroll

Next page: `app`.
"""

from __future__ import annotations

from collections.abc import Sequence

from learnetcd_tui.canvas import Target
from learnetcd_tui.panes import disk, flight, proxy
from learnetcd_tui.picture import Picture


def moved(picture: Picture, direction: str) -> Target | None:
    """What the arrow leads to from what is chosen; None where there is no list."""
    by = 1 if direction in ("down", "right") else -1
    view = picture.view
    if picture.focus == "timeline":
        return Target("step", index=max(0, min(view.length, view.step + by)))
    if picture.focus == "members" and direction in ("left", "right"):
        return beside(picture, by)
    if direction in ("left", "right"):
        return None
    match picture.focus:
        case "next":
            place = max(0, min(len(picture.choices) - 1, picture.cursor + by))
            return Target("choice", index=place)
        case "members":
            return above_or_below(picture, by)
        case "flight":
            return another([flight.target_of(packet) for packet in view.packets], picture, by)
        case "clients":
            targets = [Target("client", index=client.id) for client in view.clients]
            return another(targets, picture, by)
        case "story":
            targets = [Target("event", index=n.step, event=n.event_id) for n in picture.story]
            return another(targets, picture, by)
        case "disk":
            return another(disk.targets(picture), picture, by)
        case _:
            return None


def another(targets: Sequence[Target], picture: Picture, by: int) -> Target | None:
    """The neighbour in a list; where none is chosen yet, the last one (the newest)."""
    if not targets:
        return None
    if picture.chosen not in targets:
        return targets[-1] if by < 0 else targets[0]
    return targets[max(0, min(len(targets) - 1, targets.index(picture.chosen) + by))]


def above_or_below(picture: Picture, by: int) -> Target:
    """Another member, or the proxy below; if an entry is chosen, that at the same index there."""
    ids = [member.id for member in picture.view.members]
    place = ids.index(picture.member) if picture.member in ids else 0
    if picture.chosen == proxy.TARGET:
        return Target("member", member=picture.member) if by < 0 else proxy.TARGET
    if picture.view.proxy is not None and place + by == len(ids):
        return proxy.TARGET
    member = ids[max(0, min(len(ids) - 1, place + by))]
    if picture.chosen and picture.chosen.kind == "entry":
        return Target("entry", member=member, index=picture.chosen.index)
    return Target("member", member=member)


def beside(picture: Picture, by: int) -> Target | None:
    """The entry beside the chosen one; the last one, where none is chosen yet."""
    member = picture.chosen_member
    if member is None or not member.last_index:
        return None
    index = member.last_index
    if picture.chosen and picture.chosen.kind == "entry":
        index = max(1, min(member.last_index, picture.chosen.index + by))
    return Target("entry", member=member.id, index=index)
