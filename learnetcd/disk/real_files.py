"""Files on the disk of this machine: the one page of this floor that leaves Python.

What is worth knowing about a real disk is in three of these functions:

- `sync`. Linux: `fdatasync`, which also keeps a changed length. macOS: `fsync` hands the bytes to
  the drive, whose own memory loses them; only `F_FULLFSYNC` waits for the medium.
- `preallocate`. Linux: `fallocate` reserves blocks. Elsewhere the file only gets its length, and a
  full disk is noticed when a record is written.
- `lock`. Linux: locks of an *open file description*, which etcd takes too, so that each keeps out
  the other. Elsewhere etcd takes `flock`, and so do we. Not plain POSIX locks: they belong to the
  process, don't keep it from locking twice, and vanish when it closes any descriptor of the file.

Windows has none of this; run it in WSL.

Source: etcd 3.4 pkg/fileutil. Next page: `learnetcd/peer/`.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import struct
import sys

from learnetcd.disk.errors import Locked
from learnetcd.disk.files import File

_FULL_SYNC: int | None = getattr(fcntl, "F_FULLFSYNC", None)
_LOCK_OF_DESCRIPTION: int | None = getattr(fcntl, "F_OFD_SETLK", None)


class RealFile:
    """An open file."""

    def __init__(self, path: str, descriptor: int) -> None:
        """Use `RealFiles.open`."""
        self.path = path
        self._descriptor = descriptor

    def size(self) -> int:
        """How many bytes it has."""
        return os.fstat(self._descriptor).st_size

    def read(self, offset: int, size: int) -> bytes:
        """Read so many bytes, or fewer where the file ends."""
        size = min(size, max(self.size() - offset, 0))
        pieces = []
        while size and (piece := os.pread(self._descriptor, size, offset)):
            pieces.append(piece)  # Linux reads at most 2 GB at once
            offset += len(piece)
            size -= len(piece)
        return b"".join(pieces)

    def write(self, offset: int, data: bytes) -> None:
        """Write all of `data` there."""
        rest = memoryview(data)
        while rest:
            written = os.pwrite(self._descriptor, rest, offset)
            offset += written
            rest = rest[written:]

    def preallocate(self, size: int) -> None:
        """Make the file longer, with zeros, and reserve the space."""
        now = self.size()
        if size <= now:
            return
        if sys.platform == "linux":
            try:
                os.posix_fallocate(self._descriptor, now, size - now)
            except OSError as error:
                if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL):
                    raise
            else:
                return
        os.ftruncate(self._descriptor, size)

    def truncate(self, size: int) -> None:
        """Give the file this length."""
        os.ftruncate(self._descriptor, size)

    def sync(self) -> None:
        """Make its bytes and its length survive a power cut."""
        if _FULL_SYNC is not None:
            fcntl.fcntl(self._descriptor, _FULL_SYNC)
        elif sys.platform == "linux":
            os.fdatasync(self._descriptor)
        else:
            os.fsync(self._descriptor)

    def lock(self) -> None:
        """Keep others from locking it, until it is closed; or raise `Locked`."""
        if _LOCK_OF_DESCRIPTION is None or sys.platform != "linux":
            self.flock()
            return
        # struct flock: type, whence, start, length (0: all of it), process (0)
        whole_file = struct.pack("hhqqi0q", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        try:
            fcntl.fcntl(self._descriptor, _LOCK_OF_DESCRIPTION, whole_file)
        except (BlockingIOError, PermissionError):
            raise Locked(self.path) from None

    def flock(self) -> None:
        """Do the same with the other kind of lock, which bbolt takes."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Locked(self.path) from None

    def close(self) -> None:
        """Let go of it, and of the lock."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


class RealFiles:
    """The file system."""

    def open(self, path: str, *, create: bool = False, mode: int = 0o600) -> File:
        """Open for reading and writing; `create` it empty if it isn't there."""
        flags = os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if create else 0)
        return RealFile(path, os.open(path, flags, mode))

    def read(self, path: str) -> bytes:
        """Read a whole file."""
        with open(path, "rb") as file:
            return file.read()

    def names(self, folder: str) -> list[str]:
        """List what is in a folder, sorted."""
        return sorted(os.listdir(folder))

    def exists(self, path: str) -> bool:
        """Whether there is a file or a folder of that name."""
        return os.path.exists(path)

    def make_folder(self, path: str, mode: int) -> None:
        """Make a folder, unless it is there already."""
        if not os.path.isdir(path):
            os.mkdir(path, mode)

    def remove(self, path: str) -> None:
        """Remove a file."""
        os.remove(path)

    def remove_folder(self, path: str) -> None:
        """Remove a folder with the files in it."""
        shutil.rmtree(path)

    def rename(self, old: str, new: str) -> None:
        """Give a file or folder another name, at once or not at all."""
        os.rename(old, new)

    def sync_folder(self, path: str) -> None:
        """Make the names in a folder survive a power cut."""
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
