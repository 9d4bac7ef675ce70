"""The interface answers as the real etcd did: the recorded cases, played without a socket.

A second passes here in no time. What only a connection can get wrong is not played; that, and all
the rest once more, is done in tests/conformance, on a server.
"""

import pytest

from learnetcd.api.http import HttpRequest
from tests.api.alone import BORN_MS, CLIENT_URL, Alone, Backwards, Client, peer_url
from tests.conformance.cases import PLAYED
from tests.conformance.exchange import Response
from tests.conformance.normalise import named_addresses
from tests.conformance.player import Case, Player

FACTS: dict[str, dict[str, object]] = {
    "main": {},
    "one": {},
    "solo": {},
    "cors": {"origins": frozenset({"http://a.example:8080", "http://b.example:9"})},
    "nov2": {"enable_v2": False},
    "auth": {"passwords": Backwards()},
}
SPARE = "2381"

CASES = [
    case
    for case in PLAYED
    if case["server"] in FACTS and all(step["op"] != "raw" for step in case["steps"])
]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_interface_answers_as_etcd_did(case: Case):
    assert Player(PlainCalls(Alone(**FACTS[case["server"]])), case).play() == ""


def test_most_cases_need_no_connection():
    assert len(CASES) / len(PLAYED) > 0.9


class PlainCalls:
    """A server that is only called."""

    size = 1
    front = 0

    def turn_to(self, number: int) -> None:
        assert number == 0, "it is alone"

    def __init__(self, alone: Alone) -> None:
        self.alone = alone
        self.values = {"peer1": peer_url(1), "spare": SPARE}
        self.addresses = named_addresses([CLIENT_URL], [peer_url(1)], [int(SPARE)])

    def ask(
        self,
        method: str,
        target: str,
        headers: list[tuple[str, str]],
        body: bytes | None,
        timeout_s: float,
    ) -> Response:
        client = self.send(method, target, headers, body or b"")
        self.wait_for(client, timeout_s)
        assert client.is_over, "no answer in time"
        return seen(client, client.body if method != "HEAD" else b"")

    def watch(self, target: str) -> "PlainWatch":
        return PlainWatch(self, self.send("GET", target, [], b""))

    def send(self, method: str, target: str, headers: list[tuple[str, str]], body: bytes) -> Client:
        self.sleep(0.001)  # a request takes time: no two deadlines are the same
        # One byte is one character, as in what comes from a connection.
        path, _, query = target.encode().decode("iso-8859-1").partition("?")
        named = {name.lower(): value for name, value in headers}
        return self.alone.send(HttpRequest(method, path, query, named, body))

    def wait_for(self, client: Client, timeout_s: float, events: int = 1_000_000) -> None:
        for _ in range(int(timeout_s * 20)):
            if client.is_over or len(client.notices) >= events:
                return
            self.sleep(0.05)

    def raw(self, step: dict[str, object], texts: list[str]) -> dict[str, object]:
        raise AssertionError("there is no connection")

    def now(self) -> float:
        return (BORN_MS + self.alone.now_ms) / 1000

    def sleep(self, seconds: float) -> None:
        self.alone.wait(int(seconds * 1000))


class PlainWatch:
    """A GET that is still going on."""

    def __init__(self, server: PlainCalls, client: Client) -> None:
        self._server, self._client = server, client
        response = seen(client, b"")
        self.status, self.headers = response.status, response.headers

    def told(self, events: int, timeout_s: float) -> tuple[list[bytes], bool]:
        self._server.wait_for(self._client, timeout_s, events)
        return list(self._client.notices), self._client.is_over

    def close(self) -> None:
        if not self._client.is_over:
            self._server.alone.hang_up(self._client)


def seen(client: Client, body: bytes) -> Response:
    """What a connection would have brought."""
    assert client.response is not None
    headers = {name.lower(): value for name, value in client.response.headers}
    return Response(client.status, headers, body)
