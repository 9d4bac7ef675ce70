"""A watch: every change of a key, in order, and none missed.

    read the directory          answered at index 41
    wait for index 42 or later  ... /jobs/7 set, at 45
    wait for index 46 or later  ... no answer for a minute, and the member had seen 90 when we asked
    wait for index 91 or later  ...

The naive loop waits for "the next change" again and again, and misses what happens between two of
its questions. A watch says from which index on it wants to know, so it can be asked again at any
time, and at any member, also after a connection broke.

A member remembers the last thousand changes, of all keys. Who falls behind by more is told so
(`TooLate`), and must read again. A quiet key must not fall behind because others are busy: so now
and then a watch asks anew, from where the member was when it was asked last.

Source: etcd's Documentation/v2/api.md, "Watch from cleared event index". Next page: `mirror`.
"""

from __future__ import annotations

from typing import Self

import trio

from learnetcd.client.answer import Change, Unknown
from learnetcd.client.asking import PAUSE_S, Members, etcd_index, understood
from learnetcd.runtime.http_client import NoAnswer

ASK_ANEW_S = 60.0
"""How long to wait at one member before asking anew."""


class Watch:
    """Changes, one after the other; `TooLate` if some of them are forgotten."""

    def __init__(self, members: Members, address: str, after: int, recursive: bool) -> None:
        """Watch for what happens after that etcd index."""
        self.after = after
        self._members = members
        self._address = address
        self._recursive = "true" if recursive else "false"

    def __aiter__(self) -> Self:
        """Tell the changes one after the other, without an end."""
        return self

    async def __anext__(self) -> Change:
        """Wait for the next change. Who is cancelled here may ask again, and has missed nothing."""
        while True:
            url = self._members.first
            try:
                change = await self._next_at(url)
            except (NoAnswer, Unknown):
                self._members.turn_away(url)
                await trio.sleep(PAUSE_S)
            else:
                if change is not None:
                    self.after = change.node.modified_index
                    return change

    async def _next_at(self, url: str) -> Change | None:
        """Wait at one member; None if nothing happened there for long."""
        wanted = f"wait=true&waitIndex={self.after + 1}&recursive={self._recursive}"
        async with self._members.transport.opened(url, f"{self._address}?{wanted}", {}) as (
            head,
            body,
        ):
            pieces = []
            with trio.move_on_after(ASK_ANEW_S) as waiting:
                while piece := await body.piece():
                    pieces.append(piece)
        if waiting.cancelled_caught:
            # What had happened before we asked was looked through then.
            self.after = max(self.after, etcd_index(head))
            return None
        if not b"".join(pieces).strip():
            raise NoAnswer("the member stops, and ends its watches without an event")
        return understood(type(head)(head.status, head.headers, b"".join(pieces)))
