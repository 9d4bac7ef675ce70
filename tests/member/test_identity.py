"""Ids: the ones that real etcd computed for the same addresses, tokens and moments."""

import json
from pathlib import Path

import pytest

from learnetcd.member.identity import added_member_id, cluster_id, first_request_id, member_id

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "ids.json").read_text())


@pytest.mark.parametrize("cluster", VECTORS["static"], ids=lambda cluster: cluster["cluster_id"])
def test_members_and_clusters_have_the_ids_that_etcd_gave_them(cluster):
    ids = []
    for member in cluster["members"].values():
        ids.append(member_id(member["peer_urls"], cluster["token"]))
        assert ids[-1] == int(member["id"], 16)
    assert cluster_id(ids) == int(cluster["cluster_id"], 16)


@pytest.mark.parametrize("added", VECTORS["added_at_runtime"], ids=lambda added: added["id"])
def test_who_is_added_later_has_the_id_that_etcd_gave_it(added):
    assert added_member_id(added["peer_urls"], added["unix_seconds"]) == int(added["id"], 16)


@pytest.mark.parametrize(
    ("peer_url", "token", "expected"),
    [
        ("http://172.16.0.8:2380", "etcd-token", 0x2D2E457C6A1A76CB),
        ("http://172.16.0.14:2380", "etcd-token", 0x56E0B6DAD4C53D42),
        ("http://172.16.0.17:2380", "etcd-token", 0xD2D2E9FC758E6790),
        ("http://localhost:2380", "etcd-cluster", 0x8E9E05C52164694D),
    ],
)
def test_the_ids_that_anybody_can_look_up_come_out(peer_url, token, expected):
    """A cluster of three that somebody wrote about, and what a lone etcd has by default."""
    assert member_id([peer_url], token) == expected


def test_the_default_cluster_has_the_id_that_everybody_knows():
    assert cluster_id([0x8E9E05C52164694D]) == 0xCDF818194E3A8C32


def test_request_ids_of_two_members_or_two_starts_do_not_meet():
    here, there = first_request_id(0xAB12, 1_500_000_000_000), first_request_id(0xAB13, 1)
    later = first_request_id(0xAB12, 1_500_000_000_001)
    assert later - here == 256
    assert here >> 48 == 0xAB12
    assert there >> 48 == 0xAB13
