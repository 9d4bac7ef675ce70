"""What a log holds and what a member must never forget.

    index     1     2     3     4
    term      1     1     2     2
    payload  x=1   y=2   (empty) z=4        an Entry is one column

Indexes are 1-based everywhere, as in the paper; index 0 with term 0 stands for "before the log".
An entry is named by its index and its term together, written `3@2`: the Log Matching property
(Raft §5.3) says that this pair names one payload, and one history before it, in the whole cluster.

The payload is bytes that the core never looks into (a client's command), or a `ConfigChange`, which
it must. An empty payload is the entry with which etcd's leaders begin their term.

Next page: `twins`.
"""

from __future__ import annotations

from learnetcd.raft.configuration import ConfigChange, Configuration
from learnetcd.value import dataclass

NO_MEMBER = 0
"""Stands for "nobody": no vote given, no leader known. Real member ids are never 0."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One place in the log."""

    index: int
    """Its place, counted from 1."""

    term: int
    """The term in which a leader created it; never changed afterwards."""

    payload: bytes | ConfigChange = b""
    """The client's command, a change of membership, or nothing."""

    @property
    def size(self) -> int:
        """Bytes of payload: what the quota of uncommitted entries counts."""
        return (
            len(self.payload) if isinstance(self.payload, bytes) else 16 * len(self.payload.changes)
        )

    @property
    def wire_size(self) -> int:
        """Bytes that it takes in a message, as etcd's protobuf counts them."""
        fields = 2 + varint_size(self.term) + 1 + varint_size(self.index) + 1
        return fields + (1 + varint_size(self.size) + self.size if self.size else 0)

    def __str__(self) -> str:
        """Its name: `3@2` is entry 3 of term 2."""
        return f"{self.index}@{self.term}"


def varint_size(number: int) -> int:
    """Bytes of a protobuf varint: seven bits each, at least one."""
    return max(1, (number.bit_length() + 6) // 7)


@dataclass(frozen=True, slots=True)
class HardState:
    """What a member must find again after a crash (Raft Figure 2, persistent state)."""

    term: int = 0
    """The latest term that it has seen."""

    vote: int = NO_MEMBER
    """For whom it voted in that term."""

    commit_index: int = 0
    """How far it knew the log to be committed. The paper keeps this in memory only; etcd writes it
    down too, so that a restarted member can apply at once what it knew to be safe."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state machine at one index, in place of the log up to there (Raft §7)."""

    index: int
    """The last entry that it replaces."""

    term: int
    """The term of that entry: the previous-entry check needs it."""

    configuration: Configuration
    """The members as of that index."""

    state: object = None
    """The state machine itself. The core never looks inside."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What a member finds on its disk when it starts."""

    snapshot: Snapshot
    """Where its log begins; index 0 with the first configuration for a new member."""

    hard_state: HardState = HardState()
    entries: tuple[Entry, ...] = ()
    """The log after the snapshot, without gaps."""
