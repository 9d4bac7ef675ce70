"""The clients: what each asked for, what it was told, and beside it what really holds.

    c1 put z=4 → S1   … pending
                        stored on 1 of 3

A client whose request timed out knows nothing: the write may have happened or not. So "unknown" is
an outcome of its own, and it stays even when we, who see the whole cluster, know better.

Next page: `story`.
"""

from __future__ import annotations

from learnetcd.session import signs
from learnetcd.session.views import ClientView
from learnetcd_tui.canvas import Line, Target, fit, wrap
from learnetcd_tui.picture import Picture

STYLES = {
    "pending": "candidate",
    "done": "good",
    "refused": "wall",
    "unknown": "warn",
    "watching": "candidate",
    "told": "good",
    "ended": "warn",
}


def draw(picture: Picture, width: int, height: int) -> list[Line]:
    """The last requests, the newest at the bottom."""
    if not picture.view.clients:
        return [
            Line(" nobody has asked for anything:", "dim"),
            Line(" P puts a key, G gets one", "dim"),
        ]
    lines: list[Line] = []
    for client in reversed(picture.view.clients):
        drawn = draw_client(client, width, picture.chosen)
        if len(lines) + len(drawn) > height:
            break
        lines = drawn + lines
    return lines


def draw_client(client: ClientView, width: int, chosen: Target | None) -> list[Line]:
    """One line where it fits, else two."""
    target = Target("client", index=client.id)
    style = STYLES.get(client.outcome, "")
    asked = f" c{client.id} {client.text.replace('->', '→')}"
    told = signs.told(client)
    truth = f"truth: {client.truth}" if client.truth else ""
    base = "chosen" if target == chosen else ""
    if width >= 70:
        line = Line(fit(asked, 26), base, target).add(fit(told, 22) + " ", style, target)
        return [line.add(fit(truth, width - line.width), "dim", target)]
    line = Line(asked, base, target)
    if line.width + len(told) + 2 <= width:
        lines = [line.right(told + " ", width, style, target)]
    else:
        lines = [line, Line(f"    {told}", style, target)]
    return lines + [Line(f"    {row}", "dim", target) for row in wrap(truth, width - 5)]
