"""An invariant: a sentence about the cluster that must be true after every step.

    class ElectionSafety(Invariant):
        id, name = "G1", "election safety"
        sentence = "A term has at most one leader, ever."
        citation = "Raft Figure 3; §5.2"
        wakes = ROLE                      # look only when some member's role changed

        leaders: Chunks[int]              # its ghost: who has led which term so far

        def check(self, step) -> str:     # "" while it holds, else what was found

A predicate over one state is not enough: "at most one leader a term, *ever*" needs to know who led
before. What an invariant remembers for that is its *ghost*: it exists for the judge alone, no
member reads it, and taking it away changes no behaviour.

A step changes little, so an invariant says what wakes it: a set of aspects of a step. One that
sleeps costs nothing, however many there are.

Source: ghost (history) variables as in the TLA+ specification of Raft (Ongaro's `elections`,
`allLogs`); Raft Figure 3 for the first five sentences.

Next page: `step`, what an invariant is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from learnetcd.raft.chunks import Chunks

if TYPE_CHECKING:
    from learnetcd.invariants.step import Step

# The aspects of a step that can wake an invariant, one bit each. Plain numbers: they are combined
# at every step, and an `enum.Flag` would take longer for that than most invariants for their work.
TERM = 1
"""The member's term or vote changed."""
ROLE = 2
"""It became follower, candidate or leader, or counts votes now."""
COMMIT = 4
"""Its commit index moved."""
APPLIED = 8
"""Its applied index or its configuration changed."""
WRITTEN = 16
"""Entries or a snapshot entered its log."""
DURABLE = 32
"""It learned that its disk has finished something."""
PROMISED = 64
"""It sent a vote or an acknowledgement."""
MATCHED = 128
"""It leads, and heard from a peer or from its own disk."""
ASKED = 256
"""A client asked, or was answered."""
STARTED = 512
"""It was started, for the first time or after a crash."""


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


class Invariant:
    """One sentence, the code that puts it to the test, and the ghost that the test needs.

    Attributes of an instance are its ghost: numbers, immutable values, dicts of those, or `Chunks`
    where it grows with the run. `fork` rests on that.
    """

    id: ClassVar[str]
    """G1..G8 speak of the whole cluster, L1..L10 of one member's deeds."""
    name: ClassVar[str]
    """What the field calls it."""
    sentence: ClassVar[str]
    """What must hold, in one sentence."""
    citation: ClassVar[str]
    """Where it comes from."""
    wakes: ClassVar[int]
    """The aspects of a step that can break it or that its ghost must hear of."""

    def __init__(self) -> None:
        """Start with an empty memory."""
        self.checked = 0
        """How often it was put to the test."""
        self.checked_at = 0
        """The last step at which it was."""

    def check(self, step: Step) -> str:
        """Put the sentence to the test: what was found if it does not hold, else nothing."""
        raise NotImplementedError

    def crashed(self, member: int) -> None:  # noqa: B027 (most have nothing to forget)
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
