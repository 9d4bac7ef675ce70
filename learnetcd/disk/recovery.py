"""Recovery: from the files of a data directory to what a member begins with.

    1  scan the whole log         markers: (0,0) (2,22) (2,33)      last state: commit 30
    2  which markers count?       those up to the commit index: (0,0) (2,22)
    3  the newest good snapshot   0000000000000002-0000000000000016.snap
    4  replay                     from the file of the log that holds entry 22

Step 2: a marker above the commit index is of a snapshot that the leader sent, whose hard state did
not follow any more. The member had promised nothing yet that rests on it.

Nothing is changed here: a directory can be looked at while it is refused, or in use. `storage`
repairs what recovery says can be repaired.

Differs: where etcd starts anew, we refuse. An empty or missing `wal/` beside snapshots or `db`
makes etcd found a new, empty cluster over the old data, and so does a `--wal-dir` that was
forgotten. A member that lost its log but kept its name may vote twice in a term and lose what it
acknowledged (etcd #13509).

Source: etcd 3.4 etcdserver/server.go NewServer, wal/wal.go. Next page: `wal`.
"""

from __future__ import annotations

from typing import TypeVar

from learnetcd.disk import backend, mapping, snapshots
from learnetcd.disk import directory as names
from learnetcd.disk.directory import Directory, SegmentName, SnapshotName
from learnetcd.disk.errors import DataRefused
from learnetcd.disk.files import Files
from learnetcd.disk.record import RecordType
from learnetcd.disk.replay import NoHistory, Replay
from learnetcd.disk.scan import SEGMENT_BYTES, Placed, Scan, scan
from learnetcd.raft.configuration import Configuration
from learnetcd.raft.entry import Snapshot, Stored
from learnetcd.raft.rules import SOUND, Rules
from learnetcd.store.saved import SavedStoreRefused
from learnetcd.value import dataclass
from learnetcd.wire import etcdserverpb, raftpb, walpb
from learnetcd.wire.protobuf import Malformed, Protobuf

Some = TypeVar("Some", bound=Protobuf)


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a data directory says."""

    stored: Stored
    """What the member begins with; the snapshot's state is a `Store`."""
    metadata: etcdserverpb.Metadata
    """Who it is."""
    scan: Scan
    """What was read, record by record."""
    broken: tuple[SnapshotName, ...]
    """Newer snapshot files that can't be read."""
    first_segment: SegmentName
    """The oldest file of the log that is needed."""
    last_written: int
    """The entry that was written last: it may be followed by any up to the next."""


def is_new(files: Files, directory: Directory) -> bool:
    """Whether no member ever lived here; `DataRefused` if one did and its log is gone."""
    if names.segments(files, directory):
        return False
    # Whoever gives a folder for the log may have made it; nobody makes `member/wal` by hand.
    if files.exists(directory.wal) and not directory.wal_dir:
        left = "an empty wal/"
    elif names.snapshots(files, directory):
        left = "a snapshot"
    elif backend.is_written(files, directory):
        left = "a db"
    else:
        return True
    raise DataRefused(
        directory.member,
        None,
        f"there is {left}, and no file of a log in {directory.wal}. A member was here. If its log "
        "is elsewhere, say so with --wal-dir. If it is gone, so is what the member promised, and "
        "it must not come back under its old name: remove it from the cluster, delete this "
        "folder, and add it anew",
    )


def recover(
    files: Files,
    directory: Directory,
    segment_bytes: int = SEGMENT_BYTES,
    rules: Rules = SOUND,
) -> Recovered:
    """Read a data directory, or say why it can't be trusted. Changes nothing."""
    found = scan(files, directory, segment_bytes, rules)
    if not found.segments:
        raise DataRefused(directory.wal, None, "there is no file of a log")
    markers = _markers(directory, found)
    chosen, broken = snapshots.newest(files, directory, markers)
    snapshot = Snapshot(0, 0, Configuration(())) if chosen is None else _meaning(directory, chosen)
    first_segment = _first_segment(directory, found, snapshot.index)
    replay = Replay(snapshot)
    for placed in found.records:
        if placed.segment >= first_segment:
            _read(directory, placed, replay)
    try:
        stored = replay.stored()
    except NoHistory as trouble:
        path = f"{directory.wal}/{found.segments[-1]}"
        raise DataRefused(path, found.end, str(trouble)) from None
    return Recovered(
        stored,
        found.metadata,
        found,
        tuple(broken),
        first_segment,
        replay.last_written,
    )


def _meaning(directory: Directory, chosen: raftpb.Snapshot) -> Snapshot:
    """What is in a snapshot file whose checksum is right."""
    try:
        return mapping.from_snapshot(chosen)
    except SavedStoreRefused as trouble:
        path = f"{directory.snap}/{snapshots.name_of(chosen)}"
        raise DataRefused(path, None, str(trouble)) from None


def _markers(directory: Directory, found: Scan) -> list[SnapshotName]:
    """The snapshots that the log knows, up to the commit index."""
    of_type = RecordType.STATE, RecordType.SNAPSHOT
    states, saved = ([one for one in found.records if one.type is kind] for kind in of_type)
    commit_index = _decoded(directory, states[-1], raftpb.HardState).commit if states else 0
    markers = [_decoded(directory, placed, walpb.Snapshot) for placed in saved]
    return [
        SnapshotName(marker.term, marker.index)
        for marker in markers
        if marker.index <= commit_index
    ]


def _first_segment(directory: Directory, found: Scan, index: int) -> SegmentName:
    """The file of the log from which to read, if the snapshot at `index` stands for the rest."""
    fitting = [segment for segment in found.segments if segment.index <= index]
    if fitting:
        return fitting[-1]
    first = found.segments[0]
    between = f", and files between {found.gap} and it are missing" if found.gap else ""
    newest = f"the newest good snapshot is at {index}" if index else "there is no good snapshot"
    reason = f"the log begins after entry {first.index - 1}{between}; {newest}"
    raise DataRefused(f"{directory.wal}/{first}", None, reason)


def _read(directory: Directory, placed: Placed, replay: Replay) -> None:
    """Let the replay take in one record."""
    try:
        match placed.type:
            case RecordType.ENTRY:
                entry = _decoded(directory, placed, raftpb.Entry)
                replay.read_entry(mapping.from_entry(entry))
            case RecordType.STATE:
                state = _decoded(directory, placed, raftpb.HardState)
                replay.read_state(mapping.from_hard_state(state))
            case RecordType.SNAPSHOT:
                marker = _decoded(directory, placed, walpb.Snapshot)
                replay.read_marker(marker.index, marker.term)
            case RecordType.METADATA | RecordType.CRC:
                pass  # `scan` has looked at them
    except (NoHistory, Malformed) as trouble:
        path = f"{directory.wal}/{placed.segment}"
        raise DataRefused(path, placed.at.offset, str(trouble)) from None


def _decoded(directory: Directory, placed: Placed, message: type[Some]) -> Some:
    """What the data of a record say."""
    try:
        return message.decode(placed.data)
    except Malformed as error:
        path = f"{directory.wal}/{placed.segment}"
        raise DataRefused(path, placed.at.offset, str(error)) from None
