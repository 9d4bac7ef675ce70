r"""The torn tail: a record that a crash cut off, told from one that was damaged.

A crash leaves the last records of a log in any state: sectors of 512 bytes that reached the disk,
and between them others that are still zero. Nobody was promised anything about those records, so
they are thrown away and the member starts. A record that *was* promised and reads badly is another
matter: throw it away, and a majority that holds an entry may become a minority.

                     sector      sector      sector
    torn             LLxxxxxxxx  0000000000  xxxx        the middle has not been written
    torn             LLxxxxxxxx  00000 ...               only the beginning has
    damaged          LLxxxxxxxx  xxxxXxxxxx  xxxx        all sectors are there, one byte is wrong
    damaged          00xxxxxxxx  xxxxxxxxxx  xxxx        the length is gone, but not its sector
    damaged          LLxxxxxxxx  0000000000  xxxx | good | good | good

A crash writes sectors wholly or not at all. So a record is torn if

1. the file ends before it does, or a whole sector of it is zero; and
2. what is there is consistent: the length before the record and the one inside it agree; and
3. what is found behind it may lie in one window with it (`window`).

The second and third are ours. The second, because a bit that flips in a length lets a record reach
far into the zeros, and then rule 1 alone would call a good log torn.

A length of zero, where a record should be, says that nothing follows. If something does, the same
rules hold: the rest of that sector must be zero too, and what is behind may lie in one window.

Differs: etcd has rule 1 alone, and cuts off what is behind as well. It also calls a record torn if
nothing of it is zero but some padding in a sector of its own.

Source: etcd 3.4 wal/decoder.go isTornEntry, wal/repair.go. Next page: `mapping`.
"""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import pairwise

from learnetcd.disk.record import LENGTH_BYTES, TYPES, Damaged, checked, unpacked
from learnetcd.disk.window import may_be_one_window
from learnetcd.wire import varint

SECTOR = 512

_NOT_ZERO = re.compile(rb"[^\0]")


def is_torn(data: bytes, damage: Damaged) -> bool:
    """Whether a crash explains what is at the end of the last file."""
    start = damage.offset + LENGTH_BYTES
    kinds: list[int] = []
    rest_of_sector = data[start : (damage.offset // SECTOR + 1) * SECTOR]
    if start > len(data):  # the file ends inside the length, so there is nothing to look at
        return True
    if not any(data[damage.offset : start]):
        # A length of zero: nothing of the record is known. If it is the whole sector that was not
        # written, then the rest of it is zero too.
        if any(rest_of_sector):
            return False
    else:
        if damage.end is None or not _has_holes(data, start, damage.end):
            return False
        head = _Head(data, start, damage.end)
        if head.contradicts:
            return False
        kinds += head.kinds
        # What a good head says of the length can be believed: it is there twice.
        start = damage.end if head.is_whole else start
    return may_be_one_window(kinds + _kinds_behind(data, start))


def _has_holes(data: bytes, start: int, end: int) -> bool:
    """Whether some of these bytes are beyond the file, or a sector of them is zero."""
    if end > len(data):
        return True
    # Up to seven bytes of padding may reach into the next sector and be zero there: no hole.
    end -= data[start - 1] & 0x07
    return any(not any(data[a:b]) for a, b in _sectors(start, end))


def _sectors(start: int, end: int) -> list[tuple[int, int]]:
    """Cut at multiples of the sector size, counted from the beginning of the file."""
    cuts = [start, *range((start // SECTOR + 1) * SECTOR, end, SECTOR), end]
    return list(pairwise(cuts))


class _Head:
    """The beginning of a damaged record: its type, and a second word about its length."""

    def __init__(self, data: bytes, start: int, end: int) -> None:
        self.kinds: list[int] = []
        self.contradicts = False
        self.is_whole = False
        padding = data[start - 1] & 0x07
        written = data[: self._written(data, start, end)]
        with suppress(IndexError):  # it reaches into a hole: not known
            self._read(written, start, end - padding)

    @staticmethod
    def _written(data: bytes, start: int, end: int) -> int:
        """Up to where the record was written, before the first hole."""
        for a, b in _sectors(start, min(end, len(data))):
            if not any(data[a:b]):
                return a
        return min(end, len(data))

    def _read(self, data: bytes, at: int, end: int) -> None:
        """Read `08 TYPE 10 CRC 1a SIZE`; then SIZE bytes of data must reach just to the end."""
        for key in (0x08, 0x10, 0x1A):
            if data[at] != key:
                self.contradicts = True
                return
            try:
                value, at = varint.read(data, at + 1, len(data))
            except varint.BadVarint:
                # Nothing is wrong with a number that a hole cuts off.
                self.contradicts = len(data) - at > varint.MAX_BYTES
                return
            if key == 0x08:
                if value not in TYPES:
                    self.contradicts = True
                    return
                self.kinds.append(value)
        self.is_whole = at + value == end
        self.contradicts = not self.is_whole


def _kinds_behind(data: bytes, start: int) -> list[int]:
    """The types of whole records behind a hole.

    The sum that runs up to the hole is lost. But each record says its own, so the next can be
    checked by it: two that fit together are no accident.
    """
    kinds: list[int] = []
    at = start
    while (match := _NOT_ZERO.search(data, at)) is not None:
        at = match.start() - match.start() % LENGTH_BYTES
        chain, end = _chain(data, at)
        kinds += chain if len(chain) > 1 else []
        at = end if len(chain) > 1 else at + LENGTH_BYTES
    return kinds


def _chain(data: bytes, at: int) -> tuple[list[int], int]:
    """Records that follow each other from `at` on, and where they end."""
    kinds: list[int] = []
    running: int | None = None
    try:
        while (found := unpacked(data, at)) is not None:
            running = found.record.crc if running is None else checked(found, running)
            kinds.append(found.type)
            at = found.end
    except Damaged:
        pass  # the next hole
    return kinds, at
