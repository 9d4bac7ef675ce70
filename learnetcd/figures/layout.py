"""A layout: where the boxes of a graph stand, found by graphviz.

    digraph { a [width=1, height=0.5]; b [width=1, height=0.5]; a -> b }

    graph 1 1 1.5                                   its plain form: inches, from the lower left
    node a 0.5 1.25 1 0.5 a solid box black lightgrey
    node b 0.5 0.25 1 0.5 b solid box black lightgrey
    edge a b 4 0.5 1 0.5 0.8 0.5 0.7 0.5 0.5 solid black
    stop

Whichever is there is asked: the `dot` of the machine, or else the one that comes as a package
(`graphviz-pure`, with the extra `lab`). Without either there is no layout, and whoever wants a
picture is told so in words.

This is the one page of the package that leaves Python.

Source: graphviz, Output Formats, plain.

Next page: `graph`.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import which

from learnetcd.figures.svg import Point
from learnetcd.value import dataclass

PATIENCE_S = 20
"""A graph that takes longer is not one of ours."""

WAY_OUT = (
    "Nothing on this machine can lay out this picture. Install graphviz, or "
    "`pip install 'learnetcd[lab]'`; as text and as dot you can have it without."
)


@dataclass(frozen=True, slots=True)
class Route:
    """The way of one arrow."""

    tail: str
    head: str
    points: tuple[Point, ...]
    """A start, and three points for each piece of the curve."""
    label_at: Point | None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything is, in units of our pictures, from the upper left."""

    width: float
    height: float
    centres: dict[str, Point]
    routes: tuple[Route, ...]


def layout(dot: str) -> Layout | None:
    """Lay out a graph; None if nothing on this machine can."""
    program = engine()
    if program is None:
        return None
    done = subprocess.run(
        [program, "-Kdot", "-Tplain"],
        input=dot,
        capture_output=True,
        check=True,
        encoding="utf-8",
        timeout=PATIENCE_S,
    )
    return read(done.stdout)


def engine() -> str | None:
    """The program that lays out, if there is one."""
    beside_python = Path(sys.executable).parent / "graphviz-pure"
    return which("dot") or which("graphviz-pure") or which(str(beside_python))


def read(plain: str) -> Layout:
    """Read what graphviz answered."""
    centres: dict[str, Point] = {}
    routes: list[Route] = []
    width = height = 0.0
    for line in statements(plain):
        match shlex.split(line):
            case ["graph", _, across, down]:
                width, height = 72 * float(across), 72 * float(down)
            case ["node", name, x, y, *_]:
                centres[name] = (72 * float(x), height - 72 * float(y))
            case ["edge", tail, head, count, *rest]:
                numbers = [72 * float(one) for one in rest[: 2 * int(count)]]
                points = [(x, height - y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
                label_at = None
                if len(said := rest[2 * int(count) :]) == 5:  # words, x, y, style, colour
                    label_at = (72 * float(said[1]), height - 72 * float(said[2]))
                routes.append(Route(tail, head, tuple(points), label_at))
    return Layout(width, height, centres, tuple(routes))


def statements(plain: str) -> Iterator[str]:
    """Its lines; one that is too long was broken with a backslash at its end."""
    yield from plain.replace("\\\n", "").splitlines()
