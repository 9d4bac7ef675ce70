"""The codec: one form for each message, every byte accounted for."""

from contextlib import suppress
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnetcd.wire import etcdserverpb, raftpb, snappb, varint, walpb
from learnetcd.wire.protobuf import ALWAYS, OPTIONAL, REPEATED, Malformed, spans

MESSAGES = [
    raftpb.Entry,
    raftpb.HardState,
    raftpb.ConfState,
    raftpb.SnapshotMetadata,
    raftpb.Snapshot,
    raftpb.ConfChange,
    raftpb.ConfChangeSingle,
    raftpb.ConfChangeV2,
    raftpb.Message,
    walpb.Record,
    walpb.Snapshot,
    snappb.Snapshot,
    etcdserverpb.Metadata,
    etcdserverpb.Request,
]

VALUES = {
    "uint64": st.integers(0, 2**64 - 1) | st.integers(0, 300),
    "uint32": st.integers(0, 2**32 - 1),
    "int64": st.integers(-(2**63), 2**63 - 1),
    "bool": st.booleans(),
    "bytes": st.binary(max_size=200),
    "string": st.binary(max_size=50).map(lambda data: data.decode("utf-8", "surrogateescape")),
    "EntryType": st.sampled_from(raftpb.EntryType),
    "ConfChangeType": st.sampled_from(raftpb.ConfChangeType),
    "ConfChangeTransition": st.sampled_from(raftpb.ConfChangeTransition),
    "MessageType": st.sampled_from(raftpb.MessageType),
}


def values_of(field):
    kind = field.kind
    one = messages_of(kind.nested) if kind.nested else VALUES[kind.name]
    if field.presence is REPEATED:
        return st.lists(one, max_size=3).map(tuple)
    return one if field.presence is ALWAYS else st.none() | one


def messages_of(message):
    return st.builds(message, **{field.name: values_of(field) for field in message.TABLE})


ANY_MESSAGE = st.sampled_from(MESSAGES).flatmap(messages_of)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.__qualname__)
def test_a_table_has_a_row_for_each_attribute_in_the_same_order(message):
    rows = [field.name for field in message.TABLE]
    assert rows == [attribute.name for attribute in fields(message)]
    # A row that may be missing begins as None, any other not.
    for field in message.TABLE:
        default = getattr(message(), field.name)
        assert (default is None) == (field.presence is OPTIONAL)


@given(ANY_MESSAGE)
def test_what_is_encoded_decodes_to_the_same(message):
    assert type(message).decode(message.encode()) == message


@given(st.sampled_from(MESSAGES), st.binary(max_size=60))
def test_what_decodes_encodes_to_the_same_bytes(message, data):
    try:
        decoded = message.decode(data)
    except Malformed:
        return
    assert decoded.encode() == data


@given(ANY_MESSAGE, st.data())
def test_what_decodes_after_a_change_encodes_to_the_same_bytes(message, data):
    """Nearer to real bytes than chance alone gets."""
    changed = bytearray(message.encode())
    if not changed:
        return
    at = data.draw(st.integers(0, len(changed) - 1))
    changed[at] = data.draw(st.integers(0, 255))
    try:
        decoded = type(message).decode(bytes(changed))
    except Malformed:
        return
    assert decoded.encode() == bytes(changed)


@given(ANY_MESSAGE, st.data())
def test_what_is_read_straight_is_what_the_one_way_reads(message, data):
    """Changed or not: a straight-line reader gives the same values, or leaves it alone."""
    kind, read = type(message), type(message).TABLE.read_straight
    if read is None:
        return
    encoded = bytearray(message.encode())
    assert kind(*read(bytes(encoded), len(encoded))) == message
    encoded[data.draw(st.integers(0, len(encoded) - 1))] = data.draw(st.integers(0, 255))
    try:
        spans(kind, bytes(encoded))  # goes the one way
    except Malformed:
        with suppress(IndexError, ValueError):
            assert read(bytes(encoded), len(encoded)) is None


def test_what_a_log_is_made_of_is_read_straight():
    for message in (walpb.Record, raftpb.Entry, raftpb.HardState, etcdserverpb.Request):
        assert message.TABLE.read_straight is not None


@given(ANY_MESSAGE)
def test_spans_cover_every_byte_once(message):
    at = 0
    for span in spans(type(message), message.encode()):
        assert span.offset == at
        assert span.length > 0
        at += span.length
    assert at == len(message.encode())


@given(ANY_MESSAGE, st.data())
def test_a_message_that_is_cut_short_is_refused(message, data):
    """Unless all that is missing is what may be missing: then it is another whole message."""
    encoded = message.encode()
    cut = encoded[: data.draw(st.integers(0, len(encoded)))]
    try:
        decoded = type(message).decode(cut)
    except Malformed:
        return
    assert decoded.encode() == cut


def test_spans_name_what_lies_inside_other_messages():
    message = raftpb.Message(entries=(raftpb.Entry(), raftpb.Entry(term=300, data=b"hi")))
    found = {span.name: span for span in spans(raftpb.Message, message.encode())}
    assert list(found)[6:13] == [
        "entries[0]", "entries[0].type", "entries[0].term", "entries[0].index",
        "entries[1]", "entries[1].type", "entries[1].term",
    ]  # fmt: skip
    assert found["entries[1].term"].value == 300
    assert found["entries[1].term"].length == 3
    assert found["entries[1].data"].value == b"hi"
    assert found["entries[1]"].length == 2, (
        "its key and its length; the fields are spans themselves"
    )


@pytest.mark.parametrize(
    ("bad_bytes", "offset", "reason"),
    [
        ("08 02 10 00", 4, "commit is missing"),
        ("08 02 10 00 18 04 20 00", 6, "there is no field 4 of wire type 0"),
        ("08 02 12 00 18 04", 2, "there is no field 2 of wire type 2"),
        ("10 00 08 02 18 04", 2, "term comes too late, or twice"),
        ("08 02 08 02 10 00 18 04", 2, "term comes too late, or twice"),
        ("08 82 00 10 00 18 04", 1, "a number is longer than it needs to be"),
        ("08 02 10 ff ff ff ff ff ff ff ff ff 02 18 04", 3, "a number does not fit into 64 bits"),
        ("08 02 10 ff ff ff ff ff ff ff ff ff ff 01", 3, "a number has no end after ten bytes"),
        ("08 02 10 00 18 84", 5, "the bytes end inside a number"),
        ("08 02 10 00 18", 5, "the bytes end inside a number"),
    ],
)
def test_a_refusal_says_where_and_why(bad_bytes, offset, reason):
    with pytest.raises(Malformed) as refusal:
        raftpb.HardState.decode(bytes.fromhex(bad_bytes))
    assert (refusal.value.offset, refusal.value.reason) == (offset, reason)


@pytest.mark.parametrize(
    ("message", "bad_bytes", "sentence"),
    [
        (raftpb.Entry, "08 07 10 01 18 01", "Entry, byte 1: type: 7 is not a valid EntryType"),
        (
            raftpb.Entry,
            "08 00 10 01 18 01 22 05 68",
            "Entry, byte 7: data has 5 bytes, but 1 are left",
        ),
        (raftpb.ConfState, "28 02", "ConfState, byte 1: auto_leave: 2 is neither true (1)"),
        (walpb.Record, "08 02 10 80 80 80 80 10", "Record, byte 3: crc: 4294967296 does not"),
    ],
)
def test_values_are_checked_too(message, bad_bytes, sentence):
    with pytest.raises(Malformed) as refusal:
        message.decode(bytes.fromhex(bad_bytes))
    assert str(refusal.value).startswith(sentence)


def test_a_mistake_inside_a_nested_message_has_its_offset_in_the_whole():
    data = (
        raftpb.Message(entries=(raftpb.Entry(),))
        .encode()
        .replace(b"\x3a\x06\x08\x00", b"\x3a\x06\x08\x09")
    )
    with pytest.raises(Malformed) as refusal:
        raftpb.Message.decode(data)
    assert (refusal.value.message, refusal.value.offset) == ("Entry", 15)


def test_missing_and_empty_are_two_things():
    assert raftpb.Entry(term=2, index=5).encode().hex(" ") == "08 00 10 02 18 05"
    assert raftpb.Entry(term=2, index=5, data=b"").encode().hex(" ") == "08 00 10 02 18 05 22 00"


def test_a_message_carries_a_snapshot_even_when_there_is_none():
    assert "4a 0a 12 08 0a 02 28 00 10 00 18 00" in raftpb.Message().encode().hex(" ")


def test_a_negative_number_takes_ten_bytes():
    data = walpb.Record(type=-1).encode()
    assert data.hex(" ") == "08 ff ff ff ff ff ff ff ff ff 01 10 00"
    assert walpb.Record.decode(data).type == -1


@given(st.integers(0, 2**64 - 1))
def test_varints_come_back(number):
    data = varint.write(number)
    assert varint.read(b"?" + data + b"?", 1, 1 + len(data)) == (number, 1 + len(data))
