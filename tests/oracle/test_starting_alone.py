"""--force-new-cluster: on what is left of a cluster, and on backups, ours and etcd's."""

import shutil
import subprocess

import pytest

from tests.conformance.clusters import Cluster
from tests.processes import OURS, REAL, environment

OPTIONS = ("--snapshot-count=20", "--heartbeat-interval=50", "--election-timeout=500")
FORCED = "--force-new-cluster"


@pytest.fixture
def folder(tmp_path):
    yield tmp_path
    shutil.rmtree(tmp_path)


def keys_of(cluster, number):
    return {node["key"] for node in cluster.tree(number)[0]["nodes"]}


@pytest.mark.parametrize("left", [1, 3], ids=["what a real one left", "what ours left"])
def test_ours_goes_on_alone_where_a_majority_is_lost(folder, left):
    cluster = Cluster(folder, (REAL, REAL, OURS), *OPTIONS)
    try:
        cluster.wait_until_they_serve()
        for number in range(30):
            cluster.put(1, f"/{number}", "1")
        cluster.put(1, "/last", "no log says yet that this is decided")
        cluster.check_that_trees_are_equal()
        keys = keys_of(cluster, 1) - {"/last"}
        cluster.kill_all()
        cluster.places[left - 1].command = OURS
        cluster.start(left, FORCED).wait_until_it_serves()
        assert keys_of(cluster, left) | {"/last"} == keys | {"/last"}
        (alone,) = cluster.members(left)
        assert alone["peerURLs"] == [cluster.peers[left - 1]]
        # From now on it needs the flag no more, and others may join.
        cluster.end(left)
        cluster.start(left).wait_until_it_serves()
        cluster.put(left, "/after", "1")
    finally:
        cluster.kill_all()


@pytest.mark.parametrize("count", [5, 30], ids=["a log", "a log and a snapshot"])
@pytest.mark.parametrize("command", [OURS, REAL], ids=["of ours", "of etcd"])
def test_ours_starts_on_a_backup_that_etcdctl_made(folder, command, count):
    before = Cluster(folder, (command,), *OPTIONS)
    after = None
    try:
        before.wait_until_they_serve()
        for number in range(count):
            before.put(1, f"/{number}", "1")
        before.put(1, "/last", "the log does not say yet that this is decided")
        backup = folder / "backup"
        etcdctl("backup", f"--data-dir={before.folder}", f"--backup-dir={backup}")
        after = Cluster(folder, ())
        after.add_place(folder, OURS)
        after.places[0].data = backup
        after.start(1, FORCED).wait_until_it_serves()
        assert keys_of(after, 1) | {"/last"} == keys_of(before, 1)
        (alone,) = after.members(1)
        assert (alone["name"], alone["peerURLs"]) == ("n1", after.peers)
    finally:
        before.kill_all()
        if after is not None:
            after.kill_all()


def etcdctl(*words):
    variables = environment() | {"ETCDCTL_API": "2"}
    subprocess.run(["etcdctl", *words], env=variables, check=True, capture_output=True, timeout=30)
