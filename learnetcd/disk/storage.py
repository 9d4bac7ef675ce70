"""Storage: one data directory in use. The whole floor, from the outside.

    storage = create(files, "infra0.etcd", Metadata(node_id, cluster_id), stored=stored)
    storage, stored = open_storage(files, "infra0.etcd")

The first if the directory `is_new`; the second after any end, a violent one too.

    WriteWal(entries, hard_state)      storage.write(entries, hard_state)      at once, in memory
    SyncWal                            storage.sync()                          waits for the disk
    SaveSnapshot(snapshot)             storage.save_snapshot(snapshot)         waits for the disk
    every 30 seconds                   storage.purge(max_wals, max_snapshots)  waits for the disk
    the end                            storage.sync(); storage.close()

**What is safe, and when.** When `sync` returns, everything is whose `write` or `save_snapshot`
returned before `sync` was called. Nothing else is, however long it was ago.

**What may run beside what.** Each of `sync`, `save_snapshot` and `purge` may run in a thread of its
own, while another one calls `write`; none of them beside itself. So a driver writes on its event
loop, and whenever no sync is under way and something waits, it sends one off to a worker:

    loop      write 5    write 6  write 7                  write 8
    worker       sync (5) ........... | sync (6, 7) .............. | sync (8)
    another        save_snapshot .................................

A snapshot's state is a `Store` that nobody changes any more: a fork, taken on the loop. Its bytes
are made in the worker. If it is the leader's, the next `write` is the one whose commit index
reaches it, and comes after `save_snapshot` has returned.

**After an error** nothing more is promised: whatever failed raises `DiskFailed`, and so does every
later call. The member must stop; a restart reads what is really there. Only `purge` may fail (with
an `OSError`) and be tried again.

**Opening** reads first and repairs afterwards, and only what a crash explains:

1. lock the files of the log and `db`, so that no other process writes them
2. read everything; refuse what can't be trusted, with nothing changed
3. a torn tail: copy the file to `*.wal.broken`, then wipe out what is behind the last good record
4. snapshot files that can't be read get the name `*.broken`

**A snapshot counts** from the moment at which its marker is on the disk and a commit index that
reaches it. Not before that may the log behind it go (etcd #10219).

Source: etcd 3.4 etcdserver/storage.go, wal/repair.go. Next page: `memory_files`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from learnetcd.disk import directory as names
from learnetcd.disk import mapping, snapshots
from learnetcd.disk.backend import Backend
from learnetcd.disk.directory import (
    PRIVATE_FOLDER,
    SNAPSHOT_FILE,
    Directory,
    SegmentName,
    SnapshotName,
)
from learnetcd.disk.errors import DiskFailed
from learnetcd.disk.files import File, Files
from learnetcd.disk.purge import MAX_SNAPSHOTS, MAX_WALS, purge_segments, purge_snapshots
from learnetcd.disk.recovery import Recovered, is_new, recover
from learnetcd.disk.scan import SEGMENT_BYTES
from learnetcd.disk.wal import Wal, continue_wal, create_wal
from learnetcd.disk.window import Window
from learnetcd.raft.configuration import Configuration
from learnetcd.raft.entry import Entry, HardState, Snapshot, Stored
from learnetcd.raft.rules import SOUND, Rules
from learnetcd.wire import etcdserverpb

NOTHING = Stored(Snapshot(0, 0, Configuration(())))


class Storage:
    """The data directory of a member that runs."""

    def __init__(
        self,
        files: Files,
        directory: Directory,
        metadata: etcdserverpb.Metadata,
        wal: Wal,
        backend: Backend,
    ) -> None:
        """Use `create` or `open_storage`."""
        self.directory = directory
        self.metadata = metadata
        """Who the member is, and of which cluster."""
        self.wal = wal
        self._files = files
        self._backend = backend

    def write(self, entries: Sequence[Entry], hard_state: HardState | None = None) -> None:
        """Append to the log; not safe yet."""
        state = None if hard_state is None else mapping.to_hard_state(hard_state)
        self.wal.append(list(map(mapping.to_entry, entries)), state)

    def sync(self) -> None:
        """Make everything that was written survive a power cut."""
        self.wal.sync()

    @property
    def is_synced(self) -> bool:
        """Whether nothing waits for the next sync."""
        return self.wal.is_synced

    def save_snapshot(self, snapshot: Snapshot) -> None:
        """Save the file of a snapshot; it counts from the next `sync` on.

        The file first, then its marker: as long as it has none, it does not exist.
        """
        with self.wal.or_never_again():
            self._backend.reach(snapshot.index)
            snapshots.write(self._files, self.directory, mapping.to_snapshot(snapshot))
        self.wal.append_marker(SnapshotName(snapshot.term, snapshot.index))

    @property
    def newest_snapshot(self) -> SnapshotName:
        """The one from which a restart would begin."""
        return self.wal.snapshot

    def purge(self, max_wals: int = MAX_WALS, max_snapshots: int = MAX_SNAPSHOTS) -> None:
        """Delete old files, if there are more than so many (0: never)."""
        purge_segments(self._files, self.directory, self.wal.held[0][0], max_wals)
        purge_snapshots(self._files, self.directory, self.newest_snapshot, max_snapshots)

    def close(self) -> None:
        """Let go of the directory. What was not synced is lost."""
        self.wal.close()
        self._backend.close()


# --- a new member -------------------------------------------------------------------------------


def create(
    files: Files,
    root: str,
    metadata: etcdserverpb.Metadata,
    segment_bytes: int = SEGMENT_BYTES,
    *,
    stored: Stored = NOTHING,
    wal_dir: str = "",
) -> Storage:
    """Make the data directory of a new member; `DataRefused` if one lived here.

    What is `stored` from the start, the first members, is there as soon as there is a log.
    """
    directory = Directory(root, wal_dir)
    with _or_none(f"{root} can't be made") as opened:
        for folder in (directory.root, directory.member, directory.snap, directory.above_wal):
            _make_folder(files, folder)
        backend = Backend(files, directory)
        opened.callback(backend.close)
        # Asked only now: until the lock was ours, somebody else might have begun.
        assert is_new(files, directory), f"there is a log in {directory.wal} already"
        first = Window(
            entries=list(map(mapping.to_entry, stored.entries)),
            hard_state=mapping.to_hard_state(stored.hard_state) if stored.entries else None,
        )
        wal = create_wal(files, directory, metadata, segment_bytes, first)
        opened.callback(wal.close)
        backend.reach(0)  # last: a `db` that says something means that there was a log
    return Storage(files, directory, metadata, wal, backend)


def _make_folder(files: Files, folder: str) -> None:
    """Make it, with all those above it that are not there, and let their names be safe.

    The name of one that is there may not be safe either: its maker may have been killed.
    """
    above = posixpath.dirname(folder) or "."
    if not files.exists(above):
        _make_folder(files, above)
    files.make_folder(folder, PRIVATE_FOLDER)
    files.sync_folder(above)


@contextmanager
def _or_none(what: str) -> Iterator[ExitStack]:
    """Open several things, or none of them; say it if the disk doesn't let us."""
    with ExitStack() as opened:
        try:
            yield opened
        except OSError as error:
            raise DiskFailed(f"{what}: {error}") from error
        opened.pop_all()


# --- a restart ----------------------------------------------------------------------------------


def open_storage(
    files: Files,
    root: str,
    segment_bytes: int = SEGMENT_BYTES,
    *,
    wal_dir: str = "",
    rules: Rules = SOUND,
) -> tuple[Storage, Stored]:
    """Open what is there, and say with what the member begins."""
    directory = Directory(root, wal_dir)
    with _or_none(f"{root} can't be opened") as opened:
        held = _locked(files, directory, opened)
        found = recover(files, directory, segment_bytes, rules)
        files.make_folder(directory.snap, PRIVATE_FOLDER)  # a backup may lack it
        backend = Backend(files, directory)
        opened.callback(backend.close)
        if found.scan.torn:
            _copy_aside(files, directory, found)
        wal = continue_wal(files, directory, found, held, segment_bytes)
        snapshots.set_aside(files, directory, list(found.broken))
        if not backend.may_serve(found.stored.snapshot.index):
            backend.reach(found.stored.snapshot.index)
    return Storage(files, directory, found.metadata, wal, backend), found.stored


def _locked(
    files: Files, directory: Directory, opened: ExitStack
) -> list[tuple[SegmentName, File]]:
    """Open all files of the log, so that no other process writes them."""
    held: list[tuple[SegmentName, File]] = []
    for segment in names.segments(files, directory):
        file = files.open(f"{directory.wal}/{segment}")
        opened.callback(file.close)
        file.lock()
        held.append((segment, file))
    return held


def _copy_aside(files: Files, directory: Directory, found: Recovered) -> None:
    """Keep the file as the crash left it, for those who want to know."""
    path = f"{directory.wal}/{found.scan.segments[-1]}"
    copy = files.open(f"{path}.broken", create=True, mode=SNAPSHOT_FILE)
    try:
        copy.truncate(0)
        copy.write(0, files.read(path))
        copy.sync()
    finally:
        copy.close()
