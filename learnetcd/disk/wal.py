"""The write-ahead log while it is written: append, sync, and now and then the next file.

    append(entries, state)     said, and kept in memory; a crash may still take it
    sync()                     now it can't: votes and acknowledgements may go out

"Write-ahead", because a member writes down what it is going to say before it says it.

    append   entry 5, state      entry 6, state      entry 7, state
    sync     entry 5, state   |  entry 6, entry 7, state
             |<- the disk is busy ->|

What is appended while a sync is under way waits, and goes to the disk with the next one as a single
`window`. So a hundred clients who come together wait for one sync and not for a hundred (a *group
commit*), and `append` never waits at all.

    0000...0-0000...0.wal   [ head | records ....................................... | 0 0 ]
    0.tmp                   [ head | 0 0 0 0 ...                                           ]
    0000...1-0000...2f.wal  [ head | records ... | 0 0 0 ...                               ]

A file has its full length from the start, all zeros: so a full disk is noticed early and a sync has
no length to write. When the records have reached that length, a sync ends the file: the next one is
made under another name, with its head, synced, and only then renamed. So a file of the log always
has a head, and there is never a moment without a last file.

The rules of writing, on which reading relies:

- what is written between two syncs is one window (`window`)
- before the end of a file comes near, the file is made longer, and the new length is synced before
  anything is written there: so there are always eight zero bytes behind the last record, until
  another file follows (`scan`)
- after any error nothing more is written. What did reach the disk is not known: after a failed
  sync the next one may succeed although the bytes are lost (PostgreSQL's "fsyncgate", 2018). Who
  starts again writes the last window again

Differs: etcd trims the old file before it makes the next, we after (see `scan`); it syncs `wal/`
when it makes a new log only from outside, so that on some file systems the first file could vanish.

Left out: making the next file in the background. Then a cut is cheap, as in etcd.

Source: etcd 3.4 wal/wal.go Create, Save, cut; wal/file_pipeline.go. Next page: `purge`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from learnetcd.disk import mapping
from learnetcd.disk.directory import (
    PRIVATE_FILE,
    PRIVATE_FOLDER,
    Directory,
    SegmentName,
    SnapshotName,
)
from learnetcd.disk.errors import DiskFailed
from learnetcd.disk.files import File, Files
from learnetcd.disk.record import LENGTH_BYTES, MAX_DATA, RecordType, packed, sealed
from learnetcd.disk.recovery import Recovered
from learnetcd.disk.scan import SEGMENT_BYTES
from learnetcd.disk.window import Window, last_window, may_be_one_window
from learnetcd.wire import etcdserverpb, raftpb, walpb

NEXT_FILE = "0.tmp"


class Wal:
    """A log that is open for writing.

    Invariants: the last of `held` is the file that is written; between its last record and its end
    are at least eight zero bytes; between two syncs everything that was written is on the disk.
    """

    def __init__(
        self, files: Files, directory: Directory, metadata: bytes, segment_bytes: int
    ) -> None:
        """Use `create_wal` or `continue_wal`."""
        self.held: list[tuple[SegmentName, File]] = []
        """The files that are locked, the oldest first: nobody may delete them."""
        self.snapshot = SnapshotName(0, 0)
        """The one from which a restart would begin."""
        self.hard_state = raftpb.HardState()
        """The last one that is on the disk: each new file begins with it."""
        self.last_written = 0
        """The index of the entry that was written last."""
        self._files = files
        self._directory = directory
        self._metadata = metadata
        self._segment_bytes = segment_bytes
        # One thread may append while another syncs. A deque allows for that without a lock.
        self._waiting: deque[Window] = deque()
        self._is_syncing = False
        self._ahead: list[SnapshotName] = []
        self._running = 0
        self._end = 0
        self._size = 0
        self._failure = ""

    @property
    def segment(self) -> SegmentName:
        """The file that is written."""
        return self.held[-1][0]

    # --- what its owner does ---------------------------------------------------------------

    def append(
        self, entries: Sequence[raftpb.Entry], hard_state: raftpb.HardState | None = None
    ) -> None:
        """Take a batch: entries, then the hard state, if it changed."""
        self._refuse_after_failure()
        if hard_state == raftpb.HardState():
            hard_state = None
        if entries or hard_state is not None:
            self._waiting.append(Window(entries=list(entries), hard_state=hard_state))

    def append_marker(self, name: SnapshotName) -> None:
        """Say that a snapshot file is complete. It must have been synced before."""
        self._refuse_after_failure()
        self._waiting.append(Window(marker=name))

    def sync(self) -> None:
        """Make everything that was appended survive a power cut; begin a new file if it is time."""
        assert not self._is_syncing, "a sync has begun before the last one was done"
        self._is_syncing = True
        try:
            with self.or_never_again():
                for window in self._windows():
                    self._write(window)
                if self._end >= self._segment_bytes:
                    self._cut()
        finally:
            self._is_syncing = False

    @property
    def is_synced(self) -> bool:
        """Whether nothing was appended since the last sync began."""
        return not self._waiting

    def _windows(self) -> Iterator[Window]:
        """What waits now, in as few windows as possible. What comes later, comes later."""
        window = Window()
        for _ in range(len(self._waiting)):
            following = self._waiting.popleft()
            if not window.takes(following):
                yield window
                window = following
        if window != Window():
            yield window

    def release(self) -> None:
        """Unlock the files that the newest snapshot makes unnecessary."""
        while len(self.held) > 1 and self.held[1][0].index <= self.snapshot.index:
            self.held.pop(0)[1].close()

    def close(self) -> None:
        """Let go of all files. What was not synced is lost."""
        while self.held:
            self.held.pop()[1].close()

    @contextmanager
    def or_never_again(self) -> Iterator[None]:
        """Any error is the last: what is on the disk after it, nobody knows."""
        self._refuse_after_failure()
        try:
            yield
        except OSError as error:
            self._failure = f"writing to {self._directory.root} failed: {error}"
            raise DiskFailed(self._failure) from error

    def _refuse_after_failure(self) -> None:
        if self._failure:
            raise DiskFailed(f"{self._failure}; nothing more is written until a restart")

    # --- writing ---------------------------------------------------------------------------

    def _write(self, window: Window) -> None:
        """Write one window, and sync."""
        assert not (self._ahead and window.entries and window.early_state is None), (
            f"entries follow the snapshot {self._ahead}, and no commit index has reached it"
        )
        records = window.records()
        assert may_be_one_window(kind for kind, _ in records), f"no window: {window}"
        data = self._packed(records)
        self._make_room(len(data))
        file = self.held[-1][1]
        file.write(self._end, data)
        file.sync()
        self._end += len(data)
        self._note(window)

    def _note(self, window: Window) -> None:
        """This is on the disk now."""
        if window.entries:
            self.last_written = window.entries[-1].index
        self.hard_state = window.hard_state or window.early_state or self.hard_state
        if window.marker is not None:
            self._ahead.append(window.marker)
            # A leader's snapshot replaces a shorter log: the next entry is the one after it.
            self.last_written = max(self.last_written, window.marker.index)
        # Before the commit index has reached it, a restart would pass it over (etcd #10219).
        reached = [name for name in self._ahead if name.index <= self.hard_state.commit]
        if reached:
            self.snapshot = max(self.snapshot, *reached)
            self._ahead = [name for name in self._ahead if name not in reached]
            self.release()

    def _packed(self, records: Sequence[tuple[RecordType, bytes]]) -> bytes:
        """The bytes of records; the checksum runs along."""
        out = bytearray()
        for kind, data in records:
            assert len(data) < MAX_DATA, f"a record of {len(data)} bytes could never be read again"
            record = sealed(kind, data, self._running)
            out += packed(record)
            self._running = record.crc
        return bytes(out)

    def _make_room(self, size: int) -> None:
        """Let the file be long enough for so many bytes and the eight zeros behind them."""
        needed = self._end + size + LENGTH_BYTES
        if needed > self._size:
            file = self.held[-1][1]
            self._size = max(needed, self._segment_bytes)
            file.preallocate(self._size)
            # Now, not with the data: else a power cut may keep the data and lose the zeros.
            file.sync()

    # --- the next file ---------------------------------------------------------------------

    def _cut(self) -> None:
        """End this file and go on in a new one."""
        old_file, old_end = self.held[-1][1], self._end
        name = SegmentName(self.segment.sequence + 1, self.last_written + 1)
        path = f"{self._directory.wal}/{NEXT_FILE}"
        file = self._new_file(path, self._head())
        self._files.rename(path, f"{self._directory.wal}/{name}")
        self._files.sync_folder(self._directory.wal)
        self.held.append((name, file))
        # Only now: until its successor is there, the eight zeros say that there is none.
        old_file.truncate(old_end)
        old_file.sync()

    def _head(self) -> bytes:
        """With what each file but the first begins."""
        carried_over = packed(walpb.Record(RecordType.CRC, self._running))
        records = [(RecordType.METADATA, self._metadata)]
        if self.hard_state != raftpb.HardState():
            # So that the files before it can go: a file and a snapshot are enough to start from.
            records.append((RecordType.STATE, self.hard_state.encode()))
        return carried_over + self._packed(records)

    def _new_file(self, path: str, head: bytes) -> File:
        """Make a file with its head, safe but for its name."""
        size = max(self._segment_bytes, len(head) + LENGTH_BYTES)
        file = self._files.open(path, create=True, mode=PRIVATE_FILE)
        try:
            file.lock()
            file.truncate(0)  # what a crash left under this name
            file.preallocate(size)
            file.write(0, head)
            file.sync()
        except BaseException:
            file.close()
            raise
        self._end, self._size = len(head), size
        return file

    def begin(self, first: Window) -> None:
        """Make the first file, and the folder around it: both are there with `first` or not."""
        files, directory = self._files, self._directory
        if files.exists(directory.new_wal):
            files.remove_folder(directory.new_wal)  # a start that was cut off
        files.make_folder(directory.new_wal, PRIVATE_FOLDER)
        name = SegmentName(0, 0)
        nothing = packed(walpb.Record(RecordType.CRC, 0))
        head = nothing + self._packed(
            [
                (RecordType.METADATA, self._metadata),
                (RecordType.SNAPSHOT, walpb.Snapshot().encode()),
                *first.records(),
            ]
        )
        self.held.append((name, self._new_file(f"{directory.new_wal}/{name}", head)))
        files.sync_folder(directory.new_wal)
        files.rename(directory.new_wal, directory.wal)
        files.sync_folder(directory.above_wal)
        self._note(first)

    def resume(self, found: Recovered, held: list[tuple[SegmentName, File]]) -> None:
        """Go on behind the last good record; what a crash left behind it is wiped out."""
        self.held = held
        self.snapshot = SnapshotName(found.stored.snapshot.term, found.stored.snapshot.index)
        self.hard_state = mapping.to_hard_state(found.stored.hard_state)
        self.last_written = found.last_written
        self._running = found.scan.running
        self._end, self._size = found.scan.end, found.scan.size
        with self.or_never_again():
            file = self.held[-1][1]
            if found.scan.remains:
                # They would follow the new records, and read like damage.
                file.write(self._end, bytes(found.scan.remains))
            # If only the process crashed, or a sync failed, the last records that we have read may
            # be nowhere but in memory. They are going to be acknowledged, so they must be safe; and
            # after a failed sync only what is written again gets to the disk.
            file.write(*_last_window(found))
            file.sync()
            self._files.sync_folder(self._directory.wal)
            self._files.sync_folder(self._directory.above_wal)
            self._make_room(0)
        self.release()


def _last_window(found: Recovered) -> tuple[int, bytes]:
    """The records that may never have been synced, as they are in the last file, and where."""
    records = [placed for placed in found.scan.records if placed.segment == found.scan.segments[-1]]
    size = last_window([placed.type for placed in records])
    window = [packed(placed.at.record) for placed in records[len(records) - size :]]
    return found.scan.end - sum(map(len, window)), b"".join(window)


def create_wal(
    files: Files,
    directory: Directory,
    metadata: etcdserverpb.Metadata,
    segment_bytes: int = SEGMENT_BYTES,
    first: Window | None = None,
) -> Wal:
    """Begin the log of a new member."""
    wal = Wal(files, directory, metadata.encode(), segment_bytes)
    try:
        wal.begin(first or Window())
    except BaseException:
        wal.close()
        raise
    return wal


def continue_wal(
    files: Files,
    directory: Directory,
    found: Recovered,
    held: list[tuple[SegmentName, File]],
    segment_bytes: int = SEGMENT_BYTES,
) -> Wal:
    """Go on with a log that was read; its files are open and locked."""
    wal = Wal(files, directory, found.metadata.encode(), segment_bytes)
    wal.resume(found, held)
    return wal
