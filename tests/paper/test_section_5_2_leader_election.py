"""Raft §5.2, leader election."""

import pytest

from learnetcd.raft.messages import (
    AppendEntries,
    AppendEntriesReply,
    Heartbeat,
    RequestVote,
    RequestVoteReply,
)
from learnetcd.tracing.elections import ElectionTimerDrawn
from tests.raft.network import PAPER, Host, Network, all_of, append, ask_vote, begin, only


def test_members_start_up_as_followers():
    """§5.2: when servers start up, they begin as followers."""
    assert Host(1, begin(log=(1, 2), vote=1), PAPER).follows


def test_a_follower_stays_one_while_it_hears_from_a_leader():
    """§5.2: ... as long as it receives valid RPCs from a leader or candidate."""
    host = Host(1, begin(), PAPER)
    for _ in range(5):
        host.waits(host.config.election_ticks - 1)
        host.hears(Heartbeat(2, 1, 1, 0))
    assert host.follows
    assert host.term == 1


def test_a_leader_sends_heartbeats_to_all_followers_periodically():
    """§5.2: ... in order to maintain their authority."""
    leader = Network(config=PAPER).elect(1)
    beats = all_of(Heartbeat, leader.waits(3 * leader.config.heartbeat_ticks))
    assert [m.receiver for m in beats] == [2, 3] * 3


def test_a_follower_that_hears_nothing_begins_an_election():
    """§5.2: it assumes there is no viable leader and begins an election."""
    host = Host(1, begin(), PAPER)
    host.waits(host.raft.election_timeout)
    assert host.stands


def test_to_begin_an_election_a_follower_raises_its_term_and_stands():
    """§5.2: increments its current term and transitions to candidate state."""
    host = Host(1, begin(term=6), PAPER)
    host.times_out()
    assert (host.term, host.stands) == (7, True)


def test_a_candidate_votes_for_itself_and_asks_all_others_in_parallel():
    """§5.2: it then votes for itself and issues RequestVote RPCs in parallel."""
    host = Host(2, begin((1, 2, 3, 4, 5)), PAPER)
    assert [m.receiver for m in all_of(RequestVote, host.times_out())] == [1, 3, 4, 5]
    assert host.vote == 2


@pytest.mark.parametrize(
    ("size", "yes", "wins"),
    [(1, 0, True), (2, 0, False), (2, 1, True), (3, 1, True), (4, 1, False), (4, 2, True),
     (5, 1, False), (5, 2, True)],
)  # fmt: skip
def test_a_candidate_wins_with_votes_of_a_majority_of_the_full_cluster(size, yes, wins):
    """§5.2: from a majority of the servers in the full cluster for the same term."""
    host = Host(1, begin(tuple(range(1, size + 1))), PAPER)
    host.times_out()
    for voter in range(2, yes + 2):
        host.hears(RequestVoteReply(voter, 1, 1, True))
    assert host.leads is wins


def test_votes_of_another_term_do_not_count():
    """§5.2: ... for the same term."""
    host = Host(1, begin(), PAPER)
    host.times_out()
    host.times_out()
    assert host.term == 2
    host.hears(RequestVoteReply(2, 1, 1, True))
    assert not host.leads


def test_each_member_votes_for_at_most_one_candidate_first_come_first_served():
    """§5.2: each server will vote for at most one candidate in a given term."""
    host = Host(1, begin(), PAPER)
    answers = [only(RequestVoteReply, host.hears(ask_vote(1, sender=s))) for s in (3, 2, 3)]
    assert [answer.granted for answer in answers] == [True, False, True]


def test_a_winner_sends_heartbeats_to_prevent_new_elections():
    """§5.2: it then sends heartbeat messages to all of the other servers."""
    host = Host(1, begin(), PAPER)
    host.times_out()
    sent = host.hears(RequestVoteReply(3, 1, 1, True))
    assert [m.receiver for m in all_of(AppendEntries, sent)] == [2, 3]


@pytest.mark.parametrize("leaders_term", [1, 4])
def test_a_candidate_recognises_a_leader_whose_term_is_not_smaller(leaders_term):
    """§5.2: ... the candidate recognizes the leader as legitimate and returns to follower."""
    host = Host(1, begin(), PAPER)
    host.times_out()
    reply = only(AppendEntriesReply, host.hears(append((0, 0), 1, term=leaders_term)))
    assert host.follows
    assert (host.term, host.raft.leader) == (leaders_term, 2)
    assert not reply.rejected


def test_a_candidate_rejects_a_leader_whose_term_is_smaller_and_goes_on():
    """§5.2: ... the candidate rejects the RPC and continues in candidate state."""
    host = Host(1, begin(term=3), PAPER)
    host.times_out()
    reply = only(AppendEntriesReply, host.hears(append((0, 0), 3, term=3)))
    assert host.stands
    assert reply.term == 4
    assert host.log == ""


def test_after_a_split_vote_each_candidate_times_out_and_stands_again():
    """§5.2: ... by incrementing its term and initiating another round of RequestVote RPCs."""
    network = Network(config=PAPER)
    for member in (1, 2, 3):
        network[member].campaigns()
    network.settle()
    assert [host.leads for host in network.hosts.values()] == [False] * 3
    network[2].times_out()
    network.settle()
    assert network[2].leads
    assert network[2].term == 2


def test_a_candidate_that_a_majority_refused_waits_as_a_follower():
    """etcd/raft VoteLost: it can't win any more, so it needs no longer stand."""
    host = Host(1, begin(), PAPER)
    host.times_out()
    host.hears(RequestVoteReply(2, 1, 1, False))
    assert host.stands
    host.hears(RequestVoteReply(3, 1, 1, False))
    assert host.follows
    assert (host.term, host.vote) == (1, 1)


def test_election_timeouts_are_drawn_from_a_fixed_interval():
    """§5.2: chosen randomly from a fixed interval; here one to just under two timeouts."""
    host = Host(1, begin(), PAPER)
    for _ in range(200):
        host.times_out()
    drawn = {event.ticks for event in host.saw(ElectionTimerDrawn)}
    assert drawn == set(range(10, 20))


def test_members_draw_different_timeouts():
    """§5.2: ... so in most cases only a single server will time out."""
    timeouts = [
        Host(m, begin(tuple(range(1, 6))), PAPER).raft.election_timeout for m in range(1, 6)
    ]
    assert len(set(timeouts)) > 1


def test_a_candidate_draws_a_new_timeout_at_the_start_of_each_election():
    """§5.2: each candidate restarts its randomized election timeout at the start."""
    host = Host(1, begin(), PAPER)
    drawn = []
    for _ in range(20):
        host.times_out()
        assert host.raft.election_elapsed == 0
        drawn.append(host.raft.election_timeout)
    assert len(set(drawn)) > 3
