"""Frames: a run as pictures, one for each step, to be gone through on a page that has no kernel.

    frames_of(session)      [Frame(picture="<svg ...", said=("S2 is a candidate now ...",)), ...]
    packed(frames)          the same in letters, for the script of the page (`book.js`)

The page does not simulate: it shows what was drawn when the book was made. Pictures that follow
each other are nearly the same, so packed together they take a few hundred bytes each.

Left out: acts. Whoever wants to do something else opens the scene.

Next page: `binding`.
"""

from __future__ import annotations

import base64
import html
import json
import zlib
from dataclasses import asdict, dataclass

from learnetcd.figures.cluster_map import cluster_map
from learnetcd.session.session import Grain, Session

MOST = 60
"""With more steps than this, only the changes worth a stop are shown."""

BUTTONS = (("first", "|<"), ("back", "< back"), ("step", "step >"), ("last", ">|"))


@dataclass(frozen=True, slots=True)
class Frame:
    """One moment of a run."""

    picture: str
    said: tuple[str, ...]
    """What happened since the frame before."""


def frames_of(session: Session) -> list[Frame]:
    """From where the session stands to the end of its run; then it stands there again."""
    beginning = session.view().step
    for grain in (Grain.MESSAGE, Grain.CHANGE):
        session.seek(beginning)
        frames = along(session, grain)
        if len(frames) <= MOST:
            break
    session.seek(beginning)
    return frames


def along(session: Session, grain: Grain) -> list[Frame]:
    """A frame for each stop of a grain."""
    frames = [Frame(cluster_map(session.view()).svg, ())]
    while (step := session.view().step) < session.view().length:
        session.forward(grain)
        view = session.view()
        told = session.narration(step + 1, view.step)
        said = tuple(f"{one.at_ms} ms  {one.text}" for one in told if not one.aside)
        frames.append(Frame(cluster_map(view).svg, said))
    return frames


def packed(frames: list[Frame]) -> str:
    """Compressed, in letters."""
    plain = json.dumps([asdict(frame) for frame in frames], ensure_ascii=False)
    return base64.b64encode(zlib.compress(plain.encode(), 9)).decode()


def markup(session: Session) -> str:
    """A part of a page: it unfolds, and has buttons."""
    buttons = "".join(
        f'<button type="button" name="{name}">{html.escape(label)}</button>'
        for name, label in BUTTONS
    )
    return (
        '<details class="frames"><summary>Step through it here</summary>'
        f'<div tabindex="0" data-run="{packed(frames_of(session))}">'
        f'<p class="keys">{buttons}<span class="where"></span></p>'
        '<div class="picture run"></div><div class="said" aria-live="polite"></div></div></details>'
    )
