"""What is in an answer of etcd's v2 API."""

import json


def read_answer(body: bytes) -> tuple[str, str, str | None, int, int]:
    """Give action, key, value, created index and modified index; KeyError if there is no key."""
    said = json.loads(body)
    if "errorCode" in said:
        raise KeyError(said["cause"])
    node = said["node"]
    indexes = node["createdIndex"], node["modifiedIndex"]
    return said["action"], node["key"], node.get("value"), *indexes
