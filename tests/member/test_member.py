"""The member as a function: the same inputs give the same effects, whoever watches."""

from collections import deque
from dataclasses import replace

import pytest

from learnetcd.member.inputs import (
    ApplyDue,
    CampaignAsked,
    ElectionTimerSet,
    RulesChanged,
    TimerFired,
    TransferAsked,
    WalSynced,
)
from learnetcd.member.member import Member
from learnetcd.member.request import KeyRequest, MembershipRequest, Method, Outcome, ReadKind
from learnetcd.raft import (
    SOUND,
    Change,
    ChangeKind,
    Config,
    ConfigChange,
    Configuration,
    Snapshot,
    Stored,
)
from learnetcd.raft.chance import draw
from learnetcd.raft.messages import InstallSnapshot
from learnetcd.store import Store
from learnetcd.tracing import TraceEvent, discard

# --- a run of which nobody thought before -------------------------------------------------------

SEEDS = range(12)
REQUESTS = (
    *(KeyRequest(Method.PUT, key, value) for key in "xy" for value in "12"),
    KeyRequest(Method.DELETE, "x"),
    *(KeyRequest(Method.GET, "x", read=read) for read in ReadKind),
    *(
        MembershipRequest(ConfigChange((Change(kind, 3),)))
        for kind in (ChangeKind.REMOVE, ChangeKind.ADD_LEARNER, ChangeKind.ADD_VOTER)
    ),
)


def actions(seed: int, steps: int = 400) -> list[int]:
    """Numbers that `act` turns into a run; the same for the same seed."""
    return [draw(seed, 0, step, 1 << 16) for step in range(steps)]


def act(three, number: int) -> None:
    """Turn a number into something that can happen now."""
    number, what = divmod(number, 12)
    alive = sorted(three.members)
    one = alive[number % len(alive)]
    match what:
        case 0 | 1 | 2 if three.messages:
            three.messages.rotate(-(number % min(3, len(three.messages))))  # some overtake others
            three.deliver()
        case 3 | 4 if three.syncs[one]:
            three.sync(one)
        case 5 | 6 if three.applies[one]:
            three.apply(one, three.members[one].applied_index + 1 if number % 3 == 0 else 0)
        case 7 if three.snapshots[one]:
            three.save_snapshot(one)
        case 8 if three.members[one].deadline() is not None:
            three.fire_timer(one)
        case 9:
            three.submit(one, REQUESTS[number % len(REQUESTS)])
        case 10 if len(alive) > 1 and number % 4 == 0:
            three.crash(one)
        case 10 if number % 4 == 1:
            three.cut = {one} if not three.cut else set()
        case 11:
            for id in {1, 2, 3} - set(alive):
                three.start(id)
        case _:
            three.settle()


def check_what_must_hold(three) -> None:
    """The invariants that `Member` lists."""
    for id, member in three.members.items():
        log, queue = member.raft.log, member.apply_queue
        assert member.applied_index == log.applied_index <= log.commit_index
        if log.pending_snapshot is None:
            assert queue.start == member.applied_index + 1
            assert queue.end == log.applying_index + 1
        else:
            assert len(queue) == 0
        assert list(queue) == list(log.entries(queue.start, queue.end - 1))
        assert member.fresh_reads.keys() <= member.waiting.keys()
        assert [w.request_id for w in member.waiting.values()] == sorted(member.waiting)
        assert three.disks[id].recovered().hard_state.term <= member.raft.term
    by_index: dict[int, set[str]] = {}
    for member in three.members.values():
        by_index.setdefault(member.applied_index, set()).add(member.store.digest())
    assert all(len(digests) == 1 for digests in by_index.values()), "equal logs, unequal stores"


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens_stores_agree_and_nothing_answered_is_lost(cluster, seed: int):
    three = cluster(snapshot_entries=4, keep_entries=1, request_timeout_ms=3_000)
    three.elect(1)
    for number in actions(seed):
        act(three, number)
        check_what_must_hold(three)
    let_all_agree(three)
    written = [
        answer.etcd_index
        for answer in three.answers.values()
        if answer.outcome is Outcome.DONE and answer.event and answer.event.action != "get"
    ]
    assert len(set(written)) == len(written), "two writes at one etcd index"
    assert max([0, *written]) <= three.members[1].store.etcd_index


def let_all_agree(three) -> None:
    """Mend everything, and let time pass until S1 and S2, always members, are equal."""
    for id in {1, 2, 3} - set(three.members):
        three.start(id)
    three.cut = set()
    three.settle()
    for _ in range(100):
        due = {id: three.members[id].deadline() for id in sorted(three.members)}
        three.fire_timer(min((at, id) for id, at in due.items() if at is not None)[1])
        three.settle()
        leader = three.leader
        if leader is None or leader.raft.log.last_term != leader.raft.term:
            continue
        applied = {three.members[id].applied_index for id in (1, 2)}
        if applied == {leader.raft.log.last_index}:
            assert len({three.members[id].store.digest() for id in (1, 2)}) == 1
            return
    raise AssertionError("the members do not come to one mind")


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_inputs_give_the_same_effects_whoever_watches(cluster, seed: int):
    """A recording is a list of inputs: it must be worth a whole run."""
    three = cluster(snapshot_entries=4, keep_entries=1)
    three.elect(1)
    for number in actions(seed):
        if number % 12 != 10:  # no crashes: one history for each member
            act(three, number)
    seen: list[TraceEvent] = []
    for id, member in three.members.items():
        again = Member(id, three.config, three.first, seed=7, first_draw=1 << 32,
                       tracer=lambda _, event: seen.append(event))  # fmt: skip
        assert again.start() == []
        for input, effects in three.history[id]:
            assert again.step(input) == effects_with_equal_stores(effects)
        assert again.store.digest() == member.store.digest()
        assert again.deadline() == member.deadline()
    assert all(event.sentence("S1").endswith(".") for event in seen)


class Same:
    """Equal to a store with the same content: two runs have two stores."""

    def __init__(self, store: Store):
        self.digest = store.digest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Store) and other.digest() == self.digest

    __hash__ = None


def effects_with_equal_stores(effects: list[object]) -> list[object]:
    found = []
    for effect in effects:
        if hasattr(effect, "snapshot"):
            state = Same(effect.snapshot.state)
            effect = replace(effect, snapshot=replace(effect.snapshot, state=state))
        if hasattr(effect, "message") and isinstance(effect.message, InstallSnapshot):
            snapshot = replace(effect.message.snapshot, state=Same(effect.message.snapshot.state))
            effect = replace(effect, message=replace(effect.message, snapshot=snapshot))
        found.append(effect)
    return found


# --- forks --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_a_fork_goes_on_as_its_origin_would_and_leaves_it_alone(cluster, seed: int):
    three = cluster(snapshot_entries=4, keep_entries=1)
    three.elect(1)
    forks: dict[int, tuple[Member, int, str]] = {}
    for position, number in enumerate(actions(seed)):
        if position == 30 * (seed + 1):
            for id, member in three.members.items():
                forks[id] = member.fork(discard), len(three.history[id]), member.store.digest()
        if number % 12 != 10:
            act(three, number)
    for id, (fork, since, digest) in forks.items():
        assert fork.store.digest() == digest  # what its origin did later did not touch it
        for input, effects in three.history[id][since:]:
            assert fork.step(input) == effects_with_equal_stores(effects)
        assert fork.store.digest() == three.members[id].store.digest()
        assert fork.waiting == three.members[id].waiting


def test_a_fork_has_a_tracer_of_its_own(cluster):
    seen: list[TraceEvent] = []
    three = cluster(tracer=lambda _, event: seen.append(event))
    three.elect(1)
    before = len(seen)
    three.members[1].fork(discard).step(CampaignAsked(three.now))
    assert len(seen) == before


def test_every_part_of_a_member_is_copied_by_a_fork():
    """A slot that `fork` forgets would be missed much later."""
    member = Member(1, Config(), Stored(Snapshot(0, 0, Configuration((1,)))), seed=7)
    fork = member.fork(discard)
    for name in Member.__slots__:
        assert hasattr(fork, name), name
        value = getattr(member, name)
        if isinstance(value, list | dict | set | deque | Store):
            assert getattr(fork, name) is not value, f"{name} is shared"


# --- tracers ------------------------------------------------------------------------------------


def test_a_tracer_that_raises_is_dropped_and_the_member_goes_on(cluster):
    calls = []

    def tracer(member: int, event: TraceEvent) -> None:
        calls.append(member)
        if len(calls) == 5:
            raise RuntimeError("the screen is gone")

    watched, silent = cluster((1,), tracer=tracer), cluster((1,))
    for alone in (watched, silent):
        alone.elect(1)
        alone.put(1, "/x", "1")
        alone.settle()
    assert len(calls) == 5
    assert str(watched.members[1].tracer_failure) == "the screen is gone"
    assert silent.members[1].tracer_failure is None
    assert watched.history == silent.history


def test_a_member_tells_its_story_in_order(cluster):
    seen: list[str] = []
    alone = cluster((1,), tracer=lambda _, event: seen.append(type(event).__name__))
    alone.elect(1)
    alone.settle()
    del seen[:]
    alone.put(1, "/x", "1")
    alone.settle()
    story = ["RequestReceived", "LeaderAppended", "LogWritten", "LogSynced", "EntriesDurable",
             "EntryCommitted", "EntryApplied", "RequestAnswered"]  # fmt: skip
    assert [name for name in seen if name in story] == [
        *story[:6], "LogWritten", *story[6:]
    ]  # fmt: skip


# --- time ---------------------------------------------------------------------------------------


def test_a_timer_fires_when_the_driver_says_so_and_not_before(cluster):
    three = cluster()
    member = three.members[1]
    deadline = member.deadline()
    three.now = deadline + 5_000
    three.get(1, "/x")
    assert member.raft.term == 0
    three.step(1, TimerFired(three.now))
    assert member.raft.term == 1


def test_a_timer_that_is_reported_too_early_fires_nothing(cluster):
    three = cluster()
    assert three.step(1, TimerFired(three.members[1].deadline() - 1)) == []
    assert three.members[1].raft.term == 0


def test_a_member_that_starts_late_counts_from_its_start(cluster):
    three = cluster()
    three.crash(2)
    three.now = 60_000
    three.start(2)
    deadline = three.members[2].deadline()
    low, high = three.config.election_ticks, 2 * three.config.election_ticks - 1
    assert 60_000 + low * 100 <= deadline <= 60_000 + high * 100


def test_a_teacher_sets_the_election_timer(cluster):
    three = cluster()
    three.step(1, ElectionTimerSet(0, 3))
    assert three.members[1].deadline() == 300


def test_a_restarted_member_draws_other_timeouts_than_before(cluster):
    def timeouts() -> list[int]:
        found = []
        for _ in range(8):
            found.append(three.members[1].raft.election_timeout)
            three.now = three.members[1].deadline()
            three.step(1, TimerFired(three.now))
        return found

    three = cluster()
    before = timeouts()
    three.crash(1)
    three.start(1)
    assert timeouts() != before


# --- applying -----------------------------------------------------------------------------------


def test_the_driver_decides_how_far_the_store_goes(cluster):
    """Commit and apply are apart: what waits between them can be looked at, one entry at a time."""
    alone = cluster((1,))
    alone.elect(1)
    alone.slow_stores = {1}
    requests = [alone.put(1, "/x", str(number)) for number in range(3)]
    alone.settle()
    member = alone.members[1]
    assert member.raft.log.commit_index == 4
    for applied, request in enumerate(requests, start=2):
        assert member.applied_index == member.raft.log.applied_index == applied - 1
        assert len(member.apply_queue) == 5 - applied
        assert request not in alone.answers
        alone.apply(1, applied)
        assert request in alone.answers


# --- the rest -----------------------------------------------------------------------------------


def test_leadership_is_handed_over(cluster):
    three = cluster()
    three.elect(1)
    three.step(1, TransferAsked(three.now, 2))
    three.settle()
    assert three.leader.id == 2


def test_rules_can_be_broken_and_mended(cluster):
    three = cluster()
    member = three.members[1]
    three.step(1, RulesChanged(0, SOUND.without("one-vote")))
    assert member.config.rules.broken == member.raft.config.rules.broken == ("one-vote",)
    three.step(1, RulesChanged(0, SOUND))
    assert member.config.rules.broken == ()


def test_what_the_disk_knows_to_be_committed_is_applied_at_the_start(cluster):
    alone = cluster((1,))
    alone.elect(1)
    for value in "123":
        alone.put(1, "/x", value)
        alone.settle()
    alone.crash(1)
    alone.start(1)
    assert alone.applies[1] == 3
    alone.apply(1)
    assert alone.value(alone.get(1, "/x")) == "2"  # the last one is in the log, not known committed


def test_in_the_paper_s_profile_nothing_is_known_to_be_committed_after_a_restart(cluster):
    """Raft Figure 2: commitIndex is volatile."""
    alone = cluster((1,), remember_commit_index=False)
    alone.elect(1)
    alone.put(1, "/x", "1")
    alone.settle()
    alone.crash(1)
    alone.start(1)
    assert alone.applies[1] == 0
    alone.elect(1)
    assert alone.value(alone.get(1, "/x")) == "1"


@pytest.mark.parametrize("early", [ApplyDue(0, 9), WalSynced(0, 9)])
def test_a_report_of_what_nobody_asked_for_changes_nothing(cluster, early):
    three = cluster()
    assert three.step(1, early) == []
