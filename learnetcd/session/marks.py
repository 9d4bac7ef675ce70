"""The marks of entries: stored, durable, committed, applied; and what a crash would leave of them.

    index     1     2     3     4
    S1       x=1a  y=2a  x=3c  z=4s       z=4 is in the log and not on the disk for sure
    S2       x=1a  y=2c  x=9d             x=9 conflicts: the leader has x=3 there

The four are different moments, and a learner who takes one for another will not understand what is
lost in a crash. *Stored* and *durable* are about this member's disk, *committed* is about the
cluster, as far as this member knows, and *applied* about its store, which readers see.

A log may be long and a screen is small, so each function here gives back a function that is asked
for what there is room for.

Next page: `keyspace`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from learnetcd.disk.directory import SegmentName, SnapshotName
from learnetcd.raft.entry import Entry, Snapshot, Stored
from learnetcd.raft.log import RaftLog
from learnetcd.session import anatomy
from learnetcd.session.views import EntryView, FileView, Mark, RecordView
from learnetcd.simulator.disk import Disk, DiskRefused
from learnetcd.simulator.words import hard_state_text, payload_text, record_text

Entries = Callable[[int, int], tuple[EntryView, ...]]
"""entries(first, last): those of the range that there are."""

ALL = 1 << 60
"""Records: more than any disk keeps."""


def mark_of(log: RaftLog, index: int) -> Mark:
    """How far an entry has got at the member whose log this is."""
    if index <= log.applied_index:
        return Mark.APPLIED
    if index <= log.commit_index:
        return Mark.COMMITTED
    return Mark.DURABLE if index <= log.durable_index else Mark.STORED


def entries_of(
    log: RaftLog, leader_log: RaftLog | None, before: RaftLog | None, shows_changes: bool
) -> Entries:
    """The entries of a living member; changed is what the log `before` had not, or not so far."""

    def entries(first: int, last: int) -> tuple[EntryView, ...]:
        first, last = max(first, log.first_index), min(last, log.last_index)
        return tuple(map(view, log.entries(first, last))) if first <= last else ()

    def view(entry: Entry) -> EntryView:
        mark = mark_of(log, entry.index)
        is_new = shows_changes and (before is None or is_other(before, entry, mark))
        return _view(entry, mark, _conflicts(entry.index, log.term_at, leader_log), is_new)

    return entries


def is_other(log: RaftLog, entry: Entry, mark: Mark) -> bool:
    """Whether this log has another entry there, or the same one with another mark."""
    return log.term_at(entry.index) != entry.term or mark_of(log, entry.index) is not mark


def stored_entries_of(stored: Stored, leader_log: RaftLog | None) -> Entries:
    """The entries on the disk of a member that is down."""
    terms = {entry.index: entry.term for entry in stored.entries}
    return lambda first, last: tuple(
        _view(entry, Mark.DURABLE, _conflicts(entry.index, terms.get, leader_log), changed=False)
        for entry in stored.entries
        if first <= entry.index <= last
    )


def _view(entry: Entry, mark: Mark, conflicts: bool, changed: bool) -> EntryView:
    return EntryView(
        index=entry.index,
        term=entry.term,
        text=payload_text(entry.payload),
        mark=mark,
        conflicts=conflicts,
        changed=changed,
    )


def _conflicts(
    index: int, our_term_at: Callable[[int], int | None], leader_log: RaftLog | None
) -> bool:
    """Whether the leader has another entry there: then this one will be removed.

    What lies beyond the end of the leader's log goes together with the entry at that end, if that
    is another one. If it is the same, this is not marked yet: it goes when a new one comes.
    """
    if leader_log is None:
        return False
    index = min(index, leader_log.last_index)
    ours, theirs = our_term_at(index), leader_log.term_at(index)
    return ours is not None and theirs is not None and ours != theirs


# --- disks --------------------------------------------------------------------------------------


def records_of(disk: Disk) -> Callable[[int], tuple[RecordView, ...]]:
    """The last records of a disk, the oldest first, as many as are asked for.

    Their bytes are made now: the simulated disk has none. Each checksum goes over all records
    before, so it is counted from the oldest one that is still there.
    """

    def records(count: int) -> tuple[RecordView, ...]:
        running, views = 0, []
        for number, record in disk.last_records(ALL):
            data, running = anatomy.sealed(*anatomy.bytes_of(record), running)
            views.append(
                RecordView(
                    record_text(record),
                    number <= disk.synced,
                    number,
                    data,
                    partial(anatomy.pieces_of_record, data),
                )
            )
        return tuple(views[-count:])

    return records


def files_of(disk: Disk) -> Callable[[], tuple[FileView, ...]]:
    """The files that a real member would have for this."""

    def files() -> tuple[FileView, ...]:
        records = disk.last_records(ALL)
        held = f"records {records[0][0]} to {records[-1][0]}" if records else "no records"
        log = FileView(f"wal/{SegmentName(0, 0)}", f"{held}, as a real member would write them")
        snapshots = [one for _, one in records if isinstance(one, Snapshot)]
        return log, *(snapshot_file(one.term, one.index) for one in snapshots)

    return files


def snapshot_file(term: int, index: int) -> FileView:
    """The file of a snapshot."""
    return FileView(f"snap/{SnapshotName(term, index)}", f"the store as of entry {index}@{term}")


def after_crash_of(disk: Disk, kept: int = 0) -> Callable[[], str]:
    """What a crash now would leave, if so many of the unsynced records reach the disk."""

    def text() -> str:
        try:
            return stored_text(disk.after_crash(kept))
        except DiskRefused as refused:
            return f"nothing to start from: {refused}"

    return text


def stored_text(stored: Stored) -> str:
    """What a disk holds, in one line: `term 2, vote S1, x=1 y=2`."""
    words = [hard_state_text(stored.hard_state)]
    if stored.snapshot.index:
        words.append(f"snapshot {stored.snapshot.index}@{stored.snapshot.term}")
    words.append(_row(stored.entries))
    return ", ".join(words)


def _row(entries: Sequence[Entry], at_most: int = 8) -> str:
    """Entries in a row, the last ones if there are many."""
    shown = " ".join(payload_text(entry.payload) for entry in entries[-at_most:])
    dots = "... " if len(entries) > at_most else ""
    return f"{dots}{shown}" if entries else "no entries"
