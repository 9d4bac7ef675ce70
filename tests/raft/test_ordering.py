"""What must be durable, applied or told before what: the constraints O1 to O12 of a Raft core.

Five effects leave a core, and a member may crash between any two of them: save, send now, send
after saving, apply, answer reads. Each test holds back one of them.
"""

import pytest

from learnetcd.raft import Configuration
from learnetcd.raft.messages import (
    AppendEntries,
    AppendEntriesReply,
    Heartbeat,
    HeartbeatReply,
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
    all_of,
    append,
    ask_vote,
    begin,
    install,
    only,
    remove,
)


def slow(host: Host) -> Host:
    host.slow_disk = True
    return host


def test_o1_a_vote_leaves_after_it_is_durable():
    host = slow(Host(1, begin()))
    assert host.hears(ask_vote(1)) == []
    assert only(RequestVoteReply, host.save()).granted
    assert host.disk.hard_state.vote == 2


def test_o1_a_pre_vote_leaves_after_what_was_to_be_saved_before_it():
    """etcd holds it back too; it promises nothing, but its term must not be forgotten."""
    host = slow(Host(1, begin()))
    assert host.hears(RequestPreVote(2, 1, 1, 0, 0)) == []
    assert only(RequestPreVoteReply, host.save()).granted


def test_o2_an_acknowledgement_leaves_after_the_entries_are_durable():
    host = slow(Host(1, begin()))
    assert host.hears(append((0, 0), 1, 1)) == []
    assert only(AppendEntriesReply, host.save_all()).index == 2
    assert host.disk_log == "1@1 2@1"


def test_o2_an_acknowledgement_of_a_snapshot_leaves_after_it_is_durable():
    host = slow(Host(1, begin()))
    assert host.hears(install(4, 2, term=2)) == []
    assert only(AppendEntriesReply, host.save_all()).index == 4


def test_o2_a_repeated_append_is_acknowledged_after_the_first_one_is_durable():
    """The second message writes nothing of its own, but it speaks of what is under way."""
    host = slow(Host(1, begin()))
    message = append((0, 0), 1, 1)
    host.hears(message)
    assert host.hears(message) == []
    assert len(host.unsaved) == 2
    assert all_of(AppendEntriesReply, host.save())
    assert host.disk_log == "1@1 2@1"


def test_o2_a_refusal_waits_too():
    """To be on the safe side, as in etcd."""
    host = slow(Host(1, begin()))
    assert host.hears(append((3, 1), 1)) == []
    assert only(AppendEntriesReply, host.save_all()).rejected


def test_o3_a_candidates_own_vote_counts_after_it_is_durable():
    host = slow(Host(1, begin((1, 2, 3))))
    host.campaigns()
    assert host.raft.role.votes == {}
    host.save_all()
    assert host.raft.role.votes == {1: True}


def test_o3_a_leaders_own_copy_counts_after_it_is_durable():
    host = Host(1, begin((1,)))
    host.campaigns()
    slow(host).propose(b"x")
    assert host.progress(1).match_index == 1
    host.save_all()
    assert host.progress(1).match_index == 2


def test_o3_an_own_vote_of_an_older_term_is_not_counted():
    host = slow(Host(1, begin((1, 2, 3))))
    host.campaigns()
    host.campaigns()
    host.save()
    assert host.term == 2
    assert host.raft.role.votes == {}


def test_o4_requests_do_not_wait_for_the_disk():
    """Thesis §10.2.1. Vote requests, appends and heartbeats promise nothing."""
    host = slow(Host(1, begin()))
    assert all_of(RequestVote, host.campaigns())
    host.save_all()
    assert all_of(AppendEntries, host.hears(RequestVoteReply(2, 1, 1, True)))
    assert all_of(Heartbeat, host.times_out())


def test_o4_a_heartbeat_is_answered_without_waiting_for_the_disk():
    """It says "I heard you", and nothing about the log."""
    host = slow(Host(1, begin(log=(1,), term=1)))
    assert all_of(HeartbeatReply, host.hears(Heartbeat(2, 1, 1, 1)))


def test_o5_a_snapshot_comes_with_or_before_the_hard_state_that_refers_to_it():
    host = slow(Host(1, begin()))
    host.hears(install(4, 2, term=2))
    assert host.unsaved[0].snapshot is not None
    assert host.unsaved[0].hard_state.commit_index == 4
    assert host.unsaved[0].must_sync


def test_o6_batches_are_numbered_in_the_order_in_which_they_are_to_be_saved():
    host = slow(Host(1, begin()))
    host.hears(append((0, 0), 1))
    host.hears(append((1, 1), 1))
    assert [save.batch for save in host.unsaved] == [1, 2]
    assert [e.index for save in host.unsaved for e in save.entries] == [1, 2]


def test_o6_confirming_a_batch_confirms_all_before_it():
    """One sync may cover everything that was queued."""
    host = slow(Host(1, begin()))
    host.hears(append((0, 0), 1))
    host.hears(append((1, 1), 1))
    while len(host.unsaved) > 1:
        host.disk.write(host.unsaved.popleft())
    answers = host.save()
    assert [m.index for m in all_of(AppendEntriesReply, answers)] == [1, 2]


def test_o6_the_disk_and_the_store_wait_for_themselves_only():
    host = Host(1, begin(log=(1, 1), commit=0), slow_store=True)
    host.hears(append((2, 1), term=1, commit=2))
    assert host.unapplied
    assert only(AppendEntriesReply, host.hears(append((2, 1), 1))).index == 3


def test_o6_entries_are_handed_out_for_applying_once_and_in_order():
    host = Host(1, begin(), slow_store=True)
    host.hears(append((0, 0), 1, 1, commit=1))
    host.hears(append((2, 1), 1, commit=3))
    handed = [entry.index for entries in host.unapplied for entry in entries]
    assert handed == [1, 2, 3]


def test_o7_an_entry_is_applied_after_it_is_durable_here():
    host = slow(Host(1, begin()))
    host.hears(append((0, 0), 1, 1, commit=2))
    assert host.commit == 2
    assert host.applied == []
    host.save_all()
    assert host.applied == [b"1@1", b"2@1"]


def test_o8_an_old_write_does_not_confirm_a_newer_entry_at_the_same_place():
    """The ABA case: two writes of one index under way; the first is x@1, the second y@2."""
    host = slow(Host(1, begin()))
    host.hears(append((0, 0), 1))
    host.hears(append((0, 0), 2))
    assert host.log == "1@2"
    host.save()
    assert host.raft.log.durable_index == 0
    host.save_all()
    assert host.raft.log.durable_index == 1
    assert host.disk_log == "1@2"


def test_o8_not_even_if_a_third_leader_brought_the_first_entry_back():
    """x@1 is under way, y@2 overwrote it, then x@1 again: the first write speaks of another log.

    The index and the term fit; only the member's own term at the time of the write tells. Between
    the two the disk holds y@2, so a crash after a premature confirmation would lose x@1.
    """
    host = slow(Host(1, begin()))
    host.hears(append((0, 0), 1, term=1))  # batch 1: 1@1
    host.hears(append((0, 0), 2, term=2))  # batch 2: 1@2
    host.hears(append((0, 0), 1, term=3, sender=3))  # batch 3: 1@1
    assert host.log == "1@1"
    host.save()
    assert host.raft.log.durable_index == 0
    host.save()
    assert host.disk_log == "1@2"
    assert host.raft.log.durable_index == 0
    host.save()
    assert host.raft.log.durable_index == 1


def test_o8_what_was_under_way_at_a_change_of_term_is_confirmed_by_the_next_write():
    """The batch of the new term attests the whole log, so nothing stays unconfirmed for ever."""
    host = slow(Host(1, begin()))
    host.hears(append((0, 0), 1, 1))
    host.hears(Heartbeat(3, 1, 2, 0))
    host.save()
    assert host.raft.log.durable_index == 0
    host.save()
    assert host.raft.log.durable_index == 2


def test_o9_while_a_snapshot_waits_for_the_disk_nothing_is_handed_out_for_applying():
    host = slow(Host(1, begin(log=(1, 1))))
    host.hears(install(3, 2, term=2))
    host.hears(append((3, 2), 2, commit=4))
    assert host.commit == 4
    assert not host.unapplied
    host.save_all()
    assert [entry.index for entry in host.store] == [4]


def test_o9_a_snapshot_is_given_to_the_disk_once():
    """Written again after the entries behind it, it would void them."""
    host = slow(Host(1, begin()))
    host.hears(install(3, 2, term=2))
    host.hears(append((3, 2), 2))
    host.hears(append((4, 2), 2))
    assert [save.snapshot is not None for save in host.unsaved] == [True, False, False]
    host.save_all()
    assert host.disk_log == "4@2 5@2"


def test_o9_a_newer_snapshot_that_overtakes_an_older_one_is_the_one_that_counts():
    host = slow(Host(1, begin()))
    host.hears(install(3, 2, term=2))
    host.hears(install(6, 2, term=2))
    host.save()
    assert host.raft.log.pending_snapshot is not None
    assert host.raft.log.durable_index == 0
    host.save_all()
    assert host.raft.log.durable_index == 6
    assert host.disk.snapshot.index == 6


@pytest.mark.parametrize("config", [PAPER, ETCD], ids=["paper", "etcd"])
def test_o10_no_vote_is_asked_for_while_a_committed_change_is_not_applied(config):
    network = Network(config=config)
    network.elect(1)
    follower = network[2]
    follower.slow_store = True
    network[1].propose(b"x", remove(3))
    network.settle()
    network[1].times_out()
    network.settle()
    assert follower.commit > follower.raft.log.applied_index
    assert all_of(RequestVote, follower.times_out()) == []
    while follower.unapplied:
        follower.apply()
    assert [m.receiver for m in all_of(RequestVote, follower.times_out())] == [1]


def test_o11_a_write_is_seen_by_the_store_after_it_is_committed():
    network = Network()
    leader = network.elect(1)
    leader.slow_store = True
    leader.propose(b"x")
    network.settle()
    assert leader.applied == []
    while leader.unapplied:
        leader.apply()
    assert leader.applied == [b"x"]


def test_o11_a_read_names_the_index_that_must_be_applied_first():
    network = Network()
    leader = network.elect(1)
    leader.slow_store = True
    leader.propose(b"x")
    network.settle()
    leader.read()
    network.settle()
    assert leader.reads[0].read_index == 2 > leader.raft.log.applied_index


def test_o12_what_was_not_saved_is_gone_after_a_crash_and_was_promised_to_nobody():
    host = slow(Host(1, begin()))
    assert host.hears(append((0, 0), 1), ask_vote(2, (1, 1), sender=3)) == []
    host.crash()
    assert (host.term, host.vote, host.log) == (0, 0, "")


def test_only_what_must_survive_a_power_cut_asks_for_a_sync():
    """etcd/raft MustSync: entries, term and vote; a commit index alone can be learned again."""
    host = slow(Host(1, begin(log=(1,), term=1)))
    host.hears(Heartbeat(2, 1, 1, 1))
    assert not host.unsaved[0].must_sync
    host.hears(append((1, 1), 1, term=1))
    assert host.unsaved[1].must_sync
    host.hears(Heartbeat(2, 1, 2, 1))
    assert host.unsaved[2].must_sync


def test_there_is_no_work_where_nothing_happened():
    host = Host(1, begin(log=(1,)))
    assert host.raft.poll() is None
    host.hears(append(term=1, commit=0))
    assert host.raft.poll() is None


def test_a_change_queued_behind_a_snapshot_must_not_be_applied_by_the_host():
    """O9, the host's part: the snapshot's members count, and a late `applied` does no harm."""
    host = Host(1, begin(log=(1, 1), commit=2), slow_store=True)
    host.hears(install(3, 2, term=2, configuration=Configuration((1, 2), outgoing=(1, 3))))
    host.raft.applied(2)
    assert host.raft.log.applied_index == 3
    assert host.raft.configuration.joint


def test_an_acknowledgement_of_somebody_who_is_no_member_is_ignored():
    leader = Network().elect(1)
    leader.propose(b"x")
    leader.hears(accepts(9, 1, 1, 2), HeartbeatReply(9, 1, 1), RequestVoteReply(9, 1, 1, True))
    assert leader.commit == 1
