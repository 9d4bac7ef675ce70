"""The window: which records a crash may take, and which it can't.

Whatever a completed sync covers is on the disk for good. So a crash can only hurt the records
written since: the *window* at the end of the log. Inside it anything goes. A disk writes sectors of
512 bytes, each wholly or not at all, in any order: of three records the second may be missing.

    entry 7   state   entry 8   state   | entry 9   state |
                                        |     window      |

A log doesn't say where its window begins. But the order in which a member writes limits what can be
in one, because it syncs before it promises, and nothing follows a promise unsynced:

    S* E* S* M?      states that only move the commit index (they need no sync); entries;
                     the state that came with them; the marker of a snapshot

Several batches may share a sync: all their entries come first then, and of their states only the
last one counts (`Window`).

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
from dataclasses import dataclass, field

from learnetcd.disk.directory import SnapshotName
from learnetcd.disk.record import RecordType
from learnetcd.wire import raftpb, walpb

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


# --- writing ------------------------------------------------------------------------------------


@dataclass(slots=True)
class Window:
    """What is written with one sync, in this order."""

    early_state: raftpb.HardState | None = None
    """From before the first entry. It stays there: when a leader's snapshot has replaced the log,
    this is the state that makes it count; an entry before it would follow a log that is gone."""
    entries: list[raftpb.Entry] = field(default_factory=list)
    hard_state: raftpb.HardState | None = None
    marker: SnapshotName | None = None

    def takes(self, later: Window) -> bool:
        """Let what comes later be part of this one, if it can."""
        if self.marker is not None:
            return False
        if later.entries and not self.entries:
            self.early_state, self.hard_state = self.hard_state, None
        self.entries += later.entries
        self.hard_state = later.hard_state or self.hard_state
        self.marker = later.marker
        return True

    def records(self) -> list[tuple[RecordType, bytes]]:
        """As they are written."""
        records = []
        if self.early_state is not None:
            records.append((RecordType.STATE, self.early_state.encode()))
        records += [(RecordType.ENTRY, entry.encode()) for entry in self.entries]
        if self.hard_state is not None:
            records.append((RecordType.STATE, self.hard_state.encode()))
        if self.marker is not None:
            marker = walpb.Snapshot(self.marker.index, self.marker.term)
            records.append((RecordType.SNAPSHOT, marker.encode()))
        return records
