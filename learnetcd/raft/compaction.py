"""When the log is too short: a snapshot instead of entries.

    leader     snapshot at 100 | 101 102 103            S3 needs entry 40: it is gone
    S3         ... 38 39                                InstallSnapshot(100)
    S3         snapshot at 100 |                        then 101, 102, 103 as usual

A log that is never cut grows for ever. The host takes a snapshot of its state machine and lets the
core forget the entries that it covers; a follower that is further behind gets the snapshot.

Source: Raft §7, Figure 13. Left out: sending a snapshot in pieces; the transport does that.
Next page: `membership`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learnetcd.raft import replication
from learnetcd.raft.messages import AppendEntriesReply, InstallSnapshot
from learnetcd.raft.progress import Mode, Progress
from learnetcd.raft.roles import Leader
from learnetcd.tracing.replication import (
    SnapshotAccepted,
    SnapshotHeldBack,
    SnapshotNotNeeded,
    SnapshotSent,
)

if TYPE_CHECKING:
    from learnetcd.raft.raft import Raft


def send_snapshot(raft: Raft, member: int, progress: Progress) -> bool:
    """Send the latest snapshot to a member whose next entry is gone."""
    if not progress.recent_active:
        raft.trace(SnapshotHeldBack(member))  # it would be large, and probably lost
        return False
    snapshot = raft.log.snapshot
    next_index = progress.next_index
    progress.become_snapshot(snapshot.index)
    raft.send(InstallSnapshot(raft.id, member, raft.term, snapshot))
    raft.trace(SnapshotSent(member, snapshot.index, raft.log.first_index, next_index))
    return True


def accept_snapshot(raft: Raft, message: InstallSnapshot) -> None:
    """Take a snapshot in place of the log, if it reaches beyond what is committed here."""
    snapshot, log = message.snapshot, raft.log
    reason = ""
    if snapshot.index <= log.commit_index:
        reason = f"all up to {log.commit_index} is committed here"
    elif not snapshot.configuration.is_voter(raft.id) and not snapshot.configuration.is_learner(
        raft.id
    ):
        reason = "it is of a time when this member was none"
    elif log.matches(snapshot.index, snapshot.term):
        # Figure 13, step 6: what follows the snapshot's last entry may be acknowledged; keep it.
        replication.learn_commit(raft, snapshot.index)
        reason = "the log has its last entry already"
    if reason:
        raft.trace(SnapshotNotNeeded(message.sender, snapshot.index, reason))
    else:
        raft.trace(SnapshotAccepted(message.sender, snapshot.index, log.last_index))
        log.restore(snapshot)
        raft.configuration = snapshot.configuration
    raft.send_promise(AppendEntriesReply(raft.id, message.sender, raft.term, log.commit_index))


def snapshot_reported(raft: Raft, member: int, delivered: bool) -> None:
    """Learn from the transport what became of a snapshot; probe after it, or before it."""
    if not isinstance(raft.role, Leader) or member not in raft.role.progress:
        return
    progress = raft.role.progress[member]
    if progress.mode is not Mode.SNAPSHOT:
        return
    if not delivered:
        progress.pending_snapshot = 0
    reason = "its snapshot was delivered" if delivered else "its snapshot was lost"
    replication.change_mode(raft, member, progress, Mode.PROBE, reason)
    # Wait for its own word, or for the next heartbeat, before the next append.
    progress.waiting = True
