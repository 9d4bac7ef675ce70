"""Raft's values and etcd's, there and back."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from learnetcd.disk import mapping
from learnetcd.member.request import stamped
from learnetcd.raft.configuration import Change, ChangeKind, ConfigChange, Configuration, Transition
from learnetcd.raft.entry import Entry, HardState, Snapshot
from learnetcd.store import Store
from learnetcd.wire import raftpb

UINT64 = st.integers(0, 2**64 - 1)
CHANGES = st.builds(Change, st.sampled_from(ChangeKind), UINT64)
OLD_FORM = st.builds(
    ConfigChange, st.tuples(CHANGES), context=st.binary(max_size=30), legacy=st.just(True)
)
NEW_FORM = st.builds(
    ConfigChange,
    st.lists(CHANGES, max_size=3).map(tuple),
    st.sampled_from(Transition),
    st.binary(max_size=30),
)
ENTRIES = st.builds(Entry, UINT64, UINT64, st.binary(max_size=50) | OLD_FORM | NEW_FORM)
IDS = st.lists(UINT64, max_size=4).map(tuple)


def store_with(values):
    store = Store(("0", "1"))
    for value in values:
        store.create("/1/queue", value, in_order=True)
    return store


SNAPSHOTS = st.builds(
    Snapshot,
    UINT64,
    UINT64,
    st.builds(Configuration, IDS, IDS, IDS, IDS, st.booleans()),
    st.lists(st.text(), max_size=3).map(store_with),
)


@given(ENTRIES)
def test_entries_come_back(entry):
    data = mapping.to_entry(entry).encode()
    assert mapping.from_entry(raftpb.Entry.decode(data)) == entry


@given(OLD_FORM, st.integers(1, 2**64 - 1))
def test_a_request_id_travels_in_the_place_that_etcd_has_for_it(change, request_id):
    marked = stamped(change, request_id)
    wire = mapping.to_change(marked)
    assert isinstance(wire, raftpb.ConfChange)
    assert (wire.id, wire.context or b"") == (request_id, change.context)
    assert mapping.from_change(wire) == marked


@given(SNAPSHOTS)
def test_snapshots_come_back(snapshot):
    data = mapping.to_snapshot(snapshot).encode()
    found = mapping.from_snapshot(raftpb.Snapshot.decode(data))
    assert found.state.digest() == snapshot.state.digest()
    assert replace(found, state=None) == replace(snapshot, state=None)
    assert mapping.to_snapshot(found).encode() == data


def test_an_empty_entry_has_no_data():
    assert mapping.to_entry(Entry(5, 2)).encode().hex(" ") == "08 00 10 02 18 05"


def test_a_hard_state_comes_back():
    state = HardState(3, 2**63, 17)
    assert mapping.from_hard_state(mapping.to_hard_state(state)) == state
