"""Messages that etcd sent and wrote, through our tables and back."""

import json
from pathlib import Path

import pytest

from learnetcd.wire import etcdserverpb, raftpb, snappb

VECTORS = Path(__file__).parent.parent / "vectors"
MESSAGES = json.loads((VECTORS / "messages.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_of_etcd_is_read_as_it_was_meant_and_written_the_same(name):
    data = bytes.fromhex(MESSAGES[name]["hex"])
    message = raftpb.Message.decode(data)
    assert message.encode() == data
    meant = MESSAGES[name]["message"]
    if meant is None:
        assert message == raftpb.Message(type=raftpb.MessageType.HEARTBEAT), "a link heartbeat"
        return
    assert message.type.name.replace("_", "") == meant["type"].removeprefix("Msg").upper()
    assert message.to == int(meant["to"], 16)
    assert message.from_ == int(meant["from"], 16)
    assert message.term == meant["term"]
    assert message.log_term == meant["logTerm"]
    assert message.index == meant["index"]
    assert message.commit == meant["commit"]
    assert message.reject == meant["reject"]
    assert message.reject_hint == meant["rejectHint"]
    assert message.context == (
        None if meant["context"] is None else bytes.fromhex(meant["context"])
    )
    assert len(message.entries) == len(meant["entries"])
    for entry, meant_entry in zip(message.entries, meant["entries"], strict=True):
        assert (entry.index, entry.term) == (meant_entry["index"], meant_entry["term"])
        if "request" in meant_entry:
            check_request(entry, meant_entry["request"])


def check_request(entry, meant):
    request = etcdserverpb.Request.decode(entry.data)
    assert request.encode() == entry.data
    assert (request.id, request.method, request.path) == (
        meant["ID"], meant["Method"], meant["Path"],
    )  # fmt: skip
    assert (request.val, request.prev_exist) == (meant["Val"], meant["PrevExist"])


@pytest.mark.parametrize(
    "path", sorted(VECTORS.glob("*/**/*.snap")), ids=lambda path: f"{path.parts[-4]}-{path.stem}"
)
def test_a_snapshot_file_of_etcd_is_written_the_same(path):
    data = path.read_bytes()
    wrapping = snappb.Snapshot.decode(data)
    assert wrapping.encode() == data
    snapshot = raftpb.Snapshot.decode(wrapping.data)
    assert snapshot.encode() == wrapping.data
    decoding = path.parent.parent.parent / f"{path.name}.json"
    meant = json.loads(decoding.read_text(encoding="utf-8"))
    metadata = snapshot.metadata
    assert (metadata.index, metadata.term) == (meant["index"], meant["term"])
    assert [f"{voter:x}" for voter in metadata.conf_state.voters] == meant["conf_state"]["voters"]
    assert f"{wrapping.crc:08x}" == meant["crc"]
