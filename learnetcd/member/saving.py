"""Saving: the batches of writes that the core wants on disk, and the order in which they get there.

    core             member                      driver              disk
    Save 5   --->    WriteWal, SyncWal(5)  --->  write, fsync ...    1 2 3 4 | 5
    Save 6   --->    WriteWal, SyncWal(6)  --->  write               1 2 3 4 | 5 6
                     WalSynced(6)          <---  ... done            1 2 3 4 5 6 |
    saved(6) <---

A batch is *written* at once and *durable* later; the core keeps back every vote and acknowledgement
that rests on it until then. One sync may cover several batches (group commit): a driver that is
slow to answer reports the highest and has told of all.

Some batches need no sync: a new commit index alone, which can always be learned again, or no writes
at all. Such a batch is as good as saved when it is written, but batches are confirmed in
order, so it may have to wait for the one before it.

Source: etcd 2.3 etcdserver/raft.go; raft.MustSync; Thesis §10.2.1 for writing in parallel.

Next page: `snapshots`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learnetcd.member import snapshots
from learnetcd.member.effects import Effect, SaveSnapshot, SyncWal, WriteWal
from learnetcd.raft.work import Save
from learnetcd.tracing.storage import LogSynced, LogWritten

if TYPE_CHECKING:
    from learnetcd.member.member import Member


def save(member: Member, batch: Save, effects: list[Effect]) -> None:
    """Let a batch be written, and synced if it must be."""
    if batch.snapshot is not None:
        # The snapshot goes first: a hard state whose commit index lies beyond the log would refer
        # to something that is not there if the power failed between the two (etcd #10219).
        effects.append(SaveSnapshot(batch.snapshot, own=False))
        snapshots.receive(member, batch.snapshot)
    if batch.entries or batch.hard_state is not None:
        effects.append(WriteWal(batch.entries, batch.hard_state))
        member.trace(written(batch))
    if batch.must_sync:
        effects.append(SyncWal(batch.batch))
        member.unsaved.append(batch)
    elif member.unsaved:
        member.unsaved.append(batch)
    else:
        member.raft.saved(batch.batch)


def written(batch: Save) -> LogWritten:
    """Say what a batch puts into the log on disk."""
    state = batch.hard_state
    return LogWritten(
        batch.batch,
        first=batch.entries[0].index if batch.entries else 1,
        last=batch.entries[-1].index if batch.entries else 0,
        term=state.term if state else 0,
        vote=state.vote if state else 0,
        commit_index=state.commit_index if state else 0,
        must_sync=batch.must_sync,
    )


def synced(member: Member, number: int, effects: list[Effect]) -> None:
    """The disk is done with everything up to a batch, and so with what needed no sync after it."""
    if member.unsaved and member.unsaved[0].batch <= number:
        member.trace(LogSynced(number))
    saved = 0
    while member.unsaved and (member.unsaved[0].batch <= number or not member.unsaved[0].must_sync):
        batch = member.unsaved.pop(0)
        saved = batch.batch
        if batch.snapshot is not None:
            snapshots.restore(member, batch.snapshot, effects)
    if saved:
        member.raft.saved(saved)
