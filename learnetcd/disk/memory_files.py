"""Files in memory, on which the power can fail at any moment.

    what a process sees      log: AAAABBBB            names: 0.tmp -> 1.wal
    what is on the disk      log: AAAA                names: 0.tmp
                                  ^ last sync               ^ last sync of the folder

Each file and each folder has two faces: what was asked for, and what would be found after a power
cut. A sync makes them the same. Between syncs the disk is free: `after_power_cut` lets each sector
of 512 bytes be as it was at the last sync or after any later write, as it is told, and of the
changes of a folder any number, from the first on (file systems keep a journal of those).

**Faults.** Every call that changes something has a number. A fault can be put at any of them: the
power fails (`PowerFailed`), the disk is full, a sync fails. After a failed sync the bytes can still
be read, and the next sync succeeds, but the disk has not got them and never will unless they are
written again. That is what Linux does, and the reason why a member must not just try again.

Left out: changes of bits in what was synced (tests flip them themselves), and disks that lie
about their syncs.

Next page: `real_files`.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from learnetcd.disk.errors import Locked

SECTOR = 512

Keeps = Callable[[], bool]
"""Asked for each unsynced piece, whether it reached the disk."""


class Fault(Enum):
    """What goes wrong at one call."""

    POWER = "the power fails before the call"
    NO_SPACE = "the disk is full; half of a write is done"
    FAILS = "input/output error; unsynced bytes of the file are lost"


class PowerFailed(Exception):
    """The machine is off. Nothing can be asked of these files any more."""


@dataclass(slots=True)
class _Bytes:
    """A file: what it has, what the disk has, and what happened to it since the last sync."""

    now: bytearray = field(default_factory=bytearray)
    safe: bytes = b""
    changes: list[tuple[int, bytes] | int] = field(default_factory=list)
    """A write (offset, data), or a new length."""
    locked_by: MemoryFile | None = None


@dataclass(slots=True)
class _Folder:
    """A folder: its names, those that the disk has, and the changes since the last sync."""

    now: dict[str, _Bytes | _Folder] = field(default_factory=dict)
    safe: dict[str, _Bytes | _Folder] = field(default_factory=dict)
    changes: list[dict[str, _Bytes | _Folder]] = field(default_factory=list)
    """The names after each change."""


class MemoryFile:
    """An open file."""

    def __init__(self, files: MemoryFiles, path: str, content: _Bytes) -> None:
        """Use `MemoryFiles.open`."""
        self.path = path
        self._files = files
        self._content = content

    def size(self) -> int:
        """How many bytes it has."""
        return len(self._content.now)

    def read(self, offset: int, size: int) -> bytes:
        """Read so many bytes, or fewer where the file ends."""
        return bytes(self._content.now[offset : offset + size])

    def write(self, offset: int, data: bytes) -> None:
        """Write all of `data` there."""
        if self._files.call(f"write {self.path}") is Fault.NO_SPACE:
            half = (offset + len(data) // 2) // SECTOR * SECTOR  # space is given out in sectors
            self._write(offset, data[: max(half - offset, 0)])
            raise OSError(errno.ENOSPC, "No space left on device")
        self._write(offset, data)

    def _write(self, offset: int, data: bytes) -> None:
        content = self._content
        content.now.extend(bytes(max(offset + len(data) - len(content.now), 0)))
        content.now[offset : offset + len(data)] = data
        content.changes.append((offset, data))

    def preallocate(self, size: int) -> None:
        """Make the file longer, with zeros."""
        if size > self.size():
            self._resize(size, "preallocate")

    def truncate(self, size: int) -> None:
        """Give the file this length."""
        if size != self.size():
            self._resize(size, "truncate")

    def _resize(self, size: int, verb: str) -> None:
        if self._files.call(f"{verb} {self.path}") is Fault.NO_SPACE and size > self.size():
            raise OSError(errno.ENOSPC, "No space left on device")
        del self._content.now[size:]
        self._content.now.extend(bytes(size - self.size()))
        self._content.changes.append(size)

    def sync(self) -> None:
        """Make its bytes and its length survive a power cut."""
        self._files.call(f"sync {self.path}", self._content)
        # Not `now`: after a failed sync it has bytes that the disk has not and won't get any more.
        self._content.safe = _survivor(self._content, lambda: True)
        self._content.changes.clear()

    def lock(self) -> None:
        """Keep others from locking it, until it is closed; or raise `Locked`."""
        if self._content.locked_by not in (None, self):
            raise Locked(self.path)
        self._content.locked_by = self

    def flock(self) -> None:
        """Do the same: no file is locked in both ways."""
        self.lock()

    def close(self) -> None:
        """Let go of it, and of the lock."""
        if self._content.locked_by is self:
            self._content.locked_by = None


class MemoryFiles:
    """A tree of files; `faults` says what goes wrong at which call."""

    def __init__(self) -> None:
        """Begin with an empty root folder."""
        self.calls: list[str] = []
        """What was asked for so far, in words."""
        self.faults: dict[int, Fault] = {}
        """By the number of the call, counted from 0."""
        self.before_call: Callable[[str], None] = _nothing
        """Told of each such call before it is made: a good moment to see what a crash would leave.
        """
        self._root = _Folder()
        self._is_off = False

    # --- faults --------------------------------------------------------------------------------

    def call(self, words: str, content: _Bytes | None = None) -> Fault | None:
        """Count a call that changes something, and let it go wrong if it is its turn."""
        self.before_call(words)
        fault = self.faults.get(len(self.calls))
        self.calls.append(words)
        if self._is_off or fault is Fault.POWER:
            self._is_off = True
            raise PowerFailed(words)
        if fault is Fault.FAILS:
            if content is not None:
                content.safe = _survivor(content, lambda: False)
                content.changes.clear()
            raise OSError(errno.EIO, "Input/output error")
        return fault

    def process_killed(self) -> MemoryFiles:
        """What another process finds on the same machine: everything, safe or not, and no locks."""
        self.faults.clear()
        self._is_off = False
        _unlock(self._root)
        return self

    def after_power_cut(self, keeps: Keeps) -> MemoryFiles:
        """What is found when the power is back. `keeps` decides about each unsynced piece."""
        found = MemoryFiles()
        found._root = _survived(self._root, keeps)
        return found

    # --- what the protocol asks for -------------------------------------------------------------

    def open(self, path: str, *, create: bool = False, mode: int = 0o600) -> MemoryFile:
        """Open for reading and writing."""
        folder, name = self._place(path)
        if name not in folder.now and create:
            self.call(f"create {path}")
            folder.now[name] = _Bytes()
            self._changed(folder)
        content = self._at(path)
        assert isinstance(content, _Bytes), f"{path} is a folder"
        return MemoryFile(self, path, content)

    def read(self, path: str) -> bytes:
        """Read a whole file."""
        return self.open(path).read(0, 1 << 62)

    def names(self, folder: str) -> list[str]:
        """List what is in a folder, sorted."""
        return sorted(self._folder(folder).now)

    def exists(self, path: str) -> bool:
        """Whether there is a file or a folder of that name."""
        try:
            self._at(path)
        except FileNotFoundError:
            return False
        return True

    def make_folder(self, path: str, mode: int) -> None:
        """Make a folder, unless it is there already."""
        if not self.exists(path):
            self.call(f"make folder {path}")
            folder, name = self._place(path)
            folder.now[name] = _Folder()
            self._changed(folder)

    def remove(self, path: str) -> None:
        """Remove a file."""
        self._remove(path)

    def remove_folder(self, path: str) -> None:
        """Remove a folder with the files in it."""
        for name in self.names(path):
            self._remove(f"{path}/{name}")
        self._remove(path)

    def _remove(self, path: str) -> None:
        self._at(path)
        self.call(f"remove {path}")
        folder, name = self._place(path)
        del folder.now[name]
        self._changed(folder)

    def rename(self, old: str, new: str) -> None:
        """Give a file or folder another name in the same folder."""
        self._at(old)
        self.call(f"rename {old} {new}")
        folder, name = self._place(old)
        new_folder, new_name = self._place(new)
        assert folder is new_folder, f"{new} is in another folder than {old}"
        folder.now[new_name] = folder.now.pop(name)
        self._changed(folder)

    def sync_folder(self, path: str) -> None:
        """Make the names in a folder survive a power cut."""
        self.call(f"sync folder {path}")
        folder = self._folder(path)
        folder.safe = dict(folder.now)
        folder.changes.clear()

    # --- finding --------------------------------------------------------------------------------

    def _at(self, path: str) -> _Bytes | _Folder:
        found: _Bytes | _Folder = self._root
        for part in _parts(path):
            if not isinstance(found, _Folder) or part not in found.now:
                raise FileNotFoundError(errno.ENOENT, "No such file or directory", path)
            found = found.now[part]
        return found

    def _folder(self, path: str) -> _Folder:
        found = self._at(path)
        assert isinstance(found, _Folder), f"{path} is no folder"
        return found

    def _place(self, path: str) -> tuple[_Folder, str]:
        """The folder in which a path lies, and the last part of it."""
        *above, name = _parts(path)
        return self._folder("/".join(above)), name

    @staticmethod
    def _changed(folder: _Folder) -> None:
        folder.changes.append(dict(folder.now))


def _nothing(words: str) -> None:
    """Nobody listens."""


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".")]


def _unlock(folder: _Folder) -> None:
    for content in folder.now.values():
        if isinstance(content, _Folder):
            _unlock(content)
        else:
            content.locked_by = None


# --- what a power cut leaves --------------------------------------------------------------------


def _survived(folder: _Folder, keeps: Keeps) -> _Folder:
    names = folder.safe
    for after in folder.changes:
        if not keeps():
            break
        names = after
    found = _Folder()
    for name, content in sorted(names.items()):
        if isinstance(content, _Folder):
            found.now[name] = _survived(content, keeps)
        else:
            data = _survivor(content, keeps)
            found.now[name] = _Bytes(bytearray(data), data)
    found.safe = dict(found.now)
    return found


def _survivor(content: _Bytes, keeps: Keeps) -> bytes:
    """The bytes of a file after a power cut."""
    data = bytearray(content.safe)
    stale: set[int] = set()  # sectors of which a change was lost: then later ones are, too
    for change in content.changes:
        if isinstance(change, int):
            if keeps():
                del data[change:]
                data.extend(bytes(change - len(data)))
            continue
        for offset, piece in _pieces(*change):
            if offset // SECTOR in stale or not keeps():
                stale.add(offset // SECTOR)
            else:
                data.extend(bytes(max(offset + len(piece) - len(data), 0)))
                data[offset : offset + len(piece)] = piece
    return bytes(data)


def _pieces(offset: int, data: bytes) -> Iterator[tuple[int, bytes]]:
    """Cut a write at the borders of sectors."""
    done = 0
    while done < len(data):
        size = SECTOR - (offset + done) % SECTOR
        yield offset + done, data[done : done + size]
        done += size
