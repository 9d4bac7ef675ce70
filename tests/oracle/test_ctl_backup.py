"""Our backup is etcdctl's, and a real etcd starts on what was restored from one."""

import re
import subprocess

import pytest

from learnetcd.disk.directory import Directory
from learnetcd.disk.real_files import RealFiles
from learnetcd.disk.recovery import recover
from tests.ctl.running import run
from tests.processes import REAL, Process, environment, free_ports, url_of

KEYS = [f"/keys/{number}" for number in range(30)]


@pytest.fixture(params=[(), ("--snapshot-count=10",)], ids=["log", "snapshot-and-log"])
def running(request, folder, start_etcd):
    etcd = start_etcd(folder / "data", *request.param)
    for key in KEYS:
        etcd.put(key, f"value of {key}")
    etcd.put("/mortal", "", ttl="1000")
    etcd.ask("DELETE", "/mortal")
    return etcd


def backup_by_ours(source, target):
    ended = run("backup", f"--data-dir={source}", f"--backup-dir={target}")
    assert (ended.code, ended.out) == (0, "")
    return ended.err


def backup_by_theirs(source, target):
    ended = subprocess.run(
        ["etcdctl", "backup", f"--data-dir={source}", f"--backup-dir={target}"],
        env=environment() | {"ETCDCTL_API": "2"},
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    return ended.stderr


def without_times(log):
    return re.sub(r"(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} ", "", log)


def test_our_backup_of_a_running_etcd_is_the_one_that_etcdctl_makes(running, folder):
    ours = backup_by_ours(running.data, folder / "ours")
    theirs = backup_by_theirs(running.data, folder / "theirs")
    assert without_times(ours) == without_times(theirs)
    mine, its = (recover(RealFiles(), Directory(str(folder / name))) for name in ("ours", "theirs"))
    assert mine.stored.entries == its.stored.entries
    assert mine.stored.hard_state == its.stored.hard_state
    assert mine.stored.snapshot.index == its.stored.snapshot.index
    assert mine.stored.snapshot.configuration == its.stored.snapshot.configuration
    assert len({mine.metadata.node_id, its.metadata.node_id}) == 2


def test_a_real_etcd_starts_on_our_backup_as_a_new_cluster(running, folder, start_etcd):
    backup_by_ours(running.data, folder / "ours")
    etcd = start_etcd(folder / "ours", "--force-new-cluster")
    assert [etcd.value(key) for key in KEYS] == [f"value of {key}" for key in KEYS]


@pytest.mark.parametrize("backup", [backup_by_ours, backup_by_theirs], ids=["ours", "theirs"])
def test_what_is_restored_starts_in_one_step_under_its_own_address(running, folder, backup):
    backup(running.data, folder / "backup")
    client, peer = free_ports(2)
    cluster = f"a={url_of(peer)}"
    restored = run(
        *("restore", f"--backup-dir={folder / 'backup'}", f"--data-dir={folder / 'new'}"),
        *("--name", "a", "--initial-cluster", cluster),
    )
    assert (restored.code, restored.err) == (0, "")
    assert "Restored 31 nodes" in restored.out
    etcd = Process(REAL, folder / "new", name="a", ports=(client, peer))
    try:
        etcd.wait_until_it_serves()
        assert [etcd.value(key) for key in KEYS] == [f"value of {key}" for key in KEYS]
        members = run("--endpoints", etcd.url, "member", "list").out
        assert f"name=a peerURLs={url_of(peer)} " in members
        assert members.count("\n") == 1
    finally:
        etcd.kill()


def test_three_members_are_restored_from_one_backup(folder, start_etcd):
    etcd = start_etcd(folder / "data", "--snapshot-count=10")
    for key in KEYS:
        etcd.put(key, f"value of {key}")
    backup_by_ours(etcd.data, folder / "backup")
    free = free_ports(6)
    ports = {name: (free.pop(), free.pop()) for name in "abc"}
    cluster = ",".join(f"{name}={url_of(peer)}" for name, (_, peer) in ports.items())
    for name in ports:
        restored = run(
            *("restore", f"--backup-dir={folder / 'backup'}", f"--data-dir={folder / name}"),
            *("--name", name, "--initial-cluster", cluster, "--initial-cluster-token", "again"),
        )
        assert restored.code == 0
    members = [
        Process(REAL, folder / name, name=name, ports=pair, cluster=cluster)
        for name, pair in ports.items()
    ]
    try:
        for member in members:
            member.wait_until_it_serves()
        members[0].put("/after", "from a")
        asked = run("--endpoints", members[2].url, "get", "--quorum", "/after")
        assert asked == (0, "from a\n", "")
        assert [members[1].value(key) for key in KEYS] == [f"value of {key}" for key in KEYS]
        assert run("--endpoints", members[0].url, "cluster-health").code == 0
    finally:
        for member in members:
            member.kill()
