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
for itself, when it applies the entry, and all of them come to the same. The clock of the one who
executes it only tells how many seconds a key has left, in the answer.

Source: etcd 3.4 etcdserver/apply_v2.go. "Must not be there" goes before the other two conditions,
and POST and GET look at none.

Next page: `cluster`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from learnetcd.member import namespace
from learnetcd.member.request import KeyRequest, Method
from learnetcd.store.errors import EtcdError
from learnetcd.store.event import Event
from learnetcd.store.store import Store


def result_of(
    store: Store,
    request: KeyRequest,
    *,
    expires_ns: int | None = None,
    now_ns: int = 0,
    place: str = namespace.CLIENTS,
) -> Event | EtcdError:
    """Execute a request: what was done, or why it was refused, in the keys of the store."""
    try:
        return execute(store, request, namespace.inside(request.path, place), expires_ns, now_ns)
    except EtcdError as error:
        # An answer is kept for long, and a traceback would keep the whole member with it.
        return error.with_traceback(None)


def for_client(result: Event | EtcdError) -> Event | EtcdError:
    """Say it in the keys of clients."""
    if isinstance(result, EtcdError):
        return namespace.error_outside(result)
    return namespace.event_outside(result)


def without_secrets(result: Event | EtcdError) -> Event | EtcdError:
    """Say of a request about users and roles only what was done, not what is written there."""
    if isinstance(result, EtcdError):
        return result
    node = replace(result.node, value=None, nodes=())
    return Event(result.action, node, None, result.is_refresh)


def execute(
    store: Store, request: KeyRequest, path: str, expires_ns: int | None, now_ns: int
) -> Event:
    """Execute a request at a path of the store; an `EtcdError` if it is refused."""
    is_dir, recursive = request.is_dir, request.recursive
    match request.method:
        case Method.GET:
            return store.get(path, recursive=recursive, now_ns=now_ns)
        case Method.PUT:
            return put(store, path, request, expires_ns, now_ns)
        case Method.POST:
            return store.create(
                path,
                request.value,
                is_dir=is_dir,
                in_order=True,
                expires_ns=expires_ns,
                now_ns=now_ns,
            )
        case Method.DELETE if request.prev_value or request.prev_index:
            value, index = request.prev_value, request.prev_index
            return store.compare_and_delete(path, prev_value=value, prev_index=index, now_ns=now_ns)
        case Method.DELETE:
            return store.delete(path, is_dir=is_dir, recursive=recursive, now_ns=now_ns)
        case _:
            assert_never(request.method)


def put(store: Store, path: str, request: KeyRequest, expires_ns: int | None, now_ns: int) -> Event:
    """Write a key, under the conditions that the request names."""
    value, is_dir, refresh = request.value, request.is_dir, request.refresh
    if request.prev_exist is False:
        return store.create(path, value, is_dir=is_dir, expires_ns=expires_ns, now_ns=now_ns)
    if request.prev_value or request.prev_index:
        return store.compare_and_swap(
            path,
            value,
            prev_value=request.prev_value,
            prev_index=request.prev_index,
            expires_ns=expires_ns,
            refresh=refresh,
            now_ns=now_ns,
        )
    if request.prev_exist:
        return store.update(path, value, expires_ns=expires_ns, refresh=refresh, now_ns=now_ns)
    return store.set(
        path, value, is_dir=is_dir, expires_ns=expires_ns, refresh=refresh, now_ns=now_ns
    )
