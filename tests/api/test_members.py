"""Who belongs to the cluster, and what becomes of a change. (More in tests/conformance.)"""

import json

import pytest

from learnetcd.api.call import Call
from learnetcd.api.http import HttpRequest
from learnetcd.api.members import is_safe_to_add, is_safe_to_remove, may_add, may_remove
from learnetcd.member.cluster import (
    ATTRIBUTES,
    ClusterMember,
    key_of,
    own_attributes,
    publish,
)
from learnetcd.member.request import ClusterRequest
from tests.api.alone import CLIENT_URL, Alone, Client, peer_url

STARTED = [ClusterMember(id, f"n{id}") for id in (1, 2, 3)]
NEW = ClusterMember(9)
LEARNER = ClusterMember(8, is_learner=True)


def change(alone: Alone, method: str, path: str, body: object) -> Client:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return alone.ask(method, f"/v2/members{path}", body=text, content_type="application/json")


def test_a_member_is_listed_with_its_addresses(alone: Alone):
    (member,) = json.loads(alone.ask("GET", "/v2/members").body)["members"]
    assert member["peerURLs"] == [peer_url(1)]
    assert json.loads(alone.ask("GET", "/v2/members/leader").body) == member
    assert alone.ask("GET", "/v2/machines").body == CLIENT_URL.encode()


def test_during_an_election_nobody_is_the_leader():
    answer = Alone(members=(1, 2, 3)).ask("GET", "/v2/members/leader")
    assert (answer.status, answer.body) == (503, b'{"message":"During election"}')


def test_a_member_that_moved_is_found_at_its_new_address(alone: Alone):
    assert change(alone, "PUT", "/1", {"peerURLs": ["http://10.0.0.1:2380"]}).status == 204
    (member,) = json.loads(alone.ask("GET", "/v2/members").body)["members"]
    assert member["peerURLs"] == ["http://10.0.0.1:2380"]


def test_an_added_member_has_no_name_before_it_is_started(alone: Alone):
    answer = change(alone, "POST", "", {"peerURLs": ["http://h:2", "http://h:1"]})
    added = json.loads(answer.body)
    assert (answer.status, added["name"], added["clientURLs"]) == (201, "", [])
    assert added["peerURLs"] == ["http://h:1", "http://h:2"]
    assert added in json.loads(alone.ask("GET", "/v2/members").body)["members"]


def test_the_last_member_can_not_be_removed(alone: Alone):
    answer = alone.ask("DELETE", "/v2/members/1")
    assert (answer.status, answer.body) == (500, b'{"message":"Internal Server Error"}')


@pytest.mark.parametrize("name", ["2", "0", "zz", "1/2", "-1", "0x1", "1" * 17, "%C3%A9", "1_0"])
def test_nobody_can_change_a_member_that_is_not_there(alone: Alone, name: str):
    for method in ("PUT", "DELETE"):
        assert change(alone, method, f"/{name}", {"peerURLs": ["http://h:1"]}).status == 404


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "unexpected end of JSON input"),
        (b'{"peerURLs":["http://h:1"', "unexpected end of JSON input"),
        (b'{"peerURLs":["http://h', "unexpected end of JSON input"),
        (b"x", "invalid character 'x' in JSON input"),
        (b'{"a":1}}', "invalid character '}' in JSON input"),
        (b"[" * 100_000, "exceeded max depth"),
        (b"9" * 10_000, None),
        (b"[1]", "expected a JSON object, and found [1]"),
        (b"null", "no valid URLs given"),
        ({"peerURLs": None}, "no valid URLs given"),
        ({"peerURLs": "http://h:1"}, "expected a list of strings in peerURLs"),
        ({"peerURLs": [1]}, "expected a list of strings in peerURLs"),
        ({"peerURLs": ["h:1"]}, "URL scheme must be http, https, unix, or unixs: h:1"),
        ({"peerURLs": ["http://h"]}, 'URL address does not have the form "host:port": http://h'),
        ({"peerURLs": ["http://[::1"]}, None),
        ({"peerURLs": ["http://h:1/"]}, "URL must not contain a path: http://h:1/"),
        ({"peerURLs": ["http://a b:1"]}, None),
        ({"peerURLs": ["http://\ud800:1"]}, None),
    ],
)
def test_what_can_not_be_read_is_refused_with_a_reason(
    alone: Alone, body: object, reason: str | None
):
    answer = change(alone, "POST", "", body)
    assert answer.status == 400
    message = json.loads(answer.body)["message"]
    assert message == reason or reason is None


def test_names_and_schemes_may_be_written_in_capital_letters(alone: Alone):
    body = {"PEERURLS": [" HTTP://h:1 "]}
    assert json.loads(change(alone, "POST", "", body).body)["peerURLs"] == ["http://h:1"]


def test_without_a_leader_nobody_knows_what_becomes_of_a_change():
    alone = Alone(members=(1, 2, 3), strict_changes=False)
    answer = change(alone, "PUT", "/1", {"peerURLs": ["http://h:1"]})
    alone.wait(8000)
    assert answer.status == 500


def test_those_who_were_started_must_be_able_to_decide_without_a_new_member():
    assert may_add(STARTED)
    assert may_add(STARTED[:1])
    assert may_add([STARTED[0], NEW])  # as etcd has it
    assert may_add([*STARTED[:2], NEW])
    assert may_add([*STARTED[:2], LEARNER])
    assert not may_add([STARTED[0], NEW, ClusterMember(10)])


def test_those_who_were_started_must_be_able_to_decide_when_one_is_gone():
    assert may_remove(STARTED, 1)
    assert may_remove([*STARTED[:2], NEW], 9)
    assert may_remove([STARTED[0], LEARNER], 8)
    assert not may_remove([*STARTED[:2], NEW], 1)
    assert not may_remove(STARTED[:1], 1)


def of_three(connected_for_s: dict[int, float]) -> Call:
    """A question to the first of three members that were all started."""
    alone = Alone(members=(1, 2, 3))
    for id in (1, 2, 3):
        own = own_attributes(f"n{id}", (CLIENT_URL,))
        publish(alone.member.store, ClusterRequest(f"{key_of(id)}/{ATTRIBUTES}", own))
    alone.facts.connected_for_s = lambda member_id: connected_for_s.get(member_id, 0.0)
    request = HttpRequest("POST", "/v2/members", "", {}, b"")
    return Call(alone.member, alone.facts, request, "/v2/members")


def test_nobody_is_added_before_all_were_connected_for_five_seconds():
    assert is_safe_to_add(of_three({2: 5.1, 3: 60}))
    assert not is_safe_to_add(of_three({2: 4.9, 3: 60}))
    assert not is_safe_to_add(of_three({2: 60}))


def test_a_member_that_is_needed_is_not_removed_while_another_one_is_away():
    assert is_safe_to_remove(of_three({2: 60, 3: 60}), 3)
    assert is_safe_to_remove(of_three({2: 60}), 3)  # nobody misses it
    assert not is_safe_to_remove(of_three({3: 60}), 3)
    assert not is_safe_to_remove(of_three({3: 60}), 1)
    assert not is_safe_to_remove(of_three({2: 1, 3: 60}), 3)
