"""Listening: whoever wants to know what a running member does is told, while they want it.

    nobody listens      member.tracer is `discard`, as at its birth         costs nothing
    somebody listens    each input is counted, each of its events told
    nobody any more     `discard` again

So a server can be asked about itself at any time, and pays for it only while it is asked.

Next page: `explaining`.
"""

from __future__ import annotations

from collections.abc import Callable

from learnetcd.api.telling import Heard
from learnetcd.member.inputs import Input
from learnetcd.runtime import journal
from learnetcd.runtime.member_driver import MemberDriver
from learnetcd.tracing import TraceEvent, discard

Listener = Callable[[Heard], None]
"""Told of each event; it must not wait."""


class Listening:
    """All who listen to one member."""

    def __init__(self, driver: MemberDriver) -> None:
        """Nobody does yet."""
        self._driver = driver
        self._observer = driver.observer
        self._listeners: list[Listener] = []
        self._cause: Input
        self._inputs = 0
        self._events = 0
        """Of the last input, so far."""

    def add(self, listener: Listener) -> None:
        """Tell somebody more, from the next input on."""
        self._listeners.append(listener)
        if len(self._listeners) == 1:
            self._driver.observer = self._begin_input
            self._driver.member.tell(self._hear)

    def remove(self, listener: Listener) -> None:
        """Tell somebody no more; it may have gone already."""
        if listener not in self._listeners:
            return
        self._listeners.remove(listener)
        if not self._listeners:
            self._driver.observer = self._observer
            self._driver.member.tell(discard)

    def _begin_input(self, input: Input) -> None:
        self._observer(input)
        self._cause, self._events = input, 0
        self._inputs += 1

    def _hear(self, member: int, event: TraceEvent) -> None:
        self._events += 1
        heard = Heard(member, self._inputs, self._events, self._cause, event)
        for listener in tuple(self._listeners):
            try:
                listener(heard)
            except Exception as mistake:  # of ours: a member must not be hurt by being watched
                self.remove(listener)
                journal.complain("somebody listens no more", reason=repr(mistake))
