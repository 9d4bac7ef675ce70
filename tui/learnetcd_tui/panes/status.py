"""The line above the keys: where we stand, what is chosen, the last answer.

Next page: `footer`.
"""

from __future__ import annotations

from learnetcd_tui.canvas import Line, Target, fit
from learnetcd_tui.panes.clients import SIGNS
from learnetcd_tui.picture import Picture


def draw(picture: Picture, width: int, height: int) -> list[Line]:
    """One line."""
    view = picture.view
    line = Line(
        " RUNNING " if picture.running else " paused ", "focus" if picture.running else "dim"
    )
    line.add(f" step {view.step}", "strong")
    line.add(f" of {view.length}" if view.length > view.step else "", "dim")
    line.add(f"   {picture.speed}", "dim") if picture.speed else None
    line.add(f"   ? {name_of(picture.chosen)}", "dim") if picture.chosen else None
    if picture.notice:
        line.add("   ").add(fit(picture.notice, width - line.width - 1), "key")
    elif view.clients and width < 110:  # where the clients have no pane in sight
        client = view.clients[-1]
        sign, style = SIGNS.get(client.outcome, ("", ""))
        words = f"c{client.id} {client.text} {sign} {client.outcome} "
        line.right(words.replace("->", "→"), width, style, Target("client", index=client.id))
    return [line]


def name_of(target: Target) -> str:
    """The chosen thing in words."""
    match target.kind:
        case "entry":
            return f"entry {target.index} at S{target.member}"
        case "message":
            return f"message S{target.link[0]}→S{target.link[1]}"
        case "client":
            return f"client c{target.index}"
        case "event":
            return f"what happened at step {target.index}"
        case "term":
            return f"term {target.index}"
        case _:
            return (
                f"S{target.member}'s {target.kind}"
                if target.kind != "member"
                else f"S{target.member}"
            )
