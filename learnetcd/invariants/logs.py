"""Logs: one name, one history; leaders append, disks keep.

    S1   1@1  2@1  3@2            3@2 is the same entry in both logs, and so is all before it
    S2   1@1  2@1  3@2  4@2
    S3   1@1  2@1  3@1  4@1       may differ: 3@1 is another name

Everything that Raft says about logs rests on the names of entries: if index and term are equal, the
entries are equal and everything before them is (G3). The name is safe because only the leader of a
term makes entries of it, and only by appending (L6). A follower's log is cut only where a name
contradicts the leader's (L4), for what lies behind may be acknowledged.

Source: Raft §5.3, §7, Figure 3.

Next page: `commits`.
"""

from __future__ import annotations

from learnetcd.invariants.invariant import Invariant
from learnetcd.invariants.step import DURABLE, LEADS, STARTED, WRITTEN, Step
from learnetcd.raft.roles import Leader
from learnetcd.tracing import member_name


class LogMatching(Invariant):
    """Ghost: every entry that any log ever held (shared)."""

    id = "G3"
    name = "log matching"
    sentence = "Index and term together name one entry and one entry before it, in all logs."
    citation = "Raft §5.3, Figure 3: Log Matching"
    wakes = WRITTEN | STARTED

    def check(self, step: Step) -> str:
        """Look at what entered the log. What was there before has been looked at."""
        log = step.log
        if step.aspects & STARTED:
            if step.disk_before is None:
                return self._look(step, log.first_index, log.last_index)
            # The ends of a log that was read back: its names have not changed on the disk.
            ends = (log.first_index, log.last_index)
            return next(filter(None, (self._look(step, end, end) for end in ends)), "")
        if not step.entries:
            return ""
        # Up to the end of the log, not of what was written: a tail that should be gone shows here.
        return self._look(step, step.entries[0].index, log.last_index)

    def _look(self, step: Step, first: int, last: int) -> str:
        log = step.log
        if not log.first_index <= first <= last:
            return ""
        previous_term = log.term_at(first - 1) or 0
        for entry in log.entries(first, last):
            self.checked += 1
            other = step.history.see(entry, previous_term)
            if other is not None:
                if other[0] != entry:
                    return f"its log holds {entry} with a content that differs from another log's"
                return (
                    f"its log holds {entry} after an entry of term {previous_term}, another log "
                    f"after one of term {other[1]}"
                )
            previous_term = entry.term
        return ""


class DurableLog(Invariant):
    """Ghost: what is durable (shared)."""

    id = "L4"
    name = "durable log"
    sentence = (
        "What is durable is removed only where the leader's log has another term; a snapshot "
        "leaves what follows it in the same log, and never goes back behind what is applied."
    )
    citation = "Raft §5.3, Figure 2, AppendEntries step 3; §7, Figure 13 step 6"
    wakes = DURABLE | WRITTEN | STARTED

    def check(self, step: Step) -> str:
        """Look at what the disk removed, and at what it gave back after a crash."""
        self.checked += 1
        if step.lost:
            return step.lost[0]
        snapshot = step.snapshot
        if snapshot is not None and snapshot.index < step.before.applied_index:
            return (
                f"it took a snapshot at {snapshot.index}, and has applied "
                f"{step.before.applied_index} already"
            )
        return came_back_short(step) if step.aspects & STARTED else ""


def came_back_short(step: Step) -> str:
    """Whether a member started again without an entry that was durable when it died."""
    disk, log = step.disk_before, step.log
    if disk is None:
        return ""
    last = disk.last_index
    if last <= log.snapshot_index or log.term_at(last) == disk.term_at(last):
        return ""
    if disk.may_have_lost(last):
        return ""  # a record that was not confirmed, and that survived, had removed it
    return f"entry {disk.entry_text(last)} was durable, and is gone after the restart"


class LeaderAppendOnly(Invariant):
    """Ghost: what each leader believes of its peers' logs."""

    id = "L6"
    name = "leader append-only"
    sentence = (
        "A leader only appends to its log; what it believes that a member holds never shrinks, and "
        "the member does hold it, durably and of the same term."
    )
    citation = "Raft §5.3, Figure 3: Leader Append-Only; Figure 2, matchIndex"
    wakes = LEADS

    def __init__(self) -> None:
        """Nobody leads yet."""
        super().__init__()
        self.matches: dict[int, dict[int, int]] = {}
        """By leader: the match_index of each member. The inner ones are never changed in place."""

    def check(self, step: Step) -> str:
        """Compare a leader with what it was before."""
        role = step.raft.role
        if not isinstance(role, Leader):
            return ""
        before, after = step.before, step.after
        known = self.matches.get(step.id) if step.still_leads else None
        if known is not None and after.last_index != before.last_index:
            self.checked += 1
            if after.last_index < before.last_index:
                return f"it leads, and its log shrank: {before.last_index} to {after.last_index}"
        if known is not None and step.entries and step.entries[0].index <= before.last_index:
            return f"it leads, and wrote over its entry {step.entries[0].index}"
        matches = {member: progress.match_index for member, progress in role.progress.items()}
        if matches == known:
            return ""
        self.checked += 1
        self.matches[step.id] = matches
        return self._compare(step, known or {}, matches)

    def _compare(self, step: Step, known: dict[int, int], matches: dict[int, int]) -> str:
        # A member that was removed and added again is a new one to the leader. Both may have been
        # applied in this very step: then the configuration is equal, and yet another one.
        is_same = step.before.configuration is step.after.configuration
        for member, match in matches.items():
            last = known.get(member, 0)
            if match < last and is_same:
                return f"the match index of {member_name(member)} fell from {last} to {match}"
            if match > last and (found := self._is_held(step, member, match)):
                return found
        return ""

    def _is_held(self, step: Step, member: int, match: int) -> str:
        disk = step.disks.get(member)
        # A member of a newer term may have lost what this leader, deposed by now, still counts: a
        # later acknowledgement than the vote that deposed it. It can't commit with it any more.
        if disk is None or disk.term > step.after.term:
            return ""
        term = step.log.term_at(match)
        if match < step.log.snapshot_index:
            term = step.history.term_at(match)  # a leader forgets only what is committed
        if term is None and match <= disk.last_index:
            return ""
        if disk.holds(match, term):
            return ""
        return (
            f"it counts {member_name(member)} as holding {match}@{term}, whose disk holds "
            f"{disk.entry_text(match)} there"
        )
