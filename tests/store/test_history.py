"""The last thousand events, and what a watcher that comes late is told from them."""

import pytest

from learnetcd.store import EtcdError, Store, WatcherHub
from learnetcd.store.history import BLOCK, CAPACITY, History


def store_after(writes):
    store = Store()
    for number in range(writes):
        store.set(f"/k{number % 7}", str(number))
    return store


@pytest.mark.parametrize("writes", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 999, 1000, 1001, 1049, 3333])
def test_exactly_the_last_thousand_events_are_kept(writes):
    history = store_after(writes).history
    indexes = [event.node.modified_index for event in history]
    assert indexes == list(range(max(1, writes - CAPACITY + 1), writes + 1))
    assert len(history) == min(writes, CAPACITY)
    assert (history.start_index, history.last_index) == (
        (indexes[0], indexes[-1]) if indexes else (0, 0)
    )


def test_it_keeps_no_more_than_a_block_of_what_is_forgotten():
    history = store_after(5_000).history
    kept = sum(len(block) for block in history._blocks) + len(history._last_block)
    assert CAPACITY <= kept < CAPACITY + BLOCK


def test_a_fork_forgets_on_its_own():
    store = store_after(1_020)
    fork = store.fork()
    for _ in range(500):
        fork.set("/fork", "x")
    assert [event.node.modified_index for event in store.history] == list(range(21, 1_021))
    assert all(event.node.key != "/fork" for event in store.history)
    assert fork.history.start_index == 521


def test_who_asks_for_what_was_forgotten_is_told_what_is_left():
    """etcd: error 401, its cause `[oldest kept/asked]`."""
    store = store_after(1_050)
    with pytest.raises(EtcdError) as refused:
        WatcherHub().watch(1, store, "/k1", since_index=50)
    cause = "the requested history has been cleared [51/50]"
    assert refused.value == EtcdError(401, cause, 1_050)
    notice = WatcherHub().watch(1, store, "/k1", since_index=51)
    assert notice is not None
    assert notice.event.node.modified_index == 51 + (1 - 50) % 7


def test_nothing_can_be_missed_between_two_questions():
    """A client that asks each time from the index after its last event sees every change."""
    store = store_after(100)
    seen, since = [], 1
    while notice := WatcherHub().watch(1, store, "/k3", since_index=since):
        seen.append(notice.event.node.value)
        since = notice.event.node.modified_index + 1
    assert seen == [str(number) for number in range(100) if number % 7 == 3]


def test_an_event_that_does_not_follow_is_no_event_of_this_history():
    history, other = History(), store_after(3).history
    history.add(other.event(1))
    with pytest.raises(AssertionError, match="after 1 came 3"):
        history.add(other.event(3))


def test_looking_back_etcd_tells_of_a_removed_directory_whoever_s_key_begins_with_its_name():
    """etcd 2.3 store/event_history.go, scan: the prefix has no slash, so /ab hears of /a."""
    store = Store()
    store.set("/a", is_dir=True)
    store.delete("/a", is_dir=True)
    for key in ("/a", "/a/b", "/ab"):
        assert WatcherHub().watch(1, store, key, since_index=2) is not None
    assert WatcherHub().watch(1, store, "/b", since_index=2) is None
