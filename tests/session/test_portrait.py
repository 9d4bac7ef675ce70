"""A member that travels as JSON is drawn as if one stood before it."""

import json
from dataclasses import fields

import pytest

from learnetcd.raft.entry import Entry
from learnetcd.session.portrait import MOST_CHILDREN, entry_text, portrait, view_of
from learnetcd.session.session import Grain, Session
from learnetcd.session.views import MemberView
from learnetcd.simulator.words import payload_text

FUNCTIONS = ("entries", "records", "after_crash", "keyspace")
OF_THE_WORLD = ("paused", "changed", "clock_rate", "unsynced_records")
"""What a member does not know of itself, or only its disk does."""


def seen(session: Session, member: int) -> MemberView:
    world = session._world
    found = portrait(world.member(member), world.clock(member))
    return view_of(json.loads(json.dumps(found)), leader_terms={})


@pytest.mark.parametrize("profile", ["paper", "etcd-3.5"])
def test_each_member_is_seen_as_it_is_at_each_step(profile: str):
    session = Session.open(members=3, profile=profile, seed=5)
    session.run_until("leader")
    session.put(1, "x", "1", ttl=30)
    session.watch(2, "x", stream=True)
    for _ in range(40):
        session.forward(Grain.MESSAGE)
        for drawn in session.view().members:
            view = seen(session, drawn.id)
            for name in (field.name for field in fields(MemberView)):
                if name not in (*FUNCTIONS, *OF_THE_WORLD, "files", "work"):
                    assert getattr(view, name) == getattr(drawn, name), name
            # What is new in this step, nobody knows who looks once.
            shown = [(one.index, one.term, one.text, one.mark) for one in view.entries(1, 99)]
            assert shown == [(e.index, e.term, e.text, e.mark) for e in drawn.entries(1, 99)]
            assert view.keyspace(9) == drawn.keyspace(9)


def test_a_candidate_is_seen_with_its_votes():
    session = Session.open(members=3, seed=5)
    session.time_out(2)
    drawn = session.view().members[1]
    assert drawn.votes
    assert seen(session, 2).votes == drawn.votes


def test_an_entry_that_the_leader_has_otherwise_conflicts():
    session = Session.open(members=3, seed=5)
    session.run_until("leader")
    session.put(1, "x", "1")
    session.advance(1000)
    world = session._world
    found = portrait(world.member(1), world.clock(1))
    last = found["last_index"]
    (entry,) = view_of(found, {last: found["last_term"] + 1}).entries(last, last)
    assert entry.conflicts
    (entry,) = view_of(found, {last: found["last_term"]}).entries(last, last)
    assert not entry.conflicts


def test_a_value_of_a_million_bytes_does_not_make_a_million():
    session = Session.open(members=1, seed=5)
    session.run_until("leader")
    session.put(1, "x", "v" * 1_000_000)
    session.advance(1000)
    world = session._world
    assert len(json.dumps(portrait(world.member(1), world.clock(1)))) < 5000


def test_a_text_of_an_entry_is_that_of_all_other_pictures():
    entry = Entry(1, 1, b"")
    assert entry_text(entry) == payload_text(b"") == "(empty)"


def test_of_a_large_directory_only_its_size_is_told_for_to_sort_it_takes_a_second():
    session = Session.open(members=1, seed=5)
    session.run_until("leader")
    world = session._world
    store = world.member(1).store
    for number in range(MOST_CHILDREN + 1):
        store.set(f"/1/many/{number}", value="v", now_ns=0)
    store.set("/1/few/x", value="v", now_ns=0)
    keys = portrait(world.member(1), 0)["keyspace"]["keys"]
    assert [key["path"] for key in keys] == ["/few", "/few/x", "/many", "/many/..."]
    assert keys[-1]["value"].startswith(f"({MOST_CHILDREN + 1} keys")
