"""Messages: what Raft says, in etcd's one wide form and back.

    learnetcd.raft                         etcd's Message
    RequestVote(3, 1, term=2, 7, 1)        VOTE       from 3 to 1, term 2, index 7, logTerm 1
    RequestVoteReply(..., granted=False)   VOTE_RESP  reject
    AppendEntries(...)                     APP        index and logTerm of the entry before, entries
    ForwardRead(2, 1, 0, context=77)       READ_INDEX one entry, whose data are the eight bytes 77

In etcd's form every field is there in every message, and a field means something else in each: the
`index` of an APP is the entry before, that of an APP_RESP the last one that fits, that of a VOTE
the end of the candidate's log. This page is the dictionary.

Three things have a meaning that is ours alone, and a place that etcd keeps free for it. The round
of a heartbeat travels as its `context`, which etcd's followers echo without looking. The context of
a read is a number here and eight bytes there. And the hint of a refused append says its term in
`logTerm`, as etcd 3.5 does; 3.4 doesn't look at it.

Source: etcd 3.4 raft/raft.go, raft/raftpb. Next page: `streams`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from learnetcd.disk.mapping import from_entry, from_snapshot, to_entry, to_snapshot
from learnetcd.raft.configuration import ConfigChange
from learnetcd.raft.entry import Entry
from learnetcd.raft.messages import (
    AppendEntries,
    AppendEntriesReply,
    ForwardProposal,
    ForwardRead,
    ForwardReadReply,
    ForwardTransfer,
    Heartbeat,
    HeartbeatReply,
    InstallSnapshot,
    Message,
    RequestPreVote,
    RequestPreVoteReply,
    RequestVote,
    RequestVoteReply,
    TimeoutNow,
)
from learnetcd.wire import raftpb
from learnetcd.wire.protobuf import Malformed
from learnetcd.wire.raftpb import MessageType

CAMPAIGN_TRANSFER = b"CampaignTransfer"
"""The context of a vote request that the old leader asked for."""

NUMBER_BYTES = 8


def encode(message: Message) -> bytes:
    """Write a message as etcd does."""
    return to_wire(message).encode()


def decode(data: bytes) -> Message | None:
    """Read a message; None for a link's heartbeat, `Malformed` for what no member should send."""
    return from_wire(raftpb.Message.decode(data))


# --- to etcd's form -------------------------------------------------------------------------------


def to_wire(message: Message) -> raftpb.Message:
    """As etcd writes it."""
    plain = raftpb.Message(to=message.receiver, from_=message.sender, term=message.term)
    match message:
        case RequestVote() | RequestPreVote():
            type_ = MessageType.VOTE if isinstance(message, RequestVote) else MessageType.PRE_VOTE
            return replace(
                plain,
                type=type_,
                index=message.last_index,
                log_term=message.last_term,
                context=CAMPAIGN_TRANSFER if message.transfer else None,
            )
        case RequestVoteReply():
            return replace(plain, type=MessageType.VOTE_RESP, reject=not message.granted)
        case RequestPreVoteReply():
            return replace(plain, type=MessageType.PRE_VOTE_RESP, reject=not message.granted)
        case AppendEntries():
            return replace(
                plain,
                type=MessageType.APP,
                index=message.previous_index,
                log_term=message.previous_term,
                entries=tuple(map(to_entry, message.entries)),
                commit=message.commit_index,
            )
        case AppendEntriesReply():
            return replace(
                plain,
                type=MessageType.APP_RESP,
                index=message.index,
                reject=message.rejected,
                reject_hint=message.hint_index,
                log_term=message.hint_term,
            )
        case Heartbeat():
            context = to_number(message.read_round) if message.read_round else None
            type_, commit = MessageType.HEARTBEAT, message.commit_index
            return replace(plain, type=type_, commit=commit, context=context)
        case HeartbeatReply():
            context = to_number(message.read_round) if message.read_round else None
            return replace(plain, type=MessageType.HEARTBEAT_RESP, context=context)
        case InstallSnapshot():
            return replace(plain, type=MessageType.SNAP, snapshot=to_snapshot(message.snapshot))
        case TimeoutNow():
            return replace(plain, type=MessageType.TIMEOUT_NOW)
        case ForwardProposal():
            entries = tuple(to_entry(Entry(0, 0, payload)) for payload in message.payloads)
            return replace(plain, type=MessageType.PROP, entries=entries)
        case ForwardTransfer():
            # etcd 3.4 raft/raft.go, stepLeader: whoever shall lead is the one whom it is "from".
            return replace(plain, type=MessageType.TRANSFER_LEADER, from_=message.target)
        case ForwardRead():
            return replace(plain, type=MessageType.READ_INDEX, entries=question(message.context))
        case ForwardReadReply():
            entries, index = question(message.context), message.read_index
            return replace(plain, type=MessageType.READ_INDEX_RESP, index=index, entries=entries)
        case _:
            raise AssertionError(f"{type(message).__name__} has no form in etcd")


def to_number(number: int) -> bytes:
    """Write a number in the eight bytes that etcd has for it, the highest first."""
    return number.to_bytes(NUMBER_BYTES, "big")


def question(context: int) -> tuple[raftpb.Entry, ...]:
    """How etcd names a read: as an entry that is in no log."""
    return (raftpb.Entry(data=to_number(context)),)


# --- from etcd's form -----------------------------------------------------------------------------


def from_wire(message: raftpb.Message) -> Message | None:
    """As Raft knows it; None for a link's heartbeat, which says only that the link is alive."""
    sender, receiver, term = message.from_, message.to, message.term
    match message.type:
        case MessageType.VOTE:
            transfer = message.context == CAMPAIGN_TRANSFER
            return RequestVote(sender, receiver, term, message.index, message.log_term, transfer)
        case MessageType.PRE_VOTE:
            transfer = message.context == CAMPAIGN_TRANSFER
            return RequestPreVote(sender, receiver, term, message.index, message.log_term, transfer)
        case MessageType.VOTE_RESP:
            return RequestVoteReply(sender, receiver, term, not message.reject)
        case MessageType.PRE_VOTE_RESP:
            return RequestPreVoteReply(sender, receiver, term, not message.reject)
        case MessageType.APP:
            return append_from(message)
        case MessageType.APP_RESP:
            hint_index, hint_term = message.reject_hint, message.log_term
            return AppendEntriesReply(
                sender, receiver, term, message.index, message.reject, hint_index, hint_term
            )
        case MessageType.HEARTBEAT if sender == receiver == 0:
            return None
        case MessageType.HEARTBEAT:
            read_round = from_number(message.context)
            return Heartbeat(sender, receiver, term, message.commit, read_round)
        case MessageType.HEARTBEAT_RESP:
            return HeartbeatReply(sender, receiver, term, from_number(message.context))
        case MessageType.SNAP:
            return InstallSnapshot(sender, receiver, term, from_snapshot(message.snapshot))
        case MessageType.TIMEOUT_NOW:
            return TimeoutNow(sender, receiver, term)
        case MessageType.PROP:
            return ForwardProposal(sender, receiver, term, payloads_of(message))
        case MessageType.TRANSFER_LEADER:
            return ForwardTransfer(sender, receiver, term, sender)
        case MessageType.READ_INDEX:
            return ForwardRead(sender, receiver, term, context_of(message))
        case MessageType.READ_INDEX_RESP:
            return ForwardReadReply(sender, receiver, term, context_of(message), message.index)
        case (
            MessageType.HUP
            | MessageType.BEAT
            | MessageType.UNREACHABLE
            | MessageType.SNAP_STATUS
            | MessageType.CHECK_QUORUM
        ):
            raise malformed(f"a {message.type.name} never leaves its own process")
        case _:
            assert_never(message.type)


def append_from(message: raftpb.Message) -> AppendEntries:
    """Read an append; its entries must follow the previous one, without gaps."""
    entries = tuple(map(from_entry, message.entries))
    for place, entry in enumerate(entries, message.index + 1):
        if entry.index != place:
            raise malformed(f"entry {entry} stands where entry {place} was expected")
    previous, commit_index = (message.index, message.log_term), message.commit
    return AppendEntries(message.from_, message.to, message.term, *previous, entries, commit_index)


def payloads_of(message: raftpb.Message) -> tuple[bytes | ConfigChange, ...]:
    """What a forwarded proposal proposes: entries without a place yet."""
    return tuple(from_entry(entry).payload for entry in message.entries)


def context_of(message: raftpb.Message) -> int:
    """Which read a question or an answer is about."""
    if len(message.entries) != 1:
        raise malformed(f"a read has one entry, not {len(message.entries)}")
    return from_number(message.entries[0].data)


def from_number(data: bytes | None) -> int:
    """Read a number of ours; 0 for what is none: etcd asks for nothing in eight zeros."""
    return int.from_bytes(data, "big") if data and len(data) == NUMBER_BYTES else 0


def malformed(reason: str) -> Malformed:
    """Say what is wrong with a message whose bytes are in order."""
    return Malformed("Message", 0, reason)
