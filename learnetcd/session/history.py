"""A history: one start, all branches that grew from it, and where a reader stopped on them.

    main       0---1---2-------5---6-----------9        stops at 2 (message), 6 (change), 9
    cut at 5                   +---6'---8'               its own stops; before 5 those of main

*Back* leads to the previous stop of the same grain, so stops are written down: a press of a key
that took three effects is taken back as three. Where nobody stopped (a recording that was loaded, a
run that went on by itself), the decisions say where a reader would have: before each message.

The branches themselves are kept by the `Timeline`; a session may have several histories, because
another profile is another start.

Left out: the order in which the reader looked at things. That is what *undo* is for, in `session`.

Next page: `comparing`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from learnetcd.invariants import Judge
from learnetcd.session.narration import Story
from learnetcd.simulator.acts import Act
from learnetcd.simulator.decisions import Deliver, Drop, FireTimer
from learnetcd.simulator.grains import Grain
from learnetcd.simulator.moment import LOCAL_WORK
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Position:
    """Where a reader stands: what *undo* goes back to."""

    history: int
    branch: str
    step: int
    later_ms: int = 0
    """So much of the time after the last decision has passed on the screen."""
    follows: bool = True
    """Whether *forward* takes the path that was taken before."""


@dataclass(slots=True)
class Stops:
    """Where a reader stopped on one branch."""

    by_step: dict[int, Grain] = field(default_factory=lambda: {0: Grain.CHANGE})
    loose: list[tuple[int, int]] = field(default_factory=list)
    """(first, last): steps at which nobody stopped, though somebody might have."""

    def up_to(self, step: int) -> Stops:
        """The stops that a branch shares that parts here."""
        shared = {at: grain for at, grain in self.by_step.items() if at <= step}
        loose = [(first, min(last, step)) for first, last in self.loose if first <= step]
        return Stops(shared, loose)


@dataclass(frozen=True, slots=True)
class Beginning:
    """From what a history grew, apart from its setup."""

    title: str = ""
    """The scene's name, or the recording's title."""
    acts: tuple[Act, ...] = ()
    """What was played before the first look."""
    grain: Grain = Grain.MESSAGE
    """At EFFECT, no work of a member's own follows these acts."""


def begin(setup: Setup, beginning: Beginning) -> History:
    """Begin with a setup, and with what shall have happened before anybody looks."""
    timeline = Timeline(setup, Judge())
    for act in beginning.acts:
        for decision in act.plan(timeline.world, beginning.grain):
            timeline.decide(decision)
    return History(timeline, beginning)


class History:
    """One start, its branches, its story, and the stops on it."""

    def __init__(self, timeline: Timeline, beginning: Beginning) -> None:
        """Take a timeline; what is on it already, nobody stopped at."""
        self.timeline = timeline
        self.beginning = beginning
        self.story = Story(timeline)
        self._stops: dict[str, Stops] = {}
        self.loosen(1, timeline.length)

    def stops(self, branch: str) -> Stops:
        """The stops on a branch; a new branch begins with those that it shares with its parent."""
        if branch not in self._stops:
            record = next(one for one in self.timeline.branches() if one.name == branch)
            parent = self.stops(record.parent) if record.parent else Stops()
            self._stops[branch] = parent.up_to(record.parts_at)
        return self._stops[branch]

    def stop(self, grain: Grain) -> None:
        """Write down that a reader stopped here; the coarsest grain counts."""
        timeline = self.timeline
        by_step = self.stops(timeline.branch).by_step
        by_step[timeline.step] = max(grain, by_step.get(timeline.step, grain))

    def loosen(self, first: int, last: int) -> None:
        """Write down that nobody stopped at these steps."""
        if first > last:
            return
        loose = self.stops(self.timeline.branch).loose
        if loose and loose[-1][1] == first - 1:
            loose[-1] = (loose[-1][0], last)
        else:
            loose.append((first, last))

    def stop_before(self, step: int, grain: Grain) -> int:
        """The previous stop of a grain, on the current branch."""
        if step <= 0:
            return 0
        if grain is Grain.EFFECT:
            return step - 1
        stops = self.stops(self.timeline.branch)
        written = [at for at, of in stops.by_step.items() if at < step and of >= grain]
        # Where a run ended that nobody stepped, a reader stood, too: at the start of a scene.
        stood = [last for _, last in stops.loose if last < step]
        stop = max([*written, *stood], default=0)
        loose = next((span for span in stops.loose if span[0] < step <= span[1] + 1), None)
        if loose is None:
            return stop
        return max(stop, self._natural_stop(step, grain, loose[0] - 1))

    def stop_after(self, step: int, grain: Grain) -> int:
        """The next stop of a grain ahead on the current branch, or its end."""
        by_step = self.stops(self.timeline.branch).by_step
        ahead = (at for at, of in by_step.items() if at > step and of >= grain)
        return min(ahead, default=self.timeline.length)

    def _natural_stop(self, step: int, grain: Grain, lowest: int) -> int:
        """Where a reader would have stopped before `step`, had there been one."""
        if grain is Grain.CHANGE:
            marks = (mark.step for mark in self.story.landmarks() if mark.step < step)
            return max(marks, default=lowest)
        timeline = self.timeline
        step -= 1
        while step > lowest and isinstance(timeline.decision(step + 1), (*LOCAL_WORK, Drop)):
            step -= 1
        # Timers go with the message after them: most are heartbeats.
        while (
            step > lowest
            and isinstance(timeline.decision(step + 1), Deliver)
            and (isinstance(timeline.decision(step), FireTimer))
        ):
            step -= 1
        return step

    def in_profile(self, profile: str) -> History:
        """The same beginning with members of another profile."""
        return begin(replace(self.timeline.setup, profile=profile), self.beginning)

    def rename(self, old: str, new: str) -> None:
        """Give a branch a better name."""
        self.timeline.rename(old, new)
        self.story.renamed(old, new)
        if old in self._stops:
            self._stops[new] = self._stops.pop(old)
