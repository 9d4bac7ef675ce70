"""G4, G5, G6, L1, L9: what must hold of commits, and that the judge sees when it does not."""

from learnetcd.member.effects import SyncWal, WriteWal
from learnetcd.member.inputs import ApplyDue, MessageReceived
from learnetcd.raft.configuration import Configuration
from learnetcd.raft.entry import Entry, Snapshot
from learnetcd.raft.messages import AppendEntries, Heartbeat, InstallSnapshot, RequestVoteReply
from learnetcd.raft.roles import Leader


def two_values(stage):
    stage.elect(1)
    stage.put(1, "a")
    stage.put(1, "b")
    stage.settle()
    stage.heartbeat(1)
    stage.settle()


def write(stage, member, *entries):
    stage.raft(member).log.append(entries)
    stage.show(member, effects=(WriteWal(entries, None), SyncWal(99)))


def test_healthy_commits_break_nothing(stage):
    two_values(stage)
    stage.crash(1)
    stage.elect(2)
    stage.put(2, "c")
    stage.settle()
    stage.start(1)
    stage.heartbeat(2)
    stage.settle()
    stage.heartbeat(2)
    stage.settle()
    assert [stage.raft(member).log.applied_index for member in (1, 2, 3)] == [3, 3, 3]
    assert stage.broken == []
    for invariant in ("G4", "G5", "G6", "L1", "L9"):
        assert stage.judge.checked(invariant) > 0


def test_another_entry_at_a_committed_index_breaks_g4(stage):
    stage.elect(1)
    stage.put(1, "a")
    stage.settle(1, 2)
    write(stage, 3, Entry(1, 2, b"other"))
    stage.raft(3).log.commit_index = 1
    stage.show(3)
    assert stage.found("G4") == "it committed 1@2, and 1@1 was committed there before"


def test_a_commit_index_beyond_the_log_breaks_g4(stage):
    stage.raft(3).log.commit_index = 4
    stage.show(3)
    assert stage.found("G4") == "it committed 4, and its log ends at 0"


def test_applying_what_is_not_committed_breaks_g4(stage):
    stage.elect(1)
    stage.put(1, "a")
    stage.raft(1).log.applied_index = 1
    stage.show(1, ApplyDue(stage.at, 1))
    assert stage.found("G4") == "it applied 1, and has committed only 0"


def test_applying_again_breaks_g4(stage):
    two_values(stage)
    stage.raft(2).log.applied_index = 1
    stage.show(2)
    assert stage.found("G4") == "its applied index fell from 2 to 1"


def test_applying_more_than_was_let_through_breaks_g4(stage):
    stage.elect(1)
    stage.put(1, "a")
    stage.put(1, "b")
    while stage.raft(1).log.commit_index < 2:
        for member in (1, 2):
            stage.sync(member)
        stage.deliver_all()
    stage.raft(1).log.applied_index = 2
    stage.show(1, ApplyDue(stage.at, 1))
    assert stage.found("G4") == "it applied 2, and was let through to 1"


def test_a_snapshot_of_what_nobody_committed_breaks_g4(stage):
    stage.elect(1)
    snapshot = Snapshot(5, 1, Configuration((1, 2, 3)), stage.members[1].store)
    stage.feed(2, MessageReceived(stage.at, InstallSnapshot(1, 2, 1, snapshot)))
    assert stage.found("G4") == "its snapshot stands for entries up to 5, and only 0 are committed"


def test_a_snapshot_of_another_history_breaks_g4(stage):
    stage.elect(1)
    stage.put(1, "a")
    stage.settle(1, 2)
    snapshot = Snapshot(1, 7, Configuration((1, 2, 3)), stage.members[1].store)
    stage.feed(3, MessageReceived(stage.at, InstallSnapshot(1, 3, 1, snapshot)))
    assert stage.found("G4") == "it committed 1@7, and 1@1 was committed there before"


def test_a_leader_without_a_committed_entry_breaks_g5(stage):
    stage.elect(1)
    stage.put(1, "a")
    stage.settle(1, 2)
    raft = stage.raft(3)
    raft.term, raft.role = 2, Leader({}, 0)
    stage.show(3)
    assert stage.found("G5") == (
        "it was elected in term 2 without the committed entry 1@1: its log ends with 0@0"
    )


def test_a_late_leader_of_an_older_term_may_lack_what_a_newer_one_committed(stage):
    stage.campaign(3)
    stage.sync(3)
    stage.deliver_all(1, 3)
    stage.sync(1)
    (late,) = [m for m in stage.mail if isinstance(m, RequestVoteReply)]
    stage.mail.clear()
    stage.campaign(2)
    stage.elect(2, 1, 2)
    stage.put(2, "a")
    stage.settle(1, 2)
    assert stage.raft(2).term == 2
    assert stage.raft(2).log.commit_index == 1
    stage.feed(3, MessageReceived(stage.at, late))
    assert isinstance(stage.raft(3).role, Leader)
    assert stage.raft(3).term == 1
    assert stage.broken == []
    assert stage.judge.checked("G5") == 2


def test_the_twin_that_votes_for_any_log_breaks_g5(stage):
    stage.without("up-to-date")
    stage.elect(1)
    stage.put(1, "a")
    stage.settle(1, 2)
    stage.elect(3, 2, 3)
    assert "G5" in stage.broken


def test_a_commit_that_only_one_disk_holds_breaks_g6(stage):
    stage.elect(1)
    stage.put(1, "a")
    stage.sync(1)
    stage.raft(1).log.commit_index = 1
    stage.show(1)
    assert stage.found("G6") == "it committed 1@1, which is durable at S1: 1 of 2 needed"


def test_a_commit_that_one_half_of_a_joint_configuration_lacks_breaks_g6(make_stage):
    stage = make_stage(members=(1, 2, 3, 4))
    stage.elect(1)
    stage.put(1, "a")
    raft = stage.raft(1)
    raft.configuration = Configuration((1, 2), outgoing=(1, 3, 4))
    for member in (1, 2):
        stage.sync(member)
        stage.deliver_all()
    stage.sync(2)
    assert stage.judge.disks[2].last_index == 1
    assert raft.log.commit_index == 0  # our own code knows both halves
    raft.log.commit_index = 1
    stage.show(1)
    assert stage.found("G6") == "it committed 1@1, which is durable at S1: 1 of 2 needed"


def test_a_learners_copy_does_not_count(make_stage):
    stage = make_stage(members=(1, 2, 3))
    stage.elect(1)
    stage.put(1, "a")
    raft = stage.raft(1)
    raft.configuration = Configuration((1, 3), learners=(2,))
    stage.sync(1)
    stage.deliver_all()
    stage.sync(2)
    raft.log.commit_index = 1
    stage.show(1)
    assert "durable at S1: 1 of 2 needed" in stage.found("G6")


def test_the_twin_that_counts_its_own_copy_early_breaks_g6(stage):
    stage.without("sync-before-counting")
    stage.elect(1)
    stage.put(1, "a")
    stage.deliver_all()
    stage.sync(2)
    stage.deliver_all()
    assert stage.found("G6") == "it committed 1@1, which is durable at S2: 1 of 2 needed"
    assert stage.broken == ["L6", "G6"]


def test_committing_an_entry_of_an_older_term_breaks_l1(stage):
    """The broken twin, and the beginning of Figure 8."""
    stage.without("own-term")
    stage.elect(1)
    stage.put(1, "a")
    stage.settle(1)
    stage.elect(2, 2, 3)
    stage.crash(1)
    stage.start(1)
    stage.elect(1)  # in vain: S2 and S3 have voted in term 2
    stage.elect(1)
    assert stage.found("L1") == "it leads term 3, and moved its commit index to 1@1"


def test_a_follower_that_commits_behind_the_entries_of_the_message_breaks_l9(stage):
    stage.elect(1)
    write(stage, 2, Entry(1, 1, b"a"), Entry(2, 1, b"b"), Entry(3, 1, b"stale"))
    append = AppendEntries(1, 2, 1, 1, 1, (Entry(2, 1, b"b"),), 3)
    stage.raft(2).log.commit_index = 3
    stage.show(2, MessageReceived(stage.at, append))
    assert stage.found("L9") == "it committed 3, and its log was verified only up to 2"


def test_a_follower_that_commits_by_a_heartbeat_what_it_never_acknowledged_breaks_l9(stage):
    stage.elect(1)
    write(stage, 2, Entry(1, 1, b"a"))
    stage.raft(2).log.commit_index = 1
    stage.show(2, MessageReceived(stage.at, Heartbeat(1, 2, 1, 1)))
    assert stage.found("L9") == "it committed 1, and its log was verified only up to 0"


def test_acknowledgements_to_an_earlier_leader_verify_nothing(stage):
    stage.elect(1)
    stage.put(1, "a")
    while not any(m.sender == 2 and m.receiver == 1 for m in stage.mail):
        for member in (1, 2):
            stage.sync(member)
        if not any(m.sender == 2 and m.receiver == 1 for m in stage.mail):
            stage.deliver_all()
    raft = stage.raft(2)
    raft.term, raft.log.commit_index = 2, 1
    stage.show(2, MessageReceived(stage.at, Heartbeat(3, 2, 2, 1)))
    assert stage.found("L9") == "it committed 1, and its log was verified only up to 0"
