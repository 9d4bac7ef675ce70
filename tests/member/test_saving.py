"""What is written, what is durable, and who is told when."""

import pytest

from learnetcd.member.effects import Apply, Reply, SendMessage, SyncWal, WriteWal
from learnetcd.member.inputs import ApplyDue, MessageReceived, RequestSubmitted, WalSynced
from learnetcd.member.request import KeyRequest, Method, Outcome
from learnetcd.raft.messages import AppendEntries, AppendEntriesReply, RequestVoteReply


def kinds(effects: list[object]) -> list[str]:
    return [type(effect).__name__ for effect in effects]


def test_a_write_takes_seven_moments(cluster):
    """Written, synced, sent, delivered, committed, applied, answered: no two are the same."""
    three = cluster()
    three.elect(1)
    three.now += 1
    leader = three.members[1]
    effects = leader.step(RequestSubmitted(three.now, 9, KeyRequest(Method.PUT, "/x", "1")))
    # Thesis §10.2.1: sent to the followers while the leader's own disk still writes.
    assert kinds(effects) == ["SendMessage", "SendMessage", "WriteWal", "SyncWal"]
    sent = next(
        e.message for e in effects if isinstance(e, SendMessage) and e.message.receiver == 2
    )
    batch = effects[-1].batch

    effects = three.members[2].step(MessageReceived(three.now, sent))
    assert kinds(effects) == ["WriteWal", "SyncWal"]  # the acknowledgement waits for the disk
    effects = three.members[2].step(WalSynced(three.now, effects[-1].batch))
    (acknowledgement,) = (e.message for e in effects if isinstance(e, SendMessage))
    assert acknowledgement == AppendEntriesReply(2, 1, 1, 2)

    effects = leader.step(MessageReceived(three.now, acknowledgement))
    assert leader.raft.log.commit_index == 1  # its own copy is not durable yet
    effects = leader.step(WalSynced(three.now, batch))
    assert leader.raft.log.commit_index == 2
    assert leader.store.etcd_index == 0
    assert Apply(2) in effects
    effects = leader.step(ApplyDue(three.now, 2))
    assert leader.store.etcd_index == 1
    assert [e.answer.outcome for e in effects if isinstance(e, Reply)] == [Outcome.DONE]


def test_no_vote_leaves_before_it_is_durable(cluster):
    """Raft Figure 2: responded to only after updating stable storage."""
    three = cluster()
    three.slow_disks = {2}
    three.elect(1)  # by the vote of S3
    assert three.disks[2].recovered().hard_state.vote == 0
    sent = [e for _, effects in three.history[2] for e in effects if isinstance(e, SendMessage)]
    assert not [e for e in sent if isinstance(e.message, RequestVoteReply)]
    three.sync(2)
    assert three.disks[2].recovered().hard_state.vote == 1
    sent = [e for _, effects in three.history[2] for e in effects if isinstance(e, SendMessage)]
    assert [e for e in sent if isinstance(e.message, RequestVoteReply)]


def test_one_sync_may_stand_for_several_batches(cluster):
    """Group commit: a slow disk must not make an ever longer queue."""
    alone = cluster((1,))
    alone.elect(1)
    requests = [alone.put(1, f"/k{number}", "v") for number in range(5)]
    batches = [batch for batch, _ in alone.syncs[1]]
    assert len(batches) == 5
    alone.syncs[1].clear()
    alone.disks[1].synced = len(alone.disks[1].records)
    alone.step(1, WalSynced(alone.now, batches[-1]))
    alone.settle()
    assert all(request in alone.answers for request in requests)
    assert alone.members[1].unsaved == []


def test_a_sync_that_is_reported_late_or_twice_changes_nothing(cluster):
    alone = cluster((1,))
    alone.elect(1)
    alone.put(1, "/x", "1")
    alone.settle()
    before = alone.members[1].store.digest(), alone.members[1].raft.log.durable_index
    assert alone.step(1, WalSynced(alone.now, 1)) == []
    assert (alone.members[1].store.digest(), alone.members[1].raft.log.durable_index) == before


def test_a_batch_that_needs_no_sync_does_not_overtake_one_that_does(cluster):
    three = cluster()
    three.elect(1)
    three.slow_disks = {2}
    three.put(1, "/x", "1")
    three.settle()
    three.beat()  # brings S2 the commit index: a batch without a sync, behind the entry's
    member = three.members[2]
    assert [batch.must_sync for batch in member.unsaved][:2] == [True, False]
    three.slow_disks = set()
    three.settle()
    assert member.unsaved == []
    assert member.raft.batches == type(member.raft.batches)()


def test_an_append_reaches_the_disk_in_front_of_the_hard_state_that_may_refer_to_it(cluster):
    three = cluster()
    three.elect(1)
    three.put(1, "/x", "1")
    three.settle()
    for id in (1, 2, 3):
        log_end = 0
        for record in three.disks[id].records:
            assert isinstance(record, WriteWal)
            log_end = max([log_end, *(entry.index for entry in record.entries)])
            if record.hard_state is not None:
                assert record.hard_state.commit_index <= log_end


@pytest.mark.parametrize("crash_after", range(8))
def test_a_crash_at_any_moment_loses_nothing_that_was_answered(cluster, crash_after: int):
    """Raft §5.1, Figure 3, leader completeness: what a client was told is true for ever."""
    alone = cluster((1,))
    alone.elect(1)
    moments = [
        lambda: alone.put(1, "/x", "1"),
        lambda: alone.sync(1),
        lambda: alone.apply(1),
        lambda: alone.put(1, "/x", "2"),
        lambda: alone.put(1, "/y", "3"),
        lambda: alone.sync(1),
        lambda: alone.sync(1),
        lambda: alone.apply(1),
    ]
    for moment in moments[: crash_after + 1]:
        moment()
    answered = {id: answer.event.node for id, answer in alone.answers.items()}
    alone.crash(1)
    alone.start(1)
    alone.elect(1)
    for node in answered.values():
        assert alone.members[1].node_at(node.key).modified_index >= node.modified_index
    # And what was durable is there, answered or not: each sync but the first adds one.
    assert alone.members[1].store.etcd_index == [0, 1, 1, 1, 1, 2, 3, 3][crash_after]


def test_what_was_acknowledged_to_the_leader_is_on_disk(cluster):
    three = cluster()
    three.elect(1)
    for number in range(3):
        three.put(1, "/x", str(number))
    while three.messages or three.syncs[2]:
        if three.messages:
            message = three.messages[0]
            if isinstance(message, AppendEntriesReply) and not message.rejected:
                stored = three.disks[message.sender].recovered()
                last = stored.entries[-1].index if stored.entries else 0
                assert message.index <= max(last, stored.snapshot.index)
            three.deliver()
        else:
            three.sync(2)


def test_what_a_leader_sends_is_what_it_wrote(cluster):
    three = cluster()
    three.elect(1)
    three.put(1, "/x", "1")
    (record,) = [r for r in three.disks[1].records if r.entries and r.entries[0].index == 2]
    sent = [m for m in three.messages if isinstance(m, AppendEntries)]
    assert {message.entries for message in sent} == {record.entries}
    assert SyncWal(three.syncs[1][-1][0]) in three.history[1][-1][1]
