"""What a part of your own is shown, and what it answers: small values that nobody can change.

    Voter(current_term=2, voted_for=0, last_index=3, last_term=1)
    VoteRequest(term=2, candidate=1, last_index=3, last_term=2)          -> True or False

A part is a plain function of such values. It is not shown the member itself, and it changes
nothing: it says what should be so, and the member sees to it. That is why the same function can be
asked in a test, in a running cluster, and about a moment that never was.

Indexes count from 1, as in the paper; index 0 with term 0 stands for "before the log". So entry i
of a log is `log[i - 1]`.

Next page: `reference`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass  # the standard one: what is yours to see is not yours to change

from learnetcd.raft.entry import NO_MEMBER, Entry, HardState
from learnetcd.store.errors import COMPARE_FAILED, KEY_EXISTS, KEY_NOT_FOUND
from learnetcd.wire import crc32c, walpb
from learnetcd.wire.protobuf import Malformed

__all__ = [
    "COMPARE_FAILED",
    "KEY_EXISTS",
    "KEY_NOT_FOUND",
    "NO_MEMBER",
    "AppendAnswer",
    "AppendRequest",
    "Command",
    "Entry",
    "Follower",
    "HardState",
    "Key",
    "Leader",
    "Malformed",
    "ReadLog",
    "Record",
    "Refuse",
    "Remove",
    "VoteRequest",
    "Voter",
    "Write",
    "crc32c",
    "walpb",
]

# -- votes ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Voter:
    """A member that is asked for its vote."""

    current_term: int
    """The latest term that it has seen; never below the term of the request."""

    voted_for: int
    """Whom it voted for in that term; NO_MEMBER (0) for nobody yet."""

    last_index: int
    """The index of its last log entry; 0 if its log is empty."""

    last_term: int
    """The term of that entry."""


@dataclass(frozen=True, slots=True)
class VoteRequest:
    """What the candidate says (Raft Figure 2, RequestVote)."""

    term: int
    candidate: int
    last_index: int
    """The index of the candidate's last log entry."""
    last_term: int
    """The term of that entry."""


# -- the log -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Follower:
    """A member that hears from the leader."""

    current_term: int
    """The latest term that it has seen; never below the term of the request."""

    log: tuple[Entry, ...]
    """All its entries: `log[i - 1]` is the one with index i."""

    commit_index: int
    """Up to here it knows the log to be committed."""


@dataclass(frozen=True, slots=True)
class AppendRequest:
    """What the leader says (Raft Figure 2, AppendEntries)."""

    term: int
    previous_index: int
    """The index of the entry just before the new ones."""
    previous_term: int
    """The term of that entry in the leader's log."""
    entries: tuple[Entry, ...]
    """In order, without gaps, the first at previous_index + 1. May be empty."""
    commit_index: int
    """The leader's."""


@dataclass(frozen=True, slots=True)
class AppendAnswer:
    """What the follower does and says."""

    success: bool
    log: tuple[Entry, ...]
    """Its log from now on; after a refusal the same as before."""
    commit_index: int
    """Its commit index from now on."""
    match_index: int = 0
    """What it tells the leader: up to here both logs are known to agree. 0 after a refusal."""


@dataclass(frozen=True, slots=True)
class Leader:
    """A member that leads, just after somebody told it how far his log agrees."""

    current_term: int
    """The term that it leads."""

    log: tuple[Entry, ...]
    """All its entries: `log[i - 1]` is the one with index i."""

    commit_index: int

    match_index: Mapping[int, int]
    """For each voter, itself included: up to here it holds the leader's log durably."""


# -- the store -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Key:
    """A key that is there."""

    value: str
    modified_index: int
    """The etcd index of the write that changed it last."""


@dataclass(frozen=True, slots=True)
class Command:
    """A write of one key, when it is applied."""

    action: str
    """set, create, update, compareAndSwap, delete or compareAndDelete."""
    key: str
    value: str = ""
    prev_value: str = ""
    """The value that the key must have; "" if any will do."""
    prev_index: int = 0
    """The index at which the key must have been modified last; 0 if any will do."""


@dataclass(frozen=True, slots=True)
class Write:
    """From now on the key has this value."""

    value: str


@dataclass(frozen=True, slots=True)
class Remove:
    """From now on the key is not there."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Nothing changes, and the client is told why."""

    code: int
    """KEY_NOT_FOUND (100), COMPARE_FAILED (101) or KEY_EXISTS (105)."""


# -- the write-ahead log -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the write-ahead log."""

    type: int
    """1 metadata, 2 entry, 3 state, 5 snapshot."""
    data: bytes


@dataclass(frozen=True, slots=True)
class ReadLog:
    """What was found in a log."""

    records: tuple[Record, ...]
    """Those that are whole, up to the first that is not."""
    end: int
    """Where the last of them ends: the next record will be written here."""
    broken: bool
    """Whether something is there behind it that is no whole record."""
