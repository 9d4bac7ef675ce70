"""Snapshots: a picture of the store in place of the log that led to it.

**Its own.** When many entries were applied since the last snapshot, the member takes one, and
forgets the old part of its log once it is on disk:

    applied   ... 98 99 100 | 101          snapshot at 100: to the disk, in the background
    log       1 2 ... 95 96 ... 100 101    saved: forget up to 95, keep 5 for slow followers

What it takes is a fork of the store, so it costs the same for ten keys and for a million; bytes are
made of it by whoever writes it down or looks at it. It holds what etcd's holds: the keys of clients
and of the cluster, deadlines, the last events, the statistics. Watchers are no part of it.

**From the leader.** A follower that is too far behind gets the leader's snapshot in place of its
log. Three moments follow each other, and a crash may come between any two:

    received     the core has thrown its log away; the store is still the old one,
                 and so is the disk: a crash leads back to before
    durable      the snapshot is on disk: a crash leads to it. Now the store is replaced,
                 in the same step in which the core learns of it ...
    confirmed    ... and only after that the leader is told, and later entries are applied

So at no time has the store seen what the disk would not give back, and nobody is told of anything
that could be lost. Entries that waited to be applied when the snapshot came are dropped: the
snapshot holds what they did, and a change of members among them must not act twice.

Source: Raft §7, Figure 13; etcd 2.3 etcdserver/server.go, snapshot and applySnapshot.

Differs: etcd takes the next snapshot after *more than* so many entries; we too, though its
documentation says "after".

Next page: `expiry`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learnetcd.member import clients, namespace, watching
from learnetcd.member.effects import Effect, SaveSnapshot
from learnetcd.raft.chunks import Chunks
from learnetcd.raft.entry import Entry, Snapshot
from learnetcd.store.store import Store
from learnetcd.tracing.storage import (
    EntriesSkipped,
    LogCompacted,
    SnapshotSaved,
    SnapshotTaken,
    StoreRestored,
)

if TYPE_CHECKING:
    from learnetcd.member.member import Member


def store_of(snapshot: Snapshot) -> Store:
    """A store of one's own, with the content of a snapshot."""
    if snapshot.state is None:
        assert snapshot.index == 0, f"the snapshot at {snapshot.index} has no content"
        return Store(namespace.NAMES)  # before the first entry
    assert isinstance(snapshot.state, Store), f"the content of a snapshot is {snapshot.state!r}"
    # A fork: the snapshot itself is a value that others hold too, members that it is sent to even.
    return snapshot.state.fork()


# -- its own ----------------------------------------------------------------------------------


def take_if_due(member: Member, effects: list[Effect]) -> None:
    """Take a snapshot when enough was applied since the last one, one at a time."""
    entries = member.applied_index - member.snapshot_index
    enough = entries > member.config.snapshot_entries
    if not enough or member.own_snapshot is not None:
        return
    term = member.raft.log.term_at(member.applied_index)
    assert term is not None, f"entry {member.applied_index} was applied, and is not in the log"
    # Changes of members act when they are applied, so the configuration is that of applied_index.
    configuration = member.raft.configuration
    snapshot = Snapshot(member.applied_index, term, configuration, member.store.fork())
    member.own_snapshot = snapshot
    member.snapshot_index = snapshot.index
    effects.append(SaveSnapshot(snapshot, own=True))
    member.trace(SnapshotTaken(snapshot.index, snapshot.term, entries))


def saved(member: Member, index: int) -> None:
    """The own snapshot is on disk: from now on it can stand in for the entries before it."""
    snapshot = member.own_snapshot
    if snapshot is None or snapshot.index != index:
        return
    member.own_snapshot = None
    member.trace(SnapshotSaved(index))
    raft = member.raft
    first_index = raft.log.first_index
    raft.snapshot_taken(snapshot)
    raft.compact(index - member.config.keep_entries)
    if raft.log.first_index > first_index:
        member.trace(LogCompacted(raft.log.first_index, index))


def renew(member: Member, entry: Entry) -> None:
    """After a change of members, keep a picture that knows them, for those who will need one.

    A member refuses a snapshot of a time when it was none (etcd/raft restore). So a newcomer whose
    entries are gone would be sent the last snapshot and refuse it, for ever; and where nothing can
    be committed without it, no later one would ever be taken. This picture need not be on disk
    here, because all that it holds is committed: only forgetting entries waits for the disk.
    """
    # Differs: etcd takes a fresh picture for each sending (etcdserver/snapshot_merge.go).
    configuration = member.raft.configuration
    picture = Snapshot(entry.index, entry.term, configuration, member.store.fork())
    member.raft.snapshot_taken(picture)


# -- from the leader --------------------------------------------------------------------------


def receive(member: Member, snapshot: Snapshot) -> None:
    """The core took a snapshot in place of its log: what waits to be applied is part of it."""
    queue = member.apply_queue
    if len(queue):
        member.trace(EntriesSkipped(queue.start, queue.end - 1, snapshot.index))
    member.apply_queue = Chunks(start=snapshot.index + 1)


def restore(member: Member, snapshot: Snapshot, effects: list[Effect]) -> None:
    """The leader's snapshot is durable here: go on from it."""
    assert snapshot.index > member.applied_index, (
        f"the snapshot at {snapshot.index} would take back what was applied: {member.applied_index}"
    )
    etcd_index = member.store.etcd_index
    member.store = store_of(snapshot)
    member.applied_index = snapshot.index
    member.snapshot_index = snapshot.index
    member.trace(StoreRestored(snapshot.index, member.store.etcd_index))
    clients.answer_fresh_reads(member, effects)
    watching.catch_up(member, etcd_index, effects)
