"""The Raft log of one member, and how far each of its entries has got.

    snapshot     first                                  last
       |           v                                      v
       4     |  5@2   6@2   7@2   8@3   9@3   10@3   11@3
                  applied_index = 5         ^ the store has it
                        commit_index = 7          ^ a quorum has it
                                    durable_index = 9   ^ this member's disk has it
                                          saving_index = 11  ^ given to the disk

Indexes are 1-based (Raft Figure 2). Whatever lies before the first entry is represented by the
snapshot's index and term. The four markers are what learners confuse; each only ever moves by its
own rule, and truncation moves the two that speak of this disk back.

Invariants: snapshot_index <= applied_index <= commit_index <= last_index, but while a snapshot from
the leader waits for the disk; durable_index <= saving_index <= last_index; a committed entry is
never removed (asserted).

Left out: reading entries from the disk. A member keeps the log since its last compaction in
memory, as etcd does.

Next page: `progress`.
"""

from __future__ import annotations

from collections.abc import Sequence

from learnetcd.raft.chunks import Chunks
from learnetcd.raft.config import UNLIMITED
from learnetcd.raft.entry import Entry, Snapshot, Stored


class RaftLog:
    """Entries in order, without gaps, behind a snapshot."""

    __slots__ = (
        "_entries",
        "applied_index",
        "applying_index",
        "commit_index",
        "durable_index",
        "first_index",
        "pending_snapshot",
        "saving_index",
        "snapshot",
        "snapshot_index",
        "snapshot_term",
    )

    def __init__(self, stored: Stored) -> None:
        """Begin with what the disk holds: all of it durable, none of it applied."""
        self.snapshot = stored.snapshot
        """The latest snapshot, to be sent to followers that are too far behind."""
        self._begin_after(stored.snapshot)
        self.pending_snapshot: Snapshot | None = None
        """A snapshot from the leader that is not durable yet."""
        self._entries.extend(stored.entries)
        self.saving_index = self.durable_index = self.last_index
        self.commit_index = max(self.snapshot_index, stored.hard_state.commit_index)
        assert self.commit_index <= self.last_index, (
            f"the disk says that {self.commit_index} is committed, "
            f"the log ends at {self.last_index}"
        )

    def _begin_after(self, snapshot: Snapshot) -> None:
        self.snapshot_index = snapshot.index
        """The entry just before the first: its term is known, its payload is gone."""
        self.snapshot_term = snapshot.term
        self.first_index = snapshot.index + 1
        self._entries: Chunks[Entry] = Chunks(start=self.first_index)
        self.applying_index = self.applied_index = snapshot.index
        self.commit_index = snapshot.index
        self.saving_index = self.durable_index = snapshot.index

    # -- reading ------------------------------------------------------------------------------

    @property
    def last_index(self) -> int:
        """Index of the last entry, or of the snapshot when there is none after it."""
        return self._entries.end - 1

    @property
    def last_term(self) -> int:
        """Term of the last entry."""
        entries = self._entries
        return (
            entries[entries.end - 1].term if entries.end > self.first_index else self.snapshot_term
        )

    def term_at(self, index: int) -> int | None:
        """Term of the entry at `index`; None before the snapshot and beyond the end."""
        if self.first_index <= index < self._entries.end:
            return self._entries[index].term
        return self.snapshot_term if index == self.snapshot_index else None

    def matches(self, index: int, term: int) -> bool:
        """Whether this log has an entry with that index and term (or is snapshotted just there)."""
        return self.term_at(index) == term

    def entry(self, index: int) -> Entry:
        """The entry at `index`."""
        return self._entries[index]

    def entries(self, low: int, high: int, max_bytes: int | None = None) -> tuple[Entry, ...]:
        """Entries low to high, both included; no more than `max_bytes`, but at least one."""
        found = self._entries.slice(low, high + 1)
        return tuple(found) if max_bytes is None else tuple(found[: count_within(found, max_bytes)])

    def last_index_not_after(self, index: int, term: int) -> tuple[int, int]:
        """Find the last entry up to `index` whose term is at most `term`, as (its index, its term).

        Both sides of a refused append ask this about the other's log: nothing above it can match,
        so a divergent tail costs one probe for each term in it, not one for each entry (Raft §5.3,
        the remark on reducing rejected RPCs; etcd's findConflictByTerm).
        """
        while index >= self.snapshot_index:
            found = self.term_at(index)
            if found is None or found <= term:
                return index, found or 0
            index -= 1
        return index, 0  # below the snapshot nothing is known: it may match

    # -- writing ------------------------------------------------------------------------------

    def append(self, entries: Sequence[Entry]) -> None:
        """Add entries; those that stood at the same place or after it are removed."""
        first = entries[0].index
        assert self.commit_index < first <= self.last_index + 1, (
            f"entries from {first} would replace a committed one or leave a gap: "
            f"committed {self.commit_index}, last {self.last_index}"
        )
        if first <= self.last_index:
            self.remove_from(first)
        self._entries.extend(entries)

    def remove_from(self, index: int) -> None:
        """Remove the entry at `index` and all behind it."""
        assert index > self.commit_index, f"entry {index} is committed, and would be removed"
        self._entries.truncate(index)
        self.saving_index = min(self.saving_index, index - 1)
        self.durable_index = min(self.durable_index, index - 1)

    def commit_to(self, index: int) -> None:
        """Move the commit index forward; it never falls (Raft Figure 2)."""
        if index > self.commit_index:
            assert index <= self.last_index, (
                f"{index} can't be committed: the log ends at {self.last_index}"
            )
            self.commit_index = index

    def saved_to(self, index: int, term: int) -> None:
        """Learn that the disk holds the log up to `index`, if the entry there is still the same."""
        if index > self.durable_index and self.matches(index, term):
            self.durable_index = index

    def restore(self, snapshot: Snapshot) -> None:
        """Let a snapshot from the leader take the place of the whole log (Raft §7, step 7)."""
        applied_index = self.applied_index
        self._begin_after(snapshot)
        self.snapshot = self.pending_snapshot = snapshot
        self.applied_index = applied_index  # the store is not there yet: see `snapshot_saved`
        self.durable_index = 0

    def snapshot_saved(self, snapshot: Snapshot) -> None:
        """Learn that a snapshot from the leader is durable: the store continues from there."""
        if snapshot is self.pending_snapshot:
            self.pending_snapshot = None
            self.applied_index = max(self.applied_index, snapshot.index)
            self.saved_to(snapshot.index, snapshot.term)

    def compact(self, index: int) -> None:
        """Forget the entries up to `index`, which must be applied."""
        index = min(index, self.applied_index, self.durable_index)
        if index > self.snapshot_index:
            self.snapshot_term = self.entry(index).term
            self.snapshot_index = index
            self.first_index = index + 1
            self._entries.drop_before(self.first_index)

    # -- what the host has to do --------------------------------------------------------------

    def unsaved(self) -> tuple[Entry, ...]:
        """Entries that were not given to the disk yet."""
        last = self.last_index
        return self.entries(self.saving_index + 1, last) if self.saving_index < last else ()

    def to_apply(self, max_bytes: int) -> tuple[Entry, ...]:
        """Committed entries that may be applied now: durable here, and no snapshot in the way.

        An entry is applied only once it is durable here, so that a store never runs ahead of the
        log from which it would be rebuilt. `max_bytes` bounds all that is being applied.
        """
        high = min(self.commit_index, self.durable_index)
        if high <= self.applying_index or self.pending_snapshot is not None:
            return ()
        if max_bytes >= UNLIMITED:
            return self.entries(self.applying_index + 1, high)
        under_way = self.entries(self.applied_index + 1, self.applying_index)
        max_bytes -= sum(entry.wire_size for entry in under_way)
        return self.entries(self.applying_index + 1, high, max_bytes) if max_bytes > 0 else ()

    def fork(self) -> RaftLog:
        """Copy it; entries are shared."""
        copy = RaftLog.__new__(RaftLog)
        for name in RaftLog.__slots__:
            setattr(copy, name, getattr(self, name))
        copy._entries = self._entries.fork()
        return copy


def count_within(entries: Sequence[Entry], max_bytes: int) -> int:
    """Count how many of the entries fit into `max_bytes` on the wire; the first always does."""
    total = 0
    for count, entry in enumerate(entries):
        total += entry.wire_size
        if total > max_bytes and count:
            return count
    return len(entries)
