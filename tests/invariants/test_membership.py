"""L7, L10: one change at a time, and one truth about who is a member."""

from learnetcd.member.effects import SyncWal, WriteWal
from learnetcd.raft.configuration import Change, ChangeKind, ConfigChange, Configuration
from learnetcd.raft.entry import Entry

ADD_4 = ConfigChange((Change(ChangeKind.ADD_VOTER, 4),))
ADD_5 = ConfigChange((Change(ChangeKind.ADD_VOTER, 5),))


def test_healthy_changes_break_nothing(make_stage):
    stage = make_stage("etcd-3.3", snapshot_entries=4, keep_entries=0)
    stage.elect(1)
    stage.newcomer(4)
    stage.change(1, ChangeKind.ADD_LEARNER, 4)
    stage.settle()
    stage.change(1, ChangeKind.ADD_VOTER, 4)
    stage.settle()
    stage.crash(2)
    stage.change(1, ChangeKind.REMOVE, 2)
    for value in "abcde":
        stage.put(1, value)
        stage.settle()
    stage.crash(1)
    stage.start(1)
    for _ in range(3):
        stage.heartbeat(3)
        stage.settle()
    configurations = [stage.raft(member).configuration for member in (1, 3, 4)]
    assert configurations == [Configuration((1, 3, 4))] * 3
    assert stage.raft(3).log.snapshot_index > 0
    assert stage.broken == []
    assert stage.judge.checked("L7") == 3
    assert stage.judge.checked("L10") > 0


def test_the_twin_that_starts_two_changes_breaks_l7(stage):
    stage.elect(1)
    stage.without("one-change")
    stage.change(1, ChangeKind.ADD_VOTER, 4)
    stage.change(1, ChangeKind.ADD_VOTER, 5)
    assert stage.found("L7") == (
        "it put a change of members at 2, and has not applied the one at 1"
    )


def test_a_change_of_the_leader_before_counts_as_well(stage):
    """S24: the second leader has a change in its log that it did not make."""
    stage.elect(1)
    stage.change(1, ChangeKind.ADD_VOTER, 4)
    stage.deliver_all()
    stage.mail.clear()
    stage.sync(2)
    stage.mail.clear()
    stage.elect(2, 2, 3)
    stage.without("one-change")
    stage.change(2, ChangeKind.REMOVE, 1)
    assert stage.found("L7").endswith("and has not applied the one at 1")


def test_a_follower_may_hold_two_changes(stage):
    entries = (Entry(1, 1, ADD_4), Entry(2, 1, ADD_5))
    stage.raft(2).log.append(entries)
    stage.show(2, effects=(WriteWal(entries, None), SyncWal(1)))
    assert stage.broken == []


def test_a_change_that_was_removed_with_the_tail_is_forgotten(stage):
    entries = (Entry(1, 0, ADD_4),)
    stage.raft(1).log.append(entries)
    stage.show(1, effects=(WriteWal(entries, None), SyncWal(90)))
    stage.raft(1).log.append((Entry(1, 1),))
    stage.show(1, effects=(WriteWal((Entry(1, 1),), None), SyncWal(91)))
    stage.sync(1)
    stage.elect(1)
    stage.change(1, ChangeKind.ADD_VOTER, 4)
    assert "L7" not in stage.broken
    assert stage.judge.checked("L7") == 1


def test_another_configuration_than_the_logs_breaks_l10(stage):
    stage.elect(1)
    stage.raft(2).configuration = Configuration((1, 2))
    stage.show(2)
    assert stage.found("L10") == "at 0 it has voters=(1 2), and the log makes it voters=(1 2 3)"


def test_a_change_that_acts_before_it_is_applied_breaks_l10(stage):
    stage.elect(1)
    stage.change(1, ChangeKind.ADD_VOTER, 4)
    stage.raft(1).configuration = Configuration((1, 2, 3, 4))
    stage.show(1)
    assert "and the log makes it voters=(1 2 3)" in stage.found("L10")


def test_a_member_that_joins_knowing_nobody_breaks_l10(stage):
    """It would apply "add S4" to nobody, be the only voter it knows of, and elect itself."""
    stage.elect(1)
    stage.newcomer(4)
    assert stage.broken == []
    stage.crash(4)
    stage.judge.disks.pop(4)
    stage.disks[4].records.clear()
    stage.disks[4].synced = 0
    stage.start(4)
    assert stage.found("L10") == "at 0 it has voters=(), and the log makes it voters=(1 2 3)"
