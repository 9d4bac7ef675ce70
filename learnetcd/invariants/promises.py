"""Promises: a vote or an acknowledgement leaves only after the disk has what it rests on.

    S2   vote S1, term 5 --> disk ...... done --> "yes" to S1          kept
    S2   vote S1, term 5 --> "yes" to S1 --> power cut                 broken: it may vote again

The whole argument of Raft speaks of members that remember. A member that says something and then
forgets it is worse than a dead one: its "yes" is counted, and it says "yes" to somebody else. So
what is on the wire is compared with what is on the disk, at the moment of sending (L2, L3); a
checker that waits until two leaders meet needs a crash at the right instant, and finds it in one
run of many. And a member must not be wrong about its own disk (L8).

Source: Raft Figure 2: "updated on stable storage before responding to RPCs".

Next page: `membership`.
"""

from __future__ import annotations

from learnetcd.invariants.invariant import Invariant
from learnetcd.invariants.step import ACKNOWLEDGED, DURABLE, VOTED, Step
from learnetcd.tracing import member_name


class VotesAreDurable(Invariant):
    """Ghost: what is durable (shared)."""

    id = "L2"
    name = "votes are durable"
    sentence = "When a granted vote leaves, term and vote are on disk."
    citation = "Raft §5.2; Figure 2, persistent state"
    wakes = VOTED

    def check(self, step: Step) -> str:
        """Compare each vote with the disk. In a newer term than the vote's there is no way back."""
        disk = step.disk
        for vote in step.votes:
            self.checked += 1
            if disk.term < vote.term or (disk.term == vote.term and disk.vote != vote.receiver):
                return (
                    f"its vote for {member_name(vote.receiver)} in term {vote.term} left, and its "
                    f"disk holds {disk.vote_text()}"
                )
        return ""


class AcknowledgementsAreDurable(Invariant):
    """Ghost: what is durable (shared)."""

    id = "L3"
    name = "acknowledgements are durable"
    sentence = (
        "When an acknowledgement leaves, the log is on disk up to there, as the leader has it."
    )
    citation = "Raft §5.3; Figure 2: stable storage before responding"
    wakes = ACKNOWLEDGED

    def check(self, step: Step) -> str:
        """Compare each acknowledgement with the disk."""
        disk, log = step.disk, step.log
        for reply in step.acknowledgements:
            index = reply.index
            # One of an older term says what was true then; a later leader may have removed it.
            if disk.term > reply.term:
                continue
            self.checked += 1
            if disk.term < reply.term:
                return (
                    f"it acknowledged {index} in term {reply.term}; its disk holds term {disk.term}"
                )
            if index > disk.last_index:
                return f"it acknowledged {index}; its disk ends at {disk.last_index}"
            # Its own log is the leader's up to there, as long as the term lasts.
            term = log.term_at(index)
            is_same_term = step.after.term == reply.term and term is not None
            if is_same_term and not disk.holds(index, term):
                return f"it acknowledged {index}@{term}; its disk holds {disk.entry_text(index)}"
        return ""


class MemoryMatchesDisk(Invariant):
    """Ghost: what is durable (shared)."""

    id = "L8"
    name = "memory matches disk"
    sentence = "Up to where a member takes its log for durable, its disk holds the same entries."
    citation = "etcd/raft log_unstable.go: stableTo checks the term"
    wakes = DURABLE

    def check(self, step: Step) -> str:
        """Compare the last entry that it takes for durable; those before match by their names."""
        disk, log = step.disk, step.log
        index = step.after.durable_index
        term = log.term_at(index)
        if term is None or index == 0:
            return ""
        self.checked += 1
        if disk.holds(index, term):
            return ""
        return f"it takes {index}@{term} for durable; its disk holds {disk.entry_text(index)} there"
