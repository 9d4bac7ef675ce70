"""The file that etcd wants: read as bbolt reads it, never behind, never half written."""

import json
import struct
from pathlib import Path

import pytest

from learnetcd.disk.backend import PAGE_BYTES, Backend, database, index_of, is_written
from learnetcd.disk.directory import Directory
from learnetcd.disk.errors import Locked
from learnetcd.disk.memory_files import Fault, MemoryFiles, PowerFailed
from tests.disk.workload import ROOT

SINGLE = Path(__file__).parent.parent / "vectors" / "single"
DB = f"{ROOT}/member/snap/db"


def buckets(data):
    """What a bbolt file with one page for its root holds; the way there is written in the page."""
    metas = [struct.unpack_from("<16xIIIIQQQQQ", data, at) for at in (0, PAGE_BYTES)]
    newest = max(metas, key=lambda meta: meta[8])
    assert newest[:3] == (0xED0CDAED, 2, PAGE_BYTES)
    assert newest[7] * PAGE_BYTES <= len(data), "pages are missing"
    found = {}
    for name, value in leaf(data, newest[4] * PAGE_BYTES):
        (page,) = struct.unpack_from("<Q", value)
        found[name] = dict(leaf(data, page * PAGE_BYTES) if page else leaf(value, 16))
    return found


def leaf(data, page):
    kind, count = struct.unpack_from("<HH", data, page + 8)
    assert kind == 2
    for number in range(count):
        element = page + 16 + 16 * number
        _, position, key_size, value_size = struct.unpack_from("<IIII", data, element)
        key_at = element + position
        value_at = key_at + key_size
        yield data[key_at:value_at], data[value_at : value_at + value_size]


def test_the_reader_of_this_test_reads_what_etcd_wrote():
    meant = json.loads((SINGLE / "db.json").read_text(encoding="utf-8"))["buckets"]
    found = buckets((SINGLE / "member" / "snap" / "db").read_bytes())
    assert {name.decode() for name in found} == set(meant)
    assert found[b"meta"][b"consistent_index"].hex() == meant["meta"]["consistent_index"]
    assert found[b"members"].keys() == {b"bc62ef954e5da7a3"}


def test_ours_has_the_buckets_of_etcd_and_says_how_far_it_is():
    ours = buckets(database(0x1234))
    theirs = buckets((SINGLE / "member" / "snap" / "db").read_bytes())
    assert list(ours) == list(theirs)
    assert ours[b"meta"] == {b"consistent_index": (0x1234).to_bytes(8, "big")}
    assert ours[b"auth"] == theirs[b"auth"]


@pytest.mark.parametrize("index", [0, 1, 0x2022, 2**63])
def test_ours_is_known_again(index):
    assert index_of(database(index)) == index


def test_what_is_not_ours_is_known_too():
    assert index_of((SINGLE / "member" / "snap" / "db").read_bytes()) is None
    assert index_of(b"") is None
    assert index_of(database(7)[:-1]) is None


# --- the file -----------------------------------------------------------------------------------


@pytest.fixture
def files():
    files = MemoryFiles()
    for folder in (ROOT, f"{ROOT}/member", f"{ROOT}/member/snap"):
        files.make_folder(folder, 0o700)
        files.sync_folder(str(Path(folder).parent))
    return files


def reached(files, index):
    backend = Backend(files, Directory(ROOT))
    backend.reach(index)
    backend.close()


def test_it_is_locked_also_after_it_was_made_anew(files):
    backend = Backend(files, Directory(ROOT))
    for index in (0, 10, 20):
        backend.reach(index)
        with pytest.raises(Locked):
            Backend(files, Directory(ROOT))
    backend.close()
    Backend(files, Directory(ROOT)).close()


def test_it_never_goes_back(files):
    reached(files, 20)
    calls = len(files.calls)
    reached(files, 10)
    assert len(files.calls) == calls
    assert index_of(files.read(DB)) == 20


def test_whenever_the_power_fails_it_is_the_old_one_or_the_new_one(files):
    reached(files, 7)
    before = len(files.calls)
    reached(files, 8)
    for number in range(len(files.calls) - before):
        for keeps in (lambda: True, lambda: False):
            again = files.after_power_cut(lambda: True)
            again.faults = {number: Fault.POWER}
            with pytest.raises(PowerFailed):
                reached(again, 9)
            assert index_of(again.after_power_cut(keeps).read(DB)) in (8, 9)


def test_what_etcd_wrote_is_kept_beside(files):
    theirs = (SINGLE / "member" / "snap" / "db").read_bytes()
    files.open(DB, create=True).write(0, theirs)
    backend = Backend(files, Directory(ROOT))
    assert backend.may_serve(33)
    backend.close()
    assert files.read(DB) == theirs
    reached(files, 40)
    assert files.read(f"{DB}.etcd") == theirs
    assert index_of(files.read(DB)) == 40


def test_an_empty_file_says_nothing(files):
    backend = Backend(files, Directory(ROOT))
    assert not backend.may_serve(0)
    assert not is_written(files, Directory(ROOT))
    backend.reach(0)
    assert backend.may_serve(0)
    assert is_written(files, Directory(ROOT))
