"""The purge: old files go when enough newer ones are there.

    wal/   0..  1..  2..  3..  4..  5..  6..      keep 5: 0 and 1 may go, if nobody needs them
                           ^ the newest snapshot stands for all before this file

A member could delete everything that its newest snapshot stands for. It keeps some more, because a
snapshot file can turn out to be unreadable, and then an older one and the log behind it save the
day. Files are deleted from the oldest on, up to the first that is still needed: a file of the log
that is locked, the snapshot from which a restart would begin.

Each deletion is synced before the next. Otherwise a crash might undo the first and keep the second,
and the log would have a gap.

Differs: etcd takes the newest names for the newest snapshots. After crashes these can be files
without a marker, and with `--max-snapshots 1` it would delete the one that counts.

Source: etcd 3.4 pkg/fileutil/purge.go, etcdserver/server.go purgeFile (every 30 s).
Next page: `storage`.
"""

from __future__ import annotations

from typing import TypeVar

from learnetcd.disk import directory as names
from learnetcd.disk.directory import Directory, SegmentName, SnapshotName
from learnetcd.disk.errors import Locked
from learnetcd.disk.files import Files

MAX_WALS = 5
MAX_SNAPSHOTS = 5


Name = TypeVar("Name", SegmentName, SnapshotName)


def _too_many(found: list[Name], keep: int) -> list[Name]:
    """The oldest of them. `--max-wals 0` and `--max-snapshots 0`: there are never too many."""
    return found[: max(len(found) - keep, 0)] if keep else []


def purge_segments(
    files: Files, directory: Directory, first_held: SegmentName, keep: int = MAX_WALS
) -> list[SegmentName]:
    """Delete the oldest files of the log, and say which."""
    deleted = []
    for segment in _too_many(names.segments(files, directory), keep):
        path = f"{directory.wal}/{segment}"
        if segment >= first_held or not _is_free(files, path):
            break
        files.remove(path)
        files.sync_folder(directory.wal)
        deleted.append(segment)
    return deleted


def _is_free(files: Files, path: str) -> bool:
    """Whether nobody else holds it, a backup for example."""
    file = files.open(path)
    try:
        file.lock()
    except Locked:
        return False
    finally:
        file.close()
    return True


def purge_snapshots(
    files: Files, directory: Directory, needed: SnapshotName, keep: int = MAX_SNAPSHOTS
) -> list[SnapshotName]:
    """Delete the oldest snapshot files, and say which."""
    deleted = []
    for name in _too_many(names.snapshots(files, directory), keep):
        if name >= needed:
            break
        files.remove(f"{directory.snap}/{name}")
        files.sync_folder(directory.snap)
        deleted.append(name)
    return deleted
