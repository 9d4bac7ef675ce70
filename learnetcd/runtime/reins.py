"""The reins: a held cluster in a thread of its own, and a way to tell it things from any other.

    reins = Reins(cluster)
    reins.do(cluster.start, 1)            waits until it is done, and gives back what it gave
    reins.close()

All members live in that one thread, in one `trio.run`. Whoever holds the reins knows nothing of
that: calls come from a screen, a notebook, a test, from whichever thread, and wait.

A member that fails ends alone, and says why (`Place.failure`). If the thread itself ends by a
mistake of ours, every call from then on says so; nobody waits for ever.

Next page: `learnetcd.session.live_views`.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

import trio

from learnetcd.errors import UserError
from learnetcd.runtime.server import allow_many_files

Result = TypeVar("Result")


class Life(Protocol):
    """What goes on in the thread."""

    async def run(self, task_status: trio.TaskStatus[None]) -> None:
        """Go on until cancelled, and say when it has begun."""


ENDING_S = 10


class Reins:
    """A thread in which a cluster lives."""

    def __init__(self, life: Life) -> None:
        """Begin; it goes on when this returns. In a held cluster no member runs yet."""
        self._life = life
        self._began = threading.Event()
        self._failure: BaseException | None = None
        self._token: trio.lowlevel.TrioToken
        self._wants_to_end: trio.Event
        # A thread that can't end must not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name="members", daemon=True)
        allow_many_files()
        self._thread.start()
        self._began.wait()

    def _run(self) -> None:
        try:
            trio.run(self._live)
        except BaseException as error:  # told at the next call
            self._failure = error
        finally:
            self._began.set()

    async def _live(self) -> None:
        self._wants_to_end = trio.Event()
        async with trio.open_nursery() as nursery:
            await nursery.start(self._life.run)
            self._token = trio.lowlevel.current_trio_token()
            self._began.set()
            await self._wants_to_end.wait()
            nursery.cancel_scope.cancel()

    def do(self, work: Callable[..., Awaitable[Result]], *arguments: object) -> Result:
        """Have the thread do this, and wait for it."""
        if not self._thread.is_alive():
            raise UserError(f"The members have ended: {self._failure or 'they were closed'}.")
        try:
            return trio.from_thread.run(work, *arguments, trio_token=self._token)
        except (trio.RunFinishedError, trio.Cancelled):
            raise UserError(f"The members have ended: {self._failure or 'just now'}.") from None

    def close(self) -> None:
        """End all members, as a power cut would; their files stay."""
        if self._thread.is_alive():
            try:
                self._token.run_sync_soon(self._wants_to_end.set)
            except trio.RunFinishedError:
                return
            self._thread.join(ENDING_S)
