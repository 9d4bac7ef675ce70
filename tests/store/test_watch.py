"""Who is told of which event."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnetcd.store import EtcdError, Store, WatcherHub


class Watched:
    """A store with a hub that is shown each event, and what each watcher was told."""

    def __init__(self):
        self.store, self.hub, self.told = Store(), WatcherHub(), []

    def watch(self, watcher_id, key, **options):
        return self.hub.watch(watcher_id, self.store, key, **options)

    def __getattr__(self, action):
        def act(*given, **options):
            before = self.store.root
            event = getattr(self.store, action)(*given, **options)
            self.told = [notice.watcher_id for notice in self.hub.notify(event, before)]
            return event

        return act


@pytest.fixture
def watched():
    return Watched()


def test_a_watcher_is_told_once_and_a_stream_on_and_on(watched):
    watched.watch(1, "/x")
    watched.watch(2, "/x", stream=True)
    watched.set("/x", "1")
    assert watched.told == [1, 2]
    watched.set("/x", "2")
    assert watched.told == [2]
    assert len(watched.hub) == 1


def test_those_above_are_told_only_if_they_watch_recursively(watched):
    for number, (key, recursive) in enumerate(
        [("/", False), ("/", True), ("/a", False), ("/a", True), ("/a/b", False), ("/a/bc", True)]
    ):
        watched.watch(number, key, recursive=recursive, stream=True)
    watched.set("/a/b", "1")
    assert watched.told == [1, 3, 4]


def test_hidden_keys_are_told_to_those_who_name_them(watched):
    watched.watch(1, "/", recursive=True)
    watched.watch(2, "/a/_h", recursive=True)
    watched.watch(3, "/a/_h/x")
    watched.set("/a/_h/x", "1")
    assert watched.told == [2, 3]


def test_those_below_a_directory_that_is_removed_are_told_if_their_key_was_there(watched):
    watched.set("/d/a/b", "1")
    for number, key in enumerate(["/d/a/b", "/d/a", "/d/none", "/other", "/da"]):
        watched.watch(number, key)
    watched.delete("/d", recursive=True)
    assert watched.told == [0, 1]


def test_a_stream_hears_twice_of_the_removal_of_its_own_key(watched):
    """So it is in etcd: once where the node goes away, and once as of any other event."""
    watched.watch(1, "/x", stream=True)
    watched.watch(2, "/", recursive=True, stream=True)
    watched.set("/x", "1")
    watched.delete("/x")
    assert watched.told == [1, 2, 1]


def test_a_refresh_is_told_to_nobody_now_or_later(watched):
    watched.set("/x", "1", expires_ns=10**18)
    watched.watch(1, "/x")
    event = watched.update("/x", refresh=True, expires_ns=2 * 10**18)
    assert event.is_refresh
    assert watched.told == []
    assert watched.watch(2, "/x", since_index=2) is None


def test_events_before_the_index_that_was_asked_for_are_not_told(watched):
    watched.watch(1, "/x", since_index=3)
    watched.set("/x", "1")
    assert watched.told == []
    watched.set("/x", "2")
    assert watched.told == []
    watched.set("/x", "3")
    assert watched.told == [1]


def test_who_went_away_is_told_nothing_and_may_go_twice(watched):
    watched.watch(1, "/x")
    watched.watch(2, "/x")
    watched.hub.cancel(1)
    watched.hub.cancel(1)
    watched.set("/x", "1")
    assert watched.told == [2]
    assert watched.hub._watchers == watched.hub._keys == {}


def test_an_event_of_the_past_is_told_at_once_and_then_nobody_waits(watched):
    watched.set("/x", "1")
    notice = watched.watch(1, "/x", since_index=1, stream=True)
    assert notice.event.node.value == "1"
    assert len(watched.hub) == 0


def test_a_watcher_waits_once(watched):
    watched.watch(1, "/x")
    with pytest.raises(AssertionError, match="waits already"):
        watched.watch(1, "/y")


def test_a_fork_of_the_hub_goes_its_own_way(watched):
    watched.watch(1, "/x")
    fork = watched.hub.fork()
    watched.set("/x", "1")
    assert (len(watched.hub), len(fork)) == (0, 1)
    fork.watch(2, watched.store, "/x")
    assert (len(watched.hub), len(fork)) == (0, 2)


def test_ten_thousand_watchers_of_one_key_are_all_told_in_the_order_of_asking(watched):
    for number in range(10_000):
        watched.watch(number, "/x")
    watched.set("/x", "1")
    assert watched.told == list(range(10_000))
    assert len(watched.hub) == 0


KEYS = st.sampled_from(["/a", "/a/b", "/a/_c", "/a/b/d", "/e"])


@settings(max_examples=2 * settings.default.max_examples)
@given(
    st.lists(st.tuples(st.sampled_from(["set", "delete", "make"]), KEYS), max_size=20),
    st.lists(st.tuples(KEYS, st.booleans()), max_size=5),
)
def test_those_who_wait_are_told_what_those_who_look_back_are_told(writes, questions):
    """But for hidden keys, and directories that were removed, where etcd itself differs."""
    watched = Watched()
    for number, (key, recursive) in enumerate(questions):
        watched.watch(number, key, recursive=recursive)
    first = {}
    for action, key in writes:
        try:
            event = watched.set(key, is_dir=True) if action == "make" else (
                watched.set(key, "v") if action == "set" else watched.delete(key)
            )  # fmt: skip
        except EtcdError:
            continue
        for number in watched.told:
            first.setdefault(number, event)
    for number, (key, recursive) in enumerate(questions):
        notice = WatcherHub().watch(0, watched.store, key, recursive=recursive, since_index=1)
        looked_back = notice and notice.event
        if looked_back is None or "/_" not in looked_back.node.key[len(key) :]:
            assert first.get(number) == looked_back
