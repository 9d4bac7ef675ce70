"""A mutant: a classic bug, as a small change of our own source.

    - return theirs >= (facts.last_term, facts.last_index)
    + return True                                           B03: a leader without committed entries

A check that never fails may be a good check of good code, or no check at all. So we break the code
on purpose, one rule at a time, and look whether something notices: a test, a scene, or an invariant
in a run of chance. A mutant that nobody notices *survives*, and shows what the checks can't see.

All of these bugs were made by somebody: where we know by whom, `known_from` says so. Many are one
line. Some our structure makes impossible to write by leaving something out (votes are a dictionary,
so a voter can't be counted twice); there the change brings in the lines that make the mistake.

Each `old` text occurs exactly once in its module, so the change says by itself where it belongs.

Next page: `raft_mutants`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """A piece of text that takes the place of another one in a module."""

    module: str
    """Of `learnetcd`: `raft.election`."""
    old: str
    """Occurs exactly once there."""
    new: str

    def apply(self, source: str) -> str:
        """The module's source with the bug in it."""
        found = source.count(self.old)
        assert found == 1, f"{self.old!r} occurs {found} times in learnetcd.{self.module}, not once"
        return source.replace(self.old, self.new)

    def diff(self) -> str:
        """The change as a reader of patches knows it."""
        old = [f"- {line}" for line in self.old.splitlines()]
        new = [f"+ {line}" for line in self.new.splitlines()]
        return "\n".join([f"  learnetcd.{self.module}", *old, *new])


@dataclass(frozen=True, slots=True)
class Mutant:
    """A bug."""

    id: str
    name: str
    """What a person types."""
    title: str
    """What the broken member does."""
    breaks: str
    """What is lost by that: a safety property, durability, or progress."""
    edits: tuple[Edit, ...]
    hint: str = "any"
    """The kind of runs that shows it soonest: a name of `plans.HINTS`, or `NO_RUN`."""
    known_from: str = ""
    """Where it has been seen."""
    tests: tuple[str, ...] = ("tests/paper", "tests/raft", "tests/member")
    """The aimed tests that are asked when nothing else has noticed."""

    @property
    def modules(self) -> frozenset[str]:
        """The modules that it changes."""
        return frozenset(f"learnetcd.{edit.module}" for edit in self.edits)

    def diff(self) -> str:
        """All its changes."""
        return "\n".join(edit.diff() for edit in self.edits)


NO_RUN = ""
"""The hint of a mutant that no run of chance would show: nobody watches there, and no bit flips."""

# What is lost. The first four are the properties of Raft's Figure 3.
ELECTION_SAFETY = "election safety"
LOG_MATCHING = "log matching"
LEADER_COMPLETENESS = "leader completeness"
STATE_MACHINE_SAFETY = "state machine safety"
DURABILITY = "durability"
FRESH_READS = "fresh reads"
PROGRESS = "progress"
WATCHES = "watches"
SERVICE = "answers"
"""What a client is told is true, and it is told all that it asked for."""
PRIVACY = "privacy"
"""Nobody reads or writes what is not for them."""
