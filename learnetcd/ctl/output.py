"""Output: a result as lines, in one of three forms.

    simple        hello

    extended      Key: /msg
                  Created-Index: 7
                  Modified-Index: 7
                  TTL: 0
                  Index: 9

                  hello

    json          {"action":"get","node":{"key":"/msg","value":"hello","nodes":null,...

`Index` is where the store stood when it answered: so 7 and 9 say that two writes elsewhere came
since. The JSON is not what the server sent: Go reads it and writes it anew, with `nodes` and
`prevNode` also where there are none.

Source: etcd 3.4 etcdctl/ctlv2/command/format.go, ls_command.go. Next page: `verbs`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from learnetcd.ctl.keys import Node, Result


def show(result: Result, form: str) -> None:
    """Print a result in this form."""
    match form:
        case "simple":
            print(simply(result))
        case "extended":
            print(*extended(result), sep="\n")
        case "json":
            print(as_json(result))
        case _:
            print(f"Unsupported output format: {form}", file=sys.stderr)


def simply(result: Result) -> str:
    """The value; of a key that was deleted, the value that it had."""
    if result.action != "delete":
        return result.node.value
    return f"PrevNode.Value: {result.prev_node.value if result.prev_node else ''}"


def extended(result: Result) -> Iterator[str]:
    """All that is known, a line each, and the value after an empty line."""
    node = result.node
    yield f"Key: {node.key}"
    yield f"Created-Index: {node.created_index}"
    yield f"Modified-Index: {node.modified_index}"
    if result.prev_node is not None:
        yield f"PrevNode.Value: {result.prev_node.value}"
    yield f"TTL: {node.ttl}"
    yield f"Index: {result.etcd_index}"
    if result.action != "delete":
        yield ""
        yield node.value


def listing(node: Node, *, mark_directories: bool) -> Iterator[str]:
    """The names below a node, depth first; of a key, its own."""
    if not node.is_dir:
        yield node.key
    yield from names_below(node, "/" if mark_directories else "")


def names_below(node: Node, mark: str) -> Iterator[str]:
    """The names below a node, each directory with the mark behind it."""
    for child in node.nodes or ():
        yield child.key + (mark if child.is_dir else "")
        yield from names_below(child, mark)


# --- JSON as Go writes it -----------------------------------------------------------------------

# Go escapes what could end a script inside HTML, and two line ends that JavaScript has.
_ESCAPED = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def as_json(result: Result) -> str:
    """A result in one line."""
    previous = result.prev_node
    fields = {
        "action": result.action,
        "node": fields_of(result.node),
        "prevNode": None if previous is None else fields_of(previous),
    }
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPED)


def fields_of(node: Node) -> dict[str, Any]:  # Any: it will be JSON
    """A node in the order of Go's fields, without those that Go leaves out when they are empty."""
    fields: dict[str, Any] = {"key": node.key}
    if node.is_dir:
        fields["dir"] = True
    fields["value"] = node.value
    fields["nodes"] = None if node.nodes is None else [fields_of(child) for child in node.nodes]
    fields["createdIndex"] = node.created_index
    fields["modifiedIndex"] = node.modified_index
    if node.expiration:
        fields["expiration"] = node.expiration
    if node.ttl:
        fields["ttl"] = node.ttl
    return fields
