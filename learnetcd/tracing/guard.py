"""The guard between a member and its tracer: tracers only watch.

A tracer is somebody else's code: a screen, a lesson, a test. When it raises, the member must go on
as if nothing had happened, or watching would change what is watched. So the guard drops it and
keeps the exception, for whoever wants to report it. (trio does the same with its instruments.)

Next page: `learnetcd/store/`, what a cluster agrees on.
"""

from __future__ import annotations

from learnetcd.tracing.event import TraceEvent, Tracer, discard


class GuardedTracer:
    """A tracer that never raises."""

    __slots__ = ("failure", "tracer")

    def __init__(self, tracer: Tracer) -> None:
        """Pass all trace events on to `tracer`, until it raises."""
        self.tracer = tracer
        self.failure: Exception | None = None
        """What it raised."""

    def __call__(self, member: int, event: TraceEvent) -> None:
        try:
            self.tracer(member, event)
        except Exception as failure:
            self.failure = failure
            self.tracer = discard
