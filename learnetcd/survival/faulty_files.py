"""Files on a disk that is full, slow or broken, as long as somebody says so.

    touch faults/full           no space is left for any write
    touch faults/failing-sync   a sync ends in an input/output error
    touch faults/slow           a sync takes a third of a second
    rm faults/...               the disk is well again

The faults lie between the member and the real files, so the server has no switch for them: it is
given these files in place of the real ones (`launcher`). They can be had while it runs, because a
fault is a file whose name is looked for.

Next page: `launcher`.
"""

from __future__ import annotations

import errno
import os
import time
from enum import Enum
from pathlib import Path

from learnetcd.disk.files import File
from learnetcd.disk.real_files import RealFiles

SLOW_S = 0.3


class DiskFault(Enum):
    """What a disk may have; the value is the name of the file that makes it so."""

    FULL = "full"
    FAILING_SYNC = "failing-sync"
    SLOW = "slow"


class Disk:
    """Which faults there are now."""

    def __init__(self, faults: Path) -> None:
        """They are in this folder."""
        self._paths = {fault: str(faults / fault.value) for fault in DiskFault}

    def has(self, fault: DiskFault) -> bool:
        """Look for its file."""
        return os.path.exists(self._paths[fault])

    def refuse_if_full(self, path: str) -> None:
        """Nothing more can be written."""
        if self.has(DiskFault.FULL):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)


class FaultyFile:
    """An open file on such a disk."""

    def __init__(self, file: File, disk: Disk) -> None:
        """All that is not about a fault is left to `file`."""
        self._file = file
        self._disk = disk
        self.path = file.path
        self.size = file.size
        self.read = file.read
        self.truncate = file.truncate
        self.lock = file.lock
        self.flock = file.flock
        self.close = file.close

    def write(self, offset: int, data: bytes) -> None:
        """Write, if there is room."""
        self._disk.refuse_if_full(self.path)
        self._file.write(offset, data)

    def preallocate(self, size: int) -> None:
        """Reserve space, if there is any."""
        self._disk.refuse_if_full(self.path)
        self._file.preallocate(size)

    def sync(self) -> None:
        """Sync, in good time and with success, or not."""
        if self._disk.has(DiskFault.FAILING_SYNC):
            raise OSError(errno.EIO, os.strerror(errno.EIO), self.path)
        if self._disk.has(DiskFault.SLOW):
            time.sleep(SLOW_S)
        self._file.sync()


class FaultyFiles(RealFiles):
    """The file system on such a disk."""

    def __init__(self, faults: Path) -> None:
        """The faults are in this folder."""
        self._disk = Disk(faults)

    def open(self, path: str, *, create: bool = False, mode: int = 0o600) -> File:
        """Open for reading and writing."""
        return FaultyFile(super().open(path, create=create, mode=mode), self._disk)
