"""The three roles, each with the memory that only it has.

        starts up                     times out                 votes of a quorum
    ------------------> Follower ------------------> Candidate ------------------> Leader
                           ^      <------------------           |
                           |  another leader, or a higher term  |
                           +------------------------------------+
                                      a higher term

A field that has no meaning in a role can't be read in it: only a `Candidate` has votes, only a
`Leader` has progress. With pre-vote a candidate first asks whether it could win (`pre_vote`),
without raising its term.

`TRANSITIONS` says which role may follow which, and why. A member changes its role by `enter_role`
alone (in `election`), which holds every change against that table; and the drawing of the roles
that a reader is shown (`learnetcd/figures/role_diagram.py`) is made from it.

Source: Raft §5.1, Figures 2 and 4. Next page: `raft`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import field
from typing import ClassVar

from learnetcd.raft.entry import NO_MEMBER
from learnetcd.raft.progress import Progress
from learnetcd.value import dataclass


@dataclass(slots=True)
class Follower:
    """Answers leaders and candidates; every member starts as one."""

    name: ClassVar[str] = "follower"
    leader: int = NO_MEMBER
    """Who leads this term, as far as it knows."""

    def fork(self) -> Follower:
        """Copy it."""
        return Follower(self.leader)


@dataclass(slots=True)
class Candidate:
    """Gathers votes."""

    pre_vote: bool = False
    """It only asks whether it could win; its term is not raised yet."""
    votes: dict[int, bool] = field(default_factory=dict)
    """Who said yes and who said no; the first answer of a voter counts (never twice)."""

    @property
    def name(self) -> str:
        """Before the election, or in it."""
        return "pre-candidate" if self.pre_vote else "candidate"

    def fork(self) -> Candidate:
        """Copy it."""
        return Candidate(self.pre_vote, self.votes.copy())


@dataclass(frozen=True, slots=True)
class PendingRead:
    """A question that waits for a quorum to confirm that the leader still leads."""

    read_round: int
    asker: int
    context: int
    read_index: int


@dataclass(slots=True)
class Leader:
    """Replicates its log; there is at most one in a term."""

    name: ClassVar[str] = "leader"
    progress: dict[int, Progress]
    """What it knows of every member, itself included."""
    pending_change_index: int
    """Up to here the log may hold a change of members that is not applied yet."""
    elected_by: tuple[int, ...] = ()
    """The voters that made it leader."""
    uncommitted_bytes: int = 0
    """Payloads of its own term that are not applied yet; a quota bounds them."""
    transfer_target: int = NO_MEMBER
    """To whom it hands leadership; meanwhile it takes no proposals."""
    read_round: int = 0
    """Counts the rounds of confirmation in this term; private to this leadership."""
    confirmed_rounds: dict[int, int] = field(default_factory=dict)
    """The highest round that each member answered."""
    pending_reads: deque[PendingRead] = field(default_factory=deque)
    """In the order of their rounds."""
    early_reads: list[tuple[int, int]] = field(default_factory=list)
    """(asker, context) of questions that came before an entry of this term was committed."""

    def fork(self) -> Leader:
        """Copy it."""
        return Leader(
            {member: progress.fork() for member, progress in self.progress.items()},
            self.pending_change_index,
            self.elected_by,
            self.uncommitted_bytes,
            self.transfer_target,
            self.read_round,
            self.confirmed_rounds.copy(),
            self.pending_reads.copy(),
            self.early_reads.copy(),
        )


Role = Follower | Candidate | Leader

FIRST_ROLE = Follower.name

TIMES_OUT = "its election timer fires"
TIMES_OUT_AGAIN = "its election timer fires again: nobody won"

TRANSITIONS = {
    ("follower", "follower"): "it hears of a higher term",
    ("follower", "candidate"): TIMES_OUT,
    ("follower", "pre-candidate"): f"{TIMES_OUT} (with pre-vote)",
    ("pre-candidate", "pre-candidate"): TIMES_OUT_AGAIN,
    ("pre-candidate", "candidate"): "a quorum would vote for it",
    ("pre-candidate", "follower"): "a quorum would not, or it hears of a leader or a higher term",
    ("candidate", "candidate"): TIMES_OUT_AGAIN,
    ("candidate", "pre-candidate"): f"{TIMES_OUT_AGAIN} (with pre-vote)",
    ("candidate", "leader"): "a quorum votes for it",
    ("candidate", "follower"): "a quorum refuses, or it hears of a leader or a higher term",
    ("leader", "follower"): "it hears of a higher term, or of no quorum, or is no voter any more",
}
"""Which role may follow which, by their names, and when (Raft Figure 4; Thesis §9.6)."""
