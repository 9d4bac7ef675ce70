"""Snapshot files: the state machine at one index, each in a file of its own.

    0000000000000002-0000000000000021.snap        term 2, index 0x21 = 33

    08 9a dd c0 91 09                             crc of all that follows
    12 d4 e6 05  0a c0 e6 05 7b 22 52 6f ...      the store, as JSON: {"Root": ...
                 12 0f 0a 0b 08 a3 ...            the members, index 33, term 2

The file is written first and its marker in the log afterwards, each synced. So a file with a marker
is whole; one without is what a crash left, and is passed over. Between the two no promise is made.

When starting, the files are tried from the newest down. One that can't be read gets the name
`*.broken`, and the next older one is used: the log is kept long enough behind it, usually.

Differs: etcd does not sync the folder, so its file may vanish although its marker is there. We do.

Left out: `*.snap.db`, in which etcd 3 receives its v3 store from the leader.

Source: etcd 3.4 etcdserver/api/snap/snapshotter.go. Next page: `backend`.
"""

from __future__ import annotations

from collections.abc import Container

from learnetcd.disk import directory as names
from learnetcd.disk.directory import SNAPSHOT_FILE, Directory, SnapshotName
from learnetcd.disk.files import Files
from learnetcd.wire import crc32c, raftpb, snappb
from learnetcd.wire.protobuf import Malformed


def name_of(snapshot: raftpb.Snapshot) -> SnapshotName:
    """How its file is called."""
    return SnapshotName(snapshot.metadata.term, snapshot.metadata.index)


def write(files: Files, directory: Directory, snapshot: raftpb.Snapshot) -> None:
    """Write a snapshot file, and return when it is safe. The marker is still to come."""
    data = snapshot.encode()
    wrapping = snappb.Snapshot(crc32c.extend(0, data), data).encode()
    path = f"{directory.snap}/{name_of(snapshot)}"
    file = files.open(path, create=True, mode=SNAPSHOT_FILE)
    try:
        file.truncate(0)  # what a crash left under this name
        file.write(0, wrapping)
        file.sync()
    finally:
        file.close()
    files.sync_folder(directory.snap)


class Unreadable(Exception):
    """A snapshot file that can't be used, and why."""


def read(files: Files, directory: Directory, name: SnapshotName) -> raftpb.Snapshot:
    """Read one snapshot file."""
    data = files.read(f"{directory.snap}/{name}")
    try:
        wrapping = snappb.Snapshot.decode(data)
        if not wrapping.data:
            raise Unreadable("there is no snapshot in it")
        found = crc32c.extend(0, wrapping.data)
        if found != wrapping.crc:
            raise Unreadable(f"the data give the checksum {found:08x}, not {wrapping.crc:08x}")
        snapshot = raftpb.Snapshot.decode(wrapping.data)
    except Malformed as error:
        raise Unreadable(str(error)) from None
    if name_of(snapshot) != name:
        raise Unreadable(f"it holds the snapshot {name_of(snapshot)}")
    return snapshot


def newest(
    files: Files, directory: Directory, marked: Container[SnapshotName]
) -> tuple[raftpb.Snapshot | None, list[SnapshotName]]:
    """The newest good snapshot that has a marker, and the newer files that can't be read."""
    broken: list[SnapshotName] = []
    for name in reversed(names.snapshots(files, directory)):
        try:
            snapshot = read(files, directory, name)
        except Unreadable:
            broken.append(name)
            continue
        if name in marked:
            return snapshot, broken
    return None, broken


def set_aside(files: Files, directory: Directory, broken: list[SnapshotName]) -> None:
    """Rename files that can't be read, so that they are not tried again."""
    for name in broken:
        files.rename(f"{directory.snap}/{name}", f"{directory.snap}/{name}.broken")
