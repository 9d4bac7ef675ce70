"""Execution: which write of the store a request is.

    PUT                                    set
    PUT  prev_exist=false                  create
    PUT  prev_exist=true                   update
    PUT  with prev_value or prev_index     compare and swap
    POST                                   create, in order
    DELETE                                 delete
    DELETE with prev_value or prev_index   compare and delete
    GET                                    get

What a request gives depends on the store's content and on nothing else: so each member executes it
for itself, when it applies the entry, and all of them come to the same.

Source: etcd 2.3 etcdserver/server.go, applyRequest. "Must not be there" goes before the other two
conditions, and POST and GET look at none.

Next page: `watching`.
"""

from __future__ import annotations

from typing import assert_never

from learnetcd.member.request import KeyRequest, Method
from learnetcd.store.errors import EtcdError
from learnetcd.store.event import Event
from learnetcd.store.store import Store


def result_of(store: Store, request: KeyRequest) -> Event | EtcdError:
    """Execute a request: what was done, or why it was refused."""
    try:
        return execute(store, request)
    except EtcdError as error:
        # An answer is kept for long, and a traceback would keep the whole member with it.
        return error.with_traceback(None)


def execute(store: Store, request: KeyRequest) -> Event:
    """Execute a request; an `EtcdError` if the store refuses it."""
    path, is_dir, recursive = request.path, request.is_dir, request.recursive
    match request.method:
        case Method.GET:
            return store.get(path, recursive=recursive)
        case Method.PUT:
            return put(store, request)
        case Method.POST:
            return store.create(path, request.value, is_dir=is_dir, in_order=True)
        case Method.DELETE if request.prev_value or request.prev_index:
            value, index = request.prev_value, request.prev_index
            return store.compare_and_delete(path, prev_value=value, prev_index=index)
        case Method.DELETE:
            return store.delete(path, is_dir=is_dir, recursive=recursive)
        case _:
            assert_never(request.method)


def put(store: Store, request: KeyRequest) -> Event:
    """Write a key, under the conditions that the request names."""
    path, value = request.path, request.value
    if request.prev_exist is False:
        return store.create(path, value, is_dir=request.is_dir)
    if request.prev_value or request.prev_index:
        prev_value, prev_index = request.prev_value, request.prev_index
        return store.compare_and_swap(path, value, prev_value=prev_value, prev_index=prev_index)
    if request.prev_exist:
        return store.update(path, value)
    return store.set(path, value, is_dir=request.is_dir)
