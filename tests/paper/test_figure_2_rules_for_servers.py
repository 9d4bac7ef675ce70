"""Raft Figure 2, the box "Rules for Servers": one test for each line."""

import pytest

from learnetcd.raft.messages import (
    AppendEntries,
    AppendEntriesReply,
    Heartbeat,
    HeartbeatReply,
    RequestVote,
    RequestVoteReply,
)
from learnetcd.tracing.replication import CommitHeldBack
from tests.raft.network import (
    ETCD,
    PAPER,
    Host,
    Network,
    accepts,
    all_of,
    append,
    ask_vote,
    begin,
    install,
    only,
)

# -- all servers ---------------------------------------------------------------------------------


def test_all_servers_apply_what_is_committed_in_order():
    """If commitIndex > lastApplied: increment lastApplied, apply log[lastApplied]."""
    host = Host(1, begin(), PAPER, slow_store=True)
    host.hears(append((0, 0), 1, 1, 1, commit=2))
    assert host.raft.log.applied_index == 0
    host.apply()
    assert host.applied == [b"1@1", b"2@1"]
    host.hears(append((3, 1), term=1, commit=3))
    host.apply()
    assert host.applied == [b"1@1", b"2@1", b"3@1"]


HIGHER = [
    append(term=5),
    Heartbeat(2, 1, 5, 0),
    install(1, 1, term=5),
    ask_vote(5),
    RequestVoteReply(2, 1, 5, False),
    AppendEntriesReply(2, 1, 5, 0),
    HeartbeatReply(2, 1, 5),
]


@pytest.mark.parametrize("message", HIGHER, ids=lambda message: type(message).__name__)
@pytest.mark.parametrize("role", ["follower", "candidate", "leader"])
def test_all_servers_adopt_a_higher_term_and_become_followers(role, message):
    """If a request or response contains term T > currentTerm: set it, convert to follower."""
    network = Network(config=PAPER)
    host = network[1]
    if role != "follower":
        host.campaigns()
    if role == "leader":
        network.settle()
        assert host.leads
    host.hears(message)
    assert host.term == 5
    assert host.follows


def test_a_leader_or_candidate_that_sees_a_higher_term_forgets_its_vote():
    """votedFor belongs to currentTerm."""
    host = Host(1, begin(), PAPER)
    host.campaigns()
    assert host.vote == 1
    host.hears(append(term=5))
    assert host.vote == 0


# -- followers -----------------------------------------------------------------------------------


def test_followers_respond_to_candidates_and_leaders():
    """Respond to RPCs from candidates and leaders; they issue none of their own."""
    host = Host(1, begin(), PAPER)
    assert all_of(RequestVoteReply, host.hears(ask_vote(1)))
    assert all_of(AppendEntriesReply, host.hears(append(term=1)))
    assert host.waits(3) == []


def test_a_follower_that_hears_nothing_for_an_election_timeout_becomes_a_candidate():
    """If election timeout elapses without AppendEntries or granting a vote: stand."""
    host = Host(1, begin(), PAPER)
    host.waits(host.raft.election_timeout - 1)
    assert host.follows
    host.waits(1)
    assert host.stands


@pytest.mark.parametrize(
    "message",
    [append(term=1), Heartbeat(2, 1, 1, 0), install(1, 1, term=1)],
    ids=lambda message: type(message).__name__,
)
def test_hearing_from_the_current_leader_restarts_the_timer(message):
    """... without receiving AppendEntries RPC from current leader."""
    host = Host(1, begin(term=1), PAPER)
    host.waits(host.config.election_ticks - 1)
    host.hears(message)
    assert host.raft.election_elapsed == 0


def test_granting_a_vote_restarts_the_timer():
    """... or granting vote to candidate."""
    host = Host(1, begin(term=1), PAPER)
    host.waits(host.config.election_ticks - 1)
    host.hears(ask_vote(1))
    assert host.raft.election_elapsed == 0


def test_refusing_a_vote_does_not_restart_the_timer():
    """Only a vote that is granted counts: else a hopeless candidate holds up the others."""
    host = Host(1, begin(log=(1,)), PAPER)
    host.waits(5)
    host.hears(ask_vote(1, (0, 0)))
    assert host.raft.election_elapsed == 5


def test_an_append_of_an_older_term_does_not_restart_the_timer():
    """Its sender is not the current leader."""
    host = Host(1, begin(term=3), PAPER)
    host.waits(5)
    host.hears(append(term=2))
    assert host.raft.election_elapsed == 5


# -- candidates ----------------------------------------------------------------------------------


def test_a_candidate_increments_its_term():
    """On conversion to candidate: increment currentTerm."""
    host = Host(1, begin(term=4), PAPER)
    host.times_out()
    assert host.term == 5


def test_a_candidate_votes_for_itself():
    """On conversion to candidate: vote for self; it counts once it is durable."""
    host = Host(1, begin(), PAPER)
    host.times_out()
    assert host.vote == 1
    assert host.raft.role.votes == {1: True}


def test_a_candidate_resets_its_election_timer():
    """On conversion to candidate: reset election timer, with a timeout drawn anew."""
    host = Host(1, begin(), PAPER)
    draws = host.raft.draws
    host.times_out()
    assert host.raft.election_elapsed == 0
    assert host.raft.draws == draws + 1


def test_a_candidate_asks_all_other_servers():
    """On conversion to candidate: send RequestVote RPCs to all other servers."""
    host = Host(3, begin((1, 2, 3, 4, 5)), PAPER)
    assert [m.receiver for m in all_of(RequestVote, host.times_out())] == [1, 2, 4, 5]


def test_a_candidate_with_votes_of_a_majority_becomes_leader():
    """If votes received from majority of servers: become leader."""
    host = Host(1, begin((1, 2, 3, 4, 5)), PAPER)
    host.times_out()
    host.hears(RequestVoteReply(2, 1, 1, True))
    assert host.stands
    host.hears(RequestVoteReply(5, 1, 1, True))
    assert host.leads


def test_a_candidate_that_hears_a_leader_of_its_term_follows_it():
    """If AppendEntries RPC received from new leader: convert to follower."""
    host = Host(1, begin(), PAPER)
    host.times_out()
    host.hears(append((0, 0), 1, sender=3))
    assert host.follows
    assert host.raft.leader == 3
    assert host.log == "1@1"


def test_a_candidate_whose_timeout_elapses_starts_a_new_election():
    """If election timeout elapses: start new election."""
    host = Host(1, begin(), PAPER)
    host.times_out()
    requests = all_of(RequestVote, host.times_out())
    assert host.term == 2
    assert [m.term for m in requests] == [2, 2]


# -- leaders -------------------------------------------------------------------------------------


def test_a_new_leader_tells_everybody_at_once():
    """Upon election: send initial empty AppendEntries RPCs to each server."""
    network = Network(config=PAPER)
    network[1].campaigns()
    sent = network[1].hears(RequestVoteReply(2, 1, 1, True))
    assert [(m.receiver, m.entries) for m in all_of(AppendEntries, sent)] == [(2, ()), (3, ())]


def test_differs_etcds_leader_puts_an_empty_entry_into_its_first_appends():
    """etcd/raft becomeLeader, after §8: the first appends carry the empty entry."""
    network = Network(config=ETCD)
    network[1].campaigns()
    sent = network[1].hears(RequestVoteReply(2, 1, 1, True))
    assert [len(m.entries) for m in all_of(AppendEntries, sent)] == [1, 1]


def test_a_leader_repeats_its_heartbeat_in_idle_periods():
    """Repeat during idle periods to prevent election timeouts."""
    network = Network(config=PAPER)
    leader = network.elect(1)
    for _ in range(3):
        assert [m.receiver for m in all_of(Heartbeat, leader.times_out())] == [2, 3]
    assert leader.config.heartbeat_ticks < leader.config.election_ticks


def test_a_leader_appends_a_clients_command_and_answers_after_applying_it():
    """If command received from client: append entry to local log, respond after applied."""
    network = Network(config=PAPER)
    leader = network.elect(1)
    leader.propose(b"x")
    assert leader.log == "1@1"
    assert leader.applied == []
    network.settle()
    assert leader.applied == [b"x"]


def test_a_leader_sends_entries_from_next_index_on():
    """If last log index >= nextIndex: AppendEntries with log entries starting at nextIndex."""
    network = Network(logs={1: (1, 1, 1), 2: (1,), 3: (1, 1, 1)}, terms=dict.fromkeys((2, 3), 1))
    leader = network.elect(1)
    assert network[2].log == leader.log
    sent = only(AppendEntries, [m for m in leader.propose(b"x") if m.receiver == 2])
    assert sent.entries[0].index == sent.previous_index + 1 == 5


def test_a_leader_notes_what_a_follower_acknowledged():
    """If successful: update nextIndex and matchIndex for follower."""
    network = Network()
    leader = network.elect(1)
    leader.propose(b"x", b"y")
    leader.hears(accepts(2, 1, 1, 3))
    assert leader.progress(2).match_index == 3
    assert leader.progress(2).next_index == 4


def test_a_leader_goes_back_and_retries_after_a_refusal():
    """If AppendEntries fails because of log inconsistency: decrement nextIndex and retry."""
    network = Network(config=PAPER, logs={1: (1, 1), 2: (), 3: (1, 1)})
    network[1].campaigns()
    first = network[1].hears(RequestVoteReply(3, 1, 2, True))
    assert all_of(AppendEntries, first)[0].previous_index == 2
    retry = network[1].hears(AppendEntriesReply(2, 1, 2, 2, True, 0, 0))
    assert only(AppendEntries, retry).previous_index == 0
    assert len(only(AppendEntries, retry).entries) == 2


def test_a_leader_commits_what_a_majority_holds():
    """If there exists an N > commitIndex held by a majority with log[N].term == currentTerm."""
    network = Network((1, 2, 3, 4, 5))
    leader = network.elect(1)
    leader.propose(b"x")
    leader.hears(accepts(2, 1, 1, 2))
    assert leader.commit == 1
    leader.hears(accepts(3, 1, 1, 2))
    assert leader.commit == 2


def test_a_leader_does_not_commit_an_older_term_by_counting():
    """... and log[N].term == currentTerm (§5.3, §5.4)."""
    network = Network(config=PAPER, logs=dict.fromkeys((1, 2, 3), (1, 1)))
    leader = network.elect(1)
    assert leader.progress(2).match_index == leader.progress(3).match_index == 2
    assert leader.commit == 0
    assert "term 1 and the leader leads term 2" in leader.saw(CommitHeldBack)[-1].verdict.because()
    leader.propose(b"x")
    network.settle()
    assert leader.commit == 3
