r"""The wording: events and errors as etcd writes them in JSON.

    {"action":"set","node":{"key":"/x","value":"a\u003cb","modifiedIndex":5,"createdIndex":5}}

The same words go to clients and into snapshots, and for both every byte counts: the order of the
names, no spaces, nothing for what is empty (no `"dir":false`, no `"ttl":0`), and the way in which
Go writes a string. It escapes what could end a script in a web page:

    <  >  &                  \u003c  \u003e  \u0026
    U+2028, U+2029           \u2028  \u2029            line ends for JavaScript
    what is no UTF-8         \ufffd                    once for each byte; here a lone surrogate
    other control characters \u0000 ... but \n \r \t

Source: etcd 2.3 store/node_extern.go, store/event.go, error/error.go; Go's encoding/json.

Next page: `saved`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from learnetcd.store import timestamp
from learnetcd.store.errors import EtcdError
from learnetcd.store.event import Event
from learnetcd.store.node import Node

_SPECIAL = re.compile('[\x00-\x1f"\\\\<>&\u2028\u2029\ud800-\udfff]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


# -- values -----------------------------------------------------------------------------------


def string(text: str) -> str:
    """Write a string."""
    return f'"{_SPECIAL.sub(_escaped, text)}"'


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    if "\ud800" <= character <= "\udfff":
        return "\\ufffd"
    return _SHORT.get(character) or f"\\u{ord(character):04x}"


def fields(named: Iterable[tuple[str, str]]) -> str:
    """Write an object, its values being written already."""
    return "{" + ",".join(f'"{name}":{value}' for name, value in named) + "}"


# -- what clients see -------------------------------------------------------------------------


def node(shown: Node) -> str:
    """Write a node."""
    parts: list[str] = []  # no pairs for `fields`: this is done for every answer
    if shown.key:
        parts.append(f'"key":{string(shown.key)}')
    if shown.value is not None:
        parts.append(f'"value":{string(shown.value)}')
    if shown.is_dir:
        parts.append('"dir":true')
    if shown.expires_ns is not None:
        parts.append(f'"expiration":"{timestamp.written(shown.expires_ns)}"')
    if shown.ttl:
        parts.append(f'"ttl":{shown.ttl}')
    if shown.nodes:
        parts.append(f'"nodes":[{",".join([node(one) for one in shown.nodes])}]')
    if shown.modified_index:
        parts.append(f'"modifiedIndex":{shown.modified_index}')
    if shown.created_index:
        parts.append(f'"createdIndex":{shown.created_index}')
    return f"{{{','.join(parts)}}}"


def event(told: Event) -> str:
    """Write an event. Clients are not told that it is a refresh; a snapshot says so too."""
    previous = told.prev_node
    before = "" if previous is None else f',"prevNode":{node(previous)}'
    return f'{{"action":"{told.action}","node":{node(told.node)}{before}}}'


def error(refusal: EtcdError) -> str:
    """Write an error."""
    named = [
        ("errorCode", str(refusal.code)),
        ("message", string(refusal.message)),
        ("cause", string(refusal.cause)),
        ("index", str(refusal.index)),
    ]
    return fields(named)
