"""Raft §5.1, Raft basics: roles, terms, and what a term in a message does."""

import pytest

from learnetcd.raft import ProposalRefused
from learnetcd.raft.messages import (
    AppendEntries,
    AppendEntriesReply,
    ForwardProposal,
    Heartbeat,
    RequestVote,
    RequestVoteReply,
)
from tests.raft.network import PAPER, Host, Network, all_of, append, ask_vote, begin


def test_five_servers_tolerate_two_failures():
    """§5.1: a typical number is five, which allows the system to tolerate two failures."""
    network = Network((1, 2, 3, 4, 5))
    network.cut = {4, 5}
    leader = network.elect(1)
    leader.propose(b"x")
    network.settle()
    assert leader.applied == [b"x"]


def test_five_servers_do_not_tolerate_three_failures():
    """§5.1, the other side: two of five decide nothing."""
    network = Network((1, 2, 3, 4, 5))
    leader = network.elect(1)
    network.cut = {3, 4, 5}
    leader.propose(b"x")
    network.settle()
    assert leader.applied == []


def test_in_normal_operation_one_member_leads_and_all_others_follow():
    """§5.1: exactly one leader, all the others are followers."""
    network = Network((1, 2, 3, 4, 5))
    network.elect(3)
    assert [host.id for host in network.hosts.values() if host.leads] == [3]
    assert all(host.raft.leader == 3 for host in network.hosts.values())


def test_followers_issue_no_requests_of_their_own():
    """§5.1: followers are passive; they only respond."""
    network = Network()
    network.elect(1)
    assert network[2].waits(network[2].config.election_ticks - 1) == []


def test_a_follower_passes_a_clients_request_on_to_the_leader():
    """§5.1: if a client contacts a follower, the follower redirects it to the leader."""
    network = Network()
    network.elect(1)
    assert [m.receiver for m in all_of(ForwardProposal, network[2].propose(b"x"))] == [1]
    network.settle()
    assert network[3].log == "1@1 2@1"


def test_without_a_leader_a_clients_request_is_refused():
    """§5.1: the leader handles all client requests; nobody else can."""
    with pytest.raises(ProposalRefused, match="nobody leads term 0"):
        Host(1, begin(), PAPER).propose(b"x")


def test_terms_are_consecutive_and_each_begins_with_an_election():
    """§5.1: terms are numbered with consecutive integers."""
    network = Network()
    for term, member in enumerate((1, 2, 3, 1), start=1):
        assert network.elect(member).term == term


def test_a_term_with_a_split_vote_ends_without_a_leader():
    """§5.1: ... a new term, with a new election, will begin shortly."""
    network = Network((1, 2, 3, 4))
    network[1].campaigns()
    network[2].campaigns()
    network.deliver(RequestVote, sender=1, to=3)
    network.deliver(RequestVote, sender=2, to=4)
    network.settle()
    assert not any(host.leads for host in network.hosts.values())
    network[3].times_out()
    network.settle()
    assert network[3].leads
    assert network[3].term == 2


def test_there_is_at_most_one_leader_in_a_term():
    """§5.1: Raft ensures that there is at most one leader in a given term."""
    network = Network()
    network[1].campaigns()
    network[2].campaigns()
    network.settle()
    assert len([host for host in network.hosts.values() if host.leads]) <= 1


def test_the_term_only_grows():
    """§5.1: the current term increases monotonically over time."""
    host = Host(1, begin(term=4), PAPER)
    for message in (append(term=2), ask_vote(3), Heartbeat(2, 1, 1, 0)):
        host.hears(message)
        assert host.term == 4


def test_terms_are_exchanged_whenever_members_communicate():
    """§5.1: requests and answers carry the sender's term."""
    network = Network()
    network.elect(1)
    network[1].propose(b"x")
    network[1].times_out()
    network.deliver()
    messages = network.collect()
    assert {type(m) for m in messages} >= {AppendEntriesReply}
    assert {m.term for m in messages} == {1}


def test_a_member_with_the_smaller_term_takes_the_larger():
    """§5.1: if one server's current term is smaller than the other's, it updates its own."""
    network = Network(terms={1: 7})
    network.elect(1)
    assert {host.term for host in network.hosts.values()} == {8}


@pytest.mark.parametrize("win", [False, True])
def test_a_stale_candidate_or_leader_reverts_to_follower_at_once(win):
    """§5.1: if a candidate or leader discovers that its term is out of date."""
    host = Host(1, begin(), PAPER)
    host.campaigns()
    if win:
        host.hears(RequestVoteReply(2, 1, 1, True))
    assert host.leads is win
    host.hears(RequestVoteReply(3, 1, 2, False))
    assert host.follows


@pytest.mark.parametrize("message", [append(term=1), ask_vote(1)], ids=["append", "vote"])
def test_a_request_with_a_stale_term_is_rejected(message):
    """§5.1: ... it rejects the request; the answer carries the newer term."""
    host = Host(1, begin(term=3), PAPER)
    answers = host.hears(message)
    assert [m.term for m in answers] == [3]
    assert (host.raft.leader, host.vote) == (0, 0)


def test_an_answer_with_a_stale_term_is_ignored():
    """§5.1: an acknowledgement of an earlier leadership says nothing about this one."""
    network = Network()
    leader = network.elect(1)
    network.elect(2)
    leader = network.elect(1)
    leader.propose(b"x")
    before = leader.progress(2).match_index
    leader.hears(AppendEntriesReply(2, 1, 1, before + 1))
    assert leader.progress(2).match_index == before


def test_a_request_without_an_answer_is_retried():
    """§5.1: servers retry RPCs; here a heartbeat's answer prompts the append again."""
    network = Network()
    leader = network.elect(1)
    leader.propose(b"x")
    network.lose(AppendEntries)
    leader.raft.unreachable(2)
    leader.times_out()
    network.settle()
    assert network[2].log == leader.log


def test_requests_are_issued_in_parallel():
    """§5.1: ... and they issue RPCs in parallel for best performance."""
    leader = Network((1, 2, 3, 4, 5)).elect(1)
    assert [m.receiver for m in all_of(AppendEntries, leader.propose(b"x"))] == [2, 3, 4, 5]
