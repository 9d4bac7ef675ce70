"""The streams between two real members, byte by byte, and ours."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnetcd.peer import delivery, messages
from learnetcd.peer.messages import to_number
from learnetcd.peer.streams import (
    MOST_BYTES,
    AppendDecoder,
    AppendEncoder,
    MessageDecoder,
    MessageEncoder,
)
from learnetcd.raft.entry import Entry
from learnetcd.raft.messages import AppendEntries, Heartbeat
from learnetcd.wire.protobuf import Malformed

STREAMS = Path(__file__).parent.parent / "vectors" / "streams"
MESSAGE_STREAMS = ["message-0", "message-1", "message-2"]
APPEND_STREAMS = ["msgapp-0", "msgapp-1"]


def recorded(name):
    body = (STREAMS / f"{name}.body").read_bytes()
    return body, json.loads((STREAMS / f"{name}.json").read_text(encoding="utf-8"))


def decoder_of(said):
    ends = int(said["sender"], 16), int(said["dialer"], 16)
    return MessageDecoder() if said["kind"] == "message" else AppendDecoder(*ends)


@pytest.mark.parametrize("name", MESSAGE_STREAMS + APPEND_STREAMS)
def test_a_stream_of_etcd_is_read_item_by_item(name):
    body, said = recorded(name)
    read = list(decoder_of(said).feed(body))
    assert len(read) == len(said["items"])
    for message, meant in zip(read, said["items"], strict=True):
        if meant.get("link_heartbeat"):
            assert message is None
            continue
        wire = messages.to_wire(message)
        meant = meant["message"]
        assert wire.type.name.replace("_", "") == meant["type"].removeprefix("Msg").upper()
        assert (wire.term, wire.log_term, wire.index, wire.commit) == (
            meant["term"], meant["logTerm"], meant["index"], meant["commit"],
        )  # fmt: skip
        assert [(one.index, one.term) for one in wire.entries] == [
            (one["index"], one["term"]) for one in meant["entries"]
        ]


@pytest.mark.parametrize("name", MESSAGE_STREAMS + APPEND_STREAMS)
def test_a_stream_is_written_as_etcd_wrote_it(name):
    body, said = recorded(name)
    encoder = MessageEncoder() if said["kind"] == "message" else AppendEncoder()
    written = [
        encoder.heartbeat if message is None else encoder.encode(message)
        for message in decoder_of(said).feed(body)
    ]
    assert b"".join(written) == body


@pytest.mark.parametrize("name", MESSAGE_STREAMS + APPEND_STREAMS)
@given(sizes=st.lists(st.integers(1, 90), min_size=1))
def test_the_borders_of_what_comes_in_mean_nothing(name, sizes):
    body, said = recorded(name)
    decoder, read, at, turn = decoder_of(said), [], 0, 0
    while at < len(body):
        size = sizes[turn % len(sizes)]
        read += decoder.feed(body[at : at + size])
        at, turn = at + size, turn + 1
    assert read == list(decoder_of(said).feed(body))


def test_a_new_commit_index_alone_takes_17_bytes():
    encoder = AppendEncoder()
    first = AppendEntries(1, 2, 3, 0, 0, (Entry(1, 3, b"x"),), 0)
    assert encoder.encode(first)[0] == 2, "the first append of a connection is in full"
    assert len(encoder.encode(AppendEntries(1, 2, 3, 1, 3, (), 1))) == 17


def test_an_append_that_does_not_go_on_from_the_last_one_is_in_full():
    encoder = AppendEncoder()
    first = AppendEntries(1, 2, 3, 0, 0, (Entry(1, 3, b"x"), Entry(2, 3, b"y")), 0)
    encoder.encode(first)
    assert encoder.encode(AppendEntries(1, 2, 3, 1, 3, (Entry(2, 3, b"y"),), 0))[0] == 2
    assert encoder.encode(AppendEntries(1, 2, 4, 2, 3, (), 0))[0] == 2, "a new term"


@pytest.mark.parametrize(
    ("bytes_", "sentence"),
    [
        (b"\x07", "a frame of type 7; 0, 1 and 2 are known"),
        (b"\x02" + to_number(MOST_BYTES + 1), "claims to be 536870913 bytes long"),
        (
            b"\x02" + MessageEncoder().encode(Heartbeat(1, 2, 3, 0)),
            "an append was expected, not Heartbeat",
        ),
        (
            b"\x01" + to_number(1) + to_number(6) + bytes.fromhex("080010031805"),
            "entry 5@3 came, entry 1 was due",
        ),
    ],
)
def test_what_is_no_append_stream_is_refused(bytes_, sentence):
    with pytest.raises(Malformed, match=sentence):
        list(AppendDecoder(1, 2).feed(bytes_))


def dechunked(data):
    body, at = b"", 0
    while size := int(data[at : data.index(b"\r\n", at)], 16):
        at = data.index(b"\r\n", at) + 2
        body, at = body + data[at : at + size], at + size + 2
    return body


def test_a_snapshot_of_etcd_is_unpacked_and_packed_again():
    request = (STREAMS / "snapshot-post.request").read_bytes()
    body = dechunked(request[request.index(b"\r\n\r\n") + 4 :])
    said = json.loads((STREAMS / "snapshot-post.json").read_text(encoding="utf-8"))
    install = delivery.unpacked(body)
    database = body[8 + int.from_bytes(body[:8], "big") :]
    assert database[16:20] == bytes.fromhex("edda0ced"), "the mark of a bbolt file"
    assert delivery.packed(install, database) == body
    assert install.snapshot.index == find(said, "index")
    assert install.snapshot.term == find(said, "term")


def find(tree, name):
    """The first value of that name in what was decoded, at the snapshot's metadata."""
    metadata = tree.get("metadata") or tree["message"]["snapshot"]
    return metadata.get("metadata", metadata)[name]


@pytest.mark.parametrize("body", [b"", b"\0" * 7, (100).to_bytes(8, "big") + b"short"])
def test_a_delivery_that_was_cut_off_is_refused(body):
    with pytest.raises(Malformed, match=r"it ends after \d+ bytes"):
        delivery.unpacked(body)
