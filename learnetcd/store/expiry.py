"""Deadlines: which key expires next.

A key with a time to live is not removed when its time has come. Clocks differ from member to
member, and stores must not. So the leader now and then puts the time by *its* clock into the log,
in a SYNC entry, and every member removes what was due by then, the earliest first:

    due      09:57:26  /ttl/short        SYNC 09:57:27 removes /ttl/short, as one write
             10:05:45  /ttl/dir          nobody else ever looks at a clock
             10:12:25  /ttl/long

Deadlines are kept in order, in many short rows. A change finds its row by bisection and copies it;
the other rows are shared with the order before, as the tree shares its directories.

Source: etcd 2.3 store/ttl_key_heap.go; etcdserver/server.go, sync, every 500 ms by the leader.

Differs: keys with the very same deadline, down to the nanosecond, expire in the order of their
names. In etcd that is left to chance.

Next page: `history`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from typing import TypeAlias

Due: TypeAlias = tuple[int, str]
"""A deadline in nanoseconds since 1970, and the key that expires then."""

ROW = 128
"""The longest row: short enough to copy, and long enough that there are not too many."""


class Deadlines:
    """An order of deadlines. `with_due` and `without` make another one."""

    __slots__ = ("_rows",)

    def __init__(self, rows: tuple[tuple[Due, ...], ...] = ()) -> None:
        """Begin with none."""
        self._rows = rows
        """Each in order, none empty, each after the one before it."""

    def first(self) -> Due | None:
        """The next deadline; None if there is none."""
        return self._rows[0][0] if self._rows else None

    def __bool__(self) -> bool:
        return bool(self._rows)

    def __len__(self) -> int:
        return sum(len(row) for row in self._rows)

    def with_due(self, due: Due) -> Deadlines:
        """Make the order that has one more."""
        place = self._row_of(due)
        row = list(self._rows[place]) if self._rows else []
        insort(row, due)
        return self._with_row(place, row)

    def without(self, due: Due) -> Deadlines:
        """Make the order that lacks one, which must be there."""
        place = self._row_of(due)
        row = list(self._rows[place])
        at = bisect_left(row, due)
        assert row[at] == due, f"{due} is no deadline"
        del row[at]
        return self._with_row(place, row)

    def _row_of(self, due: Due) -> int:
        """The row where it is, or where it would go: the last one that begins no later."""
        return max(0, bisect_right(self._rows, due, key=lambda row: row[0]) - 1)

    def _with_row(self, place: int, row: list[Due]) -> Deadlines:
        half = len(row) // 2
        rows = (row[:half], row[half:]) if len(row) > ROW else (row,)
        new = [tuple(one) for one in rows if one]
        return Deadlines((*self._rows[:place], *new, *self._rows[place + 1 :]))
