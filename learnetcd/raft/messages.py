"""What members say to each other: one class for each kind of message.

    RequestVote        -> RequestVoteReply            who shall lead?        Raft §5.2
    RequestPreVote     -> RequestPreVoteReply         would I win?           Thesis §9.6
    AppendEntries      -> AppendEntriesReply          store these, after that one      §5.3
    Heartbeat          -> HeartbeatReply              I still lead           §5.2
    InstallSnapshot    -> AppendEntriesReply          take the picture instead         §7
    TimeoutNow                                        stand for election now Thesis §3.10
    ForwardProposal, ForwardTransfer                  a follower passes a request to its leader
    ForwardRead        -> ForwardReadReply            ... and a question     Thesis §6.4

Every message has a sender, a receiver and a term. The term is the sender's, but for forwarded
requests, which carry none (0): they are not part of the argument about who leads.

Differs: the paper's heartbeat is an empty AppendEntries. etcd's is a message of its own, without
the previous-entry check, so that it can be small and answered at once; the price is that its commit
index must never exceed what the receiver is known to hold.

Next page: `work`, what a core hands to its host.
"""

from __future__ import annotations

from learnetcd.raft.configuration import ConfigChange
from learnetcd.raft.entry import Entry, Snapshot
from learnetcd.value import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """What all messages have."""

    sender: int
    receiver: int
    term: int
    """The sender's term, or the term that a (pre-)candidate asks for."""


@dataclass(frozen=True, slots=True)
class RequestVote(Message):
    """A candidate asks for a vote in `term`."""

    last_index: int
    """Index of the candidate's last entry: its log must not be behind the voter's."""
    last_term: int
    """Term of that entry; compared before the index."""
    transfer: bool = False
    """The old leader asked for this election: the lease of a living leader does not count."""


@dataclass(frozen=True, slots=True)
class RequestVoteReply(Message):
    """The answer; a granted vote leaves only after it is on disk."""

    granted: bool


@dataclass(frozen=True, slots=True)
class RequestPreVote(Message):
    """Would you vote for me in `term`, which is one above my own? Nobody's term changes."""

    last_index: int
    last_term: int
    transfer: bool = False


@dataclass(frozen=True, slots=True)
class RequestPreVoteReply(Message):
    """A granted one echoes the term asked for, a refusal carries the voter's own."""

    granted: bool


@dataclass(frozen=True, slots=True)
class AppendEntries(Message):
    """Store these entries after the previous one, if you have that one."""

    previous_index: int
    previous_term: int
    entries: tuple[Entry, ...]
    """In order, without gaps, the first at previous_index + 1. Empty: a probe, or news."""
    commit_index: int
    """The leader's; the receiver takes it only as far as this message reaches."""


@dataclass(frozen=True, slots=True)
class AppendEntriesReply(Message):
    """Accepted up to an index, or refused with a hint where to look."""

    index: int
    """Accepted: the follower's log equals the leader's up to here, durably. Refused: the previous
    index that did not match."""
    rejected: bool = False
    hint_index: int = 0
    """Refused: the highest index at which the follower's log could match the leader's."""
    hint_term: int = 0
    """Refused: the follower's term at hint_index."""


@dataclass(frozen=True, slots=True)
class Heartbeat(Message):
    """I still lead."""

    commit_index: int
    """Never above what the receiver is known to have."""
    read_round: int = 0
    """The round of leadership confirmation that an answer counts for; 0: none is wanted."""


@dataclass(frozen=True, slots=True)
class HeartbeatReply(Message):
    """I heard you."""

    read_round: int = 0


@dataclass(frozen=True, slots=True)
class InstallSnapshot(Message):
    """The entries that you need are gone from my log: take this instead."""

    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class TimeoutNow(Message):
    """You hold my whole log: stand for election at once."""


@dataclass(frozen=True, slots=True)
class ForwardProposal(Message):
    """A follower passes proposals to its leader."""

    payloads: tuple[bytes | ConfigChange, ...]


@dataclass(frozen=True, slots=True)
class ForwardTransfer(Message):
    """A follower passes on the wish that `target` shall lead."""

    target: int


@dataclass(frozen=True, slots=True)
class ForwardRead(Message):
    """A follower asks its leader for a read index."""

    context: int
    """The follower's own number for the question."""


@dataclass(frozen=True, slots=True)
class ForwardReadReply(Message):
    """Apply up to `read_index`, then answer the question from your own state machine."""

    context: int
    read_index: int
