"""What a member says when its disk won't let it start, or lets it down.

    DATA/member/wal/0000000000000000-0000000000000000.wal, byte 296: the checksum of a record is
    wrong. Its member can't vouch for what it acknowledged, so it must not start.

Three things can happen, and a person has to act on each: what is there can't be trusted
(`DataRefused`), somebody else is using it (`Locked`), a write failed (`DiskFailed`). All are
`UserError`s: one sentence, no traceback.

Next page: `files`.
"""

from learnetcd.errors import UserError


class DataRefused(UserError):
    """What is on the disk can't be the whole history of a member."""

    def __init__(self, path: str, offset: int | None, reason: str) -> None:
        """Say which file (or folder), where in it, and why."""
        place = path if offset is None else f"{path}, byte {offset}"
        super().__init__(f"{place}: {reason}")
        self.path = path
        self.offset = offset
        self.reason = reason


class Locked(UserError):
    """Somebody else has the file open for writing."""

    def __init__(self, path: str) -> None:
        """Say which file."""
        super().__init__(f"{path} is in use: is a member already running on this data directory?")
        self.path = path


class DiskFailed(UserError):
    """A write or a sync failed, now or earlier; nothing can be promised any more."""
