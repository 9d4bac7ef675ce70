"""Clients who watch a key: told once, again and again, of the past, or that it is too late."""

from learnetcd.member.inputs import RequestCancelled
from learnetcd.member.request import KeyRequest, Method, Outcome, WatchRequest


def told(cluster):
    """Who was told of what, in which order."""
    return [
        (notice.request_id, notice.event.node.key, notice.event.node.modified_index, notice.done)
        for notice in cluster.notices
    ]


def elected(cluster, **knobs):
    three = cluster(**knobs)
    three.elect(1)
    return three


def write(three, key, value="1", **options):
    asked = three.submit(1, KeyRequest(Method.PUT, key, value, **options))
    three.settle()
    three.beat()
    return asked


def test_a_watcher_is_told_at_once_that_it_has_to_wait_and_later_of_one_event(cluster):
    three = elected(cluster)
    watcher = three.submit(2, WatchRequest("/x"))
    assert three.answers[watcher].outcome is Outcome.WAITING
    assert three.answers[watcher].etcd_index == 0
    write(three, "/x")
    write(three, "/x")
    assert told(three) == [(watcher, "/x", 1, True)]
    assert len(three.members[2].watchers) == 0


def test_a_stream_is_told_of_one_event_after_the_other(cluster):
    three = elected(cluster)
    watcher = three.submit(3, WatchRequest("/d", recursive=True, stream=True))
    write(three, "/d/a")
    write(three, "/e")
    write(three, "/d/b")
    assert told(three) == [(watcher, "/d/a", 1, False), (watcher, "/d/b", 3, False)]


def test_an_event_of_the_past_is_told_right_after_the_answer(cluster):
    three = elected(cluster)
    for value in "123":
        write(three, "/x", value)
    once = three.submit(1, WatchRequest("/x", since_index=2))
    stream = three.submit(1, WatchRequest("/x", stream=True, since_index=2))
    assert told(three) == [(once, "/x", 2, True), (stream, "/x", 2, False)]
    write(three, "/x", "4")
    assert len(three.notices) == 2, "a stream from the past is one event long, in etcd too"


def test_who_comes_too_late_is_refused(cluster):
    alone = cluster((1,))
    alone.elect(1)
    for number in range(1002):
        alone.put(1, "/x", str(number))
    alone.settle()
    asked = alone.submit(1, WatchRequest("/x", since_index=2))
    assert alone.answers[asked].outcome is Outcome.REFUSED
    assert alone.answers[asked].error.code == 401
    assert not alone.notices


def test_who_went_away_is_told_nothing(cluster):
    three = elected(cluster)
    watcher = three.submit(1, WatchRequest("/x"))
    writer = three.put(1, "/x", "1")
    three.step(1, RequestCancelled(three.now, watcher))
    three.step(1, RequestCancelled(three.now, writer))
    three.settle()
    assert not three.notices
    assert writer not in three.answers
    assert three.members[1].node_at("/x").value == "1"


def test_reads_and_refused_writes_wake_nobody(cluster):
    three = elected(cluster)
    three.submit(1, WatchRequest("/x"))
    write(three, "/x", prev_exist=True)
    three.submit(1, KeyRequest(Method.GET, "/x"))
    assert not three.notices


def test_the_statistics_say_how_many_watch(cluster):
    three = elected(cluster)
    for key in ("/x", "/y"):
        three.submit(1, WatchRequest(key))
    assert three.members[1].statistics["watchers"] == 2
    assert three.members[2].statistics["watchers"] == 0


# -- a watcher outlives the store --------------------------------------------------------------


def overtaken(cluster, writes, **watch):
    """S3 is cut off, misses some writes, and gets them by a snapshot; somebody watches there."""
    three = elected(cluster, snapshot_entries=4, keep_entries=0)
    write(three, "/x", "before")
    watcher = three.submit(3, WatchRequest("/x", **watch))
    three.cut = {3}
    for number in range(writes):
        three.put(1, "/x", str(number))
    three.settle()
    three.cut = set()
    three.beat(3)
    assert three.members[3].store.etcd_index == writes + 1
    assert three.members[3].raft.log.snapshot_index > 2
    return three, watcher


def test_a_watcher_is_told_what_a_snapshot_of_the_leader_brought(cluster):
    three, watcher = overtaken(cluster, writes=8)
    assert told(three) == [(watcher, "/x", 2, True)]


def test_a_stream_is_told_all_that_a_snapshot_of_the_leader_brought(cluster):
    three, watcher = overtaken(cluster, writes=8, stream=True)
    assert told(three) == [(watcher, "/x", index, False) for index in range(2, 10)]


def test_a_watch_ends_when_a_snapshot_brings_too_few_of_the_events(cluster):
    three, watcher = overtaken(cluster, writes=1100)
    (notice,) = three.notices
    assert (notice.request_id, notice.event, notice.done) == (watcher, None, True)
    assert len(three.members[3].watchers) == 0


def test_who_waits_for_a_later_index_goes_on_waiting_over_a_snapshot(cluster):
    three, watcher = overtaken(cluster, writes=8, since_index=20)
    assert not three.notices
    assert watcher in three.members[3].watchers
