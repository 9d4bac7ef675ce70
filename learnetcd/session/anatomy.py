"""The anatomy of bytes: which of them are which field, in what is kept and in what is sent.

    2f 00 00 00 00 00 00 81    length       47 bytes, and 1 of padding
    08 02                      type         entry
    10 e4 9b 83 f4 0d          crc          de80cde4
    1a 27                      data         39 bytes: the fields that follow
    08 00                      data.type    NORMAL
    10 02                      data.term    2
    ...

No byte is made here: records are those of `learnetcd.disk.record`, messages those of
`learnetcd.peer.streams`, and which bytes are which field is found by the same walk that decodes
them (`learnetcd.wire.protobuf.spans`). Only what lies inside a log entry is opened once more: to
Raft it is a row of bytes, to us it is the client's request. What it writes to an account is a
secret: a screen shows neither its text nor its bytes.

Left out: the bytes of a snapshot on its way, which is as long as the store.

Next page: `marks`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from enum import Enum
from functools import lru_cache

from learnetcd.api.telling import NOT_SHOWN
from learnetcd.disk import record
from learnetcd.disk.record import LENGTH_BYTES, RecordType
from learnetcd.member.cluster import name_of
from learnetcd.member.command import is_v2
from learnetcd.member.namespace import AUTH
from learnetcd.peer import messages
from learnetcd.peer.streams import AppendEncoder, Kind, MessageEncoder
from learnetcd.raft.entry import NO_MEMBER, Entry
from learnetcd.raft.messages import AppendEntries, InstallSnapshot, Message
from learnetcd.session.views import PieceView, WireView
from learnetcd.simulator import file_disk
from learnetcd.simulator.disk import Record
from learnetcd.tracing import member_name
from learnetcd.wire import etcdserverpb, raftpb, walpb
from learnetcd.wire.protobuf import Malformed, Protobuf, Span, spans

MEMBERS = {"from_", "to", "vote", "node_id", "voters"}
"""Fields that hold the number of a member."""

VALUES = {"val", "prev_value"}
"""Fields of a client's request that hold what it writes."""

NOTHING = (0, "", b"")
"""The values that say the least; `no` is 0, too."""

DATA_OF_A_RECORD: dict[RecordType, type[Protobuf]] = {
    RecordType.METADATA: etcdserverpb.Metadata,
    RecordType.ENTRY: raftpb.Entry,
    RecordType.STATE: raftpb.HardState,
    RecordType.SNAPSHOT: walpb.Snapshot,
}


# --- records ------------------------------------------------------------------------------------


def bytes_of(kept: Record) -> tuple[RecordType, bytes]:
    """What a record of the log says, in etcd's bytes."""
    return _entry(kept) if isinstance(kept, Entry) else file_disk.bytes_of(kept)


# A log is looked at again and again, and most of it stays.
@lru_cache(maxsize=4096)
def _entry(entry: Entry) -> tuple[RecordType, bytes]:
    return file_disk.bytes_of(entry)


@lru_cache(maxsize=4096)
def sealed(kind: RecordType, data: bytes, running: int) -> tuple[bytes, int]:
    """The record that follows on the checksum `running`, and the checksum after it."""
    made = record.sealed(kind, data, running)
    return record.packed(made), made.crc


def pieces_of_record(data: bytes) -> tuple[PieceView, ...]:
    """A record as it lies in a file: its length, its fields, its padding."""
    found = record.unpacked(data, 0)
    assert found is not None, "a record has a length"
    body = found.record.encode()
    padding = data[LENGTH_BYTES + len(body) :]
    words = f"{len(body)} bytes" + (f", and {len(padding)} of padding" if padding else "")
    pieces = [PieceView(data[:LENGTH_BYTES], "length", words)]
    for span in spans(walpb.Record, body):
        pieces += _opened(span, body, DATA_OF_A_RECORD.get(found.type))
    pieces[1] = replace(pieces[1], text=found.type.name.lower())
    if padding:
        pieces.append(PieceView(padding, "padding", "to a multiple of eight"))
    return tuple(pieces)


# --- messages -----------------------------------------------------------------------------------


def wire_view(message: Message) -> WireView:
    """A message as it travels between real members."""
    sender, receiver = message.sender, message.receiver
    if isinstance(message, InstallSnapshot):
        return WireView(
            f"POST /raft/snapshot, from {member_name(sender)} to {member_name(receiver)}: "
            "the message, and behind it the whole database. It is as long as the store.",
            (),
        )
    body = messages.encode(message)
    if isinstance(message, AppendEntries):
        kind, frame = Kind.APPEND, AppendEncoder().encode(message)
    else:
        kind, frame = Kind.MESSAGE, MessageEncoder().encode(message)
    head = frame[: len(frame) - len(body)]
    pieces = [PieceView(head[-LENGTH_BYTES:], "length", f"{len(body)} bytes follow")]
    if kind is Kind.APPEND:
        pieces.insert(0, PieceView(head[:1], "frame", "an append, in full"))
    for span in spans(raftpb.Message, body):
        pieces += _opened(span, body)
    path = f"GET /raft/stream/{kind.value}/{name_of(receiver)}"
    way = f"on the stream that {member_name(receiver)} has opened at {member_name(sender)}: {path}"
    return WireView(way, tuple(pieces))


# --- fields -------------------------------------------------------------------------------------


def _opened(span: Span, data: bytes, inside: type[Protobuf] | None = None) -> Iterator[PieceView]:
    """A field; one that holds a message of its own as its head and the fields in it."""
    raw = data[span.offset : span.offset + span.length]
    inner = span.value if isinstance(span.value, bytes) else b""
    inside = inside or (_inside(inner) if span.name.endswith("data") else None)
    if inside is None or not inner:
        nothing = span.value in NOTHING and not isinstance(span.value, Enum)
        yield PieceView(raw, _name(span.name), _text(span), nothing)
        return
    words = f"{len(inner)} bytes: the fields that follow"
    yield PieceView(raw[: len(raw) - len(inner)], _name(span.name), words)
    try:
        found = spans(inside, inner)
    except Malformed as trouble:  # of another release of etcd: its bytes are shown as they are
        yield PieceView(inner, _name(span.name), str(trouble))
        return
    is_secret = any(one.name == "path" and is_of_accounts(one.value) for one in found)
    for one in found:
        for piece in _opened(one, inner):
            text = NOT_SHOWN if is_secret and one.name in VALUES and one.value else piece.text
            yield replace(piece, name=f"{_name(span.name)}.{piece.name}", text=text)


def is_of_accounts(path: object) -> bool:
    """Whether a request writes there where the hashes of passwords are."""
    return isinstance(path, str) and path.startswith(f"{AUTH}/")


def _inside(data: bytes) -> type[Protobuf] | None:
    """What the data of an entry are, if not just bytes: a client's request, a change of members."""
    if is_v2(data):
        return etcdserverpb.Request
    for change in (raftpb.ConfChange, raftpb.ConfChangeV2):
        try:
            spans(change, data)
        except Malformed:
            continue
        return change
    return None


def _name(name: str) -> str:
    """`from` is a word of Python, so the field has another name there."""
    return name.replace("from_", "from")


def _text(span: Span) -> str:
    """What a field holds, for a person."""
    value, last = span.value, span.name.rpartition(".")[2].partition("[")[0]
    match value:
        case None:
            return "the fields that follow"
        case bool():
            return "yes" if value else "no"
        case Enum():
            return value.name
        case int() if last == "crc":
            return f"{value:08x}, of all records so far"
        case int() if last in MEMBERS:
            return member_name(value) if value != NO_MEMBER else "0: nobody"
        case int():
            return str(value)
        case bytes():
            return _plain(value.decode("utf-8", "backslashreplace"))
        case _:
            return _plain(str(value)) or '""'


def _plain(text: str) -> str:
    """Nothing in it moves the cursor of a terminal."""
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
