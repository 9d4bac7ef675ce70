"""TLS beside real etcds: one cluster of both, and the same people are let in, and kept out."""

import json
import socket
import ssl
import time
from contextlib import closing, suppress
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

import pytest

from learnetcd.runtime import certificates
from tests.certificates import SecureCluster, context, pki
from tests.conformance.clusters import wait_until
from tests.processes import OURS, REAL

BOTH = pytest.mark.parametrize("program", [OURS, REAL], ids=["ours", "theirs"])


@pytest.fixture
def alone(program, tmp_path):
    secure = SecureCluster(tmp_path, [program])
    try:
        secure.wait_until_they_serve()
        yield secure
    finally:
        secure.end()


def put(cluster: SecureCluster, number: int, key: str, value: str) -> None:
    url = f"{cluster.clients[number - 1]}/v2/keys{key}"
    form = urlencode({"value": value}).encode()
    with cluster.opener.open(Request(url, form, method="PUT"), timeout=20) as answer:
        assert answer.status in {200, 201}


def value(cluster: SecureCluster, number: int, key: str) -> str:
    with suppress(OSError):
        url = f"{cluster.clients[number - 1]}/v2/keys{key}"
        with cluster.opener.open(url, timeout=20) as answer:
            return json.load(answer)["node"]["value"]
    return ""


@pytest.mark.parametrize(
    "programs", [[OURS, REAL, REAL], [OURS, OURS, REAL]], ids=["one of ours", "two of ours"]
)
def test_members_of_both_kinds_are_one_cluster_over_tls(programs, tmp_path):
    cluster = SecureCluster(tmp_path, programs)
    try:
        cluster.wait_until_they_serve()
        for number in (1, 2, 3):
            put(cluster, number, f"/by{number}", str(number))
        for asked in (1, 2, 3):
            for number in (1, 2, 3):
                wait_until(
                    lambda asked=asked, number=number: (
                        value(cluster, asked, f"/by{number}") == str(number)
                    ),
                    f"n{asked} has what was written at n{number}",
                    lambda: "".join(cluster.journal(number) for number in (1, 2, 3)),
                )
    finally:
        cluster.end()


# -- who is let in --------------------------------------------------------------------------------

INTRUDERS = ["", "other", "expired", "server-only"]


def is_let_in(url: str, own: str, path: str, version: ssl.TLSVersion | None = None) -> bool:
    """Whether somebody with this certificate gets any answer."""
    parts = urlsplit(url)
    shown = context(own)
    if version is not None:
        shown.minimum_version = shown.maximum_version = version
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as plain:
        try:
            with shown.wrap_socket(plain, server_hostname="127.0.0.1") as secured:
                secured.sendall(f"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
                return secured.recv(100).startswith(b"HTTP/1.1 ")
        except OSError:
            return False


@BOTH
def test_clients_are_let_in_by_their_certificates(alone):
    url = alone.clients[0]
    assert is_let_in(url, "client", "/version")
    assert is_let_in(url, "alice", "/version")
    assert is_let_in(url, "elsewhere", "/version")  # nobody looks where a client comes from
    assert [own for own in INTRUDERS if is_let_in(url, own, "/version")] == []
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        assert is_let_in(url, "client", "/version", version)


@BOTH
def test_members_are_let_in_by_their_certificates_and_addresses(alone):
    url = alone.peers[0]
    assert is_let_in(url, "peer", "/version")
    assert [own for own in [*INTRUDERS, "elsewhere"] if is_let_in(url, own, "/version")] == []


@BOTH
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_what_is_older_than_tls_1_2_is_refused(alone):
    for url in (alone.clients[0], alone.peers[0]):
        assert not is_let_in(url, "peer", "/version", ssl.TLSVersion.TLSv1_1)


@BOTH
@pytest.mark.parametrize(
    "sent",
    [
        b"GET /version HTTP/1.1\r\nHost: h\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 60,
        b"\x16\x03\x01",
        b"\x15\x03\x01\x00\x02\x02\x28",
        b"\x00" * 300,
    ],
    ids=["http", "half a hello", "three bytes", "an alert", "zeros"],
)
def test_what_is_no_handshake_gets_no_answer_and_harms_nobody(alone, sent):
    for url in (alone.clients[0], alone.peers[0]):
        parts = urlsplit(url)
        with closing(socket.create_connection((parts.hostname, parts.port), timeout=20)) as plain:
            plain.sendall(sent)
            plain.shutdown(socket.SHUT_WR)
            said = b""
            with suppress(OSError):
                while piece := plain.recv(1000):
                    said += piece
            assert b"HTTP/1.1 200" not in said
    assert is_let_in(alone.clients[0], "client", "/version")


def asked(cluster: SecureCluster, own: str, method: str, path: str, said: object = None) -> int:
    """The status that somebody gets who shows this certificate, and says no name."""
    client = build_opener(ProxyHandler({}), HTTPSHandler(context=context(own)))
    body = None if said is None else json.dumps(said).encode()
    question = Request(cluster.clients[0] + path, body, method=method)
    question.add_header("Content-Type", "application/json")
    try:
        with client.open(question, timeout=20) as answer:
            return answer.status
    except HTTPError as error:
        return error.code


@BOTH
def test_a_certificate_is_as_good_as_a_name_and_a_password(alone):
    for name, roles in (("root", []), ("alice", ["clerk"])):
        said = {"user": name, "password": "x", "roles": roles}
        assert asked(alone, "client", "PUT", f"/v2/auth/users/{name}", said) in {200, 201}
    kv = {"kv": {"read": ["/pub/*"], "write": []}}
    for role, permissions in (("clerk", kv), ("guest", {})):
        said = {"role": role, "permissions": permissions}
        assert asked(alone, "client", "PUT", f"/v2/auth/roles/{role}", said) == 201
    assert asked(alone, "client", "PUT", "/v2/auth/enable") == 200
    seen = [
        asked(alone, own, method, path)
        for own in ("root", "alice", "elsewhere", "client")
        for method, path in (
            ("GET", "/v2/keys/pub/x"),
            ("PUT", "/v2/keys/pub/x"),
            ("GET", "/v2/keys/other"),
            ("GET", "/v2/auth/users"),
            ("DELETE", "/v2/members/123"),
        )
    ]
    assert seen == [
        *[404, 201, 404, 200, 404],  # root
        *[200, 401, 401, 401, 401],  # alice
        *[200, 200, 404, 200, 404],  # root, by another certificate
        *[401, 401, 401, 401, 401],  # nobody has the name "client"
    ]


@BOTH
def test_a_new_certificate_counts_from_the_next_handshake_on(program, tmp_path):
    folder = tmp_path / "pki"
    certificates.make(folder)
    files = certificates.server_flags(folder)
    secure = SecureCluster(tmp_path, [program], *files)
    secure.opener.close()
    try:
        url = secure.clients[0]
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and serial(url) is None:
            time.sleep(0.05)
        before = serial(url)
        assert before is not None
        again = tmp_path / "again"
        certificates.make(again)
        for name in ("server.pem", "server-key.pem"):
            (again / name).replace(folder / name)
        assert serial(url) not in {None, before}
    finally:
        secure.end()


def serial(url: str) -> str | None:
    """Which certificate a server shows."""
    parts = urlsplit(url)
    unknown = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    unknown.check_hostname = False
    unknown.verify_mode = ssl.CERT_NONE
    with (
        suppress(OSError),
        socket.create_connection((parts.hostname, parts.port), timeout=5) as plain,
        unknown.wrap_socket(plain) as secured,
    ):
        return (secured.getpeercert(binary_form=True) or b"").hex()
    return None


def test_the_folder_of_the_tests_holds_all_that_they_name():
    named = ["ca", "server", "peer", "client", "other", "expired", "elsewhere", "alice"]
    assert [name for name in named if not (pki() / f"{name}.pem").exists()] == []
