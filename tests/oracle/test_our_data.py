"""What ours wrote is read by etcd's own programs: the backup of etcdctl, and etcd itself."""

import json
import subprocess
import time

import pytest

from learnetcd.checking.ledger import is_same
from learnetcd.disk.directory import Directory
from learnetcd.disk.errors import Locked
from learnetcd.disk.real_files import RealFiles
from learnetcd.disk.recovery import recover
from learnetcd.disk.storage import create, open_storage
from learnetcd.raft.configuration import Change, ChangeKind, ConfigChange, Configuration
from learnetcd.raft.entry import Entry, HardState, Snapshot, Stored
from learnetcd.store import Store
from learnetcd.store.saved import restored, saved
from learnetcd.wire.etcdserverpb import Metadata, Request
from tests.processes import REAL, Process, environment

ME = Metadata(0xBC62EF954E5DA7A3, 0x0BB456C3EFE14711)
PEER_URLS = {"peerURLs": ["http://127.0.0.1:2380"]}
SEGMENT_BYTES = 8192
TERM = 2
SNAPSHOT = 20
LAST = 50


@pytest.fixture
def ours(folder):
    """A member that wrote 47 keys: a snapshot at 20, and files of the log that were ended."""
    data = folder / "ours"
    first = Stored(Snapshot(0, 0, Configuration(())), HardState(1, 0, 1), (bootstrap(),))
    a_life(create(RealFiles(), str(data), ME, SEGMENT_BYTES, stored=first))
    return data


def a_life(storage):
    storage.write([Entry(2, TERM)], HardState(TERM, ME.node_id, 1))
    store = Store(("0", "1"))
    member = f"/0/members/{ME.node_id:x}/raftAttributes"
    store.create(member, json.dumps(PEER_URLS, separators=(",", ":")))
    for index in range(3, LAST + 1):
        entry = Entry(index, TERM, key_at(index).encode())
        # As a leader does: it writes the entry, hears a quorum, and writes the commit index.
        storage.write([entry], HardState(TERM, ME.node_id, index - 1))
        storage.sync()
        storage.write([], HardState(TERM, ME.node_id, index))
        store.set(key_at(index).path, key_at(index).val)
        if index == SNAPSHOT:
            members = Configuration((ME.node_id,))
            storage.save_snapshot(Snapshot(index, TERM, members, store.fork()))
    storage.sync()
    storage.close()


def bootstrap():
    """The first entry of a new cluster: its members."""
    context = json.dumps({"id": ME.node_id, **PEER_URLS, "name": "ours"}).encode()
    add = Change(ChangeKind.ADD_VOTER, ME.node_id)
    return Entry(1, 1, ConfigChange((add,), context=context, legacy=True))


def key_at(index):
    return Request(index, "PUT", f"/1/keys/{index}", f"value {index} ".ljust(400, "."))


def test_etcdctl_makes_a_backup_of_our_data_that_ours_can_read(ours, folder):
    backup = folder / "backup"
    assert len(list((ours / "member" / "wal").glob("*.wal"))) > 2
    command = ["etcdctl", "backup", f"--data-dir={ours}", f"--backup-dir={backup}"]
    result = subprocess.run(
        command,
        env=environment() | {"ETCDCTL_API": "2"},
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert result.returncode == 0, result.stderr
    before = recover(RealFiles(), Directory(str(ours))).stored
    found = recover(RealFiles(), Directory(str(backup)))
    assert is_same(found.stored, before)
    assert (before.snapshot.index, len(before.entries)) == (SNAPSHOT, LAST - SNAPSHOT)
    # A backup must not speak for the member that it was made of.
    assert found.metadata.node_id != ME.node_id
    assert found.metadata.cluster_id != ME.cluster_id


def test_etcd_starts_from_our_data_and_serves_it(ours, start_etcd):
    etcd = start_etcd(ours, "--force-new-cluster")
    for index in range(3, LAST + 1):
        assert etcd.value(f"/keys/{index}") == key_at(index).val
    answer = etcd.ask("PUT", "/keys/3", value="from etcd")
    assert answer.term > TERM
    assert answer.body["prevNode"]["value"] == key_at(3).val


def test_etcd_starts_from_a_log_that_lies_elsewhere(folder, start_etcd):
    data, wal = folder / "ours", folder / "fast"
    storage = create(RealFiles(), str(data), ME, SEGMENT_BYTES, wal_dir=str(wal))
    storage.write([bootstrap()], HardState(1, 0, 1))
    a_life(storage)
    etcd = start_etcd(data, "--force-new-cluster", f"--wal-dir={wal}")
    assert etcd.value(f"/keys/{LAST}") == key_at(LAST).val


def test_each_goes_on_where_the_other_ended_with_snapshots_of_both(ours, start_etcd):
    etcd = start_etcd(ours, "--force-new-cluster", "--snapshot-count=10")
    for number in range(30):
        answer = etcd.ask("PUT", "/theirs", value=f"{number}")
    etcd.kill()
    storage, stored = open_storage(RealFiles(), str(ours))
    assert stored.snapshot.index > SNAPSHOT
    index, term = answer.raft_index, answer.term
    store = restored(saved(stored.snapshot.state))
    store.set("/1/ours", "again")
    storage.write([], HardState(term, stored.hard_state.vote, index))
    storage.save_snapshot(Snapshot(index, term, stored.snapshot.configuration, store))
    storage.sync()
    storage.close()
    assert (ours / "member" / "snap" / "db.etcd").exists()
    etcd = start_etcd(ours)
    assert etcd.value("/ours") == "again"
    assert etcd.ask("PUT", "/theirs", value="more").term > term


def test_etcd_does_not_start_beside_a_member_of_ours_nor_ours_beside_etcd(ours):
    """It waits for the lock of `db`, and says nothing about it for ten seconds."""
    storage, _ = open_storage(RealFiles(), str(ours))
    etcd = Process(REAL, ours, "--force-new-cluster")
    try:
        time.sleep(2)
        assert "etcd Version" in etcd.said()
        assert "enabled capabilities" not in etcd.said()
        storage.close()
        etcd.wait_until_it_serves()
        assert "enabled capabilities" in etcd.said()
        with pytest.raises(Locked):
            open_storage(RealFiles(), str(ours))
    finally:
        etcd.kill()


def test_etcd_is_refused_by_the_lock_of_our_log(ours):
    held = RealFiles().open(str(sorted((ours / "member" / "wal").glob("*.wal"))[-1]))
    held.lock()
    etcd = Process(REAL, ours, "--force-new-cluster")
    try:
        etcd.exit_code()
        assert "file already locked" in etcd.said()
    finally:
        etcd.kill()
        held.close()
