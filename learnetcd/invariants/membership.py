"""Membership: who decides is itself decided, one step at a time.

    index           5        6        7        8
    entry         x=1      +S4      y=2      +S5          +S5 may not enter before +S4 is applied
    members       123      1234     1234     12345        a function of the applied index alone

Two majorities overlap when the configurations differ by one voter, or are joint. Two changes under
way at once differ by two: {S1 S2} of the old and {S3 S4 S5} of the new share nobody (L7). And a
majority only means something if all members count the same heads at the same place in the log
(L10): a configuration that was set in any other way than by applying the log is a second truth.

Source: Raft §6; Thesis §4.1, §4.3; etcd applies changes when they are applied, not when stored.

Next page: `reads`.
"""

from __future__ import annotations

from learnetcd.invariants.invariant import Invariant
from learnetcd.invariants.step import APPLIED, STARTED, WRITTEN, Step
from learnetcd.raft.configuration import ConfigChange
from learnetcd.raft.roles import Leader


class OneChangeAtATime(Invariant):
    """Ghost: the changes in each log that are not applied there."""

    id = "L7"
    name = "one change at a time"
    sentence = (
        "A leader puts a change of members into its log only when its log holds no other change "
        "that it has not applied."
    )
    citation = "Thesis §4.1; etcd/raft pendingConfIndex"
    wakes = WRITTEN | APPLIED | STARTED

    def __init__(self) -> None:
        """No changes yet."""
        super().__init__()
        self.unapplied: dict[int, tuple[int, ...]] = {}
        """By member: the indexes of such changes; nearly always none, and then no item."""

    def check(self, step: Step) -> str:
        """Look at the changes that entered the log, and forget those that were applied."""
        unapplied = self.unapplied.pop(step.id, ())
        entries = step.entries
        if step.aspects & STARTED:
            log, unapplied = step.log, ()
            entries = log.entries(log.first_index, log.last_index)
        elif entries:
            unapplied = tuple(index for index in unapplied if index < entries[0].index)
        applied_index = step.after.applied_index
        unapplied = tuple(index for index in unapplied if index > applied_index)
        for entry in entries:
            if isinstance(entry.payload, ConfigChange):
                if step.after.role is Leader and not step.aspects & STARTED:
                    self.checked += 1
                    if unapplied:
                        return (
                            f"it put a change of members at {entry.index}, and has not applied the "
                            f"one at {unapplied[-1]}"
                        )
                if entry.index > applied_index:
                    unapplied += (entry.index,)
        if unapplied:
            self.unapplied[step.id] = unapplied
        return ""


class ConfigurationFollowsLog(Invariant):
    """Ghost: the configuration after each committed change (shared)."""

    id = "L10"
    name = "configuration follows the log"
    sentence = (
        "A member's configuration is what the changes that it has applied make of the first one."
    )
    citation = "Raft §6; etcd applyConfChange"
    wakes = APPLIED | STARTED

    def check(self, step: Step) -> str:
        """Compare with the changes as the cluster committed them."""
        log = step.log
        # A snapshot of the leader brings its configuration at once; the store follows the disk.
        pending = log.pending_snapshot
        index = step.after.applied_index if pending is None else pending.index
        expected = step.history.configuration_at(index)
        if expected is None:
            return ""
        self.checked += 1
        if step.raft.configuration == expected:
            return ""
        return f"at {index} it has {step.raft.configuration}, and the log makes it {expected}"
