"""A lent folder: it goes away with whoever has it, and if that was killed, with the next who comes.

    /tmp/learnetcd-live-k3x9/lock     locked: somebody has it
    /tmp/learnetcd-live-p7aa/lock     not locked: whoever had it was killed; it goes now
    /tmp/learnetcd-live-q1zz/         no lock yet: somebody makes it just now

Who is killed with SIGKILL tidies nothing up. But the kernel lets go of its locks, and so the next
one can tell a folder that is in use from one that is forgotten.

Left out: who makes a folder and is killed before it is locked leaves it, empty, for good.

Source: flock(2).

Next page: `log_tail`.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

PREFIX = "learnetcd-live-"
LOCK = "lock"


class LentFolder:
    """A folder for as long as this process lives, and wants it."""

    def __init__(self) -> None:
        """Make one, and remove those that nobody has any more."""
        remove_forgotten()
        self._descriptor = -1
        while self._descriptor < 0:
            self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
            self._descriptor = locked(self.path, os.O_CREAT)  # another may have just removed it

    def give_back(self) -> None:
        """Remove it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._descriptor)


def remove_forgotten() -> None:
    """Remove the folders of ours whose lock nobody holds."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if is_ours(folder) and (descriptor := locked(folder)) >= 0:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(descriptor)


def is_ours(folder: Path) -> bool:
    """Whether it is a folder of this user: anybody may put things there, under any name."""
    with suppress(OSError):
        status = folder.lstat()
        return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
    return False


def locked(folder: Path, creates: int = 0) -> int:
    """The descriptor of its lock, now held; negative if another holds it, or there is none."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDWR | creates, 0o600)
    except OSError:
        return -1
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if folder.exists():
            return descriptor
    except OSError:
        pass
    os.close(descriptor)
    return -1
