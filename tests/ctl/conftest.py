"""What the tests against a server of ours share."""

import shutil

import pytest

from tests.ctl.our_cluster import OurCluster


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    """A server with an empty store; the tests of a module share it."""
    folder = tmp_path_factory.mktemp("ours")
    cluster = OurCluster(folder)
    try:
        cluster.wait_until_ready()
        yield cluster
    finally:
        cluster.end()
        shutil.rmtree(folder)  # a log is a file of 64 MB
