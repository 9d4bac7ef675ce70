"""G3, L4, L6: what must hold of logs, and that the judge sees when it does not."""

from dataclasses import replace

from learnetcd.member.effects import SaveSnapshot, SyncWal, WriteWal
from learnetcd.member.inputs import MessageReceived, WalSynced
from learnetcd.raft.configuration import Configuration
from learnetcd.raft.entry import Entry, HardState, Snapshot
from learnetcd.raft.messages import AppendEntries
from learnetcd.raft.progress import Inflight, Progress
from learnetcd.raft.roles import Leader


def write(stage, member, *entries, batch=99):
    """Put entries into a member's log behind its back, as far as the judge can see."""
    stage.raft(member).log.append(entries)
    stage.show(member, effects=(WriteWal(entries, None), SyncWal(batch)))


def three_values(stage):
    stage.elect(1)
    for value in "abc":
        stage.put(1, value)
    stage.settle()


def test_healthy_logs_break_nothing(stage):
    three_values(stage)
    stage.put(1, "lost")  # S1 alone has it
    stage.settle(1)
    stage.elect(2, 2, 3)
    stage.put(2, "kept")
    stage.settle(2, 3)
    stage.heartbeat(2)
    stage.settle()
    assert stage.raft(1).log.last_term == 2
    assert stage.broken == []
    assert all(stage.judge.checked(invariant) > 0 for invariant in ("G3", "L4", "L6"))


def test_one_name_for_two_contents_breaks_g3(stage):
    stage.elect(1)
    stage.put(1, "a")
    stage.settle(1)
    write(stage, 2, Entry(1, 1, b"another"))
    assert stage.found("G3") == "its log holds 1@1 with a content that differs from another log's"


def test_one_name_after_two_histories_breaks_g3(stage):
    write(stage, 1, Entry(1, 1), Entry(2, 3))
    write(stage, 2, Entry(1, 2), Entry(2, 3))
    assert stage.found("G3") == (
        "its log holds 2@3 after an entry of term 2, another log after one of term 1"
    )


def test_a_tail_that_stays_behind_a_new_entry_breaks_g3(stage):
    """The new entry is written in the middle, and what stood behind it is left there."""
    write(stage, 2, Entry(1, 1), Entry(2, 1), Entry(3, 1))
    log = stage.raft(2).log
    tail = log.entries(3, 3)
    log.append((Entry(2, 2),))
    log.append(tail)
    stage.show(2, effects=(WriteWal((Entry(2, 2),), None), SyncWal(100)))
    assert "3@1 after an entry of term 2" in stage.found("G3")


def test_entries_that_differ_before_any_is_shared_are_healthy(stage):
    write(stage, 1, Entry(1, 1, b"a"), Entry(2, 1, b"b"))
    write(stage, 2, Entry(1, 2, b"c"))
    write(stage, 3, Entry(1, 1, b"a"))
    assert stage.broken == []


def test_a_log_that_is_read_back_with_a_dead_tail_breaks_g3(stage):
    """A disk that kept entries behind a snapshot of another log would give them back like this."""
    write(stage, 2, Entry(1, 1), Entry(2, 1), Entry(3, 1))
    stage.crash(2)
    configuration = Configuration((1, 2, 3))
    stage.disks[2].records = [Snapshot(2, 2, configuration, stage.members[1].store), Entry(3, 1)]
    stage.disks[2].synced = 2
    stage.start(2)
    assert "3@1 after an entry of term 2" in stage.found("G3")


def test_the_twin_that_removes_what_does_not_conflict_breaks_l4(stage):
    """A late append carries entry 1; entry 2 came since, and is durable."""
    stage.elect(1)
    stage.put(1, "a")
    stage.put(1, "b")
    appends = [message for message in stage.mail if message.receiver == 2]
    for append in appends:
        stage.feed(2, MessageReceived(stage.at, append))
    stage.sync(2)
    assert stage.judge.disks[2].last_index == 2
    stage.without("truncate-on-conflict")
    stage.feed(2, MessageReceived(stage.at, appends[0]))
    stage.sync(2)
    assert stage.found("L4") == (
        "entries 2 to 2 were durable, and were removed by writing 1@1, which was there already"
    )


def test_removing_what_conflicts_is_what_raft_does(stage):
    write(stage, 2, Entry(1, 1), Entry(2, 1), Entry(3, 1))
    stage.show(2, WalSynced(stage.at, 99))
    write(stage, 2, Entry(2, 2), batch=100)
    stage.show(2, WalSynced(stage.at, 100))
    assert stage.broken == []


def test_a_gap_on_the_disk_breaks_l4(stage):
    stage.show(2, effects=(WriteWal((Entry(5, 1),), None), SyncWal(1)))
    stage.show(2, WalSynced(stage.at, 1))
    assert "entries from 5 on" in stage.found("L4")


def test_a_snapshot_that_removes_a_matching_suffix_breaks_l4(stage):
    write(stage, 2, Entry(1, 1), Entry(2, 1), Entry(3, 1))
    snapshot = Snapshot(2, 1, Configuration((1, 2, 3)))
    stage.show(2, effects=(SaveSnapshot(snapshot, own=False), SyncWal(100)))
    stage.show(2, WalSynced(stage.at, 100))
    assert stage.found("L4").endswith("removed by a snapshot of the same log at 2@1")


def test_a_snapshot_older_than_what_is_applied_breaks_l4(stage):
    three_values(stage)
    snapshot = Snapshot(2, 1, Configuration((1, 2, 3)))
    stage.show(2, effects=(SaveSnapshot(snapshot, own=False), SyncWal(100)))
    assert stage.found("L4") == "it took a snapshot at 2, and has applied 3 already"


def test_a_restart_without_a_durable_entry_breaks_l4(stage):
    three_values(stage)
    stage.crash(2)
    disk = stage.disks[2]
    disk.records = [
        replace(r, commit_index=0) if isinstance(r, HardState) else r
        for r in disk.records
        if not (isinstance(r, Entry) and r.index == 3)
    ]
    disk.synced = len(disk.records)
    stage.start(2)
    assert stage.found("L4") == "entry 3@1 was durable, and is gone after the restart"


def test_records_that_survive_without_a_sync_may_have_removed_it(stage):
    write(stage, 2, Entry(1, 1), Entry(2, 1))
    stage.show(2, WalSynced(stage.at, 99))
    write(stage, 2, Entry(2, 2), batch=100)
    stage.crash(2)
    stage.disks[2].records = [stage.disks[1].records[0], Entry(1, 1), Entry(2, 2)]
    stage.disks[2].synced = 3
    stage.start(2)
    assert stage.broken == []


def test_a_leader_whose_log_shrinks_breaks_l6(stage):
    three_values(stage)
    stage.raft(1).log._entries.truncate(3)
    stage.show(1)
    assert stage.found("L6") == "it leads, and its log shrank: 3 to 2"


def test_a_leader_that_writes_over_its_own_entries_breaks_l6(stage):
    stage.elect(1)
    stage.put(1, "a")
    stage.put(1, "b")
    write(stage, 1, Entry(2, 1, b"other"))
    assert stage.found("L6") == "it leads, and wrote over its entry 2"


def test_a_match_index_that_falls_breaks_l6(stage):
    three_values(stage)
    stage.raft(1).role.progress[2].match_index = 1
    stage.show(1)
    assert stage.found("L6") == "the match index of S2 fell from 3 to 1"


def test_a_member_that_is_removed_and_added_again_is_a_new_one(stage):
    """Both changes may be applied in one step, and the configuration is as it was before."""
    three_values(stage)
    raft = stage.raft(1)
    raft.configuration = replace(raft.configuration)
    raft.role.progress[2].match_index = 0
    stage.show(1)
    assert stage.broken == []


def test_a_match_index_beyond_the_peers_disk_breaks_l6(stage):
    stage.elect(1)
    stage.put(1, "a")
    stage.raft(1).role.progress[2].match_index = 1
    stage.show(1)
    assert stage.found("L6") == ("it counts S2 as holding 1@1, whose disk holds nothing there")


def test_a_match_index_kept_from_an_earlier_leadership_breaks_l6(stage):
    """S1 led term 1, another leader replaced S2's entry, and now S1 leads term 3."""
    write(stage, 1, Entry(1, 1))
    write(stage, 2, Entry(1, 2))
    stage.show(2, WalSynced(stage.at, 99))
    raft = stage.raft(1)
    kept = Progress(2, Inflight(1, 1))
    kept.match_index = 1
    raft.term, raft.role = 3, Leader({2: kept}, 0)
    stage.show(1)
    assert stage.found("L6") == "it counts S2 as holding 1@1, whose disk holds 1@2 there"


def test_an_old_append_is_no_reason_for_alarm(stage):
    three_values(stage)
    old = AppendEntries(1, 2, 1, 0, 0, stage.raft(1).log.entries(1, 2), 0)
    stage.feed(2, MessageReceived(stage.at, old))
    stage.settle()
    assert stage.broken == []
