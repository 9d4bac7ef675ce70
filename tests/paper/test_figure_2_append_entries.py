"""Raft Figure 2, the box "AppendEntries RPC": arguments, results, and the receiver's five steps."""

import pytest

from learnetcd.raft.messages import AppendEntries, AppendEntriesReply
from tests.raft.network import ETCD, PAPER, Host, Network, append, begin, history, only


def answer(host: Host, message: AppendEntries) -> AppendEntriesReply:
    return only(AppendEntriesReply, host.hears(message))


def test_an_append_carries_term_leader_previous_entry_entries_and_commit_index():
    """Arguments: term, leaderId, prevLogIndex, prevLogTerm, entries[], leaderCommit."""
    network = Network()
    leader = network.elect(1)
    sent = only(AppendEntries, [m for m in leader.propose(b"x") if m.receiver == 2])
    assert (sent.term, sent.sender) == (1, 1)
    assert (sent.previous_index, sent.previous_term) == (1, 1)
    assert [entry.payload for entry in sent.entries] == [b"x"]
    assert sent.commit_index == 1


def test_a_follower_learns_its_leader_from_an_append():
    """Arguments, leaderId: so a follower can redirect clients."""
    host = Host(1, begin(), PAPER)
    host.hears(append(term=1, sender=3))
    assert host.raft.leader == 3


def test_an_append_may_carry_several_entries():
    """Arguments, entries[]: may send more than one for efficiency."""
    network = Network()
    leader = network.elect(1)
    sent = only(AppendEntries, [m for m in leader.propose(b"x", b"y") if m.receiver == 3])
    assert [entry.payload for entry in sent.entries] == [b"x", b"y"]


def test_an_append_without_entries_is_the_papers_heartbeat():
    """Arguments, entries[]: empty for heartbeat. It resets the timer and tells the leader."""
    host = Host(1, begin(), PAPER)
    host.waits(5)
    host.hears(append(term=1, sender=3))
    assert host.raft.election_elapsed == 0
    assert host.raft.leader == 3
    assert host.log == ""


def test_the_answer_carries_the_term_for_the_leader_to_update_itself():
    """Results, term: currentTerm, for leader to update itself."""
    network = Network(config=PAPER)
    leader = network.elect(1)
    leader.hears(AppendEntriesReply(2, 1, 7, 0))
    assert leader.follows
    assert leader.term == 7


def test_the_answer_says_whether_the_previous_entry_matched():
    """Results, success: true if follower contained entry matching prevLogIndex and prevLogTerm."""
    host = Host(1, begin(log=(1, 1)), PAPER)
    assert not answer(host, append((2, 1), 1)).rejected
    assert answer(host, append((9, 1), 1)).rejected


def test_step_1_an_append_of_an_older_term_is_refused_with_the_own_term():
    """Step 1: reply false if term < currentTerm."""
    host = Host(1, begin(log=(1,), term=3), PAPER)
    reply = answer(host, append((1, 1), 2, term=2))
    assert reply.term == 3
    assert host.log == "1@1"
    assert host.raft.leader == 0


def test_step_1_differs_etcd_ignores_an_append_of_an_older_term_in_silence():
    """etcd/raft Step: without check-quorum or pre-vote an old term gets no answer."""
    host = Host(1, begin(log=(1,), term=3), ETCD)
    assert host.hears(append((1, 1), 2, term=2)) == []


@pytest.mark.parametrize(
    ("previous", "why"), [((3, 1), "it ends before"), ((2, 2), "another term is there")]
)
def test_step_2_an_append_is_refused_unless_the_previous_entry_matches(previous, why):
    """Step 2: reply false if log has no entry at prevLogIndex whose term is prevLogTerm."""
    host = Host(1, begin(log=(1, 1)), PAPER)
    assert answer(host, append(previous, 2)).rejected, why
    assert host.log == "1@1 2@1"


@pytest.mark.parametrize("previous", [(0, 0), (1, 1), (2, 1)])
def test_step_2_an_append_after_any_entry_that_matches_is_accepted(previous):
    """Step 2, the other way round: index 0 always matches."""
    host = Host(1, begin(log=(1, 1)), PAPER)
    assert not answer(host, append(previous, term=2)).rejected


def test_step_3_a_conflicting_entry_is_removed_with_all_that_follow_it():
    """Step 3: same index but different terms: delete the existing entry and all after it."""
    host = Host(1, begin(log=(1, 1, 1, 1)), PAPER)
    host.hears(append((1, 1), 2))
    assert host.log == "1@1 2@2"
    assert host.disk_log == "1@1 2@2"


def test_step_3_an_entry_that_does_not_conflict_removes_nothing():
    """Step 3: a late append of what is there already must not undo what was acknowledged since."""
    host = Host(1, begin(log=(1, 1, 1)), PAPER)
    host.hears(append((0, 0), 1, 1))
    assert host.log == "1@1 2@1 3@1"


def test_step_4_only_entries_that_are_not_in_the_log_are_appended():
    """Step 4: append any new entries not already in the log."""
    host = Host(1, begin(log=(1, 1)), PAPER, slow_disk=True)
    host.hears(append((0, 0), 1, 1, 1, 1))
    assert host.log == "1@1 2@1 3@1 4@1"
    host.raft.log.entries(1, 4)
    written = host.unsaved[-1].entries
    assert [entry.index for entry in written] == [3, 4]


def test_step_4_the_same_append_twice_is_the_same_as_once():
    """§5.5 with step 4: AppendEntries is idempotent."""
    host = Host(1, begin(), PAPER)
    first = answer(host, append((0, 0), 1, 1))
    assert answer(host, append((0, 0), 1, 1)) == first
    assert host.log == "1@1 2@1"


def test_step_5_the_commit_index_follows_the_leaders():
    """Step 5: if leaderCommit > commitIndex, move commitIndex up."""
    host = Host(1, begin(), PAPER)
    host.hears(append((0, 0), 1, 1, 1, commit=2))
    assert host.commit == 2
    assert host.applied == [b"1@1", b"2@1"]


def test_step_5_commit_goes_no_further_than_the_last_new_entry():
    """Step 5: min(leaderCommit, index of last *new* entry). What lies behind is not verified."""
    host = Host(1, begin(log=(1, 1, 1)), PAPER)
    host.hears(append((1, 1), 1, term=2, commit=3))
    assert host.commit == 2


def test_step_5_an_empty_append_verifies_up_to_the_previous_entry():
    """Step 5 for a heartbeat: the index of the last new entry is prevLogIndex."""
    host = Host(1, begin(log=(1, 1, 1)), PAPER)
    host.hears(append((2, 1), term=2, commit=9))
    assert host.commit == 2


def test_a_lower_commit_index_of_the_leader_changes_nothing():
    """Step 5: only if leaderCommit > commitIndex."""
    host = Host(1, begin(log=(1, 1, 1), commit=2), ETCD)
    host.hears(append((3, 1), term=2, commit=1))
    assert host.commit == 2


def test_differs_an_append_below_the_commit_index_is_answered_by_the_commit_index():
    """etcd/raft handleAppendEntries: it needs no check, for what is committed is the leader's."""
    host = Host(1, begin(log=(1, 1, 1), commit=2), ETCD)
    reply = answer(host, AppendEntries(2, 1, 2, 1, 1, history(1, first=2), 2))
    assert (reply.rejected, reply.index) == (False, 2)


def test_an_accepting_answer_names_the_last_entry_that_the_message_verified():
    """Not the follower's own last entry: that may be of another history."""
    host = Host(1, begin(log=(1, 1, 1, 1)), PAPER)
    assert answer(host, append((1, 1), 1, term=2)).index == 2
