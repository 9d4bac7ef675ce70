"""What the reader makes of a client's bytes, and what it refuses to make anything of."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnetcd.api.http import LARGEST_FORM
from learnetcd.runtime.http_reader import LARGEST_HEAD, HttpReader, NotHttp, Received

PUT = (
    b"PUT /v2/keys/x?ttl=5 HTTP/1.1\r\nHost: h\r\nContent-Length: 7\r\n\r\nvalue=1"
    b"GET /v2/keys/%41?wait=true HTTP/1.1\r\nHost: h\r\n\r\n"
    b"PUT /y HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nvalue\r\n2;note=1\r\n=1\r\n0\r\nTrailer: x\r\n\r\n"
    b"DELETE /z HTTP/1.0\n\n"
)


def read(*pieces: bytes) -> list[Received]:
    reader, found = HttpReader(), []
    for piece in pieces:
        reader.feed(piece)
        while (received := reader.next()) is not None:
            found.append(received)
    return found


def read_one(data: bytes) -> Received:
    (received,) = read(data)
    return received


def refusal_of(data: bytes) -> str:
    with pytest.raises(NotHttp) as caught:
        read(data)
    response = caught.value.response
    return "" if response is None else response.body.decode()


def with_header(*lines: str, version: str = "1.1", rest: str = "") -> bytes:
    head = "\r\n".join([f"PUT /x HTTP/{version}", "Host: h", *lines])
    return f"{head}\r\n\r\n{rest}".encode("latin-1")


def test_requests_sent_together_are_told_apart():
    requests = [received.request for received in read(PUT)]
    assert [(one.method, one.path, one.query, one.body) for one in requests] == [
        ("PUT", "/v2/keys/x", "ttl=5", b"value=1"),
        ("GET", "/v2/keys/%41", "wait=true", b""),
        ("PUT", "/y", "", b"value=1"),
        ("DELETE", "/z", "", b""),
    ]


@given(st.lists(st.integers(1, len(PUT) - 1), max_size=20))
def test_it_makes_no_difference_in_which_pieces_they_come(cuts):
    places = [0, *sorted(cuts), len(PUT)]
    pieces = [PUT[a:b] for a, b in pairwise(places)]
    assert read(*pieces) == read(PUT)


def test_byte_by_byte_is_no_different():
    assert read(*(PUT[i : i + 1] for i in range(len(PUT)))) == read(PUT)


@given(st.binary(max_size=200))
def test_any_bytes_are_requests_or_refused(noise):
    for before in (b"", b"GET / HTTP/1.1\r\n", with_header("Transfer-Encoding: chunked")):
        with suppress(NotHttp):
            read(before + noise)


def test_the_first_of_two_headers_counts():
    assert read_one(with_header("Accept: a", "ACCEPT: b")).request.headers["accept"] == "a"


def test_spaces_around_a_value_are_no_part_of_it():
    assert read_one(with_header("Accept: \t a b \t")).request.headers["accept"] == "a b"


def test_what_a_method_or_a_byte_means_is_not_the_readers_business():
    request = read_one(b"BREW /\xc3\xa4 HTTP/1.1\r\nHost: h\r\n\r\n").request
    assert (request.method, request.path) == ("BREW", "/\xc3\xa4")


@pytest.mark.parametrize(
    ("version", "wish", "keep_alive"),
    [
        ("1.1", "", True),
        ("1.1", "close", False),
        ("1.1", "Close, x", False),
        ("1.0", "", False),
        ("1.0", "Keep-Alive", True),
    ],
)
def test_whether_another_request_may_follow(version, wish, keep_alive):
    received = read_one(with_header(f"Connection: {wish}", version=version))
    assert received.keep_alive is keep_alive


@pytest.mark.parametrize(
    "line",
    [
        "GARBAGE",
        "GET /a b HTTP/1.1",
        "GET /a HTTP/9.9",
        "GET /a",
        " GET / HTTP/1.1",
        "\x00",
        "PRI * HTTP/2.0",
    ],
)
def test_a_stranger_is_refused_without_a_word_but_not_a_client_that_was_served(line):
    head = f"{line}\r\nHost: h\r\n\r\n".encode()
    assert refusal_of(head) == ""
    assert refusal_of(PUT + head) == "400 Bad Request"


@pytest.mark.parametrize(
    "header",
    [
        "no colon here",
        "Name : value",
        ": value",
        "N\x00me: value",
        "Name: val\x00ue",
        "Name: a\r\n folded",
        "Content-Length: abc",
        "Content-Length: -1",
        "Content-Length: +1",
        "Content-Length: 1, 1",
        "Content-Length: ",
        "Content-Length: \u00b2",
        "Content-Length: 99999999999999999999",
    ],
)
def test_an_unreadable_header_is_a_bad_request(header):
    assert refusal_of(with_header(header)).startswith("400 Bad Request")


def test_it_is_said_which_part_of_a_header_can_not_be_read():
    assert refusal_of(with_header("Na me: x")) == "400 Bad Request: invalid header name"
    assert refusal_of(with_header("Name: \x01")) == "400 Bad Request: invalid header value"


@pytest.mark.parametrize("line", ["G(T / HTTP/1.1", "GET /\x01 HTTP/1.1", " / HTTP/1.1"])
def test_a_request_line_that_looks_like_one_is_at_least_answered(line):
    assert refusal_of(f"{line}\r\nHost: h\r\n\r\n".encode()) == "400 Bad Request"


@pytest.mark.parametrize(
    "headers",
    [
        ("Content-Length: 3", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", "Content-Length: 3"),
        ("Content-Length: 3", "Content-Length: 4"),
        ("Content-Length: 3", "Content-Length: 3"),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
    ],
)
def test_who_says_twice_where_a_request_ends_is_refused(headers):
    assert refusal_of(with_header(*headers)) == "400 Bad Request"


def test_http_1_0_knows_no_chunks():
    assert refusal_of(with_header("Transfer-Encoding: chunked", version="1.0")) == "400 Bad Request"


@pytest.mark.parametrize("encoding", ["identity", "gzip, chunked", "chunked, identity", "xchunked"])
def test_an_encoding_that_we_do_not_know_is_refused(encoding):
    said = refusal_of(with_header(f"Transfer-Encoding: {encoding}"))
    assert said == "Unsupported transfer encoding"


@pytest.mark.parametrize(
    "rest",
    ["x\r\nabc", "-1\r\n", "1\r\nabc\r\n", "\r\n", "0x1\r\na\r\n", "1 1\r\na\r\n", "1" * 5000],
)
def test_an_unreadable_chunk_is_a_bad_request(rest):
    assert refusal_of(with_header("Transfer-Encoding: chunked", rest=rest)) == "400 Bad Request"


def test_a_host_must_be_named_once():
    missing = b"GET / HTTP/1.1\r\n\r\n"
    assert refusal_of(missing) == "400 Bad Request: missing required Host header"
    assert refusal_of(with_header("host: h")) == "400 Bad Request"


def test_another_expectation_than_100_continue_is_refused():
    with pytest.raises(NotHttp) as caught:
        read(with_header("Expect: tea"))
    assert caught.value.response is not None
    assert caught.value.response.status == 417


def test_a_head_without_end_is_refused_and_not_kept():
    flood = b"GET / HTTP/1.1\r\n" + b"Name: value\r\n" * (LARGEST_HEAD // 13)
    assert refusal_of(flood) == "431 Request Header Fields Too Large"


@pytest.mark.parametrize("header", ["Content-Length: 99999999999", "Transfer-Encoding: chunked"])
def test_of_a_body_without_end_no_more_is_kept_than_anybody_reads(header):
    chunk = f"{LARGEST_FORM + 1:x}\r\n".encode() if "chunked" in header else b""
    reader = HttpReader()
    reader.feed(with_header(header) + chunk + bytes(LARGEST_FORM + 1))
    received = reader.next()
    assert received is not None
    assert len(received.request.body) == LARGEST_FORM + 1
    assert not received.keep_alive
