"""The sight: all that can be seen from the desk, the cluster and what the person has chosen.

It is made anew after each act and never changes. So whatever draws it is a plain function.

Next page: `keys`.
"""

from __future__ import annotations

from dataclasses import dataclass

from learnetcd.desk.target import Target
from learnetcd.session.views import (
    BranchView,
    Choice,
    ClusterView,
    InvariantView,
    LandmarkView,
    MemberView,
    Narration,
)


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
class Sight:
    """What is to be seen, however it is drawn."""

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
    invitation: tuple[str, ...] = ()
    """Lines for another terminal: how to ask real members."""
    notice: str = ""
    """The last word to the person: what an act did, or why it could not."""

    @property
    def chosen_member(self) -> MemberView | None:
        """The chosen member, if it is still there."""
        return next((one for one in self.view.members if one.id == self.member), None)
