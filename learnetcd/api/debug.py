"""Debug: what a person wants to know who looks for a mistake.

    GET /debug/vars          how it was started, what it uses, where its Raft stands
    PUT /config/local/log    {"Level":"DEBUG"}: log more from now on, or less

Source: etcd 3.4 etcdserver/api/etcdhttp/base.go; Go's expvar.

Differs: of Go's `memstats` there is what a Python process knows of itself.

Next page: `telling`.
"""

from __future__ import annotations

import json

from learnetcd.api.call import Call
from learnetcd.api.http import HttpResponse
from learnetcd.api.pages import message
from learnetcd.api.stats import state
from learnetcd.member.cluster import name_of
from learnetcd.raft.roles import Leader
from learnetcd.store.wording import fields, string

JSON_TEXT = ("Content-Type", "application/json; charset=utf-8")

LEVELS = {
    "CRITICAL": "fatal",
    "ERROR": "error",
    "WARNING": "warn",
    "NOTICE": "info",
    "INFO": "info",
    "DEBUG": "debug",
    "TRACE": "debug",
}
"""The levels of etcd's logger, and ours; the first letter will do."""


def variables(call: Call) -> HttpResponse:
    """GET /debug/vars."""
    usage = call.facts.usage()
    memory = fields([("Sys", str(usage.virtual_bytes)), ("HeapSys", str(usage.resident_bytes))])
    shown = [
        ("cmdline", f"[{','.join(map(string, call.facts.command_line))}]"),
        ("file_descriptor_limit", str(usage.most_open_files)),
        ("memstats", memory),
        ("raft.status", raft_status(call)),
    ]
    body = ",\n".join(f"{string(name)}: {value}" for name, value in shown)
    return HttpResponse(200, (JSON_TEXT,), f"{{\n{body}\n}}\n".encode())


def raft_status(call: Call) -> str:
    """Where this member's Raft stands; a leader knows it of the others, too."""
    raft = call.member.raft
    role = raft.role
    progress = role.progress if isinstance(role, Leader) else {}
    followers = (
        (
            name_of(member),
            fields(
                [
                    ("match", str(known.match_index)),
                    ("next", str(known.next_index)),
                    ("state", string(f"State{known.mode.value.capitalize()}")),
                ]
            ),
        )
        for member, known in sorted(progress.items())
    )
    return fields(
        [
            ("id", string(name_of(call.member.id))),
            ("term", str(raft.term)),
            ("vote", string(name_of(raft.vote))),
            ("commit", str(raft.log.commit_index)),
            ("lead", string(name_of(raft.leader))),
            ("raftState", string(state(role))),
            ("applied", str(call.member.applied_index)),
            ("progress", fields(followers)),
            (
                "leadtransferee",
                string(name_of(role.transfer_target if isinstance(role, Leader) else 0)),
            ),
        ]
    )


def log_level(call: Call) -> HttpResponse:
    """PUT /config/local/log."""
    try:
        asked = json.loads(call.request.body)
    except (ValueError, RecursionError):
        return message(400, "Invalid json body")
    level = asked.get("Level", "") if isinstance(asked, dict) else None
    if not isinstance(level, str):
        return message(400, "Invalid json body")
    named = [ours for theirs, ours in LEVELS.items() if level.upper() in {theirs, theirs[0]}]
    if not named:
        return message(400, f"Invalid log level {level}")
    call.facts.set_log_level(named[0])
    return HttpResponse(204, ())
