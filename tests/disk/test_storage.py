"""Whatever was written is read; on the disk of this machine as in memory."""

import os
import stat
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnetcd.checking.ledger import is_same
from learnetcd.disk import storage
from learnetcd.disk.directory import Directory
from learnetcd.disk.errors import DataRefused, Locked
from learnetcd.disk.memory_files import MemoryFiles
from learnetcd.disk.real_files import RealFiles
from learnetcd.disk.scan import scan
from learnetcd.disk.window import last_window, may_be_one_window
from learnetcd.raft.entry import Entry, HardState
from tests.disk.workload import ME, ROOT, SEGMENT_BYTES, Play, life_of_a_member, text

# --- anything that is written -------------------------------------------------------------------

BATCHES = st.lists(
    st.tuples(
        st.integers(0, 2),  # entries to cut off before
        st.lists(st.binary(max_size=600), max_size=3),
        st.booleans(),  # a newer term?
        st.booleans(),  # commit what is there?
        st.booleans(),  # sync?
    ),
    max_size=12,
)


@given(BATCHES)
@settings(max_examples=60)
def test_what_is_written_is_read(batches):
    play = Play(MemoryFiles())
    play.create()
    state, length = HardState(), 0
    for cut, payloads, newer, commits, syncs in batches:
        first = max(length + 1 - cut, state.commit_index + 1)
        term = state.term + (newer or first <= length or not state.term)
        entries = [Entry(index, term, data) for index, data in enumerate(payloads, first)]
        length = entries[-1].index if entries else length
        state = HardState(term, 0, length if commits else state.commit_index)
        play.write(*entries, state=state)
        if syncs:
            play.sync()
    play.sync()
    play.storage.close()
    opened, stored = storage.open_storage(play.files, ROOT, SEGMENT_BYTES)
    assert is_same(stored, play.ledger.last.stored())
    assert opened.metadata == ME


@given(st.text("1235", max_size=8), st.data())
def test_what_is_left_of_a_window_looks_like_one(digits, data):
    """So holes can be anywhere in it."""
    kinds = [int(digit) for digit in digits]
    if may_be_one_window(kinds):
        left = [kind for kind in kinds if data.draw(st.booleans())]
        assert may_be_one_window(left)


@given(st.text("1235", max_size=12))
def test_the_last_window_is_the_longest_end_that_may_be_one(digits):
    kinds = [int(digit) for digit in digits]
    size = last_window(kinds)
    assert may_be_one_window(kinds[len(kinds) - size :])
    assert size == len(kinds) or not may_be_one_window(kinds[len(kinds) - size - 1 :])


def test_an_entry_behind_the_state_of_another_is_of_another_window():
    assert may_be_one_window([3, 3, 2, 2, 3])
    assert not may_be_one_window([2, 3, 2])
    assert not may_be_one_window([5, 3])
    assert not may_be_one_window([1])


# --- a real disk --------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path / ROOT / "member"


def content(files):
    member = f"{ROOT}/member"
    return {
        f"{folder}/{name}": files.read(f"{member}/{folder}/{name}")
        for folder in ("wal", "snap")
        for name in files.names(f"{member}/{folder}")
    }


def test_the_disk_of_this_machine_and_the_one_in_memory_hold_the_same(home):
    real, memory = Play(RealFiles()), Play(MemoryFiles())
    for play in (real, memory):
        life_of_a_member(play)
        play.storage.close()
    assert content(RealFiles()) == content(memory.files)
    opened, stored = storage.open_storage(RealFiles(), ROOT, SEGMENT_BYTES)
    opened.close()
    assert is_same(stored, real.ledger.last.stored())


def test_a_torn_record_on_a_real_disk_is_repaired_and_kept_aside(home):
    play = Play(RealFiles(), 64_000)
    play.create()
    play.write(text(1, 1), state=HardState(1, 0, 1))
    play.sync()
    end = scan(RealFiles(), Directory(ROOT)).end
    play.write(text(2, 1, 3000))
    play.sync()
    play.storage.close()
    (path,) = (home / "wal").iterdir()
    data = path.read_bytes()
    path.write_bytes(data[: end + 1000])
    opened, stored = storage.open_storage(RealFiles(), ROOT, 64_000)
    assert stored.entries == (text(1, 1),)
    assert path.with_name(f"{path.name}.broken").read_bytes() == data[: end + 1000]
    assert path.read_bytes() == data[:end] + bytes(1000)
    opened.close()


def test_permissions_are_those_of_etcd(home):
    play = Play(RealFiles())
    life_of_a_member(play)
    play.storage.close()
    assert mode(home) == mode(home / "wal") == mode(home / "snap") == "drwx------"
    assert {mode(path) for path in (home / "wal").iterdir()} == {"-rw-------"}
    modes = {path.name: mode(path) for path in (home / "snap").iterdir()}
    assert modes.pop("db") == "-rw-------"
    assert set(modes.values()) == {"-rw-r--r--"}


def mode(path: Path):
    return stat.filemode(path.stat().st_mode)


def test_a_directory_in_use_is_refused(home):
    play = Play(RealFiles())
    play.create()
    with pytest.raises(Locked, match="is in use"):
        storage.open_storage(RealFiles(), ROOT)
    play.storage.close()
    opened, _ = storage.open_storage(RealFiles(), ROOT, SEGMENT_BYTES)
    opened.close()


@pytest.mark.outside
def test_a_directory_in_use_by_another_process_is_refused(home):
    """As long as it has either of the two files that etcd locks, in etcd's way."""
    play = Play(RealFiles())
    play.create()
    play.storage.close()
    (wal,) = (home / "wal").iterdir()
    for path, lock in ((wal, "lock"), (home / "snap" / "db", "flock")):
        with held_by_another_process(path, lock), pytest.raises(Locked, match=str(path.name)):
            storage.open_storage(RealFiles(), ROOT, SEGMENT_BYTES)
    opened, _ = storage.open_storage(RealFiles(), ROOT, SEGMENT_BYTES)
    opened.close()


@contextmanager
def held_by_another_process(path, lock):
    code = (
        "import sys\n"
        "from learnetcd.disk.real_files import RealFiles\n"
        f"RealFiles().open({str(path)!r}).{lock}()\n"
        "print('locked', flush=True)\n"
        "sys.stdin.read()\n"
    )
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", code]
    environment = {**os.environ, "PYTHONPATH": str(Path(storage.__file__).parents[2])}
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment) as process:
        assert process.stdout.readline() == b"locked\n"
        yield
        process.stdin.close()


@pytest.mark.outside
def test_a_data_directory_that_is_being_made_is_refused(home):
    """Somebody else holds its `db`, and has no log yet."""
    (home / "snap").mkdir(parents=True)
    (home / "snap" / "db").touch()
    with held_by_another_process(home / "snap" / "db", "flock"), pytest.raises(Locked):
        storage.create(RealFiles(), ROOT, ME)


def test_the_log_may_lie_in_another_folder(home, tmp_path):
    fast = tmp_path / "a" / "b" / "fast"
    opened = storage.create(RealFiles(), ROOT, ME, SEGMENT_BYTES, wal_dir=str(fast))
    opened.write([text(1, 1, 3000)], HardState(1, 0, 1))
    opened.sync()
    opened.close()
    assert {mode(folder) for folder in (fast, fast.parent, home)} == {"drwx------"}
    assert [path.name for path in sorted(fast.iterdir())] == [
        "0000000000000000-0000000000000000.wal",
        "0000000000000001-0000000000000002.wal",
    ]
    assert [path.name for path in home.iterdir()] == ["snap"]
    again, stored = storage.open_storage(RealFiles(), ROOT, SEGMENT_BYTES, wal_dir=f"{fast}/")
    again.close()
    assert stored.entries == (text(1, 1, 3000),)


def test_a_refused_directory_is_not_left_locked(home):
    play = Play(RealFiles())
    play.create()
    play.storage.close()
    (path,) = (home / "wal").iterdir()
    path.write_bytes(b"?" + path.read_bytes()[1:])
    for _ in range(2):
        with pytest.raises(DataRefused):
            storage.open_storage(RealFiles(), ROOT)


def test_a_file_of_the_log_has_its_full_length_from_the_start(home):
    storage.create(RealFiles(), ROOT, ME).close()
    (path,) = (home / "wal").iterdir()
    assert path.name == "0000000000000000-0000000000000000.wal"
    assert path.stat().st_size == 64_000_000


def test_zero_means_that_nothing_is_ever_deleted(home):
    play = Play(RealFiles())
    play.create()
    for index in range(1, 8):
        play.write(text(index, 1, 2000), state=HardState(1, 0, index))
        play.sync()
        play.save(index, 1)
    before = sorted(home.rglob("*"))
    play.purge(0, 0)
    assert sorted(home.rglob("*")) == before
    play.purge(3, 2)
    assert len(list((home / "wal").glob("*.wal"))) == 3
    assert len(list((home / "snap").glob("*.snap"))) == 2
    play.storage.close()


def test_the_names_of_files_say_their_number_and_first_entry(home):
    play = Play(RealFiles())
    play.create()
    play.write(text(1, 1, 1500), text(2, 1, 1500), state=HardState(1, 0, 2))
    play.sync()
    play.storage.close()
    assert sorted(path.name for path in (home / "wal").iterdir()) == [
        "0000000000000000-0000000000000000.wal",
        "0000000000000001-0000000000000003.wal",
    ]
