"""Raft's values and etcd's, and the way from one to the other.

    learnetcd.raft                                   etcd
    Entry(5, 2, b"hi")                               Entry(NORMAL, term=2, index=5, data=b"hi")
    Entry(5, 2, b"")                                 Entry(NORMAL, term=2, index=5, data=None)
    Entry(5, 2, ConfigChange(add voter 4, legacy))   Entry(CONF_CHANGE, ..., data=ConfChange)
    Entry(5, 2, ConfigChange(add voter 4))           Entry(CONF_CHANGE_V2, ..., data=ConfChangeV2)
    Configuration(voters=(1, 2))                     ConfState(voters=(1, 2))
    Snapshot(44, 2, configuration, Store)            Snapshot({"Root":{"Path":"/", ..., metadata)

etcd's older form of a change has a place for the id of the request that asked for it. Ours carries
it in the context (`learnetcd.member.request.stamped`); it is put over here.

Source: etcd 3.4 raft/raftpb. Next page: `replay`.
"""

from __future__ import annotations

from learnetcd.member.request import request_id_of, stamped
from learnetcd.raft.configuration import Change, ChangeKind, ConfigChange, Configuration, Transition
from learnetcd.raft.entry import Entry, HardState, Snapshot
from learnetcd.store.saved import restored, saved
from learnetcd.store.store import Store
from learnetcd.wire import raftpb
from learnetcd.wire.raftpb import ConfChangeTransition, ConfChangeType, EntryType

_KINDS = {
    ChangeKind.ADD_VOTER: ConfChangeType.ADD_NODE,
    ChangeKind.REMOVE: ConfChangeType.REMOVE_NODE,
    ChangeKind.UPDATE: ConfChangeType.UPDATE_NODE,
    ChangeKind.ADD_LEARNER: ConfChangeType.ADD_LEARNER_NODE,
}
_KINDS_BACK = {theirs: ours for ours, theirs in _KINDS.items()}

_TRANSITIONS = {
    Transition.AUTO: ConfChangeTransition.AUTO,
    Transition.JOINT_IMPLICIT: ConfChangeTransition.JOINT_IMPLICIT,
    Transition.JOINT_EXPLICIT: ConfChangeTransition.JOINT_EXPLICIT,
}
_TRANSITIONS_BACK = {theirs: ours for ours, theirs in _TRANSITIONS.items()}


# --- entries ------------------------------------------------------------------------------------


def to_entry(entry: Entry) -> raftpb.Entry:
    """As etcd writes it."""
    payload = entry.payload
    if isinstance(payload, bytes):
        return raftpb.Entry(EntryType.NORMAL, entry.term, entry.index, payload or None)
    kind = EntryType.CONF_CHANGE if payload.legacy else EntryType.CONF_CHANGE_V2
    return raftpb.Entry(kind, entry.term, entry.index, to_change(payload).encode())


def from_entry(entry: raftpb.Entry) -> Entry:
    """As Raft knows it; `Malformed` if its data are not what its type says."""
    data = entry.data or b""
    payload: bytes | ConfigChange = data
    # A change always has data; an empty one is refused there.
    if entry.type == EntryType.CONF_CHANGE:
        payload = from_change(raftpb.ConfChange.decode(data))
    elif entry.type == EntryType.CONF_CHANGE_V2:
        payload = from_change_v2(raftpb.ConfChangeV2.decode(data))
    return Entry(entry.index, entry.term, payload)


def to_change(change: ConfigChange) -> raftpb.ConfChange | raftpb.ConfChangeV2:
    """As etcd writes it."""
    if not change.legacy:
        return raftpb.ConfChangeV2(
            _TRANSITIONS[change.transition],
            tuple(
                raftpb.ConfChangeSingle(_KINDS[single.kind], single.member)
                for single in change.changes
            ),
            change.context or None,
        )
    (single,) = change.changes
    kind = _KINDS[single.kind]
    request_id = request_id_of(change)
    stamp = b"%d " % request_id
    # Not every context that begins with a number was stamped, and not every number has room.
    if not request_id or request_id >> 64 or not change.context.startswith(stamp):
        return raftpb.ConfChange(0, kind, single.member, change.context or None)
    context = change.context.removeprefix(stamp)
    return raftpb.ConfChange(request_id, kind, single.member, context or None)


def from_change(change: raftpb.ConfChange) -> ConfigChange:
    """As Raft knows it."""
    single = Change(_KINDS_BACK[change.type], change.node_id)
    ours = ConfigChange((single,), context=change.context or b"", legacy=True)
    return stamped(ours, change.id) if change.id else ours


def from_change_v2(change: raftpb.ConfChangeV2) -> ConfigChange:
    """As Raft knows it."""
    changes = tuple(Change(_KINDS_BACK[single.type], single.node_id) for single in change.changes)
    return ConfigChange(changes, _TRANSITIONS_BACK[change.transition], change.context or b"")


# --- hard state, snapshots ----------------------------------------------------------------------


def to_hard_state(hard_state: HardState) -> raftpb.HardState:
    """As etcd writes it."""
    return raftpb.HardState(hard_state.term, hard_state.vote, hard_state.commit_index)


def from_hard_state(hard_state: raftpb.HardState) -> HardState:
    """As Raft knows it."""
    return HardState(hard_state.term, hard_state.vote, hard_state.commit)


def to_snapshot(snapshot: Snapshot) -> raftpb.Snapshot:
    """As etcd writes it. Nothing is changed, so any thread may do it."""
    assert isinstance(snapshot.state, Store), f"this is no store: {snapshot.state!r}"
    members = snapshot.configuration
    conf_state = raftpb.ConfState(
        members.voters,
        members.learners,
        members.outgoing,
        members.learners_next,
        members.auto_leave,
    )
    metadata = raftpb.SnapshotMetadata(conf_state, snapshot.index, snapshot.term)
    return raftpb.Snapshot(saved(snapshot.state), metadata)


def from_snapshot(snapshot: raftpb.Snapshot) -> Snapshot:
    """As Raft knows it; `SavedStoreRefused` if what is in it is no store."""
    metadata = snapshot.metadata
    members = metadata.conf_state
    configuration = Configuration(
        voters=members.voters,
        outgoing=members.voters_outgoing,
        learners=members.learners,
        learners_next=members.learners_next,
        auto_leave=members.auto_leave,
    )
    return Snapshot(metadata.index, metadata.term, configuration, restored(snapshot.data or b""))
