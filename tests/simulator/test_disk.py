"""The simulated disk: what survives, what recovery makes of it, and what it refuses."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnetcd.raft.configuration import Configuration
from learnetcd.raft.entry import Entry, HardState, Snapshot, Stored
from learnetcd.simulator.disk import SHOWN, DiskRefused, ValueDisk

THREE = Configuration((1, 2, 3))


def disk_with(*records, synced=None):
    disk = ValueDisk(THREE)
    disk.write(records)
    disk.sync(disk.written if synced is None else synced)
    return disk


def log(stored):
    return " ".join(map(str, stored.entries))


def test_an_empty_disk_is_a_new_member():
    assert ValueDisk(THREE).recovered() == Stored(Snapshot(0, 0, THREE))


def test_the_drawing_at_the_top_of_the_page_is_true():
    records = (
        Entry(1, 1), Entry(2, 1), HardState(1, 2),
        Entry(2, 2), Entry(3, 2), HardState(2, 3),
    )  # fmt: skip
    disk = disk_with(*records, synced=3)
    assert log(disk.after_crash()) == "1@1 2@1"
    assert log(disk.after_crash(kept=3)) == "1@1 2@2 3@2"


def test_a_crash_loses_what_was_not_synced():
    disk = disk_with(Entry(1, 1), Entry(2, 1), synced=1)
    disk.crash(0)
    assert log(disk.recovered()) == "1@1"
    assert (disk.written, disk.synced) == (1, 1)


def test_a_crash_may_leave_the_oldest_of_what_was_not_synced():
    disk = disk_with(Entry(1, 1), Entry(2, 1), Entry(3, 1), synced=1)
    disk.crash(1)
    assert log(disk.recovered()) == "1@1 2@1"
    disk.crash(0)
    assert log(disk.recovered()) == "1@1 2@1", "what was read once must be there the next time"


def test_asking_what_a_crash_would_leave_loses_nothing():
    disk = disk_with(Entry(1, 1), Entry(2, 1), synced=0)
    assert log(disk.after_crash()) == ""
    disk.sync(2)
    assert log(disk.recovered()) == "1@1 2@1"


def test_a_late_entry_voids_all_behind_its_place():
    assert (
        log(disk_with(Entry(1, 1), Entry(2, 1), Entry(3, 1), Entry(2, 2)).recovered()) == "1@1 2@2"
    )


def test_a_snapshot_of_this_log_keeps_what_follows_it():
    stored = disk_with(Entry(1, 1), Entry(2, 1), Entry(3, 1), Snapshot(2, 1, THREE)).recovered()
    assert (stored.snapshot.index, log(stored)) == (2, "3@1")


def test_a_snapshot_of_another_log_keeps_nothing():
    """Raft §7: "If instead the follower has ... conflicting entries", the whole log goes."""
    records = (Entry(1, 1), Entry(2, 1), Entry(3, 1), Snapshot(2, 2, THREE), Entry(3, 2))
    stored = disk_with(*records).recovered()
    assert (stored.snapshot.index, log(stored)) == (2, "3@2")


def test_a_tail_that_was_cut_off_below_the_snapshot_does_not_come_back():
    records = (*(Entry(i, 1) for i in range(1, 6)), Entry(2, 2), Entry(3, 2), Snapshot(3, 2, THREE))
    stored = disk_with(*records).recovered()
    assert (stored.snapshot.index, log(stored)) == (3, "")


def test_an_older_snapshot_does_not_replace_a_newer_one():
    stored = disk_with(Snapshot(9, 2, THREE), Snapshot(5, 1, THREE), Entry(10, 2)).recovered()
    assert (stored.snapshot.index, log(stored)) == (9, "10@2")


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        ((Entry(2, 1),), "entry 2@1 follows a log that ends at 0"),
        ((Entry(1, 1), Entry(3, 1)), "entry 3@1 follows a log that ends at 1"),
        ((Entry(1, 2), Entry(2, 1)), "entry 2@1 follows one of term 2"),
        ((Snapshot(5, 2, THREE), Entry(7, 2)), "entry 7@2 follows a log that ends at 5"),
        ((Snapshot(5, 2, THREE), Entry(6, 1)), "entry 6@1 follows one of term 2"),
        ((Entry(1, 1), HardState(1, 0, 2)), "2 is recorded as committed, but the log ends at 1"),
    ],
)
def test_recovery_refuses_what_no_member_can_have_written(records, reason):
    """etcd #10219: a commit index beyond the log stops the member, rather than a wrong vote."""
    with pytest.raises(DiskRefused, match=reason):
        disk_with(*records).recovered()


def test_old_records_are_let_go_and_recovery_knows_them_still():
    disk = ValueDisk(THREE)
    for index in range(1, 2000):
        disk.write((Entry(index, 1),))
        disk.sync(disk.written)
    assert len(disk.last_records(10_000)) <= SHOWN + 64
    assert len(disk.recovered().entries) == 1999
    assert disk.last_records(2) == [(1998, Entry(1998, 1)), (1999, Entry(1999, 1))]


# --- against a model ------------------------------------------------------------------------------


@dataclass
class Model:
    """The same disk, told in the plainest way: keep every record, and read them all each time."""

    records: list = field(default_factory=list)
    synced: int = 0

    def recovered(self, records):
        snapshot, state, entries = Snapshot(0, 0, THREE), HardState(), {}
        for record in records:
            if isinstance(record, HardState):
                state = record
            elif isinstance(record, Snapshot):
                at = entries.get(record.index)
                if record.index < snapshot.index:
                    continue
                known = snapshot.term if record.index == snapshot.index else at and at.term
                keep = known == record.term
                entries = {i: e for i, e in entries.items() if keep and i > record.index}
                snapshot = record
            else:
                entries = {i: e for i, e in entries.items() if i < record.index}
                if record.index > snapshot.index:
                    entries[record.index] = record
        return Stored(snapshot, state, tuple(entries[i] for i in sorted(entries)))


@st.composite
def histories(draw):
    """What a correct member may write: appends, truncations, snapshots, syncs, crashes."""
    kinds = ["append", "cut", "state", "own", "theirs", "sync", "crash", "fork"]
    steps = draw(st.lists(st.sampled_from(kinds)))
    numbers = [draw(st.integers(0, 5)) for _ in steps]
    return list(zip(steps, numbers, strict=True))


@given(histories())
def test_the_disk_recovers_what_the_model_recovers(history):
    disk, model = ValueDisk(THREE), Model()
    term = 1

    def write(*records):
        disk.write(records)
        model.records += records

    for what, number in history:
        now = model.recovered(model.records)
        first = now.snapshot.index + 1
        last = first + len(now.entries) - 1
        if what == "append":
            write(*(Entry(last + 1 + i, term) for i in range(number)))
        elif what == "cut":
            term += 1
            write(Entry(max(first, last - number), term))
        elif what == "state":
            write(HardState(term, number % 4, 0))
        elif what == "own" and now.entries:
            covered = now.entries[min(number, len(now.entries) - 1)]
            write(Snapshot(covered.index, covered.term, THREE))
        elif what == "theirs":
            term += 1
            write(Snapshot(last + number + 1, term, THREE))
        elif what == "sync":
            model.synced = max(model.synced, len(model.records) - number)
            disk.sync(max(disk.synced, disk.written - number))
        elif what == "crash":
            model.records = model.records[: model.synced + number]
            model.synced = len(model.records)
            disk.crash(number)
            found = disk.recovered()
            term = max([term, found.snapshot.term, *(entry.term for entry in found.entries)])
        elif what == "fork":
            disk = disk.fork()
        assert disk.recovered() == model.recovered(model.records[: model.synced])
        kept = model.records[: model.synced + number]
        assert disk.after_crash(number) == model.recovered(kept)
        assert (disk.written, disk.synced) == (len(model.records), model.synced)
