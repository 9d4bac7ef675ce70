"""An outline: what a real etcd lets see of itself, drawn as a portrait.

    /v2/stats/self     its name, its id, whether it leads
    /debug/vars        its Raft: term, vote, commit index; a leader's view of the others
    /v2/members        who belongs to the cluster
    /v2/keys           what readers see there
    /v2/stats/store    how many watch
    a watch            what happened, as soon as it is applied there

That is all. Of its log an etcd tells how far it is committed, and not one entry; of its timers, its
disk and its messages nothing. What is not told is not drawn.

Source: etcd 3.4 etcdserver/api/etcdhttp/base.go (raft.status), etcdserver/api/v2stats.

Next page: `hearsay`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from learnetcd.api.telling import clipped
from learnetcd.raft.quorum import majority
from learnetcd.runtime.attachment import KEYS
from learnetcd.session.portrait import NO_KEYS

Json = Mapping[str, Any]

ROLES = {
    "StateLeader": "leader",
    "StateFollower": "follower",
    "StateCandidate": "candidate",
    "StatePreCandidate": "pre-candidate",
}
MODES = {"StateProbe": "probe", "StateReplicate": "replicate", "StateSnapshot": "snapshot"}
MOST_KEYS = 60


def outline(pages: Mapping[str, Json]) -> dict[str, Any]:
    """From its pages to what a portrait has; a `LookupError` or the like if they make no sense."""
    own = pages["/v2/stats/self"]
    status = pages["/debug/vars"]["raft.status"]
    members = [hexadecimal(one["id"]) for one in pages["/v2/members"]["members"]]
    commit = int(status["commit"])
    voters = " ".join(map(str, members))
    return {
        "id": hexadecimal(own["id"]),
        "name": str(own["name"]),
        "role": ROLES[status["raftState"]],
        "term": int(status["term"]),
        "vote": hexadecimal(status["vote"]),
        "leader": hexadecimal(status["lead"]),
        "timer": None,
        "votes": [],
        "votes_needed": majority(len(members)),
        "peers": [peer(*one) for one in status["progress"].items() if one[0] != own["id"]],
        "first_index": commit + 1,  # it shows none of them
        "last_index": commit,
        "last_term": int(status["term"]),
        "durable_index": commit,
        "commit_index": commit,
        "applied_index": int(status["applied"]),
        "snapshot_index": 0,
        "configuration": f"voters=({voters})",
        "learner": False,
        "unsynced_records": 0,
        "entries": [],
        "keyspace": keyspace(pages.get(KEYS, {}), pages),
        "gates": {},
    }


def hexadecimal(text: str) -> int:
    """An id, as etcd writes it."""
    return int(text, 16)


def peer(member: str, known: Json) -> dict[str, Any]:
    """What a leader knows of another member."""
    return {
        "member": hexadecimal(member),
        "next_index": int(known["next"]),
        "match_index": int(known["match"]),
        "mode": MODES.get(known["state"], str(known["state"])),
        "paused": False,
        "inflight": 0,
    }


def keyspace(tree: Json, pages: Mapping[str, Json]) -> dict[str, Any]:
    """What readers see there."""
    keys = list(nodes(tree.get("node", {}).get("nodes", [])))
    watchers = int(pages.get("/v2/stats/store", {}).get("watchers", 0))
    return NO_KEYS | {
        "etcd_index": max((key["modified_index"] for key in keys), default=0),
        "keys": keys[:MOST_KEYS],
        "watchers": [f"{watchers} watch; it does not say what"] if watchers else [],
    }


def nodes(found: list[Json]) -> Iterator[dict[str, Any]]:
    """All nodes, each directory before what is in it."""
    for node in found:
        yield {
            "path": str(node["key"]),
            "value": clipped(str(node.get("value", ""))),
            "is_dir": bool(node.get("dir", False)),
            "created_index": int(node["createdIndex"]),
            "modified_index": int(node["modifiedIndex"]),
            "seconds_left": node.get("ttl"),
        }
        yield from nodes(node.get("nodes", []))


def line_of(event: Json, name: str) -> dict[str, Any]:
    """What a watcher was told, as a line of a trace."""
    node = event["node"]
    value = "" if "value" not in node else f"={node['value']}"
    told, index = f"{event['action']} {node['key']}{value}", int(node["modifiedIndex"])
    return {
        "kind": "WatcherTold",
        "sentence": f"{name} tells who watches: {clipped(told)} at etcd index {index}.",
        "citation": "etcd v2: wait=true, recursive, stream",
        "source": "",
        "landmark": True,
        "aside": False,
    }
