"""The data directory: which file is where, how it is called and who may read it.

    DATA/                                                        drwx------
      member/                                                    drwx------
        wal/                                                     drwx------
          0000000000000000-0000000000000000.wal                  -rw-------  SEQUENCE-FIRST INDEX
          0000000000000001-0000000000000045.wal                  -rw-------
          0.tmp                                                  the next one, not ready yet
          0000000000000001-0000000000000045.wal.broken           copy of a file before its repair
        snap/                                                    drwx------
          0000000000000002-000000000000000b.snap                 -rw-r--r--  TERM-INDEX
          0000000000000002-000000000000000c.snap.broken          could not be read
          db                                                     -rw-------  for etcd (`backend`)
          tmp.db                                                 the next one, not ready yet
          db.etcd                                                what etcd had there, kept aside

The numbers are in hexadecimal, sixteen digits each, so that the order of names is the order of
files. Other names are left alone.

The folder `wal/` is made as `wal.tmp/` and renamed when it is complete. So a log that is half made
never looks like a log, and "is this a new member?" has a simple answer: if there is no `wal/`.

With `--wal-dir` the log lies elsewhere, usually on a disk of its own: there, syncs wait for nobody.
That folder then stands for `wal/`, and is made in the same way.

Source: etcd 3.4 wal/util.go, etcdserver/api/snap/snapshotter.go, etcdserver/storage.go.
Next page: `record`.
"""

from __future__ import annotations

import posixpath
import re

from learnetcd.disk.files import Files
from learnetcd.value import dataclass

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
SNAPSHOT_FILE = 0o644

_SEGMENT = re.compile(r"([0-9a-f]{16})-([0-9a-f]{16})\.wal")
_SNAPSHOT = re.compile(r"([0-9a-f]{16})-([0-9a-f]{16})\.snap")


@dataclass(frozen=True, slots=True)
class Directory:
    """The folders of one member's data directory."""

    root: str
    wal_dir: str = ""
    """Where the log is, if not inside."""

    @property
    def member(self) -> str:
        """Everything of the member."""
        return f"{self.root}/member"

    @property
    def wal(self) -> str:
        """The write-ahead log."""
        return self.wal_dir.rstrip("/") or f"{self.member}/wal"

    @property
    def new_wal(self) -> str:
        """The same while it is being made."""
        return f"{self.wal}.tmp"

    @property
    def above_wal(self) -> str:
        """The folder in which the log lies."""
        return posixpath.dirname(self.wal) or "."

    @property
    def snap(self) -> str:
        """The snapshot files."""
        return f"{self.member}/snap"

    @property
    def db(self) -> str:
        """The file that only etcd wants."""
        return f"{self.snap}/db"


@dataclass(frozen=True, slots=True, order=True)
class SegmentName:
    """The name of one file of the log."""

    sequence: int
    """How many files came before it."""
    index: int
    """One more than the entry that was written last when it began."""

    def __str__(self) -> str:
        """As the file is called."""
        return f"{self.sequence:016x}-{self.index:016x}.wal"


@dataclass(frozen=True, slots=True, order=True)
class SnapshotName:
    """The name of a snapshot file."""

    term: int
    index: int

    def __str__(self) -> str:
        """As the file is called."""
        return f"{self.term:016x}-{self.index:016x}.snap"


def segments(files: Files, directory: Directory) -> list[SegmentName]:
    """The files of the log, the oldest first."""
    found = map(_SEGMENT.fullmatch, _names(files, directory.wal))
    return sorted(SegmentName(int(match[1], 16), int(match[2], 16)) for match in found if match)


def snapshots(files: Files, directory: Directory) -> list[SnapshotName]:
    """The snapshot files, the oldest first."""
    found = map(_SNAPSHOT.fullmatch, _names(files, directory.snap))
    return sorted(SnapshotName(int(match[1], 16), int(match[2], 16)) for match in found if match)


def _names(files: Files, folder: str) -> list[str]:
    return files.names(folder) if files.exists(folder) else []
