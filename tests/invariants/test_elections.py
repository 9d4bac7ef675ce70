"""G1, G2, G7, L5: what must hold in elections, and that the judge sees when it does not."""

from learnetcd.member.effects import SendMessage
from learnetcd.member.inputs import MessageReceived
from learnetcd.raft.entry import HardState
from learnetcd.raft.messages import RequestPreVote, RequestVote, RequestVoteReply
from learnetcd.raft.roles import Leader


def test_healthy_elections_break_nothing(stage):
    for member in (1, 2, 3, 1):
        stage.elect(member)
        stage.crash(2)
        stage.start(2)
    assert stage.broken == []
    assert stage.judge.checked("G1") == 4
    assert all(stage.judge.checked(invariant) > 0 for invariant in ("G2", "G7", "L5"))


def test_two_leaders_in_one_term_break_g1(stage):
    stage.elect(1)
    raft = stage.raft(2)
    raft.role = Leader({}, 0, elected_by=(3,))
    stage.show(2)
    assert stage.found("G1") == "S1 and S2 were both elected in term 1"


def test_late_votes_may_not_elect_a_second_leader_of_an_older_term(stage):
    stage.elect(1)
    stage.elect(2)
    stage.crash(3)
    stage.start(3)
    raft = stage.raft(3)
    raft.role, raft.term = Leader({}, 0), 1
    stage.show(3)
    assert stage.found("G1") == "S1 and S3 were both elected in term 1"


def test_a_term_that_falls_breaks_g2(stage):
    stage.elect(1)
    stage.raft(2).term = 0
    stage.show(2)
    assert stage.found("G2") == "its term fell from 1 to 0"


def test_a_commit_index_that_falls_breaks_g2(stage):
    stage.elect(1)
    stage.put(1, "a")
    stage.settle()
    stage.raft(3).log.commit_index = 0
    stage.show(3)
    assert stage.found("G2") == "its commit index fell from 1 to 0"


def test_a_restart_without_the_term_that_was_on_disk_breaks_g2(stage):
    stage.elect(1)
    stage.crash(2)
    disk = stage.disks[2]
    disk.records = [r for r in disk.records if not isinstance(r, HardState)]
    disk.synced = len(disk.records)
    stage.start(2)
    assert stage.found("G2") == "it restarted in term 0, and its disk held term 1"


def test_a_restart_may_lose_a_term_that_was_never_on_disk(stage):
    stage.campaign(1)
    stage.deliver_all()
    assert stage.raft(2).term == 1
    stage.crash(2)
    stage.start(2)
    assert stage.raft(2).term == 0
    assert stage.broken == []


def test_two_votes_in_one_term_break_g7(stage):
    stage.elect(1)
    stage.show(2, effects=(SendMessage(RequestVoteReply(2, 3, 1, granted=True)),))
    assert stage.found("G7") == "it voted for S1 and for S3 in term 1"


def test_a_second_vote_after_a_restart_breaks_g7(stage):
    stage.elect(1)
    stage.crash(2)
    stage.start(2)
    stage.show(2, effects=(SendMessage(RequestVoteReply(2, 3, 1, granted=True)),))
    assert "G7" in stage.broken


def test_a_candidate_that_counted_its_own_vote_has_voted(stage):
    stage.elect(1)
    stage.show(1, effects=(SendMessage(RequestVoteReply(1, 3, 1, granted=True)),))
    assert stage.found("G7") == "it voted for S1 and for S3 in term 1"


def test_the_same_vote_may_be_sent_twice(stage):
    stage.elect(1)
    stage.show(2, effects=(SendMessage(RequestVoteReply(2, 1, 1, granted=True)),))
    assert stage.broken == []


def test_a_vote_that_changes_within_a_term_breaks_l5(stage):
    stage.elect(1)
    stage.raft(2).vote = 3
    stage.show(2)
    assert stage.found("L5") == "its vote in term 1 went from S1 to a vote for S3"


def test_a_vote_that_nobody_asked_for_breaks_l5(stage):
    """A pre-vote that is recorded as a vote: the real candidate is refused for it later."""
    request = RequestPreVote(3, 2, 1, 0, 0)
    stage.raft(2).vote = 3
    stage.show(2, MessageReceived(stage.at, request))
    assert stage.found("L5") == "it has a vote for S3 in term 0, who did not ask for one"


def test_a_vote_for_whoever_asks_is_what_l5_expects(stage):
    raft = stage.raft(2)
    raft.term, raft.vote = 4, 3
    stage.show(2, MessageReceived(stage.at, RequestVote(3, 2, 4, 0, 0)))
    assert stage.broken == []


def test_the_twin_without_vote_memory_breaks_l5_at_the_restart(stage):
    stage.elect(1)
    stage.without("vote-memory")
    stage.crash(2)
    stage.start(2)
    assert (
        stage.found("L5") == "its disk held a vote for S1 in term 1, and it restarted with no vote"
    )


def test_the_twin_with_two_votes_breaks_l5_and_then_elects_two_leaders(make_stage):
    stage = make_stage(members=(1, 2, 3))
    stage.without("one-vote")
    stage.campaign(1)
    stage.campaign(3)
    stage.settle(1, 2)
    assert stage.broken == []
    stage.deliver_all()
    stage.feed(2, MessageReceived(stage.at, RequestVote(3, 2, 1, 0, 0)))
    stage.settle(2, 3)
    assert stage.broken[0] == "L5"
    assert {"G1", "G7"} <= set(stage.broken)
