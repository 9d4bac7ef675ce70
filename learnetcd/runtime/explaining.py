"""Explaining: who asks for it is told, with the answer, what the request made this member do.

    PUT /v2/keys/msg HTTP/1.1              HTTP/1.1 201 Created
    X-Learnetcd-Explain: yes               X-Learnetcd-Trace: [{"kind":"RequestReceived",...}, ...]
    ...                                    X-Etcd-Index: 9 ...

`learnetcd ctl --explain` asks so. The story is in a header of that very answer, so nothing is kept
for anybody who might ask later, two clients can't get each other's story, and a client is told no
more than what became of its own request: it needs neither a flag of the server nor a right, and
works from anywhere. Others ignore the header, a real etcd among them.

While such a request is under way, the member is listened to; that costs as much as two requests
without. Of more than a few at a time, the oldest are told no further.

Left out: what others did because of the request. Each member knows its own part. And watches: they
may wait for days.

Next page: `trace_stream`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from learnetcd.api.http import Headers, HttpRequest, Result, SlowWork, Submission
from learnetcd.api.story import Story
from learnetcd.api.telling import as_json
from learnetcd.member.request import Answer
from learnetcd.runtime import journal
from learnetcd.runtime.listening import Listening

ASKED, TOLD = "x-learnetcd-explain", "X-Learnetcd-Trace"

MOST_STORIES = 16
"""So many at a time."""
MOST_CHARACTERS = 32_000
"""So long is a story at most: clients read no headers that are longer than twice that."""
PARTS = ("kind", "sentence", "citation", "source")
"""What is told of an event here."""


class Explaining:
    """The interface, with stories for those who ask for one."""

    def __init__(self, handle: Callable[[HttpRequest], Result], listening: Listening) -> None:
        """Answer by `handle`, and listen when it is to be explained."""
        self._handle = handle
        self._listening = listening
        self._stories: list[Story] = []
        """Those that are not told yet, the oldest first."""

    def handle(self, request: HttpRequest) -> Result:
        """Answer a request."""
        result = self._handle(request)
        return self._with_story(result) if ASKED in request.headers else result

    def _with_story(self, result: Result) -> Result:
        if isinstance(result, SlowWork):  # a password comes first
            work = result.work
            return SlowWork(lambda: partial(self._with_story_of, work()))
        if not isinstance(result, Submission) or result.notice:
            return result
        while len(self._stories) >= MOST_STORIES:
            self._end(self._stories[0])  # its client may have gone without a word
        return self._explained(result)

    def _with_story_of(self, then: Callable[[], Result]) -> Result:
        return self._with_story(then())

    def _explained(self, asked: Submission) -> Submission:
        story = Story(asked.request)
        self._stories.append(story)
        self._listening.add(story.hear)

        def respond(answer: Answer) -> Result:
            self._end(story)
            return asked.respond(answer).plus(header_of(story))

        return replace(asked, respond=respond)

    def _end(self, story: Story) -> None:
        self._listening.remove(story.hear)
        if story in self._stories:
            self._stories.remove(story)


def header_of(story: Story) -> Headers:
    """The header that tells a story, in one line of ASCII."""
    try:
        return ((TOLD, f"[{','.join(events_of(story))}]"),)
    except Exception as mistake:  # of ours: the request was done, whatever can be said of it
        journal.complain("a request can't be explained", reason=repr(mistake))
        return ()


def events_of(story: Story) -> Iterator[str]:
    """Its events as JSON, as many as there is room for."""
    room = MOST_CHARACTERS
    for heard in story.told():
        told = as_json(heard)
        text = json.dumps({part: told[part] for part in PARTS})
        room -= len(text)
        if room < 0:
            return
        yield text
