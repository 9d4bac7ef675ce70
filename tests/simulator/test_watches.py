"""Clients of a simulated cluster who watch, give keys a time to live, and go away."""

import pytest

from learnetcd.errors import UserError
from learnetcd.member.request import KeyRequest, Method, Outcome, WatchRequest
from learnetcd.simulator import acts, conditions, schedule
from learnetcd.simulator.decisions import (
    Campaign,
    Cancel,
    Crash,
    PassTime,
    Restart,
    Skew,
    Submit,
)
from learnetcd.simulator.setup import WALL_MS, Setup
from learnetcd.simulator.words import notices_text
from learnetcd.simulator.world import Impossible, World


def led(**setup):
    world = World(Setup(profile="etcd-3.3", **setup))
    world.decide(Campaign(1))
    assert schedule.run(world, until=lambda now: schedule.leader(now) == 1)
    return world


def ask(world, member, request):
    request_id = world.clients.last_id + 1
    world.decide(Submit(member, request_id, request))
    return request_id


def run_ms(world, ms):
    until = world.now + ms
    schedule.run(world, until=lambda now: now.next_at() is None or now.next_at() > until)


def test_what_a_watcher_was_told_stands_in_its_record():
    world = led()
    once = ask(world, 2, WatchRequest("/x"))
    stream = ask(world, 3, WatchRequest("/x", stream=True))
    assert [world.clients[id].outcome for id in (once, stream)] == ["watching", "watching"]
    for value in "12":
        ask(world, 1, KeyRequest(Method.PUT, "/x", value))
        run_ms(world, 300)
    assert notices_text(world.clients[once].notices) == "set x=1"
    assert notices_text(world.clients[stream].notices) == "set x=1, set x=2"
    assert [world.clients[id].outcome for id in (once, stream)] == ["told", "watching"]
    assert world.clients.watching == (stream,)


def test_a_watch_dies_with_its_member():
    world = led()
    watcher = ask(world, 2, WatchRequest("/x"))
    world.decide(Crash(2))
    assert world.clients[watcher].outcome == "ended"
    assert world.clients[watcher].answer.outcome is Outcome.WAITING


def test_who_goes_away_hears_no_more_and_is_forgotten():
    world = led()
    watcher = ask(world, 2, WatchRequest("/x"))
    writer = ask(world, 1, KeyRequest(Method.PUT, "/x", "1"))
    world.decide(Cancel(2, watcher))
    world.decide(Cancel(1, writer))
    run_ms(world, 300)
    assert world.clients[watcher].outcome == "ended"
    assert world.clients[writer].answer.outcome is Outcome.UNKNOWN
    assert world.member(2).node_at("/x").value == "1", "what was asked for happens all the same"
    assert len(world.member(2).watchers) == 0
    for member, client in ((2, watcher), (1, writer), (1, 99)):
        with pytest.raises(Impossible, match="waits for nothing"):
            world.decide(Cancel(member, client))


def test_each_member_is_told_first_of_all_what_a_wall_clock_shows():
    world = led()
    for member in world.member_ids:
        assert world.member(member).wall_minus_now_ms == WALL_MS


def test_a_skewed_clock_takes_the_wall_clock_along_also_over_a_crash():
    world = led()
    world.decide(Skew(2, 2000))
    began = world.now
    world.decide(PassTime(began + 1000))
    run_ms(world, 100)
    ahead = world.member(2).wall_ns - world.member(1).wall_ns
    assert ahead > 900_000_000
    world.decide(Crash(2))
    world.decide(Restart(2))
    assert world.member(2).wall_ns // 1_000_000 == WALL_MS + world.clock(2)


def test_a_fork_of_a_world_keeps_its_watchers_apart():
    world = led()
    watcher = ask(world, 1, WatchRequest("/x", stream=True))
    fork = world.fork()
    ask(fork, 1, KeyRequest(Method.PUT, "/x", "1", ttl=1))
    run_ms(fork, 2000)
    told = notices_text(fork.clients[watcher].notices)
    assert told == "set x=1 ttl 1, expire x, expire x"
    assert not world.clients[watcher].notices
    assert world.digest() != fork.digest()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("put S1 x=1 ttl:5", "put S1 c1 /x 1 ttl:5"),
        ("put S1 x=a b ttl:5 prev_value:z", 'put S1 c1 /x "a b" prev_value:z ttl:5'),
        ("put S1 x ttl:5 refresh:on", 'put S1 c1 /x "" ttl:5 refresh:on'),
        ("post S1 jobs=mow", "post S1 c1 /jobs mow"),
        ("delete S2 d recursive:on", "delete S2 c1 /d recursive:on"),
        ("get S2 d index recursive:on", "get S2 c1 /d index recursive:on"),
        ("watch S2 d recursive stream since:7", "watch S2 c1 /d recursive stream since:7"),
    ],
)
def test_what_a_person_types_is_what_a_client_asks(typed, meant):
    (decision, *_) = acts.parse(typed).plan(led())
    assert decision.text() == meant


def test_cancel_finds_the_member_that_was_asked():
    world = led()
    watcher = ask(world, 3, WatchRequest("/x"))
    (decision, *_) = acts.parse(f"cancel c{watcher}").plan(world)
    assert decision == Cancel(3, watcher)
    with pytest.raises(UserError, match="There is no request c9"):
        acts.parse("cancel c9").plan(world)


def test_a_condition_asks_how_often_a_watcher_was_told():
    world = led()
    watcher = ask(world, 1, WatchRequest("/x", stream=True))
    once, twice = (conditions.parse(f"told c{watcher}{times}") for times in ("", " 2"))
    assert not once.holds(world)
    ask(world, 1, KeyRequest(Method.PUT, "/x", "1"))
    run_ms(world, 300)
    assert (once.holds(world), twice.holds(world)) == (True, False)
