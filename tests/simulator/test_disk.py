"""The simulated disk: what survives, what recovery makes of it, and what it refuses."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnetcd.raft.configuration import Configuration
from learnetcd.raft.entry import Entry, HardState, Snapshot, Stored
from learnetcd.simulator.disk import SHOWN, DiskRefused, ValueDisk

THREE = Configuration((1, 2, 3))
NEW = Stored(Snapshot(0, 0, THREE))


def disk_with(*records, synced=None):
    disk = ValueDisk(NEW)
    disk.write(records)
    disk.sync(disk.written if synced is None else synced)
    return disk


def log(stored):
    return " ".join(map(str, stored.entries))


def test_an_empty_disk_is_a_new_member():
    assert ValueDisk(NEW).recovered() == NEW


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


def committed(index):
    """A hard state that reaches so far: before it, a snapshot does not count."""
    return HardState(2, 0, index)


def test_a_snapshot_of_this_log_keeps_what_follows_it():
    records = (Entry(1, 1), Entry(2, 1), Entry(3, 1), committed(2), Snapshot(2, 1, THREE))
    stored = disk_with(*records).recovered()
    assert (stored.snapshot.index, log(stored)) == (2, "3@1")


def test_a_snapshot_of_another_log_keeps_nothing():
    """Raft §7: "If instead the follower has ... conflicting entries", the whole log goes."""
    before = (Entry(1, 1), Entry(2, 1), Entry(3, 1))
    stored = disk_with(*before, Snapshot(2, 2, THREE), committed(2), Entry(3, 2)).recovered()
    assert (stored.snapshot.index, log(stored)) == (2, "3@2")


def test_a_snapshot_does_not_count_before_the_commit_index_has_reached_it():
    """etcd #10219: the hard state that a leader's snapshot comes with may not have followed."""
    disk = disk_with(Entry(1, 1), Snapshot(5, 2, THREE))
    assert disk.recovered() == Stored(NEW.snapshot, HardState(), (Entry(1, 1),))
    disk.write((committed(5),))
    assert disk.after_crash(1).snapshot.index == 5
    assert disk.recovered().snapshot.index == 0, "asking changed nothing"
    disk.sync(disk.written)
    assert (disk.recovered().snapshot.index, disk.recovered().entries) == (5, ())


def test_a_tail_that_was_cut_off_below_the_snapshot_does_not_come_back():
    records = (*(Entry(i, 1) for i in range(1, 6)), Entry(2, 2), Entry(3, 2))
    stored = disk_with(*records, committed(3), Snapshot(3, 2, THREE)).recovered()
    assert (stored.snapshot.index, log(stored)) == (3, "")


def test_an_older_snapshot_does_not_replace_a_newer_one():
    records = (Snapshot(9, 2, THREE), committed(9), Snapshot(5, 1, THREE), Entry(10, 2))
    stored = disk_with(*records).recovered()
    assert (stored.snapshot.index, log(stored)) == (9, "10@2")


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        ((Entry(2, 1),), "entry 2@1 follows a log that ends at 0"),
        ((Entry(1, 1), Entry(3, 1)), "entry 3@1 follows a log that ends at 1"),
        ((Entry(1, 2), Entry(2, 1)), "entry 2@1 follows one of term 2"),
        ((Snapshot(5, 2, THREE), committed(5), Entry(7, 2)), "entry 7@2 follows a log that ends"),
        ((Snapshot(5, 2, THREE), committed(5), Entry(6, 1)), "entry 6@1 follows one of term 2"),
        ((Entry(1, 1), HardState(1, 0, 2)), "2 is recorded as committed, but the log ends at 1"),
        ((Entry(1, 1), HardState(1, 0, 1), Entry(1, 2)), "up to 1 all is committed"),
        ((HardState(2, 1), HardState(2, 3)), "a vote for 3 follows one for 1"),
        ((HardState(2), HardState(1)), "term 1 follows term 2"),
    ],
)
def test_recovery_refuses_what_no_member_can_have_written(records, reason):
    """etcd #10219: a commit index beyond the log stops the member, rather than a wrong vote."""
    with pytest.raises(DiskRefused, match=reason):
        disk_with(*records).recovered()


def test_old_records_are_let_go_and_recovery_knows_them_still():
    disk = ValueDisk(NEW)
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
        states = [record for record in records if isinstance(record, HardState)]
        state = states[-1] if states else HardState()
        saved = [one for one in records if isinstance(one, Snapshot)]
        good = [one for one in saved if one.index <= state.commit_index]
        snapshot = max(good, key=lambda one: (one.term, one.index), default=NEW.snapshot)
        entries = {}
        for record in records:
            if isinstance(record, Entry):
                entries = {i: e for i, e in entries.items() if i < record.index}
                entries[record.index] = record
            elif record is snapshot:
                at = entries.get(record.index)
                entries = entries if at and at.term == record.term else {}
        after = tuple(entries[i] for i in sorted(entries) if i > snapshot.index)
        return Stored(snapshot, state, after)


@st.composite
def histories(draw):
    """What a correct member may write: appends, truncations, snapshots, syncs, crashes."""
    kinds = ["append", "cut", "state", "own", "theirs", "sync", "crash", "fork"]
    steps = draw(st.lists(st.sampled_from(kinds)))
    numbers = [draw(st.integers(0, 5)) for _ in steps]
    return list(zip(steps, numbers, strict=True))


@given(histories())
def test_the_disk_recovers_what_the_model_recovers(history):
    disk, model = ValueDisk(NEW), Model()
    term = 1

    def write(*records):
        disk.write(records)
        model.records += records

    for what, number in history:
        now = model.recovered(model.records)
        commit_index = now.hard_state.commit_index
        first = now.snapshot.index + 1
        last = first + len(now.entries) - 1
        if what == "append":
            write(*(Entry(last + 1 + i, term) for i in range(number)))
        elif what == "cut":
            term += 1
            write(Entry(max(first, commit_index + 1, last - number), term))
        elif what == "state":
            write(HardState(term, 0, min(commit_index + number, last)))
        elif what == "own" and first <= commit_index:
            covered = now.entries[min(number, commit_index - first)]
            write(Snapshot(covered.index, covered.term, THREE))
        elif what == "theirs":
            term += 1
            # What is committed at an index is of one term: no other snapshot can be there.
            old = [record.index for record in model.records if isinstance(record, Snapshot)]
            index = max(last, *old, 0) + number + 1
            write(Snapshot(index, term, THREE))
            write(HardState(term, 0, index))
        elif what == "sync":
            model.synced = max(model.synced, len(model.records) - number)
            disk.sync(max(disk.synced, disk.written - number))
        elif what == "crash":
            model.records = model.records[: model.synced + number]
            model.synced = len(model.records)
            disk.crash(number)
        elif what == "fork":
            disk = disk.fork()
        assert disk.recovered() == model.recovered(model.records[: model.synced])
        kept = model.records[: model.synced + number]
        assert disk.after_crash(number) == model.recovered(kept)
        assert (disk.written, disk.synced) == (len(model.records), model.synced)
