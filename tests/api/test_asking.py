"""Asking: what our lines ask is what a member understands, and what etcdctl would ask."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnetcd.api import asking
from learnetcd.api.form import form_of
from learnetcd.api.keys import what_is_asked
from learnetcd.api.target import paths_of
from learnetcd.ctl import line as ctl_line
from learnetcd.ctl.client import Client
from learnetcd.ctl.failures import Trouble
from learnetcd.member.request import KeyRequest, Method, ReadKind, WatchRequest
from learnetcd.runtime.http_reader import HttpReader

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
keys = st.text("abc/é %+&=?#;", min_size=1, max_size=6).map(lambda key: f"/k{key.strip('/')}k")
may_be_true = st.sampled_from([None, True, False])
writes = st.builds(
    KeyRequest,
    st.sampled_from([Method.PUT, Method.POST]),
    keys,
    texts,
    prev_exist=may_be_true,
    prev_value=st.just("") | texts,
    prev_index=st.integers(0, 9),
    ttl=st.none() | st.integers(0, 9),
)
directories = st.builds(
    KeyRequest, st.just(Method.PUT), keys, is_dir=st.just(True), prev_exist=may_be_true
)
reads = st.builds(
    KeyRequest,
    st.just(Method.GET),
    keys,
    read=st.sampled_from([ReadKind.LOCAL, ReadKind.QUORUM]),
    recursive=st.booleans(),
)
removals = st.builds(
    KeyRequest,
    st.just(Method.DELETE),
    keys,
    is_dir=st.booleans(),
    recursive=st.booleans(),
    prev_value=st.just("") | texts,
)
watches = st.builds(WatchRequest, keys, st.booleans(), st.booleans(), st.integers(0, 9))


@given(writes | directories | reads | removals | watches)
def test_what_our_bytes_ask_is_what_a_member_reads_in_them(request):
    made = asking.http_request(request)
    assert made is not None
    reader = HttpReader(1 << 20)
    reader.feed(asking.as_bytes(made, "S1:2379"))
    received = reader.next()
    assert received is not None
    paths = paths_of(received.request)
    assert paths is not None
    path, _ = paths
    key = path.removeprefix("/v2/keys")
    assert what_is_asked(received.request.method, key, form_of(received.request)) == request


class Asked(Exception):
    """What was asked, instead of an answer."""


def asked_by(words: list[str], monkeypatch: pytest.MonkeyPatch):
    """What our own etcdctl asks a member for these words."""

    def ask(self: Client, request):
        if request.path == "/v2/members":
            raise Trouble("nobody is asked here")
        raise Asked(request)

    monkeypatch.setattr(Client, "ask", ask)
    with pytest.raises(Asked) as found:
        ctl_line.carry_out(words)
    return found.value.args[0]


@pytest.mark.parametrize(
    "request_",
    [
        KeyRequest(Method.PUT, "/a", "1"),
        KeyRequest(Method.PUT, "/a", "-1", ttl=5),
        KeyRequest(Method.PUT, "/a", "b c", prev_value="x y"),
        KeyRequest(Method.PUT, "/a", "b", prev_index=7),
        KeyRequest(Method.PUT, "/a", "b", prev_exist=True),
        KeyRequest(Method.PUT, "/a", "b", prev_exist=False),
        KeyRequest(Method.PUT, "/a", is_dir=True),
        KeyRequest(Method.PUT, "/a", is_dir=True, prev_exist=False),
        KeyRequest(Method.POST, "/q", "b"),
        KeyRequest(Method.GET, "/a", read=ReadKind.QUORUM),
        KeyRequest(Method.GET, "/a", recursive=True),
        KeyRequest(Method.DELETE, "/a", recursive=True),
        KeyRequest(Method.DELETE, "/a", prev_value="x"),
        WatchRequest("/a", recursive=True),
        WatchRequest("/a", since_index=7),
    ],
    ids=str,
)
def test_the_line_of_etcdctl_asks_the_same(request_, monkeypatch):
    words = shlex.split(asking.etcdctl_of(request_, "http://127.0.0.1:2379"))
    question = asked_by(words[1:], monkeypatch)
    made = asking.http_request(request_)
    assert made is not None
    assert (question.method, question.target().partition("?")[0]) == (made.method, made.path)
    usual = {"recursive": "false", "quorum": "false", "sorted": "false", "waitIndex": "0"}
    said = dict(question.query.items() - usual.items())
    assert asking.encoded(said) == made.query
    assert (question.body or "").encode() == made.body


def test_what_a_client_cannot_ask_has_no_line():
    by_index = KeyRequest(Method.GET, "/a", read=ReadKind.INDEX)
    assert asking.http_request(by_index) is None
    assert asking.etcdctl_of(by_index, "http://127.0.0.1:2379") == ""
    refresh = KeyRequest(Method.PUT, "/a", ttl=5, prev_exist=True, refresh=True)
    assert asking.etcdctl_of(refresh, "http://127.0.0.1:2379") == ""
    made = asking.http_request(refresh)
    assert made is not None
    assert what_is_asked("PUT", "/a", form_of(made)) == refresh
