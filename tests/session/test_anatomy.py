"""Which bytes are which field: every byte is shown once, and they are those of the real thing."""

from dataclasses import replace

from learnetcd.disk.record import checked, unpacked
from learnetcd.peer import messages
from learnetcd.peer.streams import AppendDecoder, MessageDecoder
from learnetcd.raft.entry import Entry
from learnetcd.session.anatomy import pieces_of_record, sealed
from learnetcd.session.session import Grain, Session
from learnetcd.simulator import file_disk
from learnetcd.simulator.words import message_fields
from learnetcd.wire import etcdserverpb
from learnetcd_tui.dump import dump


def rough_life() -> Session:
    """Elections, writes, a change of members, crashes."""
    session = Session.open(members=3, profile="etcd-3.3", seed=5)
    session.run_until("leader")
    for number in range(12):
        session.put(1 + number % 3, f"k{number}", "v" * number)
        for _ in range(4):
            session.forward(Grain.MESSAGE)
    session.crash(2)
    session.forward(Grain.CHANGE)
    return session


def test_the_bytes_of_a_message_are_those_that_its_receiver_decodes():
    session, seen = rough_life(), 0
    for _ in range(60):
        for packet in session.view().packets:
            wire = packet.wire()
            data = b"".join(piece.data for piece in wire.pieces)
            is_append = "/msgapp/" in wire.way
            decoder = AppendDecoder(*packet.link) if is_append else MessageDecoder()
            (message,) = decoder.feed(data)
            assert message is not None
            assert message_fields(message) == packet.fields
            assert data.endswith(messages.encode(message))
            seen += 1
        session.forward(Grain.EFFECT)
    assert seen > 50


def test_a_clients_request_is_read_inside_of_the_message_that_carries_it():
    session = Session.open("cut-leader")
    session.put(1, "x", "hello")
    session.forward()
    append = next(one for one in session.view().packets if one.kind == "append")
    fields = {piece.name: piece.text for piece in append.wire().pieces}
    assert fields["type"] == "APP"
    assert fields["to"] == f"S{append.link[1]}"
    assert fields["entries[0].data.method"] == "PUT"
    assert (fields["entries[0].data.path"], fields["entries[0].data.val"]) == ("/1/x", "hello")


def test_what_is_written_to_an_account_is_shown_neither_as_text_nor_as_bytes():
    asked = etcdserverpb.Request(1, "PUT", val='{"password":"$2a$10$hash"}')
    for path, is_shown in (("/2/users/eva", False), ("/1/users/eva", True)):
        entry = Entry(1, 1, replace(asked, path=path).encode())
        data, _ = sealed(*file_disk.bytes_of(entry), 0)
        text = "\n".join(line.text for line in dump(pieces_of_record(data), 200))
        assert ("$2a$10$hash" in text) == is_shown
        assert (b'{"passw'.hex(" ") in text) == is_shown
        assert ("(not shown)" in text) != is_shown


def test_the_bytes_of_records_are_a_log_with_its_checksums():
    session = rough_life()
    for member in session.view().members:
        running = 0
        for record in member.records(1000):
            found = unpacked(record.data, 0)
            assert found is not None
            assert found.end == len(record.data)
            running = checked(found, running)
            assert b"".join(piece.data for piece in record.pieces()) == record.data
            assert all(piece.name for piece in record.pieces())


def test_records_keep_their_numbers_when_fewer_are_asked_for():
    member = rough_life().view().members[0]
    assert member.records(3) == member.records(100)[-3:]
    numbers = [one.number for one in member.records(3)]
    assert numbers == list(range(numbers[0], numbers[0] + 3))


def test_a_snapshot_is_a_file_and_a_marker_and_travels_alone():
    session = Session.open("old-snapshot")
    leader, _, behind = session.view().members
    assert [one.name for one in leader.files()][-1] == (
        "snap/0000000000000001-0000000000000003.snap"
    )
    marker = next(one for one in leader.records(1000) if one.text == "snapshot 3@1")
    fields = {one.name: one.text for one in marker.pieces()}
    assert (fields["type"], fields["data.index"], fields["data.term"]) == ("snapshot", "3", "1")
    wire = next(one for one in session.view().packets if one.kind == "snapshot").wire()
    assert wire.way.startswith(f"POST /raft/snapshot, from S1 to {behind.name}")
    assert wire.pieces == ()
