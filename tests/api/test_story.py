"""What is told of a trace event, and which of them are the story of one request."""

import json
from dataclasses import replace
from typing import Any

import pytest

from learnetcd.api import telling
from learnetcd.api.story import MOST_EVENTS, Story
from learnetcd.api.telling import Heard, as_json, line, plain_sentence
from learnetcd.member.inputs import WalSynced
from learnetcd.member.request import Answer, ClusterRequest, KeyRequest, Method, Outcome
from learnetcd.simulator.sentences import event_sentence
from learnetcd.tracing import TraceEvent
from learnetcd.tracing.clients import RequestAnswered, RequestReceived
from learnetcd.tracing.replication import AppendSent, EntriesDurable, LeaderAppended, MatchAdvanced
from learnetcd.tracing.storage import EntryApplied

PUT = KeyRequest(Method.PUT, "/x", "1")
OTHER = replace(PUT)
DONE = Answer(Outcome.DONE)


def heard(event: TraceEvent, number: int = 1) -> Heard:
    return Heard(7, number, 1, WalSynced(5, 1), event)


def story_of(*events: tuple[int, TraceEvent]) -> list[TraceEvent]:
    story = Story(PUT)
    for number, event in events:
        story.hear(heard(event, number))
    return [one.event for one in story.told()]


# --- the story of a request ---------------------------------------------------------------------


def test_the_story_is_what_was_done_to_the_entry_of_the_request_and_nothing_else():
    ours = [
        (2, RequestReceived(71, PUT)),
        (2, LeaderAppended(9, 10, 3, empty=False)),
        (3, AppendSent(2, 9, 10, 8, 3, 8)),
        (5, EntriesDurable(8, 12)),
        (6, MatchAdvanced(2, 12)),
        (8, EntryApplied(10, 3, PUT, None)),
        (8, RequestAnswered(71, PUT, DONE)),
    ]
    others = [
        (1, RequestReceived(70, OTHER)),
        (2, RequestAnswered(69, OTHER, DONE)),
        (4, AppendSent(2, 11, 12, 10, 3, 8)),
        (4, MatchAdvanced(2, 9)),
        (6, EntryApplied(9, 3, OTHER, None)),
        (7, MatchAdvanced(2, 13)),
        (9, RequestAnswered(72, OTHER, DONE)),
    ]
    mixed = sorted([*ours, *others], key=lambda one: one[0])
    assert story_of(*mixed) == [event for _, event in ours]


def test_a_read_that_needs_no_entry_has_none_in_its_story():
    question, answer = RequestReceived(71, PUT), RequestAnswered(71, PUT, DONE)
    before = (1, EntryApplied(4, 1, OTHER, None))
    between = (2, EntryApplied(5, 1, OTHER, None))
    assert story_of(before, (2, question), between, (3, answer)) == [question, answer]


def test_a_story_without_an_end_is_not_kept_for_ever():
    story = Story(PUT)
    story.hear(heard(RequestReceived(71, PUT)))
    for _ in range(MOST_EVENTS * 2):
        story.hear(heard(EntriesDurable(1, 2)))
    assert [one.event for one in story.told()] == [RequestReceived(71, PUT)]
    assert len(story._heard) == MOST_EVENTS


# --- what is told of an event -------------------------------------------------------------------


def test_an_event_is_told_with_its_id_cause_sentence_and_source():
    told = as_json(heard(EntriesDurable(3, 4), 12))
    assert told == {
        "id": "7.12.1",
        "at_ms": 5,
        "cause": "WalSynced",
        "kind": "EntriesDurable",
        "fields": {"first": 3, "last": 4},
        "sentence": "S7 has entries 3 to 4 on disk for sure.",
        "citation": EntriesDurable.citation,
        "source": EntriesDurable.source,
        "landmark": False,
        "aside": False,
    }
    assert json.loads(line(told)) == told


class Password:
    """Some kind of value that nobody has thought of."""

    path = "/2/users/root"

    def __str__(self) -> str:
        return "hunter2"


def secret_write() -> Any:
    request = ClusterRequest("/0/x", "hunter2")
    object.__setattr__(request, "path", "/2/users/root")
    return request


@pytest.mark.parametrize("request_", [Password(), secret_write()])
def test_what_is_not_listed_is_not_told_and_neither_is_its_answer(request_: Any):
    answer = Answer(Outcome.REFUSED)
    events = (
        RequestReceived(1, request_),
        RequestAnswered(1, request_, "hunter2"),
        EntryApplied(1, 1, request_, "hunter2"),
    )
    for event in events:
        for sentence in (plain_sentence, event_sentence):
            told = line(as_json(heard(event), sentence))
            assert b"hunter2" not in told
            assert b"/2/users" not in told
    assert b"refused" in line(as_json(heard(RequestAnswered(1, PUT, answer))))


def test_a_value_of_a_million_bytes_makes_no_line_of_a_million():
    event = RequestReceived(1, replace(PUT, value="x" * 1_000_000))
    assert len(line(as_json(heard(event)))) < 4 * telling.LONGEST


def test_bytes_that_are_no_text_are_told_in_ascii():
    event = RequestReceived(1, replace(PUT, value="\udcff€"))
    assert line(as_json(heard(event))).isascii()
