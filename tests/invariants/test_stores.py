"""G9 and L11: one content at one index, and nobody who waits for what has happened."""

from learnetcd.member.request import WatchRequest


def test_healthy_stores_and_watches_break_nothing(make_stage):
    stage = make_stage("etcd-3.3")
    stage.elect(1)
    stage.ask(2, WatchRequest("/x"))
    stage.ask(3, WatchRequest("/x", stream=True))
    stage.put(1, "a")
    stage.put(1, "b")
    stage.settle()
    stage.heartbeat(1)
    stage.settle()
    assert stage.broken == []
    assert stage.judge.checked("G9") >= 9
    assert stage.judge.checked("L11") >= 2


def test_a_store_that_came_to_something_else_breaks_g9(stage):
    stage.elect(1)
    stage.members[3].store.set("/1/y", "by its own clock, perhaps")
    stage.put(1, "a")
    stage.settle()
    stage.heartbeat(1)
    stage.settle()
    assert stage.found("G9").startswith("its store at entry 1 is not the one that S")


def test_a_store_that_comes_back_different_breaks_g9(make_stage):
    stage = make_stage("etcd-3.3", members=(1,))
    stage.elect(1)
    for value in "ab":
        stage.put(1, value)
        stage.settle()
    stage.crash(1)
    stage.start(1)
    stage.members[1].store.set("/1/y", "kept by mistake")
    stage.heartbeat(1)  # it knows that the first write is committed: its disk says so
    stage.settle()
    assert stage.found("G9").endswith("is not the one that it had itself then")


def watched(stage, **options):
    """S1 leads alone, somebody watches there, and the member forgets to tell."""
    stage.elect(1)
    stage.ask(1, WatchRequest("/x", **options))
    watchers = stage.members[1].watchers
    type(watchers).notify, kept = lambda *_: [], type(watchers).notify
    try:
        stage.put(1, "a")
        stage.settle()
    finally:
        type(watchers).notify = kept


def test_a_watcher_who_is_not_told_breaks_l11(make_stage):
    stage = make_stage("paper", members=(1,))
    watched(stage)
    assert stage.found("L11") == "request 1 watches /x, and was not told of event 1"


def test_a_stream_that_is_not_told_breaks_l11(make_stage):
    stage = make_stage("paper", members=(1,))
    watched(stage, stream=True)
    assert stage.found("L11") == "request 1 watches /x, and was not told of event 1"


def test_who_waits_for_a_later_index_need_not_be_told(make_stage):
    stage = make_stage("paper", members=(1,))
    watched(stage, since_index=2)
    assert stage.found("L11") == ""
