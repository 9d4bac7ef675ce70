"""Our server and the real etcd, asked the same things, say the same: also what nobody recorded."""

import json
import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.exchange import Response
from tests.conformance.servers import SocketServer
from tests.processes import OURS, REAL, Process

REQUESTS = 2000

KEYS = ["a", "b", "_h", "d", "d/a", "d/b", "d/_h/x", "q", "d/"]
KEYS += ["%2Fa", "a%ff", "d//a", "d/../a", "é"]
PIECES = ["/", ".", "..", "%", "%2", "%2f", "%00", "%zz", "a", "_", "~", "!", "'", "<", "é", "+"]
PIECES += ["&", ";", "?", "=", "*", "%c3%a9", "%25", "v2", "keys", "/v2/keys/", "#", "|", "{"]
"""What odd targets are made of."""
PATHS = ["/", "/v2", "/v2/keys", "/v2/keysx", "/v2/machines/", "/v2/members/x", "/v2/stats"]
PATHS += ["/version", "/version/", "/health/", "/metrics/", "/debug/vars/", "/config", "/nope"]

VALUES = {
    "value": ["1", "2", "", "a+b", "%3C", "%ff", "%zz", "x;y", "a=b"],
    "prevValue": ["1", "2", ""],
    "prevIndex": ["0", "4", "5", "x", "-1", "", "18446744073709551616"],
    "prevExist": ["true", "false", "1", "x", ""],
    "ttl": ["", "100", "0100", "x", "+1"],
    "refresh": ["true", "false", "x"],
    "dir": ["true", "false", "t", "x", ""],
    "recursive": ["true", "false", "T", "x"],
    "sorted": ["true", "x"],
    "quorum": ["true", "false", "x"],
    "stream": ["false", "x"],
    "wait": ["false", "x"],
    "waitIndex": ["1", "x"],
    "noValueOnSuccess": ["true", "false", "x"],
    "unknown": ["1"],
}
METHODS = ["GET"] * 3 + ["PUT"] * 6 + ["POST", "DELETE", "DELETE", "HEAD", "PATCH", "OPTIONS"]
TYPES = ["application/x-www-form-urlencoded"] * 20
TYPES += [
    "application/json",
    "a/b;",
    "a/",
    ";",
    "A/b; c",
    "a/b;;",
    "a b",
    "*/*",
    "a/b;a=",
    "a,b",
    "",
]
TYPES += ["Application/x-www-form-URLencoded ; a=b", "a/b; c*0=x; c*1=y", 'a/b;a="', "a/b; ;"]
COMPARED = ("content-type", "allow", "location", "x-etcd-index")


@pytest.fixture
def both(tmp_path: Path) -> Iterator[list[SocketServer]]:
    processes = [Process(OURS, tmp_path / "ours"), Process(REAL, tmp_path / "real")]
    try:
        for process in processes:
            process.wait_until_it_serves()
        with (
            closing(SocketServer(processes[0])) as ours,
            closing(SocketServer(processes[1])) as real,
        ):
            yield [ours, real]
    finally:
        for process in processes:
            process.kill()


@pytest.mark.parametrize("seed", range(3))
def test_both_say_the_same(both: list[SocketServer], seed: int):
    chance = random.Random(seed)
    for number in range(REQUESTS):
        method, target, headers, body = request = made_up(chance)
        ours, real = (seen(one.ask(method, target, headers, body, 10)) for one in both)
        assert ours == real, f"request {number}: {request}"


def made_up(chance: random.Random) -> tuple[str, str, list[tuple[str, str]], bytes | None]:
    """A request that may be good: nearly all ask for keys, some for anything."""
    method, kind = chance.choice(METHODS), chance.random()
    if kind < 0.1:
        odd = "".join(chance.choices(PIECES, k=chance.randint(0, 5)))
        return method, chance.choice(["/", "/v2/keys/"]) + odd, [], None
    if kind < 0.15:
        return method, chance.choice(PATHS), [], None
    query = pairs(chance)
    target = f"/v2/keys/{chance.choice(KEYS)}" + (f"?{query}" if query else "")
    if kind < 0.5:
        return method, target, [], None
    return method, target, [("Content-Type", chance.choice(TYPES))], pairs(chance).encode()


def pairs(chance: random.Random) -> str:
    names = chance.choices(list(VALUES), k=chance.choice([0, 0, 1, 1, 2, 3]))
    return "&".join(f"{name}={chance.choice(VALUES[name])}" for name in names)


def seen(response: Response) -> dict[str, Any]:
    headers = {name: response.headers[name] for name in COMPARED if name in response.headers}
    body: Any = response.body
    if headers.get("content-type") == "application/json" and body:
        body = without_time(json.loads(body))
    return {"status": response.status, "headers": headers, "body": body}


def without_time(value: Any) -> Any:
    """Deadlines can't be the same, and a ttl may be one second less; lists have no order."""
    match value:
        case dict():
            kept = {name: without_time(one) for name, one in value.items() if name != "ttl"}
            return kept | ({"expiration": "some day"} if "expiration" in kept else {})
        case list():
            return sorted((without_time(one) for one in value), key=lambda node: node["key"])
    return value
