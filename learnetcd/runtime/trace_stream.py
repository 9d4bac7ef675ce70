"""The trace stream: a running member tells what it does, to whoever the owner lets watch.

    learnetcd serve --trace-stream                 these pages are there; without, they are not
    GET /debug/trace                               {"watcher": 1}, then a line of JSON an event
    GET /debug/member                              where it stands now: its Raft, log, keys, gates

    learnetcd serve --trace-stream --allow-hold    a watcher may even stop it
    PUT /debug/gates/synced  watcher=1&do=hold     what comes through that gate waits
    PUT /debug/gates/synced  watcher=1&do=step     one of those that wait goes on
    PUT /debug/gates/synced  watcher=1&do=open     all of them

`learnetcd tui --attach URL...` is the watcher for whom this is made; curl is another.

**Who may watch.** Whoever can connect to the client port of a server that was started so: he sees
every key and value. So the flag wants ports that only this machine can reach, or TLS with clients
who show a certificate. Once accounts are on, it is for who has the role root. A page of the web in
somebody's browser is told nothing, whatever name it calls us by.

**Who is slow.** The member never waits for a watcher: what a watcher has not taken piles up to a
limit, and beyond it is left out. `{"missed": 12}` says how much, at the place where it is missing.

**Who is gone.** A hold lasts as long as the stream of the watcher who holds: when a watcher is
killed, its gates open.

Next page: `server`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from typing import Any, cast

from learnetcd.api import pages
from learnetcd.api.access import host_in
from learnetcd.api.credentials import NOT_ALLOWED, if_root
from learnetcd.api.facts import Facts
from learnetcd.api.form import form_of
from learnetcd.api.http import HttpRequest, HttpResponse, Result
from learnetcd.api.telling import Heard, Sentence, as_json, line
from learnetcd.member.member import Member
from learnetcd.runtime.connection import Stream
from learnetcd.runtime.gates import Gate, Gates
from learnetcd.runtime.link import Sink
from learnetcd.runtime.listening import Listening
from learnetcd.runtime.member_driver import MemberDriver
from learnetcd.runtime.settings import Settings
from learnetcd.store.errors import EtcdError

MOST_WATCHERS = 16
MOST_UNSENT_PIECES = 1000
"""So much may wait for a watcher to be taken."""

LINES = ("Content-Type", "application/x-ndjson")


@dataclass(frozen=True, slots=True)
class Words:
    """How a member is put into words: whoever starts the server hands them in."""

    sentence: Sentence
    """Says what happened."""
    portrait: Callable[[Member, int], dict[str, Any]]
    """Says where the member stands at this time of its clock."""


class Watcher:
    """Somebody who reads the stream."""

    def __init__(self, number: int, sink: Sink, sentence: Sentence) -> None:
        """Write to this stream."""
        self.number = number
        self.sink = sink
        self._sentence = sentence
        self._missed = 0

    def hear(self, heard: Heard) -> None:
        """Tell an event, if there is room for it."""
        if self.sink.unsent >= MOST_UNSENT_PIECES:
            self._missed += 1
            return
        if self._missed:
            self.sink.write(line({"missed": self._missed}))
            self._missed = 0
        self.sink.write(line(as_json(heard, self._sentence)))


class TraceStream:
    """The pages for watchers, before all other pages."""

    def __init__(
        self,
        handle: Callable[[HttpRequest], Result],
        driver: MemberDriver,
        listening: Listening,
        words: Words,
        settings: Settings,
        facts: Facts,
    ) -> None:
        """Answer what watchers ask, and by `handle` all else."""
        self._facts = facts
        self._handle = handle
        self._driver = driver
        self._listening = listening
        self._words = words
        self._settings = settings
        self._watchers: dict[Sink, Watcher] = {}
        self._numbers = 0
        self._holders: dict[str, Watcher] = {}
        """Who holds which gate."""

    def handle(self, request: HttpRequest) -> Result | Stream:
        """Answer a request."""
        match request.method, request.path.split("/")[1:]:
            case "GET", ["debug", "trace"]:
                answer: Callable[[], HttpResponse | Stream] = self._stream
            case "GET", ["debug", "member"]:
                answer = self._member
            case "PUT", ["debug", "gates", name] if name in Gates.__slots__:
                answer = partial(self._gate, name, request)
            case _:
                return self._handle(request)
        refusal = refusal_of_pages(request, self._settings)
        if refusal is not None:
            return refusal
        # The answer may be a stream, which connections know and the interface does not.
        then = cast("Callable[[], Result]", answer)
        return if_root(self._driver.member, self._facts, request, then, NOT_ALLOWED)

    # -- watching -----------------------------------------------------------------------------

    def _stream(self) -> HttpResponse | Stream:
        if len(self._watchers) >= MOST_WATCHERS:
            return pages.refusal(503, f"There are {MOST_WATCHERS} watchers already.")
        return Stream(HttpResponse(200, (LINES,)), self._begin, self._end)

    def _begin(self, sink: Sink) -> None:
        self._numbers += 1
        watcher = self._watchers[sink] = Watcher(self._numbers, sink, self._words.sentence)
        sink.write(line({"watcher": watcher.number}))
        self._listening.add(watcher.hear)

    def _end(self, sink: Sink) -> None:
        watcher = self._watchers.pop(sink)
        self._listening.remove(watcher.hear)
        for name in [name for name, holder in self._holders.items() if holder is watcher]:
            self._open(name)

    def _member(self) -> HttpResponse:
        driver, gates = self._driver, self._driver.gates
        seen = self._words.portrait(driver.member, driver.at)
        seen["name"] = self._settings.name
        seen["may_hold"] = self._settings.allow_hold
        seen["gates"] = {name: state_of(getattr(gates, name)) for name in Gates.__slots__}
        return pages.json_page(json.dumps(seen))

    # -- holding ------------------------------------------------------------------------------

    def _gate(self, name: str, request: HttpRequest) -> HttpResponse:
        if not self._settings.allow_hold:
            return pages.refusal(403, "This server was started without --allow-hold.")
        try:
            form = form_of(request)
        except EtcdError as error:
            return pages.refusal(400, error.cause)
        number = form.get("watcher", "")
        watcher = next((one for one in self._watchers.values() if str(one.number) == number), None)
        if watcher is None:
            return pages.refusal(400, f"There is no watcher {number!a}: read /debug/trace first.")
        if self._holders.get(name, watcher) is not watcher:
            return pages.refusal(409, f"Watcher {self._holders[name].number} holds that gate.")
        gate: Gate = getattr(self._driver.gates, name)
        match form.get("do"):
            case "hold":
                self._holders[name] = watcher
                gate.hold()
            case "step":
                gate.let_one_through()
            case "open":
                self._open(name)
            case _:
                return pages.refusal(400, "do=hold, do=step or do=open is expected.")
        return pages.json_page(json.dumps(state_of(gate)))

    def _open(self, name: str) -> None:
        self._holders.pop(name, None)
        gate: Gate = getattr(self._driver.gates, name)
        gate.release()


def state_of(gate: Gate) -> dict[str, Any]:
    """A gate, and how much waits there."""
    about = gate.waiting[0].about if gate.waiting else None
    first = "" if about is None else type(about).__name__
    return {"held": gate.held, "waiting": len(gate.waiting), "first": first}


def refusal_of_pages(request: HttpRequest, settings: Settings) -> HttpResponse | None:
    """What a page of the web is told, whose script asks in the browser of somebody here."""
    host = host_in(request)
    if "origin" in request.headers or not (
        host == "localhost" or host in settings.host_whitelist or is_address(host)
    ):
        return pages.refusal(403, "This is not for pages of the web.")
    return None


def is_address(host: str) -> bool:
    """Whether it is an address: only names can be pointed at us by others."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
