"""A portrait: one member of a running server as JSON, and back to the view that screens draw.

    portrait(member, at)  ->  {"role": "leader", "term": 2, "entries": [[4, 2, "x=1"], ...], ...}
                                 |  over HTTP, from one process to another
    view_of(seen)         <------+

A server that lets others watch answers so at `/debug/member`; who is attached to it draws a member
of it like any other. All of it is small, and quickly made, however long the log is and however many
keys there are: the last entries, the first keys.

The JSON is made by learnetcd for learnetcd: it may look different in the next version.

Next page: `narration`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import islice
from typing import Any

from learnetcd.api.telling import NOT_SHOWN, clipped, may_be_shown
from learnetcd.member import namespace
from learnetcd.member.command import Command, decode_command
from learnetcd.member.member import Member
from learnetcd.raft.entry import Entry
from learnetcd.raft.raft import Raft
from learnetcd.raft.roles import Candidate, Leader
from learnetcd.session.keyspace import key_view, last_events, watcher_text
from learnetcd.session.pictures import peers, tally, votes_needed
from learnetcd.session.views import (
    EntryView,
    KeyspaceView,
    KeyView,
    Mark,
    MemberView,
    PeerView,
    RecordView,
    TimerView,
)
from learnetcd.simulator.machine import EXACT
from learnetcd.simulator.words import payload_text
from learnetcd.store.history import CAPACITY
from learnetcd.store.node import Node
from learnetcd.store.tree import Directory, Item, find, node_of
from learnetcd.tracing import member_name

MOST_ENTRIES = 200
MOST_KEYS = 60
MOST_EVENTS = 20
MOST_CHILDREN = 500
"""Of a directory that has more, the keys are not shown."""
LONGEST_PAYLOAD = 4096
"""Of a longer entry, the bytes are not read."""

NO_KEYS: dict[str, Any] = {
    "etcd_index": 0,
    "keys": [],
    "watchers": [],
    "events": [],
    "ring": [0, 0],
    "ring_size": 0,
}
"""A key space of which nothing is known."""

# --- from a member to JSON ----------------------------------------------------------------------


def portrait(member: Member, at: int) -> dict[str, Any]:
    """Where a member stands when its clock shows `at`."""
    raft = member.raft
    log, role = raft.log, raft.role
    first = max(log.first_index, log.last_index - MOST_ENTRIES + 1)
    return {
        "id": member.id,
        "role": role_of(raft),
        "term": raft.term,
        "vote": raft.vote,
        "leader": raft.leader,
        "timer": timer_of(member, at),
        "votes": tally(raft, role) if isinstance(role, Candidate) else [],
        "votes_needed": votes_needed(raft),
        "peers": [asdict(peer) for peer in peers(raft, role)] if isinstance(role, Leader) else [],
        "first_index": log.first_index,
        "last_index": log.last_index,
        "last_term": log.last_term,
        "durable_index": log.durable_index,
        "commit_index": log.commit_index,
        "applied_index": log.applied_index,
        "snapshot_index": log.snapshot_index,
        "configuration": str(raft.configuration),
        "learner": raft.configuration.is_learner(member.id),
        "unsynced_records": len(member.unsaved),
        "entries": [
            [entry.index, entry.term, entry_text(entry)]
            for entry in (log.entries(first, log.last_index) if first <= log.last_index else ())
        ],
        "keyspace": keyspace_portrait(member),
    }


def role_of(raft: Raft) -> str:
    """What it is, in a word."""
    match raft.role:
        case Leader():
            return "leader"
        case Candidate(pre_vote=pre_vote):
            return "pre-candidate" if pre_vote else "candidate"
        case _:
            return "follower"


def timer_of(member: Member, at: int) -> dict[str, Any] | None:
    """The Raft timer that fires next."""
    raft, tick_ms = member.raft, member.config.tick_ms
    deadline = raft.deadline()
    if deadline is None:
        return None
    leads = isinstance(raft.role, Leader)
    ticks = raft.config.heartbeat_ticks if leads else raft.election_timeout
    left = max(0, member.started_at + deadline * tick_ms - at)
    kind = "heartbeat" if leads else "election"
    return asdict(TimerView(kind, left, ticks * tick_ms, -(-left // tick_ms)))


def entry_text(entry: Entry) -> str:
    """What an entry holds, unless it is one of the cluster's secrets, or large."""
    payload = entry.payload
    if isinstance(payload, bytes) and payload:
        if len(payload) > LONGEST_PAYLOAD:
            return f"({len(payload)} bytes)"
        command = decode_command(payload)
        if isinstance(command, Command) and not may_be_shown(command.request):
            return NOT_SHOWN
    return clipped(payload_text(payload))


def keyspace_portrait(member: Member) -> dict[str, Any]:
    """What readers see there."""
    watchers = tuple(member.watchers)[-MOST_KEYS:]
    item = find(member.store.root, namespace.CLIENTS)
    keys = islice(nodes_of_small_directories(item), 1, MOST_KEYS) if item is not None else ()
    return {
        "etcd_index": member.store.etcd_index,
        "keys": [asdict(key_view(clipped_node(node), member.wall_ns)) for node in keys],
        "watchers": [watcher_text(watcher) for watcher in watchers],
        "events": [clipped(event) for event in last_events(member.store, MOST_EVENTS)],
        "ring": [member.store.history.start_index, len(member.store.history)],
        "ring_size": CAPACITY,
    }


def nodes_of_small_directories(item: Item) -> Iterator[Node]:
    """All nodes of a tree, in order; of a large directory only how large it is.

    To sort a hundred thousand keys takes a second, and that five times a second.
    """
    node = node_of(item)
    yield node
    if not isinstance(item, Directory):
        return
    if item.children.count > MOST_CHILDREN:
        words = f"({item.children.count} keys: too many to look at again and again)"
        yield replace(node, key=f"{node.key}/...", is_dir=False, value=words)
        return
    for _, child in item.children.items():
        yield from nodes_of_small_directories(child)


def clipped_node(node: Node) -> Node:
    """The same with no more of its value than anybody reads."""
    return node if node.value is None else replace(node, value=clipped(node.value))


# --- from JSON to a view ------------------------------------------------------------------------


def view_of(seen: Mapping[str, Any], leader_terms: Mapping[int, int]) -> MemberView:
    """The member, as screens draw it; `leader_terms`: those of the leader's entries, by index."""
    simple = {
        name: seen[name]
        for name in (
            *("id", "role", "term", "vote", "leader", "votes_needed", "first_index", "last_index"),
            *("last_term", "durable_index", "commit_index", "applied_index", "snapshot_index"),
            *("configuration", "learner", "unsynced_records"),
        )
    }
    our_terms = {index: term for index, term, _ in seen["entries"]}
    end = max(leader_terms, default=0)
    gone = {
        index  # what lies beyond the end of the leader's log goes with the entry at that end
        for index in our_terms
        if (at := min(index, end)) in our_terms
        if leader_terms.get(at, our_terms[at]) != our_terms[at]
    }
    entries = tuple(entry_view(seen, one, one[0] in gone) for one in seen["entries"])
    return MemberView(
        **simple,
        name=member_name(seen["id"]),
        alive=seen["role"] != "down",
        paused=False,
        timer=TimerView(**seen["timer"]) if seen["timer"] else None,
        votes=tuple((voter, granted) for voter, granted in seen["votes"]),
        peers=tuple(PeerView(**peer) for peer in seen["peers"]),
        changed=frozenset(),
        clock_rate=EXACT,
        own_parts=(),
        entries=lambda first, last: tuple(one for one in entries if first <= one.index <= last),
        records=lambda count: tuple(record_view(seen, one) for one in entries[-count:]),
        after_crash=lambda: f"its log up to entry {seen['durable_index']}, at least",
        keyspace=lambda count: keyspace_view(seen["keyspace"], count),
    )


def entry_view(seen: Mapping[str, Any], entry: tuple[int, int, str], conflicts: bool) -> EntryView:
    """One entry, with its mark."""
    index, term, text = entry
    return EntryView(
        index=index,
        term=term,
        text=text,
        mark=mark_at(seen, index),
        conflicts=conflicts,
        changed=False,
    )


def mark_at(seen: Mapping[str, Any], index: int) -> Mark:
    """How far an entry has got there."""
    if index <= seen["applied_index"]:
        return Mark.APPLIED
    if index <= seen["commit_index"]:
        return Mark.COMMITTED
    return Mark.DURABLE if index <= seen["durable_index"] else Mark.STORED


def record_view(seen: Mapping[str, Any], entry: EntryView) -> RecordView:
    """The record that holds an entry."""
    is_synced = entry.index <= seen["durable_index"]
    return RecordView(f"entry {entry.index}@{entry.term} {entry.text}", is_synced)


def keyspace_view(seen: Mapping[str, Any], count: int) -> KeyspaceView:
    """What readers see there, up to so many of each."""
    return KeyspaceView(
        seen["etcd_index"],
        tuple(KeyView(**key) for key in seen["keys"][:count]),
        tuple(seen["watchers"][-count:]),
        tuple(seen["events"][:count]),
        tuple(seen.get("ring", (0, 0))),
        seen.get("ring_size", 0),
    )


# --- several of them, and none --------------------------------------------------------------------


def leader_terms(portraits: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """The terms of the entries of whoever leads in the highest term, by index."""
    leaders = [one for one in portraits if one["role"] == "leader"]
    newest = max(leaders, key=lambda one: one["term"], default=None)
    return {} if newest is None else {index: term for index, term, _ in newest["entries"]}


FACTS = (
    *("role", "term", "vote", "leader", "votes", "peers", "last_index", "last_term"),
    *("durable_index", "commit_index", "applied_index", "snapshot_index", "configuration"),
)
"""What is marked when it is not as it was when one looked last."""


def drawn(
    portrait: Mapping[str, Any], terms: dict[int, int], before: MemberView | None
) -> MemberView:
    """A member, with what changed."""
    view = view_of(portrait, terms)
    changed = (name for name in FACTS if before and getattr(before, name) != getattr(view, name))
    return replace(view, changed=frozenset(changed))


def nobody(number: int) -> MemberView:
    """A server that was never seen."""
    nothing: dict[str, Any] = {
        **dict.fromkeys(("term", "vote", "leader", "votes_needed", "last_index", "last_term"), 0),
        **dict.fromkeys(("durable_index", "commit_index", "applied_index", "snapshot_index"), 0),
        "id": number,
        "role": "down",
        "first_index": 1,
        "configuration": "",
        "learner": False,
        "unsynced_records": 0,
        "timer": None,
        "votes": [],
        "peers": [],
        "entries": [],
        "keyspace": NO_KEYS,
    }
    return view_of(nothing, {})
