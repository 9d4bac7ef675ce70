"""Raft Figure 2, the box "State": what a member remembers, and what of it survives a crash."""

import pytest

from learnetcd.raft import NO_MEMBER, PROFILES, HardState
from learnetcd.raft.messages import AppendEntriesReply, RequestVoteReply
from tests.raft.network import PAPER, Host, Network, append, ask_vote, begin, history, only


def test_a_new_member_is_in_term_0_has_voted_for_nobody_and_has_an_empty_log():
    """Figure 2: currentTerm begins at 0, votedFor is null, log[] begins at index 1."""
    host = Host(1, begin(), PAPER)
    assert (host.term, host.vote, host.log) == (0, NO_MEMBER, "")
    assert host.raft.log.first_index == 1


def test_the_current_term_survives_a_crash():
    """Figure 2: currentTerm is persistent state on all servers."""
    host = Host(1, begin(), PAPER)
    host.hears(append(term=5))
    host.crash()
    assert host.term == 5


def test_the_vote_survives_a_crash():
    """Figure 2: votedFor is persistent. Else a voter that crashed would vote twice in a term."""
    host = Host(1, begin(), PAPER)
    host.hears(ask_vote(1, sender=2))
    host.crash()
    assert host.vote == 2
    assert not only(RequestVoteReply, host.hears(ask_vote(1, sender=3))).granted


def test_the_log_survives_a_crash():
    """Figure 2: log[] is persistent; each entry holds a command and the term of its leader."""
    host = Host(1, begin(), PAPER)
    host.hears(append((0, 0), 1, 1, 2))
    host.crash()
    assert host.log == "1@1 2@1 3@2"
    assert host.raft.log.entry(2).payload == b"2@1"


def test_persistent_state_is_on_disk_before_a_vote_is_answered():
    """Figure 2: updated on stable storage before responding to RPCs."""
    host = Host(1, begin(), PAPER, slow_disk=True)
    assert host.hears(ask_vote(1, sender=2)) == []
    assert host.disk.hard_state == HardState()
    answer = host.save_all()
    assert host.disk.hard_state == HardState(1, 2)
    assert only(RequestVoteReply, answer).granted


def test_persistent_state_is_on_disk_before_entries_are_acknowledged():
    """Figure 2: updated on stable storage before responding to RPCs."""
    host = Host(1, begin(), PAPER, slow_disk=True)
    assert host.hears(append((0, 0), 1, 1)) == []
    assert host.disk_log == ""
    answer = host.save_all()
    assert host.disk_log == "1@1 2@1"
    assert only(AppendEntriesReply, answer).index == 2


def test_the_commit_index_is_volatile_in_the_paper():
    """Figure 2: commitIndex starts at 0 again, and increases monotonically."""
    host = Host(1, begin(), PAPER)
    host.hears(append((0, 0), 1, 1, commit=2))
    host.crash()
    assert host.commit == 0


def test_differs_the_commit_index_is_remembered_in_etcd():
    """etcd keeps commit in the hard state, so that a restarted member applies at once."""
    host = Host(1, begin(), PROFILES["etcd-3.3"])
    host.hears(append((0, 0), 1, 1, commit=2))
    host.crash()
    assert host.commit == 2
    assert host.applied == [b"1@1", b"2@1"]


def test_the_commit_index_never_falls():
    """Figure 2: commitIndex increases monotonically."""
    host = Host(1, begin(), PAPER)
    host.hears(append((0, 0), 1, 1, commit=2))
    host.hears(append((2, 1), 1, commit=1))
    assert host.commit == 2


def test_the_applied_index_begins_with_nothing_and_only_grows():
    """Figure 2: lastApplied starts at 0 and increases monotonically."""
    host = Host(1, begin(), PAPER)
    assert host.raft.log.applied_index == 0
    host.hears(append((0, 0), 1, 1, 1, commit=2))
    assert host.raft.log.applied_index == 2
    host.raft.applied(1)
    assert host.raft.log.applied_index == 2


def test_next_index_begins_just_after_the_leaders_last_entry():
    """Figure 2: nextIndex[] is initialised to leader last log index + 1."""
    host = Host(1, begin(log=(1, 1, 1)), PAPER)
    host.campaigns()
    host.hears(RequestVoteReply(2, 1, 2, True))
    assert [host.progress(member).next_index for member in (2, 3)] == [4, 4]


def test_match_index_begins_at_0_and_only_grows():
    """Figure 2: matchIndex[] is initialised to 0, increases monotonically."""
    leader = Host(1, begin(log=(1, 1, 1)), PAPER)
    leader.campaigns()
    leader.hears(RequestVoteReply(2, 1, 2, True))
    assert leader.progress(2).match_index == 0
    leader.hears(AppendEntriesReply(2, 1, 2, 3))
    leader.hears(AppendEntriesReply(2, 1, 2, 2))
    assert leader.progress(2).match_index == 3


def test_a_leaders_volatile_state_is_begun_anew_after_each_election():
    """Figure 2: nextIndex[] and matchIndex[] are reinitialised after election."""
    network = Network()
    leader = network.elect(1)
    leader.propose(b"x")
    network.settle()
    assert leader.progress(2).match_index == 2
    network.elect(2)
    network.elect(3)
    leader.campaigns()
    leader.hears(RequestVoteReply(3, 1, leader.term, True))
    assert leader.progress(2).match_index == 0
    assert leader.progress(2).next_index == leader.raft.log.last_index


@pytest.mark.parametrize("member", [1, 2, 3])
def test_only_a_leader_has_progress(member):
    """Figure 2: nextIndex[] and matchIndex[] are volatile state on leaders."""
    host = Host(member, begin(log=(1,)), PAPER)
    assert not hasattr(host.raft.role, "progress")
    assert host.raft.log.entries(1, 1) == history(1)
