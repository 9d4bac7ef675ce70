"""The line above the keys: where we stand, what is chosen, the last answer.

An answer that is too long for what is left of the line goes on in the line of the keys.

Next page: `footer`.
"""

from __future__ import annotations

from learnetcd.session.signs import OUTCOMES, told
from learnetcd.session.views import ClientView
from learnetcd.tracing import member_name
from learnetcd_tui.canvas import Line, Target, width_of, wrap
from learnetcd_tui.panes.clients import STYLES
from learnetcd_tui.picture import Picture


def draw(picture: Picture, width: int, height: int) -> list[Line]:
    """One line."""
    line, words = where(picture), Line()
    words.add(f"   {picture.speed}", "dim") if picture.speed else None
    words.add(f"   ? {name_of(picture.chosen)}", "dim") if picture.chosen else None
    notice = split_notice(picture, width)[0]
    if line.width + words.width + 3 + width_of(notice) < width:
        line.append(words)
    if notice:
        line.add("   ").add(notice, "key")
    elif picture.view.clients and width < 110:  # where the clients have no pane in sight
        add_client(line, picture.view.clients[-1], width)
    return [line]


def where(picture: Picture) -> Line:
    """Running or paused, and at which step."""
    view = picture.view
    line = Line(
        " RUNNING " if picture.running else " paused ", "focus" if picture.running else "dim"
    )
    line.add(f" step {view.step}", "strong")
    return line.add(f" of {view.length}" if view.length > view.step else "", "dim")


def split_notice(picture: Picture, width: int) -> tuple[str, str]:
    """What the desk has to say: what fits into this line, and what goes on in the next."""
    rows = wrap(picture.notice, width - where(picture).width - 4)
    return (rows[0], " ".join(rows[1:])) if rows else ("", "")


def add_client(line: Line, client: ClientView, width: int) -> None:
    """What was asked last, and what came of it."""
    request = f"c{client.id} {client.text} ".replace("->", "→")
    target, style = Target("client", index=client.id), STYLES.get(client.outcome, "")
    whole, short = told(client), f"{OUTCOMES.get(client.outcome, '•')} {client.outcome}"
    has_room = line.width + width_of(f"{request}{whole} ") < width
    line.right(f"{request}{whole if has_room else short} ", width, style, target)


def name_of(target: Target) -> str:
    """The chosen thing in words."""
    match target.kind:
        case "entry":
            return f"entry {target.index} at {member_name(target.member)}"
        case "message":
            return f"message {member_name(target.link[0])}→{member_name(target.link[1])}"
        case "client":
            return f"client c{target.index}"
        case "event":
            return f"what happened at step {target.index}"
        case "record":
            return f"record {target.index} of {member_name(target.member)}"
        case "term":
            return f"term {target.index}"
        case "proxy":
            return "the proxy"
        case _:
            return (
                f"{member_name(target.member)}'s {target.kind}"
                if target.kind != "member"
                else f"{member_name(target.member)}"
            )
