"""What servers tell becomes a story; what makes no sense does not."""

from typing import Any

import pytest

from learnetcd.runtime.attachment import KEYS
from learnetcd.session import hearsay
from learnetcd.session.hearsay import Hearsay
from learnetcd.session.outline import line_of, outline
from learnetcd.session.views import ClientView


def line(kind: str, sentence: str = "It did.", **fields: Any) -> dict[str, Any]:
    told = {"kind": kind, "sentence": sentence, "landmark": kind == "EntryCommitted"}
    return {**told, "at_ms": 7, "fields": fields}


def texts(story: Hearsay, first: int = 1, last: int = 99) -> list[str]:
    return [one.text for one in story.between(first, last)]


def test_each_sentence_is_a_step_but_for_heartbeats():
    story = Hearsay()
    for kind in ("LogWritten", "HeartbeatHeard", "HeartbeatsSent", "EntryCommitted"):
        story.take(line(kind, f"It did {kind}."), "S1", 1)
    assert texts(story) == ["It did LogWritten.", "It did EntryCommitted."]
    assert [one.step for one in story.landmarks()] == [2]
    assert (story.length, story.now_ms) == (2, 7)


def test_what_is_missing_is_a_step_too():
    story = Hearsay()
    story.take({"missed": 12}, "S1", 1)
    assert texts(story) == ["S1 did more than could be told: 12 events are missing here."]


def test_old_steps_are_forgotten_and_keep_their_numbers(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hearsay, "MOST_STEPS", 3)
    story = Hearsay()
    for number in range(1, 6):
        story.take(line("LogWritten", f"{number}"), "S1", 1)
    assert [(one.step, one.text) for one in story.between(1, 5)] == [(3, "3"), (4, "4"), (5, "5")]
    assert texts(story, 4, 4) == ["4"]
    assert texts(story, 1, 2) == []


def test_clients_are_counted_from_one_and_told_what_came_of_them():
    story, long = Hearsay(), 7587899091096004098
    story.take(line("RequestReceived", request_id=long, request="put /x=1"), "S1", 1)
    assert story.clients == (ClientView(1, "put /x=1 → S1", "pending", "", ""),)
    said = f"S1 answers client c{long}."
    story.take(line("RequestAnswered", said, request_id=long, answer="done"), "S1", 1)
    assert story.clients == (ClientView(1, "put /x=1 → S1", "done", "done", ""),)
    assert texts(story)[-1] == "S1 answers client c1."


def test_a_symbol_that_is_not_here_is_not_opened():
    story = Hearsay()
    for source in ("os:system", "learnetcd.raft.nosuch:page", "learnetcd.raft.log:RaftLog"):
        story.take({**line("LogWritten"), "source": source}, "S1", 1)
    assert [one.source for one in story.between(1, 3)] == ["", "", "learnetcd.raft.log:RaftLog"]


STATUS = {
    "id": "a", "term": 3, "vote": "a", "commit": 9, "lead": "a", "raftState": "StateLeader",
    "applied": 8, "progress": {
        "a": {"match": 9, "next": 10, "state": "StateReplicate"},
        "b": {"match": 7, "next": 8, "state": "StateProbe"},
    },
}  # fmt: skip
PAGES: dict[str, Any] = {
    "/v2/stats/self": {"id": "a", "name": "infra0"},
    "/debug/vars": {"raft.status": STATUS},
    "/v2/members": {"members": [{"id": "a"}, {"id": "b"}, {"id": "c"}]},
    "/v2/stats/store": {"watchers": 2},
    KEYS: {
        "node": {
            "nodes": [
                {
                    "key": "/d",
                    "dir": True,
                    "createdIndex": 4,
                    "modifiedIndex": 4,
                    "nodes": [
                        {"key": "/d/x", "value": "1\x1b[2J", "createdIndex": 4, "modifiedIndex": 6}
                    ],
                }
            ]
        }
    },
}


def test_an_etcd_is_drawn_from_its_own_pages():
    seen = outline(PAGES)
    assert (seen["id"], seen["role"], seen["term"], seen["leader"]) == (10, "leader", 3, 10)
    assert (seen["commit_index"], seen["applied_index"], seen["votes_needed"]) == (9, 8, 2)
    assert [peer["mode"] for peer in seen["peers"]] == ["probe"]
    assert [key["path"] for key in seen["keyspace"]["keys"]] == ["/d", "/d/x"]
    assert seen["keyspace"]["keys"][1]["value"] == "1\\x1b[2J"
    assert seen["keyspace"]["etcd_index"] == 6


def test_what_a_watch_of_an_etcd_brings_is_a_sentence():
    event = {"action": "set", "node": {"key": "/x", "value": "1", "modifiedIndex": 6}}
    assert line_of(event, "S8e9e")["sentence"] == (
        "S8e9e tells who watches: set /x=1 at etcd index 6."
    )
