"""Times to live: keys go when the leader says what time it is, everywhere at the same index."""

from itertools import pairwise

from learnetcd.member.command import Expiry, decode_command
from learnetcd.member.inputs import TimerFired, WallClockRead
from learnetcd.member.request import KeyRequest, Method, WatchRequest

SECOND = 1_000_000_000


def written(three, **options):
    asked = three.submit(1, KeyRequest(Method.PUT, "/x", "1", **options))
    three.settle()
    three.beat()
    return asked


def expiries(member):
    """The times in a member's log."""
    log = member.raft.log
    entries = log.entries(log.first_index, log.last_index)
    commands = [decode_command(entry.payload) for entry in entries if entry.payload]
    return [command.cutoff_ns for command in commands if isinstance(command, Expiry)]


def run(three, until_ms):
    """Let the timers fire for a while, the one that is due first each time."""
    while True:
        id = min(three.members, key=lambda id: three.members[id].deadline())
        if three.members[id].deadline() > until_ms:
            return
        three.fire_timer(id)
        three.settle()


def test_a_key_with_a_time_to_live_goes_at_all_members_at_the_same_index(cluster):
    three = cluster()
    three.elect(1)
    began = three.now
    asked = written(three, ttl=2)
    node = three.answers[asked].event.node
    assert (node.ttl, node.expires_ns) == (2, (1_500_000_000_000 + began) * 1_000_000 + 2 * SECOND)
    run(three, began + 1900)
    assert all(member.node_at("/x") for member in three.members.values())
    run(three, began + 2800)
    for member in three.members.values():
        assert member.node_at("/x") is None
        (last,) = [event for event in member.store.history if event.action == "expire"]
        assert (last.node.key, last.node.modified_index) == ("/1/x", 2)
    assert len({member.store.digest() for member in three.members.values()}) == 1


def test_the_leader_tells_the_time_every_500_ms_while_a_key_may_expire(cluster):
    three = cluster()
    leader = three.elect(1)
    run(three, three.now + 2000)
    assert expiries(leader) == []
    written(three, ttl=2)
    run(three, three.now + 5000)
    times = expiries(leader)
    assert [later - earlier for earlier, later in pairwise(times)] == (
        [SECOND // 2] * (len(times) - 1)
    )
    assert 4 <= len(times) <= 6
    assert leader.expiry_at is None


def test_no_member_expires_a_key_by_its_own_clock(cluster):
    three = cluster()
    three.elect(1)
    written(three, ttl=1)
    for id in (2, 3):
        three.step(id, WallClockRead(three.now, 2_000_000_000_000))
        three.step(id, TimerFired(three.now))
        three.settle()
    assert all(member.node_at("/x") for member in three.members.values())


def test_a_key_outlives_the_leader_who_should_have_let_it_go(cluster):
    three = cluster()
    three.elect(1)
    written(three, ttl=1)
    three.crash(1)
    three.now += 5000
    assert three.members[2].node_at("/x"), "nobody leads, so nobody says what time it is"
    three.elect(2)
    run(three, three.now + 1000)
    assert three.members[2].node_at("/x") is None
    assert three.members[3].node_at("/x") is None


def test_a_wall_clock_runs_with_the_members_own_until_it_is_read_again(cluster):
    alone = cluster((1,))
    member = alone.members[1]
    alone.now = 100
    alone.step(1, TimerFired(alone.now))
    assert member.wall_ns == 1_500_000_000_100_000_000
    alone.step(1, WallClockRead(alone.now, 1_600_000_000_000))
    assert member.wall_ns == 1_600_000_000_000_000_000


def test_a_refresh_gives_a_new_deadline_keeps_the_value_and_wakes_nobody(cluster):
    three = cluster()
    three.elect(1)
    written(three, ttl=2)
    three.submit(1, WatchRequest("/x", stream=True))
    asked = three.submit(1, KeyRequest(Method.PUT, "/x", prev_exist=True, ttl=9, refresh=True))
    three.settle()
    three.beat()
    assert three.value(asked) == "1"
    assert three.answers[asked].event.node.ttl == 9
    assert not three.notices
    run(three, three.now + 3000)
    assert three.members[1].node_at("/x").value == "1"
    assert not three.notices
    run(three, three.now + 8000)
    # Twice, as a stream in etcd hears of the removal of its own key.
    assert [notice.event.action for notice in three.notices] == ["expire"] * 2


def test_who_watches_is_told_that_a_key_expired(cluster):
    three = cluster()
    three.elect(1)
    written(three, ttl=1)
    watcher = three.submit(3, WatchRequest("/", recursive=True))
    run(three, three.now + 2000)
    (notice,) = three.notices
    assert (notice.request_id, notice.done) == (watcher, True)
    assert (notice.event.action, notice.event.node.key) == ("expire", "/x")
    assert notice.event.prev_node.value == "1"


def test_a_time_to_live_of_nothing_ends_at_once(cluster):
    three = cluster()
    three.elect(1)
    began = three.now
    written(three, ttl=0)
    run(three, began + 700)
    assert three.members[2].node_at("/x") is None


def test_deadlines_are_found_again_after_a_crash_of_all(cluster):
    three = cluster()
    three.elect(1)
    written(three, ttl=1)
    for id in (1, 2, 3):
        three.crash(id)
    for id in (1, 2, 3):
        three.start(id)
    three.elect(3)
    three.beat()
    run(three, three.now + 2500)
    assert three.members[1].store.etcd_index == 2
    assert all(member.node_at("/x") is None for member in three.members.values())
