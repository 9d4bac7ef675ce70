"""What the judge knows of a disk: what a member would find there after a power cut.

    effects     WriteWal(8@3 9@3)  SyncWal(4)       WriteWal(10@3)  SyncWal(5)
    input                                                                         WalSynced(4)
    durable     ... 7@2 | waiting: 8@3 9@3, 10@3                      becomes     ... 9@3 | 10@3

No disk is looked at. Drivers carry effects out in order and say `WalSynced` when a sync is done;
whoever hears both knows what is durable, on a simulated disk as on a real one. Records that are
written and not synced may survive a power cut as well, but no promise can rest on that.

Of each entry only the term is kept. It is enough: index and term name the entry (Log Matching).

Next page: `history`, the other ghost that invariants share.
"""

from __future__ import annotations

from collections.abc import Sequence

from learnetcd.member.effects import SaveSnapshot, SyncWal, WriteWal
from learnetcd.raft.chunks import Chunks
from learnetcd.raft.entry import NO_MEMBER, Entry, Snapshot
from learnetcd.raft.raft import Raft
from learnetcd.tracing import member_name

Write = WriteWal | SaveSnapshot | SyncWal


def vote_text(vote: int) -> str:
    """Say for whom a vote is."""
    return f"a vote for {member_name(vote)}" if vote != NO_MEMBER else "no vote"


class KnownDisk:
    """The durable part of one disk, and what waits to become durable."""

    __slots__ = ("begins", "term", "terms", "vote", "waiting")

    def __init__(self, raft: Raft) -> None:
        """A member that has just started holds in memory what its disk holds, and nothing else."""
        log = raft.log
        self.term = raft.term
        self.vote = raft.vote
        self.terms: Chunks[int] = Chunks((log.snapshot_term,), start=log.snapshot_index)
        """The term of each durable entry, from the snapshot's last one on."""
        self.terms.extend(entry.term for entry in log.entries(log.first_index, log.last_index))
        self.waiting: list[Write] = []
        """Written and not confirmed, oldest first; a `SyncWal` ends each batch."""
        self.begins = log.snapshot_index
        """No entry below this will ever be read from this member again."""

    @property
    def last_index(self) -> int:
        """The last entry that is durable."""
        return self.terms.end - 1

    def term_at(self, index: int) -> int | None:
        """The term of a durable entry; None if there is none, or a snapshot stands for it."""
        terms = self.terms
        return terms[index] if terms.start <= index < terms.end else None

    def holds(self, index: int, term: int | None) -> bool:
        """Whether the entry of this name is durable here, itself or in a snapshot."""
        terms = self.terms
        # What a snapshot stands for was committed, and applied: no other entry can be meant.
        return index < terms.start or (index < terms.end and terms[index] == term)

    def entry_text(self, index: int) -> str:
        """Say what it holds at an index."""
        term = self.term_at(index)
        return "nothing" if term is None else f"{index}@{term}"

    def vote_text(self) -> str:
        """Say which term and vote it holds."""
        return f"term {self.term}, {vote_text(self.vote)}"

    def write(self, effect: Write) -> None:
        """Note what waits for the disk."""
        self.waiting.append(effect)

    def sync(self, batch: int) -> Sequence[str]:
        """Make a batch and all before it durable. Gives what was removed without leave (L4)."""
        ready = 0
        for position, effect in enumerate(self.waiting, 1):
            if isinstance(effect, SyncWal):
                if effect.batch > batch:
                    break
                ready = position
        lost = [found for effect in self.waiting[:ready] if (found := self._keep(effect))]
        del self.waiting[:ready]
        return lost

    def _keep(self, effect: Write) -> str:
        if isinstance(effect, WriteWal):
            if effect.hard_state is not None:
                self.term, self.vote = effect.hard_state.term, effect.hard_state.vote
            return self._keep_entries(effect.entries) if effect.entries else ""
        return self._keep_snapshot(effect.snapshot) if isinstance(effect, SaveSnapshot) else ""

    def _keep_entries(self, entries: Sequence[Entry]) -> str:
        terms = self.terms
        first, last, lost = entries[0].index, entries[-1], ""
        if not terms.start < first <= terms.end:
            lost = f"entries from {first} on were written over or behind a log of {self._extent()}"
            self.terms = terms = Chunks(start=first)
        elif first < terms.end:
            # Raft Figure 2, AppendEntries step 3: only a conflict removes. Had the logs agreed at
            # the last entry written, they would have agreed before it, too (Log Matching).
            if last.index < self.last_index and terms[last.index] == last.term:
                lost = (
                    f"entries {last.index + 1} to {self.last_index} were durable, and were removed "
                    f"by writing {last}, which was there already"
                )
            terms.truncate(first)
        terms.extend(entry.term for entry in entries)
        return lost

    def _keep_snapshot(self, snapshot: Snapshot) -> str:
        lost = ""
        # Raft Figure 13, step 6: what follows the snapshot's last entry may be acknowledged.
        if snapshot.index < self.last_index and self.term_at(snapshot.index) == snapshot.term:
            lost = (
                f"entries {snapshot.index + 1} to {self.last_index} were durable, and were removed "
                f"by a snapshot of the same log at {snapshot.index}@{snapshot.term}"
            )
        self.terms = Chunks((snapshot.term,), start=snapshot.index)
        return lost

    def _extent(self) -> str:
        return f"{self.terms.start} to {self.last_index}"

    def keep_own_snapshot(self, raft: Raft, index: int) -> None:
        """The member's own snapshot at `index` is durable: what it stands for may be let go."""
        if self.terms.start < index < self.terms.end:
            self.terms.drop_before(index)
        self.begins = raft.log.snapshot_index

    def may_have_lost(self, index: int) -> bool:
        """Whether a record that was not confirmed could have removed the entry at `index`.

        A crash may keep any number of the unsynced records, always the oldest.
        """
        for effect in self.waiting:
            if isinstance(effect, SaveSnapshot):
                return True
            if isinstance(effect, WriteWal) and effect.entries and effect.entries[0].index <= index:
                return True
        return False

    def fork(self) -> KnownDisk:
        """A copy that goes its own way from here."""
        copy = KnownDisk.__new__(KnownDisk)
        copy.term, copy.vote, copy.begins = self.term, self.vote, self.begins
        copy.terms = self.terms.fork()
        copy.waiting = self.waiting.copy()
        return copy
