"""The clock of a member: how long it has been running, and what time it is.

    clock.now_ms           1240            since the member was started; never goes back
    clock.wall_ms          1784793600000   since 1970; somebody may set it
    await clock.sleep(60)                  let so much of it pass

All that a member and its driver know of time, they know from here: when a timer has run out, how
long a client may wait, when a key expires. So whoever holds this clock holds the member's time, and
can let it stand still (`held_cluster`). What belongs to the connections, such as how long a silent
one is believed, goes by the time of the machine.

Next page: `gates`.
"""

from __future__ import annotations

import time

import trio


class Clock:
    """The one of this machine."""

    def __init__(self) -> None:
        """Begin at 0."""
        self._began = time.monotonic()

    @property
    def now_ms(self) -> int:
        """Since it began."""
        return int((time.monotonic() - self._began) * 1000)

    @property
    def wall_ms(self) -> int:
        """What a wall clock shows, in milliseconds since 1970."""
        return time.time_ns() // 1_000_000

    async def sleep(self, ms: int) -> None:
        """Let so much time pass."""
        await trio.sleep(ms / 1000)
