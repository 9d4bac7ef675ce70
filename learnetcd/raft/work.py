"""What a core hands to its host: `poll()` gives a `Work`, the host carries it out.

    work = raft.poll()
    send     these messages now
    save     make durable, in the order handed out; then call raft.saved(save.batch)
    apply    apply these entries in order; then call raft.applied(last index)
    reads    these questions may be answered once that index is applied

The five are separate because they fail separately: a member may crash between any two. Messages
that promise durability (votes, acknowledgements) are not in `send` until `saved` was called; the
core keeps them, so that a host can't get that order wrong (Raft Figure 2: "updated on stable
storage before responding to RPCs").

Next page: `parts`.
"""

from __future__ import annotations

from learnetcd.raft.entry import Entry, HardState, Snapshot
from learnetcd.raft.messages import Message
from learnetcd.value import dataclass


@dataclass(frozen=True, slots=True)
class Save:
    """One batch of what must reach the disk, in one piece and in order."""

    batch: int
    """Its number, counted from 1; `saved(n)` confirms this batch and all before it."""

    hard_state: HardState | None
    """Term, vote and commit index, if any of them changed."""

    entries: tuple[Entry, ...]
    """To be written after the entry before the first of them; what stood there before is void."""

    snapshot: Snapshot | None
    """A snapshot from the leader: saved before the hard state that refers to it."""

    must_sync: bool
    """Whether it must survive a power cut before the batch counts as saved. A new commit index
    alone need not: it can always be learned again."""


@dataclass(frozen=True, slots=True)
class ReadReady:
    """A question that may be answered once `read_index` is applied here."""

    context: int
    read_index: int


@dataclass(frozen=True, slots=True)
class Work:
    """Everything that a core wants done now."""

    send: tuple[Message, ...]
    save: Save | None
    apply: tuple[Entry, ...]
    reads: tuple[ReadReady, ...]
