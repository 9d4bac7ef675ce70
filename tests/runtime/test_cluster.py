"""Three members in one process: real sockets between them, real files under them."""

import json
import re
import shutil
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace

import pytest
import trio

from learnetcd.api.http import HttpResponse
from learnetcd.api.version import version_in
from learnetcd.disk.real_files import RealFiles
from learnetcd.errors import UserError
from learnetcd.member.cluster import VERSION, version
from learnetcd.member.request import ClusterRequest
from learnetcd.runtime import joining, journal, publishing
from learnetcd.runtime import server as servers
from learnetcd.runtime.data import is_first_start
from learnetcd.runtime.http_client import HttpClient, NoAnswer
from learnetcd.runtime.joining import find_cluster
from learnetcd.runtime.recording import nobody_records
from learnetcd.runtime.settings import InitialMember, Settings
from tests.processes import PATIENCE_S, free_url


def settings_of_three(folder, **changed):
    urls = [free_url() for _ in range(6)]
    clients, peers = urls[:3], urls[3:]
    first = tuple(InitialMember(f"m{n}", (url,)) for n, url in enumerate(peers, 1))
    return [
        Settings(
            name=f"m{number}",
            data_dir=str(folder / f"m{number}"),
            listen_client_urls=(clients[number - 1],),
            advertise_client_urls=(clients[number - 1],),
            listen_peer_urls=(peers[number - 1],),
            initial_advertise_peer_urls=(peers[number - 1],),
            initial_cluster=first,
            heartbeat_interval_ms=20,
            election_timeout_ms=200,
            **changed,
        )
        for number in (1, 2, 3)
    ]


@pytest.fixture
def folder(tmp_path):
    yield tmp_path
    shutil.rmtree(tmp_path)  # three times 64 MB


class Cluster:
    """Members that can be ended and started again."""

    def __init__(self, settings, nursery, client):
        self.settings = settings
        self.nursery = nursery
        self.scopes = [None for _ in settings]
        self.servers = [None for _ in settings]
        self.client = client

    def start(self, place):
        self.nursery.start_soon(self._run, place)

    async def _run(self, place):
        settings = self.settings[place]
        files = RealFiles()
        with trio.CancelScope() as scope, ExitStack() as opened:
            self.scopes[place] = scope
            is_first = is_first_start(files, settings)
            cluster = await find_cluster(settings) if is_first else None
            ports = servers.open_ports(settings, opened)
            data = servers.data_of(files, settings, cluster)
            opened.callback(data.storage.close)
            server = servers.assemble(settings, data, ports, None, nobody_records)
            self.servers[place] = server
            await servers.run(server, servers.nobody_waits)

    def end(self, place):
        self.scopes[place].cancel()
        self.servers[place] = None

    async def ask(self, place, method, key, body=b""):
        url = self.settings[place].listen_client_urls[0]
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        while True:
            try:
                response = await self.client.request(url, method, f"/v2/keys{key}", headers, body)
            except NoAnswer:
                await trio.sleep(0.05)
                continue
            return response.status, json.loads(response.body)

    async def elected(self):
        """Wait until the members that run have a leader among them, and follow it."""
        while True:
            running = [one for one in self.servers if one is not None]
            leaders = {one.driver.member.raft.leader for one in running}
            if len(leaders) == 1 and leaders <= {one.data.member_id for one in running}:
                return
            await trio.sleep(0.01)

    def leader(self):
        for place, server in enumerate(self.servers):
            if server is not None and server.driver.member.raft.leader == server.data.member_id:
                return place
        return None


@asynccontextmanager
async def cluster_of_three(folder, **changed):
    async with HttpClient(PATIENCE_S) as client, trio.open_nursery() as nursery:
        cluster = Cluster(settings_of_three(folder, **changed), nursery, client)
        for place in range(3):
            cluster.start(place)
        with trio.fail_after(PATIENCE_S):
            yield cluster
        nursery.cancel_scope.cancel()


def test_a_write_at_any_member_is_read_at_every_other(folder):
    async def play():
        async with cluster_of_three(folder) as cluster:
            for place in range(3):
                status, _ = await cluster.ask(place, "POST", f"/x{place}", b"value=1")
                assert status == 201
            for place in range(3):
                for written in range(3):
                    status, _ = await cluster.ask(place, "GET", f"/x{written}?quorum=true")
                    assert status == 200
            leader = cluster.servers[cluster.leader()]
            told = await stats_of(cluster, cluster.leader(), "leader")
            others = [one for one in cluster.servers if one is not leader]
            assert told["followers"].keys() == {f"{one.data.member_id:x}" for one in others}
            assert all(one["counts"]["success"] > 6 for one in told["followers"].values())
            sent = (await stats_of(cluster, cluster.leader(), "self"))["sendAppendRequestCnt"]
            assert sent >= sum(one["counts"]["success"] for one in told["followers"].values())
            follower = (cluster.leader() + 1) % 3
            assert (await stats_of(cluster, follower, "self"))["recvAppendRequestCnt"] > 6

    trio.run(play)


async def stats_of(cluster, place, kind):
    url = cluster.settings[place].listen_client_urls[0]
    response = await cluster.client.request(url, "GET", f"/v2/stats/{kind}", {}, b"")
    return json.loads(response.body)


def test_the_others_go_on_without_the_leader_and_it_catches_up(folder):
    async def play():
        async with cluster_of_three(folder) as cluster:
            await cluster.ask(0, "POST", "/first", b"value=1")
            gone = cluster.leader()
            cluster.end(gone)
            await cluster.elected()
            other = (gone + 1) % 3
            status, event = await cluster.ask(other, "POST", "/second", b"value=2")
            assert status == 201
            key = event["node"]["key"]
            cluster.start(gone)
            status, event = await cluster.ask(gone, "GET", f"{key}?quorum=true")
            assert (status, event["node"]["value"]) == (200, "2")

    trio.run(play)


def test_a_member_that_missed_too_much_gets_a_snapshot(folder):
    async def play():
        async with cluster_of_three(folder, snapshot_count=20) as cluster:
            await cluster.ask(0, "POST", "/q", b"value=0")
            slow = (cluster.leader() + 1) % 3
            asked = (cluster.leader() + 2) % 3
            cluster.end(slow)
            for server in cluster.servers:
                if server is not None:
                    member = server.driver.member
                    member.config = replace(member.config, keep_entries=5)
            for number in range(60):
                status, _ = await cluster.ask(asked, "POST", "/q", b"value=%d" % number)
                assert status == 201
            cluster.start(slow)
            status, event = await cluster.ask(slow, "GET", "/q?quorum=true")
            assert status == 200
            assert len(event["node"]["nodes"]) == 61
            assert cluster.servers[slow].driver.member.snapshot_index > 20

    trio.run(play)


async def add_a_fourth(cluster):
    """Let the others know of a fourth member; gives its settings."""
    client_url, peer_url = free_url(), free_url()
    first = cluster.settings[0]
    answer = await cluster.client.request(
        first.listen_client_urls[0],
        "POST",
        "/v2/members",
        {"Content-Type": "application/json"},
        json.dumps({"peerURLs": [peer_url]}).encode(),
    )
    assert answer.status == 201
    return replace(
        first,
        name="m4",
        data_dir=f"{first.data_dir}4",
        listen_client_urls=(client_url,),
        advertise_client_urls=(client_url,),
        listen_peer_urls=(peer_url,),
        initial_advertise_peer_urls=(peer_url,),
        initial_cluster=(*first.initial_cluster, InitialMember("m4", (peer_url,))),
        initial_cluster_state="existing",
    )


# Right after the start nobody has been connected for 5 s, so strict checks would refuse changes.
LENIENT = {"strict_reconfig_check": False}


def test_a_fourth_member_joins_and_catches_up_from_a_snapshot(folder):
    async def play():
        async with cluster_of_three(folder, snapshot_count=20, **LENIENT) as cluster:
            await cluster.ask(0, "POST", "/q", b"value=0")
            for server in cluster.servers:
                member = server.driver.member
                member.config = replace(member.config, keep_entries=5)
            for number in range(40):
                await cluster.ask(0, "POST", "/q", b"value=%d" % number)
            cluster.settings.append(await add_a_fourth(cluster))
            cluster.scopes.append(None)
            cluster.servers.append(None)
            cluster.start(3)
            status, event = await cluster.ask(3, "GET", "/q?quorum=true")
            assert (status, len(event["node"]["nodes"])) == (200, 41)
            assert cluster.servers[3].driver.member.snapshot_index > 20

    trio.run(play)


def test_a_member_joins_no_cluster_that_speaks_a_newer_version(folder):
    async def play():
        async with cluster_of_three(folder, **LENIENT) as cluster:
            await cluster.ask(0, "POST", "/x", b"value=1")
            fourth = await add_a_fourth(cluster)
            for server in cluster.servers:
                await server.driver.ask(ClusterRequest(VERSION, "3.5.0"))
            with pytest.raises(UserError, match=re.escape("in a cluster that speaks 3.5.0")):
                await find_cluster(fourth)

    trio.run(play)


async def version_spoken(cluster, place):
    url = cluster.settings[place].listen_client_urls[0]
    return json.loads((await cluster.client.request(url, "GET", "/version")).body)["etcdcluster"]


def test_a_cluster_speaks_a_newer_version_when_the_last_member_is_there(folder, monkeypatch):
    """Who is silent might be old."""
    monkeypatch.setattr(publishing, "VERSIONS_S", 0.2)

    async def play():
        async with HttpClient(PATIENCE_S) as client, trio.open_nursery() as nursery:
            cluster = Cluster(settings_of_three(folder), nursery, client)
            cluster.start(0)
            cluster.start(1)
            with trio.fail_after(PATIENCE_S):
                await cluster.ask(0, "POST", "/x", b"value=1")
                assert await version_spoken(cluster, 0) == "3.0.0"
                cluster.start(2)
                for server in cluster.servers[:2]:
                    await server.driver.until(lambda one: version(one.store) == "3.4.0")
            nursery.cancel_scope.cancel()

    trio.run(play)


@pytest.mark.parametrize(
    ("status", "body", "spoken"),
    [
        (200, b'{"etcdserver":"3.3.25","etcdcluster":"3.3.0"}', "3.3.25"),
        (200, b'{"etcdserver":"2.3.8","etcdcluster":"2.3.0"}', "2.3.8"),
        (404, b"404 page not found\n", "2.0.0"),
        (200, b'{"releaseVersion":"2.0.0"}', ""),
        (200, b'["3.4.23"]', ""),
        (503, b"busy", ""),
    ],
)
def test_a_member_of_any_age_says_what_it_speaks(status, body, spoken):
    assert version_in(HttpResponse(status, (), body)) == spoken


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://256.1.1.1:1"])
def test_whoever_is_not_there_gives_no_answer(url):
    async def play():
        with pytest.raises(NoAnswer):
            await HttpClient(5).request(url, "GET", "/version")

    trio.run(play)


@pytest.mark.parametrize(
    ("changed", "difference"),
    [
        ({"initial_cluster_token": "other"}, "its --initial-cluster-token differs"),
        ({"initial_cluster": 2}, "--initial-cluster lacks http://"),
    ],
)
def test_a_member_with_another_beginning_than_the_others_is_told_the_difference(
    folder, changed, difference
):
    async def play():
        settings = settings_of_three(folder)
        if "initial_cluster" in changed:
            changed["initial_cluster"] = settings[0].initial_cluster[:2]
        settings[0] = replace(settings[0], **changed)
        async with HttpClient(PATIENCE_S) as client, trio.open_nursery() as nursery:
            cluster = Cluster(settings, nursery, client)
            cluster.start(1)
            cluster.start(2)
            with trio.fail_after(PATIENCE_S):
                await cluster.ask(1, "POST", "/x", b"value=1")
                with pytest.raises(UserError) as refused:
                    await find_cluster(settings[0])
            assert difference in str(refused.value)
            nursery.cancel_scope.cancel()

    trio.run(play)


def test_members_of_two_clusters_that_meet_are_named_in_the_journal(folder, monkeypatch):
    warned = []

    def warn(message, **facts):
        warned.append(f"{message} {facts}")

    async def ask_nobody(*_):
        """As if all were started at the same moment."""

    monkeypatch.setattr(journal, "warn", warn)
    monkeypatch.setattr(joining, "check_that_nobody_knows_us", ask_nobody)

    async def play():
        settings = settings_of_three(folder)
        settings[0] = replace(settings[0], initial_cluster_token="other")
        async with HttpClient(PATIENCE_S) as client, trio.open_nursery() as nursery:
            cluster = Cluster(settings, nursery, client)
            for place in range(3):
                cluster.start(place)
            with trio.fail_after(PATIENCE_S):
                await cluster.ask(1, "POST", "/x", b"value=1")
            await trio.sleep(0.5)
            nursery.cancel_scope.cancel()

    trio.run(play)
    mismatches = [line for line in warned if "cluster ID mismatch" in line]
    assert any(line.startswith("refused another member") for line in mismatches)
    assert any(line.startswith("another member refuses us") for line in mismatches)
    assert len(mismatches) == len(set(mismatches))  # not again and again
