"""A life of a data directory: all that a member may do to its disk, in an order that chance likes.

    life 41    created, vote, 3 entries, sync, commit, 2 entries, sync, killed, opened, the leader
               knows better from entry 4 on, sync, snapshot at 5, purge, ...

What is done goes to the storage and into the ledger. Files of the log are small, so that a life of
some dozen steps sees several of them begin and end. While a sync is under way, the member may go on
writing; here that happens between two calls of the file system, which is the only moment at which a
disk could tell.

Nothing of Raft decides here: terms, votes and commit indexes are made up, but never such that no
member could have them.

Source: etcd 3.4 etcdserver/raft.go, the order in which `start` saves; `learnetcd.member.saving`.
Next page: `crashes`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache

from learnetcd.checking.ledger import Ledger
from learnetcd.checking.plans import Chance
from learnetcd.disk.memory_files import MemoryFiles
from learnetcd.disk.storage import Storage, create, open_storage
from learnetcd.raft.configuration import Configuration
from learnetcd.raft.entry import Entry, HardState, Snapshot
from learnetcd.store.store import Store
from learnetcd.wire.etcdserverpb import Metadata

ROOT = "data"
ME = Metadata(node_id=1, cluster_id=1)
MEMBERS = Configuration((1, 2, 3))
LIVING = 903
"""Where the draws begin."""


class Life:
    """One data directory and its member."""

    def __init__(self, seed: int) -> None:
        """Begin before the first call."""
        self.files = MemoryFiles()
        self.files.before_call = self._call
        self.ledger = Ledger()
        self.storage: Storage | None = None
        """None while there is none, or while it is being opened."""
        self.is_born = False
        """Whether there has been a data directory that a member could rely on."""
        self.on_call: Callable[[str], None] = lambda words: None
        """Told of each call of the file system before it is made."""
        self.chance = Chance(seed, LIVING)
        self.segment_bytes = self.chance.pick((512, 1024, 4096))
        self._length = self.chance.between(15, 50)
        self._is_syncing = False
        self._may_write = True
        # What the member is: its promises, and the terms of its entries from the snapshot on.
        self._term, self._vote, self._commit_index, self._snapshot_index = 1, 0, 0, 0
        self._terms: dict[int, int] = {}

    @property
    def _last(self) -> int:
        return max(self._terms, default=0)

    def go(self) -> None:
        """Live from the first to the last step."""
        self.storage = create(self.files, ROOT, ME, self.segment_bytes)
        self.is_born = True
        for _ in range(self._length):
            self.chance.pick(STEPS)(self)
        self.sync()
        self.storage.close()

    def _call(self, words: str) -> None:
        self.on_call(words)
        if self._is_syncing and self._may_write and self.chance.one_in(8):
            self.append()  # as if by another thread

    # --- steps ---------------------------------------------------------------------------------

    def append(self) -> None:
        """Some entries, and what is committed by now."""
        first = self._last + 1
        self._write(range(first, first + self.chance.between(1, 4)))

    def vote(self) -> None:
        """A promise without an entry."""
        self._term += self.chance.between(1, 2)
        self._vote = self.chance.between(0, 3)
        self._write(range(0))

    def commit(self) -> None:
        """A state that needs no sync."""
        self._commit_index = self.chance.between(self._commit_index, self._last)
        self._write(range(0))

    def overwrite(self) -> None:
        """A leader of a later term knows better."""
        if self._commit_index < self._last:
            self._term, self._vote = self._term + 1, 0
            first = self.chance.between(self._commit_index + 1, self._last)
            self._terms = {at: term for at, term in self._terms.items() if at < first}
            self._write(range(first, first + self.chance.between(1, 4)))

    def sync(self) -> None:
        """Make everything safe."""
        assert self.storage is not None, "a member writes when it is open"
        # The ledger goes first: what is being written may be found as well.
        self.ledger.sync_begins()
        self._is_syncing = True
        try:
            self.storage.sync()
        finally:
            self._is_syncing = False
        self.ledger.sync_returned()

    def take_snapshot(self) -> None:
        """One of its own store, at an index that it has applied."""
        if self._snapshot_index < self._commit_index:
            index = self.chance.between(self._snapshot_index + 1, self._commit_index)
            self._save(index, self._terms[index])

    def receive_snapshot(self) -> None:
        """One of the leader's: it replaces the log."""
        self._term, self._vote = self._term + 1, 0
        index = self.chance.between(self._commit_index + 1, self._last + 5)
        self._save(index, self._term)
        self._terms, self._commit_index = {index: self._term}, index
        if self.chance.one_in(2):  # others sync and purge before its hard state is written
            self._may_write = False
            self.sync()
            self.purge()
            self._may_write = True
        self._write(range(0))
        if self.chance.one_in(2):
            self.append()
        self.sync()

    def purge(self) -> None:
        """Old files go, or can't."""
        assert self.storage is not None, "a member purges when it is open"
        with suppress(OSError):  # it is asked again in half a minute
            self.storage.purge(self.chance.between(1, 3), self.chance.between(1, 3))

    def restart(self) -> None:
        """The process ends, in good order or not, and another one goes on."""
        assert self.storage is not None, "a member ends when it was open"
        if self.chance.one_in(2):
            self.storage.close()
        else:
            self.files.process_killed()
        self.storage = None
        self.storage, stored = open_storage(self.files, ROOT, self.segment_bytes)
        assert self.ledger.allows(stored), f"a new process finds {stored}"
        self.ledger.restarted(stored)
        snapshot, hard_state = stored.snapshot, stored.hard_state
        self._snapshot_index = snapshot.index
        self._commit_index = max(hard_state.commit_index, snapshot.index)
        self._terms = {entry.index: entry.term for entry in stored.entries}
        if snapshot.index:
            self._terms[snapshot.index] = snapshot.term
        self._term, self._vote = hard_state.term + 1, 0
        # An entry may be of a later term than the state behind it, which a crash took.
        self._term = max(self._term, *self._terms.values(), 1)

    # --- what they are made of -----------------------------------------------------------------

    def _write(self, indexes: range) -> None:
        assert self.storage is not None, "a member writes when it is open"
        entries = [self._entry(index) for index in indexes]
        self._terms |= {entry.index: entry.term for entry in entries}
        state = HardState(self._term, self._vote, self._commit_index)
        self.storage.write(entries, state)
        self.ledger.write(entries, state)

    def _entry(self, index: int) -> Entry:
        size = self.chance.pick((0, 10, 10, 100, 600, 1400))
        return Entry(index, self._term, (b"%d@%d " % (index, self._term) * size)[:size])

    def _save(self, index: int, term: int) -> None:
        assert self.storage is not None, "a member saves when it is open"
        snapshot = Snapshot(index, term, MEMBERS, store_at(index, term))
        self.storage.save_snapshot(snapshot)
        self.ledger.save(snapshot)
        self._snapshot_index = index


STEPS: tuple[Callable[[Life], None], ...] = (
    *[Life.append] * 6,
    *[Life.sync] * 6,
    *[Life.commit] * 4,
    *[Life.vote] * 2,
    *[Life.overwrite] * 2,
    *[Life.take_snapshot] * 2,
    Life.receive_snapshot,
    Life.purge,
    Life.restart,
)
"""What may come next; the more often it stands here, the more often it comes."""


@lru_cache(maxsize=256)
def store_at(index: int, term: int) -> Store:
    """The store of which there is a snapshot: another one for each index and term."""
    store = Store(("0", "1"))
    store.set("/1/saved", f"{index}@{term}")
    return store
