"""Decisions as text: what is written is read back, and what means nothing is refused."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnetcd.errors import UserError
from learnetcd.member.request import (
    AuthRequest,
    ClusterRequest,
    KeyRequest,
    MembershipRequest,
    Method,
    ReadKind,
    WatchRequest,
)
from learnetcd.raft.configuration import Change, ChangeKind, ConfigChange, Transition
from learnetcd.simulator import decisions
from learnetcd.simulator.decisions import KINDS, Cancel, Crash, Cut, Deliver, Submit, parse

members = st.integers(1, 7)
words = st.text("abcxyz-.0123456789", min_size=1)
texts = st.text(max_size=20)
paths = texts.filter(lambda text: "/" not in text and text not in ("", ".", "..")).map("/{}".format)
by_type = {"int": st.integers(0, 10**9), "bool": st.booleans(), "str": words}

key_requests = st.one_of(
    st.builds(KeyRequest, st.just(Method.PUT), paths, texts),
    st.builds(KeyRequest, st.just(Method.DELETE), paths),
    st.builds(KeyRequest, st.just(Method.GET), paths, read=st.sampled_from(ReadKind)),
    st.builds(
        KeyRequest,
        st.sampled_from(Method),
        texts.map("/a/{}".format),
        is_dir=st.booleans(),
        recursive=st.booleans(),
        prev_exist=st.none() | st.booleans(),
        prev_value=texts,
        prev_index=st.integers(0, 999),
        ttl=st.none() | st.integers(0, 999),
        refresh=st.booleans(),
    ),
)
changes = st.builds(
    ConfigChange,
    st.lists(st.builds(Change, st.sampled_from(ChangeKind), members), min_size=1).map(tuple),
    st.sampled_from(Transition),
    st.binary(max_size=4),
) | st.just(ConfigChange(()))
watches = st.builds(WatchRequest, paths, st.booleans(), st.booleans(), st.integers(0, 9))
requests = (
    key_requests
    | watches
    | st.builds(ClusterRequest, paths.map("/0{}".format), texts)
    | st.builds(AuthRequest, key_requests)
    | st.builds(MembershipRequest, changes)
)


def any_of_kind(kind):
    if kind is Submit:
        return st.builds(Submit, members, st.integers(1, 999), requests)
    if kind is Cut:
        return st.builds(Cut, st.lists(st.tuples(members, members), min_size=1).map(tuple))
    return st.builds(kind, *(by_type[field.type] for field in fields(kind)))


@given(st.sampled_from(KINDS).flatmap(any_of_kind))
def test_a_decision_is_read_back_from_its_line(decision):
    line = decision.text()
    assert "\n" not in line
    assert "\r" not in line
    assert parse(line) == decision


def test_every_kind_of_decision_is_listed_once():
    declared = {
        one
        for one in vars(decisions).values()
        if isinstance(one, type) and issubclass(one, decisions.Decision)
    }
    assert set(KINDS) == declared - {decisions.Decision}
    assert len(KINDS) == len(set(KINDS))


@pytest.mark.parametrize(
    ("decision", "line"),
    [
        (Deliver(1, 2, 17), "deliver S1>S2 17"),
        (Deliver(1, 2, 17, 1), "deliver S1>S2 17.1"),
        (Crash(2, 0), "crash S2 keep 0"),
        (Cut(((1, 2), (2, 1))), "cut S1>S2 S2>S1"),
        (decisions.SetRule("own-term", False), "rule own-term off"),
        (decisions.SetRule("own-term", True, 3), "rule own-term on S3"),
        (decisions.SetTimer(1, 14), "set-timer S1 14"),
        (Submit(1, 4, KeyRequest(Method.PUT, "/x", "1")), "put S1 c4 /x 1"),
        (Submit(1, 4, KeyRequest(Method.PUT, "/x", "a b")), 'put S1 c4 /x "a b"'),
        (Submit(1, 5, KeyRequest(Method.GET, "/x")), "get S1 c5 /x"),
        (
            Submit(1, 5, KeyRequest(Method.PUT, "/x", "1", prev_exist=True, prev_value="a b")),
            'put S1 c5 /x 1 prev_exist:on "prev_value:a b"',
        ),
        (
            Submit(1, 5, KeyRequest(Method.DELETE, "/d", recursive=True)),
            "delete S1 c5 /d recursive:on",
        ),
        (Submit(1, 5, KeyRequest(Method.POST, "/jobs", "mow")), "post S1 c5 /jobs mow"),
        (
            Submit(1, 5, KeyRequest(Method.PUT, "/x", "1", ttl=5, refresh=True)),
            "put S1 c5 /x 1 ttl:5 refresh:on",
        ),
        (Submit(1, 5, WatchRequest("/x")), "watch S1 c5 /x"),
        (
            Submit(1, 5, WatchRequest("/a b", recursive=True, stream=True, since_index=7)),
            'watch S1 c5 "/a b" recursive stream since:7',
        ),
        (Submit(1, 5, ClusterRequest("/0/version", "3.4.0")), "cluster S1 c5 /0/version 3.4.0"),
        (Cancel(1, 5), "cancel S1 c5"),
        (Submit(1, 5, KeyRequest(Method.GET, "/x", read=ReadKind.INDEX)), "get S1 c5 /x index"),
        (
            Submit(1, 6, MembershipRequest(ConfigChange((Change(ChangeKind.ADD_VOTER, 4),)))),
            "change S1 c6 add-voter:S4",
        ),
        (Submit(1, 6, MembershipRequest(ConfigChange(()))), "change S1 c6 leave"),
    ],
)
def test_lines_read_well_in_a_diff(decision, line):
    assert decision.text() == line
    assert parse(line) == decision


@pytest.mark.parametrize(
    "line",
    [
        "",
        "delivr S1>S2 17",
        "deliver S1>S2",
        "deliver S1 > S2 17",
        "deliver S1>S2 017",
        "deliver S1>S2 17.0.1",
        "timer 3",
        "timer S3 ",
        " timer S3",
        "cut",
        "cut S1-S2",
        "put S1 c4",
        "put S1 4 /x 1",
        "put S1 c4 /x  1",
        'put S1 c4 /x "a',
        "get S1 c4 /x sometimes",
        'get S1 c4 ""',
        "get S1 c4 /x prev_king:1",
        "get S1 c4 /x prev_index:one",
        "get S1 c4 /x recursive:off",
        "change S1 c4 add-king:S4",
        "rule own-term maybe",
    ],
)
def test_a_line_that_means_nothing_is_refused(line):
    with pytest.raises(UserError, match=r"no decision|no link"):
        parse(line)


def test_a_misspelt_verb_gets_a_hint():
    with pytest.raises(UserError, match="Did you mean 'deliver'"):
        parse("delivr S1>S2 17")
