"""python-etcd, a client that others wrote, does its work on our server."""

from concurrent.futures import ThreadPoolExecutor

import etcd
import pytest


@pytest.fixture
def client(ours):
    host, _, port = ours.clients[0].removeprefix("http://").partition(":")
    client = etcd.Client(host=host, port=int(port), read_timeout=10)
    yield client
    for child in client.read("/").children:
        if child.key not in (None, "/"):
            client.delete(child.key, recursive=True, dir=child.dir)
    client.http.clear()


def test_it_writes_and_reads(client):
    assert client.write("/k", "v").action == "set"
    assert client.read("/k").value == "v"
    assert client.read("/k", quorum=True).value == "v"
    assert client.get("/k").modifiedIndex > 0
    with pytest.raises(etcd.EtcdKeyNotFound):
        client.read("/nothing")


def test_it_lists_directories_in_order(client):
    for name in "cab":
        client.write(f"/dir/{name}", name)
    found = client.read("/dir", recursive=True, sorted=True)
    assert [child.key for child in found.children] == ["/dir/a", "/dir/b", "/dir/c"]
    with pytest.raises(etcd.EtcdNotFile):
        client.write("/dir", "x")


def test_it_compares_before_it_writes_and_deletes(client):
    client.write("/k", "one")
    assert client.test_and_set("/k", "two", "one").value == "two"
    with pytest.raises(etcd.EtcdCompareFailed):
        client.write("/k", "three", prevValue="one")
    with pytest.raises(etcd.EtcdAlreadyExist):
        client.write("/k", "three", prevExist=False)
    with pytest.raises(etcd.EtcdCompareFailed):
        client.delete("/k", prevValue="one")
    assert client.delete("/k", prevValue="two").action == "compareAndDelete"


def test_its_keys_live_for_a_time_and_are_refreshed(client):
    client.write("/mortal", "v", ttl=100)
    assert 95 <= client.read("/mortal").ttl <= 100
    client.refresh("/mortal", ttl=50)
    again = client.read("/mortal")
    assert (again.value, 45 <= again.ttl <= 50) == ("v", True)


def test_it_makes_keys_in_order(client):
    made = [client.write("/queue", text, append=True) for text in ("first", "second")]
    listed = [child.value for child in client.read("/queue", sorted=True).children]
    assert listed == ["first", "second"]
    assert made[0].key < made[1].key


def test_it_watches_what_comes_and_what_was(client):
    before = client.write("/w/k", "past").modifiedIndex
    assert client.watch("/w/k", index=before, timeout=10).value == "past"
    with ThreadPoolExecutor(1) as elsewhere:
        watching = elsewhere.submit(client.watch, "/w", recursive=True, timeout=10)
        for number in range(1000):
            client.write("/w/k", f"new {number}")
            if watching.done():
                break
        event = watching.result(10)
    assert (event.action, event.key) == ("set", "/w/k")


def test_its_lock_lets_one_in_at_a_time(client):
    mine, yours = etcd.Lock(client, "room"), etcd.Lock(client, "room")
    assert mine.acquire(blocking=False, lock_ttl=60)
    assert not yours.acquire(blocking=False, lock_ttl=60)
    mine.release()
    assert yours.acquire(blocking=True, lock_ttl=60, timeout=10)
    yours.release()


def test_it_finds_the_members_and_who_leads(client, ours):
    (member,) = client.members.values()
    assert (member["name"], member["peerURLs"]) == ("n1", ours.peers)
    assert client.leader["clientURLs"] == ours.clients
    assert client.machines == ours.clients
    assert client.stats["name"] == "n1"
    assert client.leader_stats["leader"] == member["id"]
    assert client.store_stats["setsSuccess"] >= 0
