"""Workloads, and a model that says what must be found after each of their records."""

from dataclasses import dataclass, field

from learnetcd.disk import storage
from learnetcd.raft.configuration import Change, ChangeKind, ConfigChange, Configuration
from learnetcd.raft.entry import Entry, HardState, Snapshot, Stored
from learnetcd.wire.etcdserverpb import Metadata

ROOT = "data"
ME = Metadata(0xBC62EF954E5DA7A3, 0x0BB456C3EFE14711)
MEMBERS = Configuration((1, 2, 3))
SEGMENT_BYTES = 2048
NOTHING = Snapshot(0, 0, Configuration(()))
FIRST = HardState()


@dataclass(frozen=True)
class Moment:
    """What one more record means."""

    base: Snapshot = NOTHING
    log: tuple[Entry, ...] = ()
    """All entries after `base`, also those that a snapshot of our own stands for."""
    hard_state: HardState = FIRST
    saved: tuple[Snapshot, ...] = ()
    """All snapshots with a marker."""

    def stored(self):
        """What a restart must find."""
        commit_index = self.hard_state.commit_index
        good = [saved for saved in self.saved if saved.index <= commit_index]
        snapshot = max(good, key=lambda saved: saved.index, default=self.base)
        entries = tuple(entry for entry in self.log if entry.index > snapshot.index)
        return Stored(snapshot, self.hard_state, entries)


@dataclass
class Model:
    """The moments of a workload: how far it was written, how far it was synced."""

    moments: list[Moment] = field(default_factory=lambda: [Moment()])
    synced: int = 0

    def write(self, entries, hard_state):
        for entry in entries:
            now = self.moments[-1]
            kept = tuple(old for old in now.log if old.index < entry.index)
            self.moments.append(Moment(now.base, (*kept, entry), now.hard_state, now.saved))
        if hard_state is not None:
            now = self.moments[-1]
            base, log = now.base, now.log
            for saved in now.saved:
                terms = {old.index: old.term for old in log} | {base.index: base.term}
                is_leaders = base.index < saved.index <= hard_state.commit_index
                if is_leaders and terms.get(saved.index) != saved.term:
                    base, log = saved, ()
            self.moments.append(Moment(base, log, hard_state, now.saved))

    def save(self, snapshot):
        now = self.moments[-1]
        self.moments.append(Moment(now.base, now.log, now.hard_state, (*now.saved, snapshot)))

    def sync(self):
        self.synced = len(self.moments) - 1

    def allows(self, stored):
        """Whether a crash now may leave that."""
        return stored in [moment.stored() for moment in self.moments[self.synced :]]


class Play:
    """Plays a workload on a storage and on the model."""

    def __init__(self, files, segment_bytes=SEGMENT_BYTES):
        self.files = files
        self.model = Model()
        self.is_created = False
        self.is_purging = False
        self.storage = None
        self.segment_bytes = segment_bytes

    def create(self):
        self.storage = storage.create(self.files, ROOT, ME, self.segment_bytes)
        self.is_created = True

    def write(self, *entries, state=None):
        # The model goes first: what is being written may be found as well.
        self.model.write(entries, state)
        self.storage.write(entries, state)

    def sync(self):
        self.storage.sync()
        self.model.sync()

    def save(self, index, term):
        snapshot = snapshot_at(index, term)
        self.model.save(snapshot)
        self.storage.save_snapshot(snapshot)
        self.model.sync()

    def purge(self, max_wals, max_snapshots):
        self.is_purging = True
        self.storage.purge(max_wals, max_snapshots)
        self.is_purging = False
        self.model.sync()


def snapshot_at(index, term):
    return Snapshot(index, term, MEMBERS, b"the store at %d@%d" % (index, term) + b"." * 300)


def text(index, term, size=12):
    return Entry(index, term, (b"%d@%d " % (index, term) * size)[:size])


def add(index, member):
    change = ConfigChange((Change(ChangeKind.ADD_VOTER, member),), context=b"{}", legacy=True)
    return Entry(index, 1, change)


def life_of_a_member(play):
    """Everything that happens to a log: growth, cuts, conflicts, snapshots of both kinds."""
    play.create()
    play.write(add(1, 1), add(2, 2), add(3, 3), state=HardState(1, 0, 3))
    play.sync()
    play.write(state=HardState(2, 2, 3))  # a vote
    play.sync()
    play.write(text(4, 2), text(5, 2, 700), state=HardState(2, 2, 4))
    play.sync()
    play.write(state=HardState(2, 2, 5))  # no sync is needed for that
    play.write(text(6, 2, 900), text(7, 2), text(8, 2, 40), state=HardState(2, 2, 6))
    play.sync()
    play.write(text(9, 2))
    play.write(state=HardState(3, 3, 6))
    play.sync()
    play.write(text(7, 3, 600), state=HardState(3, 3, 7))  # the leader of term 3 knew better
    play.sync()
    play.save(7, 3)
    play.write(text(8, 3, 1200), text(9, 3, 900), state=HardState(3, 3, 8))
    play.write(text(10, 3, 30), state=HardState(3, 3, 9))  # syncs by itself: two batches
    play.sync()
    play.write(text(11, 3), text(12, 3), text(13, 3), state=HardState(4, 0, 9))
    play.sync()
    play.save(12, 4)  # from the leader, and it contradicts ours
    play.write(state=HardState(4, 0, 12))
    play.sync()
    play.write(text(13, 4, 800), text(14, 4, 800), state=HardState(4, 1, 13))
    play.sync()
    play.purge(2, 2)
    play.write(text(15, 4, 300), state=HardState(4, 1, 15))
    play.sync()
    play.save(15, 4)
    play.write(text(16, 4, 1500))
    play.sync()
    play.purge(1, 1)
    play.save(20, 5)  # from the leader, and beyond our log; the crash comes before its hard state
    play.purge(1, 1)
