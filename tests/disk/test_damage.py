"""What is damaged is refused, what a crash tore is repaired, and nothing is lost in silence."""

from dataclasses import replace

import pytest

from learnetcd.checking.ledger import is_same
from learnetcd.disk import directory as names
from learnetcd.disk import storage
from learnetcd.disk.directory import Directory
from learnetcd.disk.errors import DataRefused
from learnetcd.disk.memory_files import MemoryFiles
from learnetcd.disk.recovery import is_new, recover
from learnetcd.disk.scan import scan
from learnetcd.disk.wal import create_wal
from learnetcd.raft.entry import HardState
from learnetcd.wire import crc32c, raftpb, snappb
from tests.disk.workload import ME, MEMBERS, ROOT, SEGMENT_BYTES, Play, add, snapshot_at, text

WAL = f"{ROOT}/member/wal"
FIRST = f"{WAL}/{0:016x}-{0:016x}.wal"


def small_log(play):
    """Three batches, less than a sector, with an acknowledged write in each."""
    play.create()
    play.write(add(1, 1), state=HardState(1, 0, 1))
    play.sync()
    play.write(text(2, 2), state=HardState(2, 1, 1))
    play.sync()
    play.write(text(3, 2), text(4, 2), state=HardState(2, 1, 3))
    play.sync()
    play.storage.close()


def longer_log(play):
    """Five batches of several sectors each."""
    play.create()
    for index in range(1, 11, 2):
        play.write(text(index, 1, 700), text(index + 1, 1, 900), state=HardState(1, 0, index))
        play.sync()
    play.storage.close()


def many_files(play):
    play.create()
    for index in range(1, 14):
        play.write(text(index, 1, 900), state=HardState(1, 0, index - 1))
        play.sync()
        if index in (5, 9):
            play.save(index - 1, 1)
    play.storage.close()


def played(workload, segment_bytes=2048):
    play = Play(MemoryFiles(), segment_bytes)
    workload(play)
    return play


def replaced(files, path, data):
    """Other files, in which one has another content."""
    changed = files.after_power_cut(lambda: True)
    file = changed.open(path, create=True)
    file.truncate(0)
    file.write(0, data)
    return changed


def opened(files, segment_bytes=2048):
    return storage.open_storage(files, ROOT, segment_bytes)[1]


# --- flips --------------------------------------------------------------------------------------


@pytest.mark.parametrize("bits", [0x01, 0x80, 0xFF])
def test_no_flipped_byte_goes_unnoticed(bits):
    play = played(small_log)
    data = play.files.read(FIRST)
    end = scan(play.files, Directory(ROOT)).end
    for at in range(end):
        flipped = data[:at] + bytes([data[at] ^ bits]) + data[at + 1 :]
        with pytest.raises(DataRefused) as refusal:
            opened(replaced(play.files, FIRST, flipped))
        assert FIRST in str(refusal.value)
        assert refusal.value.offset is None or refusal.value.offset <= end


def test_every_single_bit_of_the_last_batch_matters():
    """Where etcd would take a longer length for a torn record, and cut the log there."""
    play = played(small_log)
    data = play.files.read(FIRST)
    found = scan(play.files, Directory(ROOT))
    for at in range(found.records[-3].at.offset, found.end):
        for bit in range(8):
            flipped = data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]
            with pytest.raises(DataRefused):
                opened(replaced(play.files, FIRST, flipped))


def test_a_flip_leaves_the_files_as_they_were():
    play = played(small_log)
    data = bytearray(play.files.read(FIRST))
    data[200] ^= 4
    files = replaced(play.files, FIRST, bytes(data))
    calls = len(files.calls)
    with pytest.raises(DataRefused):
        opened(files)
    assert len(files.calls) == calls


def test_a_flip_in_the_zeros_behind_is_refused_or_wiped_out():
    play = played(small_log)
    data = play.files.read(FIRST)
    end = scan(play.files, Directory(ROOT)).end
    for at in [*range(end, end + 16), *range(508, 516)]:
        files = replaced(play.files, FIRST, data[:at] + b"\x21" + data[at + 1 :])
        try:
            stored = opened(files)
        except DataRefused:
            assert at < 512, "a sector is written as a whole, so its beginning was there"
        else:
            assert is_same(stored, play.ledger.last.stored())
            assert not any(files.read(FIRST)[end:])


# --- files that end early -----------------------------------------------------------------------


def test_a_log_that_is_cut_short_anywhere_keeps_its_whole_records():
    """etcd #5230, #6378: a record that a crash cut off must not keep a member from starting."""
    play = played(small_log)
    data = play.files.read(FIRST)
    records = scan(play.files, Directory(ROOT)).records
    for size in range(len(data)):
        files = replaced(play.files, FIRST, data[:size])
        whole = sum(placed.at.end <= size for placed in records)
        if whole < 2:  # the head is synced before the file has its name
            with pytest.raises(DataRefused):
                opened(files)
            continue
        assert is_same(opened(files), play.ledger.moments[max(whole - 3, 0)].stored())
        is_torn = any(size > placed.at.offset for placed in records if placed.at.end > size)
        remains = any(data[records[whole - 1].at.end : size])
        assert files.exists(f"{FIRST}.broken") == (is_torn and remains)


def test_a_repaired_log_goes_on_where_it_was_torn():
    """Without wiping, remains of the torn record would follow the new one (wal/wal.go)."""
    play = played(longer_log, 64_000)
    end = scan(play.files, Directory(ROOT)).records[-2].at.offset
    data = play.files.read(FIRST)
    files = replaced(play.files, FIRST, data[: end + 600])
    opened_storage, stored = storage.open_storage(files, ROOT, 64_000)
    assert [entry.index for entry in stored.entries][-1] == 9
    opened_storage.write([text(10, 2, 10)], HardState(2, 2, 9))
    opened_storage.sync()
    opened_storage.close()
    assert opened(files, 64_000).entries[-1] == text(10, 2, 10)


# --- holes --------------------------------------------------------------------------------------


def hole(data, start, end):
    return data[:start] + bytes(end - start) + data[end:]


def test_a_hole_with_two_batches_behind_it_is_refused():
    """etcd cuts the log there, and what it acknowledged later is gone (A11 of our notes on it)."""
    play = played(longer_log, 64_000)
    data = play.files.read(FIRST)
    end = scan(play.files, Directory(ROOT)).end
    whole = play.ledger.last.stored()
    refused = 0
    for sector in range(0, end, 512):
        try:
            stored = opened(replaced(play.files, FIRST, hole(data, sector, sector + 512)), 64_000)
        except DataRefused:
            refused += 1
        else:
            assert sector > end - 2 * 1700, "only a hole in the last two batches looks like a crash"
            assert stored.entries == whole.entries[: len(stored.entries)]
    assert refused >= 6


def test_a_hole_in_the_last_batch_is_what_a_crash_leaves():
    play = played(longer_log, 64_000)
    data = play.files.read(FIRST)
    last_entry = scan(play.files, Directory(ROOT)).records[-2].at
    sector = (last_entry.offset // 512 + 1) * 512
    files = replaced(play.files, FIRST, hole(data, sector, sector + 512))
    assert [entry.index for entry in opened(files, 64_000).entries][-1] == 9
    assert files.read(f"{FIRST}.broken") == hole(data, sector, sector + 512)


def test_a_hole_in_a_file_that_is_not_the_last_is_refused():
    play = played(many_files)
    data = play.files.read(FIRST)
    with pytest.raises(DataRefused):
        opened(replaced(play.files, FIRST, hole(data, 512, 1024)))


# --- files that are missing ---------------------------------------------------------------------


def without(files, *paths):
    left = files.after_power_cut(lambda: True)
    for path in paths:
        left.remove(path)
    return left


def test_a_missing_file_is_noticed_wherever_it_was():
    play = played(many_files)
    found = names.segments(play.files, Directory(ROOT))
    snaps = [f"{ROOT}/member/snap/{name}" for name in names.snapshots(play.files, Directory(ROOT))]
    assert len(found) > 4
    for place, segment in enumerate(found):
        left = without(play.files, f"{WAL}/{segment}", *snaps)
        with pytest.raises(DataRefused):
            opened(left)
        if 0 < place < len(found) - 1:
            with pytest.raises(DataRefused, match="missing"):
                opened(left)


def test_a_missing_last_file_is_refused_with_a_way_out():
    """etcd starts with older data, and says nothing."""
    play = played(many_files)
    *_, before, last = names.segments(play.files, Directory(ROOT))
    left = without(play.files, f"{WAL}/{last}")
    with pytest.raises(DataRefused, match=r"the one after it \(.*\) is missing"):
        opened(left)
    file = left.open(f"{WAL}/{before}")
    file.truncate(file.size() + 8)  # what the refusal says
    assert opened(left).entries[-1].index < 13


def test_files_that_a_snapshot_stands_for_may_be_missing():
    play = played(many_files)
    first, *_ = names.segments(play.files, Directory(ROOT))
    left = without(play.files, f"{WAL}/{first}")
    assert is_same(opened(left), play.ledger.last.stored())


def test_a_log_that_is_gone_is_not_a_new_member():
    """etcd founds a new, empty cluster over the old snapshots."""
    play = played(many_files)
    paths = [f"{WAL}/{name}" for name in play.files.names(WAL)]
    left = without(play.files, *paths)
    with pytest.raises(DataRefused, match="an empty wal/"):
        is_new(left, Directory(ROOT))
    left.remove_folder(WAL)
    with pytest.raises(DataRefused, match="a snapshot"):
        is_new(left, Directory(ROOT))


def test_a_forgotten_wal_dir_is_not_a_new_member():
    """etcd founds a new, empty cluster in `member/wal`, and the log lies where it lay."""
    files = MemoryFiles()
    storage.create(files, ROOT, ME, wal_dir="fast").close()
    with pytest.raises(DataRefused, match=r"there is a db, and no file of a log.*--wal-dir"):
        is_new(files, Directory(ROOT))
    assert not is_new(files, Directory(ROOT, "fast"))


def test_a_wal_dir_that_somebody_made_is_as_good_as_none():
    files = MemoryFiles()
    files.make_folder("fast", 0o700)
    assert is_new(files, Directory(ROOT, "fast"))
    storage.create(files, ROOT, ME, wal_dir="fast").close()
    assert not is_new(files, Directory(ROOT, "fast"))


def test_a_snapshot_file_with_something_else_in_it_is_refused():
    """Its checksum is right: so it is no damage, and nothing of which an older one could help."""
    play = played(many_files)
    _, newest = names.snapshots(play.files, Directory(ROOT))
    path = f"{ROOT}/member/snap/{newest}"
    content = raftpb.Snapshot.decode(snappb.Snapshot.decode(play.files.read(path)).data)
    data = replace(content, data=b'{"CurrentVersion":3}').encode()
    other = snappb.Snapshot(crc32c.extend(0, data), data).encode()
    with pytest.raises(DataRefused, match="version 3 where 2 was expected"):
        opened(replaced(play.files, path, other))


def test_a_directory_in_which_a_first_start_was_cut_off_is_new():
    files = MemoryFiles()
    for folder in (ROOT, f"{ROOT}/member", f"{ROOT}/member/snap", f"{WAL}.tmp"):
        files.make_folder(folder, 0o700)
    files.open(f"{WAL}.tmp/{0:016x}-{0:016x}.wal", create=True)
    assert is_new(files, Directory(ROOT))
    storage.create(files, ROOT, ME)
    assert not files.exists(f"{WAL}.tmp")


# --- snapshot files -----------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["empty", "flipped", "cut short", "of another name"])
def test_a_broken_snapshot_is_set_aside_and_an_older_one_used(damage):
    play = played(many_files)
    older, newest = names.snapshots(play.files, Directory(ROOT))
    path = f"{ROOT}/member/snap/{newest}"
    data = play.files.read(path)
    files = replaced(
        play.files,
        path,
        {
            "empty": b"",
            "flipped": data[:50] + b"?" + data[51:],
            "cut short": data[:-1],
            "of another name": play.files.read(f"{ROOT}/member/snap/{older}"),
        }[damage],
    )
    stored = opened(files)
    assert stored.snapshot.state.digest() == snapshot_at(older.index, older.term).state.digest()
    assert [entry.index for entry in stored.entries] == list(range(older.index + 1, 14))
    assert files.exists(f"{path}.broken")
    assert not files.exists(path)


def test_no_log_is_let_go_for_a_snapshot_that_can_not_be_read():
    play = played(many_files)
    older, newest = names.snapshots(play.files, Directory(ROOT))
    files = replaced(play.files, f"{ROOT}/member/snap/{newest}", b"")
    opened_storage, _ = storage.open_storage(files, ROOT, 2048)
    assert opened_storage.newest_snapshot == older
    opened_storage.purge(1, 1)
    opened_storage.close()
    assert opened(files).snapshot.index == older.index


def test_a_snapshot_without_a_marker_is_passed_over():
    play = played(small_log)
    other = played(many_files)
    (name, _) = names.snapshots(other.files, Directory(ROOT))
    path = f"{ROOT}/member/snap/{name}"
    files = replaced(play.files, path, other.files.read(path))
    assert is_same(opened(files), play.ledger.last.stored())
    assert files.exists(path)


# --- records that no member writes --------------------------------------------------------------


def entry(index, term):
    return raftpb.Entry(term=term, index=index)


def written_by_nobody(batches):
    """A log with right checksums."""
    files = MemoryFiles()
    for folder in (ROOT, f"{ROOT}/member"):
        files.make_folder(folder, 0o700)
    wal = create_wal(files, Directory(ROOT), ME, SEGMENT_BYTES)
    for entries, state in batches:
        wal.append([entry(*pair) for pair in entries], state and raftpb.HardState(*state))
        wal.sync()
    wal.close()
    return files


@pytest.mark.parametrize(
    ("batches", "sentence"),
    [
        ([([(1, 1), (3, 1)], None)], "entry 3@1 follows a log that ends at 1"),
        ([([(2, 1)], None)], "entry 2@1 follows a log that ends at 0"),
        ([([(1, 2), (2, 1)], None)], "entry 2@1 follows one of term 2"),
        ([([(1, 0)], None)], "entry 1@0 is of no term"),
        ([([(1, 1)], (2, 0, 1)), ([(1, 2)], None)], "up to 1 all is committed"),
        ([([(1, 1)], (2, 0, 1)), ([], (1, 0, 1))], "term 1 follows term 2"),
        ([([(1, 1)], (2, 0, 1)), ([], (2, 0, 0))], "commit index 0 follows 1"),
        ([([], (2, 1, 0)), ([], (2, 3, 0))], "a vote for 3 follows one for 1"),
        ([([(1, 1)], (1, 0, 2))], "2 is recorded as committed, but the log ends at 1"),
    ],
)
def test_what_can_not_be_a_history_is_refused(batches, sentence):
    with pytest.raises(DataRefused, match=sentence):
        recover(written_by_nobody(batches), Directory(ROOT))


def test_a_file_of_another_member_is_refused():
    play = played(many_files)
    other = Play(MemoryFiles())
    other.storage = storage.create(
        other.files, ROOT, type(ME)(ME.node_id + 1, ME.cluster_id), other.segment_bytes
    )
    data = other.files.read(FIRST)
    with pytest.raises(DataRefused):
        opened(replaced(play.files, FIRST, data))
    assert MEMBERS.voters == (1, 2, 3)


@pytest.mark.parametrize("at", [0, 1, 65_535, 65_536, 131_071, 199_999])
def test_what_is_behind_the_log_is_seen_wherever_it_is(at):
    play = Play(MemoryFiles(), 200_000)
    small_log(play)
    data = play.files.read(FIRST)
    end = scan(play.files, Directory(ROOT)).end
    at = max(at, (end // 512 + 1) * 512)
    files = replaced(play.files, FIRST, data[:at] + b"\x21" + data[at + 1 :])
    assert scan(files, Directory(ROOT)).remains == at + 1 - end
