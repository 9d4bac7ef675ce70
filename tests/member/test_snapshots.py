"""Snapshots: a member's own, and those that come from the leader."""

from learnetcd.member.effects import SaveSnapshot, SyncWal, WriteWal
from learnetcd.member.inputs import SnapshotSaved
from learnetcd.member.request import MembershipRequest, Outcome, ReadKind
from learnetcd.raft import Change, ChangeKind, ConfigChange, Configuration, Snapshot, Stored
from learnetcd.raft.messages import InstallSnapshot


def write(cluster, member: int, count: int) -> None:
    for number in range(count):
        cluster.put(member, f"/k{number % 3}", str(number))
        cluster.settle()


# --- its own ------------------------------------------------------------------------------------


def test_a_member_takes_a_snapshot_after_more_than_so_many_entries(cluster):
    """Etcd with --snapshot-count 5 takes them at 6, 12, 18, ..."""
    alone = cluster((1,), snapshot_entries=5, keep_entries=2)
    alone.elect(1)
    write(alone, 1, 20)
    taken = [
        effect.snapshot.index
        for _, effects in alone.history[1]
        for effect in effects
        if isinstance(effect, SaveSnapshot)
    ]
    assert taken == [6, 12, 18]


def test_the_log_is_cut_only_when_the_snapshot_is_on_disk(cluster):
    alone = cluster((1,), snapshot_entries=5, keep_entries=2)
    alone.elect(1)
    write(alone, 1, 4)
    alone.put(1, "/x", "1")
    alone.sync(1)
    alone.apply(1)
    log = alone.members[1].raft.log
    assert alone.members[1].own_snapshot is not None
    assert log.first_index == 1
    alone.save_snapshot(1)
    assert alone.members[1].own_snapshot is None
    assert log.first_index == 6 - 2 + 1  # two entries are kept for slow followers
    assert log.snapshot.index == 6


def test_the_content_of_a_snapshot_stays_as_it_was_at_its_index(cluster):
    alone = cluster((1,), snapshot_entries=5, keep_entries=0)
    alone.elect(1)
    write(alone, 1, 5)
    snapshot = alone.members[1].raft.log.snapshot
    digest = snapshot.state.digest()
    assert digest == alone.members[1].store.digest()
    write(alone, 1, 3)
    assert snapshot.state.digest() == digest != alone.members[1].store.digest()


def test_one_snapshot_is_saved_at_a_time(cluster):
    alone = cluster((1,), snapshot_entries=5, keep_entries=0)
    alone.elect(1)
    for number in range(20):
        alone.put(1, "/x", str(number))
        alone.sync(1)
        alone.apply(1)
    assert [snapshot.index for snapshot in alone.snapshots[1]] == [6]
    alone.save_snapshot(1)
    write(alone, 1, 1)
    assert alone.members[1].raft.log.snapshot.index == 22


def test_a_snapshot_knows_the_members_of_its_own_index(cluster):
    three = cluster(snapshot_entries=3, keep_entries=0)
    three.elect(1)
    add = ConfigChange((Change(ChangeKind.ADD_LEARNER, 4),))
    three.submit(1, MembershipRequest(add))
    three.settle()
    write(three, 1, 2)
    snapshot = three.leader.raft.log.snapshot
    assert snapshot.index == 4
    assert snapshot.configuration.learners == (4,)


def test_a_report_about_a_snapshot_that_nobody_waits_for_changes_nothing(cluster):
    alone = cluster((1,))
    alone.elect(1)
    assert alone.step(1, SnapshotSaved(alone.now, 7)) == []


# --- from the leader ----------------------------------------------------------------------------


def with_snapshot_on_its_way(cluster, writes: int = 10):
    """S3 was away, the log that it needs is gone: S1 sends its snapshot at 12."""
    three = cluster(snapshot_entries=5, keep_entries=1)
    three.elect(1)
    write(three, 1, 2)
    three.beat()
    three.cut = {3}
    write(three, 1, writes)
    three.cut = set()
    assert three.leader.raft.log.first_index > three.members[3].raft.log.last_index + 1
    return three


def let_it_arrive(three) -> None:
    three.slow_disks = {3}
    for _ in range(20):
        three.beat()
        if any(isinstance(r, SaveSnapshot) and not r.own for r in three.disks[3].records):
            return
    raise AssertionError("no snapshot arrived")


def test_the_store_is_replaced_when_the_snapshot_is_durable_and_not_before(cluster):
    three = with_snapshot_on_its_way(cluster)
    old = three.members[3].store.digest()
    let_it_arrive(three)
    assert three.members[3].store.digest() == old
    assert three.members[3].applied_index == 3
    three.slow_disks = set()
    three.settle()
    three.beat(3)
    assert three.members[3].store.digest() == three.leader.store.digest()
    assert three.members[3].applied_index == three.leader.applied_index


def test_the_snapshot_is_written_before_the_hard_state_that_refers_to_it(cluster):
    """Etcd issue 10219: a crash between the two must not leave a commit index beyond the log."""
    three = with_snapshot_on_its_way(cluster)
    let_it_arrive(three)
    effects = next(
        effects
        for _, effects in three.history[3]
        if any(isinstance(effect, SaveSnapshot) and not effect.own for effect in effects)
    )
    kinds = [type(effect) for effect in effects]
    assert kinds.index(SaveSnapshot) < kinds.index(WriteWal) < kinds.index(SyncWal)


def test_a_crash_before_the_snapshot_is_durable_leads_back_to_the_old_store(cluster):
    three = with_snapshot_on_its_way(cluster)
    let_it_arrive(three)
    durable_index = 3
    three.crash(3)
    three.start(3)
    three.slow_disks = set()
    assert three.disks[3].recovered().snapshot.index == 0
    assert three.members[3].raft.log.last_index == durable_index
    assert three.members[3].store.etcd_index == 0
    three.settle()
    three.beat(5)
    assert three.members[3].store.digest() == three.leader.store.digest()


def test_a_crash_when_the_snapshot_is_durable_but_nobody_was_told_leads_to_the_new_store(cluster):
    three = with_snapshot_on_its_way(cluster)
    let_it_arrive(three)
    three.disks[3].synced = len(three.disks[3].records)  # and the power fails before WalSynced
    three.crash(3)
    three.start(3)
    three.slow_disks = set()
    snapshot = three.disks[3].recovered().snapshot
    assert three.members[3].applied_index == snapshot.index > 3
    assert three.members[3].store.digest() == snapshot.state.digest()
    three.settle()
    three.beat(5)
    assert three.members[3].store.digest() == three.leader.store.digest()


def test_the_leader_hears_of_the_snapshot_only_when_it_is_durable(cluster):
    three = with_snapshot_on_its_way(cluster)
    let_it_arrive(three)
    assert three.leader.raft.role.progress[3].match_index == 3
    three.slow_disks = set()
    three.settle()
    assert three.leader.raft.role.progress[3].match_index >= 12


def test_entries_that_waited_to_be_applied_are_not_applied_after_the_snapshot(cluster):
    """Otherwise a change of members that the snapshot already holds would act twice."""
    three = cluster(snapshot_entries=5, keep_entries=1)
    three.elect(1)
    three.slow_stores = {3}
    changes = (Change(ChangeKind.ADD_LEARNER, 4), Change(ChangeKind.ADD_LEARNER, 5))
    three.submit(1, MembershipRequest(ConfigChange(changes)))
    three.settle()
    three.beat()
    follower = three.members[3]
    assert len(follower.apply_queue) >= 2
    queued_through = three.applies[3]
    three.cut = {3}
    write(three, 1, 12)
    three.cut = set()
    let_it_arrive(three)
    assert len(follower.apply_queue) == 0
    three.apply(3, queued_through)  # the driver was told of them, and comes late
    assert follower.applied_index == 1
    three.slow_disks, three.slow_stores = set(), set()
    three.settle()
    three.beat(5)
    assert follower.raft.configuration == three.leader.raft.configuration
    assert follower.store.digest() == three.leader.store.digest()
    assert follower.applied_index == three.leader.applied_index


def test_a_client_whose_entry_is_inside_the_snapshot_learns_nothing(cluster):
    """It was applied, but not here: the result of that entry is in no snapshot."""
    three = cluster(snapshot_entries=5, keep_entries=1, request_timeout_ms=100_000)
    three.elect(1)
    three.slow_stores = {3}
    request = three.put(3, "/mine", "1")
    three.settle()
    three.beat()
    three.cut = {3}
    write(three, 1, 12)
    three.cut = set()
    let_it_arrive(three)
    three.slow_disks, three.slow_stores = set(), set()
    three.settle()
    three.beat(3)
    assert three.value(three.get(3, "/mine")) == "1"
    assert request not in three.answers
    assert request in three.members[3].waiting


def test_a_newcomer_gets_a_snapshot_that_knows_it(cluster):
    """The last snapshot on disk is of a time when S4 was no member: it would refuse that one."""
    three = cluster(snapshot_entries=5, keep_entries=0)
    three.elect(1)
    write(three, 1, 9)
    assert three.leader.raft.log.snapshot_index == 6
    three.add(4, Stored(Snapshot(0, 0, Configuration((1, 2, 3), learners=(4,)))))
    add = ConfigChange((Change(ChangeKind.ADD_LEARNER, 4),))
    three.submit(1, MembershipRequest(add))
    three.settle()
    three.beat(2)
    assert three.members[4].store.digest() == three.leader.store.digest()
    assert three.members[4].raft.configuration.learners == (4,)
    assert three.leader.raft.log.snapshot_index == 6  # forgetting still waits for the disk


def test_a_newcomer_that_comes_while_a_snapshot_is_being_saved_is_in_the_one_that_it_gets(cluster):
    three = cluster(snapshot_entries=5, keep_entries=0)
    three.elect(1)
    three.slow_disks = {1}
    for number in range(5):
        three.put(1, "/x", str(number))
    three.settle()
    while three.syncs[1]:
        three.sync(1)
        three.settle()
    assert three.leader.own_snapshot.index == 6
    three.add(4, Stored(Snapshot(0, 0, Configuration((1, 2, 3), learners=(4,)))))
    three.cut = {4}
    three.submit(1, MembershipRequest(ConfigChange((Change(ChangeKind.ADD_LEARNER, 4),))))
    while three.syncs[1] or three.messages:
        three.settle()
        three.sync(1)
    three.settle()
    three.cut, three.slow_disks = set(), set()
    three.settle()
    assert three.leader.raft.log.first_index == 7
    three.beat(3)
    assert three.members[4].store.digest() == three.leader.store.digest()


def test_a_read_that_waited_is_answered_from_the_snapshot(cluster):
    three = with_snapshot_on_its_way(cluster, writes=9)
    request = three.get(3, "/k0", ReadKind.INDEX)
    let_it_arrive(three)
    assert three.members[3].fresh_reads == {request: 12}
    assert request not in three.answers
    three.sync(3)  # no entry is left to be applied: it is the snapshot that has what was asked for
    assert three.answers[request].outcome is Outcome.DONE
    assert three.value(request) == three.value(three.get(1, "/k0"))


def test_a_store_from_a_snapshot_is_one_s_own(cluster):
    """In the simulator sender and receiver hold the very same snapshot."""
    three = with_snapshot_on_its_way(cluster)
    let_it_arrive(three)
    three.slow_disks = set()
    three.settle()
    snapshot = next(
        input.message.snapshot
        for input, _ in three.history[3]
        if hasattr(input, "message") and isinstance(input.message, InstallSnapshot)
    )
    digest = snapshot.state.digest()
    write(three, 1, 3)
    three.beat(3)
    assert snapshot.state.digest() == digest
    assert three.members[3].store.digest() == three.leader.store.digest() != digest


def test_a_member_restarts_from_its_own_snapshot_and_the_log_after_it(cluster):
    alone = cluster((1,), snapshot_entries=5, keep_entries=1)
    alone.elect(1)
    write(alone, 1, 9)
    digest = alone.members[1].store.digest()
    alone.crash(1)
    alone.start(1)
    assert alone.members[1].applied_index == 6
    assert alone.applies[1] == 9  # the disk knows that much to be committed; 10 it does not
    alone.settle()
    alone.elect(1)  # its first entry commits the older one along with it: Raft §5.4.2
    assert alone.members[1].store.digest() == digest
