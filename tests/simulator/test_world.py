"""The world: what each decision does, what is refused, and that forks are strangers."""

import pytest

from learnetcd.errors import UserError
from learnetcd.member.request import KeyRequest, MembershipRequest, Method, Outcome, ReadKind
from learnetcd.raft.configuration import Change, ChangeKind, ConfigChange
from learnetcd.raft.roles import Candidate, Follower, Leader
from learnetcd.simulator.decisions import (
    ApplyCommitted,
    Campaign,
    Crash,
    Cut,
    Delay,
    Deliver,
    Drop,
    Duplicate,
    FireTimer,
    Heal,
    Hold,
    HoldGate,
    OpenGate,
    PassTime,
    Pause,
    Release,
    Restart,
    Resume,
    SetProfile,
    SetRule,
    SetTimer,
    Skew,
    SlowDisk,
    StartMember,
    Submit,
    Sync,
    Transfer,
)
from learnetcd.simulator.network import parse_cut
from learnetcd.simulator.schedule import catch_up, leader, run, run_for
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.world import Impossible, World


def led_by(member, **setup):
    """A cluster with a leader that everybody knows."""
    world = World(Setup(seed=7, **setup))
    world.decide(Campaign(member))
    run_for(world, 150)
    assert leader(world) == member
    return world


def put(world, member, path="/x", value="1"):
    request_id = world.clients.last_id + 1
    world.decide(Submit(member, request_id, KeyRequest(Method.PUT, path, value)))
    return request_id


def cut(text, world):
    return Cut(parse_cut(text, world.member_ids))


def role(world, member):
    return type(world.member(member).raft.role)


def logs(world):
    return [world.member(m).raft.log.last_index for m in world.alive_ids]


# --- time and order -------------------------------------------------------------------------------


def test_the_shortest_timer_fires_first():
    """Raft §5.2; the start of the first demo."""
    world = World(Setup(first_timers=((1, 14), (2, 11), (3, 18))))
    assert [world.timer_due(m) for m in (1, 2, 3)] == [1400, 1100, 1800]
    assert world.next_decision() == FireTimer(2)
    world.decide(FireTimer(2))
    assert world.now == 1100
    assert role(world, 2) is Candidate


def test_a_leader_is_elected_before_the_third_member_has_heard_of_it():
    """Raft §5.2: a majority, not everybody."""
    links = ((2, 3, 80, 80), (3, 2, 80, 80))
    world = World(Setup(first_timers=((1, 14), (2, 11), (3, 18)), link_ms=links))
    assert run(world, until=lambda world: role(world, 2) is Leader)
    third = world.member(3).raft
    assert (third.term, third.vote) == (0, 0)
    assert any(packet.link == (2, 3) for packet in world.packets())


def test_a_write_is_answered_when_a_majority_has_it():
    world = led_by(2)
    asked = put(world, 1)
    run(world, until=lambda world: world.clients[asked].answer is not None)
    answer = world.clients[asked].answer
    assert (answer.outcome, answer.event.node.value) == (Outcome.DONE, "1")
    assert world.clients[asked].answered_at > world.clients[asked].asked_at


def test_choosing_something_later_makes_what_was_due_before_overdue():
    world = World(Setup(first_timers=((1, 14), (2, 11), (3, 18))))
    world.decide(FireTimer(3))
    assert world.now == 1800
    assert world.next_decision() == FireTimer(2)
    world.decide(FireTimer(2))
    assert world.now == 1800, "time never falls"


def test_choices_are_what_can_happen_in_the_order_in_which_it_would():
    world = led_by(2)
    put(world, 2)
    while True:
        choices = world.choices()
        assert [due.at for due in choices] == sorted(due.at for due in choices)
        assert choices[0].decision == world.next_decision()
        assert choices[0].at == world.next_at()
        if world.now > 1000:
            break
        world.decide(world.next_decision())


def test_every_choice_is_possible():
    world = led_by(2)
    put(world, 2)
    for _ in range(60):
        for due in world.choices():
            world.fork().decide(due.decision)
        world.decide(world.next_decision())


def test_a_later_message_of_a_link_may_be_chosen_and_is_marked_as_overtaking():
    world = led_by(2)
    put(world, 2)
    put(world, 2)
    on_link = [due for due in world.choices() if due.decision == Deliver(2, 1, 5)]
    overtaking = [due for due in world.choices() if not due.in_order]
    assert on_link
    assert overtaking
    world.decide(overtaking[0].decision)


def test_the_cause_of_an_arrival_is_the_step_in_which_the_message_was_sent():
    world = World(Setup())
    world.decide(Campaign(2))
    world.decide(Sync(2))
    sent_in = {packet.key: packet.sent_in for packet in world.packets()}
    world.decide(Deliver(2, 1, 1))
    assert world.cause == sent_in[2, 1, 1, 0]
    world.decide(Sync(1))
    assert world.cause == 3
    world.decide(Crash(3, 0))
    assert world.cause == 0, "nothing in the world asked for it"


def test_passing_time_does_nothing_else():
    world = World(Setup())
    before = world.mark()
    world.decide(PassTime(500))
    assert world.now == 500
    assert world.mark() != before
    world.decide(PassTime(100))
    assert world.now == 500


# --- the disk -------------------------------------------------------------------------------------


def test_a_sync_makes_safe_what_was_written_before_it_began():
    world = led_by(2, disk_ms=(50, 50))
    run_for(world, 300)
    disk = world.disk(2)
    safe = disk.synced
    put(world, 2)
    put(world, 2, value="2")
    world.decide(Sync(2))
    assert world.disk(2).synced == safe + 1
    world.decide(Sync(2))
    assert world.disk(2).synced == safe + 2
    with pytest.raises(Impossible, match="S2 does not have a sync under way"):
        world.decide(Sync(2))


def test_writes_that_come_while_the_disk_is_busy_are_synced_together():
    """Group commit: else a slow disk falls behind without end."""
    world = led_by(2, disk_ms=(80, 80))
    run_for(world, 300)
    safe = world.disk(2).synced
    for number in range(10):
        put(world, 2, value=str(number))
    world.decide(Sync(2))
    world.decide(Sync(2))
    assert world.disk(2).synced == safe + 10


def test_a_member_that_crashed_before_its_sync_has_not_voted():
    """Raft Figure 2: the vote is on disk before the answer leaves."""
    world = World(Setup())
    world.decide(Campaign(2))
    world.decide(Sync(2))
    world.decide(Deliver(2, 1, 1))
    assert world.member(1).raft.vote == 2
    assert not [packet for packet in world.packets() if packet.link == (1, 2)]
    world.decide(Crash(1, 0))
    world.decide(Restart(1))
    assert (world.member(1).raft.term, world.member(1).raft.vote) == (0, 0)


def test_a_restarted_member_knows_term_vote_and_log_and_nothing_more():
    world = led_by(2)
    put(world, 2)
    run_for(world, 300)
    before = world.member(1).raft
    world.decide(Crash(1, 0))
    world.decide(Restart(1))
    after = world.member(1).raft
    assert (after.term, after.vote, after.log.last_index) == (before.term, before.vote, 1)
    assert role(world, 1) is Follower
    assert after.leader == 0
    assert after.log.commit_index == 0, "in the paper the commit index is volatile"


def test_lives_of_one_member_draw_other_timeouts():
    world = World(Setup(seed=3))
    drawn = set()
    for _ in range(10):
        drawn.add(world.member(1).raft.election_timeout)
        world.decide(Crash(1, 0))
        world.decide(Restart(1))
    assert len(drawn) > 3


# --- the network ----------------------------------------------------------------------------------


def test_a_message_at_a_cut_is_lost_when_it_should_arrive_and_not_before():
    world = World(Setup())
    world.decide(Campaign(2))
    world.decide(Sync(2))
    world.decide(cut("1|23", world))
    assert (2, 1, 1, 0) in world.network.packets
    run(world, until=lambda world: not any(p.receiver == 1 for p in world.packets()))
    assert world.now == 10
    assert world.member(1).raft.term == 0


def test_a_message_gets_through_if_the_cut_heals_in_time():
    world = World(Setup())
    world.decide(Campaign(2))
    world.decide(Sync(2))
    world.decide(cut("1|23", world))
    world.decide(Heal())
    run_for(world, 15)
    assert world.member(1).raft.term == 1


def test_a_one_way_cut_lets_the_other_way_through():
    world = led_by(2)
    world.decide(cut("2>1", world))
    assert Drop in {type(due.decision) for due in _after_heartbeat(world)}
    run(world, until=lambda world: world.member(1).raft.term > 1, max_steps=500)
    assert world.member(1).raft.term > 1, "it hears no leader, and stands"


def _after_heartbeat(world):
    world.decide(FireTimer(2))
    return world.choices()


def test_a_message_to_a_dead_member_is_lost():
    world = World(Setup())
    world.decide(Campaign(2))
    world.decide(Sync(2))
    world.decide(Crash(1, 0))
    run_for(world, 10)
    assert 1 not in {packet.receiver for packet in world.packets()}


def test_a_held_message_waits_until_it_is_released():
    world = World(Setup())
    world.decide(Campaign(2))
    world.decide(Sync(2))
    world.decide(Hold(2, 1, 1))
    with pytest.raises(Impossible, match="S2>S1 1 is held"):
        world.decide(Deliver(2, 1, 1))
    run_for(world, 300)
    assert world.packet((2, 1, 1, 0)).held
    world.decide(Release(2, 1, 1))
    assert world.packet((2, 1, 1, 0)).arrives_at == world.now
    world.decide(Deliver(2, 1, 1))


def test_a_copy_arrives_too_and_can_not_be_copied():
    world = World(Setup())
    world.decide(Campaign(2))
    world.decide(Sync(2))
    world.decide(Duplicate(2, 1, 1))
    with pytest.raises(Impossible, match="is a copy"):
        world.decide(Duplicate(2, 1, 1, 1))
    world.decide(Deliver(2, 1, 1, 1))
    world.decide(Deliver(2, 1, 1))
    assert world.member(1).raft.vote == 2


def test_the_weather_loses_and_doubles_by_decisions_that_a_recording_can_show():
    world = World(Setup(seed=1, weather=(300, 300, 0)))
    kinds = set()
    for _ in range(300):
        decision = world.next_decision()
        kinds.add(type(decision))
        world.decide(decision)
    assert {Drop, Duplicate, Deliver} <= kinds


def test_a_slow_link_is_slow_from_now_on():
    world = led_by(2)
    world.decide(Delay(2, 1, 500, 500))
    world.decide(FireTimer(2))
    arrivals = {packet.receiver: packet.arrives_at - world.now for packet in world.packets()}
    assert arrivals == {1: 500, 3: 10}


@pytest.mark.parametrize("lost", [True, False])
def test_a_leader_is_told_what_became_of_its_snapshot(lost):
    """Design lesson N1: else it waits for ever when the snapshot is lost."""
    world = led_by(1, knobs=(("snapshot_entries", 5), ("keep_entries", 0)))
    world.decide(Crash(3, 0))
    for number in range(20):
        put(world, 1, value=str(number))
        run_for(world, 100)
    world.decide(Restart(3))
    run(world, until=lambda world: "snapshot" in _kinds(world))
    if lost:
        (packet,) = [p for p in world.packets() if type(p.message).__name__ == "InstallSnapshot"]
        world.decide(Drop(*packet.key))
    run_for(world, 3000)
    assert len(set(logs(world))) == 1
    assert world.member(3).raft.log.snapshot_index > 0
    assert not world.network.reports


def _kinds(world):
    names = (type(packet.message).__name__ for packet in world.packets())
    return {"snapshot" for name in names if name == "InstallSnapshot"}


def test_a_snapshot_that_arrives_after_its_sender_died_is_reported_to_nobody():
    world = led_by(1, knobs=(("snapshot_entries", 5), ("keep_entries", 0)))
    world.decide(Crash(3, 0))
    for number in range(20):
        put(world, 1, value=str(number))
        run_for(world, 100)
    world.decide(Restart(3))
    run(world, until=lambda world: "snapshot" in _kinds(world))
    world.decide(Crash(1, 0))
    run_for(world, 50)
    assert not world.network.reports


# --- machines -------------------------------------------------------------------------------------


def test_a_fast_clock_fires_early():
    world = World(Setup(first_timers=((1, 14), (2, 11), (3, 18))))
    world.decide(Skew(3, 2000))
    assert world.timer_due(3) == 900
    assert world.next_decision() == FireTimer(3)
    world.decide(FireTimer(3))
    assert (world.now, world.clock(3), world.clock(1)) == (900, 1800, 900)
    assert role(world, 3) is Candidate


def test_a_clock_never_jumps_when_its_rate_changes():
    world = World(Setup())
    for rate, ms in ((2000, 100), (500, 300), (1000, 350)):
        shown = world.clock(1)
        world.decide(Skew(1, rate))
        assert world.clock(1) == shown
        world.decide(PassTime(ms))
    assert world.clock(1) == 200 + 100 + 50


def test_a_timer_fires_at_the_first_moment_at_which_its_clock_has_got_there():
    for rate in (800, 999, 1001, 1237):
        world = World(Setup(first_timers=((1, 10), (2, 19), (3, 19))))
        world.decide(Skew(1, rate))
        due = world.timer_due(1)
        machine = world.machine(1)
        assert machine.clock(due) >= 1000 > machine.clock(due - 1)


def test_a_paused_member_does_nothing_and_finds_all_overdue_when_it_wakes():
    """An old leader that wakes up still believes that it leads."""
    world = led_by(2, profile="etcd-3.3")
    world.decide(Pause(2))
    with pytest.raises(Impossible, match="S2 is paused"):
        world.decide(FireTimer(2))
    run(world, until=lambda world: leader(world) not in (0, 2))
    assert role(world, 2) is Leader
    assert world.timer_due(2) < world.now
    world.decide(Resume(2))
    assert role(world, 2) is Leader
    run_for(world, 50)
    assert role(world, 2) is Follower


@pytest.mark.parametrize("gate", ["due", "synced", "delivered", "committed"])
def test_what_comes_to_a_held_gate_waits_until_it_is_opened_or_let_through(gate):
    world = led_by(1)
    member = 1 if gate in ("synced", "committed") else 2
    world.decide(HoldGate(member, gate))
    put(world, 1)
    run_for(world, 60)
    if gate == "due":
        world.decide(Pause(1))
        run_for(world, 3000)
        assert role(world, 2) is Follower, "it was not told that its timer has run out"
    held = world.held_back()
    kinds = {"due": FireTimer, "synced": Sync, "delivered": Deliver, "committed": ApplyCommitted}
    assert {type(due.decision) for due in held} == {kinds[gate]}
    assert not {due.decision for due in held} & {due.decision for due in world.choices()}
    let_through = held[0].decision
    world.fork().decide(let_through)
    world.decide(OpenGate(member, gate))
    assert let_through in {due.decision for due in world.choices()}
    assert world.held_back() == []


def test_a_gate_is_held_once_and_has_a_name():
    world = led_by(1)
    world.decide(HoldGate(2, "synced"))
    with pytest.raises(Impossible, match="The gate synced of S2 is held"):
        world.decide(HoldGate(2, "synced"))
    with pytest.raises(Impossible, match="The gate due of S2 is open"):
        world.decide(OpenGate(2, "due"))
    with pytest.raises(UserError, match="gate"):
        world.decide(HoldGate(2, "door"))


def test_requests_at_a_member_that_dies_end_unknown():
    world = led_by(2)
    asked = put(world, 2)
    world.decide(Crash(2, 0))
    assert world.clients[asked].answer.outcome is Outcome.UNKNOWN


def test_who_asks_a_dead_member_knows_that_nothing_happened():
    world = led_by(2)
    world.decide(Crash(1, 0))
    assert world.clients[put(world, 1)].answer.outcome is Outcome.REFUSED


def test_a_newcomer_starts_empty_and_learns_all_from_the_log():
    world = led_by(1)
    put(world, 1)
    world.decide(StartMember(4))
    add = MembershipRequest(ConfigChange((Change(ChangeKind.ADD_VOTER, 4),)))
    world.decide(Submit(1, world.clients.last_id + 1, add))
    run_for(world, 1000)
    assert world.member(4).raft.configuration.voters == (1, 2, 3, 4)
    assert world.member(4).store.digest() == world.member(1).store.digest()


def test_a_machine_that_lost_its_disk_is_not_the_same_member_any_more():
    """etcd #13509: it forgot its vote."""
    world = led_by(2)
    put(world, 2)
    run_for(world, 300)
    world.decide(Crash(1, 0))
    world.decide(StartMember(1))
    assert world.member(1).raft.term == 0
    assert world.machine(1).incarnation == 2


def test_a_slow_disk_is_slow_from_its_next_sync_on():
    world = led_by(2)
    world.decide(SlowDisk(2, 300, 300))
    put(world, 2)
    assert world.machine(2).sync.due == world.now + 300


def test_a_rule_is_switched_off_everywhere_or_at_one_member_and_stays_so_over_a_restart():
    world = World(Setup())
    world.decide(SetRule("own-term", False))
    world.decide(SetRule("one-vote", False, 2))
    world.decide(Crash(2, 0))
    world.decide(Restart(2))
    broken = {m: world.member(m).raft.config.rules.broken for m in world.member_ids}
    assert broken == {1: ("own-term",), 2: ("one-vote", "own-term"), 3: ("own-term",)}
    world.decide(SetRule("own-term", True))
    assert world.config(2).rules.broken == ("one-vote",)


def test_a_profile_comes_with_the_next_start():
    world = World(Setup(profile="paper"))
    world.decide(SetProfile("etcd-3.5", 2))
    assert not world.member(2).raft.config.pre_vote
    world.decide(Crash(2, 0))
    world.decide(Restart(2))
    assert world.member(2).raft.config.pre_vote
    assert not world.config(1).pre_vote


def test_a_set_timer_fires_after_so_many_ticks():
    world = World(Setup())
    world.decide(PassTime(300))
    world.decide(SetTimer(1, 5))
    assert world.timer_due(1) == 800


def test_leadership_can_be_handed_over():
    """Thesis §3.10."""
    world = led_by(2)
    put(world, 2)
    run_for(world, 200)
    world.decide(Transfer(2, 3))
    run_for(world, 200)
    assert leader(world) == 3


# --- what is not possible -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decision", "reason"),
    [
        (Deliver(1, 2, 99), "S1>S2 99 is not on its way"),
        (Drop(1, 2, 99), "not on its way"),
        (Release(1, 2, 99), "not on its way"),
        (Sync(1), "S1 does not have a sync under way"),
        (FireTimer(4), "There is no S4"),
        (Campaign(3), "S3 is dead"),
        (Crash(3, 0), "S3 is dead"),
        (Restart(1), "S1 runs already"),
        (StartMember(1), "S1 can't be started"),
        (StartMember(8), "S8 can't be started"),
        (Resume(1), "S1 is not paused"),
        (Skew(1, 0), "never stands still"),
        (SlowDisk(1, 9, 1), "the first must be the lower"),
        (Delay(1, 2, 9, 1), "the first must be the lower"),
        (Submit(1, 0, KeyRequest(Method.GET, "/x")), "Request ids grow"),
        (SetRule("own-tern", False), "Did you mean 'own-term'"),
        (SetRule("own-term", False, 6), "There is no S6"),
        (SetProfile("papr", 1), "Did you mean 'paper'"),
    ],
)
def test_what_is_not_possible_is_refused_and_changes_nothing(decision, reason):
    world = led_by(2)
    world.decide(Crash(3, 0))
    before = world.digest()
    with pytest.raises(UserError, match=reason):
        world.decide(decision)
    assert world.digest() == before


def test_a_list_of_decisions_is_carried_out_as_far_as_it_is_possible():
    world = World(Setup())
    done = catch_up(world, [Campaign(2), Sync(1), Sync(2), Deliver(2, 1, 7), Deliver(2, 1, 1)])
    assert done == [Campaign(2), Sync(2), Deliver(2, 1, 1)]


# --- forks ----------------------------------------------------------------------------------------


def test_a_fork_goes_on_as_the_world_would_have():
    world = led_by(2)
    put(world, 1)
    fork = world.fork()
    assert fork.digest() == world.digest()
    run_for(world, 2000)
    run_for(fork, 2000)
    assert fork.digest() == world.digest()


def test_a_fork_and_its_world_do_not_move_each_other():
    world = led_by(2)
    put(world, 1)
    fork, before = world.fork(), world.digest()
    second = fork.fork()
    run_for(fork, 1000)
    fork.decide(Crash(1, 0))
    assert world.digest() == before
    run_for(world, 500)
    assert second.digest() == before


def test_only_the_fork_with_a_tracer_tells_what_happens():
    world, told = led_by(2), []
    fork = world.fork(tracer=lambda member, event: told.append((member, event)))
    world.decide(FireTimer(2))
    assert told == []
    before = world.fork()
    fork.decide(Campaign(1))
    assert told
    assert {member for member, _ in told} == {1}
    assert world.digest() == before.digest()


def test_an_observer_sees_every_input_with_its_effects():
    world, seen = World(Setup()), []
    world.observer = lambda world, member, input, effects: seen.append(
        (world.step, member, type(input).__name__, [type(effect).__name__ for effect in effects])
    )
    world.decide(Campaign(2))
    world.decide(Sync(2))
    assert [one[:3] for one in seen] == [(1, 2, "CampaignAsked"), (2, 2, "WalSynced")]
    assert "SyncWal" in seen[0][3]


def test_a_quorum_read_at_a_leader_that_was_cut_off_gets_no_answer():
    """Raft §8; the sixth step of the fourth demo."""
    world = led_by(1)
    put(world, 1)
    run_for(world, 300)
    world.decide(cut("1|23", world))
    reads = {}
    for kind in ReadKind:
        reads[kind] = world.clients.last_id + 1
        world.decide(Submit(1, reads[kind], KeyRequest(Method.GET, "/x", read=kind)))
    run_for(world, 3000)
    answers = {kind: world.clients[request_id].answer for kind, request_id in reads.items()}
    assert answers[ReadKind.LOCAL].event.node.value == "1"
    assert answers[ReadKind.QUORUM] is None
    assert answers[ReadKind.INDEX] is None
    run_for(world, 4000)
    assert world.clients[reads[ReadKind.INDEX]].answer.outcome is Outcome.UNKNOWN
