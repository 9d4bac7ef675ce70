"""A beginning: what a member of a live run found on its disk when it started.

    begin S10276657743932975437
    snapshot 0ad3017b22526f6f74223a...      the snapshot and the members, as etcd writes them
    entry 1@1 08011001...                   the log after it, each entry as etcd writes it
    state 2 10276657743932975437 7          term, vote, commit index

A simulated run begins with empty disks, so all its past is in its recording. A server has a past of
its own, from before somebody began to record; this is what of it was left on the disk, and all that
a member knows of it. It is kept as bytes, as they come from `learnetcd.disk`.

Next page: `setup`, the start that a list of decisions begins from.
"""

from __future__ import annotations

from collections.abc import Sequence

from learnetcd.disk import mapping
from learnetcd.errors import UserError
from learnetcd.raft.configuration import Configuration
from learnetcd.raft.entry import Entry, HardState, Snapshot, Stored
from learnetcd.store.saved import SavedStoreRefused
from learnetcd.value import dataclass
from learnetcd.wire import raftpb

WORDS = ("begin", "snapshot", "entry", "state")
"""With these, its lines begin."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """The start of one member that was not simulated."""

    member: int
    """Its id: a big number, as etcd makes them."""
    hard_state: HardState
    entries: tuple[Entry, ...]
    snapshot: bytes = b""
    """etcd's bytes; none for a member that has no snapshot yet."""

    @staticmethod
    def of(member: int, stored: Stored) -> Beginning:
        """Keep what a member is started with."""
        has_snapshot = stored.snapshot.index > 0
        snapshot = mapping.to_snapshot(stored.snapshot).encode() if has_snapshot else b""
        return Beginning(member, stored.hard_state, stored.entries, snapshot)

    def stored(self) -> Stored:
        """What the member is started with; a snapshot that is none is a `UserError`."""
        snapshot = Snapshot(0, 0, Configuration(()))
        if self.snapshot:
            try:
                snapshot = mapping.from_snapshot(raftpb.Snapshot.decode(self.snapshot))
            except (ValueError, SavedStoreRefused) as error:
                raise UserError(f"The snapshot of S{self.member} can't be read: {error}") from None
        return Stored(snapshot, self.hard_state, self.entries)

    def lines(self) -> list[str]:
        """Write it down; `parse` reads it back."""
        state = self.hard_state
        lines = [f"begin S{self.member}"]
        if self.snapshot:
            lines.append(f"snapshot {self.snapshot.hex()}")
        for entry in self.entries:
            lines.append(f"entry {entry} {mapping.to_entry(entry).encode().hex()}")
        return [*lines, f"state {state.term} {state.vote} {state.commit_index}"]


def parse(lines: Sequence[Sequence[str]]) -> tuple[Beginning, ...]:
    """Read the words of all lines that begin with `WORDS`; a `ValueError` for what is wrong."""
    found: list[Beginning] = []
    entries: list[Entry] = []
    member, snapshot = 0, b""
    for words in lines:
        match words:
            case ["begin", name] if name.startswith("S"):
                member, snapshot, entries = int(name[1:]), b"", []
            case ["snapshot", data]:
                snapshot = bytes.fromhex(data)
            case ["entry", name, data]:
                entry = mapping.from_entry(raftpb.Entry.decode(bytes.fromhex(data)))
                if str(entry) != name:
                    raise ValueError(f"entry {entry} is called {name}")
                entries.append(entry)
            case ["state", term, vote, commit_index]:
                state = HardState(int(term), int(vote), int(commit_index))
                found.append(Beginning(member, state, tuple(entries), snapshot))
            case _:
                raise ValueError("no such line")
    return tuple(found)
