"""What a screen is drawn from."""

from learnetcd.member.request import KeyRequest, Method
from learnetcd.session.session import Grain, Session
from learnetcd.session.views import Mark
from learnetcd.simulator.decisions import Submit


def marks(session: Session, member: int) -> str:
    """The marks of a member's entries as letters: s d c a."""
    view = session.view().members[member - 1]
    return "".join(entry.mark.value[0] for entry in view.entries(1, view.last_index))


def test_an_entry_is_stored_then_durable_then_committed_then_applied(led: Session):
    """Four moments that learners confuse, one effect after the other."""
    led.choose(Submit(1, 1, KeyRequest(Method.PUT, "x", "1")))
    seen = [marks(led, 1)]
    while seen[-1] != "a":
        led.forward(Grain.EFFECT)
        if marks(led, 1) != seen[-1]:
            seen.append(marks(led, 1))
    assert seen == ["s", "d", "c", "a"]


def test_what_changed_in_the_last_move_is_marked(led: Session):
    led.put(1, "x", "1")
    view = led.view()
    assert {"last_index", "last_term", "durable_index"} <= view.members[0].changed
    assert view.members[0].entries(1, 1)[0].changed
    assert view.members[1].changed == frozenset()
    assert all(packet.new for packet in view.packets)
    led.forward()
    view = led.view()
    assert view.members[0].changed == frozenset()
    assert not view.members[0].entries(1, 1)[0].changed
    assert "last_index" in view.members[1].changed


def test_nothing_is_marked_before_anything_happened():
    session = Session.open()
    assert all(not member.changed for member in session.view().members)


def test_what_changed_is_marked_after_going_back_too(led: Session):
    led.put(1, "x", "1")
    marked = led.view().members[0].changed
    led.forward()
    led.back()
    assert led.view().members[0].changed == marked


def test_a_picture_does_not_change_when_the_cluster_goes_on(led: Session):
    led.put(1, "x", "1")
    view = led.view()
    leader = view.members[0]
    before = (leader.entries(1, 9), leader.records(9), leader.after_crash())
    led.run_until("all applied 1")
    led.crash(1)
    assert (leader.entries(1, 9), leader.records(9), leader.after_crash()) == before


def test_the_same_step_is_drawn_once(led: Session):
    assert led.view() is led.view()


def test_a_step_is_drawn_anew_when_its_branch_has_grown(led: Session):
    """Its picture says how long the branch is, and what changed since the stop before."""
    view = led.view()
    led.forward()
    led.seek(view.step)
    assert led.view().step == view.step
    assert led.view().length > view.length


def test_only_what_is_asked_for_of_a_long_log_is_given(led: Session):
    for number in range(200):
        led.put(1, "x", str(number))
    leader = led.view().members[0]
    assert [entry.text for entry in leader.entries(100, 102)] == ["x=99", "x=100", "x=101"]
    assert [entry.index for entry in leader.entries(199, 999)] == [199, 200]
    assert leader.entries(300, 400) == ()


def test_what_a_leader_knows_of_the_others(led: Session):
    led.put(1, "x", "1")
    peers = led.view().members[0].peers
    assert [(one.member, one.next_index, one.match_index) for one in peers] == [
        (2, 2, 0),
        (3, 2, 0),
    ]
    assert {one.mode for one in peers} == {"replicate"}
    assert {one.inflight for one in peers} == {1}


def test_a_dead_member_is_drawn_from_its_disk(led: Session):
    led.put(1, "x", "1")
    led.run_until("all applied 1")
    led.crash(3)
    dead = led.view().members[2]
    assert (dead.role, dead.alive, dead.timer) == ("down", False, None)
    assert dead.term == 1
    assert [entry.text for entry in dead.entries(1, 5)] == ["x=1"]
    assert dead.entries(1, 1)[0].mark is Mark.DURABLE
    assert led.state_lines()[2] == "S3 - t1 v1 c0 [x=1@1]"


def test_records_beyond_the_sync_line_are_lost_in_a_crash():
    session = Session.open("first-leader")
    session.forward(Grain.EFFECT)
    candidate = session.view().members[1]
    assert candidate.unsynced_records == 1
    assert [(one.text, one.synced) for one in candidate.records(5)] == [("term 1, vote S2", False)]
    assert candidate.after_crash() == "term 0, vote none, no entries"
    session.crash(2)
    assert session.state_lines()[1] == "S2 - t0 v. c0 []"


def test_conflicting_entries_are_marked():
    session = Session.open("cut-leader")
    session.cut("1|23")
    session.put(1, "x", "A")
    session.run_until("S2 leads or S3 leads")
    leader = 2 if session.view().members[1].role == "leader" else 3
    assert not session.view().members[0].entries(2, 2)[0].conflicts
    session.put(leader, "x", "B")
    assert session.view().members[0].entries(2, 2)[0].conflicts
    assert not session.view().members[leader - 1].entries(2, 2)[0].conflicts


def test_messages_in_flight_say_what_they_carry(led: Session):
    led.put(1, "x", "1")
    packet = led.view().packets[0]
    assert packet.text == "append t1 after 0@0 [x=1] commit 0"
    assert (packet.kind, packet.link, packet.new, packet.held) == ("append", (1, 2), True, False)
    assert dict(packet.fields)["entries"] == "[x=1@1]"
    led.hold(packet)
    assert led.view().packets[-1].held
    led.duplicate(led.view().packets[0])
    assert [one.copy_number for one in led.view().packets if one.copy] == [1]
    led.cut("1|23")
    assert all(one.blocked for one in led.view().packets if 1 in one.link)
    assert led.view().walls == "1|23"


def test_the_timer_bar_runs_down_and_says_which_timer_it_is(led: Session):
    timers = [member.timer for member in led.view().members]
    assert [timer.kind for timer in timers] == ["heartbeat", "election", "election"]
    assert all(0 <= timer.fires_in_ms <= timer.full_ms for timer in timers)
    first = Session.open("first-leader").view()
    assert [member.timer.fires_in_ticks for member in first.members] == [14, 11, 18]


def test_a_fast_clock_fires_earlier():
    session = Session.open("first-leader")
    session.skew(1, 2000)
    view = session.view()
    assert view.members[0].timer.fires_in_ms == 700
    assert view.members[0].timer.full_ms == 700
    assert view.members[0].timer.fires_in_ticks == 14
    assert view.members[0].clock_rate == 2000


def test_a_client_sees_less_than_the_truth(led: Session):
    led.put(1, "x", "1")
    assert led.view().clients[0].truth == "stored on 1 of 3, not committed"
    led.run_until("S1 committed 1")
    assert led.view().clients[0].outcome == "pending"
    assert led.view().clients[0].truth == "committed at 1"
    led.crash(1)
    assert led.view().clients[0].outcome == "unknown"
    assert led.view().clients[0].truth == "stored on 3 of 3, not committed"
    led.run_until("leader")
    leader = next(member.id for member in led.view().members if member.role == "leader")
    led.put(leader, "y", "2")
    led.run_until("all committed 2", limit_ms=500)
    assert led.view().clients[0].outcome == "unknown"
    assert led.view().clients[0].truth == "committed at 1"


def test_an_overwritten_write_stays_unknown_for_ever():
    session = Session.open("cut-leader")
    session.cut("1|23")
    lost = session.put(1, "x", "A")
    session.run_until("S2 leads or S3 leads")
    leader = 2 if session.view().members[1].role == "leader" else 3
    session.put(leader, "x", "B")
    session.run_until(f"S{leader} committed 2")
    client = {one.id: one for one in session.view().clients}[lost]
    assert client.truth == "overwritten: entry 2 is another one"
    session.heal()
    session.run_until("S1 applied x=B")
    session.run_until(f"answered c{lost}")
    client = {one.id: one for one in session.view().clients}[lost]
    assert (client.outcome, client.truth) == ("unknown", "overwritten")


def test_rules_and_invariants_are_told_with_their_sentences(led: Session):
    view = led.view()
    assert view.safe == view.invariants == len(led.invariants()) > 8
    assert all(one.sentence and one.citation for one in led.invariants())
    assert all(rule.on and rule.sentence and rule.breaks for rule in led.rules())
    led.set_rule("own-term", False)
    assert [rule.name for rule in led.rules() if not rule.on] == ["own-term"]
    assert led.view().broken_rules == ("own-term",)


def test_members_come_and_go(led: Session):
    led.add_member(4)
    led.run_until("all applied 1")
    view = led.view()
    assert [member.name for member in view.members] == ["S1", "S2", "S3", "S4"]
    assert {member.configuration for member in view.members} == {"voters=(1 2 3 4)"}
    assert view.members[0].entries(1, 1)[0].text == "+S4"
    led.remove_member(2)
    led.run_until("S1 applied 2")
    assert led.view().members[0].configuration == "voters=(1 3 4)"
    led.add_learner(5)
    led.run_until("S5 applied 3")
    assert led.view().members[4].learner


def test_a_picture_of_a_long_run_costs_no_more_than_one_of_a_short_run(led: Session):
    """No time is measured: what grows is counted by what is looked at."""
    for number in range(150):
        led.put(1, "x", str(number))
        led.forward()
    assert len(led.view().clients) == 60
    assert led.view().clients[-1].id == 150


def test_a_disk_that_nobody_can_start_from_is_shown_all_the_same(led: Session):
    """A broken member may write what no history is: here, that it forgot its vote."""
    led.set_rule("vote-memory", False)
    led.crash(2)
    led.restart(2)
    for _ in range(60):
        led.forward()
    told = led.view().members[1].after_crash()
    assert told == "nothing to start from: a vote for 0 follows one for 1"
    led.crash(2)
    assert (led.view().members[1].role, led.view().members[1].term) == ("down", 1)


def test_the_keys_of_a_member_are_what_its_readers_see(led: Session):
    led.watch(1, "jobs", stream=True)
    led.put(1, "jobs/1", "a")
    led.put(1, "lock", "me", ttl=5)
    led.run_until("quiet")
    first, second, _ = led.view().members
    shown = first.keyspace(10)
    assert [(key.path, key.value, key.is_dir) for key in shown.keys] == [
        ("/jobs", "", True),
        ("/jobs/1", "a", False),
        ("/lock", "me", False),
    ]
    assert [key.seconds_left for key in shown.keys] == [None, None, 5]
    assert shown.watchers == (f"c{led.view().clients[0].id} watches /jobs and below",)
    assert shown.events == (f"{shown.etcd_index} set lock=me ttl 5", "1 set jobs/1=a")
    assert shown.ring == (1, shown.etcd_index), "nothing is forgotten yet"
    assert shown.ring_size == 1000
    assert second.keyspace(10).keys == shown.keys
    assert second.keyspace(10).watchers == (), "who watches, watches at one member"
    assert len(first.keyspace(1).keys) == 1
    led.crash(1)
    assert led.view().members[0].keyspace(10).keys == ()


def test_the_cluster_keeps_its_own_keys_to_itself(led: Session):
    shown = led.view().members[0].keyspace(10)
    assert (shown.keys, shown.events) == ((), ())


def test_the_keys_of_an_old_picture_do_not_change(led: Session):
    led.put(1, "x", "1")
    led.run_until("quiet")
    before = led.view().members[0]
    shown = before.keyspace(10)
    led.put(1, "x", "2")
    led.run_until("quiet")
    assert before.keyspace(10) == shown
    assert led.view().members[0].keyspace(10).keys[0].value == "2"
