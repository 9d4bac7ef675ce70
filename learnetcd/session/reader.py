"""The reader: where a person stands in a history, and how they go forward and back.

    forward(CHANGE)     0 ------------------> 6
    back()              0 <---- 4 <---- 5 <-- 6
    crash(2) at 4       0 ----> 4 ----> 5'            a branch, "crash at 4"; the old one stays
    undo(), undo()      the crash is taken back, then the step back: at 5 again

*Back* moves along a history, to the stop before. *Undo* moves along what the person did, whatever
it was: an act, a step, a jump, another profile. Both are only a change of place: no history is ever
changed or thrown away. After an undo, going on does not do again what was taken back; *redo* does.

In a free run (`advance`), time goes on between two decisions, so that the bars of timers run down
smoothly. That little time belongs to the place of the reader, and is recorded only when an act
needs it, as the decision that time passed.

Left out: what is done to the cluster (`acting`) and what is seen of it (`session`).

Next page: `acting`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from learnetcd.errors import UserError
from learnetcd.session.history import History, Position
from learnetcd.session.lock import RLock, locked
from learnetcd.session.views import Choice
from learnetcd.simulator import conditions, grains, moment
from learnetcd.simulator.conditions import Condition
from learnetcd.simulator.decisions import Decision, PassTime
from learnetcd.simulator.grains import Grain
from learnetcd.simulator.timeline import Timeline
from learnetcd.simulator.world import World

SLICE = 200
"""So many decisions are carried out before other threads get their turn."""

MOST_UNDOS = 10_000
"""So many acts can be taken back; they are a few numbers each."""


class Reached(NamedTuple):
    """How *run until* ended."""

    came_true: bool
    sentence: str


class Reader:
    """Somebody who stands at one moment of one history."""

    def __init__(self, history: History) -> None:
        """Begin with one history; and stand where it stands."""
        self.lock = RLock()
        self._histories = [history]
        self._place = 0
        self._later_ms = 0
        self._follows = True
        self._undo: list[Position] = []
        self._redo: list[Position] = []
        self._before: World | None = None
        """The world before the reader's last move: what changed is seen against it."""
        self._ran_to: Position | None = None
        """Where the last `advance` ended: the next one from here is undone together with it."""

    # -- where we are ---------------------------------------------------------------------------

    @property
    def _history(self) -> History:
        return self._histories[self._place]

    @property
    def _timeline(self) -> Timeline:
        return self._history.timeline

    @property
    def _world(self) -> World:
        return self._timeline.world

    @property
    def _position(self) -> Position:
        timeline = self._timeline
        return Position(self._place, timeline.branch, timeline.step, self._later_ms, self._follows)

    def _go_to(self, position: Position) -> None:
        """Stand at a position, with what changed since the stop before it."""
        self._place = position.history
        timeline = self._timeline
        if timeline.branch != position.branch:
            timeline.switch(position.branch, 0)
        before = self._history.stop_before(position.step, Grain.MESSAGE)
        if before < timeline.step:
            timeline.back(timeline.step - before)  # quick when done again and again
        else:
            timeline.seek(before)
        self._before = timeline.world.fork()
        timeline.seek(position.step)
        self._later_ms, self._follows = position.later_ms, position.follows

    @contextmanager
    def _move(self, grain: Grain | None) -> Iterator[None]:
        """Let the reader do one thing, which can be undone; if it fails, nothing happened.

        With a grain, that is a stop of this grain.
        """
        start, before = self._position, self._world.fork()
        try:
            yield
        except BaseException:
            if self._position != start:
                self._go_to(start)
            raise
        if self._position == start:
            return
        self._remember(start)
        if grain is not None:
            self._before = before
            self._history.stop(grain)

    def _remember(self, start: Position) -> None:
        self._undo.append(start)
        del self._undo[:-MOST_UNDOS]
        self._redo.clear()

    # -- going forward and back -----------------------------------------------------------------

    @locked
    def forward(self, grain: Grain = Grain.MESSAGE) -> None:
        """Go on, by one press of a key."""
        with self._move(grain):
            self._later_ms = 0
            self._carry_out(self._plan(grain))

    def _plan(self, grain: Grain) -> list[Decision]:
        """How far one press of the key goes; on a path taken before, no farther than then."""
        decisions = grains.plan(self._world, grain, self._path_ahead())
        step, length = self._timeline.step, self._timeline.length
        if self._follows and step < length:
            del decisions[self._history.stop_after(step, grain) - step :]
        return decisions

    @locked
    def back(self, grain: Grain = Grain.MESSAGE) -> None:
        """Go back to the previous stop of that grain."""
        self.seek(self._history.stop_before(self._timeline.step, grain))

    @locked
    def seek(self, step: int) -> None:
        """Go to any step of this branch."""
        timeline = self._timeline
        if not 0 <= step <= timeline.length:
            raise UserError(f"There is no step {step}: this branch has 0 to {timeline.length}.")
        with self._move(None):
            self._go_to(Position(self._place, timeline.branch, step))

    @locked
    def undo(self) -> None:
        """Take back the last thing that was done; nothing is lost, `redo` brings it back."""
        if not self._undo:
            raise UserError("There is nothing to undo.")
        self._redo.append(self._position)
        self._go_to(self._undo.pop())
        # What was taken back is not done again by going on; only `redo` does that.
        self._follows = False

    @locked
    def redo(self) -> None:
        """Do again what was taken back."""
        if not self._redo:
            raise UserError("There is nothing to redo.")
        self._undo.append(self._position)
        self._go_to(self._redo.pop())

    @locked
    def choose(self, choice: Choice | Decision) -> None:
        """Let just this happen next."""
        decision = choice.decision if isinstance(choice, Choice) else choice
        if not isinstance(decision, Decision):
            raise UserError("Choose one of the things that can happen next.")
        with self._move(Grain.CHANGE):
            self._later_ms = 0
            self._decide(decision)

    def run_until(self, condition_text: str, limit_ms: int = 60_000) -> Reached:
        """Run until a condition comes true, for so much of the cluster's time at most.

        Other threads get their turn now and then; if one of them moves, the run ends there.
        """
        with self.lock:
            members = self._world.member_ids
            words = moment.with_ids(self._world, condition_text)
            condition = conditions.parse(words, members)
            start, before, until = self._position, self._world.fork(), self._world.now + limit_ms
            self._later_ms = 0
            here = self._position
        while True:
            with self.lock:
                if self._position != here:
                    return Reached(False, "Stopped: somebody else moved.")
                ended = self._run_slice(condition, until)
                here = self._position
                if ended is not None:
                    self._history.stop(Grain.CHANGE)
                    if here != start:
                        self._remember(start)
                        self._before = before
                    return ended

    def _run_slice(self, condition: Condition, until: int) -> Reached | None:
        """Run a little; None if there is more to be done."""
        first = self._timeline.step + 1
        for _ in range(SLICE):
            world = self._world
            if condition.holds(world):
                self._history.loosen(first, self._timeline.step)
                return Reached(
                    True, f"{condition.text}: true at {world.now} ms, step {world.step}."
                )
            decision = self._next_decision()
            if decision is None or world.now >= until:
                self._history.loosen(first, self._timeline.step)
                why_ended = "nothing happens any more" if decision is None else "the time is up"
                return Reached(False, f"{condition.text}: not true at {world.now} ms; {why_ended}.")
            self._decide(decision)
        self._history.loosen(first, self._timeline.step)
        self._history.story.landmarks()  # in slices, as the run is, so that nobody waits for them
        return None

    @locked
    def advance(self, ms: int) -> None:
        """Let the cluster run for so much of its time; all such runs in a row are undone as one.

        Time goes on between two decisions, but is not recorded before something happens.
        """
        start, before = self._position, self._world.fork()
        until = self._world.now + self._later_ms + ms
        first = self._timeline.step + 1
        for _ in range(SLICE):
            due = self._next_due()
            if due is None or due[0] > until:
                self._later_ms = max(0, until - self._world.now)
                break
            self._later_ms = 0
            self._decide(due[1])
        self._history.loosen(first, self._timeline.step)
        if self._timeline.step >= first:
            self._before = before
        if start != self._ran_to:
            self._remember(start)
        self._ran_to = self._position

    def _next_decision(self) -> Decision | None:
        """What happens next: on the path taken before, or else what is due first."""
        ahead = next(iter(self._path_ahead()), None)
        return ahead if ahead is not None else self._world.next_decision()

    def _next_due(self) -> tuple[int, Decision] | None:
        """What happens next, and when; what a person once did is due at once."""
        decision = self._next_decision()
        if decision is None:
            return None
        for due in self._world.choices():
            if due.decision == decision:
                return due.at, decision
        return (decision.ms if isinstance(decision, PassTime) else self._world.now), decision

    def _path_ahead(self) -> Iterator[Decision]:
        """The recorded decisions ahead, if they are to be followed."""
        timeline = self._timeline
        steps = range(timeline.step + 1, timeline.length + 1) if self._follows else ()
        return (timeline.decision(step) for step in steps)

    def _carry_out(self, decisions: list[Decision]) -> None:
        for decision in decisions:
            self._decide(decision)

    def _decide(self, decision: Decision, verb: str = "") -> None:
        """Carry out one decision; `verb`: the act that it belongs to."""
        self._take_in(decision, verb)

    def _take_in(self, decision: Decision, verb: str, tried: World | None = None) -> None:
        """Let the timeline have it; a branch that it opens is named by it, or by the whole act."""
        timeline = self._timeline
        branch, step = timeline.branch, timeline.step
        timeline.decide(decision, tried)
        if timeline.branch != branch:
            name = f"{verb or decision.text().split(' ')[0]} at {step}"
            self._history.rename(timeline.branch, self._free_name(name))
        if timeline.step == timeline.length:
            self._follows = True

    # -- names of branches ----------------------------------------------------------------------

    def _branch_lengths(self) -> tuple[tuple[str, int], ...]:
        """All branches of all histories, with their lengths."""
        return tuple(
            (branch.name, branch.length)
            for history in self._histories
            for branch in history.timeline.branches()
        )

    def _free_name(self, wanted: str) -> str:
        """The name, or if it is taken, one like it."""
        taken, name, number = {branch for branch, _ in self._branch_lengths()}, wanted, 1
        while name in taken:
            number += 1
            name = f"{wanted} ({number})"
        return name
