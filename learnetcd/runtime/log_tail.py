"""The tail of a log: whoever watches a member reads on in its files, as far as they are written.

    look 1      record 1 .. record 40 | 0 0 0 0
    look 2                              record 41  record 42 | 0 0 0

The files are long and most of what is in them was read before, so each look goes on where the last
one ended, and only the newest records are remembered. Nothing is checked here: a restart reads the
log with all its checks (`learnetcd.disk.scan`); this is for people who look.

Next page: `overhearing`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace

from learnetcd.disk.directory import SegmentName
from learnetcd.disk.files import File
from learnetcd.disk.record import Damaged, Unpacked, unpacked
from learnetcd.disk.scan import Placed

MOST_RECORDS = 256
AT_ONCE = 1 << 16
"""Bytes that are read in one piece, unless a record is longer."""


class LogTail:
    """The newest records of one member's log."""

    def __init__(self) -> None:
        """Nothing was read yet."""
        self.records: deque[tuple[int, Placed, bytes]] = deque(maxlen=MOST_RECORDS)
        """Each with its number, counted from the first file that is there, and its bytes."""
        self._read = 0
        self._segment: SegmentName | None = None
        self._at = 0

    def read_on(self, files: Sequence[tuple[SegmentName, File]]) -> None:
        """Read what has been written since; `files` are those of the log, the oldest first."""
        for segment, file in files:
            if self._segment is not None and segment < self._segment:
                continue
            if segment != self._segment:
                self._segment, self._at = segment, 0
            for found, data in _records(file, self._at):
                self._at, self._read = found.end, self._read + 1
                self.records.append((self._read, Placed(segment, found), data))

    @property
    def end(self) -> int:
        """How far the last file is written."""
        return self._at


def _records(file: File, at: int) -> Iterator[tuple[Unpacked, bytes]]:
    """The whole records from an offset on; one that is being written is none yet."""
    size = AT_ONCE
    while True:
        piece, begin = file.read(at, size), at
        try:
            while at < begin + len(piece):
                found = unpacked(piece, at - begin)
                if found is None:
                    return
                end = begin + found.end
                yield replace(found, offset=at, end=end), piece[found.offset : found.end]
                at = end
        except Damaged as damage:
            if damage.end is None or damage.end <= len(piece):
                return  # not because the piece ends there
        if len(piece) < size:
            return
        size = AT_ONCE if at > begin else 2 * size
