"""What a real etcd wrote, and was killed while writing, is read by ours and goes on from there."""

import time
from http.client import HTTPException
from threading import Thread

import pytest

from learnetcd.disk import mapping, snapshots
from learnetcd.disk.directory import Directory, SnapshotName
from learnetcd.disk.real_files import RealFiles
from learnetcd.disk.record import RecordType, packed
from learnetcd.disk.recovery import recover
from learnetcd.disk.storage import open_storage
from learnetcd.raft.entry import Entry, HardState
from learnetcd.store.saved import saved
from learnetcd.wire import raftpb
from learnetcd.wire.etcdserverpb import Request
from tests.disk.test_vectors import MESSAGES

MANY = 60


@pytest.fixture
def killed(folder, start_etcd):
    """A data directory, and the writes that were acknowledged before the end."""
    etcd = start_etcd(folder / "theirs", "--snapshot-count=10")
    acknowledged = []
    etcd.put("/gone", "soon")
    etcd.ask("DELETE", "/gone")
    etcd.put("/mortal", "", ttl="1000")

    def write():
        number = 0
        while True:
            try:
                answer = etcd.ask("PUT", f"/keys/{number}", value=f"value {number}")
            except (OSError, HTTPException):
                return  # it is dead
            assert answer.body["action"] == "set"
            acknowledged.append((f"value {number}", answer))
            number += 1

    writer = Thread(target=write)
    writer.start()
    snapshots = etcd.data / "member" / "snap"
    # etcd saves snapshots on the side: on a slow disk they come late, even in another order.
    while len(acknowledged) < MANY or len(list(snapshots.glob("*.snap"))) < 3:
        assert writer.is_alive(), "etcd ended by itself"
        time.sleep(0.001)
    etcd.kill()
    writer.join()
    return etcd.data, acknowledged


def test_a_killed_etcd_left_what_it_had_acknowledged(killed):
    data, acknowledged = killed
    found = recover(RealFiles(), Directory(str(data)))
    stored = found.stored
    places = entries_by_value(found)
    for value, answer in acknowledged:
        assert places[value].term == answer.term
        assert places[value].index <= answer.raft_index
    assert stored.hard_state.term == acknowledged[-1][1].term
    assert stored.hard_state.vote == found.metadata.node_id
    last = places[acknowledged[-1][0]].index
    # etcd writes a commit index down when it writes the next entry.
    assert last - 1 <= stored.hard_state.commit_index <= found.last_written
    assert [entry.index for entry in stored.entries] == list(
        range(stored.snapshot.index + 1, found.last_written + 1)
    )


def test_a_snapshot_of_etcd_is_found_and_is_the_store_at_its_index(killed):
    data, acknowledged = killed
    found = recover(RealFiles(), Directory(str(data)))
    snapshot = found.stored.snapshot
    assert 0 < snapshot.index <= found.stored.hard_state.commit_index
    assert snapshot.configuration.voters == (found.metadata.node_id,)
    assert found.broken == ()
    store = snapshot.state
    name = SnapshotName(snapshot.term, snapshot.index)
    theirs = snapshots.read(RealFiles(), Directory(str(data)), name)
    assert saved(store) == theirs.data
    values = {node.value for node in store.nodes()}
    places = entries_by_value(found)
    for value, _ in acknowledged:
        assert (value in values) == (places[value].index <= snapshot.index)


def test_every_record_of_etcd_is_written_the_same_by_ours(killed):
    data, _ = killed
    found = recover(RealFiles(), Directory(str(data)))
    (segment,) = found.scan.segments
    written = b"".join(packed(placed.at.record) for placed in found.scan.records)
    assert (data / "member" / "wal" / str(segment)).read_bytes().startswith(written)
    assert len(written) == found.scan.end
    for placed in found.scan.records:
        if placed.type != RecordType.CRC:
            message = MESSAGES[placed.type.name.lower()]
            assert message.decode(placed.data).encode() == placed.data
    for entry in entries_of(found):
        assert mapping.to_entry(mapping.from_entry(entry)) == entry
        if entry.type == raftpb.EntryType.NORMAL and entry.data:
            assert Request.decode(entry.data).encode() == entry.data


def test_etcd_goes_on_with_what_ours_wrote_behind_its_own_entries(killed, start_etcd):
    data, acknowledged = killed
    storage, stored = open_storage(RealFiles(), str(data))
    term = stored.hard_state.term + 1
    index = storage.wal.last_written + 1
    ours = Request(1, "PUT", "/1/ours", "written between two lives")
    entries = [Entry(index, term), Entry(index + 1, term, ours.encode())]
    storage.write(entries, HardState(term, storage.metadata.node_id, index + 1))
    storage.sync()
    storage.close()
    etcd = start_etcd(data)
    assert etcd.value("/ours") == "written between two lives"
    value, _ = acknowledged[-1]
    assert etcd.value(f"/keys/{value.removeprefix('value ')}") == value
    assert etcd.ask("PUT", "/theirs", value="again").term > term


def entries_by_value(found):
    return {
        Request.decode(entry.data).val: entry
        for entry in entries_of(found)
        if entry.type == raftpb.EntryType.NORMAL and entry.data
    }


def entries_of(found):
    return [
        raftpb.Entry.decode(placed.data)
        for placed in found.scan.records
        if placed.type == RecordType.ENTRY
    ]
