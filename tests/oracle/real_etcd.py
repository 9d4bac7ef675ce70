"""A real etcd, for as long as a test needs it: on free loopback ports, in a folder of the test."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from tests.conformance.servers import REAL, Process

PATIENCE_S = 10

# Somebody's proxy knows no way to our loopback.
_OPENER = build_opener(ProxyHandler({}))


@dataclass(frozen=True)
class Answer:
    """What etcd said, and how far its log was then."""

    body: dict[str, Any]  # JSON
    term: int
    raft_index: int


class RealEtcd(Process):
    """One member; a cluster of its own, unless told of others."""

    def __init__(self, data: Path, *options: str, **place: Any):
        super().__init__(REAL, data, options, **place)
        self.data = data

    def put(self, key: str, value: str, **options: str) -> Answer:
        return self._ask("PUT", key, urlencode({"value": value, **options}).encode())

    def delete(self, key: str) -> Answer:
        return self._ask("DELETE", key)

    def get(self, key: str) -> str:
        value: str = self._ask("GET", key).body["node"]["value"]
        return value

    def _ask(self, method: str, key: str, form: bytes | None = None) -> Answer:
        request = Request(f"{self.url}/v2/keys{key}", form, method=method)
        with _OPENER.open(request, timeout=PATIENCE_S) as answer:
            headers = answer.headers
            body = json.load(answer)
        return Answer(body, int(headers["X-Raft-Term"]), int(headers["X-Raft-Index"]))
