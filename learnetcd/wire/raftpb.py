"""raftpb: log entries, hard state, snapshots, and what members say to each other.

    Entry      08 00 10 02 18 05 22 02 68 69      NORMAL, term 2, index 5, data "hi"
    HardState  08 02 10 00 18 04                  term 2, no vote, committed up to 4

etcd has one wide `Message` for all that Raft says; what a field means depends on the type, and the
rest is 0. `learnetcd/raft/messages.py` has a class for each instead; here is what travels.

Two things to know when looking at bytes. A leader's first entry has *no* data field, which is not
the same as an empty one. And every message carries a snapshot, nearly always the one
that stands for none: `4a 0a 12 08 0a 02 28 00 10 00 18 00`.

Source: etcd 3.4 raft/raftpb/raft.proto. Next page: `walpb`.
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar

from learnetcd.value import dataclass
from learnetcd.wire.protobuf import (
    BOOL,
    BYTES,
    OPTIONAL,
    REPEATED,
    UINT64,
    Field,
    Protobuf,
    Table,
    enum,
    nested,
)


class EntryType(IntEnum):
    """What an entry's data is."""

    NORMAL = 0
    """Something for the state machine, or nothing."""
    CONF_CHANGE = 1
    """A `ConfChange`."""
    CONF_CHANGE_V2 = 2
    """A `ConfChangeV2`. etcd 3.4 panics if it has to apply one."""


@dataclass(frozen=True, slots=True)
class Entry(Protobuf):
    """One entry of the log."""

    type: EntryType = EntryType.NORMAL
    term: int = 0
    index: int = 0
    data: bytes | None = None

    TABLE: ClassVar = Table(
        Field(1, "type", enum(EntryType)),
        Field(2, "term", UINT64),
        Field(3, "index", UINT64),
        Field(4, "data", BYTES, OPTIONAL),
    )


@dataclass(frozen=True, slots=True)
class HardState(Protobuf):
    """What a member must remember besides its log."""

    term: int = 0
    vote: int = 0
    commit: int = 0

    TABLE: ClassVar = Table(
        Field(1, "term", UINT64),
        Field(2, "vote", UINT64),
        Field(3, "commit", UINT64),
    )


@dataclass(frozen=True, slots=True)
class ConfState(Protobuf):
    """Who the members are, as of a snapshot. etcd writes the ids in ascending order."""

    voters: tuple[int, ...] = ()
    learners: tuple[int, ...] = ()
    voters_outgoing: tuple[int, ...] = ()
    learners_next: tuple[int, ...] = ()
    auto_leave: bool = False

    TABLE: ClassVar = Table(
        Field(1, "voters", UINT64, REPEATED),
        Field(2, "learners", UINT64, REPEATED),
        Field(3, "voters_outgoing", UINT64, REPEATED),
        Field(4, "learners_next", UINT64, REPEATED),
        Field(5, "auto_leave", BOOL),
    )


@dataclass(frozen=True, slots=True)
class SnapshotMetadata(Protobuf):
    """Which entries a snapshot stands for, and who the members were."""

    conf_state: ConfState = ConfState()
    index: int = 0
    term: int = 0

    TABLE: ClassVar = Table(
        Field(1, "conf_state", nested(ConfState)),
        Field(2, "index", UINT64),
        Field(3, "term", UINT64),
    )


@dataclass(frozen=True, slots=True)
class Snapshot(Protobuf):
    """The state machine at one index; in etcd the v2 store, as JSON."""

    data: bytes | None = None
    metadata: SnapshotMetadata = SnapshotMetadata()

    TABLE: ClassVar = Table(
        Field(1, "data", BYTES, OPTIONAL),
        Field(2, "metadata", nested(SnapshotMetadata)),
    )


# --- changes of members -------------------------------------------------------------------------


class ConfChangeType(IntEnum):
    """What is done to a member."""

    ADD_NODE = 0
    REMOVE_NODE = 1
    UPDATE_NODE = 2
    ADD_LEARNER_NODE = 3


@dataclass(frozen=True, slots=True)
class ConfChange(Protobuf):
    """One change, the only form that etcd 3.4 uses."""

    id: int = 0
    """The request that asked for it: whoever waits for the answer is found by it."""
    type: ConfChangeType = ConfChangeType.ADD_NODE
    node_id: int = 0
    context: bytes | None = None
    """The member's addresses, as JSON. Raft doesn't read it."""

    TABLE: ClassVar = Table(
        Field(1, "id", UINT64),
        Field(2, "type", enum(ConfChangeType)),
        Field(3, "node_id", UINT64),
        Field(4, "context", BYTES, OPTIONAL),
    )


class ConfChangeTransition(IntEnum):
    """How to get from the old configuration to the new one."""

    AUTO = 0
    JOINT_IMPLICIT = 1
    JOINT_EXPLICIT = 2


@dataclass(frozen=True, slots=True)
class ConfChangeSingle(Protobuf):
    """One of the changes of a `ConfChangeV2`."""

    type: ConfChangeType = ConfChangeType.ADD_NODE
    node_id: int = 0

    TABLE: ClassVar = Table(
        Field(1, "type", enum(ConfChangeType)),
        Field(2, "node_id", UINT64),
    )


@dataclass(frozen=True, slots=True)
class ConfChangeV2(Protobuf):
    """Several changes at once, by joint consensus."""

    transition: ConfChangeTransition = ConfChangeTransition.AUTO
    changes: tuple[ConfChangeSingle, ...] = ()
    context: bytes | None = None

    TABLE: ClassVar = Table(
        Field(1, "transition", enum(ConfChangeTransition)),
        Field(2, "changes", nested(ConfChangeSingle), REPEATED),
        Field(3, "context", BYTES, OPTIONAL),
    )


# --- between members ----------------------------------------------------------------------------


class MessageType(IntEnum):
    """What a message says. The ones marked stay inside a process."""

    HUP = 0  # stays inside
    BEAT = 1  # stays inside
    PROP = 2
    APP = 3
    APP_RESP = 4
    VOTE = 5
    VOTE_RESP = 6
    SNAP = 7
    HEARTBEAT = 8
    HEARTBEAT_RESP = 9
    UNREACHABLE = 10  # stays inside
    SNAP_STATUS = 11  # stays inside
    CHECK_QUORUM = 12  # stays inside
    TRANSFER_LEADER = 13
    TIMEOUT_NOW = 14
    READ_INDEX = 15
    READ_INDEX_RESP = 16
    PRE_VOTE = 17
    PRE_VOTE_RESP = 18


@dataclass(frozen=True, slots=True)
class Message(Protobuf):
    """Anything that one member's Raft says to another's."""

    type: MessageType = MessageType.HUP
    to: int = 0
    from_: int = 0
    """`from` is a word of Python."""
    term: int = 0
    log_term: int = 0
    """The term of the entry at `index`."""
    index: int = 0
    """Of the entry before `entries`; in answers, of the last one that matches."""
    entries: tuple[Entry, ...] = ()
    commit: int = 0
    snapshot: Snapshot = Snapshot()
    reject: bool = False
    reject_hint: int = 0
    context: bytes | None = None

    TABLE: ClassVar = Table(
        Field(1, "type", enum(MessageType)),
        Field(2, "to", UINT64),
        Field(3, "from_", UINT64),
        Field(4, "term", UINT64),
        Field(5, "log_term", UINT64),
        Field(6, "index", UINT64),
        Field(7, "entries", nested(Entry), REPEATED),
        Field(8, "commit", UINT64),
        Field(9, "snapshot", nested(Snapshot)),
        Field(10, "reject", BOOL),
        Field(11, "reject_hint", UINT64),
        Field(12, "context", BYTES, OPTIONAL),
    )
