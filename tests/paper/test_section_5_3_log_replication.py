"""Raft §5.3, log replication."""

from dataclasses import replace

import pytest

from learnetcd.raft import Mode
from learnetcd.raft.messages import (
    AppendEntries,
    AppendEntriesReply,
    Heartbeat,
    HeartbeatReply,
    RequestVoteReply,
)
from learnetcd.tracing.replication import NextIndexMovedBack
from tests.raft.network import (
    ETCD,
    PAPER,
    Host,
    Network,
    accepts,
    all_of,
    append,
    begin,
    only,
)


def test_a_leader_appends_the_command_as_a_new_entry_and_sends_it_in_parallel():
    """§5.3: appends the command to its log as a new entry, then issues AppendEntries."""
    leader = Network().elect(1)
    sent = all_of(AppendEntries, leader.propose(b"x"))
    assert leader.log == "1@1 2@1"
    assert [(m.receiver, m.entries[0].payload) for m in sent] == [(2, b"x"), (3, b"x")]


def test_a_leader_applies_the_entry_when_it_has_been_safely_replicated():
    """§5.3: ... the leader applies the entry and returns the result."""
    network = Network()
    leader = network.elect(1)
    leader.propose(b"x")
    assert leader.applied == []
    leader.hears(accepts(3, 1, 1, 2))
    assert leader.applied == [b"x"]


def test_a_leader_retries_until_all_followers_store_all_entries():
    """§5.3: ... retries indefinitely, even after it has responded to the client."""
    network = Network()
    leader = network.elect(1)
    network.cut = {3}
    leader.propose(b"x")
    network.settle()
    assert leader.applied == [b"x"]
    for _ in range(3):
        leader.times_out()
        network.settle()
    network.cut = set()
    leader.times_out()
    network.settle()
    assert network[3].log == leader.log
    leader.times_out()
    network.settle()
    assert network[3].applied == [b"x"]


def test_each_entry_has_a_command_a_term_and_an_index():
    """§5.3: each log entry stores a state machine command along with the term number."""
    leader = Network().elect(1)
    leader.propose(b"x")
    entry = leader.raft.log.entry(2)
    assert (entry.payload, entry.term, entry.index) == (b"x", 1, 2)


def test_an_entry_is_committed_once_a_majority_stores_it():
    """§5.3: ... once the leader that created the entry has replicated it on a majority."""
    leader = Network((1, 2, 3, 4, 5)).elect(1)
    leader.propose(b"x")
    for follower, commit in ((2, 1), (3, 2)):
        leader.hears(accepts(follower, 1, 1, 2))
        assert leader.commit == commit


@pytest.mark.parametrize("config", [PAPER, ETCD], ids=["paper", "etcd"])
def test_commitment_takes_all_preceding_entries_along(config):
    """§5.3: this also commits all preceding entries, including those of previous leaders."""
    logs = {1: (1, 1, 2), 2: (1, 1, 2), 3: (1,)}
    network = Network(config=config, logs=logs, terms={3: 2})
    leader = network.elect(1)
    leader.propose(b"x")
    network.settle()
    assert leader.commit == leader.raft.log.last_index
    assert network[2].log == leader.log == network[3].log


def test_the_leaders_commit_index_travels_in_appends():
    """§5.3: it includes that index in future AppendEntries RPCs."""
    network = Network()
    leader = network.elect(1)
    leader.propose(b"x")
    sent = leader.hears(accepts(2, 1, 1, 2))
    assert {(m.receiver, m.commit_index) for m in all_of(AppendEntries, sent)} == {(2, 2), (3, 2)}


def test_the_leaders_commit_index_travels_in_heartbeats():
    """§5.3: ... including heartbeats. A lost last append is made good by the next heartbeat."""
    network = Network()
    leader = network.elect(1)
    leader.propose(b"x")
    network.deliver(AppendEntries)
    network.deliver(AppendEntriesReply)
    network.lose(AppendEntries)
    assert network[2].commit == 1
    leader.times_out()
    network.deliver(Heartbeat)
    assert network[2].commit == 2


def test_a_follower_applies_committed_entries_in_log_order():
    """§5.3: once a follower learns that a log entry is committed, it applies it."""
    host = Host(1, begin(), PAPER)
    host.hears(append((0, 0), 1, 1, 1))
    assert host.applied == []
    host.hears(append((3, 1), commit=2, term=1))
    assert host.applied == [b"1@1", b"2@1"]


def test_a_leader_creates_one_entry_for_an_index_and_never_moves_it():
    """§5.3, Log Matching: at most one entry with a given index in a given term."""
    network = Network()
    leader = network.elect(1)
    leader.propose(b"x", b"y")
    before = leader.raft.log.entries(1, 3)
    leader.propose(b"z")
    network.settle()
    assert leader.raft.log.entries(1, 3) == before
    assert [e.index for e in leader.raft.log.entries(1, 4)] == [1, 2, 3, 4]


def test_an_append_names_the_entry_just_before_the_new_ones():
    """§5.3: the leader includes the index and term of the entry that immediately precedes."""
    leader = Network().elect(1)
    leader.propose(b"x")
    sent = only(AppendEntries, [m for m in leader.propose(b"y") if m.receiver == 2])
    assert (sent.previous_index, sent.previous_term) == (2, 1)


def test_a_follower_without_the_preceding_entry_refuses_the_new_ones():
    """§5.3: if the follower does not find an entry with the same index and term: refuse."""
    host = Host(1, begin(log=(1, 1)), PAPER)
    for previous in ((3, 1), (2, 2)):
        assert only(AppendEntriesReply, host.hears(append(previous, 2))).rejected


def test_a_follower_that_accepts_has_the_leaders_log_up_to_there():
    """§5.3: by induction its log is identical up through the new entries."""
    network = Network(logs={1: (1, 1, 3), 2: (1, 2, 2), 3: (1, 1, 3)}, terms={2: 3})
    leader = network.elect(1)
    for host in network.hosts.values():
        matched = leader.progress(host.id).match_index
        assert host.raft.log.entries(1, matched) == leader.raft.log.entries(1, matched)
        assert matched == 4


def test_a_leader_makes_its_followers_logs_like_its_own():
    """§5.3: conflicting entries in follower logs are overwritten with the leader's."""
    network = Network(logs={1: (1, 4, 4), 2: (1, 2, 2, 2), 3: (1, 3)}, terms={2: 4, 3: 4})
    leader = network.elect(1)
    assert network.logs() == {leader.log} == {"1@1 2@4 3@4 4@5"}


def test_a_leader_finds_the_latest_entry_where_the_logs_agree():
    """§5.3: after a rejection, it decrements nextIndex and retries, until they match."""
    network = Network(logs={1: (1, 1, 1, 1), 2: (1,), 3: (1, 1, 1, 1)}, terms={2: 1})
    leader = network.elect(1)
    assert leader.progress(2).match_index == 5
    assert leader.saw(NextIndexMovedBack)[0].next_index == 2


def test_a_whole_divergent_term_is_skipped_by_one_refusal():
    """§5.3, the remark: one AppendEntries RPC for each term with conflicting entries."""
    logs = {1: (1, 1, *[5] * 20), 2: (1, 1, *[2] * 20), 3: (1, 1, *[5] * 20)}
    network = Network(logs=logs, terms={2: 5})
    leader = network.elect(1)
    moves = [event for event in leader.saw(NextIndexMovedBack) if event.member == 2]
    assert len(moves) == 1
    assert network[2].log == leader.log


def test_each_divergent_term_costs_at_most_one_refusal():
    """§5.3: the follower's hint skips its terms, the leader's search skips its own."""
    logs = {1: (1, 2, 2, 2, 6, 6, 6, 6), 2: (1, 3, 3, 3, 4, 4, 5, 5), 3: (1, 2, 2, 2, 6, 6, 6, 6)}
    network = Network(logs=logs, terms={2: 6})
    leader = network.elect(1)
    assert len([e for e in leader.saw(NextIndexMovedBack) if e.member == 2]) <= 3
    assert network[2].log == leader.log


def test_a_leader_sends_single_entries_or_none_until_it_knows_where_the_logs_agree():
    """§5.3, the remark: until it has discovered where they match, it need not send much."""
    network = Network(logs={1: (1, 1)}, terms={2: 1, 3: 1})
    leader = network[1]
    leader.campaigns()
    leader.hears(RequestVoteReply(2, 1, 2, True))
    assert leader.progress(2).mode is Mode.PROBE
    assert leader.propose(b"x") == []  # it waits for the answer to the first append


def test_a_new_leader_takes_no_special_action_to_restore_consistency():
    """§5.3: it just begins normal operation, and the logs converge."""
    network = Network(logs={1: (1, 1, 2), 2: (1,), 3: (1, 1, 1, 1)}, terms={2: 2, 3: 2})
    leader = network.elect(1)
    assert network.logs() == {leader.log}


def test_a_leader_never_overwrites_or_deletes_entries_of_its_own():
    """§5.3, Leader Append-Only."""
    network = Network(logs={1: (1, 2), 2: (1, 1, 1), 3: (1, 2)}, terms={2: 2})
    leader = network.elect(1)
    before = leader.raft.log.entries(1, 3)
    leader.hears(append((1, 1), 1, 1, term=2))  # its own earlier self, late on the wire
    leader.propose(b"x")
    network.settle()
    assert leader.raft.log.entries(1, 3) == before


def test_a_leader_takes_no_append_of_its_own_term():
    """Leader Append-Only: whoever claims to lead its term too has no say."""
    leader = Network().elect(1)
    assert leader.hears(append((0, 0), 1, 1, term=1)) == []
    assert leader.leads
    assert leader.log == "1@1"


def test_one_slow_follower_does_not_hold_up_the_cluster():
    """§5.3: a new entry is normally replicated with a single round to a majority."""
    network = Network()
    leader = network.elect(1)
    network.cut = {3}
    for command in (b"x", b"y", b"z"):
        leader.propose(command)
        network.settle()
    assert leader.applied == network[2].applied == [b"x", b"y", b"z"]


# -- what etcd adds --------------------------------------------------------------------------------


def test_differs_a_heartbeat_is_its_own_message_without_the_previous_entry_check():
    """etcd/raft MsgHeartbeat: small, and answered without a look at the log."""
    host = Host(1, begin(log=(1, 1), term=1), ETCD)
    reply = only(HeartbeatReply, host.hears(Heartbeat(2, 1, 1, 0)))
    assert (reply.receiver, reply.term) == (2, 1)


def test_differs_a_heartbeats_commit_index_stays_within_what_the_receiver_acknowledged():
    """etcd/raft bcastHeartbeat: min(match, committed), for nothing else protects the receiver."""
    network = Network()
    leader = network.elect(1)
    network.cut = {3}
    leader.propose(b"x", b"y")
    network.settle()
    beats = all_of(Heartbeat, leader.times_out())
    assert {m.receiver: m.commit_index for m in beats} == {2: 3, 3: 1}


def test_differs_a_follower_that_agreed_gets_entries_without_waiting_for_answers():
    """etcd/raft StateReplicate: next_index moves on as entries are sent."""
    network = Network()
    leader = network.elect(1)
    sent = [m for c in (b"x", b"y", b"z") for m in leader.propose(c) if m.receiver == 2]
    assert [m.previous_index for m in all_of(AppendEntries, sent)] == [1, 2, 3]
    assert leader.progress(2).next_index == 5
    assert leader.progress(2).match_index == 1


def test_differs_a_refusal_of_something_acknowledged_is_old_and_ignored():
    """etcd/raft MaybeDecrTo: in StateReplicate, up to match the logs are known to agree."""
    network = Network()
    leader = network.elect(1)
    leader.propose(b"x")
    network.settle()
    assert leader.hears(AppendEntriesReply(2, 1, 1, 1, True, 0, 0)) == []
    assert leader.progress(2).mode is Mode.REPLICATE


def test_differs_a_follower_learns_of_a_commit_at_once_even_if_it_acknowledged_late():
    """etcd/raft CanBumpCommit: who acknowledges after the commit is told by an empty append."""
    network = Network((1, 2, 3, 4, 5))
    leader = network.elect(1)
    leader.propose(b"x")
    leader.hears(accepts(2, 1, 1, 2))
    leader.hears(accepts(3, 1, 1, 2))
    network.lose()
    assert leader.commit == 2
    assert leader.hears(accepts(4, 1, 1, 2)) == []  # it was sent the news already
    leader.propose(b"y")
    leader.times_out()  # a heartbeat tells S5 of what it acknowledged only: commit 1
    told = leader.hears(accepts(5, 1, 1, 2))
    assert [(m.receiver, m.entries, m.commit_index) for m in all_of(AppendEntries, told)] == [
        (5, (), 2)
    ]


def test_entries_in_the_log_of_one_message_are_those_that_fit():
    """etcd/raft MaxSizePerMsg: no more than the bytes allowed, but at least one."""
    network = Network(config=replace(ETCD, max_append_bytes=0))
    leader = network.elect(1)
    sent = [m for m in leader.propose(b"x", b"y", b"z") if m.receiver == 2]
    assert [len(m.entries) for m in all_of(AppendEntries, sent)] == [1]
    network.settle()
    assert network[2].raft.log.entries(2, 4) == leader.raft.log.entries(2, 4)
