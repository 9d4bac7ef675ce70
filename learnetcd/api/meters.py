"""Meters: what is counted while a server runs, for those who watch over it.

    a counter     how often something happened       requests received: 17
    a histogram   how long something took            fsync: 3 within 1 ms, 2 more within 2 ms ...

A histogram keeps no times, only how many fell below each bound: so it stays small, two of them can
be added up, and "how long did the slowest hundredth take" can still be answered, roughly.

The member does not count for them. What it knows anyway (how far the log is committed, how many
clients wait) is asked of it when somebody wants to see it.

Source: etcd 3.4 etcdserver/metrics.go, wal/metrics.go, etcdserver/api/v2http/metrics.go;
etcdserver/api/v2stats/leader.go.

Next page: `facts`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import sqrt

from learnetcd.member.member import Member
from learnetcd.raft.entry import NO_MEMBER


class Histogram:
    """How long something took, by bounds that double."""

    __slots__ = ("_counts", "bounds", "total")

    def __init__(self, first: float, bounds: int) -> None:
        """Begin with nothing; `first` is the lowest bound, in seconds."""
        self.bounds = tuple(first * 2**power for power in range(bounds))
        self.total = 0.0
        self._counts = [0] * (bounds + 1)

    def observe(self, seconds: float) -> None:
        """It took so long this time."""
        self._counts[bisect_left(self.bounds, seconds)] += 1
        self.total += seconds

    @property
    def count(self) -> int:
        """How often it happened."""
        return sum(self._counts)

    def within(self) -> Iterator[tuple[float, int]]:
        """How often it took no longer than each bound."""
        so_far = 0
        for bound, count in zip(self.bounds, self._counts, strict=False):
            so_far += count
            yield bound, so_far


def fsync_histogram() -> Histogram:
    """From 1 ms to 8 s, as etcd has it."""
    return Histogram(0.001, 14)


def request_histogram() -> Histogram:
    """From half a millisecond to 2 s, as etcd has it."""
    return Histogram(0.0005, 13)


class Deliveries:
    """How appends leave for one follower: how often, and how long it takes to hand one over."""

    __slots__ = ("_squares", "_total", "current", "failed", "maximum", "minimum", "succeeded")

    def __init__(self) -> None:
        """None has left. The times are in milliseconds."""
        self.failed = 0
        self.succeeded = 0
        self.current = 0.0
        self.minimum = float(1 << 63)
        self.maximum = 0.0
        self._total = 0.0
        self._squares = 0.0

    def observe(self, took_ns: int) -> None:
        """One more has left."""
        self.current = took_ns / 1_000_000
        self.succeeded += 1
        self.minimum = min(self.minimum, self.current)
        self.maximum = max(self.maximum, self.current)
        self._total += self.current
        self._squares += self.current**2

    @property
    def average(self) -> float:
        """The mean time."""
        return self._total / max(self.succeeded, 1)

    @property
    def standard_deviation(self) -> float:
        """How far a usual time is from the mean."""
        variance = self._squares / max(self.succeeded, 1) - self.average**2
        return sqrt(max(variance, 0.0))  # what is rounded may be a little less than 0


@dataclass(slots=True)
class Meters:
    """All that is counted."""

    fsync: Histogram = field(default_factory=fsync_histogram)
    """How long the disk took to make sure."""
    received: Counter[str] = field(default_factory=Counter)
    """Requests about keys, by method; watches are counted apart."""
    succeeded: dict[str, Histogram] = field(default_factory=dict)
    """How long those took that were done, by method."""
    failed: Counter[tuple[str, int]] = field(default_factory=Counter)
    """Those that were not, by method and status."""
    watches: int = 0
    """Watches that were asked for."""
    appends_received: int = 0
    """Appends that came from a leader, with entries or only with news."""
    appends_sent: int = 0
    """Appends that were sent to followers."""
    followers: dict[int, Deliveries] = field(default_factory=dict)
    """The same for each of the others, as long as it is a member."""
    leader: int = NO_MEMBER
    """Who led last."""
    leader_since_ns: int = 0
    """Since when, by the wall clock."""
    leader_changes: int = 0

    def answered(self, method: str, status: int, seconds: float) -> None:
        """A request about a key was answered, after so long."""
        if status >= 400:
            self.failed[method, status] += 1
            return
        histogram = self.succeeded.get(method)
        if histogram is None:
            histogram = self.succeeded[method] = request_histogram()
        histogram.observe(seconds)

    def look_who_leads(self, member: Member) -> None:
        """Note a new leader. A tick between two looks is short enough: nobody is elected in one."""
        leader = member.raft.leader
        if leader not in (NO_MEMBER, self.leader):
            self.leader = leader
            self.leader_since_ns = member.wall_ns
            self.leader_changes += 1
