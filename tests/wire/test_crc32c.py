"""The checksum, against published values; and the table against the C code, where it is here."""

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnetcd.wire import crc32c

VECTORS = json.loads(
    (Path(__file__).parent.parent / "vectors" / "crc32c.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("extend", [crc32c.extend, crc32c.extend_in_python])
@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["running"][-1])
def test_published_values(extend, vector):
    crc = 0
    for chunk, running in zip(vector["chunks"], vector["running"], strict=True):
        crc = extend(crc, chunk.encode())
        assert f"{crc:08x}" == running


def test_rfc_3720_appendix_b_4():
    assert crc32c.extend(0, bytes(32)) == 0x8A9136AA
    assert crc32c.extend(0, b"\xff" * 32) == 0x62A8AB43
    assert crc32c.extend(0, bytes(range(32))) == 0x46DD794E


@given(st.binary(), st.binary())
def test_a_sum_can_be_continued(first, second):
    whole = crc32c.extend_in_python(0, first + second)
    assert crc32c.extend_in_python(crc32c.extend_in_python(0, first), second) == whole
    assert crc32c.extend(crc32c.extend(0, first), second) == whole


def test_without_the_c_code_the_table_does_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "google_crc32c", None)
    assert crc32c.fastest() is crc32c.extend_in_python


def test_the_c_code_is_there_and_used():
    """It is a dependency: else a start with a long log takes minutes."""
    assert crc32c.extend is not crc32c.extend_in_python
