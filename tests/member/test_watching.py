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
    assert three.members[1].store.get("/x").node.value == "1"


def test_reads_and_refused_writes_wake_nobody(cluster):
    three = elected(cluster)
    three.submit(1, WatchRequest("/x"))
    write(three, "/x", prev_exist=True)
    three.submit(1, KeyRequest(Method.GET, "/x"))
    assert not three.notices
