"""Crashes of made-up lives lose nothing; and the check would notice if they did."""

from functools import cache
from unittest.mock import patch

import pytest

from learnetcd.checking.crashes import Crashes
from learnetcd.checking.ledger import NOTHING, Ledger
from learnetcd.cli import main
from learnetcd.disk import snapshots, storage, tail, wal
from learnetcd.disk.backend import Backend
from learnetcd.disk.directory import SnapshotName
from learnetcd.disk.memory_files import MemoryFile, MemoryFiles
from learnetcd.raft.entry import Entry, HardState, Stored


def crashes_of(seed):
    crashes = Crashes(seed)
    crashes.try_all()
    return crashes


sound_crashes_of = cache(crashes_of)
"""Of the code as it is; they take half a second."""


@pytest.mark.parametrize("seed", [4, 6, 8])
def test_no_crash_of_a_life_loses_anything(seed):
    crashes = sound_crashes_of(seed)
    assert crashes.loss is None
    assert crashes.points > 300


def test_the_same_seed_is_the_same_crashes():
    assert crashes_of(8).points == sound_crashes_of(8).points


# --- what would be noticed ----------------------------------------------------------------------


def without_sync(part):
    sync = MemoryFile.sync
    return patch.object(MemoryFile, "sync", lambda file: None if part in file.path else sync(file))


def without_folder_sync(end):
    sync = MemoryFiles.sync_folder
    return patch.object(
        MemoryFiles,
        "sync_folder",
        lambda files, path: None if path.endswith(end) else sync(files, path),
    )


def old_file_trimmed_first():
    cut = wal.Wal._cut

    def trimming_cut(self):
        file = self.held[-1][1]
        file.truncate(self._end)
        file.sync()
        cut(self)

    return patch.object(wal.Wal, "_cut", trimming_cut)


def marker_before_the_file():
    def save(self, snapshot):
        self.wal.append_marker(SnapshotName(snapshot.term, snapshot.index))
        self.wal.sync()
        with self.wal.or_never_again():
            self._backend.reach(snapshot.index)
            content = storage.mapping.to_snapshot(snapshot)
            snapshots.write(self._files, self.directory, content)

    return patch.object(storage.Storage, "save_snapshot", save)


def log_let_go_before_the_commit_index_is_there():
    note = wal.Wal._note

    def rash_note(self, window):
        if window.marker is not None:
            self.snapshot = max(self.snapshot, window.marker)
        note(self, window)
        self.release()

    return patch.object(wal.Wal, "_note", rash_note)


def remains_not_wiped():
    resume = wal.Wal.resume

    def careless_resume(self, found, held):
        found.scan.remains = 0
        resume(self, found, held)

    return patch.object(wal.Wal, "resume", careless_resume)


BROKEN = {
    "log-not-synced": (1, without_sync(".wal")),
    "snapshot-not-synced": (1, without_sync(".snap")),
    "db-not-synced": (1, without_sync("tmp.db")),
    "new-file-of-the-log-not-synced": (1, without_sync("0.tmp")),
    "wal-folder-not-synced": (1, without_folder_sync("/wal")),
    "snap-folder-not-synced": (1, without_folder_sync("/snap")),
    "member-folder-not-synced": (1, without_folder_sync("/member")),
    "db-never-written": (1, patch.object(Backend, "reach", lambda self, index: None)),
    "old-file-trimmed-first": (1, old_file_trimmed_first()),
    "marker-before-the-file": (1, marker_before_the_file()),
    "log-let-go-too-soon": (1, log_let_go_before_the_commit_index_is_there()),
    "remains-not-wiped": (1, remains_not_wiped()),
    "torn-tail-refused": (1, patch.object(tail, "is_torn", lambda data, damage: False)),
    "goes-on-after-a-failure": (
        19,
        patch.object(wal.Wal, "_refuse_after_failure", lambda self: None),
    ),
    "last-window-not-written-again": (
        42,
        patch.object(wal, "_last_window", lambda found: (found.scan.end, b"")),
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_disk_is_noticed(name):
    seed, broken = BROKEN[name]
    with broken:
        loss = crashes_of(seed).loss
    assert loss is not None
    assert loss.sentence
    assert loss.call


# --- the ledger ---------------------------------------------------------------------------------


def test_the_ledger_allows_what_was_acknowledged_and_what_came_later_but_not_less():
    ledger = Ledger()
    entries = [Entry(index, 1) for index in (1, 2, 3)]
    ledger.write(entries[:1], HardState(1))
    ledger.sync_begins()
    ledger.sync_returned()
    ledger.write(entries[1:2], HardState(1, 0, 1))
    ledger.sync_begins()
    ledger.write(entries[2:], None)
    assert not ledger.allows(Stored(NOTHING))
    assert ledger.allows(Stored(NOTHING, HardState(1), tuple(entries[:1])))
    assert ledger.allows(Stored(NOTHING, HardState(1), tuple(entries[:2])))
    assert ledger.allows(Stored(NOTHING, HardState(1, 0, 1), tuple(entries[:2])))
    assert not ledger.allows(Stored(NOTHING, HardState(1, 0, 1), tuple(entries)))


# --- the command --------------------------------------------------------------------------------


def test_one_life_is_tried_again(capsys):
    assert main(["check", "crashes", "--seed", "8"]) == 0
    assert "crash points in 1 life of a data directory" in capsys.readouterr().out


def test_many_lives_are_tried_by_two_processes(capsys):
    assert main(["check", "crashes", "--points", "200"]) == 0
    assert "no loss" in capsys.readouterr().out


def test_a_loss_is_told_with_its_seed_and_its_point(capsys, monkeypatch):
    report = {"seed": 41, "points": 812, "found": "sync x.wal", "sentence": "everything is gone"}
    monkeypatch.setattr("learnetcd.checking.runner.heard", lambda check, words: iter([report]))
    assert main(["check", "crashes"]) == 1
    out = capsys.readouterr().out
    assert "Seed 41, point 812, before: sync x.wal\n  everything is gone" in out
    assert "learnetcd check crashes --seed 41" in out


def test_no_crash_at_all_is_no_check(capsys):
    with pytest.raises(SystemExit):
        main(["check", "crashes", "--points", "0"])
    assert "a whole number above zero" in capsys.readouterr().err
