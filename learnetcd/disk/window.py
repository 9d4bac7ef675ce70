"""The window: which records a crash may take, and which it can't.

Whatever a completed sync covers is on the disk for good. So a crash can only hurt the records
written since: the *window* at the end of the log. Inside it anything goes. A disk writes sectors of
512 bytes, each wholly or not at all, in any order: of three records the second may be missing.

    entry 7   state   entry 8   state   | entry 9   state |
                                        |     window      |

A log doesn't say where its window begins. But the order in which a member writes limits what can be
in one, because it syncs before it promises, and nothing follows a promise unsynced:

    S* E* S* M?      states that only move the commit index (they need no sync); the entries of
                     one batch; its state; the marker of a snapshot

So if behind a hole there is `entry, state, entry`, then a sync came between the two entries, and
what is a hole now was on the disk by then: it is no trace of a crash but damage.
`may_be_one_window` says that. `wal` keeps to the order when it writes, `tail` relies on it when it
reads.

What remains. A hole with but one batch behind it looks like a crash, and is taken for one: the
format has no room for more. The cure is a second copy on another member, of which Raft has two.

Differs: etcd writes in this order but does not look for what it tells. It cuts the log at the hole,
and the good records behind it are gone, though they were acknowledged (Alagappan and others,
Protocol-Aware Recovery, FAST 2018).

Source: etcd 3.4 wal/wal.go Save, raft MustSync. Next page: `scan`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from learnetcd.disk.record import RecordType

_ONE_WINDOW = re.compile("S*E*S*M?")
_BACKWARDS = re.compile("M?S*E*S*")
_LETTERS: dict[int, str] = {
    RecordType.STATE: "S",
    RecordType.ENTRY: "E",
    RecordType.SNAPSHOT: "M",
}


def may_be_one_window(kinds: Iterable[int]) -> bool:
    """Whether records of these kinds, in this order, may all be written without a sync between.

    Some of them may be missing: what is left of a window has the order of a window too. A crc or
    metadata record is at the head of a file, which is synced before the file gets its name.
    """
    return _ONE_WINDOW.fullmatch(_letters(kinds)) is not None


def last_window(kinds: Sequence[int]) -> int:
    """How many records at the end of a log may never have been synced."""
    backwards = _BACKWARDS.match(_letters(reversed(kinds)))
    return backwards.end() if backwards else 0


def _letters(kinds: Iterable[int]) -> str:
    return "".join(_LETTERS.get(kind, "?") for kind in kinds)
