"""The cluster as its own store knows it: who the members are, and which version they agree on.

    /0/members/8e9e05c52164694d/raftAttributes   {"peerURLs":["http://10.0.0.1:2380"]}
    /0/members/8e9e05c52164694d/attributes       {"name":"a","clientURLs":["http://10.0.0.1:2379"]}
    /0/removed_members/2d2e457c6a1a76cb          (empty)
    /0/version                                   3.4.0

Raft knows members as numbers. Their addresses come with the change that adds one, in its context,
as JSON; their names and the addresses for clients each member publishes itself when it starts. All
of it is written into the same tree as clients' keys, when the entry is applied: so every member
has it, a snapshot has it, and each of these writes counts one in the etcd index.

A change is looked at once more when it is applied. Two adds of the same member may both have been
in order when they were asked for; whoever is second is refused then, by all members alike. And who
was removed never comes back under the same id: it might still act upon what it voted for before.

A cluster that never wrote down its members (as in the simulator) is asked nothing here, and its
changes act on Raft alone.

Source: etcd 3.4 etcdserver/api/membership/cluster.go, store.go; etcdserver/apply_v2.go, Put.

Differs: etcd stops when somebody publishes attributes of a member that is not there, or that are no
JSON; ours writes nothing and goes on.
The name that a bootstrap context gives is not known here before the member publishes it itself.

Next page: `version`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from learnetcd.member.namespace import CLUSTER
from learnetcd.member.request import ClusterRequest, context_of
from learnetcd.raft.configuration import Change, ChangeKind, ConfigChange
from learnetcd.store import wording
from learnetcd.store.errors import INVALID_FIELD, EtcdError
from learnetcd.store.event import Event
from learnetcd.store.node import Node
from learnetcd.store.path import child
from learnetcd.store.store import Store
from learnetcd.store.tree import Directory, find, node_of
from learnetcd.value import dataclass

MEMBERS, REMOVED = f"{CLUSTER}/members", f"{CLUSTER}/removed_members"
VERSION = f"{CLUSTER}/version"
RAFT_ATTRIBUTES, ATTRIBUTES = "raftAttributes", "attributes"


@dataclass(frozen=True, slots=True)
class ClusterMember:
    """A member, as the cluster has it written down."""

    id: int
    name: str = ""
    """"" until it has published its name."""
    peer_urls: tuple[str, ...] = ()
    client_urls: tuple[str, ...] = ()
    is_learner: bool = False


def name_of(member_id: int) -> str:
    """An id as text: hexadecimal, without zeros before it."""
    return f"{member_id:x}"


def key_of(member_id: int) -> str:
    """Where a member is written down."""
    return child(MEMBERS, name_of(member_id))


# -- reading ----------------------------------------------------------------------------------


def members(store: Store) -> tuple[ClusterMember, ...]:
    """All members, by their ids."""
    found = (_member(int(node.name, 16), store) for node in _listed(store, MEMBERS))
    return tuple(sorted(found, key=lambda member: member.id))


def removed(store: Store) -> frozenset[int]:
    """The ids that never come back."""
    return frozenset(int(node.name, 16) for node in _listed(store, REMOVED))


def version(store: Store) -> str:
    """The version that the members agree on; "" as long as they have none."""
    return _value(store, VERSION)


def _member(member_id: int, store: Store) -> ClusterMember:
    key = key_of(member_id)
    raft = json.loads(_value(store, child(key, RAFT_ATTRIBUTES)) or "{}")
    own = json.loads(_value(store, child(key, ATTRIBUTES)) or "{}")
    return ClusterMember(
        member_id,
        own.get("name", ""),
        tuple(raft.get("peerURLs") or ()),
        tuple(own.get("clientURLs") or ()),
        raft.get("isLearner") is True,
    )


def _listed(store: Store, key: str) -> Iterator[Node]:
    directory = find(store.root, key)
    if isinstance(directory, Directory):
        for _, item in directory.children.items():
            yield node_of(item)


def _value(store: Store, key: str) -> str:
    item = find(store.root, key)
    return "" if item is None else node_of(item).value or ""


# -- what members publish ---------------------------------------------------------------------


def publish(store: Store, request: ClusterRequest) -> Event | EtcdError | None:
    """Write what the cluster says about itself; None if it is about nobody."""
    directory, _, name = request.path.rpartition("/")
    value = request.value
    try:
        if name == ATTRIBUTES and directory.startswith(f"{MEMBERS}/"):
            if find(store.root, directory) is None:
                return None  # it was removed meanwhile
            own = json.loads(value)
            value = own_attributes(own.get("name", ""), tuple(own.get("clientURLs") or ()))
        return store.set(request.path, value)
    except EtcdError as error:
        return error.with_traceback(None)
    except (ValueError, AttributeError, TypeError):  # no JSON, or not that of a member
        return EtcdError(INVALID_FIELD, value, store.etcd_index)


def own_attributes(name: str, client_urls: tuple[str, ...]) -> str:
    """What a member says of itself, as etcd writes it."""
    named = [("name", wording.string(name))] if name else []
    return wording.fields(named + ([("clientURLs", _urls(client_urls))] if client_urls else []))


def raft_attributes(peer_urls: tuple[str, ...], *, is_learner: bool = False) -> str:
    """How a member is reached by the others, as etcd writes it."""
    learner = [("isLearner", "true")] if is_learner else []
    return wording.fields([("peerURLs", _urls(peer_urls)), *learner])


def _urls(urls: tuple[str, ...]) -> str:
    return f"[{','.join(wording.string(url) for url in urls)}]"


# -- changes of members -----------------------------------------------------------------------


def context(member: ClusterMember, *, is_promotion: bool = False) -> bytes:
    """What a change says about a member, as etcd writes it."""
    named = [("id", str(member.id)), ("peerURLs", _urls(member.peer_urls))]
    if member.is_learner:
        named.append(("isLearner", "true"))
    if member.name:
        named.append(("name", wording.string(member.name)))
    if is_promotion:
        named[1:] = [("peerURLs", "null"), ("isPromote", "true")]
    return wording.fields(named).encode("utf-8", "surrogateescape")


def refusal(store: Store, change: ConfigChange) -> str:
    """Why a change must not act, in etcd's words; "" if it may, or nobody is written down."""
    if find(store.root, MEMBERS) is None:
        return ""
    known = {member.id: member for member in members(store)}
    for one in change.changes:
        if found := _refusal(known, removed(store), one, _told(change)):
            return f"membership: {found}"
    return ""


def _refusal(
    known: dict[int, ClusterMember],
    removed_ids: frozenset[int],
    change: Change,
    told: dict[str, object],
) -> str:
    is_there = change.member in known
    if change.member in removed_ids:
        return "ID removed"
    if change.kind in (ChangeKind.REMOVE, ChangeKind.UPDATE) or told.get("isPromote"):
        if not is_there:
            return "ID not found"
        if told.get("isPromote") and not known[change.member].is_learner:
            return "can only promote a learner member"
    elif is_there:
        return "ID exists"
    others = [member for member in known.values() if member.id != change.member]
    if any(set(member.peer_urls) & set(_told_urls(told)) for member in others):
        return "peerURL exists"
    is_learner = told.get("isLearner") is True
    if is_learner and not is_there and any(member.is_learner for member in others):
        return "too many learner members in cluster"
    return ""


def write_change(store: Store, change: ConfigChange) -> None:
    """Write down who is a member now, of a change that acts and that says so."""
    told = _told(change)
    for one in change.changes:
        key = key_of(one.member)
        attributes = child(key, RAFT_ATTRIBUTES)
        if one.kind is ChangeKind.REMOVE:
            if find(store.root, key) is not None:
                store.delete(key, is_dir=True, recursive=True)
                store.create(child(REMOVED, name_of(one.member)))
        elif told.get("isPromote"):
            store.update(attributes, raft_attributes(_member(one.member, store).peer_urls))
        elif told and one.kind is ChangeKind.UPDATE:
            is_learner = _member(one.member, store).is_learner
            store.update(attributes, raft_attributes(_told_urls(told), is_learner=is_learner))
        elif told:
            is_learner = told.get("isLearner") is True
            store.create(attributes, raft_attributes(_told_urls(told), is_learner=is_learner))


def _told(change: ConfigChange) -> dict[str, object]:
    """What the context of a change says about the member; empty if it says nothing."""
    written = context_of(change)
    if not written.startswith(b"{"):
        return {}
    told: dict[str, object] = json.loads(written.decode("utf-8", "surrogateescape"))
    return told


def _told_urls(told: dict[str, object]) -> tuple[str, ...]:
    urls = told.get("peerURLs")
    return tuple(str(url) for url in urls) if isinstance(urls, list) else ()
