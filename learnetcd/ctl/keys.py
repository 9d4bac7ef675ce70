"""Keys: each question about the key space as an HTTP request, and what its answer says.

    set /k v --ttl 5           PUT /v2/keys/k                 ttl=5&value=v
    mk /k v                    PUT /v2/keys/k?prevExist=false         value=v
    mk --in-order /q v         POST /v2/keys/q                        value=v
    rm --with-index 7 /k       DELETE /v2/keys/k?prevIndex=7
    watch /k                   GET /v2/keys/k?recursive=false&wait=true&waitIndex=0

The conditions are in the query, the value and its time to live in the body.

Source: etcd 3.4 client/keys.go. Next page: `output`.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from learnetcd.api.curl import encoded
from learnetcd.ctl.client import Client
from learnetcd.ctl.exchange import Answer, Request
from learnetcd.ctl.failures import NotAnEtcd, Trouble

KEYS = "/v2/keys"


@dataclass(frozen=True, slots=True)
class Node:
    """A key or a directory, as the answer describes it."""

    key: str
    is_dir: bool
    value: str
    nodes: tuple[Node, ...] | None
    """What is in it; None if the answer does not say."""
    created_index: int
    modified_index: int
    expiration: str
    """When it expires, as the server wrote it; "" for never."""
    ttl: int
    """Seconds until then; 0 for never."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a request did, or found."""

    action: str
    node: Node
    prev_node: Node | None
    """What was there before."""
    etcd_index: int
    """Where the store stood."""


class EtcdRefused(Trouble):
    """The store's own no."""

    def __init__(self, code: int, message: str, cause: str, index: int) -> None:
        """As its JSON says."""
        super().__init__(f"{code}: {message} ({cause}) [{index}]")
        self.code = code
        self.index = index


# --- questions ----------------------------------------------------------------------------------


def get(key: str, *, sort: bool = False, quorum: bool = False, recursive: bool = False) -> Request:
    """Read a key, or list a directory."""
    choices = {"recursive": recursive, "sorted": sort, "quorum": quorum}
    return Request("GET", path_of(key), {name: truth(chosen) for name, chosen in choices.items()})


def put(
    key: str,
    value: str | None = None,
    *,
    ttl: int = 0,
    is_dir: bool = False,
    prev_exist: bool | None = None,
    prev_value: str = "",
    prev_index: int = 0,
) -> Request:
    """Write a key, under the conditions that are named. A directory has no value."""
    conditions = comparison(prev_value, prev_index)
    if prev_exist is not None:
        conditions["prevExist"] = truth(prev_exist)
    if is_dir:
        conditions["dir"] = "true"
    return Request("PUT", path_of(key), conditions, form(value, ttl))


def post(directory: str, value: str, *, ttl: int = 0) -> Request:
    """Make a key in a directory, named by its index."""
    return Request("POST", path_of(directory), {}, form(value, ttl))


def delete(
    key: str,
    *,
    is_dir: bool = False,
    recursive: bool = False,
    prev_value: str = "",
    prev_index: int = 0,
) -> Request:
    """Remove a key or a directory."""
    conditions = comparison(prev_value, prev_index)
    if is_dir:
        conditions["dir"] = "true"
    if recursive:
        conditions["recursive"] = "true"
    return Request("DELETE", path_of(key), conditions)


def watch(key: str, *, wait_index: int = 0, recursive: bool = False) -> Request:
    """Wait for the next event of a key; with an index, for the first event from there on."""
    query = {"wait": "true", "waitIndex": str(wait_index), "recursive": truth(recursive)}
    return Request("GET", path_of(key), query, waits=True)


def path_of(key: str) -> str:
    """Where a key is in the API. Its last slash is kept, all else is cleaned, `..` too."""
    written = f"{KEYS}/{key}"
    path = posixpath.normpath(written)
    return f"{path}/" if written.endswith("/") and path != "/" else path


def comparison(prev_value: str, prev_index: int) -> dict[str, str]:
    """What must hold before; nothing is compared with "" or 0."""
    compared = {"prevValue": prev_value, "prevIndex": str(unsigned(prev_index))}
    return {name: text for name, text in compared.items() if text not in ("", "0")}


def form(value: str | None, ttl: int) -> str:
    """The body of a write. A time to live of 0 or less means none."""
    fields = {} if value is None else {"value": value}
    if ttl > 0:
        fields["ttl"] = str(ttl)
    return encoded(fields)


def unsigned(number: int) -> int:
    """A number as Go's uint64 takes it: -1 is the largest there is."""
    return number % 2**64


def truth(chosen: bool) -> str:
    """A switch, as the API writes it."""
    return "true" if chosen else "false"


# --- answers ------------------------------------------------------------------------------------


def ask(client: Client, request: Request) -> Result:
    """Ask, and read the answer; `Trouble` if it is a no, or none."""
    return result_of(client.ask(request))


def result_of(answer: Answer) -> Result:
    """What an answer says; `EtcdRefused` if the store said no."""
    try:
        if not answer.body:
            raise Trouble("client: response body is empty")
        said = json.loads(answer.body.decode("utf-8", "replace"))
        if answer.status >= 300:
            raise EtcdRefused(said["errorCode"], said["message"], said["cause"], said["index"])
        previous = said.get("prevNode")
        return Result(
            said["action"],
            node_of(said["node"]),
            None if previous is None else node_of(previous),
            int(answer.headers.get("x-etcd-index", "0")),
        )
    except (ValueError, LookupError, TypeError, AttributeError):
        raise NotAnEtcd from None


def node_of(said: Mapping[str, Any]) -> Node:  # Any: it is JSON
    """A node as JSON has it. What is missing is empty."""
    nodes = said.get("nodes")
    return Node(
        said.get("key", ""),
        said.get("dir", False),
        said.get("value", ""),
        None if nodes is None else tuple(node_of(node) for node in nodes),
        said.get("createdIndex", 0),
        said.get("modifiedIndex", 0),
        said.get("expiration", ""),
        said.get("ttl", 0),
    )
