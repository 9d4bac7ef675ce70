"""What is asked at /v2/keys, and what is refused before the store is asked.

Most of it is compared with etcd's own answers, in tests/conformance. Here is what no case says.
"""

import json

import pytest

from learnetcd.api.http import Submission
from learnetcd.member.request import KeyRequest, Method, ReadKind, WatchRequest
from tests.api.alone import Alone


def asked(alone: Alone, *arguments: str, form: list[tuple[str, str]] | None = None) -> object:
    submission = alone.ask(*arguments, form=form).submission
    assert isinstance(submission, Submission)
    return submission.request


def test_the_root_may_be_written_in_two_ways(alone: Alone):
    assert asked(alone, "GET", "/v2/keys") == asked(alone, "GET", "/v2/keys/")
    assert asked(alone, "GET", "/v2/keys") == KeyRequest(Method.GET, "/")


def test_a_slash_at_the_end_names_the_same_key(alone: Alone):
    assert asked(alone, "GET", "/v2/keys/x/") == KeyRequest(Method.GET, "/x")


def test_all_that_may_be_said_reaches_the_member(alone: Alone):
    form = [("value", "v"), ("ttl", "007"), ("prevExist", "True"), ("prevValue", "old")]
    form += [("prevIndex", "9"), ("dir", "1"), ("recursive", "t"), ("refresh", "F")]
    assert asked(alone, "PUT", "/v2/keys/x", form=form) == KeyRequest(
        Method.PUT,
        "/x",
        "v",
        is_dir=True,
        recursive=True,
        prev_exist=True,
        prev_value="old",
        prev_index=9,
        ttl=7,
    )


def test_only_a_get_is_read_by_a_quorum(alone: Alone):
    for method, read in (("GET", ReadKind.QUORUM), ("HEAD", ReadKind.LOCAL)):
        assert asked(alone, method, "/v2/keys/", "quorum=true") == KeyRequest(
            Method.GET, "/", read=read
        )


def test_who_waits_by_a_quorum_reads(alone: Alone):
    watch = asked(alone, "GET", "/v2/keys/x", "wait=true&recursive=1&stream=t&waitIndex=7")
    assert watch == WatchRequest("/x", recursive=True, stream=True, since_index=7)
    assert isinstance(asked(alone, "GET", "/v2/keys/x", "wait=true&quorum=true"), KeyRequest)


def test_numbers_have_64_bits(alone: Alone):
    largest = 2**64 - 1
    request = asked(alone, "GET", "/v2/keys/x", f"wait=true&waitIndex={largest}")
    assert request == WatchRequest("/x", since_index=largest)
    for digits in (str(largest + 1), "9" * 5000, "+5", "-1", "1_0", "٣", "0x1", " 1", ""):
        answer = alone.ask("PUT", "/v2/keys/x", form=[("prevIndex", digits)])
        assert json.loads(answer.body)["errorCode"] == 203


def test_a_request_that_can_not_be_understood_never_reaches_the_member(alone: Alone):
    before = alone.member.raft.log.last_index
    answer = alone.ask("PUT", "/v2/keys/x", "ttl=x")
    assert (answer.submission, answer.status, answer.header("x-etcd-index")) == (None, 400, "0")
    assert alone.member.raft.log.last_index == before


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_is_there_can_be_looked_up(alone: Alone, method: str):
    alone.ask("PUT", "/v2/keys/x", form=[("value", "1")])
    answer = alone.ask(method, "/v2/keys/x")
    assert answer.header("x-etcd-cluster-id") == "c1"
    assert answer.body == (
        b'{"action":"get","node":{"key":"/x","value":"1","modifiedIndex":4,"createdIndex":4}}\n'
    )


def test_bytes_that_are_no_text_are_kept_and_shown_as_unknown_characters(alone: Alone):
    alone.ask(
        "PUT", "/v2/keys/%ff", body=b"value=%fe", content_type="application/x-www-form-urlencoded"
    )
    answer = alone.ask("GET", "/v2/keys/%ff")
    assert json.loads(answer.body)["node"]["value"] == "\ufffd"
    assert alone.ask("GET", "/v2/keys/%fe").status == 404


# -- watching ---------------------------------------------------------------------------------


def test_a_watcher_is_heard_at_once_and_told_later(alone: Alone):
    watcher = alone.ask("GET", "/v2/keys/x", "wait=true")
    assert (watcher.status, watcher.body, watcher.is_over) == (200, b"", False)
    assert watcher.header("x-etcd-index") == "3"
    alone.ask("PUT", "/v2/keys/x", form=[("value", "1")])
    assert watcher.is_over
    assert json.loads(watcher.body)["node"]["value"] == "1"


def test_a_stream_goes_on(alone: Alone):
    watcher = alone.ask("GET", "/v2/keys/", "wait=true&recursive=true&stream=true")
    for value in "123":
        alone.ask("PUT", "/v2/keys/x", form=[("value", value)])
    values = [json.loads(line)["node"]["value"] for line in watcher.body.splitlines()]
    assert (values, watcher.is_over) == (["1", "2", "3"], False)
    alone.hang_up(watcher)
    alone.ask("PUT", "/v2/keys/x", form=[("value", "4")])
    assert len(watcher.notices) == 3


def test_who_watches_too_late_is_refused(alone: Alone):
    for _ in range(1001):
        alone.ask("PUT", "/v2/keys/x")
    answer = alone.ask("GET", "/v2/keys/x", "wait=true&waitIndex=1")
    assert (answer.status, answer.header("x-etcd-index")) == (400, "1004")
    assert json.loads(answer.body)["errorCode"] == 401
