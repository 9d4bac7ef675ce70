"""Requests say themselves in words, and what can't be asked is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnetcd.errors import UserError
from learnetcd.member.request import (
    ClusterRequest,
    KeyRequest,
    Method,
    ReadKind,
    WatchRequest,
    context_of,
    request_id_of,
    stamped,
)
from learnetcd.raft import Change, ChangeKind, ConfigChange
from learnetcd.raft.configuration import describe


@given(st.integers(1, 1 << 60), st.binary(max_size=20))
def test_the_request_id_of_a_change_is_found_again_whatever_its_context(
    request_id: int, context: bytes
):
    change = ConfigChange((Change(ChangeKind.REMOVE, 3),), context=context)
    marked = stamped(change, request_id)
    assert request_id_of(marked) == request_id
    assert context_of(marked) == context
    assert describe(marked) == describe(change)


def test_a_change_that_no_client_asked_for_has_no_request_id():
    leave = ConfigChange(())
    assert leave.leaves_joint
    assert request_id_of(leave) == 0


def test_requests_say_themselves_in_words():
    assert str(KeyRequest(Method.PUT, "x", "1")) == "put /x=1"
    assert str(KeyRequest(Method.GET, "/x", read=ReadKind.INDEX)) == "get /x (index)"
    assert str(KeyRequest(Method.DELETE, "//x/")) == "delete /x"
    request = KeyRequest(Method.PUT, "/x", "2", prev_value="1", prev_exist=True)
    assert str(request) == "put /x=2 (prev_exist True, prev_value 1)"
    assert str(WatchRequest("x")) == "watch /x"
    watch = WatchRequest("/x", recursive=True, stream=True, since_index=7)
    assert str(watch) == "watch /x (recursive, stream, since 7)"
    assert str(ClusterRequest("/0/version", "3.4.0")) == "put /0/version=3.4.0"


@pytest.mark.parametrize(
    ("ask", "why"),
    [
        (lambda: KeyRequest(Method.PUT, ""), "A key is needed"),
        (lambda: WatchRequest(""), "A key is needed"),
        (lambda: KeyRequest(Method.PUT, "/x", "\ud800"), "half of a character"),
        (lambda: KeyRequest(Method.PUT, "/x", prev_index=-1), "up to 64 bits"),
        (lambda: KeyRequest(Method.PUT, "/x", prev_index=1 << 64), "up to 64 bits"),
        (lambda: ClusterRequest("/1/x", "1"), "below /0"),
    ],
)
def test_what_cannot_be_asked_is_refused(ask, why):
    with pytest.raises(UserError, match=why):
        ask()
