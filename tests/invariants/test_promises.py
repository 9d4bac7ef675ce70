"""L2, L3, L8: what leaves a member rests on its disk, and the judge sees when it does not."""

from learnetcd.member.effects import SendMessage, SyncWal, WriteWal
from learnetcd.member.inputs import WalSynced
from learnetcd.raft.entry import Entry, HardState
from learnetcd.raft.messages import AppendEntriesReply, RequestVoteReply


def test_healthy_promises_break_nothing(stage):
    stage.elect(1)
    stage.put(1, "a")
    stage.settle()
    assert stage.broken == []
    assert all(stage.judge.checked(invariant) > 0 for invariant in ("L2", "L3", "L8"))


def test_the_twin_that_sends_votes_early_breaks_l2(stage):
    stage.without("sync-before-reply")
    stage.campaign(1)
    stage.deliver_all()
    assert stage.found("L2") == "its vote for S1 in term 1 left, and its disk holds term 0, no vote"


def test_a_vote_that_differs_from_the_one_on_disk_breaks_l2(stage):
    stage.elect(1)
    stage.show(2, effects=(SendMessage(RequestVoteReply(2, 3, 1, granted=True)),))
    assert stage.found("L2").endswith("its disk holds term 1, a vote for S1")


def test_an_older_vote_may_leave_late(stage):
    """Two batches are confirmed at once: the first one's vote leaves when the second is durable."""
    effects = (
        WriteWal((), HardState(1, 3)),
        SyncWal(1),
        WriteWal((), HardState(2, 1)),
        SyncWal(2),
    )
    stage.show(2, effects=effects)
    votes = (RequestVoteReply(2, 3, 1, granted=True), RequestVoteReply(2, 1, 2, granted=True))
    stage.show(2, WalSynced(stage.at, 2), tuple(map(SendMessage, votes)))
    assert stage.broken == []


def test_the_twin_that_acknowledges_early_breaks_l3(stage):
    stage.elect(1)
    stage.without("sync-before-reply")
    stage.put(1, "a")
    stage.deliver_all()
    assert stage.found("L3") == "it acknowledged 1; its disk ends at 0"


def test_an_acknowledgement_in_a_term_that_is_not_on_disk_breaks_l3(stage):
    stage.show(2, effects=(SendMessage(AppendEntriesReply(2, 1, 3, 0)),))
    assert stage.found("L3") == "it acknowledged 0 in term 3; its disk holds term 0"


def test_acknowledging_another_entry_than_the_one_on_disk_breaks_l3(stage):
    stage.elect(1)
    stage.raft(2).log.append((Entry(1, 1),))
    stage.show(2, effects=(WriteWal((Entry(1, 0),), None), SyncWal(9)))
    stage.show(2, WalSynced(stage.at, 9), (SendMessage(AppendEntriesReply(2, 1, 1, 1)),))
    assert stage.found("L3") == "it acknowledged 1@1; its disk holds 1@0"


def test_a_refusal_promises_nothing(stage):
    stage.show(2, effects=(SendMessage(AppendEntriesReply(2, 1, 1, 7, rejected=True)),))
    assert stage.broken == []


def test_an_entry_freed_by_the_wrong_confirmation_breaks_l8(stage):
    """Two entries wait for one place on the disk; the first's sync is taken for the second's."""
    stage.raft(2).log.append((Entry(1, 1),))
    stage.show(2, effects=(WriteWal((Entry(1, 1),), None), SyncWal(1)))
    stage.raft(2).log.append((Entry(1, 2),))
    stage.show(2, effects=(WriteWal((Entry(1, 2),), None), SyncWal(2)))
    stage.raft(2).log.durable_index = 1
    stage.show(2, WalSynced(stage.at, 1))
    assert stage.found("L8") == "it takes 1@2 for durable; its disk holds 1@1 there"


def test_taking_for_durable_what_waits_for_the_disk_breaks_l8(stage):
    stage.raft(2).log.append((Entry(1, 1),))
    stage.show(2, effects=(WriteWal((Entry(1, 1),), None), SyncWal(1)))
    stage.raft(2).log.durable_index = 1
    stage.show(2)
    assert stage.found("L8") == "it takes 1@1 for durable; its disk holds nothing there"
