"""What may run beside what: writing while a sync is under way, snapshots and purges beside both."""

from threading import Event, Thread
from time import sleep

import pytest

from learnetcd.disk import storage
from learnetcd.disk.directory import Directory
from learnetcd.disk.real_files import RealFile, RealFiles
from learnetcd.disk.recovery import recover
from learnetcd.raft.entry import HardState
from tests.disk.workload import ME, SEGMENT_BYTES, snapshot_at, text

PATIENCE_S = 20


@pytest.fixture
def root(tmp_path):
    return str(tmp_path / "data")


class Worker(Thread):
    """A thread whose failure is the test's."""

    def __init__(self, work):
        super().__init__()
        self.work = work
        self.failure = None
        self.start()

    def run(self):
        try:
            self.work()
        except BaseException as error:
            self.failure = error

    def done(self):
        self.join(PATIENCE_S)
        assert not self.is_alive(), "it has not come to an end"
        if self.failure is not None:
            raise self.failure


def found_in(root):
    return [entry.index for entry in recover(RealFiles(), Directory(root)).stored.entries]


def test_what_is_written_during_a_sync_waits_for_the_next_one(root, monkeypatch):
    opened = storage.create(RealFiles(), root, ME)
    is_busy, may_go_on = Event(), Event()
    sync = RealFile.sync

    def slow_sync(file):
        is_busy.set()
        assert may_go_on.wait(PATIENCE_S)
        sync(file)

    monkeypatch.setattr(RealFile, "sync", slow_sync)
    opened.write([text(1, 1)], HardState(1, 0, 0))
    worker = Worker(opened.sync)
    assert is_busy.wait(PATIENCE_S)
    opened.write([text(2, 1)], HardState(1, 0, 1))
    opened.write([text(3, 1)], HardState(1, 0, 2))
    may_go_on.set()
    worker.done()
    assert found_in(root) == [1]
    opened.sync()
    opened.close()
    assert found_in(root) == [1, 2, 3]


def test_two_syncs_at_once_are_a_mistake(root, monkeypatch):
    opened = storage.create(RealFiles(), root, ME)
    monkeypatch.setattr(RealFile, "sync", lambda file: opened.sync())
    opened.write([text(1, 1)])
    with pytest.raises(AssertionError, match="before the last one was done"):
        opened.sync()
    opened.close()


def test_a_busy_member_loses_nothing(root):
    """Entries by one thread, syncs by another, snapshots by a third, purges by a fourth."""
    last = 600
    opened = storage.create(RealFiles(), root, ME, SEGMENT_BYTES)
    written = acknowledged = 0
    is_over = Event()

    def sync_again_and_again():
        nonlocal acknowledged
        while acknowledged < last:
            covered = written
            opened.sync()
            acknowledged = covered

    def save_now_and_then():
        saved = 0
        while not is_over.is_set():
            if acknowledged > saved:
                saved = acknowledged
                opened.save_snapshot(snapshot_at(saved, 1))

    def purge_again_and_again():
        while not is_over.is_set():
            opened.purge(3, 2)

    syncer = Worker(sync_again_and_again)
    others = [Worker(save_now_and_then), Worker(purge_again_and_again)]
    for index in range(1, last + 1):
        opened.write([text(index, 1, 100)], HardState(1, 0, acknowledged))
        written = index
        while written - acknowledged > 30:
            sleep(0.0005)
    syncer.done()
    is_over.set()
    for worker in others:
        worker.done()
    opened.write([], HardState(1, 0, last))
    opened.sync()
    assert opened.wal.segment.sequence > 3
    opened.close()
    again, stored = storage.open_storage(RealFiles(), root, SEGMENT_BYTES)
    again.close()
    assert stored.hard_state.commit_index == last
    assert stored.snapshot.index > 0
    assert stored.entries == tuple(
        text(index, 1, 100) for index in range(stored.snapshot.index + 1, last + 1)
    )
