"""What the tests against a server of ours share."""

import shutil

import pytest

from tests.conformance.clusters import Cluster
from tests.processes import OURS


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    """A server with an empty store; the tests of a module share it."""
    folder = tmp_path_factory.mktemp("ours")
    cluster = Cluster(folder, [OURS])
    try:
        cluster.wait_until_they_serve()
        yield cluster
    finally:
        cluster.kill_all()
        shutil.rmtree(folder)  # a log is a file of 64 MB
