"""What a member wants done: one class for each kind of effect.

`Member.step(input)` returns effects; a driver carries them out in the order given and reports back
by inputs. A driver is a `match` over this handful of classes and nothing more.

    WriteWal, SyncWal(batch)   -> WalSynced(batch)       written is not yet durable
    SaveSnapshot               -> SnapshotSaved(index)   only for the member's own snapshots
    Apply(through)             -> ApplyDue(through)      committed is not yet applied
    SendMessage                -> nothing
    Reply, NotifyWatcher       -> RequestCancelled, if the client goes away while it waits

Drivers may merge syncs and confirm the highest batch only (group commit).

Next page: `execution`.
"""

from __future__ import annotations

from learnetcd.member.request import Answer
from learnetcd.raft.entry import Entry, HardState, Snapshot
from learnetcd.raft.messages import Message
from learnetcd.store.event import Event
from learnetcd.value import dataclass


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


@dataclass(frozen=True, slots=True)
class NotifyWatcher:
    """Tell a client who watches, and who was replied `WAITING` before, of an event."""

    request_id: int
    event: Event | None
    """None: events were missed that nobody here can tell of any more. The watch ends, as one does
    whose time has run out; who asks again from a known index is told that it is too late (401)."""
    done: bool
    """Whether this was all: a watcher is told once, a stream again and again."""


Effect = WriteWal | SyncWal | SaveSnapshot | SendMessage | Apply | Reply | NotifyWatcher
"""Any of them: a driver's `match` ends in `assert_never`."""
