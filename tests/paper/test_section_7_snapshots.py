"""Raft §7, log compaction, and Figure 13, the InstallSnapshot RPC."""

from dataclasses import replace

import pytest

from learnetcd.raft import Configuration, Mode, Snapshot
from learnetcd.raft.messages import (
    AppendEntriesReply,
    Heartbeat,
    InstallSnapshot,
    RequestVoteReply,
)
from learnetcd.tracing.replication import SnapshotHeldBack, SnapshotNotNeeded
from tests.raft.network import (
    ETCD,
    PAPER,
    Host,
    Network,
    accepts,
    all_of,
    append,
    begin,
    install,
    learn,
    only,
)


def compacted() -> Network:
    """S1 leads; S3 was cut off and needs entries that S1 has compacted at 4."""
    network = Network()
    leader = network.elect(1)
    network.cut = {3}
    for command in (b"x", b"y", b"z"):
        leader.propose(command)
        network.settle()
    leader.take_snapshot()
    network.cut = set()
    return network


def snapshot_on_its_way(network: Network) -> InstallSnapshot:
    """Let S1 find out what S3 needs, up to the moment at which it sends its snapshot."""
    network[1].times_out()
    for _ in range(20):
        if not network.find(InstallSnapshot):
            network._deliver(network.in_flight.pop(0))
    return only(InstallSnapshot, network.in_flight)


def test_each_member_takes_snapshots_by_itself_of_what_is_committed_and_applied():
    """§7: each server takes snapshots independently, covering just the committed entries."""
    network = Network()
    network.elect(1)
    network[1].propose(b"x")
    network.settle()
    assert network[2].take_snapshot().state == tuple(network[2].store)
    assert network[1].raft.log.first_index == 1
    assert network[2].raft.log.first_index > 1


def test_a_snapshot_remembers_the_last_index_and_term_that_it_replaces():
    """§7: preserved to support the AppendEntries consistency check."""
    host = Host(1, begin(log=(1, 2, 2), commit=3))
    snapshot = host.take_snapshot()
    assert (snapshot.index, snapshot.term) == (3, 2)
    assert only(AppendEntriesReply, host.hears(append((3, 2), 3))).index == 4
    assert only(AppendEntriesReply, host.hears(append((4, 9), 9))).rejected


def test_a_snapshot_includes_the_latest_configuration():
    """§7: to enable cluster membership changes."""
    network = Network(learners=(4,))
    network.elect(1)
    assert network[1].take_snapshot().configuration == Configuration((1, 2, 3), learners=(4,))


def test_after_a_snapshot_the_entries_that_it_covers_may_be_deleted():
    """§7: it may delete all log entries up through the last included index."""
    host = Host(1, begin(log=(1, 1, 1, 1), commit=3))
    host.take_snapshot()
    assert host.log == "4@1"
    assert host.raft.log.last_index == 4


def test_a_snapshot_may_not_hide_what_is_not_applied():
    """§7: only what the state machine holds can be forgotten."""
    host = Host(1, begin(log=(1, 1, 1), commit=2), slow_store=True)
    host.raft.snapshot_taken(Snapshot(3, 1, Configuration((1, 2, 3))))
    host.raft.compact(3)
    assert host.raft.log.first_index == 1


def test_a_member_restarts_from_its_snapshot_and_the_entries_after_it():
    """§7: the log begins where the snapshot ends."""
    host = Host(1, begin(log=(1, 1, 1, 1), commit=3))
    host.take_snapshot()
    host.crash()
    assert (host.log, host.commit) == ("4@1", 3)
    assert host.applied == [b"1@1", b"2@1", b"3@1"]


def test_a_leader_sends_its_snapshot_when_the_next_entry_is_gone():
    """§7: ... when the leader has already discarded the next log entry to send."""
    network = compacted()
    leader = network[1]
    sent = snapshot_on_its_way(network)
    assert (sent.receiver, sent.snapshot.index, sent.term) == (3, 4, 1)
    assert leader.progress(3).mode is Mode.SNAPSHOT
    assert leader.progress(3).pending_snapshot == 4


def test_a_follower_that_keeps_up_gets_no_snapshot():
    """§7: this is unlikely in normal operation."""
    network = compacted()
    leader = network[1]
    leader.propose(b"more")
    assert all_of(InstallSnapshot, leader.sent) == []
    network.settle()
    assert network[2].log == "1@1 2@1 3@1 4@1 5@1"


def test_an_exceptionally_slow_follower_is_brought_up_to_date_by_a_snapshot():
    """§7: the leader sends a snapshot over the network, and goes on with entries."""
    network = compacted()
    network[1].times_out()
    network.settle()
    assert network[3].applied == [b"x", b"y", b"z"]
    network[1].propose(b"more")
    network.settle()
    assert network[3].log == "5@1"
    assert network[1].progress(3).mode is Mode.REPLICATE


def test_a_member_new_to_the_cluster_is_brought_up_to_date_by_a_snapshot():
    """§7: ... or a new server joining the cluster."""
    network = compacted()
    network.join(4, (1, 2, 3))
    network.cut = {4}
    network[1].propose(learn(4))
    network.settle()
    network[1].take_snapshot()  # one that knows S4: see the test on those that do not list it
    network.cut = set()
    network[1].times_out()
    network.settle()
    assert network[4].applied[:3] == [b"x", b"y", b"z"]
    assert network[4].raft.configuration.learners == (4,)


# -- Figure 13 -----------------------------------------------------------------------------------


def test_figure_13_step_1_a_snapshot_of_an_older_term_is_refused():
    """Figure 13, step 1: reply immediately if term < currentTerm."""
    host = Host(1, begin(log=(1,), term=3), PAPER)
    reply = only(AppendEntriesReply, host.hears(install(5, 2, term=2)))
    assert reply.term == 3
    assert host.log == "1@1"


def test_figure_13_step_1_differs_etcd_ignores_it_in_silence():
    """etcd/raft Step: the next heartbeat tells the old leader."""
    host = Host(1, begin(log=(1,), term=3), ETCD)
    assert host.hears(install(5, 2, term=2)) == []


def test_figure_13_steps_2_to_4_differ_a_snapshot_comes_in_one_piece():
    """Figure 13, steps 2-4: chunks are the transport's affair."""
    assert not hasattr(install(5, 2, term=2), "offset")


@pytest.mark.parametrize("compacted_here", [False, True])
def test_figure_13_step_5_an_older_snapshot_is_not_taken(compacted_here):
    """Figure 13, step 5: discard any existing snapshot with a *smaller* index."""
    host = Host(1, begin(log=(1, 1, 1, 1), commit=4))
    if compacted_here:
        host.take_snapshot()
    before = (host.log, host.applied)
    reply = only(AppendEntriesReply, host.hears(install(3, 1, term=2)))
    assert reply.index == 4
    assert (host.log, host.applied, host.commit) == (*before, 4)
    assert host.saw(SnapshotNotNeeded)


def test_figure_13_step_6_entries_after_the_snapshots_last_entry_are_kept():
    """Figure 13, step 6: if an existing entry has the same index and term, retain what follows."""
    host = Host(1, begin(log=(1, 1, 1, 1)))
    reply = only(AppendEntriesReply, host.hears(install(2, 1, term=2)))
    assert host.log == "1@1 2@1 3@1 4@1"
    assert host.commit == 2
    assert reply.index == 2


def test_figure_13_step_7_otherwise_the_entire_log_is_discarded():
    """Figure 13, step 7: it covers entries that are not there, or that conflict."""
    host = Host(1, begin(log=(1, 1, 1, 1)))
    host.hears(install(2, 2, term=2))
    assert host.log == ""
    assert (host.raft.log.last_index, host.raft.log.last_term) == (2, 2)
    assert host.disk_log == ""


def test_figure_13_step_8_the_state_machine_is_reset_with_the_snapshots_contents():
    """Figure 13, step 8: ... and load its cluster configuration."""
    host = Host(1, begin(log=(1,), commit=1))
    members = Configuration((1, 2, 4), learners=(5,))
    state = begin(log=(1, 2, 2)).entries
    host.hears(install(3, 2, term=2, configuration=members, state=state))
    assert host.applied == [b"1@1", b"2@2", b"3@2"]
    assert host.raft.configuration == members
    assert (host.commit, host.raft.log.applied_index) == (3, 3)


def test_a_snapshot_is_acknowledged_after_it_is_durable():
    """Figure 2 for snapshots: the leader will rely on it."""
    host = Host(1, begin(log=(1,)), slow_disk=True)
    assert host.hears(install(3, 2, term=2)) == []
    assert only(AppendEntriesReply, host.save_all()).index == 3
    assert host.disk.snapshot.index == 3


def test_a_snapshot_restarts_the_election_timer():
    """§7: it comes from the current leader."""
    host = Host(1, begin(term=2))
    host.waits(9)
    host.hears(install(3, 2, term=2))
    assert (host.raft.election_elapsed, host.raft.leader) == (0, 2)


def test_a_member_does_not_stand_before_its_snapshot_is_durable():
    """etcd/raft promotable: its log is not whole."""
    host = Host(1, begin(), slow_disk=True)
    host.hears(install(3, 2, term=2))
    assert host.raft.deadline() is None
    host.campaigns()
    assert host.follows
    host.save_all()
    host.campaigns()
    assert host.stands


def test_a_snapshot_that_does_not_list_the_receiver_is_not_taken():
    """etcd/raft restore: it is of a time when this member was none."""
    host = Host(1, begin(log=(1,)))
    host.hears(install(3, 2, term=2, configuration=Configuration((2, 3))))
    assert host.log == "1@1"


# -- the leader's side, after etcd/raft ----------------------------------------------------------


def test_nothing_is_sent_to_a_member_that_waits_for_its_snapshot():
    """etcd/raft StateSnapshot: paused until it is heard of."""
    network = compacted()
    leader = network[1]
    snapshot_on_its_way(network)
    network.lose()
    before = len(leader.sent)
    leader.propose(b"more")
    leader.times_out()
    network.settle()
    assert {type(m) for m in leader.sent[before:] if m.receiver == 3} == {Heartbeat}
    assert leader.progress(3).mode is Mode.SNAPSHOT


@pytest.mark.parametrize(("delivered", "next_index"), [(True, 5), (False, 2)])
def test_a_reported_snapshot_is_followed_by_a_probe_after_the_next_sign_of_life(
    delivered, next_index
):
    """etcd/raft MsgSnapStatus: probe after it, or, if it was lost, from where we were."""
    network = compacted()
    leader = network[1]
    snapshot = snapshot_on_its_way(network)
    network.lose()
    leader.raft.snapshot_reported(3, delivered)
    progress = leader.progress(3)
    assert (progress.mode, progress.next_index) == (Mode.PROBE, next_index)
    assert progress.paused
    if delivered:
        network[3].hears(snapshot)
    leader.times_out()
    network.settle()
    assert network[3].applied == [b"x", b"y", b"z"]


def test_any_acknowledgement_that_reaches_the_log_ends_the_wait():
    """etcd/raft: not only that of the snapshot sent; another member may have helped."""
    network = compacted()
    leader = network[1]
    snapshot_on_its_way(network)
    leader.propose(b"more")
    assert leader.progress(3).mode is Mode.SNAPSHOT
    leader.hears(accepts(3, 1, 1, 3))
    assert leader.progress(3).mode is Mode.SNAPSHOT  # entry 4 is gone: 3 does not reach it
    leader.hears(accepts(3, 1, 1, 4))
    assert leader.progress(3).mode is Mode.REPLICATE
    assert leader.sent[-1].previous_index == 4


def test_a_snapshot_is_not_sent_to_a_member_that_was_not_heard_of():
    """etcd/raft maybeSendSnapshot: it would be large, and probably lost."""
    host = Host(1, begin(log=(1, 1, 1), commit=3))
    host.take_snapshot()
    host.campaigns()
    host.hears(RequestVoteReply(2, 1, 2, True))
    assert host.leads
    assert not host.progress(3).recent_active
    host.hears(replace(accepts(2, 1, 2, 3), rejected=True))
    assert host.progress(2).mode is Mode.SNAPSHOT
    progress = host.progress(3)
    progress.next_index = 1
    progress.waiting = False
    host.propose(b"x")
    assert host.saw(SnapshotHeldBack)
    assert progress.mode is Mode.PROBE
