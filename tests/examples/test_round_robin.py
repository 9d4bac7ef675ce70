"""The example of real use, as a user starts it: processes, sockets, a cluster."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

PROGRAM = Path(__file__).parents[2] / "examples" / "round_robin.py"


class Example:
    """A run of four seconds, which has begun."""

    def __init__(self, *words: str) -> None:
        command = [sys.executable, str(PROGRAM), "--seconds", "4", *words]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True)

    def ended(self) -> tuple[int, str, str]:
        """Its exit code, and what it said on either stream."""
        said, complained = self._process.communicate(timeout=120)
        return self._process.returncode, said, complained


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """All runs of this page at once, for they mostly wait."""
    picture = tmp_path_factory.mktemp("example") / "timeline.svg"
    return {
        "recipe": Example("--picture", str(picture)),
        "naive": Example("--naive"),
        "alone": Example("--against", "http://127.0.0.1:1"),
        "picture": picture,
    }


def test_no_client_sees_an_error_while_backends_come_and_go(begun):
    code, said, complained = begun["recipe"].ended()
    assert (code, complained) == (0, "")
    assert " 0 errors seen by the client;" in said.splitlines()[-1]
    drawn = "".join(ElementTree.fromstring(begun["picture"].read_text()).itertext())
    for deed in ("b is killed", "d is started", "c is told to leave"):
        assert f"          {deed}\n" in said
        assert deed in drawn


def test_a_client_sees_errors_where_the_list_is_read_once(begun):
    code, said, complained = begun["naive"].ended()
    assert (code, complained) == (1, "")
    assert " 0 errors seen by the client;" not in said.splitlines()[-1]


def test_that_no_cluster_is_there_is_said_in_one_sentence(begun):
    code, said, complained = begun["alone"].ended()
    assert (code, said, complained.count("\n")) == (1, "", 1)
