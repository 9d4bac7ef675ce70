"""An invariant: a sentence about the cluster that must be true after every step.

    class ElectionSafety(Invariant):
        id, name = "G1", "election safety"
        sentence = "A term has at most one leader, ever."
        citation = "Raft §5.2, Figure 3"
        wakes = ROLE                      # look only when some member's role changed

        leaders: Chunks[int]              # its ghost: who has led which term so far

        def check(self, step) -> str:     # "" while it holds, else what was found

A predicate over one state is not enough: "at most one leader a term, *ever*" needs to know who led
before. What an invariant remembers for that is its *ghost*: it exists for the judge alone, no
member reads it, and taking it away changes no behaviour.

A step changes little, so an invariant says what wakes it: a set of aspects of a step. One that
sleeps costs nothing, however many there are.

Source: Raft Figure 3 for five of the sentences; the ghosts are the history variables of its TLA+
specification (`elections`, `allLogs`).

Next page: `step`, what an invariant is shown.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Self

from learnetcd.raft.chunks import Chunks
from learnetcd.tracing import member_name
from learnetcd.value import dataclass

if TYPE_CHECKING:
    from learnetcd.invariants.step import Step


@dataclass(frozen=True, slots=True)
class Violation:
    """An invariant that did not hold: what was found, where and when."""

    invariant: str
    """Its id, such as "G1"."""
    name: str
    sentence: str
    """What was found, in one sentence."""
    member: int
    """The member whose step broke it."""
    at: int
    """The step of the run, as the driver counts."""

    def __str__(self) -> str:
        """What was found, with the member's name in place of "it"."""
        name = member_name(self.member)
        if self.sentence.startswith("it "):
            return name + self.sentence.removeprefix("it")
        if self.sentence.startswith("its "):
            return f"{name}'s{self.sentence.removeprefix('its')}"
        has_name = re.search(r"\bS\d", self.sentence)
        return self.sentence if has_name else f"{name}: {self.sentence}"


class Invariant(ABC):
    """One sentence, the code that puts it to the test, and the ghost that the test needs.

    The attributes of an instance are its ghost: numbers, immutable values, dicts of those, or
    `Chunks` where it grows with the run. `fork` rests on that.
    """

    id: ClassVar[str]
    """G1 to G9 speak of the whole cluster, L1 to L11 of the deeds of one member."""
    name: ClassVar[str]
    """What the field calls it."""
    sentence: ClassVar[str]
    """What must hold."""
    citation: ClassVar[str]
    """Where it comes from."""
    wakes: ClassVar[int]
    """The aspects of a step (page `step`) that can break it, or that its ghost must hear of."""

    def __init__(self) -> None:
        """Start with an empty memory."""
        self.checked = 0
        """How often it was put to the test."""

    @abstractmethod
    def check(self, step: Step) -> str:
        """Put the sentence to the test: what was found if it does not hold, else nothing."""

    def crashed(self, member: int) -> None:  # noqa: B027  # most have nothing to forget
        """Forget what only a living member can still do."""

    def fork(self) -> Self:
        """A copy that shares no ghost with this one: what a frame of a run keeps."""
        twin = self.__class__.__new__(self.__class__)
        ghosts = twin.__dict__
        for name, ghost in self.__dict__.items():
            if isinstance(ghost, Chunks):
                ghosts[name] = ghost.fork()
            elif isinstance(ghost, dict):
                ghosts[name] = ghost.copy()
            else:
                ghosts[name] = ghost
        return twin
