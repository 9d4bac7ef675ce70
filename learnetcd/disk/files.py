"""The few things that this package asks of a file system.

    with a sync       file = files.open("wal/0.tmp", create=True)
    at each promise   file.write(0, b"...")        in memory; a power cut may take it
                      file.sync()                  the bytes are safe; the name may not be
                      files.rename("wal/0.tmp", "wal/1.wal")
                      files.sync_folder("wal")     the name is safe

A file's bytes and its name are kept in two places, and each has its own sync. That a file "is
there" after a crash needs both.

Two sets of files follow the same protocol: `real_files` on the disk of this machine, and
`memory_files`, where every single call can be the one at which the power fails.

A failure is an `OSError`, as Python's own functions raise it.

Next page: `directory`.
"""

from typing import Protocol


class File(Protocol):
    """An open file."""

    @property
    def path(self) -> str:
        """Under which name it was opened."""
        ...

    def size(self) -> int:
        """How many bytes it has."""
        ...

    def read(self, offset: int, size: int) -> bytes:
        """Read so many bytes, or fewer where the file ends."""
        ...

    def write(self, offset: int, data: bytes) -> None:
        """Write all of `data` there."""
        ...

    def preallocate(self, size: int) -> None:
        """Make the file longer, with zeros, and reserve the space. Never makes it shorter.

        Then a full disk is noticed now and not in the middle of a record; and later syncs have
        nothing to do but write the bytes, because the length doesn't change any more.
        """
        ...

    def truncate(self, size: int) -> None:
        """Give the file this length."""
        ...

    def sync(self) -> None:
        """Make its bytes and its length survive a power cut. After an error, nothing is known."""
        ...

    def lock(self) -> None:
        """Keep others from locking it, until it is closed; or raise `Locked`."""
        ...

    def flock(self) -> None:
        """Do the same with the other kind of lock, of which the first kind knows nothing."""
        ...

    def close(self) -> None:
        """Let go of it, and of the lock."""
        ...


class Files(Protocol):
    """A tree of files. A path is made with slashes."""

    def open(self, path: str, *, create: bool = False, mode: int = 0o600) -> File:
        """Open for reading and writing; `create` it empty if it isn't there."""
        ...

    def read(self, path: str) -> bytes:
        """Read a whole file."""
        ...

    def names(self, folder: str) -> list[str]:
        """List what is in a folder, sorted."""
        ...

    def exists(self, path: str) -> bool:
        """Whether there is a file or a folder of that name."""
        ...

    def make_folder(self, path: str, mode: int) -> None:
        """Make a folder, unless it is there already."""
        ...

    def remove(self, path: str) -> None:
        """Remove a file."""
        ...

    def remove_folder(self, path: str) -> None:
        """Remove a folder with the files in it."""
        ...

    def rename(self, old: str, new: str) -> None:
        """Give a file or folder another name, at once or not at all."""
        ...

    def sync_folder(self, path: str) -> None:
        """Make the names in a folder survive a power cut."""
        ...
