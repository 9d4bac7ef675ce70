"""What a member wants done: one class for each kind of effect.

`Member.step(input)` returns effects; a driver carries them out in the order given and reports back
by inputs. A driver is a `match` over this handful of classes and nothing more.

    WriteWal, SyncWal(batch)   -> WalSynced(batch)       written is not yet durable
    SaveSnapshot               -> SnapshotSaved(index)   only for the member's own snapshots
    Apply(through)             -> ApplyDue(through)      committed is not yet applied
    SendMessage, Reply         -> nothing

Drivers may merge syncs and confirm the highest batch only (group commit).

Next page: `execution`.
"""

from __future__ import annotations

from dataclasses import dataclass

from learnetcd.member.request import Answer
from learnetcd.raft.entry import Entry, HardState, Snapshot
from learnetcd.raft.messages import Message


@dataclass(frozen=True, slots=True)
class WriteWal:
    """Append these records to the write-ahead log, in this order: entries, then hard state."""

    entries: tuple[Entry, ...]
    hard_state: HardState | None


@dataclass(frozen=True, slots=True)
class SyncWal:
    """Make all that was written so far survive a power cut, then report `WalSynced(batch)`."""

    batch: int


@dataclass(frozen=True, slots=True)
class SaveSnapshot:
    """Save a snapshot (file first, then its marker in the write-ahead log).

    `own`: the member took it itself, and wants `SnapshotSaved`. Otherwise it came from the leader;
    it belongs to the batch whose `SyncWal` follows and is durable before that batch is.
    """

    snapshot: Snapshot
    own: bool


@dataclass(frozen=True, slots=True)
class SendMessage:
    """Send, without waiting: messages may be lost."""

    message: Message


@dataclass(frozen=True, slots=True)
class Apply:
    """Entries up to `through` are committed and durable here: ask for them by `ApplyDue`."""

    through: int


@dataclass(frozen=True, slots=True)
class Reply:
    """Answer the client who waits for `request_id`."""

    request_id: int
    answer: Answer


Effect = WriteWal | SyncWal | SaveSnapshot | SendMessage | Apply | Reply
"""Any of them: a driver's `match` ends in `assert_never`."""
