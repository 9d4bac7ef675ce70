"""Elections: terms, votes, and at most one leader.

    term 4     S1 S2 S3  vote for S2         S2 leads term 4
    term 5     S3        votes for S3        nobody leads term 5
    term 6     S1 S3     vote for S3         S3 leads term 6

A term is a claim to lead, numbered. The argument has three steps, and each is an invariant that can
break by itself, in this order: a member gives its vote once in a term and keeps to it (L5, G7), a
member never goes back to an old term (G2), so two leaders of one term would need two majorities
that share no member (G1).

Source: Raft §5.1, §5.2, Figure 3.

Left out: that somebody is elected at all. "Sooner or later" can't be broken by any single step, so
it is no invariant; see the package's essay.

Next page: `logs`.
"""

from __future__ import annotations

from learnetcd.invariants.disk import vote_text
from learnetcd.invariants.invariant import Invariant
from learnetcd.invariants.step import COMMIT, ROLE, STARTED, TERM, VOTED, Step
from learnetcd.member.inputs import MessageReceived
from learnetcd.raft.chunks import Chunks
from learnetcd.raft.entry import NO_MEMBER
from learnetcd.raft.messages import RequestVote
from learnetcd.raft.roles import Candidate
from learnetcd.tracing import member_name


class ElectionSafety(Invariant):
    """Ghost: who has led which term."""

    id = "G1"
    name = "election safety"
    sentence = "A term has at most one leader, ever."
    citation = "Raft §5.2, Figure 3: Election Safety"
    wakes = ROLE

    def __init__(self) -> None:
        """Nobody has led yet."""
        super().__init__()
        self.leaders: Chunks[int] = Chunks()
        """By term: who led it, or nobody."""

    def check(self, step: Step) -> str:
        """Look at those who have just been elected."""
        if not step.was_elected:
            return ""
        self.checked += 1
        leaders, term = self.leaders, step.after.term
        if not len(leaders):
            # Votes may be late, so an older term may still get its leader; one this old can't.
            self.leaders = leaders = Chunks(start=max(0, term - 64))
        while leaders.end <= term:
            leaders.append(NO_MEMBER)
        if term < leaders.start:
            return ""
        first = leaders[term]
        leaders[term] = step.id
        if first in (NO_MEMBER, step.id):
            return ""
        return f"{member_name(first)} and {member_name(step.id)} were both elected in term {term}"


class MonotonicTerms(Invariant):
    """Ghost: what its disk held before a crash (shared)."""

    id = "G2"
    name = "monotonic terms"
    sentence = (
        "A member's term never falls, not even by a restart; its commit index falls only by one."
    )
    citation = "Raft §5.1; Figure 2, volatile state"
    wakes = TERM | COMMIT | STARTED

    def check(self, step: Step) -> str:
        """Compare with before, or with the disk of the life before."""
        self.checked += 1
        before, after = step.before, step.after
        if step.aspects & STARTED:
            # A term that was only in memory may be lost: nothing was promised in it.
            disk = step.disk_before
            if disk is not None and after.term < disk.term:
                return f"it restarted in term {after.term}, and its disk held term {disk.term}"
        elif after.term < before.term:
            return f"its term fell from {before.term} to {after.term}"
        elif after.commit_index < before.commit_index:
            return f"its commit index fell from {before.commit_index} to {after.commit_index}"
        return ""


class OneVote(Invariant):
    """Ghost: the last vote that each member let go, also of the dead."""

    id = "G7"
    name = "one vote a term"
    sentence = "All votes that a member gives in one term name one candidate, over restarts too."
    citation = "Raft §5.2; Figure 2, votedFor"
    wakes = VOTED | ROLE

    def __init__(self) -> None:
        """Nobody has voted yet."""
        super().__init__()
        self.votes: dict[int, tuple[int, int]] = {}
        """By member: (term, candidate). Older terms are closed: terms don't fall (G2)."""

    def check(self, step: Step) -> str:
        """Look at votes on their way, and at those that candidates counted for themselves."""
        for vote in step.votes:
            if found := self._vote(step.id, vote.term, vote.receiver):
                return found
        return self._vote(step.id, step.after.term, step.id) if counts_own_vote(step) else ""

    def _vote(self, member: int, term: int, candidate: int) -> str:
        self.checked += 1
        last_term, last_candidate = self.votes.get(member, (0, NO_MEMBER))
        if term == last_term and candidate != last_candidate:
            names = f"{member_name(last_candidate)} and for {member_name(candidate)}"
            return f"it voted for {names} in term {term}"
        if term > last_term:
            self.votes[member] = (term, candidate)
        return ""


def counts_own_vote(step: Step) -> bool:
    """Whether a candidate has counted its own vote. Before it is durable, it may still be lost."""
    role = step.raft.role
    if isinstance(role, Candidate):
        return not role.pre_vote and role.votes.get(step.id, False)
    return step.was_elected and step.id in step.raft.role.elected_by  # type: ignore[union-attr]


class SteadyVote(Invariant):
    """Ghost: what its disk held before a crash (shared)."""

    id = "L5"
    name = "steady vote"
    sentence = (
        "A vote, once given, stands until the term ends; it goes to the candidate that asked for "
        "it in that term, or to the member itself."
    )
    citation = "Raft §5.2; Figure 2, RequestVote step 2"
    wakes = TERM | STARTED

    def check(self, step: Step) -> str:
        """Compare with before, or with the disk of the life before."""
        self.checked += 1
        after = step.after
        if step.aspects & STARTED:
            disk = step.disk_before
            if disk is None or disk.term != after.term or disk.vote in (NO_MEMBER, after.vote):
                return ""
            return (
                f"its disk held {vote_text(disk.vote)} in term {disk.term}, and it restarted with "
                f"{vote_text(after.vote)}"
            )
        before = step.before
        if before.term == after.term and before.vote not in (NO_MEMBER, after.vote):
            return (
                f"its vote in term {after.term} went from {member_name(before.vote)} to "
                f"{vote_text(after.vote)}"
            )
        if after.vote in (NO_MEMBER, step.id) or (before.term, before.vote) == after[:2]:
            return ""
        if was_asked_for_vote(step):
            return ""
        return f"it has {vote_text(after.vote)} in term {after.term}, who did not ask for one"


def was_asked_for_vote(step: Step) -> bool:
    """Whether this step brought the request that the vote answers. A pre-vote asks for none."""
    if not isinstance(step.input, MessageReceived):
        return False
    message = step.input.message
    is_request = isinstance(message, RequestVote)
    return is_request and message.sender == step.after.vote and message.term == step.after.term
