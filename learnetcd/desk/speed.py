"""How fast a cluster runs by itself: so many of its milliseconds for one second of ours.

    1 s = 50 ms        twenty times slower than life: a message takes half a second
    1 s = 1 000 ms     as in life
    as fast as possible

Next page: `lists`.
"""

from __future__ import annotations

from learnetcd.session.signs import milliseconds

SPEEDS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 0)
"""From a thousandth of life on; 0 stands for as fast as possible."""

AT_FIRST = SPEEDS.index(50)


def words(place: int) -> str:
    """The speed as a person reads it."""
    return f"1 s = {milliseconds(SPEEDS[place])}" if SPEEDS[place] else "as fast as possible"


class Pace:
    """Turns seconds of ours into whole milliseconds of the cluster, and forgets no fraction."""

    def __init__(self) -> None:
        """Begin at the speed at which a message can be watched."""
        self.place = AT_FIRST
        self.rest = 0.0

    @property
    def is_unbound(self) -> bool:
        """As fast as possible."""
        return SPEEDS[self.place] == 0

    def change(self, by: int) -> None:
        """Go faster or slower by one, as far as there is one."""
        self.place = max(0, min(len(SPEEDS) - 1, self.place + by))
        self.rest = 0.0

    def due(self, seconds: float) -> int:
        """How many milliseconds of the cluster have become due."""
        self.rest += seconds * SPEEDS[self.place]
        due = int(self.rest)
        self.rest -= due
        return due
