"""All that the panes draw from: what is seen from the desk, and what the screen adds to it.

A picture is made anew after each act and never changes. So a pane is a function.

Next page: `canvas`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from learnetcd.desk.sight import Sight
from learnetcd_tui.guide import Guide
from learnetcd_tui.overlays.overlay import Overlay


@dataclass(frozen=True, slots=True)
class Picture(Sight):
    """What is on the screen, whatever its size."""

    prompt: tuple[str, str, str] | None = None
    """What is being typed: the key, the words so far, what to type."""
    overlay: Overlay | None = None
    """What lies over the panes."""
    focus: str = "next"
    jumping: bool = False
    """Each pane shows the letter that leads to it."""
    guide: Guide | None = None
    """What is read beside the cluster."""
    scroll: Mapping[str, int] = field(default_factory=dict)
    """How far each pane has been scrolled from where it would stand by itself."""

    @staticmethod
    def of(
        sight: Sight,
        *,
        focus: str,
        jumping: bool,
        scroll: Mapping[str, int],
        overlay: Overlay | None,
        prompt: tuple[str, str, str] | None,
        guide: Guide | None,
    ) -> Picture:
        """Add the screen to what is seen."""
        seen = {one.name: getattr(sight, one.name) for one in fields(Sight)}
        return Picture(
            **seen,
            focus=focus,
            jumping=jumping,
            scroll=scroll,
            overlay=overlay,
            prompt=prompt,
            guide=guide,
        )
