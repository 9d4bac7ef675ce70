"""A workload, played on a storage and in the ledger at once."""

from learnetcd.checking.ledger import Ledger
from learnetcd.disk import storage
from learnetcd.raft.configuration import Change, ChangeKind, ConfigChange, Configuration
from learnetcd.raft.entry import Entry, HardState, Snapshot
from learnetcd.store import Store
from learnetcd.wire.etcdserverpb import Metadata

ROOT = "data"
ME = Metadata(0xBC62EF954E5DA7A3, 0x0BB456C3EFE14711)
MEMBERS = Configuration((1, 2, 3))
SEGMENT_BYTES = 2048


class Play:
    """Plays a workload on a storage and in the ledger."""

    def __init__(self, files, segment_bytes=SEGMENT_BYTES):
        self.files = files
        self.ledger = Ledger()
        self.is_created = False
        self.is_purging = False
        self.storage = None
        self.segment_bytes = segment_bytes

    def create(self):
        self.storage = storage.create(self.files, ROOT, ME, self.segment_bytes)
        self.is_created = True

    def write(self, *entries, state=None):
        self.storage.write(entries, state)
        self.ledger.write(entries, state)

    def sync(self):
        # The ledger goes first: what is being written may be found as well.
        self.ledger.sync_begins()
        self.storage.sync()
        self.ledger.sync_returned()

    def save(self, index, term):
        snapshot = snapshot_at(index, term)
        self.storage.save_snapshot(snapshot)
        self.ledger.save(snapshot)
        self.sync()

    def purge(self, max_wals, max_snapshots):
        self.is_purging = True
        self.storage.purge(max_wals, max_snapshots)
        self.is_purging = False


def snapshot_at(index, term):
    store = Store(("0", "1"))
    store.set("/1/saved", f"{index}@{term}" + "." * 300)
    return Snapshot(index, term, MEMBERS, store)


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
    play.write(text(10, 3, 30), state=HardState(3, 3, 9))  # two batches, one sync
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
