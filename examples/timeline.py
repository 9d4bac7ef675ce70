"""A timeline of `round_robin.py`: a lane for each backend, and what happened on it.

    a   o  o  o   o  o   o   o      o     a request, answered
    b   o  o | x                    x     asked in vain
    c   o  o   o  o | o             |     killed, started, told to leave
    d             |   o  o   o

Behind it all, a bar for as long as the backend is listed in etcd.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import trio

from learnetcd.figures.svg import Markup, element, line, picture, strip, words

LEFT, WIDTH, TOP, LANE = 60, 740, 80, 62
LOOKS = {"is killed": "fault", "is started": "commit", "is told to leave": "leader"}


@dataclass(slots=True)
class Run:
    """What happened to whom, and when, in seconds since the first request."""

    names: str
    """Of the backends, a letter each."""
    began_at: float = field(default_factory=trio.current_time)
    answers: list[tuple[float, str]] = field(default_factory=list)
    """Who answered the client."""
    errors: list[tuple[float, str]] = field(default_factory=list)
    """What the client was told instead."""
    failures: list[tuple[float, str]] = field(default_factory=list)
    """Whom the front door asked in vain."""
    listed: list[tuple[float, list[str]]] = field(default_factory=list)
    """Who was listed from then on."""
    deeds: list[tuple[float, str, str]] = field(default_factory=list)
    """Who was killed, started or told to leave."""

    def now(self) -> float:
        """Tell the time."""
        return trio.current_time() - self.began_at

    def verdict(self) -> str:
        """Say how it went."""
        return (
            f"{len(self.answers)} requests answered, {len(self.errors)} errors seen by the "
            f"client; asked in vain: {len(self.failures)}."
        )


def drawn(run: Run, seconds: float) -> str:
    """The timeline as SVG."""
    bottom = TOP + LANE * len(run.names)

    def across(at: float) -> float:
        return LEFT + WIDTH * min(at / seconds, 1)

    def down(name: str) -> float:
        return TOP + LANE * run.names.index(name)

    inside = [words(24, 28, run.verdict()), *(words(24, down(one), one) for one in run.names)]
    for second in range(round(seconds) + 1):
        x = across(second)
        inside += [
            line((x, TOP - 30), (x, bottom - 28)),
            words(x, bottom - 14, f"{second}", at="middle"),
        ]
    ends = [at for at, _ in run.listed[1:]] + [seconds]
    for (since, names), until in zip(run.listed, ends, strict=True):
        inside += [bar(across(since), across(until), down(name)) for name in names]
    for at, name in run.answers:
        inside.append(dot(across(at), down(name)))
    for at, name in run.failures:
        inside.append(cross(across(at), down(name)))
    for at, name, deed in run.deeds:
        x, y, look = across(at), down(name), LOOKS[deed]
        inside += [
            line((x, y - 28), (x, y + 14), look, 2),
            strip(x + 6, y - 21, deed, look, size=13),
        ]
    legend = "dot: answered · cross: asked in vain · bar: in the list · below: seconds"
    inside.append(words(LEFT, bottom + 10, legend, "dim", size=13))
    told = "; ".join(f"at {at:.1f} s {name} {deed}" for at, name, deed in run.deeds)
    return picture(
        LEFT + WIDTH + 40, bottom + 34, "Round robin", f"{run.verdict()} {told}.", *inside
    )


def bar(start: float, end: float, y: float) -> Markup:
    """So long a backend was listed."""
    size = {"x": start, "y": y - 9, "width": end - start, "height": 18.0}
    return element("rect", **size, class_="durable", fill="currentColor", fill_opacity="0.2")


def dot(x: float, y: float) -> Markup:
    """A request that was answered."""
    return element("circle", cx=x, cy=y, r=3.5, class_="commit", fill="currentColor")


def cross(x: float, y: float) -> Markup:
    """An attempt in vain."""
    slopes = (5, -5)
    return Markup("".join(line((x - 5, y - up), (x + 5, y + up), "fault", 2) for up in slopes))
