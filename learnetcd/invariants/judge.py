"""The judge: it watches a run, step by step, and says which invariants still hold.

    judge = Judge()
    judge.after_start(0, member)                   # for each member, also after a restart
    judge.after_step(17, member, input, effects)   # -> the violations that this step brought
    judge.after_crash(18, 2)
    judge.violations                               # () while all is well

Drivers call it after each input to a member. It only watches: it raises nothing, changes nothing,
and costs the same in the first step and in the millionth. A violation is a value, so that a reader
can look at the broken state, step back from it, and see how it came about.

An invariant that was broken once is not asked again: after two leaders in one term everything else
breaks as well, and the first sentence is the one that teaches.

Left out: what only a whole run can show (stores equal at the end, answers linearizable, a leader
within so many timeouts). See the package's essay.

Next page: `learnetcd/member/`, what one member is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from learnetcd.invariants.commits import (
    CommittedIsDurable,
    LeaderCompleteness,
    OwnTermCommit,
    StateMachineSafety,
    VerifiedCommit,
)
from learnetcd.invariants.disk import KnownDisk
from learnetcd.invariants.elections import ElectionSafety, MonotonicTerms, OneVote, SteadyVote
from learnetcd.invariants.history import History
from learnetcd.invariants.invariant import Invariant, Violation
from learnetcd.invariants.logs import DurableLog, LeaderAppendOnly, LogMatching
from learnetcd.invariants.membership import ConfigurationFollowsLog, OneChangeAtATime
from learnetcd.invariants.promises import (
    AcknowledgementsAreDurable,
    MemoryMatchesDisk,
    VotesAreDurable,
)
from learnetcd.invariants.reads import FreshReads
from learnetcd.invariants.step import (
    BEFORE_THE_START,
    STARTED,
    Picture,
    Step,
    aspects_of,
    picture,
)
from learnetcd.invariants.stores import CompleteWatches, SameContent
from learnetcd.member.effects import Effect
from learnetcd.member.inputs import Input
from learnetcd.value import dataclass

if TYPE_CHECKING:
    from learnetcd.member.member import Member

GLOBAL: tuple[type[Invariant], ...] = (
    ElectionSafety,
    MonotonicTerms,
    LogMatching,
    StateMachineSafety,
    LeaderCompleteness,
    CommittedIsDurable,
    OneVote,
    FreshReads,
    SameContent,
)
"""What concerns the whole cluster: G1 to G9."""

LOCAL: tuple[type[Invariant], ...] = (
    OwnTermCommit,
    VotesAreDurable,
    AcknowledgementsAreDurable,
    DurableLog,
    SteadyVote,
    LeaderAppendOnly,
    OneChangeAtATime,
    MemoryMatchesDisk,
    VerifiedCommit,
    ConfigurationFollowsLog,
    CompleteWatches,
)
"""The rules themselves, looked at where they are broken, long before anybody suffers: L1 to L11."""

ALL = GLOBAL + LOCAL

PANIC = "P1"
"""The id of the violation that a member itself reports, by stopping."""


@dataclass(frozen=True, slots=True)
class Described:
    """An invariant in words, for those who only show it."""

    id: str
    name: str
    sentence: str
    citation: str


def catalogue() -> tuple[Described, ...]:
    """All invariants in words, G1 to L11."""
    return tuple(Described(kind.id, kind.name, kind.sentence, kind.citation) for kind in ALL)


class Judge:
    """All invariants with their ghosts, for one run."""

    def __init__(self, *, local: bool = True) -> None:
        """With `local=False`, judge only what concerns the whole cluster."""
        kinds = ALL if local else GLOBAL
        self.invariants: list[Invariant] = [kind() for kind in kinds]
        self._own = set(range(len(kinds)))
        """The places of those that no fork of this judge has, too."""
        self.violations: tuple[Violation, ...] = ()
        """The first violation of each invariant that was broken, in order."""
        self.history: History | None = None
        """None before the first start."""
        self.disks: dict[int, KnownDisk] = {}
        """What is durable at each member that was ever started."""
        self._pictures: dict[int, Picture] = {}
        """The living members after their last step."""
        self._woken_by: dict[int, tuple[Invariant, ...]] = {}
        """By aspects: who is woken. Filled as they come up."""

    # -- what drivers report -------------------------------------------------------------------

    def after_start(self, at: int, member: Member) -> tuple[Violation, ...]:
        """A member was made from what its disk holds, for the first time or after a crash."""
        raft = member.raft
        disk_before = self.disks.get(member.id)
        self.disks[member.id] = KnownDisk(raft)
        if self.history is None:
            self.history = History(raft.log.applied_index, raft.configuration)
        after = picture(raft)
        self._pictures[member.id] = after
        step = Step(member, None, BEFORE_THE_START, after, self.disks, self.history)
        step.disk_before = disk_before
        step.aspects = STARTED
        self.history.commit(raft.log)
        return self._judge(at, step)

    def after_step(
        self, at: int, member: Member, input: Input, effects: Sequence[Effect]
    ) -> tuple[Violation, ...]:
        """A member was fed an input and gave these effects: what is broken now that was not before.

        `at` is the driver's number for the step. What each disk holds for sure the judge knows from
        the effects and from `WalSynced` alone, so no disk has to be shown to it.
        """
        raft = member.raft
        before = self._pictures[member.id]
        after = picture(raft)
        assert self.history is not None, f"member {member.id} was never reported as started"
        step = Step(member, input, before, after, self.disks, self.history)
        step.aspects = aspects_of(step, effects)
        if not step.aspects:
            return ()
        self._pictures[member.id] = after
        if after.commit_index > self.history.end:
            self.history.commit(raft.log)
        return self._judge(at, step)

    def after_crash(self, at: int, member: int) -> None:
        """A member lost everything but its disk."""
        self._pictures.pop(member, None)
        for place in range(len(self.invariants)):
            self._owned(place).crashed(member)

    def after_panic(self, at: int, member: int, found: str) -> None:
        """A member's own assertion failed: no invariant of ours, and a violation all the same."""
        if self.violation(PANIC) is None:
            self.violations += (Violation(PANIC, "possible states", found, member, at),)

    # -- judging -------------------------------------------------------------------------------

    def _judge(self, at: int, step: Step) -> tuple[Violation, ...]:
        found: list[Violation] = []
        for invariant in self._woken(step.aspects):
            if sentence := invariant.check(step):
                kind = type(invariant)
                found.append(Violation(kind.id, kind.name, sentence, step.id, at))
        if found:
            self.violations += tuple(found)
            self._woken_by = {}
        return tuple(found)

    def _woken(self, aspects: int) -> tuple[Invariant, ...]:
        woken = self._woken_by.get(aspects)
        if woken is None:
            broken = {violation.invariant for violation in self.violations}
            woken = self._woken_by[aspects] = tuple(
                self._owned(place)
                for place, one in enumerate(self.invariants)
                if one.wakes & aspects and one.id not in broken
            )
        return woken

    def _owned(self, place: int) -> Invariant:
        """An invariant that may be asked: a copy, if a fork of this judge holds it, too."""
        if place not in self._own:
            self.invariants[place] = self.invariants[place].fork()
            self._own.add(place)
        return self.invariants[place]

    # -- looking -------------------------------------------------------------------------------

    @property
    def safe(self) -> int:
        """How many invariants hold so far."""
        return sum(self.violation(one.id) is None for one in self.invariants)

    def violation(self, invariant: str) -> Violation | None:
        """How the invariant of that id was broken, if it was."""
        return next((one for one in self.violations if one.invariant == invariant), None)

    def checked(self, invariant: str) -> int:
        """How often the invariant of that id was put to the test."""
        return next((one.checked for one in self.invariants if one.id == invariant), 0)

    def fork(self) -> Judge:
        """A judge that remembers the same run and goes its own way from here."""
        copy = Judge.__new__(Judge)
        # Most steps wake few of them, so each is copied by whoever asks it first.
        copy.invariants = self.invariants.copy()
        self._own, copy._own = set(), set()
        self._woken_by = {}
        copy.violations = self.violations
        copy.history = None if self.history is None else self.history.fork()
        copy.disks = {member: disk.fork() for member, disk in self.disks.items()}
        copy._pictures = self._pictures.copy()
        copy._woken_by = {}
        return copy
