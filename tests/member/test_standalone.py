"""Whoever goes on alone keeps what was decided, and is the only member."""

import pytest

from learnetcd.member.bootstrap import NOTHING, first_stored
from learnetcd.member.cluster import ClusterMember, members, removed
from learnetcd.member.command import Command
from learnetcd.member.effects import Apply, SyncWal
from learnetcd.member.inputs import ApplyDue, CampaignAsked, WalSynced
from learnetcd.member.member import Member
from learnetcd.member.request import KeyRequest, Method
from learnetcd.member.standalone import forced
from learnetcd.raft import PROFILES
from learnetcd.raft.entry import Entry, HardState, Stored
from learnetcd.raft.roles import Leader

THREE = tuple(ClusterMember(id, f"n{id}", (f"http://h{id}:1",)) for id in (1, 2, 3))
NEW_URL = ("http://new:1",)


def put(index, key):
    return Entry(index, 2, Command(index, KeyRequest(Method.PUT, key, "1")).encode())


def history(first_entries, commit_index):
    """The first members, then two keys."""
    last = len(first_entries)
    entries = (*first_entries, put(last + 1, "/a"), put(last + 2, "/b"))
    return Stored(NOTHING, HardState(2, 3, commit_index), entries)


def started(stored, member_id):
    """A member that has applied what it knows to be decided, and asked for votes."""
    member = Member(member_id, PROFILES["etcd-3.3"], stored, seed=1)
    carry_out(member, member.start())
    carry_out(member, member.step(CampaignAsked(0)))
    return member


def carry_out(member, effects):
    for effect in effects:
        match effect:
            case Apply(through):
                carry_out(member, member.step(ApplyDue(0, through)))
            case SyncWal(batch):
                carry_out(member, member.step(WalSynced(0, batch)))


def test_a_member_of_three_is_left_alone_with_what_was_decided():
    stored = forced(history(first_stored(THREE).entries, commit_index=4), 2, NEW_URL)
    assert [entry.index for entry in stored.entries] == [1, 2, 3, 4, 5, 6]
    assert stored.hard_state == HardState(2, 3, 6)
    member = started(stored, 2)
    assert member.raft.configuration.voters == (2,)
    # It was and is at its own address: only who starts on a backup must be told one.
    assert [(one.id, one.peer_urls) for one in members(member.store)] == [(2, ("http://h2:1",))]
    assert removed(member.store) == {1, 3}
    assert member.node_at("/a") is not None
    assert member.node_at("/b") is None  # nobody was promised it


@pytest.mark.parametrize("taken", [NEW_URL, ("http://other:1",)], ids=["taken", "free"])
def test_who_starts_on_a_backup_takes_the_place_of_all_even_at_the_same_address(taken):
    old = first_stored([ClusterMember(1, "old", taken)]).entries
    member = started(forced(history(old, commit_index=3), 9, NEW_URL), 9)
    assert member.raft.configuration.voters == (9,)
    assert [(one.id, one.peer_urls) for one in members(member.store)] == [(9, NEW_URL)]
    assert member.node_at("/b") is not None


def test_a_backup_that_names_nobody_is_enough():
    member = started(forced(history((), commit_index=2), 9, NEW_URL), 9)
    assert isinstance(member.raft.role, Leader)
    assert [(one.id, one.peer_urls) for one in members(member.store)] == [(9, NEW_URL)]


def test_who_is_alone_already_needs_nothing_more():
    once = forced(history(first_stored(THREE).entries, commit_index=5), 2, NEW_URL)
    assert forced(once, 2, NEW_URL) == once
