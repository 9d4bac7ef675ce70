"""Frames: a run as the widget shows it, moment by moment, for a page that has no kernel.

    recorded(session, "...")    {"walks": {"step": [frame, ...]}, "pieces": {"ring": ["<svg ..."]}}
    packed(recorded)            the same in letters

A seat is taken, as in a notebook, the keys that go along the run are pressed, and what a browser
would be told is kept. On the page the widget's own script shows it; in place of Python there is a
table that is looked up (`book.js`). So a page has no stepper but that of the notebooks.

From one step to the next, most panes stay as they were. What stood in a pane is kept once, and a
frame names its place: a run takes some tens of kilobytes.

Left out: whatever does something else than the run did. Such keys are grey, and say what to type.

Next page: `binding`.
"""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace

from learnetcd.desk.keys import KEYS
from learnetcd.figures.svg import element
from learnetcd.session.session import Grain, Session
from learnetcd.widgets import panes
from learnetcd.widgets.seat import NAMED, Seat

MOST = 60
"""A walk with more steps than this is left out: the book is to be small."""

WALKS = {"step": Grain.MESSAGE, "next_change": Grain.CHANGE, "effect": Grain.EFFECT}
"""The acts that go on, each by a grain of its own."""

SEEKS = ("back", "first", "last", "landmark_before", "landmark_after", "run", "safety")
"""What else can be done with frames alone."""

SPEED = "a step a second"

Frame = dict[str, object]


class Pieces:
    """All texts that stood in one pane, each kept once; it is named by its place in the list."""

    def __init__(self) -> None:
        """None yet."""
        self.places: dict[str, dict[str, int]] = {name: {} for name in panes.TITLES}

    def place(self, name: str, text: str) -> int:
        """The place of a text."""
        known = self.places[name]
        return known.setdefault(text, len(known))

    def listed(self) -> dict[str, list[str]]:
        """Pane by pane: what follows each other is nearly the same, so it packs well."""
        return {name: list(known) for name, known in self.places.items()}


def recorded(session: Session, needs: str) -> dict[str, object]:
    """From where the session stands to the end of its run; `needs` says what takes a kernel."""
    pieces = Pieces()
    walks = {act: walk(session, act, pieces) for act in WALKS if stops(session, act) <= MOST}
    walks.setdefault("step", walks["next_change"])
    acts = {name: key.act for name, key in NAMED.items() if key.act in (*walks, *SEEKS)}
    offered = ", ".join(f"[data-key='{name}']" for name in acts)
    return {
        "panes": [
            {"name": name, "title": title, "folded": name in panes.FOLDED}
            for name, title in panes.TITLES.items()
            if name != "why"  # nobody is there to answer
        ],
        "pieces": pieces.listed(),
        "walks": walks,
        "marks": sorted({mark.step for mark in session.landmarks()}),
        "acts": acts,
        "keys": list(NAMED),
        "greyed": f":not({offered}, [data-target^='step '])",
        "needs": needs,
        "refusal": element("p", needs, class_="notice"),
    }


def stops(session: Session, act: str) -> int:
    """How many frames such a walk would have."""
    beginning, count = session.view().step, 1
    while (view := session.view()).step < view.length:
        session.forward(WALKS[act])
        count += 1
    session.seek(beginning)
    return count


def walk(session: Session, act: str, pieces: Pieces) -> list[Frame]:
    """A frame for each stop on the way to the end; then the session stands where it stood."""
    beginning, label = session.view().step, next(key.label for key in KEYS if key.act == act)
    seat = Seat(session)
    frames = [frame(seat, pieces)]
    while (view := session.view()).step < view.length:
        seat.press(label)
        frames.append(frame(seat, pieces))
    session.seek(beginning)
    return frames


def frame(seat: Seat, pieces: Pieces) -> Frame:
    """What a browser would be told now; and how the panes look that tell that it runs."""
    sight = replace(seat.desk.sight(), speed=SPEED)
    runs = replace(sight, running=True)
    bodies = panes.panes(sight, seat.asked())
    return {
        "title": panes.page_title(sight),
        "step": sight.view.step,
        "said": panes.sentence_of(sight),
        "where": panes.where(sight),
        "bodies": {name: pieces.place(name, text) for name, text in bodies.items()},
        "running": {
            "head": pieces.place("head", panes.head(runs)),
            "keys": pieces.place("keys", panes.keys(runs)),
        },
    }


def packed(run: dict[str, object]) -> str:
    """Compressed, in letters."""
    plain = json.dumps(run, ensure_ascii=False)
    return base64.b64encode(zlib.compress(plain.encode(), 9)).decode()


def fold(name: str) -> str:
    """A part of a page: who unfolds it steps through the run of that name."""
    summary = f"<summary>Step through <code>{name}</code> here</summary>"
    return f'<details class="frames" data-run="{name}">{summary}</details>'


def file_of(name: str, session: Session, command: str) -> str:
    """The file `runs/NAME.js`, which such a part reads; `command` opens the run elsewhere."""
    needs = (
        "This is a recording, from its first step to its last. "
        f"To do something else, or to go on: {command}, or learnetcd lab."
    )
    return f'learnetcdRun("{name}", "{packed(recorded(session, needs))}");\n'
