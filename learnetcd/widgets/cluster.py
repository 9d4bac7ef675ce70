"""The cluster: a widget that is a desk in a notebook, and all that can be typed about it.

    c = Cluster(3, profile="paper", seed=7)     a new cluster
    Cluster(scene="cut-leader")                 a scene; r plays its script
    Cluster(recording="run.recording")          a run from somewhere else: its past lies behind us

    browser   key, click, pulse  ->  seat  ->  desk  ->  session
    browser   <- what is shown   <-  one message a step

Callbacks come from any thread: a notebook tells what was pressed in a thread of its own while a
cell is still running. One lock lets them in one by one. A cell that is run twice makes another
cluster; the first one stays what it was.

Next page: `live`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from learnetcd.errors import UserError
from learnetcd.session.session import Session
from learnetcd.widgets.expressions import Expressions, figure_of_now, refuse_unless_whole
from learnetcd.widgets.looks import style_sheet


class Cluster(Expressions, anywidget.AnyWidget):
    """A cluster to step, break, rewind and question."""

    _esm = Path(__file__).parent / "cluster.js"
    _css = style_sheet()
    shown = traitlets.Dict().tag(sync=True)
    """What the browser shows; a new value is a message."""

    def __init__(
        self,
        members: int | None = None,
        *,
        scene: str | None = None,
        recording: str | Path | None = None,
        profile: str | None = None,
        seed: int | None = None,
        session: Session | None = None,
    ) -> None:
        """Open a new cluster, a scene or a recording; or sit down in front of a session."""
        if session is None:
            session = opened(members, scene, recording, profile, seed)
        Expressions.__init__(self, session)
        anywidget.AnyWidget.__init__(self, shown=self.seat.shown())
        self.on_msg(self._hear)
        hear_while_a_cell_runs(self.comm)

    def show(self) -> None:
        """Send the picture to the browser."""
        with self.lock:
            self.shown = self.seat.shown()

    def _hear(self, _widget: object, told: dict[str, Any], _buffers: object) -> None:
        """What the browser tells: a key, something pressed, words, or that time has passed."""
        with self.lock:
            match told:
                case {"key": str(name)}:
                    self.seat.press(name)
                case {"target": str(words)}:
                    self.seat.point(words)
                case {"act": str(act), "words": str(words)}:
                    self.seat.submit(act, words)
                case {"pulse": True}:
                    if not self.seat.pulse():
                        return
            self.show()

    def close(self) -> None:
        """Take it off the page; what was never opened is nowhere."""
        if hasattr(self, "seat"):
            self.session.close()
            super().close()

    def _repr_mimebundle_(
        self,
        **how: Any,  # noqa: ANN401  # as the base has it
    ) -> tuple[dict[str, object], dict[str, object]] | None:
        """Where there is no kernel, the picture and its words stand for the widget."""
        data, metadata = super()._repr_mimebundle_(**how) or ({}, {})
        with self.lock:
            figure = figure_of_now(self.session)
        return {**data, "image/svg+xml": figure.svg, "text/plain": figure.text}, metadata

    def __repr__(self) -> str:
        """Its state in words."""
        return figure_of_now(self.session).text


def hear_while_a_cell_runs(comm: object) -> None:
    """Let what is pressed come in at once, though the cell waits for just that.

    A browser sends it to a thread of its own (a subshell); ipykernel since 7.4 gives it to the
    thread that wrote to the browser last, which is that of the cells; there is no public way out.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = lambda data, subshell: subshell


def opened(
    members: int | None,
    scene: str | None,
    recording: str | Path | None,
    profile: str | None,
    seed: int | None,
) -> Session:
    """A recording says everything itself; a scene only what is not said here."""
    refuse_unless_whole(members, seed)
    if recording is None:
        return Session.open(scene, members=members, profile=profile, seed=seed)
    if (members, scene, profile, seed) != (None, None, None, None):
        raise UserError("A recording says itself how its cluster began: give it alone.")
    try:
        return Session.load(recording)
    except OSError as error:
        raise UserError(f"{recording} cannot be read: {error.strerror}.") from error
