"""Ours and real etcds in one cluster: whoever leads, all of them have the same keys at the end."""

import json
import shutil
import signal
import threading

import pytest

from tests.conformance.clusters import Cluster, wait_until
from tests.conformance.exchange import Closed, TooSlow
from tests.processes import OURS, REAL

KINDS = {
    "two real, one ours": (REAL, REAL, OURS),
    "one real, two ours": (REAL, OURS, OURS),
    "three ours": (OURS, OURS, OURS),
}
MORE_THAN_ETCD_KEEPS = 5_600
"""A real etcd has the last 5,000 entries for those who are slow, and so have we."""
MOST_KILLS = 12
OPTIONS = ("--snapshot-count=100", "--heartbeat-interval=50", "--election-timeout=500")
"""Snapshots after few writes, and elections in half the time."""


@pytest.fixture(scope="module", params=KINDS)
def cluster(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("mixed")
    started = Cluster(folder, KINDS[request.param], *OPTIONS)
    try:
        started.wait_until_they_serve()
        yield started
    finally:
        started.kill_all()
        shutil.rmtree(folder)
    assert "panic" not in started.words()
    assert "Traceback" not in started.words()


def kinds_in(cluster):
    return dict.fromkeys(place.command for place in cluster.places)


def leader_of_kind(cluster, command):
    """Kill leaders, and start them again, until one of that kind leads."""
    for _ in range(MOST_KILLS):
        leader = cluster.elected()
        if cluster.places[leader - 1].command == command:
            return leader
        cluster.kill(leader)
        cluster.elected()
        cluster.start(leader).wait_until_it_serves()
    raise AssertionError(f"in {MOST_KILLS} elections, none of {command} was elected")


def other_than(cluster, number):
    return next(one for one in cluster.processes if one != number)


def test_a_write_at_any_member_is_read_at_all(cluster):
    for number in cluster.numbers:
        cluster.put(number, f"/first/{number}", f"by n{number}")
    cluster.check_that_trees_are_equal()
    tree, _, members = cluster.tree(1)
    (first,) = [node for node in tree["nodes"] if node["key"] == "/first"]
    assert {node["value"] for node in first["nodes"]} == {"by n1", "by n2", "by n3"}
    assert {member["name"] for member in members} == {one.name for one in cluster.places}


def test_keys_expire_everywhere_whoever_leads(cluster):
    """Only the leader looks at the clock: the others delete what it tells them to."""
    for command in kinds_in(cluster):
        leader = leader_of_kind(cluster, command)
        cluster.put(other_than(cluster, leader), "/short", "gone soon", ttl="1")

        def is_gone_everywhere() -> bool:
            asked = [cluster.ask(one, "GET", "/v2/keys/short") for one in cluster.processes]
            return {answer.status for answer in asked} == {404}

        wait_until(is_gone_everywhere, "the key is gone", cluster.words)
        cluster.check_that_trees_are_equal()


def test_a_member_that_takes_nothing_holds_up_nobody(cluster):
    """What is for it waits in its own queue; the others are enough, and it gets all of it later."""
    leader = cluster.elected()
    frozen = other_than(cluster, leader)
    cluster.processes[frozen].send(signal.SIGSTOP)
    try:
        cluster.put_many(leader, "/meanwhile", 500)
    finally:
        cluster.processes[frozen].send(signal.SIGCONT)
    cluster.check_that_trees_are_equal()


class Writer(threading.Thread):
    """A client who writes now here, now there, and notes what was acknowledged."""

    def __init__(self, cluster, name):
        super().__init__()
        self.cluster = cluster
        self.folder = f"/written/{name}"
        self.acknowledged = set()
        self.is_over = threading.Event()

    def run(self):
        number = 0
        while not self.is_over.wait(0.005):
            number += 1
            member = number % len(self.cluster.places) + 1
            key = f"{self.folder}/{number}"
            try:
                answer = self.cluster.ask(
                    member, "PUT", f"/v2/keys{key}", form={"value": "1"}, patience_s=2
                )
            except (OSError, Closed, TooSlow):
                continue  # it may have been done: nobody knows
            if answer.status == 201:
                self.acknowledged.add(key)


def test_no_acknowledged_write_is_lost_when_leaders_of_every_kind_are_killed(cluster):
    writers = [Writer(cluster, name) for name in range(4)]
    for writer in writers:
        writer.start()
    try:
        wait_until(
            lambda: all(len(writer.acknowledged) > 20 for writer in writers),
            "all of them write",
            cluster.words,
        )
        for command in kinds_in(cluster):
            killed = leader_of_kind(cluster, command)
            cluster.kill(killed)
            cluster.elected()
            cluster.start(killed).wait_until_it_serves()
    finally:
        for writer in writers:
            writer.is_over.set()
        for writer in writers:
            writer.join()
    cluster.check_that_trees_are_equal()
    for writer in writers:
        listed = json.loads(cluster.ask(1, "GET", f"/v2/keys{writer.folder}").body)
        assert writer.acknowledged
        assert writer.acknowledged <= {node["key"] for node in listed["node"]["nodes"]}


@pytest.mark.parametrize(
    ("kinds", "leads", "misses"),
    [("two real, one ours", REAL, OURS), ("one real, two ours", OURS, REAL)],
    ids=["real to ours", "ours to real"],
)
def test_a_member_that_missed_more_than_is_kept_gets_a_snapshot(tmp_path, kinds, leads, misses):
    """Only one kind misses anything, so it is the other one that sends."""
    cluster = Cluster(tmp_path, KINDS[kinds], "--snapshot-count=100")
    try:
        cluster.wait_until_they_serve()
        leader = leader_of_kind(cluster, leads)
        (slow,) = [n for n in cluster.numbers if cluster.places[n - 1].command == misses]
        cluster.put(leader, "/before", "1")
        cluster.end(slow, signal.SIGKILL)
        cluster.put_many(leader, "/missed", MORE_THAN_ETCD_KEEPS)
        again = cluster.start(slow)
        again.wait_until_it_serves()
        cluster.check_that_trees_are_equal()
        received = "successfully received and saved database snapshot"
        assert (received if misses == REAL else "received a snapshot") in again.said()
    finally:
        cluster.kill_all()
        shutil.rmtree(tmp_path)
    assert "panic" not in cluster.words()


@pytest.mark.parametrize("kinds", [(OURS, OURS, REAL), (REAL, REAL, OURS)], ids=["ours", "real"])
def test_the_version_rises_when_the_last_member_has_been_asked(tmp_path, kinds):
    """Both kinds ask each other, and both begin with the oldest version if somebody is missing."""
    cluster = Cluster(tmp_path, ())

    def versions() -> set[str]:
        said = [cluster.ask(one, "GET", "/version").body for one in cluster.processes]
        return {json.loads(body)["etcdcluster"] for body in said}

    try:
        for command in kinds:
            cluster.add_place(tmp_path, command)
        for number in (1, 2):
            cluster.start(number)
        cluster.wait_until_they_serve()
        wait_until(lambda: versions() == {"3.0.0"}, "there is a version", cluster.words)
        cluster.start(3).wait_until_it_serves()
        wait_until(lambda: versions() == {"3.4.0"}, "the version rises", cluster.words)
        cluster.check_that_trees_are_equal()
    finally:
        cluster.kill_all()
        shutil.rmtree(tmp_path)
    assert "panic" not in cluster.words()
