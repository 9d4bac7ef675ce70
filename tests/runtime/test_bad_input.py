"""Whatever comes in at the port: the server stays up, answers others, and its data stays as it was.

All of it goes to one live server. After each attack a fresh client reads a key that nobody may have
touched, and the journal must hold no complaint. Longer: `LEARNETCD_FUZZ_EXAMPLES=100000 make tests
ARGS=tests/runtime/test_bad_input.py`.
"""

import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learnetcd.peer import delivery, messages
from learnetcd.wire.protobuf import Malformed
from tests.processes import OURS, Process

EXAMPLES = int(
    os.environ.get("LEARNETCD_FUZZ_EXAMPLES", "500" if os.environ.get("CI") == "true" else "150")
)
CANARY = "/canary"
LARGEST_FORM = 10 * 1024 * 1024


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    data = tmp_path_factory.mktemp("bad_input") / "data"
    server = Process(OURS, data).wait_until_ready()
    server.put(CANARY, "alive")
    yield server
    assert server.complaints() == []
    # Not even the log of it all was hurt.
    assert server.end(signal.SIGTERM) == -signal.SIGTERM
    again = Process(OURS, server.data).wait_until_ready()
    assert again.value(CANARY) == "alive"
    again.end(signal.SIGKILL)


@pytest.fixture(autouse=True)
def _unharmed(server: Process) -> Iterator[None]:
    before = server.get(CANARY)["node"]
    yield
    assert server.process.poll() is None, server.said()
    assert server.get(CANARY)["node"] == before
    # (Deleted if it is there, so that the next test does not pay for this one.)
    assert server.ask("DELETE", "/smuggled").body["errorCode"] == 100


def exchange(server: Process, *pieces: bytes, port: int | None = None) -> bytes:
    """Send pieces, say that this was all, and read until the server hangs up."""
    with socket.create_connection(("127.0.0.1", port or server.port), timeout=20) as client:
        try:
            for piece in pieces:
                client.sendall(piece)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it has heard enough; what did it say?
        return read_all(client)


def read_all(client: socket.socket) -> bytes:
    said = b""
    try:
        while data := client.recv(1 << 16):
            said += data
    except ConnectionResetError:
        pass
    return said


def statuses(said: bytes) -> list[int]:
    """Of the answers of which `said` is made: of whole answers, and of nothing else."""
    found = []
    while said:
        head, end, said = said.partition(b"\r\n\r\n")
        assert end, f"half a head: {head!r}"
        read = re.match(rb"HTTP/1\.1 (\d{3}) [ -~]*(\r\n[!-9;-~]+: [ -~\x80-\xff]*)*$", head)
        assert read, f"no answer: {head!r}"
        status = int(read[1])
        if status == 100:
            continue
        found.append(status)
        if length := re.search(rb"\r\nContent-Length: (\d+)", head):
            assert len(said) >= int(length[1]), "an answer is cut off"
            said = said[int(length[1]) :]
        elif b"\r\nTransfer-Encoding: chunked" in head:
            # Who watches and then says no more is let go in the middle.
            while chunk := re.match(rb"([0-9a-f]+)\r\n", said):
                said = said[chunk.end() + int(chunk[1], 16) + 2 :]
        elif status not in (204, 304):
            said = b""  # up to the end of the connection
    return found


def request(line: str, *headers: str, body: bytes = b"") -> bytes:
    return "\r\n".join([line, "Host: a", *headers, "", ""]).encode("latin-1") + body


FORM = "Content-Type: application/x-www-form-urlencoded"
SMUGGLED = request("PUT /v2/keys/smuggled?value=1 HTTP/1.1", "Content-Length: 0")
GET = request(f"GET /v2/keys{CANARY} HTTP/1.1")


# --- where does a request end? ------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        ["Content-Length: 0", f"Content-Length: {len(SMUGGLED)}"],
        [f"Content-Length: {len(SMUGGLED)}", "Content-Length: 0"],
        ["Content-Length: 0", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding: chunked", "Content-Length: 5"],
        ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
        ["Transfer-Encoding: identity, chunked"],
        ["Transfer-Encoding: chunked, identity"],
        ["Transfer-Encoding: xchunked"],
        ["Transfer-Encoding : chunked"],
        [" Transfer-Encoding: chunked"],
        ["Transfer-Encoding:\x0bchunked"],
        ["Transfer-Encoding: chunked\x00"],
        ["X: y\rTransfer-Encoding: chunked"],
        ["X: y\n Transfer-Encoding: chunked"],
        ["Content-Length: +0"],
        ["Content-Length: -1"],
        ["Content-Length: 0x0"],
        ["Content-Length: 0 0"],
        ["Content-Length: 0, 0"],
        ["Content-Length: "],
        ["Content-Length: \xb2"],
        ["Content-Length: 99999999999999999999999"],
        ["Content_Length: 0", "Content-Length: ٠".encode().decode("latin-1")],
    ],
    ids=repr,
)
def test_a_request_whose_end_is_unclear_is_refused_and_nothing_after_it_is_heard(
    server: Process, headers: list[str]
):
    """RFC 9112 §6.3, §11.2: what two machines may read differently, an attacker will use."""
    said = exchange(server, request("POST /v2/keys/end HTTP/1.1", *headers, body=SMUGGLED))
    assert statuses(said) in ([400], [501], [])
    assert server.get("/end")["errorCode"] == 100


@pytest.mark.parametrize(
    "chunks",
    [
        b"0x5\r\nvalue\r\n0\r\n\r\n",
        b"-5\r\nvalue\r\n0\r\n\r\n",
        b"5\nvalue\n0\n\n",
        b"5\r\nvaluexx0\r\n\r\n",
        b"ffffffffffffffffff\r\nvalue\r\n0\r\n\r\n",
        b"\r\nvalue\r\n0\r\n\r\n",
        b"5;" + b"x" * 100_000 + b"\r\nvalue\r\n0\r\n\r\n",
        b"0\r\n" + b"X: y\r\n" * 10_000 + b"\r\n",
    ],
    ids=lambda chunks: repr(chunks[:20]),
)
def test_chunks_that_are_none_are_refused(server: Process, chunks: bytes):
    said = exchange(
        server,
        request("POST /v2/keys/end HTTP/1.1", FORM, "Transfer-Encoding: chunked", body=chunks),
        SMUGGLED,
    )
    assert statuses(said) in ([400], [])
    assert server.get("/end")["errorCode"] == 100


def test_a_body_is_never_taken_for_a_request(server: Process):
    length = f"Content-Length: {len(SMUGGLED)}"
    said = exchange(server, request("PUT /v2/keys/body HTTP/1.1", FORM, length, body=SMUGGLED), GET)
    assert statuses(said)[-1] == 200
    chunked = request(
        "PUT /v2/keys/body HTTP/1.1",
        FORM,
        "Transfer-Encoding: chunked",
        body=b"%x\r\n%b\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED),
    )
    assert statuses(exchange(server, chunked, GET))[-1] == 200


def test_requests_that_come_together_are_answered_in_their_order(server: Process):
    keys = [f"/pipelined/{number}" for number in range(500)]
    puts = b"".join(
        request(f"PUT /v2/keys{key}?value={key[11:]} HTTP/1.1", "Content-Length: 0") for key in keys
    )
    said = exchange(server, puts + GET)
    assert statuses(said) == [201] * 500 + [200]
    assert re.findall(rb'"action":"set","node":\{"key":"(.*?)"', said) == [k.encode() for k in keys]


# --- too much, too slow, too little -------------------------------------------------------------


def test_a_body_of_a_hundred_megabytes_costs_neither_memory_nor_time(server: Process):
    before = memory(server)
    began = time.monotonic()
    piece = b"x" * (1 << 20)
    length = f"Content-Length: {100 << 20}"
    said = exchange(server, request("PUT /v2/keys/x HTTP/1.1", FORM, length), *[piece] * 100)
    assert statuses(said) in ([400], [413], [])
    chunked = request("PUT /v2/keys/x HTTP/1.1", FORM, "Transfer-Encoding: chunked")
    said = exchange(server, chunked, *[b"100000\r\n" + piece + b"\r\n"] * 100)
    assert statuses(said) in ([400], [413], [])
    assert memory(server) - before < 64 << 20
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "head",
    [
        b"GET /v2/keys HTTP/1.1\r\n" + b"X: y\r\n" * 400_000,
        b"GET /v2/keys HTTP/1.1\r\nX: " + b"y" * (4 << 20),
        b"GET /" + b"x" * (4 << 20),
        b"\r\n" * (2 << 20),
    ],
    ids=["many", "long", "target", "empty lines"],
)
def test_a_flood_of_headers_is_refused(server: Process, head: bytes):
    before = memory(server)
    assert statuses(exchange(server, head)) in ([431], [414], [400], [])
    assert memory(server) - before < 32 << 20


def test_those_who_send_a_byte_now_and_then_keep_nobody_else_waiting(server: Process):
    """Slow loris: half a request each. How long they may stay is for `test_http_server`."""
    slow = [server.connect() for _ in range(200)]
    try:
        for position in range(20):
            for client in slow:
                client.sendall(GET[position : position + 1])
            began = time.monotonic()
            assert server.value(CANARY) == "alive"
            assert time.monotonic() - began < 2
    finally:
        for client in slow:
            client.close()


def test_clients_that_go_in_the_middle_leave_nothing_behind(server: Process):
    def open_files() -> int:
        return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))

    before = open_files()
    wait = request("GET /v2/keys/never?wait=true HTTP/1.1")
    post = request("PUT /v2/keys/x HTTP/1.1", FORM, "Content-Length: 1000", body=b"value=")
    for beginning in (b"", b"G", GET[:-2], wait, post, wait + GET, GET * 100):
        for _ in range(20):
            with server.connect() as client:
                client.sendall(beginning)
    deadline = time.monotonic() + 20
    while open_files() > before:
        assert time.monotonic() < deadline, f"{open_files() - before} files are left open"
        time.sleep(0.05)


def test_a_client_that_reads_nothing_is_not_remembered_for_ever(server: Process):
    """It asks for much and takes nothing: what is kept for it has a limit."""
    server.put("/large", "x" * 1_000_000)
    before = memory(server)
    get = request("GET /v2/keys/large HTTP/1.1")
    with server.connect() as client:
        client.setblocking(False)
        for _ in range(2_000):
            try:
                client.send(get)
            except BlockingIOError:
                break
        time.sleep(0.5)
        assert memory(server) - before < 64 << 20
        assert server.value(CANARY) == "alive"


def memory(server: Process) -> int:
    """What the server holds in memory, in bytes."""
    pages = int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


# --- bytes of every kind ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        "/v2/keys/%",
        "/v2/keys/%zz",
        "/v2/keys/%ff%fe",
        "/v2/keys/%00",
        "/v2/keys/\xff\xfe",
        "/v2/keys/a%0d%0aX-Forged:%20b",
        "/v2/keys/../../../etc/passwd",
        "/v2/keys/%2e%2e/%2e%2e/v2/keys/canary",
        "//v2//keys//x",
        "http://a/v2/keys/x",
        "http://[::1/v2/keys",
        "*",
        "?",
        "/v2/keys/x?value=%ff&ttl=%31",
        "/v2/keys/x?" + "a=b&" * 50_000,
        "/v2/keys/x?recursive=true&recursive=false&wait",
        "/v2/keys/x?waitIndex=18446744073709551616&wait=true",
        "/v2/keys/x?waitIndex=-1&wait=true",
        "/v2/keys/x?prevIndex=99999999999999999999999",
        "/v2/keys/x;y?a;b",
        "/v2/keys/" + "d/" * 2_000 + "x",
    ],
    ids=lambda target: repr(target[:30]),
)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "POST"])
def test_any_target_is_answered_with_one_whole_answer(server: Process, method: str, target: str):
    said = exchange(server, request(f"{method} {target} HTTP/1.1", "Connection: close"))
    head, _, body = said.partition(b"\r\n\r\n")
    assert re.match(rb"HTTP/1\.1 [2-4]\d\d ", head), said[:200]
    assert b"X-Forged" not in head
    assert method != "HEAD" or body == b""


WORDS = st.sampled_from(
    [
        *(b"GET", b"PUT", b"POST", b"DELETE", b"HEAD", b"OPTIONS", b"get", b"PRI", b"CONNECT"),
        *(b" ", b"\t", b"\r\n", b"\n", b"\r", b"\0", b":", b",", b";", b"%", b"%2F", b"/", b"?"),
        *(b" HTTP/1.1", b" HTTP/1.0", b" HTTP/2.0", b" HTTP/1.1\r\nHost: a\r\n", b"\r\n\r\n"),
        *(b"/v2/keys/fuzz", b"/v2/keys", b"/version", b"/health", b"/metrics", b"/v2/stats/self"),
        *(b"/v2/members", b"/v2/machines", b"*", b"http://a/v2/keys/fuzz", b"/v2/keys/fuzz/dir"),
        *(b"?wait=true", b"?recursive=true", b"&stream=true", b"&waitIndex=1", b"?value=1"),
        *(b"&ttl=1", b"&prevExist=true", b"?dir=true", b"&prevIndex=1", b"&refresh=true"),
        *(b"Content-Length: 5\r\n", b"Content-Length: 0\r\n", b"Content-Length: 99\r\n"),
        *(b"Transfer-Encoding: chunked\r\n", b"Connection: close\r\n", b"Connection: keep-alive"),
        *(b"Expect: 100-continue\r\n", b"Content-Type: application/x-www-form-urlencoded\r\n"),
        *(b"value=1", b"5\r\nvalue\r\n", b"0\r\n\r\n", b"\xff\xfe", "λ".encode(), b"Host: b\r\n"),
        *(
            b"Origin: http://a\r\n",
            b"Upgrade: h2c\r\n",
            b"Range: bytes=0-1\r\n",
            GET,
            SMUGGLED[:20],
        ),
    ]
)
FUZZ_REQUEST = st.builds(
    lambda method, path, query, headers, body: b"".join(
        [method, b" ", path, query, b" HTTP/1.1\r\nHost: a\r\n", *headers, b"\r\n", body]
    ),
    st.sampled_from([b"GET", b"PUT", b"POST", b"DELETE", b"HEAD", b"OPTIONS"]),
    st.sampled_from(
        [b"/v2/keys/fuzz", b"/v2/keys/fuzz/x", b"/v2/keys/fuzz/%ff", b"/v2/keys/fuzz/"]
    ),
    st.lists(WORDS.filter(lambda word: b" " not in word and b"\n" not in word), max_size=4).map(
        lambda words: b"?" + b"&".join(words)
    ),
    st.lists(WORDS.filter(lambda word: word.endswith(b"\r\n")), max_size=4),
    st.binary(max_size=60),
)
FUZZ_BYTES = st.lists(WORDS | st.binary(max_size=8) | FUZZ_REQUEST, max_size=8).map(b"".join)


@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=FUZZ_BYTES, cuts=st.lists(st.integers(0, 400), max_size=3))
def test_any_bytes_are_answered_with_whole_answers_or_not_at_all(
    server: Process, data: bytes, cuts: list[int]
):
    """What they may touch lies below `/fuzz`; a deletion of `/` is refused as it always is."""
    ends = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    said = exchange(server, *(data[a:b] for a, b in pairwise(ends)))
    if b"HEAD" not in data:  # whose answers have a length, and no body
        assert [status for status in statuses(said) if status >= 500] in ([], [501], [505])
    assert server.get(CANARY)["node"]["value"] == "alive"


# --- the port for other members -----------------------------------------------------------------

CLUSTER = "X-Etcd-Cluster-ID: cdf818194e3a8c32"  # of a member alone with etcd's default addresses
VERSION = "X-Server-Version: 3.4.23"
DECODE = {"/raft": messages.decode, "/raft/snapshot": delivery.unpacked}


@pytest.mark.parametrize(
    "line",
    [
        "POST /raft HTTP/1.1",
        "POST /raft/snapshot HTTP/1.1",
        "GET /raft/stream/message/1 HTTP/1.1",
        "GET /raft/stream/msgapp/zz HTTP/1.1",
        "GET /raft/stream/nothing/8e9e05c52164694d HTTP/1.1",
        "GET /raft/stream/ HTTP/1.1",
        "GET /raft/probing?%ff HTTP/1.1",
        "GET /members HTTP/1.1",
        "DELETE /members HTTP/1.1",
        "PUT /v2/keys/canary?value=dead HTTP/1.1",
        "GARBAGE",
    ],
)
@pytest.mark.parametrize("header", [CLUSTER, "X-Etcd-Cluster-ID: 1", "X-Server-From: \xff"])
def test_a_stranger_at_the_port_for_members_is_turned_away(server: Process, line: str, header: str):
    said = exchange(server, request(line, header, VERSION), port=server.peer_port)
    assert all(status < 500 for status in statuses(said))


@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    path=st.sampled_from(sorted(DECODE)),
    body=st.binary(max_size=300) | st.binary(max_size=20).map(lambda more: b"\x08\x03" + more),
)
def test_a_message_that_is_none_is_refused(server: Process, path: str, body: bytes):
    """A message that is one is believed: whoever knows the cluster's id is a member."""
    with suppress(Malformed):
        DECODE[path](body)
        return
    length = f"Content-Length: {len(body)}"
    post = request(f"POST {path} HTTP/1.1", CLUSTER, VERSION, length, body=body)
    assert statuses(exchange(server, post, port=server.peer_port)) == [400]


@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=FUZZ_BYTES)
def test_any_bytes_do_no_harm_at_the_port_for_members(server: Process, data: bytes):
    said = exchange(server, data, port=server.peer_port)
    if b"HEAD" not in data:
        assert [status for status in statuses(said) if status >= 500] in ([], [501], [505])
    assert server.get(CANARY)["node"]["value"] == "alive"
