"""Members come and go, ours and real ones, in clusters of ours and of real ones."""

import shutil
import time

import pytest

from tests.conformance.clusters import Cluster
from tests.processes import OURS, REAL, free_ports, url_of

OPTIONS = ("--snapshot-count=50", "--heartbeat-interval=50", "--election-timeout=500")


@pytest.fixture
def start(tmp_path):
    started = []

    def start(*commands):
        cluster = Cluster(tmp_path, commands, *OPTIONS)
        started.append(cluster)
        cluster.wait_until_they_serve()
        return cluster

    yield start
    for cluster in started:
        cluster.kill_all()
        assert "panic" not in cluster.words()
        assert "Traceback" not in cluster.words()
    shutil.rmtree(tmp_path)


def change(cluster, asked, method, path="", body=None):
    """Change members, as soon as that is allowed."""
    deadline = time.monotonic() + 15
    while True:
        answer = cluster.ask(asked, method, f"/v2/members{path}", json_body=body)
        if answer.status != 500 or time.monotonic() > deadline:
            return answer
        time.sleep(0.2)


def ids(cluster, asked):
    return {member["peerURLs"][0]: member["id"] for member in cluster.members(asked)}


def remove(cluster, asked, number):
    id = ids(cluster, asked)[cluster.peers[number - 1]]
    assert change(cluster, asked, "DELETE", f"/{id}").status == 204


@pytest.mark.parametrize(
    ("cluster_of", "joins"),
    [((REAL, REAL), OURS), ((OURS, OURS), REAL), ((OURS, OURS), OURS)],
    ids=["ours to real", "real to ours", "ours to ours"],
)
def test_a_member_that_is_added_joins_and_gets_everything(start, tmp_path, cluster_of, joins):
    cluster = start(*cluster_of)
    cluster.put(1, "/before", "it came")
    cluster.put(1, "/short", "and goes", ttl="2")
    new = cluster.add_place(tmp_path, joins)
    answer = change(cluster, 1, "POST", body={"peerURLs": [cluster.peers[new - 1]]})
    assert answer.status == 201
    cluster.start(new, "--initial-cluster-state=existing").wait_until_it_serves()
    cluster.put(new, "/after", "it can write")

    cluster.check_that_trees_are_equal()
    assert [member["name"] for member in cluster.members(new)].count(f"n{new}") == 1
    # It has a vote: without the other one it is a majority.
    cluster.kill(2)
    cluster.elected()
    cluster.put(new, "/later", "still")


def test_a_member_that_moves_is_found_at_its_new_address(start):
    cluster = start(OURS, OURS, REAL)
    moved = 3
    (new_port,) = free_ports(1)
    id, place = ids(cluster, 1)[cluster.peers[moved - 1]], cluster.places[moved - 1]
    body = {"peerURLs": [url_of(new_port)]}
    assert change(cluster, 1, "PUT", f"/{id}", body).status == 204
    cluster.kill(moved)
    place.ports = (place.ports[0], new_port)
    cluster.put(1, "/meanwhile", "it moved")
    cluster.start(moved).wait_until_it_serves()
    cluster.check_that_trees_are_equal()
    # Its vote counts again: without one of the others it is a majority.
    cluster.kill(2)
    cluster.elected()
    cluster.put(moved, "/later", "still")


@pytest.mark.parametrize("leads", [True, False], ids=["the leader", "a follower"])
@pytest.mark.parametrize(
    "commands", [(OURS, OURS, REAL), (REAL, REAL, OURS)], ids=["mostly ours", "mostly real"]
)
def test_a_removed_member_stops_and_does_not_start_again(start, commands, leads):
    cluster = start(*commands)
    leader = cluster.elected()
    gone = leader if leads else next(n for n in cluster.numbers if n != leader)
    remove(cluster, next(n for n in cluster.numbers if n != gone), gone)
    assert cluster.processes.pop(gone).exit_code() == 0
    again = cluster.start(gone)
    assert again.exit_code() == 0
    assert "removed" in again.said()
    del cluster.processes[gone]
    cluster.put(cluster.elected(), "/after", "the others go on")
    cluster.check_that_trees_are_equal()
