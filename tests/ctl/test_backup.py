"""Backup and restore of a data directory of ours; `tests/oracle` shows them to the real etcd."""

import shutil

import pytest

from learnetcd.ctl.restore import applied
from learnetcd.disk.directory import Directory
from learnetcd.disk.real_files import RealFiles
from learnetcd.disk.recovery import recover
from learnetcd.disk.storage import create, open_storage
from learnetcd.member import bootstrap, cluster, identity
from learnetcd.member.cluster import ClusterMember
from learnetcd.raft.configuration import Configuration
from learnetcd.raft.entry import Entry, HardState, Snapshot
from learnetcd.store.tree import find, node_of
from learnetcd.wire.etcdserverpb import Metadata, Request
from tests.ctl.running import run
from tests.processes import OURS, Process

ME = ClusterMember(identity.member_id(["http://a:1"], "t"), "a", ("http://a:1",))
NAMED = '{"name":"a","clientURLs":["http://a:2"]}'
TERM = 2


@pytest.fixture
def folder(tmp_path):
    yield tmp_path
    shutil.rmtree(tmp_path)  # each log is a file of 64 MB


@pytest.fixture
def data(folder):
    """A member of one that has three keys, and a fourth that is not committed."""
    path = folder / "data"
    storage = create(RealFiles(), str(path), Metadata(ME.id, 77))
    requests = [
        Request(1, "PUT", f"/0/members/{ME.id:x}/attributes", NAMED),
        Request(2, "PUT", "/0/version", "3.4.0"),
        *(Request(3 + number, "PUT", f"/1/{number}", f"value {number}") for number in range(4)),
    ]
    begun = Entry(2, TERM)
    entries = [Entry(index, TERM, one.encode()) for index, one in enumerate(requests, 3)]
    committed = entries[-1].index - 1
    storage.write(
        [*bootstrap.first_entries([ME]), begun, *entries], HardState(TERM, ME.id, committed)
    )
    storage.sync()
    storage.close()
    return path


@pytest.fixture
def data_with_snapshot(data):
    """The same after a snapshot of all that was committed, and one more key."""
    storage, stored = open_storage(RealFiles(), str(data))
    committed = stored.hard_state.commit_index
    members = Configuration((ME.id,))
    snapshot = Snapshot(committed, TERM, members, applied(stored))
    storage.save_snapshot(snapshot)
    last = committed + 2
    entry = Entry(last, TERM, Request(9, "PUT", "/1/4", "value 4").encode())
    storage.write([entry], HardState(TERM, ME.id, last))
    storage.sync()
    storage.close()
    return data


def test_a_backup_begins_with_the_newest_snapshot(data_with_snapshot, folder):
    before = read(data_with_snapshot).stored
    assert before.snapshot.index > 0
    target = folder / "backup"
    ended = run("backup", f"--data-dir={data_with_snapshot}", f"--backup-dir={target}")
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    found = read(target).stored
    assert found.snapshot.index == before.snapshot.index
    assert found.snapshot.state.digest() == before.snapshot.state.digest()
    assert (found.entries, found.hard_state) == (before.entries, before.hard_state)
    restored = run("restore", f"--backup-dir={target}", f"--data-dir={folder / 'new'}")
    assert restored.out.startswith("Restored 5 nodes")


def read(path):
    return recover(RealFiles(), Directory(str(path)))


def test_a_backup_is_of_nobody_and_has_no_gaps(data, folder):
    ended = run("backup", f"--data-dir={data}", f"--backup-dir={folder / 'backup'}")
    assert (ended.code, ended.out) == (0, "")
    assert [line.partition(" I | ")[2] for line in ended.err.splitlines()] == [
        "ignoring EntryConfChange raft entry",
        f"ignoring member attribute update on /0/members/{ME.id:x}/attributes",
    ]
    found = read(folder / "backup")
    assert [entry.index for entry in found.stored.entries] == list(range(1, 7))
    assert [Request.decode(entry.payload).path for entry in found.stored.entries[1:]] == [
        "/0/version",
        *(f"/1/{number}" for number in range(4)),
    ]
    assert found.stored.hard_state == HardState(TERM, ME.id, 5)
    assert found.metadata.node_id != ME.id


def test_the_log_may_lie_elsewhere(data, folder):
    wal, new_wal = folder / "wal", folder / "new-wal"
    (data / "member" / "wal").rename(wal)
    backup = folder / "backup"
    ended = run(
        *("backup", f"--data-dir={data}", f"--wal-dir={wal}"),
        *(f"--backup-dir={backup}", f"--backup-wal-dir={new_wal}"),
    )
    assert ended.code == 0
    assert list(new_wal.glob("*.wal"))
    assert not (backup / "member" / "wal").exists()


def test_what_is_restored_is_what_was_committed_under_new_members(data, folder):
    run("backup", f"--data-dir={data}", f"--backup-dir={folder / 'backup'}")
    for name in "xy":
        ended = run(
            *("restore", f"--backup-dir={folder / 'backup'}", f"--data-dir={folder / name}"),
            *("--name", name, "--initial-cluster", "x=http://x:1,y=http://y:1"),
        )
        assert (ended.code, ended.err) == (0, "")
        assert ended.out.startswith("Restored 3 nodes, as of entry 5 of the backup.\n")
    opened = [open_storage(RealFiles(), str(folder / name)) for name in "xy"]
    for storage, _ in opened:
        storage.close()
    (one, stored), (other, same) = opened
    ids = [identity.member_id([f"http://{name}:1"], "etcd-cluster") for name in "xy"]
    assert [one.metadata.node_id, other.metadata.node_id] == ids
    assert one.metadata.cluster_id == other.metadata.cluster_id == identity.cluster_id(ids)
    assert stored.snapshot.configuration.voters == tuple(sorted(ids))
    assert stored.snapshot.state.digest() == same.snapshot.state.digest()
    assert (stored.snapshot.index, stored.entries) == (5, ())
    store = stored.snapshot.state
    assert [node_of(find(store.root, f"/1/{number}")).value for number in range(3)] == [
        f"value {number}" for number in range(3)
    ]
    assert find(store.root, "/1/3") is None
    assert sorted(member.id for member in cluster.members(store)) == sorted(ids)
    assert cluster.removed(store) == frozenset()


def test_a_backup_goes_to_an_empty_place_only(data, folder):
    target = folder / "backup"
    words = ("backup", f"--data-dir={data}", f"--backup-dir={target}")
    assert run(*words).code == 0
    again = run(*words)
    assert again.code == 1
    assert f'expected "{target}/member/snap" to be empty, got ["db"]' in again.err
    assert read(target).stored.hard_state.commit_index == 5


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("backup", "--data-dir=nowhere"), "open nowhere/member/snap: no such file or directory"),
        (("backup", "--with-v3"), "learnetcd has no v3 store"),
        (("restore", "--backup-dir=nowhere"), "nowhere/member/wal: there is no file of a log"),
        (("restore", "--initial-cluster=x"), "--initial-cluster has 'x', where NAME=URL"),
        (("restore", "--initial-cluster=x=127.0.0.1:1"), "first path segment in URL"),
        (("restore", "--name=y", "--initial-cluster=x=http://x:1"), "names no member 'y'"),
    ],
)
def test_what_makes_no_sense_is_answered_in_a_sentence(words, sentence):
    ended = run(*words)
    assert ended.code in (1, 2)
    assert ended.out == ""
    assert sentence in ended.err
    assert len(ended.err.splitlines()) == 1


def test_a_damaged_log_is_no_source(data, folder):
    (segment,) = (data / "member" / "wal").glob("*.wal")
    whole = bytearray(segment.read_bytes()[:4096])
    place = whole.index(b"value 1")
    whole[place] ^= 0xFF
    segment.write_bytes(whole)
    ended = run("backup", f"--data-dir={data}", f"--backup-dir={folder / 'backup'}")
    assert ended.code == 1
    assert "checksum" in ended.err
    assert not (folder / "backup" / "member" / "wal").exists()


def test_a_member_is_never_restored_on_top_of_another(data, folder):
    ended = run("restore", f"--backup-dir={data}", f"--data-dir={data}")
    assert ended.code == 2
    assert "has the data of a member already" in ended.err


def test_a_server_of_ours_goes_on_where_the_backup_ends(data, folder):
    run("backup", f"--data-dir={data}", f"--backup-dir={folder / 'backup'}")
    run("restore", f"--backup-dir={folder / 'backup'}", f"--data-dir={folder / 'new'}")
    server = Process(OURS, folder / "new")
    try:
        server.wait_until_ready()
        assert [server.value(f"/{number}") for number in range(3)] == [
            f"value {number}" for number in range(3)
        ]
        assert run("--endpoints", server.url, "set", "/after", "v") == (0, "v\n", "")
    finally:
        server.end()
