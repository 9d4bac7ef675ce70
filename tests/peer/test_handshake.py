"""Who may speak to us: the checks, in etcd's order, with its answers."""

from pathlib import Path

import pytest

from learnetcd.peer.handshake import REQUEST_CHECKS, STREAM_CHECKS, Caller, Local, id_of, refusal

STREAMS = Path(__file__).parent.parent / "vectors" / "streams"
US = Local(0x541C5A6EABD4D647, 0x47DC6EB88D49713A, ("http://127.0.0.1:24425",))
THEM = Local(0x23C0DCFAEE251701, 0x47DC6EB88D49713A, ("http://127.0.0.1:24415",))


def recorded_headers(name):
    head = (STREAMS / name).read_bytes().split(b"\r\n\r\n")[0].decode()
    return {
        line.split(": ", 1)[0].lower(): line.split(": ", 1)[1] for line in head.split("\r\n")[1:]
    }


def test_our_headers_are_those_of_etcd():
    theirs = recorded_headers("msgapp-0.request")
    ours = {name.lower(): said for name, said in THEM.headers(US.member_id).items()}
    assert ours == {name: theirs[name] for name in ours}
    assert set(theirs) - set(ours) == {"host", "user-agent", "accept-encoding"}


def test_our_answer_to_a_stream_is_that_of_etcd():
    theirs = recorded_headers("msgapp-0.response")
    ours = {name.lower(): said for name, said in US.stream_headers.items()}
    assert ours == {name: theirs[name] for name in ours}


def asks(*, sender="23c0dcfaee251701", removed=(), members=(THEM.member_id,), **changed):
    headers = {name.lower(): said for name, said in THEM.headers(US.member_id).items()}
    for name, said in changed.items():
        headers[name.replace("_", "-")] = said
        if said is None:
            del headers[name.replace("_", "-")]
    return Caller(headers, US, id_of(sender), members, removed)


def test_a_member_of_the_cluster_may_speak():
    assert refusal(STREAM_CHECKS, asks()) is None


@pytest.mark.parametrize(
    ("caller", "status", "reason"),
    [
        (asks(x_server_version=None), 412, "incompatible version"),
        (asks(x_server_version="2.3.8"), 412, "incompatible version"),
        (asks(x_server_version="newest"), 412, "incompatible version"),
        (asks(x_min_cluster_version="3.5.0"), 412, "incompatible version"),
        (asks(x_min_cluster_version="3"), 412, "incompatible version"),
        (asks(x_etcd_cluster_id="1"), 412, "cluster ID mismatch"),
        (asks(x_etcd_cluster_id=None), 412, "cluster ID mismatch"),
        (asks(sender="xyz"), 404, "invalid from"),
        (asks(removed=(THEM.member_id,)), 410, "removed member"),
        (asks(members=()), 404, "error sender not found"),
        (asks(x_raft_to="1"), 412, "to field mismatch"),
        (asks(x_raft_to=None), 412, "to field mismatch"),
    ],
)
def test_a_stranger_is_refused_as_etcd_does(caller, status, reason):
    refused = refusal(STREAM_CHECKS, caller)
    assert (refused.status, refused.body) == (status, f"{reason}\n".encode())


def test_the_first_check_that_applies_is_the_answer():
    caller = asks(x_server_version="2.0.0", x_etcd_cluster_id="1", sender="xyz")
    assert refusal(STREAM_CHECKS, caller).reason == "incompatible version"


def test_a_message_need_not_say_whom_it_means():
    assert refusal(REQUEST_CHECKS, asks(x_raft_to=None, sender="xyz")) is None


@pytest.mark.parametrize("text", ["", "g", "-1", "1" * 17, "0x1", " 1", "1_0", "１"])
def test_what_is_no_id_is_none(text):
    assert id_of(text) is None
