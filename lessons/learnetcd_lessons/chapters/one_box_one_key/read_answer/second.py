"""What is in an answer of etcd's v2 API, by a pattern.

`match` says what an answer looks like, and so what does not fit falls through: an error that is no
missing key ends in the last line, and not in a KeyError that would lie about it.
"""

import json


def read_answer(body: bytes) -> tuple[str, str, str | None, int, int]:
    """Give action, key, value, created index and modified index; KeyError if there is no key."""
    match json.loads(body):
        case {"errorCode": 100, "cause": key}:
            raise KeyError(key)
        case {
            "action": action,
            "node": {"key": key, "createdIndex": created, "modifiedIndex": modified} as node,
        }:
            return action, key, node.get("value"), created, modified
        case other:
            raise ValueError(f"this is no answer about a key: {other}")
