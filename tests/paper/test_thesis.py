"""Ongaro's thesis, where the paper is silent: hand-over, single steps, leases, reads, pre-vote."""

from dataclasses import replace

import pytest

from learnetcd.raft import (
    NO_MEMBER,
    PROFILES,
    Config,
    Mode,
    ProposalRefused,
    ReadOption,
    ReadReady,
)
from learnetcd.raft.messages import (
    AppendEntries,
    AppendEntriesReply,
    ForwardRead,
    ForwardReadReply,
    ForwardTransfer,
    Heartbeat,
    HeartbeatReply,
    RequestPreVote,
    RequestPreVoteReply,
    RequestVote,
    RequestVoteReply,
    TimeoutNow,
)
from learnetcd.tracing.membership import ChangeRefused
from tests.raft.network import (
    ETCD,
    Host,
    Network,
    accepts,
    add,
    all_of,
    ask_vote,
    begin,
    learn,
    only,
    remove,
)

CHECKING = PROFILES["etcd-3.3"]
PRE_VOTING = replace(ETCD, pre_vote=True)
BOTH = PROFILES["etcd-3.5"]

# -- §3.10 leadership transfer --------------------------------------------------------------------


def test_3_10_the_leader_stops_taking_proposals_while_it_hands_over():
    """Thesis §3.10, step 1."""
    network = Network()
    leader = network.elect(1)
    leader.raft.transfer(2)
    with pytest.raises(ProposalRefused, match="handed over"):
        leader.propose(b"x")


def test_3_10_the_leader_first_brings_the_targets_log_up_to_date():
    """Thesis §3.10, step 2: ... using the normal log replication mechanism."""
    network = Network()
    leader = network.elect(1)
    network.cut = {2}
    leader.propose(b"x")
    network.settle()
    leader.raft.unreachable(2)
    network.cut = set()
    assert all_of(TimeoutNow, leader.does(lambda: leader.raft.transfer(2))) == []
    network.deliver(AppendEntries, to=2)
    network.deliver(AppendEntriesReply, sender=2)
    assert network.find(TimeoutNow, to=2)


def test_3_10_then_it_sends_timeout_now_and_the_target_stands_at_once():
    """Thesis §3.10, step 3: as if the target's election timer had elapsed."""
    network = Network()
    leader = network.elect(1)
    leader.does(lambda: leader.raft.transfer(2))
    network.settle()
    assert network[2].leads
    assert leader.follows
    assert network[2].term == 2


def test_3_10_the_targets_vote_requests_overrule_the_lease():
    """Thesis §4.2.3: a special flag says that this disruption is wanted."""
    network = Network(config=BOTH)
    leader = network.elect(1)
    leader.does(lambda: leader.raft.transfer(3))
    network.deliver(TimeoutNow)
    assert all(m.transfer for m in network.find(RequestVote))
    assert network.find(RequestPreVote) == []  # and no time is lost by asking first
    network.settle()
    assert network[3].leads


def test_3_10_if_it_does_not_succeed_within_an_election_timeout_it_is_given_up():
    """Thesis §3.10: the prior leader resumes accepting client requests."""
    network = Network()
    leader = network.elect(1)
    network.cut = {2}
    leader.does(lambda: leader.raft.transfer(2))
    leader.waits(leader.config.election_ticks)
    leader.propose(b"x")
    network.settle()
    assert leader.applied == [b"x"]


def test_3_10_a_transfer_does_not_survive_a_change_of_leadership():
    """hashicorp/raft #696: a flag that stays makes the next leadership refuse all writes."""
    network = Network()
    leader = network.elect(1)
    network.cut = {2}
    leader.raft.transfer(2)
    network.elect(3)
    network.cut = set()
    network.elect(1)
    assert leader.leadership.transfer_target == NO_MEMBER
    leader.propose(b"x")


def test_3_10_a_second_wish_takes_the_place_of_the_first():
    """etcd/raft MsgTransferLeader: the latest wins; the same again changes nothing."""
    network = Network()
    leader = network.elect(1)
    network.cut = {2, 3}
    leader.does(lambda: leader.raft.transfer(2))
    assert leader.does(lambda: leader.raft.transfer(2)) == []
    leader.does(lambda: leader.raft.transfer(3))
    assert leader.leadership.transfer_target == 3
    leader.does(lambda: leader.raft.transfer(1))
    assert leader.leadership.transfer_target == NO_MEMBER


def test_3_10_leadership_is_not_handed_to_a_learner_or_a_stranger():
    """etcd/raft: neither could win."""
    network = Network(learners=(4,))
    leader = network.elect(1)
    for target in (4, 9):
        assert leader.does(lambda target=target: leader.raft.transfer(target)) == []
        assert leader.leadership.transfer_target == NO_MEMBER


def test_3_10_a_follower_passes_the_wish_to_the_leader():
    """etcd/raft stepFollower."""
    network = Network()
    network.elect(1)
    network[2].does(lambda: network[2].raft.transfer(3))
    assert [m.target for m in network.find(ForwardTransfer, to=1)] == [3]
    network.settle()
    assert network[3].leads


def test_3_10_a_target_that_is_removed_meanwhile_ends_the_transfer():
    """etcd/raft switchToConfig."""
    network = Network()
    leader = network.elect(1)
    leader.propose(remove(3))
    network.cut = {3}
    leader.does(lambda: leader.raft.transfer(3))
    network.settle()
    assert leader.raft.configuration.voters == (1, 2)
    assert leader.leadership.transfer_target == NO_MEMBER


def test_3_10_only_a_voter_follows_the_call_to_stand():
    """etcd/raft hup: not promotable."""
    host = Host(4, begin((1, 2, 3), learners=(4,), term=1))
    assert host.hears(TimeoutNow(1, 4, 1)) == []
    assert host.follows


def test_a_follower_that_forgets_its_leader_may_vote_in_the_same_term():
    """etcd/raft ForgetLeader: leaderless in its term, with its term unchanged."""
    network = Network(config=CHECKING)
    network.elect(1)
    follower = network[2]
    follower.raft.forget_leader()
    assert (follower.raft.leader, follower.term) == (NO_MEMBER, 1)
    assert follower.hears(ask_vote(2, (1, 1), sender=3, to=2))
    leader = network[1]
    leader.raft.forget_leader()
    assert leader.leads


def test_a_follower_under_a_lease_does_not_forget_its_leader():
    """etcd/raft ForgetLeader: lease reads rest on it."""
    network = Network(config=replace(CHECKING, read_option=ReadOption.LEASE))
    network.elect(1)
    network[2].raft.forget_leader()
    assert network[2].raft.leader == 1


# -- §4.1 single-server changes -------------------------------------------------------------------


def test_4_1_one_member_is_added_or_removed_at_a_time():
    """Thesis §4.1: any majority of the old overlaps any majority of the new configuration."""
    network = Network()
    leader = network.elect(1)
    leader.propose(add(4))
    leader.propose(remove(3))
    assert leader.raft.log.entry(3).payload == b""
    assert leader.saw(ChangeRefused)


def test_4_1_the_next_change_may_start_when_the_last_one_is_done():
    """Thesis §4.1: ... it is committed; here, as in etcd, applied."""
    network = Network()
    leader = network.elect(1)
    for change, voters in ((add(4), (1, 2, 3, 4)), (remove(4), (1, 2, 3)), (learn(4), (1, 2, 3))):
        leader.propose(change)
        network.settle()
        assert leader.raft.configuration.voters == voters


def test_4_1_a_new_leader_starts_no_change_before_an_entry_of_its_term_is_applied():
    """Ongaro 2015, the bug in single-server changes: two half-done changes need not overlap."""
    network = Network(logs=dict.fromkeys((1, 2, 3), (1, 1)))
    leader = network[1]
    leader.campaigns()
    leader.hears(RequestVoteReply(2, 1, 2, True))
    leader.propose(add(4))
    assert leader.raft.log.entry(4).payload == b""
    network.settle()
    leader.propose(add(4))
    assert leader.raft.log.entry(5).payload == add(4)


def test_4_2_2_a_removed_leader_commits_its_own_removal_without_counting_itself():
    """Thesis §4.2.2: a leader that is removed steps down once the change is committed."""
    network = Network((1, 2), config=replace(ETCD, step_down_on_removal=True))
    leader = network.elect(1)
    leader.propose(remove(1))
    assert leader.commit == 1
    network.settle()
    assert leader.follows
    network.elect(2)


# -- §6.2 a leader that is cut off steps down -----------------------------------------------------


def test_6_2_a_leader_that_hears_no_quorum_for_an_election_timeout_steps_down():
    """Thesis §6.2."""
    network = Network(config=CHECKING)
    leader = network.elect(1)
    leader.waits(CHECKING.election_ticks)
    assert leader.leads  # those that voted and acknowledged count for the first period
    leader.waits(CHECKING.election_ticks)
    assert leader.follows
    assert leader.term == 1


def test_6_2_any_answer_counts_as_a_sign_of_life():
    """etcd/raft RecentActive: acknowledgements, refusals, heartbeat replies."""
    network = Network(config=CHECKING)
    leader = network.elect(1)
    for answer in (HeartbeatReply(2, 1, 1), accepts(2, 1, 1, 1), append_refused()):
        leader.hears(answer)
        leader.waits(CHECKING.election_ticks)
        assert leader.leads


def append_refused() -> AppendEntriesReply:
    return AppendEntriesReply(2, 1, 1, 9, True, 1, 1)


def test_6_2_learners_do_not_keep_a_leader_in_office():
    """Thesis §4.2.1 with §6.2: they are not counted."""
    network = Network(config=CHECKING, learners=(4, 5))
    leader = network.elect(1)
    for _ in range(2):
        leader.hears(HeartbeatReply(4, 1, 1), HeartbeatReply(5, 1, 1))
        leader.waits(CHECKING.election_ticks)
    assert leader.follows


def test_6_2_without_check_quorum_a_leader_stays():
    """The knob is off in the paper's profile: only a higher term deposes a leader."""
    leader = Network(config=ETCD).elect(1)
    leader.waits(5 * ETCD.election_ticks)
    assert leader.leads


# -- §6.4 reads without the log -------------------------------------------------------------------


def test_6_4_a_follower_asks_its_leader_for_the_read_index():
    """Thesis §6.4: followers can help offload, by asking the leader for a readIndex."""
    network = Network()
    network.elect(1)
    assert [m.receiver for m in all_of(ForwardRead, network[2].read(context=8))] == [1]
    network.deliver(ForwardRead)
    network.deliver(Heartbeat, to=3)
    network.deliver(HeartbeatReply)
    assert [m.read_index for m in network.find(ForwardReadReply, to=2)] == [1]
    network.settle()
    assert network[2].reads == [ReadReady(8, 1)]


def test_6_4_one_round_of_heartbeats_serves_all_reads_before_it():
    """Thesis §6.4: ... any number of read-only queries that it has accumulated."""
    network = Network()
    leader = network.elect(1)
    for context in (1, 2, 3):
        leader.read(context)
    leader.hears(HeartbeatReply(3, 1, 1, 3))
    assert [read.context for read in leader.reads] == [1, 2, 3]


def test_6_4_a_read_whose_heartbeats_were_lost_is_confirmed_by_the_next_ones():
    """etcd/raft bcastHeartbeat: each heartbeat asks for the latest round."""
    network = Network()
    leader = network.elect(1)
    leader.read()
    network.lose()
    leader.times_out()
    network.settle()
    assert leader.reads == [ReadReady(1, 1)]


def test_6_4_a_heartbeat_answer_from_outside_the_voters_confirms_nothing():
    """Thesis §6.4 with §4.2.1: a quorum is of voters."""
    network = Network(learners=(4, 5))
    leader = network.elect(1)
    leader.read()
    leader.hears(HeartbeatReply(4, 1, 1, 1), HeartbeatReply(5, 1, 1, 1))
    assert leader.reads == []


def test_6_4_1_under_a_lease_a_read_is_answered_at_once():
    """Thesis §6.4.1: no round of heartbeats, and trust in the clock instead."""
    network = Network(config=replace(CHECKING, read_option=ReadOption.LEASE))
    leader = network.elect(1)
    assert leader.read(context=4) == []
    assert leader.reads == [ReadReady(4, 1)]


def test_6_4_1_a_lease_needs_check_quorum():
    """Thesis §6.4.1: without it a lease never ends."""
    with pytest.raises(ValueError, match="check_quorum"):
        Config(read_option=ReadOption.LEASE)


# -- §9.6 pre-vote --------------------------------------------------------------------------------


def test_9_6_a_member_asks_whether_it_could_win_before_it_raises_its_term():
    """Thesis §9.6: only increments its term if it first learns that a majority would vote."""
    host = Host(1, begin(log=(1,), term=4), PRE_VOTING)
    asked = all_of(RequestPreVote, host.times_out())
    assert [(m.receiver, m.term, m.last_index, m.last_term) for m in asked] == [
        (2, 5, 1, 1),
        (3, 5, 1, 1),
    ]
    assert (host.term, host.vote, host.asks) == (4, 0, True)


def test_9_6_with_a_majority_it_stands_in_earnest():
    """Thesis §9.6."""
    host = Host(1, begin(), PRE_VOTING)
    host.times_out()
    asked = host.hears(RequestPreVoteReply(3, 1, 1, True))
    assert [m.term for m in all_of(RequestVote, asked)] == [1, 1]
    assert (host.term, host.vote, host.stands) == (1, 1, True)


def test_9_6_without_a_majority_its_term_stays():
    """Thesis §9.6: a server that was cut off does not disrupt the cluster when it is back."""
    network = Network(config=BOTH)
    network.elect(1)
    network.cut = {3}
    for _ in range(5):
        network[3].times_out()
    network.settle()
    network.cut = set()
    assert network[3].term == 1
    network[3].times_out()
    network.settle()
    assert network[1].leads
    assert network[1].term == 1


def test_9_6_a_pre_vote_binds_nobody():
    """Thesis §9.6: nothing is recorded, so several may be given, and no term is raised."""
    host = Host(1, begin(term=3), PRE_VOTING)
    elapsed = host.raft.election_elapsed
    for candidate in (2, 3):
        reply = host.hears(RequestPreVote(candidate, 1, 9, 0, 0))
        assert only(RequestPreVoteReply, reply) == RequestPreVoteReply(1, candidate, 9, True)
    assert (host.term, host.vote) == (3, 0)
    assert host.raft.election_elapsed == elapsed
    assert only(RequestVoteReply, host.hears(ask_vote(4, sender=3))).granted


def test_9_6_a_pre_vote_is_refused_to_a_log_that_is_behind():
    """Thesis §9.6: the same check as for a vote; the refusal carries the voter's own term."""
    host = Host(1, begin(log=(1, 2)), PRE_VOTING)
    reply = only(RequestPreVoteReply, host.hears(RequestPreVote(2, 1, 9, 9, 1)))
    assert reply == RequestPreVoteReply(1, 2, 2, False)


def test_9_6_a_member_that_hears_a_leader_gives_no_pre_vote():
    """Thesis §9.6: ... and have not heard from a valid leader for an election timeout."""
    network = Network(config=BOTH)
    network.elect(1)
    assert network[2].hears(RequestPreVote(3, 2, 2, 9, 9)) == []


def test_9_6_a_pre_vote_of_an_older_term_is_refused_aloud():
    """etcd/raft Step: its sender has to learn of the higher term, or nobody gets on."""
    host = Host(1, begin(term=8), PRE_VOTING)
    reply = only(RequestPreVoteReply, host.hears(RequestPreVote(2, 1, 3, 5, 3)))
    assert reply == RequestPreVoteReply(1, 2, 8, False)


def test_9_6_a_refusal_with_a_higher_term_makes_the_asker_take_that_term():
    """etcd/raft Step: a granted one echoes a term that does not exist yet; a refusal is real."""
    host = Host(1, begin(), PRE_VOTING)
    host.times_out()
    host.hears(RequestPreVoteReply(2, 1, 8, False))
    assert (host.term, host.follows) == (8, True)


def test_9_6_answers_to_the_question_do_not_count_as_votes():
    """etcd/raft stepCandidate: late answers of the first phase arrive in the second."""
    host = Host(1, begin((1, 2, 3, 4, 5)), PRE_VOTING)
    host.times_out()
    for voter in (2, 3):
        host.hears(RequestPreVoteReply(voter, 1, 1, True))
    assert host.stands
    for voter in (4, 5):
        host.hears(RequestPreVoteReply(voter, 1, 1, True))
    assert not host.leads


def test_9_6_too_many_refusals_end_the_asking():
    """etcd/raft: back to follower, with the term unchanged."""
    host = Host(1, begin(term=2), PRE_VOTING)
    host.times_out()
    for voter in (2, 3):
        host.hears(RequestPreVoteReply(voter, 1, 2, False))
    assert (host.follows, host.term) == (True, 2)


# -- §10.2.1 writing to the leader's disk in parallel ---------------------------------------------


def test_10_2_1_the_leader_sends_entries_before_they_are_on_its_own_disk():
    """Thesis §10.2.1: the leader can write to its disk in parallel with replicating."""
    network = Network()
    leader = network.elect(1)
    leader.slow_disk = True
    assert len(all_of(AppendEntries, leader.propose(b"x"))) == 2
    assert "2@1" not in leader.disk_log


def test_10_2_1_an_entry_commits_by_a_majority_of_followers_before_the_leaders_own_write():
    """Thesis §10.2.1: it may even commit before it is on the leader's own disk."""
    network = Network()
    leader = network.elect(1)
    leader.slow_disk = True
    leader.propose(b"x")
    network.settle()
    assert leader.commit == 2
    assert leader.raft.log.durable_index == 1
    assert network[2].commit == 2


def test_10_2_1_the_leaders_own_copy_counts_only_when_it_is_durable():
    """Thesis §10.2.1: the leader counts its own match index once the write is done."""
    network = Network()
    leader = network.elect(1)
    leader.slow_disk = True
    leader.propose(b"x")
    leader.hears(accepts(2, 1, 1, 2))
    assert leader.commit == 1
    leader.save_all()
    assert leader.commit == 2


def test_10_2_1_a_single_member_commits_after_its_own_write():
    """Thesis §10.2.1; etcd #14370: else an answer is given for what a crash undoes."""
    host = Host(1, begin((1,)))
    host.campaigns()
    host.slow_disk = True
    host.propose(b"x")
    assert (host.commit, host.applied) == (1, [])
    host.save_all()
    assert (host.commit, host.applied) == (2, [b"x"])
    assert host.progress(1).mode is Mode.REPLICATE


def test_10_2_1_the_leader_does_not_apply_what_only_others_hold_durably():
    """Its store would be ahead of the log from which it is rebuilt after a crash."""
    network = Network()
    leader = network.elect(1)
    leader.slow_disk = True
    leader.propose(b"x")
    network.settle()
    assert network[2].applied == [b"x"]
    assert leader.applied == []
    leader.save_all()
    assert leader.applied == [b"x"]
