"""What learnetcd tells of a real etcd, which tells nothing by itself."""

from collections.abc import Callable
from pathlib import Path

import pytest

from learnetcd.errors import UserError
from learnetcd.runtime import certificates
from learnetcd.runtime.credentials import credentials_in
from learnetcd.session.attached import AttachedSession
from tests.certificates import pki
from tests.conformance.clusters import Cluster
from tests.ctl.running import run
from tests.processes import REAL, Process, free_ports, url_of
from tests.session.test_attached import said, wait


def test_a_write_to_etcd_is_explained_by_headers_and_watches(
    folder: Path, start_etcd: Callable[..., Process]
):
    url = start_etcd(folder / "etcd").url
    ended = run("--endpoints", url, "--no-sync", "--explain", "set", "/told", "v")
    assert (ended.code, ended.out) == (0, "v\n")
    assert "It leads, in term" in ended.err
    assert ended.err.endswith("or a directory above it, was told: set.\n")


def test_an_etcd_is_watched_as_far_as_it_tells_of_itself(
    folder: Path, start_etcd: Callable[..., Process]
):
    etcd = start_etcd(folder / "etcd")
    session = AttachedSession([etcd.url])
    try:
        etcd.put("/d/x", "1")
        told = "tells who watches: set /d/x=1 at etcd index 4."
        wait(session, lambda: told in said(session))
        wait(session, lambda: len(session.view().members[0].keyspace(9).keys) == 2)
        (member,) = session.view().members
        assert (member.role, member.term, member.leader) == ("leader", 2, member.id)
        assert member.commit_index == member.applied_index > 3
        assert member.entries(1, 99) == ()
        with pytest.raises(UserError, match="can't be held"):
            session.hold_gate(member.id, "synced")
    finally:
        session.close()


def test_an_etcd_with_tls_and_accounts_is_watched_by_whoever_may(folder: Path):
    url = url_of(free_ports(1)[0]).replace("http:", "https:")
    at = (f"--listen-client-urls={url}", f"--advertise-client-urls={url}")
    tls = certificates.server_flags(pki())[:2]  # the name in a certificate of ours would do
    etcd = Process(REAL, folder / "etcd", *tls, *at).wait_until_ready()
    variables = {"ETCDCTL_CA_FILE": str(pki() / "ca.pem")}
    try:
        words = ("user add root:secret", "auth enable", "-u root:secret role remove guest")
        for line in words:
            ended = run("--endpoints", url, *certificates.client_flags(pki()), *line.split())
            assert ended.code == 0, ended.err
        with pytest.raises(UserError, match="no handshake"):
            AttachedSession([url])
        with pytest.raises(UserError, match="it answers 401"):
            AttachedSession([url], credentials_in(variables))
        root = {**variables, "ETCDCTL_USERNAME": "root:secret"}
        session = AttachedSession([url], credentials_in(root))
        try:
            wait(session, lambda: session.view().members[0].role == "leader")
        finally:
            session.close()
    finally:
        etcd.end()


def test_three_etcds_are_seen_as_one_cluster(folder: Path):
    cluster = Cluster(folder, [REAL] * 3)
    try:
        cluster.wait_until_they_serve()
        session = AttachedSession([place.url for place in cluster.places])
        try:
            wait(session, lambda: roles(session) == ["follower", "follower", "leader"])
            (leader,) = (one for one in session.view().members if one.role == "leader")
            others = {one.id for one in session.view().members} - {leader.id}
            assert {peer.member for peer in leader.peers} == others
        finally:
            session.close()
    finally:
        cluster.kill_all()


def roles(session: AttachedSession) -> list[str]:
    return sorted(one.role for one in session.view().members)
