"""The peer port: who is answered what, without a socket."""

import json
from pathlib import Path

import pytest

from learnetcd.api.http import HttpRequest, HttpResponse
from learnetcd.member import bootstrap, cluster
from learnetcd.member.cluster import ClusterMember
from learnetcd.member.inputs import ApplyDue
from learnetcd.member.member import Member
from learnetcd.peer import delivery, messages
from learnetcd.peer.endpoints import Attachment, Delivery, Endpoints, read_members
from learnetcd.peer.handshake import Local
from learnetcd.peer.streams import Kind
from learnetcd.raft.config import Config
from learnetcd.raft.configuration import Configuration
from learnetcd.raft.entry import Snapshot
from learnetcd.raft.messages import Heartbeat, InstallSnapshot
from learnetcd.store.store import Store

STREAMS = Path(__file__).parent.parent / "vectors" / "streams"
CLUSTER = 0xCAFE
MEMBERS = tuple(
    ClusterMember(number, peer_urls=(f"http://10.0.0.{number}:2380",)) for number in (1, 2, 3)
)


@pytest.fixture
def endpoints():
    """The port of member 1 of three, which has applied its first entries."""
    stored = bootstrap.first_stored(MEMBERS)
    member = Member(1, Config(), stored, seed=1)
    member.start()
    member.step(ApplyDue(0, 3))
    return Endpoints(member, Local(1, CLUSTER, MEMBERS[0].peer_urls))


def asked(method, path, body=b"", sender=2, receiver=None, **changed):
    local = Local(sender, changed.pop("cluster", CLUSTER), (f"http://10.0.0.{sender}:2380",))
    headers = {name.lower(): said for name, said in local.headers(receiver).items()}
    return HttpRequest(method, path, "", headers, body)


def test_a_message_is_delivered(endpoints):
    heartbeat = Heartbeat(2, 1, 5, 3)
    answered = endpoints.handle(asked("POST", "/raft", messages.encode(heartbeat)))
    assert isinstance(answered, Delivery)
    assert answered.message == heartbeat
    assert answered.response.status == 204
    assert dict(answered.response.headers) == {"X-Etcd-Cluster-ID": "cafe"}


def test_a_snapshot_is_delivered(endpoints):
    install = InstallSnapshot(2, 1, 5, Snapshot(7, 3, Configuration(voters=(1, 2, 3)), Store()))
    body = delivery.packed(install, b"a database")
    answered = endpoints.handle(asked("POST", "/raft/snapshot", body))
    assert isinstance(answered, Delivery)
    assert isinstance(answered.message, InstallSnapshot)
    assert answered.message.snapshot.index == 7


@pytest.mark.parametrize("kind", Kind)
def test_a_stream_is_attached_to_who_asks_for_it(endpoints, kind):
    answered = endpoints.handle(asked("GET", f"/raft/stream/{kind.value}/2", receiver=1))
    assert isinstance(answered, Attachment)
    assert (answered.kind, answered.receiver) == (kind, 2)
    assert dict(answered.response.headers) == {
        "X-Etcd-Cluster-ID": "cafe",
        "X-Server-Version": "3.4.23",
    }


@pytest.mark.parametrize(
    ("request_", "status", "body"),
    [
        (asked("GET", "/raft"), 405, b"Method Not Allowed\n"),
        (asked("POST", "/raft/stream/message/2"), 405, b"Method Not Allowed\n"),
        (asked("POST", "/raft", cluster=1), 412, b"cluster ID mismatch\n"),
        (asked("POST", "/raft/snapshot", cluster=1), 412, b"cluster ID mismatch\n"),
        (asked("POST", "/raft", b"\xff"), 400, b"error unmarshalling raft message\n"),
        (asked("GET", "/raft/stream/message/2", receiver=3), 412, b"to field mismatch\n"),
        (asked("GET", "/raft/stream/other/2", receiver=1), 404, b"invalid path\n"),
        (asked("GET", "/raft/stream/message/9", receiver=1), 404, b"error sender not found\n"),
        (asked("GET", "/raft/stream/message/x", receiver=1), 404, b"invalid from\n"),
        (asked("GET", "/leases"), 404, b"404 page not found\n"),
    ],
)
def test_what_can_not_be_is_refused_as_etcd_does(endpoints, request_, status, body):
    answered = endpoints.handle(request_)
    assert isinstance(answered, HttpResponse)
    assert (answered.status, answered.body) == (status, body)


@pytest.mark.parametrize("body", [b"", b"\0" * 8, (8).to_bytes(8, "big") + b"\xff" * 8])
def test_a_snapshot_that_can_not_be_read_is_refused(endpoints, body):
    answered = endpoints.handle(asked("POST", "/raft/snapshot", body))
    assert isinstance(answered, HttpResponse)
    assert answered.status == 400
    assert answered.body.startswith(b"failed to decode raft message (")


def test_who_was_removed_is_told_so(endpoints):
    endpoints.member.store.create(f"{cluster.REMOVED}/2")
    stream = endpoints.handle(asked("GET", "/raft/stream/message/2", receiver=1))
    assert (stream.status, stream.body) == (410, b"removed member\n")
    message = endpoints.handle(asked("POST", "/raft", messages.encode(Heartbeat(2, 1, 5, 3))))
    assert message.status == 403


def test_the_members_are_told_as_etcd_tells_them(endpoints):
    answered = endpoints.handle(HttpRequest("GET", "/members", "", {}, b""))
    assert answered.status == 200
    assert answered.body.startswith(b'[{"id":1,"peerURLs":["http://10.0.0.1:2380"]},{"id":2,')
    assert answered.body.endswith(b"]\n")
    assert read_members(answered.body) == MEMBERS


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'[{"peerURLs":[]}]', b"<html>"])
def test_what_is_no_list_of_members_is_refused(body):
    with pytest.raises(ValueError, match=r"list of members|Expecting value"):
        read_members(body)


def test_probing_and_version_look_like_those_of_etcd(endpoints):
    for path, name in (("/raft/probing", "probing"), ("/version", "version")):
        theirs = (STREAMS / f"{name}.response").read_bytes().split(b"\r\n\r\n")[1]
        ours = endpoints.handle(HttpRequest("GET", path, "", {}, b"")).body
        assert json.loads(ours).keys() == json.loads(theirs).keys()
        assert ours.endswith(b"\n") == theirs.endswith(b"\n")
