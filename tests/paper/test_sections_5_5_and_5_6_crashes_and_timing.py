"""Raft §5.5, follower and candidate crashes, and §5.6, timing and availability."""

import pytest

from learnetcd.raft import PROFILES, Config
from learnetcd.raft.messages import AppendEntriesReply, RequestVoteReply
from tests.raft.network import ETCD, PAPER, Host, Network, append, ask_vote, begin, only


def test_requests_to_a_crashed_member_are_retried_until_it_answers():
    """§5.5: retries indefinitely; if the crashed server restarts, the RPC will complete."""
    network = Network()
    leader = network.elect(1)
    network.cut = {3}
    for command in (b"x", b"y"):
        leader.propose(command)
        network.settle()
    network[3].crash()
    network.cut = set()
    leader.times_out()
    network.settle()
    assert network[3].log == leader.log


def test_a_crash_after_the_work_and_before_the_answer_does_no_harm():
    """§5.5: it will receive the same RPC again after it restarts; RPCs are idempotent."""
    host = Host(1, begin(), PAPER)
    message = append((0, 0), 1, 1)
    host.hears(message)
    host.crash()
    assert only(AppendEntriesReply, host.hears(message)).index == 2
    assert host.log == "1@1 2@1"


def test_a_crash_before_the_work_is_durable_is_as_if_the_message_never_came():
    """§5.5 with Figure 2: nothing was promised, so nothing is missing."""
    host = Host(1, begin(), PAPER, slow_disk=True)
    host.hears(append((0, 0), 1, 1))
    host.crash()
    assert (host.log, host.term) == ("", 0)


def test_a_candidate_that_crashes_does_not_vote_for_another_in_the_same_term():
    """§5.5 with Figure 2: its own vote is durable before anything rests on it."""
    host = Host(1, begin(), PAPER)
    host.times_out()
    host.crash()
    assert not only(RequestVoteReply, host.hears(ask_vote(1))).granted


def test_a_leader_that_crashes_comes_back_as_a_follower_of_its_own_term():
    """§5.2 with §5.5: leadership is not durable; a second election decides."""
    network = Network()
    leader = network.elect(1)
    leader.crash()
    assert leader.follows
    assert (leader.term, leader.vote, leader.raft.leader) == (1, 1, 0)
    network.elect(2)
    assert leader.raft.leader == 2


def test_a_restarted_member_draws_other_timeouts():
    """§5.6: chance must not repeat itself, or a split vote could, too."""
    host = Host(1, begin(), PAPER)
    drawn = set()
    for _ in range(20):
        host.crash()
        drawn.add(host.raft.election_timeout)
    assert len(drawn) > 3


def test_safety_does_not_depend_on_timing():
    """§5.6: the system must not produce incorrect results because some event is early or late."""
    network = Network()
    network.elect(1)
    network.elect(2)
    network[1].raft.step(append(term=1, sender=3, to=1))  # late by a whole term
    network[1].work()
    assert network[1].raft.leader == 2


@pytest.mark.parametrize(("election", "heartbeat"), [(1, 1), (3, 5), (5, 0)])
def test_a_heartbeat_must_be_shorter_than_an_election_timeout(election, heartbeat):
    """§5.6: broadcastTime must be far below electionTimeout; a config without that is refused."""
    with pytest.raises(ValueError, match="heartbeat_ticks"):
        Config(election_ticks=election, heartbeat_ticks=heartbeat)


@pytest.mark.parametrize("name", PROFILES)
def test_a_leader_that_beats_in_time_stays_leader(name):
    """§5.6: while the inequality holds, Raft elects and maintains a steady leader."""
    network = Network(config=PROFILES[name])
    network.elect(1)
    for _ in range(50):
        for host in network.hosts.values():
            host.waits(1)
        network.settle()
    assert network[1].leads
    assert network[1].term == 1


@pytest.mark.parametrize("name", PROFILES)
def test_after_the_leader_is_gone_another_is_elected_within_a_few_timeouts(name):
    """§5.6: unavailable for roughly the election timeout."""
    network = Network((1, 2, 3, 4, 5), PROFILES[name])
    network.elect(1)
    network.cut = {1}
    for _ in range(10 * ETCD.election_ticks):
        for member in (2, 3, 4, 5):
            network[member].waits(1)
        network.settle()
        if any(network[member].leads for member in (2, 3, 4, 5)):
            break
    assert len([m for m in (2, 3, 4, 5) if network[m].leads]) == 1
