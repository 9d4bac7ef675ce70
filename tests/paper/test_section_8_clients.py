"""Raft §8, client interaction: the entry at the start of a term, and fresh reads."""

import pytest

from learnetcd.raft import ProposalRefused, ReadReady
from learnetcd.raft.messages import ForwardProposal, Heartbeat, HeartbeatReply, RequestVoteReply
from learnetcd.tracing.membership import ReadDropped
from tests.raft.network import ETCD, PAPER, Host, Network, all_of, begin, remove


def test_clients_may_ask_any_member_and_reach_the_leader():
    """§8: a server that is not the leader supplies information about the leader."""
    network = Network()
    network.elect(2)
    assert [m.receiver for m in all_of(ForwardProposal, network[3].propose(b"x"))] == [2]
    assert network[3].raft.leader == 2


def test_a_proposal_may_be_lost_without_a_word():
    """§8: if the leader crashes, client requests time out; the client retries."""
    network = Network()
    network.elect(1)
    network[3].propose(b"x")
    network.lose(ForwardProposal)
    network.settle()
    assert network[1].log == "1@1"


def test_the_same_command_proposed_twice_is_applied_twice():
    """§8: Raft may execute a command multiple times; serial numbers are the client's affair."""
    network = Network()
    leader = network.elect(1)
    leader.propose(b"x")
    leader.propose(b"x")
    network.settle()
    assert leader.applied == [b"x", b"x"]


def test_each_leader_commits_a_blank_entry_at_the_start_of_its_term():
    """§8: ... so that it has the latest information on which entries are committed."""
    network = Network(config=ETCD, logs=dict.fromkeys((1, 2, 3), (1, 1)))
    leader = network.elect(1)
    assert leader.raft.log.entry(3).payload == b""
    assert leader.raft.log.entry(3).term == 2
    assert leader.commit == 3


def test_differs_the_papers_figure_2_has_no_blank_entry():
    """Figure 2 starts with an empty append; §8 adds the entry for the sake of reads."""
    network = Network(config=PAPER, logs=dict.fromkeys((1, 2, 3), (1, 1)))
    assert network.elect(1).log == "1@1 2@1"


def test_a_leader_checks_that_it_was_not_deposed_before_it_answers_a_read():
    """§8: exchange heartbeat messages with a majority before responding."""
    network = Network()
    leader = network.elect(1)
    beats = all_of(Heartbeat, leader.read(context=5))
    assert [(m.receiver, m.read_round) for m in beats] == [(2, 1), (3, 1)]
    assert leader.reads == []
    leader.hears(HeartbeatReply(2, 1, 1, 1))
    assert leader.reads == [ReadReady(5, 1)]


def test_a_deposed_leader_answers_no_read():
    """§8: its information might be stale."""
    network = Network()
    old = network.elect(1)
    network.cut = {1}
    network.elect(2)
    network[2].propose(b"x")
    network.settle()
    assert old.leads
    network.cut = set()
    old.read()
    network.settle()
    assert old.reads == []


def test_an_answer_to_an_earlier_heartbeat_does_not_confirm_a_later_read():
    """§8 and etcd #20418: only what was sent after the question shows that it leads since."""
    network = Network()
    leader = network.elect(1)
    leader.read(context=1)
    late = network.take(Heartbeat)
    leader.read(context=2)
    network.lose(Heartbeat)
    for heartbeat in late:
        leader.hears(*network[heartbeat.receiver].hears(heartbeat))
    network.lose()
    assert leader.reads == [ReadReady(1, 1)]


def test_a_read_waits_until_an_entry_of_the_own_term_is_committed():
    """§8: at the start of its term the leader may not know which entries are committed."""
    network = Network(logs=dict.fromkeys((1, 2, 3), (1, 1)))
    leader = network[1]
    leader.campaigns()
    leader.hears(RequestVoteReply(2, 1, 2, True))
    leader.read(context=9)
    assert all_of(Heartbeat, leader.sent) == []
    network.settle()
    assert leader.reads == [ReadReady(9, 3)]


def test_a_read_that_is_asked_again_after_the_first_commit_still_needs_a_quorum():
    """§8: the two conditions hold together."""
    network = Network(logs=dict.fromkeys((1, 2, 3), (1, 1)))
    leader = network[1]
    leader.campaigns()
    leader.hears(RequestVoteReply(2, 1, 2, True))
    leader.read(context=9)
    network.lose(Heartbeat)
    while leader.commit < 3:
        network._deliver(network.collect().pop(0))
    assert leader.reads == []
    assert all_of(Heartbeat, network.collect())


def test_reads_are_linearizable_they_see_every_write_answered_before():
    """§8: the read index is the commit index when the question came."""
    network = Network()
    leader = network.elect(1)
    leader.propose(b"x")
    network.settle()
    leader.read(context=1)
    leader.propose(b"y")
    network.settle()
    assert leader.reads == [ReadReady(1, 2)]


def test_a_read_without_a_known_leader_is_dropped():
    """etcd/raft stepFollower: nobody can be asked; the client tries again."""
    host = Host(1, begin())
    host.read()
    assert host.reads == []
    assert host.saw(ReadDropped)


def test_a_leader_alone_needs_nobodys_confirmation():
    """§8: a majority of one."""
    host = Host(1, begin((1,)))
    host.campaigns()
    host.read(context=3)
    assert host.reads == [ReadReady(3, 1)]


def test_differs_a_leader_alone_waits_for_its_first_commit_too():
    """Differs from etcd/raft: after a restart its commit index may be behind what it answered."""
    host = Host(1, begin((1,), log=(1, 1)), PAPER, slow_disk=True)
    host.campaigns()
    host.save_all()
    assert host.leads
    host.read(context=3)
    assert host.reads == []
    host.propose(b"x")
    host.save_all()
    assert host.reads == [ReadReady(3, 3)]


def test_a_candidate_refuses_proposals():
    """§8: the client waits for a leader."""
    host = Host(1, begin())
    host.campaigns()
    with pytest.raises(ProposalRefused):
        host.propose(b"x")


def test_a_read_does_not_wait_for_members_that_are_gone():
    """Differs from etcd/raft: the quorum that confirms may shrink while the question waits."""
    network = Network((1, 2))
    leader = network.elect(1)
    leader.slow_store = True
    leader.propose(remove(2))
    network.settle()
    network.cut = {2}
    leader.read(context=6)
    network.settle()
    assert leader.reads == []
    leader.apply()
    assert leader.reads == [ReadReady(6, 2)]
