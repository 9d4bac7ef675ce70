"""Hearsay: what servers tell of themselves while they run, as the story that a session shows.

    {"kind": "EntryApplied", "sentence": "S8e9e applies entry 9: put x=1.", ...}      a step
    {"kind": "HeartbeatHeard", ...}               left out: nothing else would be seen
    {"missed": 12}                                a step: something is missing here

Each sentence that came is one step, in the order in which they came here: what two servers did
within a few milliseconds may be told the other way round. The real numbers of requests have
nineteen digits; here the first client is c1.

Next page: `onlooking`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from learnetcd.errors import UserError
from learnetcd.session.sources import source_of
from learnetcd.session.views import ClientView, LandmarkView, Narration

QUIET = ("HeartbeatsSent", "HeartbeatHeard", "QuorumChecked")
MOST_STEPS = 5_000
"""So many sentences are kept."""
MOST_CLIENTS = 40

Line = Mapping[str, Any]


class Hearsay:
    """All that was told, the newest last."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._steps: list[Narration] = []
        self._clients: dict[int, ClientView] = {}
        self._numbers: dict[int, int] = {}
        """Requests, as clients are called here."""

    def fork(self) -> Hearsay:
        """What is known now, for who wants to look at it again."""
        twin = Hearsay()
        twin._steps, twin._clients = list(self._steps), dict(self._clients)
        return twin

    @property
    def first(self) -> int:
        """The first step that is still known."""
        return self._steps[0].step if self._steps else 0

    @property
    def length(self) -> int:
        """How many steps there were."""
        return self._steps[-1].step if self._steps else 0

    @property
    def now_ms(self) -> int:
        """When the last thing happened, by the clock of whoever told it."""
        return self._steps[-1].at_ms if self._steps else 0

    @property
    def clients(self) -> tuple[ClientView, ...]:
        """Who asked lately, and what came of it."""
        return tuple(self._clients.values())

    def between(self, first: int, last: int) -> tuple[Narration, ...]:
        """The steps of this range that are still known."""
        known = self.length - len(self._steps)
        return tuple(self._steps[max(0, first - known - 1) : max(0, last - known)])

    def landmarks(self) -> tuple[LandmarkView, ...]:
        """The steps at which one would stop."""
        return tuple(
            LandmarkView(one.step, one.at_ms, "commit", one.text)
            for one in self._steps
            if one.landmark
        )

    def take(self, line: Line, name: str, member: int) -> None:
        """Make a step of what a member said; a `LookupError` or the like if it makes no sense."""
        if "missed" in line:
            said = f"{name} did more than could be told: {line['missed']} events are missing here."
            self.say(said, member)
        elif line["kind"] not in QUIET:
            self._note_client(line, name)
            self._add(self._told(line, member))

    def say(self, sentence: str, member: int) -> None:
        """Make a step of what no member says."""
        self._add(self._told({"sentence": sentence, "landmark": True}, member))

    def _add(self, step: Narration) -> None:
        self._steps.append(step)
        del self._steps[:-MOST_STEPS]

    def _told(self, line: Line, member: int) -> Narration:
        text, step = str(line["sentence"]), self.length + 1
        request = line.get("fields", {}).get("request_id")
        if request in self._numbers:
            text = text.replace(f"c{request}", f"c{self._numbers[request]}")
        return Narration(
            step=step,
            at_ms=int(line.get("at_ms", 0)),
            member=member,
            text=text,
            citation=str(line.get("citation", "")),
            source=known_here(str(line.get("source", ""))),
            landmark=bool(line["landmark"]),
            event_id=(member, step, 1),
            aside=bool(line.get("aside", False)),
        )

    def _note_client(self, line: Line, name: str) -> None:
        """Keep account of who asked what, and what came of it."""
        fields = line.get("fields", {})
        request = fields.get("request_id")
        if request is None:
            return
        number = self._numbers.setdefault(request, len(self._numbers) + 1)
        match line["kind"]:
            case "RequestReceived":
                text = f"{fields['request']} → {name}"
                self._clients[number] = ClientView(number, text, "pending", "", "")
                self._clients.pop(number - MOST_CLIENTS, None)
            case "RequestAnswered" | "LocalReadAnswered":
                self._tell_client(number, "done", str(fields["answer"]))
            case "RequestTimedOut":
                self._tell_client(number, "unknown", "timed out: nobody can say")
            case "WatchBegan":
                self._tell_client(number, "watching", "")
            case "WatcherTold":
                self._tell_client(number, "told", f"{fields['action']} {fields['key']}")
            case "WatchLost" | "RequestForgotten":
                self._tell_client(number, "ended", "")

    def _tell_client(self, number: int, outcome: str, result: str) -> None:
        known = self._clients.get(number)
        if known is not None:
            self._clients[number] = replace(known, outcome=outcome, result=result or known.result)


def known_here(symbol: str) -> str:
    """A symbol of our code; nothing, if a server of another version means one that we have not."""
    try:
        source_of(symbol)
    except UserError:
        return ""
    return symbol
