"""Bytes that are no good HTTP: does the real etcd say the same to them as we do?"""

import re
import signal
import socket
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.processes import OURS, REAL, Process

HEAD = b"\r\nHost: a\r\n\r\n"
GOOD = b"GET /v2/keys/x HTTP/1.1" + HEAD


class Both(NamedTuple):
    """The two servers."""

    etcd: int  # their ports
    ours: int


class Heard(NamedTuple):
    """What somebody was told who sent some bytes."""

    statuses: list[bytes]
    versions: set[bytes]
    last_body: bytes
    is_over: bool  # the server has hung up


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("both")
    etcd = Process(REAL, folder / "etcd")
    ours = Process(OURS, folder / "ours").wait_until_ready()
    etcd.wait_until_it_serves()
    etcd.put("/x", "1")
    ours.put("/x", "1")
    yield Both(etcd.port, ours.port)
    etcd.kill()
    ours.end(signal.SIGKILL)


def say(port: int, data: bytes) -> Heard:
    heard, is_over = b"", True
    with socket.create_connection(("127.0.0.1", port), timeout=0.5) as client:
        client.sendall(data)
        try:
            while piece := client.recv(1 << 16):
                heard += piece
        except TimeoutError:
            is_over = False
        except ConnectionResetError:
            pass
    statuses = re.findall(rb"(HTTP/1\.\d) (\d{3}) ", heard)
    body = heard.rpartition(b"\r\n\r\n")[2]
    # What is stored has its own index on each side.
    body = re.sub(rb'Index":\d+', b'Index":N', body)
    return Heard(
        [status for _, status in statuses], {first for first, _ in statuses}, body, is_over
    )


FIRST_LINES = [
    b"GARBAGE",
    b"GARB AGE",
    b"GARB AGE HTTP/1.1",
    b"GET /v2/keys/x",
    b"GET  /v2/keys/x HTTP/1.1",
    b"GET /v2/keys/x HTTP/1.1 ",
    b"GET /v2/keys/a b HTTP/1.1",
    b"GET /v2/keys/x HTTP/1.10",
    b"GET /v2/keys/x http/1.1",
    b"GET /v2/keys/\x00 HTTP/1.1",
    b"GET /v2/keys/x?\x00 HTTP/1.1",
    b"GET /v2/keys/\x7f HTTP/1.1",
    b"GET /v2/keys/\xff HTTP/1.1",
    b"GET /v2/keys/x%zz HTTP/1.1",
    b"GET v2/keys/x HTTP/1.1",
    b"G@T /v2/keys/x HTTP/1.1",
    b"get /v2/keys/x HTTP/1.1",
    b" GET /v2/keys/x HTTP/1.1",
    b"GET\t/v2/keys/x HTTP/1.1",
    b"GET /v2/keys/x HTTP/1.0",
    b"OPTIONS * HTTP/1.1",
    b"GET * HTTP/1.1",
    b"CONNECT /v2/keys/x HTTP/1.1",
    b"GET http://a/v2/keys/x HTTP/1.1",
    b"GET /v2/keys/../keys/x HTTP/1.1",
    b"GET /v2/keys/x?a;b HTTP/1.1",
]
HEADERS = [
    b"X",
    b"X: \xff",
    b"Host: b",
    b"Content-Length: -1",
    b"Content-Length: +1",
    b"Content-Length: 0x0",
    b"Content-Length: 0, 0",
    b"Content-Length: 0\r\nContent-Length: 1",
    b"Content-Length: 99999999999999999999999",
    b"Transfer-Encoding: gzip",
    b"Transfer-Encoding: chunked, identity",
    b"Transfer-Encoding: xchunked",
    b"Expect: tea",
    b"Connection: close",
]


@pytest.mark.parametrize("before", [b"", GOOD], ids=["first", "second"])
@pytest.mark.parametrize("line", FIRST_LINES, ids=repr)
def test_a_first_line_is_answered_as_etcd_answers_it(both: Both, line: bytes, before: bytes):
    theirs, ours = (say(port, before + line + HEAD) for port in both)
    assert ours[:3] == theirs[:3]


@pytest.mark.parametrize("before", [b"", GOOD], ids=["first", "second"])
@pytest.mark.parametrize("header", HEADERS, ids=repr)
def test_a_header_is_answered_as_etcd_answers_it(both: Both, header: bytes, before: bytes):
    data = before + b"GET /v2/keys/x HTTP/1.1\r\nHost: a\r\n" + header + b"\r\n\r\n"
    theirs, ours = (say(port, data) for port in both)
    assert ours == theirs


@pytest.mark.parametrize(
    ("data", "theirs", "ours"),
    [
        (b"\r\n" + GOOD, [], [b"200"]),
        (GOOD + b"\r\n" + GOOD, [b"200", b"400"], [b"200", b"200"]),
        (b"GET /v2/keys/" + b"x" * 5000 + b" HTTP/1.1" + HEAD, [], [b"404"]),
        (b"GET /v2/keys/x HTTP/1.1\r\nHost: a\r\nX:\r\n y\r\n\r\n", [b"200"], [b"400"]),
        (b"GET /v2/keys/x HTTP/1.1\r\nHost: a\r\n: y\r\n\r\n", [b"200"], [b"400"]),
        (
            b"GET /v2/keys/x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
            [b"200"],
            [b"400"],
        ),
        (
            b"PUT /v2/keys/y HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            [b"201"],
            [b"400"],
        ),
    ],
    ids=["empty line", "empty line between", "long line", "folded", "no name", "twice", "both"],
)
def test_differs_where_http_leaves_it_open(
    both: Both, data: bytes, theirs: list[bytes], ours: list[bytes]
):
    """RFC 9112 §2.2, §3, §5.2, §6.3: the server may choose."""
    assert say(both.etcd, data).statuses == theirs
    assert say(both.ours, data).statuses == ours
