"""Our proxy and the real one are of one kind: before members of either, and after each other."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from ssl import SSLError
from urllib.error import URLError
from urllib.request import HTTPSHandler, ProxyHandler, build_opener

import pytest

from learnetcd.runtime import certificates
from tests.certificates import SecureCluster, context, pki
from tests.conformance.cases import proxy_before
from tests.conformance.clusters import Cluster, wait_until
from tests.conformance.exchange import Connection, Response
from tests.processes import OURS, REAL, Process, free_ports

FORM = ("Content-Type", "application/x-www-form-urlencoded")


@pytest.fixture(params=[OURS, REAL], ids=["before ours", "before a real one"])
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Process]]:
    """A proxy of ours and a real one, before one member."""
    cluster = Cluster(tmp_path / "cluster", [request.param])
    try:
        cluster.wait_until_they_serve()
        yield [proxy_before(cluster, command, "on") for command in (OURS, REAL)]
    finally:
        cluster.kill_all()


def ask(proxy: Process, method: str, target: str, body: bytes | None = None) -> Response:
    with closing(Connection(proxy.port)) as connection:
        return connection.ask(method, target, [FORM] if body else [], body, 30)


WHOEVER_IS_ASKED = ("date", "content-length", "x-raft-index", "x-raft-term", "connection")


def said(response: Response) -> tuple[int, dict[str, str], bytes]:
    """An answer, without what differs from one moment to the next."""
    kept = {
        name: value
        for name, value in response.headers.items()
        if name not in WHOEVER_IS_ASKED and not name.startswith("access-control-allow-")
    }
    return response.status, kept, response.body


ASKED = [
    ("GET", "/v2/config/local/proxy"),
    ("PUT", "/v2/config/local/proxy"),
    ("OPTIONS", "/v2/keys"),
    ("GET", "/v2//keys"),
    ("GET", "/health"),
    ("HEAD", "/v2/keys"),
    ("GET", "/v2/keys/nobody?recursive=true"),
    ("DELETE", "/v2/members"),
    ("POST", "/version"),
]


def test_both_say_the_same(both: list[Process]):
    ours, real = ([said(ask(proxy, *asked)) for asked in ASKED] for proxy in both)
    assert ours == real


def test_what_is_written_by_one_is_read_by_the_other(both: list[Process]):
    ours, real = both
    ours.put("/x", "1")
    assert real.value("/x") == "1"
    real.put("/x", "2")
    assert ours.value("/x") == "2"


def test_a_watch_passes_through_both(both: list[Process]):
    for proxy in both:
        index = int(ask(proxy, "PUT", "/v2/keys/w", b"value=1").headers["x-etcd-index"])
        with closing(Connection(proxy.port)) as watcher:
            target = f"/v2/keys/w?wait=true&waitIndex={index + 1}"
            watcher.send_request("GET", target, [], None)
            proxy.put("/w", "2")
            told = watcher.response("GET", 30)
        assert json.loads(told.body)["node"]["value"] == "2"


@pytest.mark.parametrize("commands", [(OURS, REAL), (REAL, OURS)], ids=["ours first", "real first"])
def test_each_goes_on_with_the_members_that_the_other_has_written_down(tmp_path, commands):
    cluster = Cluster(tmp_path / "cluster", [OURS])
    try:
        cluster.wait_until_they_serve()
        first = proxy_before(cluster, commands[0], "on")
        first.kill()
        written = json.loads((first.data / "proxy" / "cluster").read_text())
        assert written == {"PeerURLs": [cluster.peers[0]]}
        nobody = "--initial-cluster=x=http://127.0.0.1:1"
        second = Process(commands[1], first.data, "--proxy=readonly", nobody)
        cluster.processes[9] = second
        second.wait_until_it_serves()
    finally:
        cluster.kill_all()


def test_without_a_leader_both_pass_on_what_the_member_says(tmp_path):
    cluster = Cluster(tmp_path / "cluster", [REAL, OURS])
    try:
        cluster.wait_until_they_serve()
        proxies = [proxy_before(cluster, command, "on") for command in (OURS, REAL)]
        cluster.kill(2)
        for proxy in proxies:
            # The first may go to the member that is gone; then that one is avoided.
            wait_until(lambda: ask(proxy, "GET", "/v2/keys").status == 200, "a read", proxy.said)  # noqa: B023
            answer = ask(proxy, "PUT", "/v2/keys/x", b"value=1")
            assert (answer.status, json.loads(answer.body)["message"]) == (
                500,
                "Raft Internal Error",
            )
    finally:
        cluster.kill_all()


def test_whoever_finds_the_cluster_full_becomes_a_proxy_before_it(tmp_path):
    known = Cluster(tmp_path / "known", (OURS,))
    cluster = Cluster(tmp_path / "cluster", ())
    try:
        known.wait_until_they_serve()
        known.put(1, "/registry/a/_config/size", "1")
        discovery = f"--discovery={known.clients[0]}/v2/keys/registry/a"
        for command in (REAL, OURS, REAL):
            cluster.add_place(tmp_path / "cluster", command)
        cluster.start(1, discovery).wait_until_it_serves()
        for number in (2, 3):
            late = cluster.start(number, discovery).wait_until_it_serves()
            late.put("/x", str(number))
            assert cluster.processes[1].value("/x") == str(number)
            assert (late.data / "proxy" / "cluster").exists()
        # It stays one, and does not ask there any more.
        known.kill_all()
        cluster.kill(2)
        cluster.start(2, discovery).wait_until_it_serves()
    finally:
        known.kill_all()
        cluster.kill_all()


@pytest.mark.parametrize("program", [OURS, REAL], ids=["ours", "theirs"])
def test_it_asks_by_tls_with_a_certificate_and_wants_one(tmp_path, program):
    secure = SecureCluster(tmp_path, [REAL])
    try:
        secure.wait_until_they_serve()
        url = f"https://127.0.0.1:{free_ports(1)[0]}"
        secure.clients.append(url)
        flags = (
            "--proxy=on",
            f"--data-dir={tmp_path / 'proxy'}",
            f"--listen-client-urls={url}",
            f"--initial-cluster=n1={secure.peers[0]}",
        )
        # That of a server is not enough: it has to be good for asking, too.
        secured = [flag.replace("server", "peer") for flag in certificates.server_flags(pki())]
        secure.start("n2", (*program, *flags, *secured))
        secure.wait_until_they_serve()
        with secure.opener.open(f"{url}/v2/members") as answer:
            assert json.load(answer)["members"][0]["clientURLs"] == [secure.clients[0]]
        stranger = build_opener(ProxyHandler({}), HTTPSHandler(context=context()))
        with (
            pytest.raises((URLError, ConnectionError, SSLError)),
            stranger.open(f"{url}/v2/members"),
        ):
            pass
    finally:
        secure.end()
