"""A unit test that leaves its process fails; the rule is in `conftest.py`."""

import socket
import subprocess

import pytest


def test_a_unit_test_starts_no_process():
    with pytest.raises(AssertionError, match="is a unit test and not marked"):
        subprocess.run(["true"], check=True)


@pytest.mark.parametrize("deed", ["bind", "connect"])
def test_a_unit_test_uses_no_socket(deed):
    with socket.socket() as one, pytest.raises(AssertionError, match="is a unit test and not"):
        getattr(one, deed)(("127.0.0.1", 1))


@pytest.mark.outside
def test_what_is_marked_may_do_both():
    subprocess.run(["true"], check=True)
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
