"""How far a key goes, and the way back."""

import pytest

from learnetcd.errors import UserError
from learnetcd.session.session import Grain, Session
from learnetcd.simulator.decisions import Deliver


def first_leader() -> Session:
    return Session.open("first-leader")


def walk(session: Session, grain: Grain, times: int) -> list[str]:
    """The digests at the stops, the start among them."""
    digests = [session.digest()]
    for _ in range(times):
        session.forward(grain)
        digests.append(session.digest())
    return digests


def test_an_effect_is_one_decision():
    session = first_leader()
    for step in range(1, 10):
        session.forward(Grain.EFFECT)
        assert session.view().step == step


def test_a_message_step_ends_when_one_message_has_arrived_and_that_member_has_done_its_work():
    session = first_leader()
    session.forward(Grain.MESSAGE)
    assert session.state_lines()[1] == "S2 C t1 v2 c0 []"
    assert session.view().members[1].unsynced_records == 0
    assert session.view().members[1].votes == ((1, None), (2, True), (3, None))
    session.forward(Grain.MESSAGE)
    assert session.state_lines()[0] == "S1 F t1 v2 c0 []"
    assert session.view().members[0].unsynced_records == 0
    session.forward(Grain.MESSAGE)
    assert session.state_lines()[1:] == ("S2 L t1 v2 c0 []", "S3 F t0 v. c0 []")


def test_heartbeat_timers_are_no_steps_of_their_own(led: Session):
    for _ in range(12):
        before = led.view()
        led.forward(Grain.MESSAGE)
        told = led.narration(before.step + 1, led.view().step)
        assert any("took" in one.text or "heard" in one.text or one.member for one in told)
        steps = [led._timeline.decision(n) for n in range(before.step + 1, led.view().step + 1)]
        assert sum(isinstance(step, Deliver) for step in steps) == 1


def test_messages_lost_at_a_cut_are_no_steps_of_their_own(led: Session):
    led.cut("1|23")
    while led.view().members[1].role == "follower" and led.view().members[2].role == "follower":
        led.forward(Grain.MESSAGE)
    assert "candidate" in {member.role for member in led.view().members}
    assert len([one for one in led.narration(1, led.view().step) if "at the cut" in one.text]) > 2


def test_the_candidate_votes_for_itself_at_once_when_its_timer_is_fired_by_hand():
    session = Session.open()
    session.time_out(1)
    assert session.view().members[0].votes[0] == (1, True)


def test_a_put_at_the_leader_stands_in_its_log_at_once(led: Session):
    led.put(1, "b")
    assert led.state_lines()[0] == "S1 L t1 v1 c0 [b@1]"


def test_a_turn_is_all_that_is_due_at_one_member():
    session = Session.open("split")
    session.forward(Grain.TURN)
    assert [member.role for member in session.view().members].count("candidate") == 1


def test_a_change_finishes_what_happens_at_the_same_instant():
    session = Session.open("split")
    session.forward(Grain.CHANGE)
    assert session.state_lines() == ("S1 C t1 v1 c0 []", "S2 C t1 v2 c0 []", "S3 C t1 v3 c0 []")
    assert [member.votes_needed for member in session.view().members] == [2, 2, 2]


def test_without_a_change_it_ends_after_two_election_timeouts(led: Session):
    before = led.view().now_ms
    led.forward(Grain.CHANGE)
    assert 2000 <= led.view().now_ms - before < 2200


def test_what_was_started_ends_a_change_when_it_is_finished(led: Session):
    led.put(1, "x", "1")
    led.forward(Grain.CHANGE)
    assert led.state_lines()[0] == "S1 L t1 v1 c1 [x=1@1]"
    led.forward(Grain.CHANGE)
    assert {line[3:] for line in led.state_lines()[1:]} == {"F t1 v1 c1 [x=1@1]"}


@pytest.mark.parametrize("grain", list(Grain))
def test_back_leads_to_each_stop_of_the_same_grain_exactly(grain: Grain):
    session = first_leader()
    digests = walk(session, grain, 12)
    for digest in reversed(digests[:-1]):
        session.back(grain)
        assert session.digest() == digest


@pytest.mark.parametrize("grain", list(Grain))
def test_forward_again_leads_to_the_same_stops(grain: Grain):
    session = first_leader()
    digests = walk(session, grain, 10)
    session.seek(0)
    assert walk(session, grain, 10) == digests
    assert [branch.name for branch in session.branches()] == ["main"]


def test_back_from_a_run_that_nobody_stopped_goes_message_by_message(led: Session):
    led.run_until("time 2 s")
    start = led.view().step
    led.back(Grain.MESSAGE)
    assert start - 6 < led.view().step < start


def test_a_thousand_steps_back_at_once_are_exact():
    session = Session.open(seed=5)
    start = session.digest()
    session.run_until("time 25 s")
    assert session.view().step > 1000
    end = session.digest()
    session.seek(0)
    assert session.digest() == start
    session.seek(session.view().length)
    assert session.digest() == end


def test_time_never_falls_while_going_forward(play):
    for seed in range(3):
        session = play(seed, 25)
        session.seek(0)
        times = []
        while session.view().step < session.view().length:
            session.forward(Grain.EFFECT)
            times.append(session.view().now_ms)
        assert times == sorted(times)


def test_there_is_no_step_beyond_the_end():
    session = Session.open()
    with pytest.raises(UserError, match="There is no step 7"):
        session.seek(7)


def test_choosing_lets_just_that_happen():
    session = first_leader()
    session.forward()
    choice = next(one for one in session.choices() if "S2→S3" in one.text)
    step = session.view().step
    session.choose(choice)
    assert session.view().step == step + 1
    assert session.state_lines()[2] == "S3 F t1 v2 c0 []"


def test_what_can_happen_next_is_said_in_order_of_time():
    session = first_leader()
    assert [(one.text, one.in_ms) for one in session.choices()] == [
        ("S2 election timer", 1100),
        ("S1 election timer", 1400),
        ("S3 election timer", 1800),
    ]
    session.forward(Grain.EFFECT)
    assert session.choices()[0].text == "S2 disk: sync 1 record"
    assert session.choices()[1].text == "deliver vote request S2→S1 (1)"


# --- undo ---------------------------------------------------------------------------------------


def test_every_act_can_be_undone_exactly_and_done_again(led: Session):
    led.put(1, "x", "1")
    packet = led.view().packets[0]
    acts = [
        lambda: led.time_out(2),
        lambda: led.crash(1),
        lambda: led.pause(3),
        lambda: led.skew(2, 900),
        lambda: led.cut("1|23"),
        lambda: led.cut("1>3"),
        lambda: led.put(2, "y", "2"),
        lambda: led.get(3, "x"),
        lambda: led.get(1, "x", "quorum"),
        lambda: led.get(1, "x", "index"),
        lambda: led.delete(1, "x"),
        lambda: led.transfer(1, 2),
        lambda: led.drop(packet),
        lambda: led.hold(packet),
        lambda: led.duplicate(packet),
        lambda: led.deliver(packet),
        lambda: led.set_rule("own-term", False),
        lambda: led.set_profile("etcd-3.3"),
        lambda: led.set_timer(3, 1),
        lambda: led.add_member(4),
        lambda: led.add_learner(5),
        lambda: led.remove_member(3),
        lambda: led.forward(Grain.CHANGE),
        lambda: led.back(),
        lambda: led.seek(0),
        lambda: led.advance(300),
        lambda: led.run_until("time 3 s"),
        lambda: led.act("put S3 z=1"),
    ]
    before, lines = led.digest(), led.state_lines()
    for act in acts:
        act()
        after = led.digest()
        led.undo()
        assert (led.digest(), led.state_lines()) == (before, lines)
        led.redo()
        assert led.digest() == after
        led.undo()


def test_all_that_was_done_can_be_undone_one_after_the_other(play):
    session = play(11, 0)
    digests = []
    for number in range(30):
        digests.append(session.digest())
        if number % 3:
            session.forward(Grain(number % 4))
        else:
            session.put(1 + number % 3, "k", str(number))
    for digest in reversed(digests):
        session.undo()
        assert session.digest() == digest
    with pytest.raises(UserError, match="nothing to undo"):
        session.undo()


def test_what_was_undone_does_not_come_back_by_going_on(led: Session):
    led.cut("1|23")
    led.undo()
    led.forward()
    assert led.view().cuts == ()
    assert "main" in [branch.name for branch in led.branches()]


def test_what_can_not_be_done_changes_nothing_and_is_not_undone(led: Session):
    before, view = led.digest(), led.view()
    for act in (
        lambda: led.restart(1),
        lambda: led.crash(9),
        lambda: led.time_out(1),
        lambda: led.cut("1|9"),
        lambda: led.cut("nonsense"),
        lambda: led.get(1, "x", "later"),
        lambda: led.put(1, ""),
        lambda: led.set_rule("nothing", False),
        lambda: led.set_profile("papr"),
        lambda: led.switch("maan"),
        lambda: led.skew(1, 0),
    ):
        with pytest.raises(UserError):
            act()
    assert led.digest() == before
    assert led.view() == view


# --- free running -------------------------------------------------------------------------------


def test_time_passes_smoothly_while_nothing_happens():
    session = Session.open("first-leader")
    fires = []
    for _ in range(5):
        session.advance(50)
        timer = session.view().members[1].timer
        fires.append((session.view().now_ms, timer.fires_in_ms, session.view().step))
    assert fires == [(50 * n, 1100 - 50 * n, 0) for n in range(1, 6)]


def test_running_freely_is_the_same_as_stepping():
    running, stepping = Session.open(seed=4), Session.open(seed=4)
    for _ in range(200):
        running.advance(17)
    while stepping.view().step < running.view().step:
        stepping.forward(Grain.EFFECT)
    assert running.digest() == stepping.digest()


def test_a_free_run_is_undone_as_one():
    session = Session.open(seed=4)
    before = session.digest()
    for _ in range(50):
        session.advance(100)
    session.undo()
    assert session.digest() == before


def test_an_act_in_a_free_run_happens_at_the_time_shown():
    session = Session.open("first-leader")
    session.advance(333)
    session.put(1, "x")
    assert session.view().now_ms == 333
    assert session.view().clients[0].text == "put x → S1"
    session.advance(100)
    session.act("put S1 y=2")
    assert session.view().now_ms == 433


def test_an_act_in_a_free_run_in_the_past_names_its_branch():
    session = Session.open("first-leader")
    session.run_until("leader")
    session.seek(0)
    session.advance(333)
    session.crash(3)
    assert session.view().branch == "crash at 0"
    assert session.view().now_ms == 333


def test_back_leads_to_where_a_scene_began_and_to_where_a_run_was_stopped():
    session = Session.open("cut-leader")
    start = session.view().step
    assert start > 0
    session.forward(Grain.CHANGE)
    session.back()
    assert session.view().step == start
    session.advance(200)
    paused = session.view().step
    session.forward(Grain.CHANGE)
    assert session.view().step > paused
    session.back()
    assert session.view().step == paused
