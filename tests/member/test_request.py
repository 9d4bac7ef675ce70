"""Requests on their way through the log."""

from hypothesis import given
from hypothesis import strategies as st

from learnetcd.member.request import (
    Command,
    KeyRequest,
    Method,
    ReadKind,
    decode_command,
    request_id_of,
    stamped,
)
from learnetcd.raft import Change, ChangeKind, ConfigChange
from learnetcd.raft.configuration import describe

ANY_TEXT = st.text(st.characters(), max_size=20)  # what a terminal gives need not be valid text


@given(st.integers(1, 1 << 60), st.sampled_from(Method), ANY_TEXT)
def test_a_command_comes_out_of_the_log_as_it_went_in(request_id: int, method: Method, value: str):
    command = Command(request_id, KeyRequest(method, "/x", value, ReadKind.QUORUM))
    assert decode_command(command.encode()) == command


@given(st.booleans(), st.booleans(), st.none() | st.booleans(), ANY_TEXT, st.integers(0, 1 << 63))
def test_what_a_request_says_beyond_the_usual_comes_out_as_well(
    is_dir: bool, recursive: bool, prev_exist: bool | None, prev_value: str, prev_index: int
):
    request = KeyRequest(
        Method.PUT,
        "/a/b",
        "1",
        ReadKind.QUORUM,
        is_dir=is_dir,
        recursive=recursive,
        prev_exist=prev_exist,
        prev_value=prev_value,
        prev_index=prev_index,
    )
    assert decode_command(Command(7, request).encode()) == Command(7, request)


def test_a_plain_request_is_as_short_in_the_log_as_ever():
    assert Command(7, KeyRequest(Method.PUT, "/x", "1")).encode() == b'[7,"PUT","/x","1"]'


@given(st.integers(1, 1 << 60), st.binary(max_size=20))
def test_the_request_id_of_a_change_is_found_again_whatever_its_context(
    request_id: int, context: bytes
):
    change = ConfigChange((Change(ChangeKind.REMOVE, 3),), context=context)
    marked = stamped(change, request_id)
    assert request_id_of(marked) == request_id
    assert marked.context.endswith(context)
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
