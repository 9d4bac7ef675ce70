"""The swarm: run after run of chance, until one breaks a rule.

    run(plan_of(41))   ->  Run(steps 5231, finding None)
    run(plan_of(42))   ->  Run(steps 817, finding "G1 election safety: S1 and S3 were both elected
                           in term 4")

A run is a plan (`plans`), decisions made by chance (`chaos`) with every invariant watching each
step, and at the end everything is healed and judged as a whole (`verdict`). All of it follows from
the seed: the same seed tells the same story on every machine, so a seed is a bug report. So is the
list of decisions, which stays true when the plans of seeds change: a finding is written down as a
recording, to be opened in the terminal and stepped through.

What an assertion of ours says about an impossible state counts as a finding, too.

Next page: `ledger`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from learnetcd.checking import verdict
from learnetcd.checking.chaos import Chaos
from learnetcd.checking.history import Witness
from learnetcd.checking.plans import Plan
from learnetcd.invariants.judge import Judge
from learnetcd.simulator.decisions import Decision
from learnetcd.simulator.recording import Recording, mark_of
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.world import Impossible, World

ASSERTION = "assertion"
"""What a finding is called that no invariant and no verdict made, but the code itself."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What went wrong."""

    what: str
    """The invariant, "G1 election safety", or the check of the whole run: "progress"."""
    sentence: str
    step: int
    """The decision at which it was found."""


class Broken(Exception):
    """The run is over: something was found."""

    def __init__(self, what: str, sentence: str) -> None:
        """Say it in the words of a `Finding`."""
        super().__init__(what, sentence)
        self.what = what
        self.sentence = sentence


class Run:
    """One run of chance, with all that is needed to tell it again."""

    def __init__(self, plan: Plan) -> None:
        """Build the cluster."""
        self.plan = plan
        self.setup: Setup = plan.setup()
        self.judge = Judge()
        self.world = World(self.setup, judge=self.judge)
        self.witness = Witness()
        self.world.observer = self.witness
        self.decisions: list[Decision] = []
        self.finding: Finding | None = None

    @property
    def steps(self) -> int:
        """How many decisions were carried out."""
        return len(self.decisions)

    @property
    def committed(self) -> int:
        """How far the cluster's log got."""
        return self.judge.history.end if self.judge.history is not None else 0

    def go(self) -> None:
        """From the first decision to the verdict."""
        try:
            self._trouble()
            self._settle()
        except Broken as broken:
            self.finding = Finding(broken.what, broken.sentence, self.steps)

    # -- the two halves -----------------------------------------------------------------------

    def _trouble(self) -> None:
        chaos = Chaos(self.plan)
        idle = 0
        while self.world.step < self.plan.steps and idle < 1_000:
            decision = chaos.next_decision(self.world)
            if decision is None:
                idle += 1
            else:
                self._decide(decision)
        if found := verdict.stores_differ(self.world):
            raise Broken("equal stores", found)
        if self.plan.features == ("healthy",) and (found := verdict.too_many_leaders(self.judge)):
            raise Broken("progress", found)

    def _settle(self) -> None:
        world, election_ms = self.world, self.plan.election_ms
        if found := verdict.unreadable_disk(world):
            raise Broken("readable disk", found)
        self._decide_all(verdict.mending(world))
        since = world.clients.last_id
        deadline = world.now + verdict.patience_ms(self.plan, world)
        next_round = world.now
        last_step = world.step + verdict.MOST_STEPS
        while world.now < deadline and world.step < last_step:
            if world.now >= next_round:
                if verdict.settled(world, since):
                    break
                next_round = world.now + 2 * election_ms
                self._decide_all(verdict.caring(world))
                self._decide_all(verdict.asking(world, since))
            decision = world.next_decision()
            if decision is None:
                break
            self._decide(decision)
        self._judge_as_a_whole(since)

    def _judge_as_a_whole(self, since: int) -> None:
        if not verdict.settled(self.world, since):
            if verdict.beyond_help(self.world):
                return
            raise Broken("progress", verdict.why_not_settled(self.world, since))
        if found := verdict.stores_differ(self.world):
            raise Broken("equal stores", found)
        if found := verdict.missing_write(self.world):
            raise Broken("answered writes", found)
        if found := verdict.not_linearizable(self.world, self.witness):
            raise Broken(verdict.LINEARIZABILITY, found)

    # -- deciding -----------------------------------------------------------------------------

    def _decide_all(self, decisions: Iterable[Decision]) -> None:
        for decision in list(decisions):
            self._decide(decision)

    def _decide(self, decision: Decision) -> None:
        try:
            self.world.decide(decision)
        except Impossible as impossible:
            if decision == self.world.next_decision():
                raise Broken(ASSERTION, f"due and not possible: {impossible}") from impossible
            return  # nothing was changed; chance may not know what can be
        except Exception as error:
            raise Broken(
                "assertion", f"at {decision.text()!r}: {type(error).__name__}: {error}"
            ) from error
        self.decisions.append(decision)
        if self.judge.violations:
            violation = self.judge.violations[0]
            raise Broken(f"{violation.invariant} {violation.name}", violation.sentence)

    # -- telling ------------------------------------------------------------------------------

    def recording(self) -> Recording:
        """The run as text that can be replayed.

        After a failed assertion the state is half changed, so the run up to the decision before is
        told again; the next one that is due shows it.
        """
        world = self.world
        if self.finding is not None and self.finding.what == ASSERTION:
            world = World(self.setup)
            for decision in self.decisions:
                world.decide(decision)
        title = f"seed {self.plan.seed}, {', '.join(self.plan.features)}"
        if self.finding is not None:
            title += f": {self.finding.what}"
        return Recording(self.setup, tuple(self.decisions), (mark_of(world, last=True),), title)


def run(plan: Plan) -> Run:
    """Run a plan from its start to the verdict."""
    one = Run(plan)
    one.go()
    return one
