"""G8: no read is older than what somebody was told before."""

import pytest

from learnetcd.member.effects import Reply
from learnetcd.member.inputs import ApplyDue, RequestSubmitted
from learnetcd.member.request import Answer, KeyRequest, Method, Outcome, ReadKind

QUORUM_READ = KeyRequest(Method.GET, "/x", read=ReadKind.QUORUM)
LOCAL_READ = KeyRequest(Method.GET, "/x")


def answered(request_id, raft_index, outcome=Outcome.DONE):
    return (Reply(request_id, Answer(outcome, raft_index=raft_index)),)


@pytest.mark.parametrize("read", [ReadKind.INDEX, ReadKind.QUORUM])
def test_healthy_reads_break_nothing(make_stage, read):
    stage = make_stage("etcd-3.3")
    stage.elect(1)
    stage.put(1, "a")
    stage.settle()
    for member in (1, 2, 3):
        request = stage.get(member, read)
        stage.settle()
        assert stage.answers[request].answer.event.node.value == "a"
    assert stage.broken == []
    assert stage.judge.checked("G8") == 3


def test_a_read_below_an_earlier_answer_breaks_g8(stage):
    put = KeyRequest(Method.PUT, "/x", "a")
    stage.show(1, RequestSubmitted(0, 1, put))
    stage.show(1, effects=answered(1, raft_index=8))
    stage.show(2, RequestSubmitted(0, 2, QUORUM_READ))
    stage.show(2, effects=answered(2, raft_index=7))
    assert stage.found("G8") == (
        "request 2 read at index 7; before it was asked, somebody was answered at 8"
    )


def test_a_read_that_was_asked_before_the_answer_may_be_older(stage):
    stage.show(2, RequestSubmitted(0, 2, QUORUM_READ))
    stage.show(1, RequestSubmitted(0, 3, KeyRequest(Method.PUT, "/x", "a")))
    stage.show(1, effects=answered(3, raft_index=8))
    stage.show(2, effects=answered(2, raft_index=7))
    assert stage.broken == []


def test_reads_do_not_go_back_behind_other_reads(stage):
    stage.show(1, RequestSubmitted(0, 1, QUORUM_READ))
    stage.show(1, effects=answered(1, raft_index=8))
    stage.show(2, RequestSubmitted(0, 2, QUORUM_READ))
    stage.show(2, effects=answered(2, raft_index=7, outcome=Outcome.REFUSED))
    assert "G8" in stage.broken


def test_local_reads_promise_nothing(stage):
    stage.show(1, RequestSubmitted(0, 1, QUORUM_READ))
    stage.show(1, effects=answered(1, raft_index=8))
    stage.show(2, RequestSubmitted(0, 2, LOCAL_READ), answered(2, raft_index=1))
    assert stage.broken == []


def test_an_unknown_outcome_says_nothing(stage):
    stage.show(1, RequestSubmitted(0, 1, QUORUM_READ))
    stage.show(1, effects=answered(1, raft_index=9, outcome=Outcome.UNKNOWN))
    stage.show(2, RequestSubmitted(0, 2, QUORUM_READ))
    stage.show(2, effects=answered(2, raft_index=7))
    assert stage.broken == []


def test_who_waited_at_a_member_that_died_is_forgotten(stage):
    stage.show(1, RequestSubmitted(0, 1, QUORUM_READ))
    stage.show(2, RequestSubmitted(0, 2, QUORUM_READ))
    stage.crash(1)
    assert list(stage.judge.invariants[7].asked) == [2]


def test_the_twin_that_asks_no_quorum_breaks_g8(stage):
    """S11: a leader that was deposed without knowing it answers from its old store."""
    stage.elect(1)
    stage.put(1, "a")
    stage.settle()
    stage.without("read-quorum")
    stage.elect(2, 2, 3)
    stage.put(2, "b")
    stage.settle(2, 3)
    stage.get(1, ReadKind.INDEX)
    stage.settle()
    assert "somebody was answered at 2" in stage.found("G8")


def test_the_twin_without_an_own_entry_breaks_g8(stage):
    """A new leader does not know yet what the old one committed and answered."""
    stage.elect(1)
    stage.put(1, "a")
    stage.sync(1)
    stage.deliver_all(1, 2)
    stage.sync(2)
    stage.deliver_all()  # S2's acknowledgement; the news of the commit is lost
    stage.mail.clear()
    stage.feed(1, ApplyDue(stage.at, 1))
    assert len(stage.answers) == 1
    stage.without("own-entry-before-read")
    stage.elect(2, 2, 3)
    stage.get(2, ReadKind.INDEX)
    stage.settle(2, 3)
    assert stage.found("G8").endswith(
        "read at index 0; before it was asked, somebody was answered at 1"
    )
