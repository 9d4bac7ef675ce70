"""The replay: what the records of a log mean, read from a snapshot on.

    records     entry 1@1  entry 2@1  state(1, commit 1)  entry 2@2  entry 3@2  state(2, commit 1)
    log after       1@1    1@1 2@1                        1@1 2@2    1@1 2@2 3@2

A log on disk only grows. When Raft cuts its log and writes something else there, the new entry is
appended like any other, and reading puts it in its place: an entry replaces the one of its index
and voids all behind it. Of states the last one counts.

A snapshot stands for the log up to its index, so entries up to there are not kept. But they are
read, for what they void: an entry below the snapshot was written when all above it were gone.

What can't be the history of a member is refused (`NoHistory`), although its checksums are right:
a gap, a term that falls, a second vote in one term, a committed entry replaced, a commit index
beyond the end. No crash makes such a log; a mistake in our code might, or a flipped bit in the type
of a record, which no checksum covers.

Differs: etcd checks only for gaps. And it skips entries below the snapshot without voiding
what is above, as it does with a leader's snapshot that contradicts the log: what was cut off then
stands in the log again, behind a snapshot of a later term.

Source: etcd 3.4 wal/wal.go ReadAll, etcdctl/ctlv2/command/backup_command.go; Raft Figure 3 for what
must never fall.
Next page: `snapshots`.
"""

from __future__ import annotations

from learnetcd.raft.chunks import Chunks
from learnetcd.raft.entry import NO_MEMBER, Entry, HardState, Snapshot, Stored


class NoHistory(Exception):
    """The records can't have been written by a working member."""


class Replay:
    """Takes in records, one after the other.

    Invariants: `entries` begins one after the snapshot, without gaps.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        """Begin with the snapshot that was chosen; its marker is still to come."""
        self.snapshot = snapshot
        self.hard_state = HardState()
        self.entries: Chunks[Entry] = Chunks(start=snapshot.index + 1)
        self.last_written = 0
        """The index of the entry that was written last; the next file of the log is named by it."""
        self._has_read_an_entry = False
        self._newer: list[tuple[int, int]] = []
        """Markers of newer snapshots that the commit index has not reached so far."""
        self._term_below: int | None = None
        """The term that the log itself has at the snapshot's index, if it has it."""

    @property
    def last_index(self) -> int:
        """Where the log ends."""
        return self.entries.end - 1

    def read_entry(self, entry: Entry) -> None:
        """Put an entry in its place; what stood there and behind is void."""
        self._refuse_unlikely(entry)
        base = self.snapshot.index
        self.entries.truncate(max(entry.index, base + 1))
        if entry.index > base:
            self.entries.append(entry)
        else:
            self._term_below = entry.term if entry.index == base else None
        self.last_written = entry.index
        self._has_read_an_entry = True

    def _refuse_unlikely(self, entry: Entry) -> None:
        # Reading may begin in the middle of a log, but not above what the snapshot stands for.
        end = self.last_written if self._has_read_an_entry else self.snapshot.index
        if not 0 < entry.index <= end + 1:
            raise NoHistory(f"entry {entry} follows a log that ends at {end}")
        if entry.term < 1:
            raise NoHistory(f"entry {entry} is of no term")
        before = self.term_at(entry.index - 1)
        if before is not None and entry.term < before:
            raise NoHistory(f"entry {entry} follows one of term {before}")
        commit_index = self.hard_state.commit_index
        if entry.index <= commit_index:
            raise NoHistory(
                f"entry {entry} replaces one, but up to {commit_index} all is committed"
            )

    def term_at(self, index: int) -> int | None:
        """The term of an entry of this log; None for those that it has not."""
        if self.entries.start <= index < self.entries.end:
            return self.entries[index].term
        return self._term_below if index == self.snapshot.index else None

    def read_state(self, hard_state: HardState) -> None:
        """Take a newer term, vote and commit index."""
        old = self.hard_state
        if hard_state.term < old.term:
            raise NoHistory(f"term {hard_state.term} follows term {old.term}")
        if hard_state.commit_index < old.commit_index:
            raise NoHistory(f"commit index {hard_state.commit_index} follows {old.commit_index}")
        is_second_vote = old.vote not in (NO_MEMBER, hard_state.vote)
        if hard_state.term == old.term and is_second_vote:
            raise NoHistory(f"a vote for {hard_state.vote:x} follows one for {old.vote:x}")
        self.hard_state = hard_state
        self._refuse_another_base()

    def read_marker(self, index: int, term: int) -> None:
        """A snapshot was saved here. Only the chosen one says what the log is."""
        if (index, term) == (self.snapshot.index, self.snapshot.term):
            self._begin_after_the_snapshot(index, term)
            self._has_read_an_entry = True
        elif index > self.snapshot.index:
            self._newer.append((index, term))
            self._refuse_another_base()
            return
        elif not self._has_read_an_entry:
            return  # reading begins behind it
        # It may have been the leader's and ahead of the log, which then went on behind it.
        self.last_written = max(self.last_written, index)

    def _begin_after_the_snapshot(self, index: int, term: int) -> None:
        # The member's own snapshot fits its log. One that the leader sent may not: it replaced all.
        if self._term_below != term and not self._stands_on(term):
            self.entries.truncate(self.entries.start)
            self._term_below = term
            self.last_written = index

    def _refuse_another_base(self) -> None:
        """A newer snapshot may have been the leader's: then the log can't be read without it."""
        commit_index = self.hard_state.commit_index
        for index, term in [newer for newer in self._newer if newer[0] <= commit_index]:
            self._newer.remove((index, term))
            if self.term_at(index) != term:
                raise NoHistory(
                    f"the snapshot {index}@{term} took the place of the log, and can't be read"
                )

    def _stands_on(self, term: int) -> bool:
        """Whether the first entry that was ever read is the one after the snapshot.

        So begins a backup of `etcdctl`: the entries, and only then the marker. A member that never
        wrote an entry below them must have had the snapshot already.
        """
        if self._term_below is not None or not len(self.entries):
            return False
        return self.entries[self.entries.start].term >= term

    def stored(self) -> Stored:
        """What the member begins with."""
        if self.hard_state.commit_index > self.last_index:
            raise NoHistory(
                f"{self.hard_state.commit_index} is recorded as committed, "
                f"but the log ends at {self.last_index}"
            )
        return Stored(self.snapshot, self.hard_state, tuple(self.entries))

    def onto(self, snapshot: Snapshot) -> Replay:
        """The same records, read from a newer snapshot on: its marker was the last of them."""
        again = Replay(snapshot)
        for entry in self.entries:
            again.read_entry(entry)
        again.read_state(self.hard_state)
        again.read_marker(snapshot.index, snapshot.term)
        return again

    def fork(self) -> Replay:
        """Copy it for next to nothing."""
        copy = Replay(self.snapshot)
        copy.hard_state = self.hard_state
        copy.entries = self.entries.fork()
        copy.last_written = self.last_written
        copy._has_read_an_entry = self._has_read_an_entry
        copy._newer = self._newer.copy()
        copy._term_below = self._term_below
        return copy
