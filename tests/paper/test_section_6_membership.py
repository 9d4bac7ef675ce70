"""Raft §6, cluster membership changes; where etcd acts otherwise, the test's name says so."""

from dataclasses import replace

import pytest

from learnetcd.raft import PROFILES, Configuration, ProposalRefused
from learnetcd.raft.messages import AppendEntries, RequestVote, RequestVoteReply
from learnetcd.tracing.elections import CandidateIgnored
from learnetcd.tracing.membership import ChangeRefused
from tests.raft.network import (
    ETCD,
    LEAVE,
    Host,
    Network,
    accepts,
    add,
    all_of,
    ask_vote,
    begin,
    joint,
    learn,
    only,
    remove,
)


def with_joiners(*joiners: int, config=ETCD) -> Network:
    """S1 leads S1 S2 S3; others wait with empty disks."""
    network = Network(config=config)
    for member in joiners:
        network.join(member, (1, 2, 3), config)
    network.elect(1)
    return network


def joint_network(*, explicit: bool = True) -> Network:
    """S1 leads while (1 4 5)&&(1 2 3) rule together."""
    network = with_joiners(4, 5)
    network[1].propose(joint(add=(4, 5), remove=(2, 3), explicit=explicit))
    network.settle()
    return network


def beat(network: Network, leader: int = 1) -> None:
    network[leader].times_out()
    network.settle()


def test_a_change_travels_as_an_entry_in_the_log():
    """§6: configurations are stored and communicated using special entries."""
    network = with_joiners(4)
    network[1].propose(add(4))
    assert network[1].raft.log.entry(2).payload == add(4)


def test_the_cluster_first_switches_to_joint_consensus():
    """§6: ... a transitional configuration, then to the new one."""
    network = joint_network()
    assert network[1].raft.configuration == Configuration((1, 4, 5), outgoing=(1, 2, 3))
    network[1].propose(LEAVE)
    network.settle()
    assert network[1].raft.configuration == Configuration((1, 4, 5))


def test_while_joint_entries_go_to_all_members_of_both_configurations():
    """§6: log entries are replicated to all servers in both configurations."""
    network = joint_network()
    sent = all_of(AppendEntries, network[1].propose(b"x"))
    assert [m.receiver for m in sent] == [2, 3, 4, 5]


def test_while_joint_a_member_of_either_configuration_may_lead():
    """§6: any server from either configuration may serve as leader."""
    for member in (2, 4):
        network = joint_network()
        beat(network)
        network.elect(member)


def test_while_joint_agreement_on_an_entry_needs_both_majorities():
    """§6: agreement requires separate majorities from both the old and new configurations."""
    network = joint_network()
    leader = network[1]
    leader.propose(b"x")
    index = leader.raft.log.last_index
    leader.hears(accepts(4, 1, 1, index))
    leader.hears(accepts(5, 1, 1, index))
    assert leader.commit < index
    leader.hears(accepts(2, 1, 1, index))
    assert leader.commit == index


def test_while_joint_agreement_on_a_leader_needs_both_majorities():
    """§6: agreement (for elections and entry commitment)."""
    stored = begin()
    snapshot = replace(stored.snapshot, configuration=Configuration((1, 4, 5), outgoing=(1, 2, 3)))
    host = Host(1, replace(stored, snapshot=snapshot))
    host.campaigns()
    for voter in (2, 3):
        host.hears(RequestVoteReply(voter, 1, 1, True))
    assert not host.leads
    host.hears(RequestVoteReply(4, 1, 1, True))
    assert host.leads


def test_while_joint_one_lost_half_loses_the_election():
    """§6: the other side of the same sentence."""
    stored = begin()
    snapshot = replace(stored.snapshot, configuration=Configuration((1, 4, 5), outgoing=(1, 2, 3)))
    host = Host(1, replace(stored, snapshot=snapshot))
    host.campaigns()
    for voter, yes in ((2, True), (3, True), (4, False), (5, False)):
        host.hears(RequestVoteReply(voter, 1, 1, yes))
    assert host.follows


def test_while_joint_client_requests_are_served():
    """§6: allows the cluster to continue servicing client requests throughout."""
    network = joint_network()
    network[1].propose(b"x")
    network.settle()
    assert network[1].applied[-1] == b"x"


def test_differs_a_change_acts_when_it_is_applied_not_when_it_is_stored():
    """§6: a server uses the latest configuration in its log. etcd waits until it is applied."""
    network = with_joiners(4)
    network[1].propose(add(4))
    network.deliver(AppendEntries)
    assert network[2].log.endswith("2@1")
    assert network[1].raft.configuration.voters == (1, 2, 3)
    assert network[2].raft.configuration.voters == (1, 2, 3)
    network.settle()
    assert network[1].raft.configuration.voters == (1, 2, 3, 4)


def test_differs_a_truncated_change_needs_no_rolling_back():
    """§6 has to fall back to the previous configuration; what acts on apply can't be truncated."""
    network = Network()
    network.elect(1)
    network.cut = {1}
    network[1].propose(remove(3))
    network.elect(2)
    network.cut = set()
    beat(network, 2)
    assert network[1].log == network[2].log
    assert network[1].raft.configuration.voters == (1, 2, 3)


def test_a_crash_while_joint_leaves_one_of_the_two_configurations_in_charge():
    """§6: a new leader may be chosen under either; in any case not by the new half alone."""
    network = joint_network()
    beat(network)
    network.cut = {1, 2, 3}
    network[4].campaigns()
    network.settle()
    assert not network[4].leads
    network.cut = {1}
    network.elect(4)


def test_an_implicit_joint_configuration_is_left_by_the_leader_itself():
    """§6: once committed, the leader creates the entry of the new configuration."""
    network = joint_network(explicit=False)
    assert network[1].raft.configuration == Configuration((1, 4, 5))
    assert [e.payload for e in network[1].store][-1] == LEAVE


def test_a_new_leader_leaves_a_joint_configuration_that_it_inherits():
    """§6: the transition completes whoever leads."""
    network = with_joiners(4, 5)
    network[1].slow_store = network[1].slow_disk = False
    network[1].propose(joint(add=(4, 5), remove=(2, 3), explicit=False))
    # S1 is cut off as soon as S2 knows that the change is committed.
    while not network[2].raft.configuration.joint:
        network._deliver(network.collect().pop(0))
    network.lose()
    network.cut = {1}
    for member in (4, 5):
        network[member].crash()
    network[2].campaigns()
    network.settle()
    assert not network[2].raft.configuration.joint


def test_the_new_configuration_commits_without_the_old_members():
    """§6: when the new configuration has been committed, the old one is irrelevant."""
    network = joint_network(explicit=False)
    network.cut = {2, 3}
    network[1].propose(b"x")
    network.settle()
    assert network[1].applied[-1] == b"x"


def test_new_members_join_without_a_vote_and_catch_up():
    """§6: the leader replicates entries to them, but they are not considered for majorities."""
    network = with_joiners(4)
    leader = network[1]
    leader.propose(learn(4))
    network.settle()
    assert network[4].log == leader.log
    leader.propose(b"x")
    index = leader.raft.log.last_index
    leader.hears(accepts(4, 1, 1, index))
    assert leader.commit < index
    leader.hears(accepts(2, 1, 1, index))
    assert leader.commit == index


def test_a_learner_neither_stands_nor_counts_in_an_election():
    """§6: not considered for majorities."""
    network = Network((1, 2, 3), learners=(4,))
    assert network[4].raft.deadline() is None
    network[4].campaigns()
    assert network[4].follows
    network[1].campaigns()
    network[1].hears(RequestVoteReply(4, 1, 1, True))
    assert network[1].stands


def test_a_learner_that_caught_up_is_made_a_voter():
    """§6: once the new servers have caught up, the reconfiguration can proceed."""
    network = with_joiners(4)
    network[1].propose(learn(4))
    network.settle()
    network[1].propose(add(4))
    network.settle()
    assert network[4].raft.configuration.voters == (1, 2, 3, 4)
    beat(network)
    network.elect(4)


def test_a_leader_that_removes_itself_does_not_count_itself():
    """§6: it replicates log entries but does not count itself in majorities."""
    network = Network()
    leader = network.elect(1)
    leader.propose(b"x", remove(1))
    network.settle()
    assert leader.raft.configuration.voters == (2, 3)
    assert leader.leads
    assert 1 not in leader.leadership.progress


def test_a_leader_manages_a_cluster_that_does_not_include_itself():
    """§6: there will be a period of time when the leader is managing such a cluster."""
    network = Network()
    leader = network.elect(1)
    leader.propose(remove(1), b"x")  # x is behind the removal, and S1 alone may commit nothing
    leader.hears(accepts(2, 1, 1, 2))
    assert leader.raft.configuration.voters == (2, 3)
    leader.hears(accepts(2, 1, 1, 3))
    assert leader.commit == 2
    leader.hears(accepts(3, 1, 1, 3))
    assert leader.commit == 3


def test_a_removed_leader_steps_down_when_the_removal_is_applied_if_told_so():
    """§6: the leader steps down once it has committed the new configuration."""
    network = Network(config=replace(ETCD, step_down_on_removal=True))
    leader = network.elect(1)
    leader.propose(remove(1))
    network.settle()
    assert leader.follows


def test_differs_by_default_a_removed_leader_goes_on_until_somebody_else_is_elected():
    """etcd/raft without StepDownOnRemoval: it takes no proposals, but heartbeats go out."""
    network = Network()
    leader = network.elect(1)
    leader.propose(remove(1))
    network.settle()
    assert leader.leads
    assert [m.receiver for m in leader.times_out()] == [2, 3]
    with pytest.raises(ProposalRefused, match="removed"):
        leader.propose(b"x")
    leader.crash()
    assert leader.raft.deadline() is None  # it can't stand any more


def test_a_removed_member_does_not_depose_the_leader_by_its_vote_requests():
    """§6: a vote request within the minimum timeout of hearing a leader is disregarded."""
    network = Network(config=PROFILES["etcd-3.3"])
    leader = network.elect(1)
    network[2].waits(ETCD.election_ticks - 1)
    assert network[2].hears(ask_vote(9, (9, 9), sender=3, to=2)) == []
    assert (network[2].term, network[2].vote) == (1, 1)
    assert network[2].saw(CandidateIgnored)
    assert leader.hears(ask_vote(9, (9, 9), sender=3, to=1)) == []
    assert leader.leads


def test_a_member_that_heard_no_leader_for_the_minimum_timeout_votes_as_usual():
    """§6: this does not affect normal elections."""
    network = Network(config=PROFILES["etcd-3.3"])
    network.elect(1)
    network[2].raft.set_election_timer(100)
    network[2].waits(ETCD.election_ticks)
    assert only(RequestVoteReply, network[2].hears(ask_vote(2, (1, 1), sender=3, to=2))).granted


def test_differs_without_check_quorum_such_a_candidate_is_heard():
    """etcd/raft CheckQuorum: who does not measure the leader's lease can't rely on it."""
    network = Network(config=ETCD)
    network.elect(1)
    network[2].hears(RequestVote(3, 2, 9, 9, 9))
    assert network[2].term == 9


def test_differs_a_change_that_may_not_start_becomes_an_empty_entry():
    """etcd/raft stepLeader: refused in the log's own way, so that indexes stay as promised."""
    network = with_joiners(4, 5)
    leader = network[1]
    leader.propose(add(4), add(5))
    assert [leader.raft.log.entry(i).payload for i in (2, 3)] == [add(4), b""]
    assert "a change may wait at 2" in leader.saw(ChangeRefused)[0].verdict.because()


def test_differs_a_new_leader_waits_until_its_whole_old_log_is_applied():
    """etcd/raft pendingConfIndex: any entry up to its election might be an unapplied change."""
    network = Network()
    network.elect(1)
    network[1].propose(b"x")
    network.lose()
    leader = network[1]
    leader.crash()
    leader.campaigns()
    leader.hears(RequestVoteReply(2, 1, 2, True))
    leader.propose(remove(3))
    assert leader.raft.log.entry(4).payload == b""
    network.settle()
    leader.propose(remove(3))
    network.settle()
    assert leader.raft.configuration.voters == (1, 2)


def test_differs_a_candidate_must_have_applied_every_change_that_it_knows_committed():
    """etcd #7280: it would count by the wrong quorum."""
    network = Network()
    network.elect(1)
    network[2].slow_store = True
    network[1].propose(remove(3))
    network.settle()
    assert network[2].commit == 2
    network[2].campaigns()
    assert network[2].follows
    network[2].apply()
    network[2].campaigns()
    assert not network[2].follows


def test_applying_a_change_commits_what_the_smaller_quorum_already_holds():
    """etcd/raft switchToConfig: fewer are needed now."""
    network = Network((1, 2, 3, 4))
    leader = network.elect(1)
    network.cut = {3, 4}
    leader.slow_store = True
    leader.propose(remove(4))
    network.settle()
    assert leader.commit == 1
    network.cut = {4}
    beat(network)
    assert leader.unapplied
    network.cut = {3, 4}
    leader.propose(b"x")
    network.settle()
    index = leader.raft.log.last_index
    assert leader.commit == index - 1
    while leader.unapplied:
        leader.apply()
    assert leader.commit == index


def test_a_new_member_is_probed_from_the_leaders_last_entry_at_once():
    """etcd/raft initProgress: no need to wait for a heartbeat or a proposal."""
    network = with_joiners(4)
    leader = network[1]
    leader.propose(add(4))
    leader.hears(accepts(2, 1, 1, 2))
    sent = only(AppendEntries, [m for m in leader.sent if m.receiver == 4])
    assert (sent.previous_index, len(sent.entries)) == (1, 1)
    assert leader.progress(4).recent_active


def test_the_configuration_is_rebuilt_from_the_log_after_a_crash():
    """etcd/raft: the snapshot's members, and then every change that is applied again."""
    network = with_joiners(4)
    network[1].propose(add(4))
    network.settle()
    beat(network)
    network[2].crash()
    assert network[2].raft.configuration.voters == (1, 2, 3, 4)


def test_a_member_that_is_removed_is_sent_nothing_any_more():
    """etcd/raft: its progress is dropped when the change is applied."""
    network = Network()
    leader = network.elect(1)
    leader.propose(remove(3))
    network.settle()
    assert 3 not in leader.leadership.progress
    assert all(m.receiver == 2 for m in leader.propose(b"x"))
