"""Raft Figure 2, the box "RequestVote RPC"."""

import pytest

from learnetcd.raft.messages import RequestVote, RequestVoteReply
from learnetcd.tracing.elections import VoteGranted, VoteRefused
from tests.raft.network import ETCD, PAPER, Host, ask_vote, begin, only


def answer(host: Host, message: RequestVote) -> RequestVoteReply:
    return only(RequestVoteReply, host.hears(message))


def test_a_vote_request_carries_term_candidate_and_its_last_entry():
    """Arguments: term, candidateId, lastLogIndex, lastLogTerm."""
    host = Host(1, begin(log=(1, 1, 2)), PAPER)
    requests = [m for m in host.times_out() if isinstance(m, RequestVote)]
    assert requests == [RequestVote(1, 2, 3, 3, 2), RequestVote(1, 3, 3, 3, 2)]


def test_the_answer_carries_the_term_for_the_candidate_to_update_itself():
    """Results, term."""
    host = Host(1, begin(), PAPER)
    host.times_out()
    host.hears(RequestVoteReply(2, 1, 5, False))
    assert host.follows
    assert host.term == 5


def test_step_1_a_candidate_of_an_older_term_gets_no_vote():
    """Step 1: reply false if term < currentTerm."""
    host = Host(1, begin(term=3), PAPER)
    reply = answer(host, ask_vote(2, (9, 2)))
    assert (reply.granted, reply.term) == (False, 3)
    assert host.vote == 0


def test_step_1_differs_etcd_does_not_answer_a_candidate_of_an_older_term():
    """etcd/raft Step: it finds out by the messages of the newer term."""
    host = Host(1, begin(term=3), ETCD)
    assert host.hears(ask_vote(2, (9, 2))) == []


def test_step_2_a_member_that_has_not_voted_grants_its_vote():
    """Step 2: votedFor is null."""
    host = Host(1, begin(), PAPER)
    assert answer(host, ask_vote(1)).granted
    assert host.vote == 2
    assert "not voted in term 1" in host.saw(VoteGranted)[0].verdict.because()


def test_step_2_a_member_grants_the_vote_again_to_the_same_candidate():
    """Step 2: votedFor is candidateId. The first answer may have been lost."""
    host = Host(1, begin(), PAPER)
    assert answer(host, ask_vote(1)) == answer(host, ask_vote(1))


def test_step_2_a_member_does_not_vote_for_a_second_candidate_in_a_term():
    """Step 2: votedFor is neither null nor candidateId."""
    host = Host(1, begin(), PAPER)
    host.hears(ask_vote(1, sender=2))
    assert not answer(host, ask_vote(1, sender=3)).granted
    assert host.vote == 2
    assert "already voted for S2" in host.saw(VoteRefused)[0].verdict.because()


@pytest.mark.parametrize(
    ("candidates_last", "granted"),
    [
        ((3, 2), True),  # equal
        ((4, 2), True),  # longer, same term
        ((1, 3), True),  # shorter, later term
        ((2, 2), False),  # same term, shorter
        ((3, 1), False),  # same length, earlier term
        ((9, 1), False),  # longer, earlier term
    ],
)
def test_step_2_the_candidates_log_must_be_at_least_as_up_to_date(candidates_last, granted):
    """Step 2 and §5.4.1: the later last term wins; of equal terms the longer log."""
    host = Host(1, begin(log=(1, 1, 2)), PAPER)
    assert answer(host, ask_vote(3, candidates_last)).granted is granted


def test_a_refused_candidate_of_a_higher_term_still_raises_the_term():
    """Figure 2, all servers: the term counts, whatever the answer is; the vote stays free."""
    host = Host(1, begin(log=(1, 1, 2)), PAPER)
    assert not answer(host, ask_vote(7, (1, 1))).granted
    assert (host.term, host.vote) == (7, 0)
    assert answer(host, ask_vote(7, (3, 2), sender=3)).granted
