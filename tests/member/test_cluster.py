"""Membership as the store has it, written as real etcd wrote it for the same log."""

import json
from pathlib import Path

import pytest

from learnetcd.disk import mapping
from learnetcd.disk.directory import Directory
from learnetcd.disk.real_files import RealFiles
from learnetcd.disk.scan import scan
from learnetcd.member.apply import apply_entry
from learnetcd.member.bootstrap import first_entries, first_stored
from learnetcd.member.cluster import ClusterMember, context, members, removed, version
from learnetcd.member.command import Command
from learnetcd.member.inputs import ApplyDue, CampaignAsked, WalSynced
from learnetcd.member.member import Member
from learnetcd.member.request import ClusterRequest, MembershipRequest, Outcome
from learnetcd.raft import (
    PROFILES,
    Change,
    ChangeKind,
    ConfigChange,
    Configuration,
    Entry,
    Snapshot,
    Stored,
)
from learnetcd.store import EtcdError
from learnetcd.store.saved import restored, saved
from learnetcd.wire import raftpb, snappb

VECTORS = Path(__file__).parent.parent / "vectors"

ONE = ClusterMember(0x8E9E05C52164694D, "a", ("http://localhost:2380",))
THREE = [
    ClusterMember(number, "abc"[number - 1], (f"http://{number}:2380",)) for number in (3, 1, 2)
]


def booted(*first: ClusterMember) -> Member:
    """A member of a new cluster, with its first entries applied."""
    member = Member(first[0].id, PROFILES["etcd-3.3"], first_stored(first), seed=1)
    member.start()
    member.step(ApplyDue(0, len(first)))
    return member


def applied(member: Member, change: ConfigChange) -> EtcdError | None:
    """Apply a change of members as the next entry; give the refusal."""
    told = []
    member.tracer = lambda _, event: told.append(event)
    apply_entry(member, Entry(member.applied_index + 1, 2, change), [])
    (result,) = [event.result for event in told if type(event).__name__ == "EntryApplied"]
    return result


def change(kind: ChangeKind, about: ClusterMember, **options) -> ConfigChange:
    removes = kind is ChangeKind.REMOVE
    told = b"" if removes else context(about, **options)
    return ConfigChange((Change(kind, about.id),), context=told, legacy=True)


# -- beginning --------------------------------------------------------------------------------


def test_a_new_cluster_begins_with_the_bytes_that_etcd_writes():
    records = json.loads((VECTORS / "single" / "wal.json").read_text())["records"]
    (first,) = [record["entry"] for record in records if record.get("entry", {}).get("index") == 1]
    told = first["conf_change"]
    founder = json.loads(told["context"])
    (entry,) = first_entries(
        [ClusterMember(founder["id"], founder["name"], tuple(founder["peerURLs"]))]
    )
    written = mapping.to_entry(entry)
    assert (written.index, written.term) == (1, 1)
    assert (
        written.data
        == raftpb.ConfChange(
            0, raftpb.ConfChangeType.ADD_NODE, founder["id"], told["context"].encode()
        ).encode()
    )


def test_who_starts_with_the_first_entries_is_a_member_and_knows_the_others():
    member = booted(*THREE)
    assert member.raft.configuration.voters == (1, 2, 3)
    assert [one.id for one in members(member.store)] == [1, 2, 3]
    assert members(member.store)[0].peer_urls == ("http://1:2380",)
    assert member.store.etcd_index == 3
    assert (member.raft.term, member.raft.log.commit_index) == (1, 3)


def test_a_cluster_of_one_elects_itself_and_publishes_its_name():
    member = booted(ONE)
    member.step(CampaignAsked(0))
    member.step(WalSynced(0, 9))
    member.step(ApplyDue(0, 9))
    assert member.raft.leader == ONE.id
    publish(member, "attributes", '{"clientURLs":["http://localhost:2379"],"name":"a&b"}')
    (told,) = members(member.store)
    assert told == ClusterMember(ONE.id, "a&b", ONE.peer_urls, ("http://localhost:2379",))
    attributes = member.store.get(f"/0/members/{ONE.id:x}/attributes").node.value
    assert attributes == '{"name":"a\\u0026b","clientURLs":["http://localhost:2379"]}'


def publish(member: Member, name: str, value: str, who: int = ONE.id) -> None:
    """Apply a write of the cluster's own."""
    request = ClusterRequest(f"/0/members/{who:x}/{name}", value)
    entry = Entry(member.applied_index + 1, 2, Command(7, request).encode())
    apply_entry(member, entry, [])


def test_the_version_is_what_was_written_last():
    member = booted(ONE)
    assert version(member.store) == ""
    command = Command(7, ClusterRequest("/0/version", "3.4.0"))
    apply_entry(member, Entry(2, 2, command.encode()), [])
    assert version(member.store) == "3.4.0"
    assert member.store.etcd_index == 2


# -- changing ---------------------------------------------------------------------------------

NEW = ClusterMember(9, peer_urls=("http://9:2380",))
LEARNER = ClusterMember(9, peer_urls=("http://9:2380",), is_learner=True)


def test_an_added_member_counts_one_and_a_removed_one_counts_two():
    member = booted(*THREE)
    assert applied(member, change(ChangeKind.ADD_VOTER, NEW)) is None
    assert member.store.etcd_index == 4
    assert applied(member, change(ChangeKind.REMOVE, NEW)) is None
    assert member.store.etcd_index == 6
    assert removed(member.store) == {9}
    assert [one.id for one in members(member.store)] == [1, 2, 3]


def test_a_learner_is_promoted_with_the_addresses_that_it_had():
    member = booted(*THREE)
    assert applied(member, change(ChangeKind.ADD_LEARNER, LEARNER)) is None
    assert members(member.store)[-1] == LEARNER
    promotion = change(ChangeKind.ADD_VOTER, ClusterMember(9), is_promotion=True)
    assert applied(member, promotion) is None
    assert members(member.store)[-1] == NEW
    assert member.raft.configuration.voters == (1, 2, 3, 9)


def test_an_update_writes_other_addresses():
    member = booted(*THREE)
    moved = ClusterMember(2, peer_urls=("http://new:2380",))
    assert applied(member, change(ChangeKind.UPDATE, moved)) is None
    assert members(member.store)[1].peer_urls == ("http://new:2380",)


@pytest.mark.parametrize(
    ("before", "refused", "why"),
    [
        ([], change(ChangeKind.ADD_VOTER, THREE[0]), "ID exists"),
        ([], change(ChangeKind.REMOVE, NEW), "ID not found"),
        ([], change(ChangeKind.UPDATE, NEW), "ID not found"),
        ([], change(ChangeKind.ADD_VOTER, NEW, is_promotion=True), "ID not found"),
        ([], change(ChangeKind.ADD_VOTER, THREE[0], is_promotion=True), "only promote a learner"),
        ([], change(ChangeKind.ADD_VOTER, ClusterMember(9, "", ("http://1:2380",))), "peerURL"),
        ([], change(ChangeKind.UPDATE, ClusterMember(2, "", ("http://1:2380",))), "peerURL"),
        ([change(ChangeKind.REMOVE, THREE[0])], change(ChangeKind.ADD_VOTER, THREE[0]), "removed"),
        (
            [change(ChangeKind.ADD_LEARNER, LEARNER)],
            change(ChangeKind.ADD_LEARNER, ClusterMember(8, "", ("http://8",), is_learner=True)),
            "too many learner",
        ),
    ],
)
def test_a_change_that_came_too_late_is_refused_and_changes_nothing(before, refused, why):
    member = booted(*THREE)
    for one in before:
        assert applied(member, one) is None
    then = (member.store.digest(), member.raft.configuration)
    refusal = applied(member, refused)
    assert refusal.code == 300
    assert why in refusal.cause
    assert (member.store.digest(), member.raft.configuration) == then


def test_what_is_published_about_a_member_that_is_gone_is_not_written():
    member = booted(*THREE)
    assert applied(member, change(ChangeKind.REMOVE, THREE[0])) is None
    then = member.store.digest()
    publish(member, "attributes", '{"name":"c"}', who=THREE[0].id)
    assert member.store.digest() == then


def test_what_is_published_and_makes_no_sense_is_not_written():
    member = booted(ONE)
    for name, value in (
        ("attributes", "no JSON"),
        ("attributes", "[]"),
        ("attributes", '{"name":5}'),
        ("raftAttributes/x", "below a file"),
    ):
        then = member.store.digest()
        publish(member, name, value)
        assert member.store.digest() == then


def test_a_cluster_that_wrote_nobody_down_changes_all_the_same(cluster):
    three = cluster()
    three.elect(1)
    add = ConfigChange((Change(ChangeKind.ADD_LEARNER, 4),))
    asked = three.submit(1, MembershipRequest(add))
    three.settle()
    assert three.answers[asked].outcome is Outcome.DONE
    assert three.members[1].store.etcd_index == 0


# -- against etcd -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "snapshot"),
    [
        ("single", "0000000000000002-0000000000000016"),
        ("single", "0000000000000002-0000000000000021"),
        ("cluster/a", "0000000000000003-0000000000000017"),
        ("cluster/c", "0000000000000003-0000000000000012"),
    ],
)
def test_the_log_of_an_etcd_gives_the_store_that_etcd_had(where, snapshot):
    """Every entry from the first on, applied here: keys, members, version, expiry, all of it."""
    ours = replayed(VECTORS / where, until=int(snapshot[17:], 16))
    theirs = restored(state_of(VECTORS / where / "member" / "snap" / f"{snapshot}.snap"))
    assert ours.digest() == theirs.digest()
    assert without_what_is_left(ours) == without_what_is_left(theirs)


def replayed(home: Path, until: int):
    """The store after the entries of a data directory up to an index, each applied by a member."""
    found = scan(RealFiles(), Directory(str(home)))
    entries = {}
    for placed in found.records:
        if placed.type.name == "ENTRY":
            entry = mapping.from_entry(raftpb.Entry.decode(placed.data))
            entries[entry.index] = entry  # what comes later replaces what was there
    nobody = Stored(Snapshot(0, 0, Configuration(())))
    member = Member(1, PROFILES["etcd-3.3"], nobody, seed=1)
    for index in range(1, until + 1):
        apply_entry(member, entries[index], [])
    return member.store


def state_of(path: Path) -> bytes:
    wrapping = snappb.Snapshot.decode(path.read_bytes())
    return raftpb.Snapshot.decode(wrapping.data).data


def without_what_is_left(store) -> object:
    """A saved store, but for what members see differently: seconds left, and their own reads."""
    document = json.loads(saved(store))
    for event in document["WatcherHub"]["EventHistory"]["Queue"]["Events"]:
        for node in (event or {}).values():
            if isinstance(node, dict):
                node.pop("ttl", None)
    for name in ("getsSuccess", "getsFail", "watchers"):
        del document["Stats"][name]
    return document
