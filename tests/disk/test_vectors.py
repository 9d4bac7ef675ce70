"""Data directories that etcd wrote."""

import json
from pathlib import Path

import pytest

from learnetcd.disk.directory import Directory
from learnetcd.disk.real_files import RealFiles
from learnetcd.disk.record import packed, unpacked
from learnetcd.disk.recovery import recover
from learnetcd.disk.scan import scan
from learnetcd.wire import etcdserverpb, raftpb, walpb

VECTORS = Path(__file__).parent.parent / "vectors"
HOMES = [VECTORS / "single", VECTORS / "cluster" / "a", VECTORS / "cluster" / "c"]
MESSAGES = {
    "metadata": etcdserverpb.Metadata,
    "entry": raftpb.Entry,
    "state": raftpb.HardState,
    "snapshot": walpb.Snapshot,
}


@pytest.fixture(params=HOMES, ids=lambda home: home.name)
def home(request):
    return request.param


def meant_by(home):
    return json.loads((home / "wal.json").read_text(encoding="utf-8"))


def test_every_record_is_found_where_it_is(home):
    found = scan(RealFiles(), Directory(str(home)))
    meant = meant_by(home)
    assert len(found.records) == len(meant["records"])
    for placed, record in zip(found.records, meant["records"], strict=True):
        assert str(placed.segment) == record["segment"]
        assert placed.at.offset == record["offset"]
        assert placed.type.name.lower() == record["type"]
        assert f"{placed.at.record.crc:08x}" == record["crc"]
        if "entry" in record:
            entry = raftpb.Entry.decode(placed.data)
            assert (entry.index, entry.term) == (record["entry"]["index"], record["entry"]["term"])
    assert f"{found.running:08x}" == meant["final_crc"]
    assert found.end == meant["end_offset"][str(found.segments[-1])]
    assert (found.torn, found.remains) == ("", 0)


def test_every_record_is_written_the_same(home):
    found = scan(RealFiles(), Directory(str(home)))
    for segment in found.segments:
        data = (home / "member" / "wal" / str(segment)).read_bytes()
        records = [placed for placed in found.records if placed.segment == segment]
        for placed in records:
            if placed.type.name.lower() in MESSAGES:
                message = MESSAGES[placed.type.name.lower()]
                assert message.decode(placed.data).encode() == placed.data
        written = b"".join(packed(placed.at.record) for placed in records)
        assert written == data[: len(written)]
        assert not any(data[len(written) :])


def test_a_restart_ends_with_the_same_log(home):
    found = recover(RealFiles(), Directory(str(home)))
    meant = meant_by(home)["effective"]
    stored = found.stored
    assert [stored.snapshot.index, stored.snapshot.term] == [
        meant["last_wal_snapshot"]["index"],
        meant["last_wal_snapshot"]["term"],
    ]
    log = [[entry.index, entry.term] for entry in stored.entries]
    assert log == [pair for pair in meant["log"] if pair[0] > stored.snapshot.index]
    assert stored.hard_state.commit_index == meant["last_hard_state"]["commit"]
    assert f"{stored.hard_state.vote:x}" == meant["last_hard_state"]["vote"]
    assert f"{found.metadata.cluster_id:x}" == meant["metadata"]["cluster_id"]
    assert found.broken == ()


def test_the_worked_example_of_the_page():
    data = (HOMES[0] / "member" / "wal" / f"{0:016x}-{0:016x}.wal").read_bytes()
    assert data[:0x18].hex(" ").startswith("04 00 00 00 00 00 00 84 08 04 10 00 00 00 00 00 1f")
    first = unpacked(data, 0)
    assert first.record == walpb.Record(4, 0)
    second = unpacked(data, first.end)
    assert (second.record.type, second.record.crc) == (1, 0xDE80CDE4)
