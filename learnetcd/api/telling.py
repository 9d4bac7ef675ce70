"""Telling: a trace event of a running member as JSON, for whoever listens.

    {"id": "8e9e05c52164694d.12.3", "at_ms": 8123, "cause": "WalSynced",
     "kind": "EntryCommitted", "fields": {"first": 4, "last": 4, ...},
     "sentence": "S8e9e commits entry 4: ...", "citation": "Raft §5.3, §5.4.2",
     "source": "learnetcd.raft.replication:advance_commit", "landmark": true, "aside": false}

The id says which event it was: of which member, of which of the inputs that were heard, and which
of that input's events. The cause is the kind of that input. All else is what every view of a run
shows of an event.

**No secrets.** An event holds what a client asked as it is. Only what is listed here (`SHOWN`) is
told; of any other value it is told that there was one. What came along with a request over HTTP,
passwords among it, no event ever holds. Values of keys *are* told: whoever may listen may read.

Next page: `story`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, NamedTuple

from learnetcd.member.command import Expiry, Foreign
from learnetcd.member.inputs import Input
from learnetcd.member.request import (
    Answer,
    ClusterRequest,
    KeyRequest,
    MembershipRequest,
    WatchRequest,
)
from learnetcd.store.errors import EtcdError
from learnetcd.store.event import Event
from learnetcd.tracing import TraceEvent, Verdict, member_name

NOT_SHOWN = "(not shown)"
LONGEST = 400
"""Characters of one text: a value may have millions."""

SHOWN = (
    *(KeyRequest, WatchRequest, MembershipRequest, Expiry, Foreign),
    *(Answer, Event, EtcdError),
)
"""Kinds of values that events may hold and that are told, besides numbers and words."""

QUESTIONS = ("request", "command")
"""Fields that hold what a client asked; who may not see that may not see what came of it."""


class Heard(NamedTuple):
    """One trace event, and in answer to what it happened."""

    member: int
    input_number: int
    """Of the inputs of this member that were heard."""
    ordinal: int
    """Of the events of that input."""
    cause: Input
    event: TraceEvent


Sentence = Callable[[TraceEvent, int], str]
"""Says an event of a member in words."""


def plain_sentence(event: TraceEvent, member: int) -> str:
    """The event's own sentence."""
    return event.sentence(member_name(member))


def as_json(heard: Heard, sentence: Sentence = plain_sentence) -> dict[str, Any]:
    """All that is told of an event. Any: that is how JSON is written in Python."""
    event = without_secrets(heard.event)
    if event is not heard.event:
        sentence = plain_sentence  # which does not look into what is not there
    return {
        "id": f"{heard.member:x}.{heard.input_number}.{heard.ordinal}",
        "at_ms": heard.cause.at,
        "cause": type(heard.cause).__name__,
        "kind": type(event).__name__,
        "fields": {field.name: plainly(getattr(event, field.name)) for field in fields(event)},
        "sentence": clipped(sentence(event, heard.member)),
        "citation": event.citation,
        "source": event.source,
        "landmark": event.landmark,
        "aside": event.aside,
    }


def line(told: dict[str, Any]) -> bytes:
    """One line; in ASCII, so that it can stand anywhere."""
    return json.dumps(told, separators=(",", ":")).encode() + b"\n"


def without_secrets(event: TraceEvent) -> TraceEvent:
    """The same event, but for values that nobody has listed."""
    values = {field.name: getattr(event, field.name) for field in fields(event)}
    if any(name in values and not may_be_shown(values[name]) for name in QUESTIONS):
        hidden = {name: NOT_SHOWN for name in (*QUESTIONS, "answer", "result") if name in values}
        return replace(event, **hidden)
    return event


def may_be_shown(value: object) -> bool:
    """Whether a value is none of the cluster's secrets."""
    if isinstance(value, ClusterRequest):
        return value.path.startswith("/0/")  # who the members are; nothing else is public there
    return value is None or isinstance(value, (str, *SHOWN))


def plainly(value: object) -> object:
    """A field of an event as JSON has it."""
    match value:
        case None | bool() | int():
            return value
        case str():
            return clipped(value)
        case tuple():
            return [plainly(one) for one in value]
        case Verdict():
            return {"allowed": value.allowed, "because": value.because()}
        case Event():
            return clipped(f"{value.action} {value.node.key}")
        case _:
            return clipped(str(value)) if may_be_shown(value) else NOT_SHOWN


def clipped(text: str) -> str:
    """As much of a text as anybody reads, with nothing in it that a terminal would obey."""
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)
