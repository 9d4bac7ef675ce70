"""All that the panes draw from: the cluster, and what the person has chosen.

A picture is made anew after each act, by `desk`, and never changes. So a pane is a function.

Next page: `canvas`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from learnetcd.session.views import (
    BranchView,
    Choice,
    ClusterView,
    InvariantView,
    LandmarkView,
    Narration,
)
from learnetcd_tui.canvas import Target
from learnetcd_tui.overlays.overlay import Overlay


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a *why*: a title, then reasons that hold (+), that lack (-), and remarks."""

    title: str
    lines: tuple[tuple[str, str, str], ...]
    """(sign, sentence, citation)."""


@dataclass(frozen=True, slots=True)
class Source:
    """A piece of our own code: the one in which the last event happened."""

    path: str
    first_line: int
    lines: tuple[str, ...]
    symbol: str


@dataclass(frozen=True, slots=True)
class Picture:
    """What is on the screen, whatever its size."""

    view: ClusterView
    choices: tuple[Choice, ...] = ()
    story: tuple[Narration, ...] = ()
    since: int = 0
    """Where we stood before the last act: what the story tells after this step is new."""
    landmarks: tuple[LandmarkView, ...] = ()
    invariants: tuple[InvariantView, ...] = ()
    branches: tuple[BranchView, ...] = ()
    answer: Answer | None = None
    source: Source | None = None
    member: int = 1
    """The chosen member: keys that act on a member act on this one."""
    chosen: Target | None = None
    """The chosen thing: `?` asks about it."""
    cursor: int = 0
    """The chosen line of the list of what can happen next."""
    running: bool = False
    speed: str = ""
    notice: str = ""
    """The last word to the person: what an act did, or why it could not."""
    prompt: tuple[str, str, str] | None = None
    """What is being typed: the key, the words so far, what to type."""
    overlay: Overlay | None = None
    """What lies over the panes."""
    focus: str = "next"
    jumping: bool = False
    """Each pane shows the letter that leads to it."""
    scroll: Mapping[str, int] = field(default_factory=dict)
    """How far each pane has been scrolled from where it would stand by itself."""
