"""The classic bugs of Raft implementations, B01 to B42, and the tests that would notice each.

Every line names a bug that real implementations had, and tests that fail if our core had it.
Those marked * are below: no generic checker finds them, so they are aimed at.

B01  commits an older term by counting
     test_a_leader_does_not_commit_an_older_term_by_counting,
     test_figure_8_an_old_entry_on_a_majority_is_not_committed
B02  votes twice in a term
     test_step_2_a_member_does_not_vote_for_a_second_candidate_in_a_term
B03  votes for a log that is behind
     test_step_2_the_candidates_log_must_be_at_least_as_up_to_date
B04  compares logs by length alone
     test_of_logs_with_different_last_terms_the_later_term_is_more_up_to_date
B05  wants a log strictly ahead
     test_equal_logs_are_up_to_date_enough
B06  a vote leaves before it is durable
     test_o1_a_vote_leaves_after_it_is_durable
B07  an acknowledgement leaves before the entries are durable
     test_o2_an_acknowledgement_leaves_after_the_entries_are_durable
B08  every append truncates
     test_step_3_an_entry_that_does_not_conflict_removes_nothing
B09  a conflict is not truncated
     test_step_3_a_conflicting_entry_is_removed_with_all_that_follow_it
B10  the previous entry's term is not checked
     test_step_2_an_append_is_refused_unless_the_previous_entry_matches
B11  commits up to its own last entry
   * test_b11_a_follower_commits_only_what_the_message_verified
B12  a heartbeat carries the raw commit index
     test_differs_a_heartbeats_commit_index_stays_within_what_the_receiver_acknowledged
B13  the commit index falls
     test_the_commit_index_never_falls, test_b13_a_heartbeat_never_lowers_the_commit_index
B14  the match index falls
     test_match_index_begins_at_0_and_only_grows, test_b14_a_late_acknowledgement_takes_nothing_back
B15  hearing the leader does not restart the timer
     test_hearing_from_the_current_leader_restarts_the_timer
B16  granting a vote does not restart the timer
   * test_b16_a_voter_does_not_stand_against_the_leader_that_it_just_elected
B17  a leader ignores a higher term
     test_all_servers_adopt_a_higher_term_and_become_followers
B18  a candidate ignores the leader of its own term
     test_a_candidate_that_hears_a_leader_of_its_term_follows_it
B19  a vote that arrives twice counts twice
   * test_b19_a_vote_that_arrives_twice_counts_once
B20  an older snapshot replaces newer state
     test_figure_13_step_5_an_older_snapshot_is_not_taken
B21  a snapshot drops the entries that follow it
     test_figure_13_step_6_entries_after_the_snapshots_last_entry_are_kept
B22  two changes of members under way
     test_4_1_one_member_is_added_or_removed_at_a_time,
     test_differs_a_change_that_may_not_start_becomes_an_empty_entry
B23  while joint, commits by the new half alone
     test_while_joint_agreement_on_an_entry_needs_both_majorities
B24  while joint, elects by one half alone
   * test_b24_while_joint_one_half_alone_elects_nobody
B25  a majority too small; a removed leader counts itself
     test_a_candidate_wins_with_votes_of_a_majority_of_the_full_cluster,
     test_a_leader_manages_a_cluster_that_does_not_include_itself
B26  a learner counts
   * test_b26_a_learners_copy_does_not_commit, test_b26_a_learners_vote_does_not_elect
B27  a stale write is taken for the present entry (ABA)
   * test_b27_a_stale_write_does_not_make_another_entry_durable,
     test_o8_not_even_if_a_third_leader_brought_the_first_entry_back
B28  applies what is not durable here
     test_o7_an_entry_is_applied_after_it_is_durable_here
B29  stands with an unapplied change
   * test_b29_nobody_stands_with_a_committed_change_unapplied
B30  a pre-vote raises the receiver's term
     test_9_6_a_pre_vote_binds_nobody
B31  a pre-vote is recorded as a vote
     test_9_6_a_pre_vote_binds_nobody
B32  match is kept from an earlier leadership
   * test_b32_a_leader_begins_each_term_knowing_nothing_of_the_others
B33  a probe that was lost is never repeated
     test_b33_a_lost_probe_is_repeated_after_a_heartbeat
B34  a refusal does not move next back
     test_a_leader_goes_back_and_retries_after_a_refusal
B35  the vote is kept when the term rises
     test_a_leader_or_candidate_that_sees_a_higher_term_forgets_its_vote,
     test_b35_a_vote_of_an_earlier_term_does_not_bind
B36  a leader counts its own copy before it is durable
     test_10_2_1_a_single_member_commits_after_its_own_write
B37  a pre-vote of a lower term is dropped in silence
   * test_b37_a_pre_vote_of_a_lower_term_is_answered_and_frees_the_cluster
B38  a candidate stuck in a higher term is not freed
     test_b38_a_member_stuck_in_a_higher_term_comes_back
B39  a learner refuses to vote
     test_b39_a_learner_votes_because_it_may_be_a_voter_without_knowing
B40  a read before an entry of the term is committed
     test_a_read_waits_until_an_entry_of_the_own_term_is_committed
B41  a read without a round of heartbeats
     test_a_leader_checks_that_it_was_not_deposed_before_it_answers_a_read
B42  the old tail stays behind an entry that overwrote it
     test_step_3_a_conflicting_entry_is_removed_with_all_that_follow_it,
     test_b42_nothing_of_the_old_tail_stays_in_memory_or_on_disk
"""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from learnetcd.raft import PROFILES, Configuration, Mode
from learnetcd.raft.messages import (
    AppendEntries,
    AppendEntriesReply,
    Heartbeat,
    RequestPreVote,
    RequestPreVoteReply,
    RequestVote,
    RequestVoteReply,
)
from tests.raft.network import (
    ETCD,
    PAPER,
    Host,
    Network,
    accepts,
    add,
    all_of,
    append,
    ask_vote,
    begin,
    only,
)


def test_b11_a_follower_commits_only_what_the_message_verified():
    """Figure 2, step 5. S1 has a stale 3@1; the leader's one-entry append ends at 2, commit 3."""
    host = Host(1, begin(log=(1, 1, 1)))
    host.hears(append((1, 1), 1, term=2, commit=3))
    assert host.commit == 2
    assert host.applied == [b"1@1", b"2@1"]


def test_b16_a_voter_does_not_stand_against_the_leader_that_it_just_elected():
    """Figure 2, followers: granting a vote restarts the timer.

    A new term restarts it by itself, so the voter has to be in the candidate's term already.
    """
    host = Host(1, begin(term=4))
    host.waits(host.raft.election_timeout - 1)
    host.hears(ask_vote(4, sender=2))
    host.waits(host.config.election_ticks - 1)
    assert host.follows
    assert (host.term, host.vote) == (4, 2)


def test_b24_while_joint_one_half_alone_elects_nobody():
    """§6. (1 4 5)&&(1 2 3): neither the votes of 4 and 5 nor those of 2 and 3 are enough."""
    for half in ((4, 5), (2, 3)):
        stored = begin()
        configuration = Configuration((1, 4, 5), outgoing=(1, 2, 3))
        host = Host(
            1, replace(stored, snapshot=replace(stored.snapshot, configuration=configuration))
        )
        host.campaigns()
        for voter in half:
            host.hears(RequestVoteReply(voter, 1, 1, True))
        assert not host.leads


def test_b24_and_both_halves_are_asked_for_their_votes():
    """§6: the outgoing members are still needed."""
    stored = begin()
    configuration = Configuration((1, 4, 5), outgoing=(1, 2, 3))
    host = Host(1, replace(stored, snapshot=replace(stored.snapshot, configuration=configuration)))
    assert [m.receiver for m in all_of(RequestVote, host.campaigns())] == [2, 3, 4, 5]


def test_b26_a_learners_copy_does_not_commit():
    """Thesis §4.2.1. Two voters and a learner: one voter and the learner are no majority."""
    network = Network((1, 2), learners=(3,))
    leader = network.elect(1)
    leader.propose(b"x")
    leader.hears(accepts(3, 1, 1, 2))
    assert leader.commit == 1
    leader.hears(accepts(2, 1, 1, 2))
    assert leader.commit == 2


def test_b26_a_learners_vote_does_not_elect():
    """Thesis §4.2.1."""
    host = Host(1, begin((1, 2), learners=(3,)))
    assert [m.receiver for m in all_of(RequestVote, host.campaigns())] == [2]
    host.hears(RequestVoteReply(3, 1, 1, True))
    assert not host.leads


def test_b27_a_stale_write_does_not_make_another_entry_durable():
    """etcd/raft, the ABA case: x@1 and y@2 for one index are both on their way to the disk."""
    host = Host(1, begin(), slow_disk=True)
    host.hears(append((0, 0), 1))
    host.hears(append((0, 0), 2))
    host.hears(Heartbeat(2, 1, 2, 1))
    assert host.commit == 1
    host.save()  # x@1 is durable, and y@2 is not
    assert host.raft.log.durable_index == 0
    assert host.applied == []
    host.save_all()
    assert host.applied == [b"1@2"]


def test_b29_nobody_stands_with_a_committed_change_unapplied():
    """etcd #7280. S3 knows that "add S4" is committed, but would count by 2 of 3."""
    network = Network()
    network.join(4, (1, 2, 3))
    network.elect(1)
    network[3].slow_store = True
    network[1].propose(add(4))
    network.settle()
    assert network[3].commit == 2
    network[3].times_out()
    assert network[3].follows
    network[3].hears(RequestVoteReply(2, 3, 2, True))
    assert not network[3].leads
    network[3].apply()
    network[3].times_out()
    assert [m.receiver for m in network.find(RequestVote, sender=3)] == [1, 2, 4]


def test_b32_a_leader_begins_each_term_knowing_nothing_of_the_others():
    """Figure 2: matchIndex is reinitialised. S2's log was truncated while S1 did not lead."""
    network = Network()
    leader = network.elect(1)
    network.cut = {3}
    leader.propose(b"x", b"y")
    network.deliver(AppendEntries, to=2)
    leader.hears(accepts(2, 1, 1, 3))
    network.lose()
    assert leader.progress(2).match_index == 3
    leader.hears(Heartbeat(3, 1, 2, 1))  # S3 led term 2, and S2 lost what S1 counted
    leader.campaigns()
    leader.hears(RequestVoteReply(3, 1, 3, True))
    assert leader.leads
    assert leader.progress(2).match_index == 0
    assert leader.progress(2).mode is Mode.PROBE


def test_b37_a_pre_vote_of_a_lower_term_is_answered_and_frees_the_cluster():
    """etcd/raft Step. S1 has a high term and a short log, S2 and S3 low terms and long logs.

    S1 can't win for its log; it refuses S2 and S3 because their terms are low. If it did so in
    silence, they would never learn of its term, and with S3 down nobody would ever lead.
    """
    config = replace(ETCD, pre_vote=True)
    network = Network(config=config, logs={1: (), 2: (1,), 3: (1,)}, terms={1: 8, 2: 2, 3: 2})
    network.cut = {3}
    network[2].times_out()
    assert network.find(RequestPreVote, to=1)
    network.deliver(RequestPreVote, to=1)
    assert not only(RequestPreVoteReply, network.find(RequestPreVoteReply, to=2)).granted
    network.settle()
    assert network[2].term == 8
    network[2].times_out()
    network.settle()
    assert network[2].leads


def test_b13_a_heartbeat_never_lowers_the_commit_index():
    host = Host(1, begin(log=(1, 1, 1), commit=3))
    host.hears(Heartbeat(2, 1, 2, 1))
    assert host.commit == 3


def test_b14_a_late_acknowledgement_takes_nothing_back():
    """Acknowledgements of 5 and 3 arrive in the order 5, 3."""
    leader = Network((1, 2, 3, 4, 5)).elect(1)
    leader.propose(b"a", b"b", b"c", b"d")
    leader.hears(accepts(2, 1, 1, 5), accepts(2, 1, 1, 3), accepts(3, 1, 1, 5))
    assert leader.progress(2).match_index == 5
    assert leader.commit == 5


def test_b19_a_vote_that_arrives_twice_counts_once():
    host = Host(1, begin((1, 2, 3, 4, 5)))
    host.campaigns()
    for _ in range(3):
        host.hears(RequestVoteReply(2, 1, 1, True))
    assert not host.leads
    host.hears(RequestVoteReply(3, 1, 1, True))
    assert host.leads


def test_b33_a_lost_probe_is_repeated_after_a_heartbeat():
    network = Network()
    leader = network[1]
    leader.campaigns()
    leader.hears(RequestVoteReply(2, 1, 1, True))
    network.lose()
    assert leader.progress(3).paused
    leader.times_out()
    network.settle()
    assert network[3].log == leader.log


def test_b35_a_vote_of_an_earlier_term_does_not_bind():
    host = Host(1, begin())
    host.hears(ask_vote(1, sender=2))
    assert only(RequestVoteReply, host.hears(ask_vote(2, sender=3))).granted


@pytest.mark.parametrize("config", [PROFILES["etcd-3.3"], PROFILES["etcd-3.5"], PAPER])
def test_b38_a_member_stuck_in_a_higher_term_comes_back(config):
    """S3 is at term 9, and nobody hears its votes while S1 leads term 1."""
    network = Network(config=config)
    network.elect(1)
    stored = network[3].disk.stored
    network.hosts[3] = Host(
        3, replace(stored, hard_state=replace(stored.hard_state, term=9, vote=0)), config
    )
    network._posted.pop(3)
    for _ in range(4 * config.election_ticks):
        for host in network.hosts.values():
            host.waits(1)
        network.settle()
    leaders = [host for host in network.hosts.values() if host.leads]
    assert len(leaders) == 1
    assert {host.term for host in network.hosts.values()} == {leaders[0].term}


def test_b39_a_learner_votes_because_it_may_be_a_voter_without_knowing():
    host = Host(4, begin((1, 2, 3), learners=(4,)))
    assert only(RequestVoteReply, host.hears(ask_vote(1, sender=2, to=4))).granted


def test_b42_nothing_of_the_old_tail_stays_in_memory_or_on_disk():
    host = Host(1, begin(log=(1, 1, 1, 1, 1)))
    host.hears(append((2, 1), 2))
    assert host.log == host.disk_log == "1@1 2@1 3@2"
    host.crash()
    assert host.log == "1@1 2@1 3@2"
    assert only(AppendEntriesReply, host.hears(append((4, 1), 2, term=2))).rejected


def test_every_test_in_the_table_exists():
    """The table above is kept by this test."""
    folder = Path(__file__).parent.parent
    files = [*(folder / "paper").glob("test_*.py"), *(folder / "raft").glob("test_*.py")]
    defined = {
        name
        for path in files
        for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
    }
    table = __doc__ or ""
    assert set(re.findall(r"\btest_\w+", table)) <= defined
    assert re.findall(r"^(B\d\d)  ", table, re.MULTILINE) == [f"B{n:02}" for n in range(1, 43)]
