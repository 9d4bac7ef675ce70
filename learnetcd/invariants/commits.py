"""Commits: what was decided stays decided, everywhere.

    S1   1@1  2@2  3@2  4@4      4@4 is on two of three disks: committed, and 1 to 3 with it
    S2   1@1  2@2  3@2  4@4
    S3   1@1  2@2  3@3           can't be elected any more

"Committed" is a promise about the future: this entry will be at this index in the log of every
leader to come, and in every store. It is kept by a majority of disks that hold the entry when it is
first called committed (G6), by the rule of the leader's own term (L1; without it the promise is
Figure 8), and by voters that refuse candidates which lack it (G5). Then no two members can apply
different things (G4), which is all that users ever see of it. A follower believes what is committed
only as far as it has checked that its log is the leader's (L9).

Source: Raft §5.3, §5.4, Figures 3 and 8.

Next page: `promises`.
"""

from __future__ import annotations

from learnetcd.invariants.invariant import Invariant
from learnetcd.invariants.step import ACKNOWLEDGED, APPLIED, COMMIT, ROLE, STARTED, Step
from learnetcd.member.inputs import ApplyDue, MessageReceived
from learnetcd.raft.messages import AppendEntries, Heartbeat, InstallSnapshot
from learnetcd.raft.quorum import majority
from learnetcd.raft.roles import Leader
from learnetcd.tracing import member_name


class StateMachineSafety(Invariant):
    """Ghost: the entry that was committed first at each index (shared)."""

    id = "G4"
    name = "state machine safety"
    sentence = (
        "The entry that is committed first at an index is the only one that any member ever "
        "commits or applies there, and members apply in order, without gaps."
    )
    citation = "Raft §5.4.3, Figure 3: State Machine Safety"
    wakes = COMMIT | APPLIED | STARTED

    def check(self, step: Step) -> str:
        """Compare what this member calls committed now with what the cluster committed."""
        before, after = step.before, step.after
        if after.commit_index != before.commit_index and (found := self._committed(step)):
            return found
        if after.applied_index == before.applied_index or step.aspects & STARTED:
            return ""
        self.checked += 1
        if after.applied_index < before.applied_index:
            return f"its applied index fell from {before.applied_index} to {after.applied_index}"
        if after.applied_index > after.commit_index:
            return f"it applied {after.applied_index}, and has committed only {after.commit_index}"
        if isinstance(step.input, ApplyDue) and after.applied_index > step.input.through:
            return f"it applied {after.applied_index}, and was let through to {step.input.through}"
        return ""

    def _committed(self, step: Step) -> str:
        log, committed = step.log, step.history.committed
        is_new = step.aspects & STARTED and step.disk_before is None
        if log.snapshot_index > step.committed_before and not is_new:
            return (
                f"its snapshot stands for entries up to {log.snapshot_index}, and only "
                f"{step.committed_before} are committed"
            )
        if step.after.commit_index > log.last_index:
            return f"it committed {step.after.commit_index}, and its log ends at {log.last_index}"
        first = max(step.before.commit_index + 1, log.snapshot_index, committed.start)
        last = min(step.after.commit_index, step.committed_before)
        if step.aspects & STARTED:
            first = max(first, last)  # those before it match by its name
        for index in range(first, last + 1):
            self.checked += 1
            theirs = committed[index]
            if index >= log.first_index:
                is_same = log.entry(index) == theirs
            else:
                is_same = log.snapshot_term == theirs.term
            if not is_same:
                mine_is = f"{index}@{log.term_at(index)}"
                return f"it committed {mine_is}, and {theirs} was committed there before"
        return ""


class LeaderCompleteness(Invariant):
    """Ghost: what was committed, and in which term (shared)."""

    id = "G5"
    name = "leader completeness"
    sentence = "A new leader's log has every entry that was committed in an earlier term."
    citation = "Raft §5.4, Figure 3: Leader Completeness"
    wakes = ROLE

    def check(self, step: Step) -> str:
        """Look at a new leader's entry at the last index committed before its term.

        It has all before that by Log Matching. What was committed in a *later* term it need not
        have: whoever wins an old term by late votes leads nobody.
        """
        if not step.was_elected:
            return ""
        self.checked += 1
        log, history = step.log, step.history
        index = history.committed_before(step.after.term)
        term = history.term_at(index)
        if term is None or index < log.snapshot_index or log.term_at(index) == term:
            return ""
        return (
            f"it was elected in term {step.after.term} without the committed entry {index}@{term}: "
            f"its log ends with {log.last_index}@{log.last_term}"
        )


class CommittedIsDurable(Invariant):
    """Ghost: what is durable at each member (shared)."""

    id = "G6"
    name = "committed is durable"
    sentence = (
        "When an entry is committed first, a majority of the voters, and of the outgoing ones "
        "while the configuration is joint, has it on disk."
    )
    citation = "Raft §5.3, §6; Figure 2: stable storage before responding"
    wakes = COMMIT

    def check(self, step: Step) -> str:
        """Count the disks, not the acknowledgements."""
        index = step.after.commit_index
        if index <= step.committed_before or step.snapshot is not None:
            return ""
        self.checked += 1
        term, configuration = step.log.term_at(index), step.raft.configuration
        for half in (configuration.voters, configuration.outgoing):
            holders = [m for m in half if m in step.disks and step.disks[m].holds(index, term)]
            if half and len(holders) < majority(len(half)):
                names = ", ".join(map(member_name, holders)) or "nobody"
                return (
                    f"it committed {index}@{term}, which is durable at {names}: {len(holders)} of "
                    f"{majority(len(half))} needed"
                )
        return ""


class OwnTermCommit(Invariant):
    """No ghost: the picture of the step says it all."""

    id = "L1"
    name = "own-term commit"
    sentence = "A leader moves its commit index only to an entry of its own term."
    citation = "Raft §5.4.2, Figure 8; Figure 2, rules for leaders"
    wakes = COMMIT

    def check(self, step: Step) -> str:
        """Look at the last entry that a leader has just committed."""
        if step.after.role is not Leader:
            return ""
        self.checked += 1
        index, term = step.after.commit_index, step.log.term_at(step.after.commit_index)
        if term == step.after.term:
            return ""
        return f"it leads term {step.after.term}, and moved its commit index to {index}@{term}"


class VerifiedCommit(Invariant):
    """Ghost: how far each member has acknowledged the log of the leader of its term."""

    id = "L9"
    name = "verified commit"
    sentence = (
        "A follower moves its commit index no further than it knows its log to be the leader's: by "
        "the message that brings the news, or by what it acknowledged to this leader."
    )
    citation = "Raft Figure 2, AppendEntries step 5: index of last new entry"
    wakes = COMMIT | ACKNOWLEDGED

    def __init__(self) -> None:
        """Nobody has acknowledged anything."""
        super().__init__()
        self.verified: dict[int, tuple[int, int]] = {}
        """By member: (term, index) of its furthest acknowledgement in its last term."""

    def check(self, step: Step) -> str:
        """Ask how far the input verified the follower's log."""
        for reply in step.acknowledgements:
            self.verified[step.id] = max(
                self.verified.get(step.id, (0, 0)), (reply.term, reply.index)
            )
        before, after = step.before, step.after
        led = Leader in (before.role, after.role)
        if led or after.commit_index <= before.commit_index:
            return ""
        self.checked += 1
        limit = self._limit(step)
        if after.commit_index <= limit:
            return ""
        return f"it committed {after.commit_index}, and its log was verified only up to {limit}"

    def _limit(self, step: Step) -> int:
        message = step.input.message if isinstance(step.input, MessageReceived) else None
        match message:
            case AppendEntries():
                return message.previous_index + len(message.entries)
            case InstallSnapshot():
                return message.snapshot.index
            case Heartbeat():
                # It has no previous-entry check; it must not say more than was acknowledged.
                term, index = self.verified.get(step.id, (0, 0))
                return index if term == message.term else 0
            case _:
                return 0
