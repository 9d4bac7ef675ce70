"""What is told: the answers to what is typed, in sentences.

A notebook shows below a cell what its last line is; so each of these reads as a person would say
it.

Next page: `tables`.
"""

from __future__ import annotations

from dataclasses import dataclass

from learnetcd.session.signs import cited
from learnetcd.session.views import Narration


@dataclass(frozen=True, slots=True)
class Told:
    """What an act brought, in sentences: a notebook shows them below the cell."""

    sentences: tuple[Narration, ...]
    where: str
    """Where we stand now."""
    request: int = 0
    """The number of the request, if it was one: `answered 3` is a condition to run until."""

    def __str__(self) -> str:
        """A line for each sentence."""
        return "\n".join(map(cited, self.sentences)) or self.where

    __repr__ = __str__


@dataclass(frozen=True, slots=True)
class Reasons:
    """An answer to *why*, or *why not*."""

    title: str
    lines: tuple[tuple[str, str, str], ...]
    """(sign, sentence, citation): + before what holds, - before what is lacking."""

    def __str__(self) -> str:
        """The answer, then a line for each reason."""
        lines = [f"{sign} {said}" + (f" [{at}]" if at else "") for sign, said, at in self.lines]
        return "\n".join([self.title, *lines])

    __repr__ = __str__


@dataclass(frozen=True, slots=True)
class Ended:
    """How *run until* ended; as a condition it is whether it came true."""

    came_true: bool
    sentence: str

    def __bool__(self) -> bool:
        """For `if c.run_until("leader"):`."""
        return self.came_true

    def __str__(self) -> str:
        """The sentence."""
        return self.sentence

    __repr__ = __str__
