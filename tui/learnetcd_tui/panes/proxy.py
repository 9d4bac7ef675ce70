"""The proxy, a row below the members: whom it would ask, whom it avoids, what it passes on.

     P  proxy :23790 asks S2 S1          │ PUT /v2/keys/msg → S2
        avoids S3                        │ GET /v2/keys/x → S2

It is no member, has no term and no log. Where those have theirs stands what is not answered yet,
and who is asked.

Next page: `flight`.
"""

from __future__ import annotations

from learnetcd.session.views import ProxyView
from learnetcd_tui.canvas import Line, Target
from learnetcd_tui.picture import Picture

HEIGHT = 2
TARGET = Target("proxy")


def draw_row(picture: Picture, proxy: ProxyView, left: int) -> list[Line]:
    """Both lines; `left`: the columns before the logs."""
    first = Line(" ").add("P", "chosen" if picture.chosen == TARGET else "follower", TARGET).to(4)
    port = proxy.url.rpartition(":")[2]
    first.add(f"proxy :{port}", "follower", TARGET).add(" ")
    if proxy.endpoints:
        first.add("asks ", "dim", TARGET).add(" ".join(proxy.endpoints), "strong", TARGET)
    else:
        first.add("knows nobody to ask", "warn", TARGET)
    second = Line("    ")
    if proxy.avoided:
        names = " ".join(name for name, _ in proxy.avoided)
        second.add("avoids ", "dim", TARGET).add(names, "warn", TARGET)
    else:
        second.add("avoids nobody", "dim", TARGET)
    return [
        line.fit(left).add("│", "rule").add(" ").append(asked)
        for line, asked in zip((first, second), under_way(proxy), strict=True)
    ]


def under_way(proxy: ProxyView) -> tuple[Line, Line]:
    """What waits longest, and what else does."""
    if not proxy.under_way:
        return Line("passes nothing on just now", "dim", TARGET), Line()
    lines = [
        Line(words, "candidate", TARGET).add(f" → {name}" if name else "", "strong", TARGET)
        for words, name in proxy.under_way[:HEIGHT]
    ]
    if more := len(proxy.under_way) - HEIGHT:
        lines[-1].add(f" and {more} more" if more > 0 else "", "dim", TARGET)
    return lines[0], lines[1] if len(lines) > 1 else Line()
