"""A graph: boxes and arrows that say what leads to what, and graphviz says where they stand.

    Graph("Roles", "...", boxes=(Box("follower", ("follower",)), Box("leader", ("leader",))),
          arrows=(Arrow("leader", "follower", "a higher term"),))

Where each box stands, nobody has to decide by hand: graphviz does (`layout`). We tell it how large
the boxes are, take the places from it, and draw by ourselves; so a graph looks like our other
pictures, in light and in dark. On a machine without graphviz there is no picture, but still the
words, and the text that graphviz would read.

Next page: `role_diagram`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from textwrap import wrap

from learnetcd.figures.figure import Figure
from learnetcd.figures.layout import Layout, Route, layout
from learnetcd.figures.svg import (
    HEAD,
    Markup,
    Point,
    element,
    picture,
    polygon,
    strip,
    value_text,
    width_of,
    words,
)
from learnetcd.value import dataclass

LETTERS = 13
"""The height of the words on arrows."""

LINE = 19
"""From one line of words to the next."""

HEADLINE = 44
"""Room for the title above all."""


@dataclass(frozen=True, slots=True)
class Box:
    """One thing that leads to others."""

    name: str
    """What arrows call it by."""
    lines: tuple[str, ...]
    """What is written in it: a name first."""
    said: str = ""
    """What the text says after that name; without it, the other lines."""
    look: str = "ink"
    strong: bool = False
    """Drawn with a thick edge: this is what the picture is about."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """One thing leads to another."""

    tail: str
    head: str
    said: str = ""
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Graph:
    """Boxes and arrows."""

    title: str
    description: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]

    def figure(self) -> Figure:
        """Draw it, if anything on this machine can lay it out."""
        dot = "\n".join(dot_lines(self)) + "\n"
        placed = layout(dot)
        svg = drawn(self, placed) if placed else ""
        return Figure(svg=svg, text="\n".join(text_lines(self)) + "\n", dot=dot)


def folded(said: str, columns: int = 26) -> tuple[str, ...]:
    """A sentence in short lines."""
    return tuple(wrap(said, columns))


# --- what graphviz is told ------------------------------------------------------------------------


def dot_lines(graph: Graph) -> Iterable[str]:
    """The graph in graphviz's language; sizes are in inches there, 72 of our units each."""
    yield "digraph {"
    yield f"  label={quoted(graph.title)}; labelloc=t; nodesep=0.35; ranksep=0.45;"
    yield "  node [shape=box, style=rounded, fixedsize=true, fontname=Courier, fontsize=15];"
    yield f"  edge [arrowhead=none, fontname=Courier, fontsize={LETTERS + 2}];"
    for box in graph.boxes:
        width, height = size_of(box)
        inches = f"width={width / 72:.2f}, height={height / 72:.2f}"
        yield f"  {quoted(box.name)} [{inches}, label={quoted(*box.lines)}];"
    for arrow in graph.arrows:
        style = ", style=dashed" if arrow.dashed else ""
        ends = f"{quoted(arrow.tail)} -> {quoted(arrow.head)}"
        yield f"  {ends} [label={quoted(*folded(arrow.said, 22))}{style}];"
    yield "}"


def quoted(*lines: str) -> str:
    """Words as DOT takes them."""
    inner = "\\n".join(one.replace("\\", "\\\\").replace('"', '\\"') for one in lines)
    return f'"{inner}"'


def size_of(box: Box) -> tuple[float, float]:
    """How large a box must be for its words."""
    return (max(map(width_of, box.lines)) + 28, LINE * len(box.lines) + 16)


# --- what is drawn --------------------------------------------------------------------------------


def drawn(graph: Graph, placed: Layout) -> str:
    """The picture, with everything where graphviz wants it."""
    width = max(placed.width + 32, width_of(graph.title) + 32)
    left = (width - placed.width) / 2
    routes = list(placed.routes)
    arrows = [_arrow(arrow, _take(routes, arrow), left) for arrow in graph.arrows]
    boxes = [_box(box, _moved(placed.centres[box.name], left)) for box in graph.boxes]
    return picture(
        width,
        placed.height + HEADLINE + 20,
        graph.title,
        graph.description,
        words(width / 2, 22, graph.title, at="middle"),
        *arrows,
        *boxes,
    )


def _moved(point: Point, left: float) -> Point:
    return (point[0] + left, point[1] + HEADLINE)


def _take(routes: list[Route], arrow: Arrow) -> Route:
    """The way of an arrow; two between the same boxes get one each."""
    route = next(one for one in routes if (one.tail, one.head) == (arrow.tail, arrow.head))
    routes.remove(route)
    return route


def _box(box: Box, centre: Point) -> Markup:
    (x, y), (width, height) = centre, size_of(box)
    place = {"x": x - width / 2, "y": y - height / 2, "width": width, "height": height, "rx": 9}
    edge = 3 if box.strong else 1.4
    top = y - LINE * (len(box.lines) - 1) / 2
    return Markup(
        element("rect", class_="paper", fill="currentColor", **place)
        + element(
            "rect", class_=box.look, fill="none", stroke="currentColor", stroke_width=edge, **place
        )
        + "".join(
            words(x, top + LINE * number, said, box.look if number == 0 else "ink", at="middle")
            for number, said in enumerate(box.lines)
        )
    )


def _arrow(arrow: Arrow, route: Route, left: float) -> Markup:
    """A curve with a head, and words beside it on a strip of paper."""
    points = [_moved(point, left) for point in route.points]
    start, *rest = points
    path = f"M{_pair(start)}C{' '.join(map(_pair, rest))}"
    dash = "5 4" if arrow.dashed else None
    look = "dim" if arrow.dashed else "ink"
    curve = element(
        "path", d=path, class_=look, fill="none", stroke="currentColor", stroke_width=1.4,
        stroke_dasharray=dash,
    )  # fmt: skip
    return Markup(curve + polygon(_head(points), look) + _said(arrow, route, left))


def _pair(point: Point) -> str:
    return ",".join(map(value_text, point))


def _head(points: Sequence[Point]) -> tuple[Point, ...]:
    """The head of an arrow, in the direction in which its curve ends."""
    (x, y), before = points[-1], points[-2]
    if before == points[-1]:
        before = points[-3]
    length = ((x - before[0]) ** 2 + (y - before[1]) ** 2) ** 0.5 or 1
    dx, dy = HEAD * (x - before[0]) / length, HEAD * (y - before[1]) / length
    return ((x, y), (x - dx - dy / 2, y - dy + dx / 2), (x - dx + dy / 2, y - dy - dx / 2))


def _said(arrow: Arrow, route: Route, left: float) -> Markup:
    if not arrow.said or route.label_at is None:
        return Markup()
    x, y = _moved(route.label_at, left)
    lines = folded(arrow.said, 22)
    top = y - (LETTERS + 2) * (len(lines) - 1) / 2
    return Markup(
        "".join(
            strip(x, top + (LETTERS + 2) * number, said, "ink", "middle", LETTERS)
            for number, said in enumerate(lines)
        )
    )


# --- the words ------------------------------------------------------------------------------------


def text_lines(graph: Graph) -> Iterable[str]:
    """Every box, and under it where its arrows lead."""
    yield graph.title
    names = {box.name: box.lines[0] for box in graph.boxes}
    for box in graph.boxes:
        said = box.said or " ".join(box.lines[1:])
        yield f"  {box.lines[0]}{': ' * bool(said)}{said}"
        for arrow in graph.arrows:
            if arrow.tail == box.name:
                said = f": {arrow.said}" if arrow.said else ""
                yield f"    → {names[arrow.head]}{said}"
