"""The judge: it watches a run, step by step, and says which invariants still hold.

    judge = Judge()
    judge.after_start(0, member)                   # for each member, also after a restart
    judge.after_step(17, member, input, effects)
    judge.after_crash(18, 2)
    judge.violations                               # () while all is well

Drivers call it after each input to a member. It only watches: it raises nothing, changes nothing,
and costs the same in the first step and in the millionth.

Next page: `learnetcd/member/`, what one member is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from learnetcd.invariants.invariant import Invariant, Violation
from learnetcd.member.effects import Effect
from learnetcd.member.inputs import Input

if TYPE_CHECKING:
    from learnetcd.member.member import Member


class Judge:
    """All invariants with their ghosts, for one run."""

    def __init__(self, *, local: bool = True) -> None:
        """With `local=False`, judge only what concerns the whole cluster: G1 to G8."""
        self.invariants: tuple[Invariant, ...] = ()
        self.violations: tuple[Violation, ...] = ()
        """The first violation of each invariant that was broken, in order."""

    def after_start(self, at: int, member: Member) -> tuple[Violation, ...]:
        """A member was made from what its disk holds, for the first time or after a crash."""
        return ()

    def after_step(
        self, at: int, member: Member, input: Input, effects: Sequence[Effect]
    ) -> tuple[Violation, ...]:
        """A member was fed an input and gave these effects: what is broken now that was not before.

        `at` is the driver's number for the step. What each disk holds for sure the judge knows from
        the effects and from `WalSynced` alone, so no disk has to be shown to it.
        """
        return ()

    def after_crash(self, at: int, member: int) -> None:
        """A member lost everything but its disk."""

    def fork(self) -> Judge:
        """A judge that remembers the same run and goes its own way from here."""
        return self
