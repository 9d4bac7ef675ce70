"""Promises: what may leave only when the disk has what it rests on.

    vote for S2        ->  batch 7: term 3, vote S2  ->  the disk ...  saved(7)  ->  "yes" leaves
    entries 4 and 5    ->  batch 8: entries 4, 5     ->  the disk ...  saved(8)  ->  "have 5" leaves

A vote and an acknowledgement are promises about the time after a crash. So each waits for the batch
of writes that was handed out after it was made, also a promise of a member to itself: its vote for
itself, its own copy of an entry. Requests are no promises: a leader sends entries to others while
its own disk is still busy (Thesis §10.2.1).

Batches are handed out and confirmed in order. A confirmation is believed only for the term in which
its batch was handed out: since then a later leader may have overwritten the same places.

Source: Raft Figure 2 ("updated on stable storage before responding to RPCs"); etcd/raft's
asynchronous storage writes. Next page: `election`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learnetcd.raft.configuration import ConfigChange
from learnetcd.raft.entry import Entry, HardState, Snapshot
from learnetcd.raft.messages import Message
from learnetcd.raft.parts import State
from learnetcd.raft.rules import PromiseFacts
from learnetcd.raft.work import Save
from learnetcd.tracing.replication import EntriesDurable
from learnetcd.value import dataclass

if TYPE_CHECKING:
    from learnetcd.raft.raft import Raft


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch of writes on its way to the disk, and the promises that rest on it."""

    number: int
    term: int
    """The member's term when the batch was handed out."""
    last_index: int
    last_term: int
    """With this batch the disk holds the whole log up to here."""
    snapshot: Snapshot | None
    promises: tuple[Message, ...]


def next_save(raft: Raft) -> Save | None:
    """Put together the next batch of writes, and the promises that rest on it."""
    log = raft.log
    hard_state = (raft.term, raft.vote, commit_index_to_remember(raft))
    changed = hard_state != raft.handed_out
    entries = log.unsaved()
    snapshot = log.pending_snapshot
    if snapshot and any(batch.snapshot is snapshot for batch in raft.batches):
        snapshot = None  # on its way already
    if not (changed or entries or snapshot or raft.promises):
        return None
    wal = raft.config.parts.wal
    needs_sync = wal.must_sync if wal else must_sync
    waits = snapshot is not None or needs_sync(raft.handed_out, hard_state, entries)
    raft.handed_out = hard_state
    log.saving_index = log.last_index
    raft.last_batch += 1
    raft.batches.append(
        Batch(
            raft.last_batch,
            raft.term,
            log.last_index,
            log.last_term,
            snapshot,
            tuple(raft.promises),
        )
    )
    raft.promises.clear()
    saved_state = HardState(*hard_state) if changed else None
    return Save(raft.last_batch, saved_state, entries, snapshot, waits)


def must_sync(before: State, after: State, entries: tuple[Entry, ...]) -> bool:
    """Whether a batch must survive a power cut before what rests on it may leave.

    Raft Figure 2, persistent state: the term, the vote, the log. The commit index is not: it can
    always be learned again. (etcd/raft: MustSync)
    """
    return bool(entries) or before[:2] != after[:2]


def commit_index_to_remember(raft: Raft) -> int:
    """The commit index as the hard state records it.

    In the paper it is volatile, and a change of members acts when it is stored. Here a change
    acts when it is applied; so a member that forgot that a change is committed could come back
    and win an election by the majority of members long gone. Up to the last committed change
    it is remembered, whatever the profile; and up to the last snapshot, for by the commit index a
    member that starts again tells which snapshots count (`learnetcd.disk.recovery`).
    """
    log = raft.log
    if raft.config.remember_commit_index:
        return log.commit_index
    first = max(raft.looked_to + 1, log.first_index)
    for entry in log.entries(first, log.commit_index) if first <= log.commit_index else ():
        if isinstance(entry.payload, ConfigChange):
            raft.last_change_index = entry.index
    raft.looked_to = log.commit_index
    return max(raft.last_change_index, log.snapshot.index)


def saved(raft: Raft, batch: int) -> None:
    """Learn that everything up to and including this batch is durable."""
    log = raft.log
    durable_index = log.durable_index
    raft.saved_batch = max(raft.saved_batch, batch)
    done = [waiting for waiting in raft.batches if waiting.number <= batch]
    for finished in done:
        if finished.snapshot is not None:
            log.snapshot_saved(finished.snapshot)
        # A later leader may have overwritten these entries, and a third one brought them back,
        # while the disk was busy: only a batch of the present term speaks of the present log.
        if finished.term == raft.term:
            log.saved_to(finished.last_index, finished.last_term)
    if log.durable_index > durable_index:
        raft.trace(EntriesDurable(durable_index + 1, log.durable_index))
    release_promises(raft)


def release_promises(raft: Raft) -> None:
    """Let go of what was promised on batches that are saved, oldest first."""
    rule = raft.config.rules.promise
    while raft.batches and raft.batches[0].number <= raft.saved_batch:
        for message in raft.batches.popleft().promises:
            if message.receiver == raft.id:
                raft.step(message)  # its own vote, or its own copy
            else:
                raft.send(message)
    # Only the broken twin of the rule lets anything of the others go: one question is enough.
    if not raft.batches or not rule.allows(PromiseFacts(raft.batches[0].number, raft.saved_batch)):
        return
    for position, batch in enumerate(raft.batches):
        if batch.promises and rule.allows(PromiseFacts(batch.number, raft.saved_batch)):
            raft.outbox += [m for m in batch.promises if m.receiver != raft.id]
            own = tuple(m for m in batch.promises if m.receiver == raft.id)
            raft.batches[position] = Batch(
                batch.number, batch.term, batch.last_index, batch.last_term, batch.snapshot, own
            )
