"""A rule of the protocol as a tuple of named clauses.

    GRANT_VOTE = Rule("grant a vote", ..., clauses=(FREE_TO_VOTE, LOG_IS_UP_TO_DATE))

    GRANT_VOTE.allows(facts)     # the decision: every clause holds
    GRANT_VOTE.verdict(facts)    # the explanation: each clause, held or not, in words
    GRANT_VOTE.without("log is up to date")   # the broken twin, for a lesson

`facts` is a small value with just what the clauses look at, so a rule can be asked about a state
that never was: *why not* changes one fact and asks again.

Next page: `event`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Generic, TypeVar

from learnetcd.value import dataclass

Facts = TypeVar("Facts")


@dataclass(frozen=True, slots=True)
class Clause(Generic[Facts]):
    """One condition of a rule, with its words for both outcomes."""

    name: str
    """What must hold, in a few words: "log is up to date"."""

    holds: Callable[[Facts], bool]
    """The condition itself."""

    met: Callable[[Facts], str]
    """The sentence when it holds, without a full stop: "its last entry 3@2 is not behind 2@2"."""

    unmet: Callable[[Facts], str]
    """The sentence when it does not hold, saying what was found and what was needed."""


@dataclass(frozen=True, slots=True)
class Verdict(Generic[Facts]):
    """What a rule said about some facts, clause by clause."""

    rule: Rule[Facts]
    facts: Facts

    @property
    def allowed(self) -> bool:
        """The decision itself."""
        return self.rule.allows(self.facts)

    @property
    def unmet(self) -> tuple[Clause[Facts], ...]:
        """The clauses that stand in the way, in the order in which the rule asks them."""
        return tuple(clause for clause in self.rule.clauses if not clause.holds(self.facts))

    def reasons(self) -> tuple[tuple[bool, str], ...]:
        """Each clause as (held, sentence)."""
        return tuple(
            (True, clause.met(self.facts))
            if clause.holds(self.facts)
            else (False, clause.unmet(self.facts))
            for clause in self.rule.clauses
        )

    def because(self) -> str:
        """The deciding clauses in words: those unmet if it was refused, else all of them."""
        told = "; ".join(text for held, text in self.reasons() if held == self.allowed)
        return told or "no rule asks for a reason"  # all its clauses are switched off


@dataclass(frozen=True, slots=True)
class Rule(Generic[Facts]):
    """A rule: it allows what all its clauses allow."""

    name: str
    """The act that it guards, as a verb: "grant a vote"."""

    source: str
    """The symbol that asks it, as `module:qualified.name`."""

    citation: str
    """Where the rule comes from."""

    clauses: tuple[Clause[Facts], ...]

    def allows(self, facts: Facts) -> bool:
        """Decide: does every clause hold?"""
        for clause in self.clauses:  # noqa: SIM110 (a loop is twice as fast as all() of a generator here)
            if not clause.holds(facts):
                return False
        return True

    def verdict(self, facts: Facts) -> Verdict[Facts]:
        """Explain: the same tuple, kept with the facts."""
        return Verdict(self, facts)

    def clause(self, name: str) -> Clause[Facts]:
        """Find a clause by its name."""
        return next(clause for clause in self.clauses if clause.name == name)

    def without(self, *names: str) -> Rule[Facts]:
        """Make the broken twin that forgets the named clauses."""
        unknown = set(names) - {clause.name for clause in self.clauses}
        assert not unknown, f"rule {self.name!r} has no clause {sorted(unknown)}"
        return replace(self, clauses=tuple(c for c in self.clauses if c.name not in names))
