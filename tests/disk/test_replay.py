"""What a marker means for the entries before it."""

import pytest

from learnetcd.disk.replay import NoHistory, Replay
from learnetcd.raft.configuration import Configuration
from learnetcd.raft.entry import Entry, HardState, Snapshot

SNAPSHOT = Snapshot(20, 2, Configuration((1,)))


def replayed(entries, state):
    """Entries and a state, and only then the marker of the snapshot."""
    replay = Replay(SNAPSHOT)
    for entry in entries:
        replay.read_entry(entry)
    replay.read_state(state)
    replay.read_marker(20, 2)
    return replay.stored()


def test_a_backup_of_etcdctl_has_the_marker_behind_the_entries_that_stand_on_it():
    entries = (Entry(21, 2), Entry(22, 3))
    stored = replayed(entries, HardState(3, 1, 22))
    assert (stored.snapshot, stored.entries) == (SNAPSHOT, entries)


def test_entries_of_an_earlier_term_do_not_stand_on_a_snapshot():
    with pytest.raises(NoHistory, match="but the log ends at 20"):
        replayed([Entry(21, 1)], HardState(3, 1, 21))


def test_a_snapshot_of_the_leader_replaces_a_log_that_contradicts_it():
    entries = [Entry(20, 1), Entry(21, 1)]
    assert replayed(entries, HardState(3, 1, 20)).entries == ()


def test_a_snapshot_of_its_own_leaves_the_log_as_it_is():
    entries = [Entry(20, 2), Entry(21, 2)]
    assert replayed(entries, HardState(2, 1, 20)).entries == (Entry(21, 2),)


def test_a_log_may_have_gone_on_behind_an_older_snapshot_of_the_leader():
    """It was ahead of the log; the member's own, at 20, was taken later."""
    replay = Replay(SNAPSHOT)
    for entry in (Entry(1, 1), Entry(2, 1)):
        replay.read_entry(entry)
    replay.read_marker(15, 2)
    for index in range(16, 23):
        replay.read_entry(Entry(index, 2))
    replay.read_state(HardState(2, 1, 21))
    replay.read_marker(20, 2)
    assert replay.stored().entries == (Entry(21, 2), Entry(22, 2))


def test_a_gap_that_no_snapshot_explains_is_refused():
    replay = Replay(SNAPSHOT)
    replay.read_entry(Entry(1, 1))
    replay.read_marker(15, 2)
    with pytest.raises(NoHistory, match="entry 17@2 follows a log that ends at 15"):
        replay.read_entry(Entry(17, 2))


def before_the_leaders_snapshot():
    """A log of a term that was overruled, up to 25; then the leader sent its snapshot at 24."""
    replay = Replay(SNAPSHOT)
    for index in range(19, 26):
        replay.read_entry(Entry(index, 2))
    replay.read_marker(20, 2)
    replay.read_marker(24, 4)
    return replay


def test_a_log_that_a_lost_snapshot_has_replaced_is_refused():
    """With the file of 24@4 unreadable, entries 21 to 24 are not those that were committed."""
    replay = before_the_leaders_snapshot()
    with pytest.raises(NoHistory, match="24@4 took the place of the log, and can't be read"):
        replay.read_state(HardState(4, 1, 24))


def test_a_lost_snapshot_does_no_harm_if_the_log_has_its_entries():
    replay = before_the_leaders_snapshot()
    replay.read_state(HardState(4, 1, 20))
    entries = tuple(Entry(index, 4) for index in range(21, 26))
    for entry in entries:
        replay.read_entry(entry)
    replay.read_state(HardState(4, 1, 25))
    assert replay.stored().entries == entries
