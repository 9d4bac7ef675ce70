"""Storage: one data directory in use. The whole floor, from the outside.

    storage = create(files, "infra0.etcd", Metadata(node_id, cluster_id))
    storage, stored = open_storage(files, "infra0.etcd")     after any end, a violent one too

    WriteWal(entries, hard_state)      storage.write(entries, hard_state)
    SyncWal                            storage.sync()
    SaveSnapshot(snapshot)             storage.save_snapshot(snapshot)

A driver that merges several `WriteWal` into one sync may as well merge them into one `write`: all
entries, then the last hard state. Otherwise `wal` syncs in between, to keep to its window.

**Opening** reads first and repairs afterwards, and only what a crash explains:

1. lock the files of the log, so that no other process writes them
2. read everything; refuse what can't be trusted, with nothing changed
3. a torn tail: copy the file to `*.wal.broken`, then wipe out what is behind the last good record
4. snapshot files that can't be read get the name `*.broken`

**A snapshot counts** from the moment at which its marker is on the disk and a commit index that
reaches it. Not before that may the log behind it go (etcd #10219).

Source: etcd 3.4 etcdserver/storage.go, wal/repair.go. Next page: `memory_files`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from learnetcd.disk import directory as names
from learnetcd.disk import mapping, snapshots
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
from learnetcd.raft.entry import Entry, HardState, Snapshot, Stored
from learnetcd.wire import etcdserverpb


class Storage:
    """The data directory of a member that runs."""

    def __init__(
        self,
        files: Files,
        directory: Directory,
        metadata: etcdserverpb.Metadata,
        wal: Wal,
        snapshot: SnapshotName,
    ) -> None:
        """Use `create` or `open_storage`."""
        self.directory = directory
        self.metadata = metadata
        """Who the member is, and of which cluster."""
        self.wal = wal
        self._files = files
        # Only those whose file is known to be good: the one that was read, and those of this life.
        self._snapshots = [snapshot]

    def write(self, entries: Sequence[Entry], hard_state: HardState | None = None) -> None:
        """Append to the log; not safe yet."""
        state = None if hard_state is None else mapping.to_hard_state(hard_state)
        self.wal.append([mapping.to_entry(entry) for entry in entries], state)

    def sync(self) -> None:
        """Make everything that was written survive a power cut."""
        self.wal.sync()
        self.wal.release(self.newest_snapshot.index)

    def save_snapshot(self, snapshot: Snapshot) -> None:
        """Save a snapshot whose state is bytes: the file first, then its marker, both safe."""
        try:
            snapshots.write(self._files, self.directory, mapping.to_snapshot(snapshot))
        except OSError as error:
            # Without a marker it does not exist; so nothing is lost, and the member may go on.
            raise DiskFailed(f"the snapshot at {snapshot.index} was not saved: {error}") from error
        self.wal.append_marker(snapshot.index, snapshot.term)
        self._snapshots.append(SnapshotName(snapshot.term, snapshot.index))
        self.sync()

    @property
    def newest_snapshot(self) -> SnapshotName:
        """The one from which a restart would begin. Everything must be synced."""
        commit_index = self.wal.hard_state.commit
        assert self.wal.is_synced, "what is not synced may be gone after a restart"
        return max(saved for saved in self._snapshots if saved.index <= commit_index)

    def purge(self, max_wals: int = MAX_WALS, max_snapshots: int = MAX_SNAPSHOTS) -> None:
        """Delete old files, if there are more than enough. An `OSError` does no harm here."""
        self.sync()
        first_held = self.wal.held[0][0]
        purge_segments(self._files, self.directory, first_held, max_wals)
        purge_snapshots(self._files, self.directory, self.newest_snapshot, max_snapshots)

    def close(self) -> None:
        """Let go of the directory."""
        self.wal.close()


# --- a new member -------------------------------------------------------------------------------


def create(
    files: Files, root: str, metadata: etcdserverpb.Metadata, segment_bytes: int = SEGMENT_BYTES
) -> Storage:
    """Make the data directory of a new member; `DataRefused` if one lived here."""
    directory = Directory(root)
    assert is_new(files, directory), f"there is a log in {directory.wal} already"
    for folder in (directory.root, directory.member, directory.snap):
        files.make_folder(folder, PRIVATE_FOLDER)
        files.sync_folder(posixpath.dirname(folder) or ".")
    wal = create_wal(files, directory, metadata, segment_bytes)
    return Storage(files, directory, metadata, wal, SnapshotName(0, 0))


# --- a restart ----------------------------------------------------------------------------------


def open_storage(
    files: Files, root: str, segment_bytes: int = SEGMENT_BYTES
) -> tuple[Storage, Stored]:
    """Open what is there, and say with what the member begins."""
    directory = Directory(root)
    held = _locked(files, directory)
    try:
        found = recover(files, directory, segment_bytes)
        if found.scan.torn:
            _copy_aside(files, directory, found)
        wal = continue_wal(files, directory, found, held, segment_bytes)
        files.make_folder(directory.snap, PRIVATE_FOLDER)  # a backup may lack it
        snapshots.set_aside(files, directory, list(found.broken))
    except BaseException:
        for _, file in held:
            file.close()
        raise
    wal.release(found.stored.snapshot.index)
    snapshot = SnapshotName(found.stored.snapshot.term, found.stored.snapshot.index)
    return Storage(files, directory, found.metadata, wal, snapshot), found.stored


def _locked(files: Files, directory: Directory) -> list[tuple[SegmentName, File]]:
    """Open all files of the log, so that no other process writes them."""
    held: list[tuple[SegmentName, File]] = []
    for segment in names.segments(files, directory):
        file = files.open(f"{directory.wal}/{segment}")
        held.append((segment, file))
        try:
            file.lock()
        except BaseException:
            for _, opened in held:
                opened.close()
            raise
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
