"""How a form is read, and what is said of one that can't be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnetcd.api.form import Form, form_of
from learnetcd.api.http import LARGEST_FORM, HttpRequest
from learnetcd.store.errors import EtcdError
from tests.api.alone import FORM

TYPE = {"content-type": FORM}


def read(query: str = "", body: bytes = b"", method: str = "PUT", **headers: str) -> Form:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return form_of(HttpRequest(method, "/v2/keys/x", query, {**TYPE, **named}, body))


def reason(**given: object) -> str:
    with pytest.raises(EtcdError) as caught:
        read(**given)
    assert (caught.value.code, caught.value.index) == (210, 0)
    return caught.value.cause


def test_the_body_comes_before_the_query():
    form = read("value=query&ttl=1", b"value=body&dir=true")
    assert form == {"value": "body", "dir": "true", "ttl": "1"}


def test_the_first_of_two_values_counts():
    assert read("value=1&value=2") == {"value": "1"}


def test_a_name_need_not_have_a_value():
    assert read(body=b"value=a=b&&=x&dir") == {"value": "a=b", "": "x", "dir": ""}


def test_a_plus_is_a_space_and_a_percent_sign_begins_a_byte():
    assert read("a+b=%2B+%c3%A9") == {"a b": "+ é"}


@given(st.binary(max_size=30))
def test_a_value_is_any_bytes(value: bytes):
    escaped = b"".join(b"%%%02x" % byte for byte in value)
    for body in (b"value=" + escaped, b"value=" + value):
        if set(body) & set(b"&;+%") and body != b"value=" + escaped:
            continue  # these are written with a percent sign
        assert read(body=body)["value"].encode("utf-8", "surrogateescape") == value


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_only_who_writes_has_a_form_in_the_body(method: str):
    assert read("ttl=1", b"value=%zz", method) == {"ttl": "1"}


@pytest.mark.parametrize("header", ["", "application/json", "multipart/form-data; boundary=B", "a"])
def test_a_body_of_another_kind_is_not_looked_at(header: str):
    assert read(body=b"value=%zz;", content_type=header) == {}


@pytest.mark.parametrize(
    "header",
    [
        "Application/X-WWW-Form-URLencoded",
        f"{FORM}; charset=utf-8",
        f'{FORM} ;a = "b \\" c;" ; d*=e;',
        f"{FORM};",
    ],
)
def test_the_kind_of_a_body_is_written_in_many_ways(header: str):
    assert read(body=b"value=1", content_type=header) == {"value": "1"}


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("x=%zz", 'invalid URL escape "%zz"'),
        ("x=%", 'invalid URL escape "%"'),
        ("x=%a&y", 'invalid URL escape "%a"'),
        ("%=x", 'invalid URL escape "%"'),
        ('a=%"\n', r'invalid URL escape "%\"\n"'),
        ("a=%q\xff", r'invalid URL escape "%q\xff"'),
        ("a=%\xc3\xa9", 'invalid URL escape "%é"'),
        ("a=%zz;", "invalid semicolon separator in query"),
    ],
)
def test_a_form_that_can_not_be_read_is_refused_in_the_words_of_go(text: str, cause: str):
    assert reason(body=text.encode("iso-8859-1")) == cause
    assert reason(query=text) == cause


def test_the_body_is_looked_at_before_the_query():
    assert reason(query="%1", body=b"%2") == 'invalid URL escape "%2"'


@pytest.mark.parametrize(
    ("header", "cause"),
    [
        (";;;", "mime: no media type"),
        ("/", "mime: no media type"),
        ("a,", "mime: expected slash after first token"),
        ("a/", "mime: expected token after slash"),
        ("a/b/c", "mime: unexpected content after media subtype"),
        (f'{FORM}; charset="x', "mime: invalid media parameter"),
        (f"{FORM}; charset", "mime: invalid media parameter"),
        ("a/b;;;", "mime: invalid media parameter"),
    ],
)
def test_a_kind_of_body_that_is_none_is_refused(header: str, cause: str):
    assert reason(content_type=header) == cause


def test_a_form_has_not_millions_of_pairs():
    assert reason(body=b"a&" * 1000) == "more than 1000 pairs"


def test_a_form_may_be_large_but_not_larger():
    assert len(read(body=b"v=" + b"x" * (LARGEST_FORM - 2))["v"]) == LARGEST_FORM - 2
    assert reason(body=b"v=" + b"x" * (LARGEST_FORM - 1)) == "http: POST too large"
