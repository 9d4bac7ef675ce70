"""Which page answers what, and what is said where there is none."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnetcd.api.http import HttpRequest
from learnetcd.member.request import Answer, Outcome
from learnetcd.raft.roles import Follower, Leader
from learnetcd.store.errors import RAFT_INTERNAL, EtcdError
from tests.api.alone import FORM, Alone


def test_a_path_without_a_page_is_not_found(alone: Alone):
    answer = alone.ask("GET", "/nope")
    assert (answer.status, answer.body) == (404, b"404 page not found\n")


def test_a_page_has_one_path(alone: Alone):
    assert alone.ask("GET", "/version").status == 200
    assert alone.ask("GET", "/version/").status == 404


def test_a_page_says_how_it_may_be_asked(alone: Alone):
    answer = alone.ask("POST", "/version")
    assert (answer.status, answer.header("allow")) == (405, "GET")
    assert answer.body == b"Method Not Allowed\n"


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("//version", "/version"),
        ("/x/../version", "/version"),
        ("/./version/", "/version/"),
        ("//a!b%20c", "/a%21b%20c"),
        ("/%3Ca%3E//'\"&b", "/%3Ca%3E/%27%22&b"),
        ("//\xc3\xa9", "/%C3%A9"),
        ("//%ff", "/%FF"),
        ("http://infra0", "/"),
    ],
)
def test_a_path_that_is_not_clean_is_moved(alone: Alone, target: str, location: str):
    answer = alone.ask("GET", target)
    assert (answer.status, answer.header("location")) == (301, location)


def test_where_it_was_moved_to_keeps_the_query(alone: Alone):
    answer = alone.ask("GET", "//a", query='x=1&y="\xe9<')
    assert answer.header("location") == '/a?x=1&y="%e9<'
    moved = '<a href="/a?x=1&amp;y=&#34;\xe9&lt;">Moved Permanently</a>.\n\n'
    assert answer.body == moved.encode("iso-8859-1")


def test_only_who_reads_is_told_in_a_body_that_it_moved(alone: Alone):
    for method in ("PUT", "HEAD"):
        assert alone.ask(method, "//version").body == b""


@pytest.mark.parametrize("target", ["/%zz", "/a%2", "/%", "/a\x01", "/\x7f", "version", "", "x:80"])
def test_a_target_that_can_not_be_read_is_a_bad_request(alone: Alone, target: str):
    answer = alone.ask("GET", target)
    assert (answer.status, answer.body) == (400, b"400 Bad Request")


def test_a_query_must_not_hold_control_characters(alone: Alone):
    assert alone.ask("GET", "/version", query="a=\x01").status == 400


def test_a_target_may_name_its_host(alone: Alone):
    assert alone.ask("GET", "HTTP://infra0:2379/version").status == 200


def test_options_are_the_same_everywhere(alone: Alone):
    for path in ("/version", "/nowhere", "*"):
        answer = alone.ask("OPTIONS", path)
        assert (answer.status, answer.body) == (200, b"")


def test_the_server_as_a_whole_has_no_page(alone: Alone):
    assert alone.ask("GET", "*").status == 400


# -- who may ask ------------------------------------------------------------------------------


def test_every_web_page_may_read_our_answers_unless_told(alone: Alone):
    for path in ("/version", "/nope", "//version", "/health"):
        assert alone.ask("GET", path).header("access-control-allow-origin") == "*"


def test_only_listed_origins_may_read_our_answers():
    alone = Alone(origins=frozenset({"http://a.example:8080"}))
    listed = alone.ask("GET", "/health", origin="http://a.example:8080")
    assert listed.header("access-control-allow-origin") == "http://a.example:8080"
    for headers in ({"origin": "http://evil.example"}, {}):
        answer = alone.ask("GET", "/health", **headers)
        assert (answer.status, answer.header("access-control-allow-origin")) == (200, None)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("infra0", 200),
        ("infra0:2379", 200),
        ("[::1]", 200),
        ("[::1]:2379", 200),
        ("evil.example:2379", 421),
        ("", 421),
    ],
)
def test_who_calls_us_by_another_name_is_refused(host: str, status: int):
    alone = Alone(hosts=frozenset({"infra0", "::1"}))
    assert alone.ask("GET", "/version", host=host).status == status


# -- two small pages --------------------------------------------------------------------------


def test_the_version_of_the_cluster_is_undecided_until_the_leader_wrote_it_down(alone: Alone):
    body = b'{"etcdserver":"3.4.23","etcdcluster":"%s"}'
    assert alone.ask("GET", "/version").body == body % b"3.4.0"
    assert Alone(members=(1, 2, 3)).ask("GET", "/version").body == body % b"not_decided"


def test_a_member_that_gets_things_done_is_healthy(alone: Alone):
    answer = alone.ask("GET", "/health")
    assert (answer.status, answer.body) == (200, b'{"health":"true"}')


def test_a_member_without_a_leader_is_not_healthy():
    answer = Alone(members=(1, 2, 3)).ask("GET", "/health")  # nobody hears it stand for election
    assert (answer.status, answer.body) == (503, b'{"health":"false"}\n')


def test_a_member_that_gets_nothing_done_is_not_healthy(alone: Alone):
    alone.is_stuck = True
    answer = alone.ask("GET", "/health")
    alone.wait(999)
    assert not answer.is_over
    alone.wait(1)
    assert (answer.status, answer.body) == (503, b'{"health":"false"}\n')


# -- whatever is asked ------------------------------------------------------------------------

WORDS = [
    *("/v2/keys", "/v2/members", "/v2/stats", "/v2/machines", "/health", "/version", "/metrics"),
    *("/", "//", "..", "%2F", "%", "%zz", "%ff", "x", "_x", "?", "&", "=", ";", "*", "http://h"),
    *("wait", "value", "ttl", "prevIndex", "prevExist", "refresh", "dir", "recursive", "quorum"),
    *("true", "1", "18446744073709551615", "-1", "", '{"peerURLs":["http://h:1"]}', '"', "\x00"),
]
TEXTS = st.lists(
    st.sampled_from(WORDS) | st.text(st.characters(max_codepoint=255), max_size=5), max_size=8
).map("".join)
REQUESTS = st.builds(
    HttpRequest,
    method=st.sampled_from(["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "PATCH", "get", ""]),
    path=TEXTS,
    query=TEXTS,
    headers=st.dictionaries(
        st.sampled_from(["content-type", "host", "origin", "accept"]),
        st.sampled_from([FORM, "application/json", f"{FORM}; charset=utf-8"]) | TEXTS,
    ),
    body=TEXTS.map(lambda text: text.encode("iso-8859-1")) | st.binary(max_size=20),
)


@settings(max_examples=50)
@given(st.lists(REQUESTS, max_size=8))
def test_whatever_is_asked_is_answered(requests: list[HttpRequest]):
    alone = Alone()
    for request in requests:
        client = alone.send(request)
        assert client.response is not None, "nothing in here has to wait"
        assert 200 <= client.status < 600
        if client.header("content-type") == "application/json":
            assert client.body == b"" or json.loads(client.body)
        for name, value in client.response.headers:
            assert f"{name}{value}".isascii()
            assert not {"\r", "\n"} & set(f"{name}{value}")


# -- in vain ----------------------------------------------------------------------------------

TIMED_OUT = "etcdserver: request timed out"
CONNECTION_LOST = "etcdserver: request timed out, possibly due to connection lost"


@pytest.mark.parametrize(
    ("leader", "connected_for_s", "cause"),
    [
        (2, {2: 7.1}, TIMED_OUT),
        (2, {2: 6.9, 3: 60.0}, CONNECTION_LOST),
        (2, {}, CONNECTION_LOST),
        (1, {3: 7.1}, TIMED_OUT),  # with itself a quorum
        (1, {2: 6.9, 3: 6.9}, CONNECTION_LOST),
        (0, {}, TIMED_OUT),  # that there is no leader is another reason
    ],
)
def test_who_waited_in_vain_is_told_of_a_connection_that_was_lost(leader, connected_for_s, cause):
    """etcdserver/server.go, parseProposeCtxErr."""
    three = Alone(members=(1, 2, 3))
    three.facts.connected_for_s = lambda member: connected_for_s.get(member, 0.0)
    three.facts.clock = lambda: three.now_ms / 1000
    client = three.ask("PUT", "/v2/keys/x", form=[("value", "1")])
    three.now_ms += 7_000
    roles = {0: Follower(), 1: Leader({}, 0), 2: Follower(2)}
    three.member.raft.role = roles[leader]
    in_vain = EtcdError(RAFT_INTERNAL, TIMED_OUT, 0)
    response = client.submission.respond(Answer(Outcome.UNKNOWN, error=in_vain))
    assert (response.status, json.loads(response.body)["cause"]) == (500, cause)
