"""What a leader knows of a member: the table of modes, row by row, and the window of appends."""

import pytest

from learnetcd.raft import Mode, Progress
from learnetcd.raft.progress import Inflight
from tests.raft.network import history


def progress(mode: Mode = Mode.PROBE, match: int = 0, next_index: int = 1, window: int = 3):
    known = Progress(next_index, Inflight(window, 1 << 30))
    known.match_index = match
    if mode is Mode.REPLICATE:
        known.become_replicate()
        known.next_index = next_index
    elif mode is Mode.SNAPSHOT:
        known.become_snapshot(next_index - 1)
    return known


def test_it_begins_by_probing_and_knows_nothing():
    known = progress(next_index=5)
    assert (known.mode, known.match_index, known.next_index) == (Mode.PROBE, 0, 5)
    assert not known.paused
    assert not known.recent_active


# -- probe ---------------------------------------------------------------------------------------


def test_in_probe_one_append_with_entries_is_sent_and_then_none():
    known = progress(next_index=5)
    known.sent(history(1, 1), 0)
    assert known.paused
    assert known.next_index == 5  # it is only a guess until it is answered


def test_in_probe_an_empty_append_does_not_pause():
    """etcd/raft SentEntries: kept as it always was."""
    known = progress(next_index=5)
    known.sent((), 0)
    assert not known.paused


def test_in_probe_an_acknowledgement_moves_match_and_next():
    known = progress(next_index=5)
    known.sent(history(1), 0)
    assert known.acknowledge(7)
    assert (known.match_index, known.next_index, known.paused) == (7, 8, False)


@pytest.mark.parametrize(
    ("hint", "next_index"),
    [(8, 9), (5, 6), (0, 3), (99, 9)],  # never above the refused index, never below match + 1
)
def test_in_probe_a_refusal_moves_next_back_to_the_hint(hint, next_index):
    known = progress(match=2, next_index=10)
    known.sent(history(1), 0)
    assert known.refuse(9, hint)
    assert (known.next_index, known.paused) == (next_index, False)


@pytest.mark.parametrize("refused", [8, 10, 3])
def test_in_probe_the_refusal_of_another_guess_is_old(refused):
    known = progress(next_index=10)
    known.sent(history(1), 0)
    assert not known.refuse(refused, 0)
    assert (known.next_index, known.paused) == (10, True)


def test_in_probe_a_refusal_of_what_it_acknowledged_is_old():
    known = progress(match=9, next_index=10)
    assert not known.refuse(9, 4)


# -- replicate -----------------------------------------------------------------------------------


def test_in_replicate_next_moves_as_entries_are_sent():
    known = progress(Mode.REPLICATE, match=4, next_index=5)
    known.sent(history(1, 1), 0)
    known.sent(history(1), 0)
    assert (known.match_index, known.next_index, len(known.inflight)) == (4, 8, 2)


def test_in_replicate_a_full_window_pauses():
    known = progress(Mode.REPLICATE, window=2)
    known.sent(history(1), 0)
    assert not known.paused
    known.sent(history(1), 0)
    assert known.paused
    assert known.inflight.full


def test_in_replicate_an_acknowledgement_frees_what_it_covers():
    known = progress(Mode.REPLICATE, window=2)
    known.sent(history(1), 0)
    known.sent(history(1), 0)
    known.acknowledge(1)
    known.inflight.free_to(1)
    assert (known.paused, known.inflight.full, len(known.inflight)) == (False, False, 1)


def test_in_replicate_a_refusal_sends_next_back_to_what_is_acknowledged():
    known = progress(Mode.REPLICATE, match=4, next_index=9)
    assert known.refuse(7, 6)
    assert known.next_index == 5


@pytest.mark.parametrize("refused", [3, 4])
def test_in_replicate_a_refusal_up_to_match_is_old(refused):
    known = progress(Mode.REPLICATE, match=4, next_index=9)
    assert not known.refuse(refused, 1)
    assert known.next_index == 9


def test_from_replicate_to_probe_the_window_is_forgotten():
    known = progress(Mode.REPLICATE, match=4, next_index=5, window=1)
    known.sent(history(1), 6)
    known.become_probe()
    assert (known.next_index, known.paused, len(known.inflight)) == (5, False, 0)
    assert known.sent_commit == 4


# -- snapshot ------------------------------------------------------------------------------------


def test_in_snapshot_nothing_is_sent():
    known = progress(Mode.SNAPSHOT, next_index=10)
    assert known.paused
    assert (known.pending_snapshot, known.next_index, known.sent_commit) == (9, 10, 9)
    known.waiting = False
    assert known.paused


def test_a_snapshot_that_arrived_is_probed_behind():
    known = progress(Mode.SNAPSHOT, match=3, next_index=10)
    known.become_probe()
    assert (known.next_index, known.pending_snapshot) == (10, 0)


def test_a_snapshot_that_failed_is_probed_before():
    known = progress(Mode.SNAPSHOT, match=3, next_index=10)
    known.pending_snapshot = 0
    known.become_probe()
    assert known.next_index == 4


# -- always --------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", Mode)
def test_match_never_falls_and_stays_below_next(mode):
    known = progress(mode, match=5, next_index=8)
    assert not known.acknowledge(4)
    assert not known.acknowledge(5)
    assert known.match_index == 5
    assert known.acknowledge(9)
    assert known.match_index == 9 < known.next_index


@pytest.mark.parametrize(
    ("max_appends", "max_bytes", "fits"), [(3, 1 << 30, 3), (10, 100, 2), (10, 50, 1), (1, 1, 1)]
)
def test_the_window_counts_appends_and_bytes(max_appends, max_bytes, fits):
    window = Inflight(max_appends, max_bytes)
    count = 0
    while not window.full:
        count += 1
        window.add(count, 50)
    assert count == fits
    window.free_to(count)
    assert len(window) == 0
    assert not window.full


def test_a_fork_of_progress_goes_its_own_way():
    known = progress(Mode.REPLICATE, match=1, next_index=2, window=2)
    fork = known.fork()
    fork.sent(history(1), 1)
    fork.acknowledge(2)
    assert (known.match_index, known.next_index, len(known.inflight)) == (1, 2, 0)
