"""Requests on their way through the log: in etcd's own bytes, and out again as they went in."""

import json
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from learnetcd.errors import UserError
from learnetcd.member.command import Command, Expiry, Foreign, deadline_after, decode_command
from learnetcd.member.request import ClusterRequest, KeyRequest, Method, ReadKind
from learnetcd.store.path import clean
from learnetcd.wire import etcdserverpb

VECTORS = Path(__file__).parent.parent / "vectors"
ANY_TEXT = st.text(st.characters(), max_size=20)  # what a terminal gives need not be valid text
SECOND = 1_000_000_000


def request_of(*given, **options):
    """A request, or an example that does not count because it can't be asked."""
    try:
        return KeyRequest(*given, **options)
    except UserError:
        assume(False)


@given(st.integers(0, (1 << 64) - 1), st.sampled_from(Method), st.text(max_size=20), st.text())
def test_a_command_comes_out_of_the_log_as_it_went_in(request_id, method, path, value):
    read = ReadKind.QUORUM if method is Method.GET else ReadKind.LOCAL
    command = Command(request_id, KeyRequest(method, clean(path), value, read))
    assert decode_command(command.encode()) == command


@given(st.booleans(), st.booleans(), st.none() | st.booleans(), ANY_TEXT, st.integers(0, 1 << 63))
def test_what_a_request_says_beyond_the_usual_comes_out_as_well(
    is_dir, recursive, prev_exist, prev_value, prev_index
):
    request = request_of(
        Method.PUT,
        "/a/b",
        "1",
        is_dir=is_dir,
        recursive=recursive,
        prev_exist=prev_exist,
        prev_value=prev_value,
        prev_index=prev_index,
        refresh=is_dir,
    )
    for command in (Command(7, request), Command(7, request, expires_ns=SECOND)):
        assert decode_command(command.encode()) == command


@given(st.binary(max_size=30))
def test_bytes_that_are_no_text_travel_all_the_same(data):
    value = data.decode("utf-8", "surrogateescape")
    command = Command(7, KeyRequest(Method.PUT, "/x", value))
    assert decode_command(command.encode()).request.value == value
    assert data in command.encode()


def test_the_time_and_the_writes_of_the_cluster_travel_too():
    version = Command(7, ClusterRequest("/0/version", "3.4.0"))
    for command in (version, Expiry(1_500_000_000 * SECOND)):
        assert decode_command(command.encode()) == command


HTTP = json.loads((VECTORS / "single" / "http.json").read_text(encoding="utf-8"))
ENTRIES = [one["entry"] for one in HTTP if one.get("entry") and one["entry"].get("data_hex")]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"entry-{entry['index']}")
def test_what_etcd_wrote_for_a_request_is_read_and_written_the_same(entry):
    payload = bytes.fromhex(entry["data_hex"])
    command = decode_command(payload)
    assert isinstance(command, Command)
    assert command.encode() == payload


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x08",
        b"\x08\xff",
        b"no request at all",
        # v3: header (field 100) and a put (field 4)
        bytes.fromhex("22060a0161120131a20606089b80808010"),
        bytes.fromhex("08071200"),
        # etcd asks itself whether it is healthy
        etcdserverpb.Request(id=7, method="QGET", quorum=True).encode(),
    ],
)
def test_what_is_no_request_of_the_v2_interface_is_foreign(payload):
    assert decode_command(payload) == Foreign()


def test_a_time_to_live_ends_when_etcd_ends_it_even_where_64_bits_are_too_few():
    assert deadline_after(10 * SECOND, 5) == 15 * SECOND
    assert deadline_after(10 * SECOND, 0) == 10 * SECOND
    assert deadline_after(10 * SECOND, 1 << 62) == 10 * SECOND
    assert deadline_after(0, (1 << 63) // SECOND + 1) < 0
