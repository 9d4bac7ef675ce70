"""What only real members can show: their files, their sockets, their tasks."""

import shutil
from pathlib import Path

import pytest

from learnetcd.session.session import Grain
from tests.session.live import go_until, put, ready, wait_for

pytestmark = pytest.mark.outside


@pytest.fixture
def folder(tmp_path):
    yield tmp_path / "data"
    shutil.rmtree(tmp_path)


def wal_of(folder: Path, member: int) -> bytes:
    (file,) = sorted((folder / f"S{member}/member/wal").glob("*.wal"))
    return file.read_bytes()


def view_of(session, member):
    return session.view().members[member - 1]


def lines_of(pieces):
    return b"".join(piece.data for piece in pieces).decode().split("\r\n")


def test_the_records_of_a_real_member_are_the_bytes_of_its_file(folder):
    with ready(folder) as session:
        before = view_of(session, 1).records(1000)
        curl = put(session, 1, "msg", "hello")
        go_until(session, lambda: not curl.hangs)
        go_until(session, lambda: "msg=hello" in view_of(session, 1).records(1000)[-2].text)
        records, data = view_of(session, 1).records(1000), wal_of(folder, 1)
        assert records[: len(before)] == before
        assert [one.text for one in records[:2]] == [
            "checksum so far: 00000000",
            next(one.text for one in records if one.text.startswith("the log of S1, cluster")),
        ]
        assert (
            b"".join(one.data for one in records) == data[: records[-1].offset] + records[-1].data
        )
        for one in records:
            assert one.data == data[one.offset : one.offset + len(one.data)]
            assert b"".join(piece.data for piece in one.pieces()) == one.data
        files = view_of(session, 1).files()
        assert Path(files[0].name) == folder / "S1" / "member"
        assert (folder / "S1/member" / files[1].name).exists()


def test_only_what_a_member_waits_for_counts_as_not_synced(folder):
    """The rest a real disk has long since, whether the member was told or not."""
    with ready(folder) as session:
        leader = next(one.id for one in session.view().members if one.role == "leader")
        session.advance(1000)
        assert [one.unsynced_records for one in session.view().members] == [0, 0, 0]
        session.hold_gate(leader, "synced")
        put(session, leader, "x", "1")
        session.advance(200)
        assert view_of(session, leader).unsynced_records > 0
        session.open_gate(leader, "synced")
        session.advance(200)
        assert view_of(session, leader).unsynced_records == 0


def test_a_crash_leaves_what_was_said_that_it_would(folder):
    with ready(folder) as session:
        leader = next(one for one in session.view().members if one.role == "leader")
        put(session, leader.id, "x", "1")
        while "x=1" not in view_of(session, leader.id).after_crash():
            session.forward(Grain.EFFECT)
        seen = view_of(session, leader.id)
        assert seen.unsynced_records, "it has not heard that its disk has it"
        wait_for(lambda: any("x=1" in one.text for one in seen.records(2)))
        said = seen.after_crash()
        session.crash(leader.id)
        down = view_of(session, leader.id)
        assert down.after_crash() == said
        assert any("x=1" in one.text for one in down.records(2)), "files are read without it"


def test_what_a_client_said_and_was_told_is_what_went_through_its_socket(folder):
    with ready(folder) as session:
        curl = put(session, 2, "msg", "hello")
        (waiting,) = [one for one in session.view().clients if "the door" in one.truth]
        asked = lines_of(waiting.exchange().asked)
        assert asked[0] == "PUT /v2/keys/msg HTTP/1.1"
        assert f"Host: {session.client_urls[1].removeprefix('http://')}" in asked
        assert asked[-1] == "value=hello"
        assert waiting.exchange().told == ()
        go_until(session, lambda: not curl.hangs)
        (done,) = [one for one in session.view().clients if one.id == waiting.id]
        told = lines_of(done.exchange().told)
        assert told[0] == "HTTP/1.1 201 Created"
        assert f"X-Etcd-Index: {view_of(session, 2).keyspace(1).etcd_index}" in told
        assert done.exchange().told[0].text == "done, and the key is new"
        assert (
            done.exchange().curl
            == f"curl -X PUT {session.client_urls[1]}/v2/keys/msg -d value=hello"
        )


def test_a_client_of_our_own_has_the_lines_that_would_ask_the_same(folder):
    with ready(folder) as session:
        number = session.put(1, "x", "5")
        (client,) = [one for one in session.view().clients if one.id == number]
        assert (
            client.exchange().curl == f"curl -X PUT {session.client_urls[0]}/v2/keys/x -d value=5"
        )
        assert "--timeout 10m --total-timeout 10m set /x 5" in client.exchange().etcdctl


def test_the_tasks_of_a_member_are_seen_and_what_waits_at_its_gates(folder):
    with ready(folder) as session:
        put(session, 1, "x", "1")

        def working():
            return {one.name: one for one in view_of(session, 1).work().tasks}

        # The disk may be at work just now.
        wait_for(lambda: working()["MemberDriver._keep_syncing"].waits_for == "an event")
        work, by_name = view_of(session, 1).work(), working()
        syncing = by_name["MemberDriver._keep_syncing"]
        assert syncing.line == "await self._wants_sync.wait()"
        assert by_name["HttpServer._let_in"].waits_for == "a socket: something to read"
        assert work.tasks[0].depth == 0 < syncing.depth
        assert any(gate == "received" and "put x=1" in about for gate, about in work.gates)
        session.crash(1)
        assert view_of(session, 1).work().tasks == ()
