"""Which write of the store a request is: the table of the page, line by line."""

import pytest

from learnetcd.member import namespace
from learnetcd.member.execution import result_of
from learnetcd.member.request import KeyRequest, Method
from learnetcd.store import EtcdError, Store


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (KeyRequest(Method.GET, "/x"), "get"),
        (KeyRequest(Method.GET, "/d", recursive=True), "get"),
        (KeyRequest(Method.PUT, "/x", "2"), "set"),
        (KeyRequest(Method.PUT, "/new", is_dir=True), "set"),
        (KeyRequest(Method.PUT, "/new", "2", prev_exist=False), "create"),
        (KeyRequest(Method.PUT, "/x", "2", prev_exist=False), 105),
        (KeyRequest(Method.PUT, "/x", "2", prev_exist=False, prev_value="1"), 105),
        (KeyRequest(Method.PUT, "/x", "2", prev_exist=True), "update"),
        (KeyRequest(Method.PUT, "/new", "2", prev_exist=True), 100),
        (KeyRequest(Method.PUT, "/x", "2", prev_value="1"), "compareAndSwap"),
        (KeyRequest(Method.PUT, "/x", "2", prev_exist=True, prev_index=1), "compareAndSwap"),
        (KeyRequest(Method.PUT, "/x", "2", prev_index=2), 101),
        (KeyRequest(Method.POST, "/d", "2", prev_value="no matter"), "create"),
        (KeyRequest(Method.DELETE, "/x"), "delete"),
        (KeyRequest(Method.DELETE, "/d", recursive=True), "delete"),
        (KeyRequest(Method.DELETE, "/d", is_dir=True), 108),
        (KeyRequest(Method.DELETE, "/x", prev_value="1"), "compareAndDelete"),
        (KeyRequest(Method.DELETE, "/x", prev_value="2"), 101),
    ],
    ids=str,
)
def test_a_request_becomes_the_write_that_etcd_makes_of_it(request_: KeyRequest, told: str | int):
    store = Store(namespace.NAMES)
    store.set("/1/x", "1")
    store.set("/1/d/y", "1")
    result = result_of(store, request_)
    assert (result.code if isinstance(result, EtcdError) else result.action) == told


def test_a_refusal_keeps_nothing_of_the_member_alive():
    result = result_of(Store(namespace.NAMES), KeyRequest(Method.GET, "/none"))
    assert isinstance(result, EtcdError)
    assert result.__traceback__ is None
