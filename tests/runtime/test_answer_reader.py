"""Where an answer ends, however it comes."""

from itertools import pairwise

import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnetcd.runtime.answer_reader import AnswerReader

HEAD = b"HTTP/1.1 200 OK\r\nX-Etcd-Index:  7 \r\nEmpty:\r\n"
ANSWERS = [
    (HEAD + b"Content-Length: 5\r\n\r\nvalue", 5, True),
    (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nva\r\n3\r\nlue\r\n0\r\n\r\n", None, True),
    (HEAD + b"Connection: close\r\ncontent-length: 5\r\n\r\nvalue", 5, False),
]


@given(st.sampled_from(ANSWERS), st.lists(st.integers(1, 150)))
def test_however_an_answer_is_cut_it_is_read_alike(answer, cuts):
    said, length, keeps_alive = answer
    reader = AnswerReader("GET")
    places = sorted({0, len(said), *(cut for cut in cuts if cut < len(said))})
    body = b""
    for begin, end in pairwise(places):
        assert not reader.is_complete
        reader.feed(said[begin:end])
        body += reader.taken()
    assert reader.is_complete
    assert (reader.status, body, reader.length) == (200, b"value", length)
    assert reader.headers[:2] == (("x-etcd-index", "7"), ("empty", ""))
    assert reader.keeps_alive is keeps_alive


def test_the_answer_to_a_head_ends_with_its_head():
    reader = AnswerReader("HEAD")
    reader.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
    assert (reader.is_complete, reader.length, reader.taken()) == (True, 5, b"")


@pytest.mark.parametrize(
    ("framing", "is_whole"),
    [(b"", True), (b"Content-Length: 9\r\n", False), (b"Transfer-Encoding: chunked\r\n", False)],
)
def test_an_answer_without_a_length_ends_with_its_connection(framing, is_whole):
    """RFC 9112 §6.3."""
    reader = AnswerReader("GET")
    reader.feed(HEAD + framing + b"\r\n" + (b"5\r\nvalue" if b"chunked" in framing else b"value"))
    assert not reader.is_complete
    assert reader.end() is is_whole
    assert reader.taken() == b"value"
    assert not (is_whole and reader.keeps_alive)


def test_what_is_no_answer_is_said():
    with pytest.raises(httptools.HttpParserError):
        AnswerReader("GET").feed(b"GET / HTTP/1.1\r\n\r\n")
