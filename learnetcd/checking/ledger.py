"""The ledger: what a member wrote to its disk, and what it may find there after a crash.

    write 5         write 6, 7       sync        write 8           <- the power fails
    |               |                |           |
    5               5 6              5 6 7       (8 was never sent to the disk)
                                     ^ acknowledged

A disk that loses power keeps what was synced, and of the rest what it likes. What is found then
must be one of the *moments* through which the log went since the last sync that returned: those are
in the ledger. An older one would have lost what was acknowledged; one that is none of them was
never true.

The ledger does not look at the code that writes. It knows only the order in which a sync takes what
waits: a state from before the first entry, all entries, the last state; and that the marker of a
snapshot ends a window.

Next page: `lives`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from learnetcd.raft.configuration import Configuration
from learnetcd.raft.entry import Entry, HardState, Snapshot, Stored
from learnetcd.store.store import Store

NOTHING = Snapshot(0, 0, Configuration(()))
NO_PROMISE = HardState()


@dataclass(frozen=True, slots=True)
class Moment:
    """What the disk says after one more record."""

    base: Snapshot = NOTHING
    """The snapshot on which the log stands: one of the leader's, or nothing."""
    log: tuple[Entry, ...] = ()
    """All entries after `base`, also those that a snapshot of our own stands for."""
    hard_state: HardState = NO_PROMISE
    saved: tuple[Snapshot, ...] = ()
    """All snapshots with a marker."""

    def stored(self) -> Stored:
        """What a restart finds."""
        commit_index = self.hard_state.commit_index
        good = [saved for saved in self.saved if saved.index <= commit_index]
        snapshot = max(good, key=lambda saved: saved.index, default=self.base)
        entries = tuple(entry for entry in self.log if entry.index > snapshot.index)
        return Stored(snapshot, self.hard_state, entries)

    def after_entry(self, entry: Entry) -> Moment:
        """An entry takes its place; what stood there and behind is void."""
        kept = tuple(old for old in self.log if old.index < entry.index)
        return replace(self, log=(*kept, entry))

    def after_marker(self, snapshot: Snapshot) -> Moment:
        """A snapshot is complete."""
        return replace(self, saved=(*self.saved, snapshot))

    def after_state(self, hard_state: HardState) -> Moment:
        """A state may be the one that makes a snapshot of the leader count."""
        base, log = self.base, self.log
        for saved in self.saved:
            terms = {old.index: old.term for old in log} | {base.index: base.term}
            is_reached = base.index < saved.index <= hard_state.commit_index
            if is_reached and terms.get(saved.index) != saved.term:
                base, log = saved, ()
        return Moment(base, log, hard_state, self.saved)


@dataclass(slots=True)
class Ledger:
    """The moments of one log."""

    moments: list[Moment] = field(default_factory=lambda: [Moment()])
    """All of them, from the beginning of this life on."""
    acknowledged: int = 0
    """The last one that is safe."""
    waiting: list[tuple[Sequence[Entry], HardState | None] | Snapshot] = field(default_factory=list)
    """What was written and no sync has taken yet."""

    @property
    def last(self) -> Moment:
        """What the disk says if nothing goes wrong."""
        return self.moments[-1]

    def write(self, entries: Sequence[Entry], hard_state: HardState | None) -> None:
        """The member wrote a batch."""
        self.waiting.append((entries, hard_state))

    def save(self, snapshot: Snapshot) -> None:
        """The member saved a snapshot."""
        self.waiting.append(snapshot)

    def sync_begins(self) -> None:
        """From now on, a crash may leave any part of what waits."""
        waiting, self.waiting = self.waiting, []
        state: HardState | None = None
        has_entries = False
        for batch in waiting:
            if isinstance(batch, Snapshot):
                self._state(state)
                self.moments.append(self.last.after_marker(batch))
                state, has_entries = None, False
                continue
            entries, newer = batch
            if entries and not has_entries:
                self._state(state)
                state, has_entries = None, True
            for entry in entries:
                self.moments.append(self.last.after_entry(entry))
            state = newer or state
        self._state(state)

    def _state(self, hard_state: HardState | None) -> None:
        if hard_state is not None:
            self.moments.append(self.last.after_state(hard_state))

    def sync_returned(self) -> None:
        """All that was taken is acknowledged."""
        self.acknowledged = len(self.moments) - 1

    def restarted(self, stored: Stored) -> None:
        """The member has read this, and goes on from it."""
        base = stored.snapshot
        saved = (base,) if base.index else ()
        self.moments = [Moment(base, stored.entries, stored.hard_state, saved)]
        self.acknowledged = 0
        self.waiting.clear()

    def allows(self, stored: Stored) -> bool:
        """Whether a crash now may leave that."""
        return any(is_same(stored, moment.stored()) for moment in self.moments[self.acknowledged :])


def is_same(one: Stored, other: Stored) -> bool:
    """Whether a member that begins with one is as good as one that begins with the other."""
    return _content(one) == _content(other)


def _content(stored: Stored) -> Stored:
    """Put a name for its content in place of the store."""
    state = stored.snapshot.state
    digest = state.digest() if isinstance(state, Store) else state
    return replace(stored, snapshot=replace(stored.snapshot, state=digest))
