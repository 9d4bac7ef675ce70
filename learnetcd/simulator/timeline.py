"""A timeline: every history of one cluster that was looked at, and the way back to each moment.

    step      0 ---- 250 ---- 500 ---- 730          main
                           |
                           +-- 431 ---- 500 -- 512  branch 2: another decision after step 430

A history is a list of decisions. To go back, nothing is undone: a *frame* (a fork of the world) is
kept every 250 steps, and a moment is reached from the frame before it by deciding the same things
again. That is exact, since the same decisions give the same world, and costs a few milliseconds and
a few hundred bytes a step, however long the run is.

Who goes back and decides otherwise begins a new branch. It shares the steps before with its parent;
nothing is thrown away. Deciding what the branch has decided before just goes forward on it.

Going back step by step would replay almost the same way each time; so the first step back keeps the
last worlds that it comes by, and the next ones find them there (`_trail`).

Left out: trace events. They are not kept but made again: `events(step)`.

Next page: `recording`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import field

from learnetcd.errors import UserError, unknown_name
from learnetcd.invariants import Judge
from learnetcd.simulator.decisions import Decision
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.world import World
from learnetcd.tracing import TraceEvent
from learnetcd.value import dataclass

FRAME = 250
"""Steps from one frame to the next."""

TRAIL = 50
"""So many worlds are kept for steps back. Each costs as much as five steps of replay."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One history, as others see it."""

    name: str
    parent: str
    """Empty for the first one, "main"."""
    parts_at: int
    """The last step that it shares with its parent."""
    length: int
    """Steps in all, shared ones included."""


@dataclass(slots=True)
class _Path:
    """The steps of a branch that are its own, and the frames on them."""

    name: str
    parent: _Path | None
    parts_at: int
    decisions: list[Decision] = field(default_factory=list)
    frames: dict[int, World] = field(default_factory=dict)

    @property
    def length(self) -> int:
        return self.parts_at + len(self.decisions)

    def owner(self, step: int) -> _Path:
        """Find the branch on which that step was made: this one, or one that it comes from."""
        path = self
        while path.parent is not None and step <= path.parts_at:
            path = path.parent
        return path

    def all_decisions(self) -> list[Decision]:
        """Its own, after those that it shares."""
        shared = [] if self.parent is None else self.parent.all_decisions()[: self.parts_at]
        return shared + self.decisions


class Timeline:
    """Histories that begin at one setup, and the moment that is looked at.

    Invariant: `world` is what the decisions of the current branch up to `step` lead to.
    """

    def __init__(self, setup: Setup, judge: Judge | None = None) -> None:
        """Begin at step 0 of the branch "main"; a judge watches every history."""
        self.setup = setup
        self.world = World(setup, judge=judge)
        """The state at `step`, to look at. It moves along; who wants to keep it forks it."""
        self._path = _Path("main", None, 0, frames={0: self.world.fork()})
        self._paths = [self._path]
        self._trail: dict[int, World] = {}  # worlds of the current branch, for steps back

    @property
    def step(self) -> int:
        """How many decisions of the current branch were carried out."""
        return self.world.step

    @property
    def length(self) -> int:
        """Steps of the current branch, those ahead included."""
        return self._path.length

    @property
    def branch(self) -> str:
        """The name of the current branch."""
        return self._path.name

    def decision(self, step: int) -> Decision:
        """The decision that led from `step` - 1 to `step` of the current branch."""
        if not 1 <= step <= self.length:
            raise UserError(f"There is no step {step}: {self.branch} has {self.length}.")
        path = self._path.owner(step)
        return path.decisions[step - path.parts_at - 1]

    def decisions(self, branch: str | None = None) -> list[Decision]:
        """All decisions of a branch (else the current one), those ahead included."""
        path = self._path if branch is None else self._named(branch)
        return path.all_decisions()

    # -- forward ------------------------------------------------------------------------------

    def decide(self, decision: Decision, tried: World | None = None) -> None:
        """Carry out a decision here, or raise `Impossible` and change nothing.

        In the past, the decision that was made there goes forward; another begins a new branch.
        Who has `tried` it on a fork of this world may hand that over, and it is not done twice.
        """
        step = self.step
        if step < self.length and decision == self.decision(step + 1):
            self.forward()
            return
        if tried is None:
            self.world.decide(decision)
        else:
            self.world = tried
        if step < self.length:
            self._begin_branch(step)
        self._path.decisions.append(decision)
        if self.step % FRAME == 0:
            self._path.frames[self.step] = self.world.fork()

    def _begin_branch(self, step: int) -> None:
        parent = self._path.owner(step)
        names = {path.name for path in self._paths}
        number = len(self._paths) + 1
        while f"branch {number}" in names:
            number += 1
        self._path = _Path(f"branch {number}", parent, step)
        self._paths.append(self._path)
        self._trail = {at: world for at, world in self._trail.items() if at <= step}

    def forward(self) -> Decision | None:
        """Carry out the next decision of the branch; None at its end."""
        if self.step == self.length:
            return None
        decision = self.decision(self.step + 1)
        self.world.decide(decision)
        return decision

    # -- anywhere -----------------------------------------------------------------------------

    def seek(self, step: int) -> None:
        """Go to any step of the current branch."""
        self.world = self._reach(step)

    def back(self, steps: int = 1) -> None:
        """Go back, to the beginning at most; quick when done again and again."""
        step = max(0, self.step - steps)
        if step not in self._trail and steps <= TRAIL:  # who jumps far does not go step by step
            self._trail = {}
            self._reach(step, keep=True)
        self.seek(step)

    def world_at(self, step: int) -> World:
        """A state of the current branch, to keep; the current step does not change."""
        return self._reach(step)

    def first_step(self, reached: Callable[[World], bool]) -> int | None:
        """Find the first step of the current branch where something is so that then stays so.

        The frames say between which two of them it lies; from there it is walked.
        """
        low, high = 0, self.length // FRAME
        while low < high:
            middle = (low + high + 1) // 2
            if reached(self._frame(middle * FRAME)):
                high = middle - 1
            else:
                low = middle
        world = self._frame(low * FRAME).fork()
        while not reached(world):
            if world.step == self.length:
                return None
            world.decide(self.decision(world.step + 1))
        return world.step

    def events(self, step: int) -> list[tuple[int, TraceEvent]]:
        """What members told while that step was made, as (member, trace event)."""
        self.decision(step)  # it must exist
        told: list[tuple[int, TraceEvent]] = []
        before = self.world_at(step - 1)
        again = before.fork(tracer=lambda member, event: told.append((member, event)))
        again.decide(self.decision(step))
        return told

    def _reach(self, step: int, keep: bool = False) -> World:
        """Make the world of a step from the nearest one before it."""
        if not 0 <= step <= self.length:
            raise UserError(f"There is no step {step}: {self.branch} has {self.length}.")
        world = self._nearest(step).fork()
        while True:
            if keep and world.step > step - TRAIL:
                self._trail[world.step] = world.fork()
            if world.step == step:
                return world
            world.decide(self.decision(world.step + 1))

    def _nearest(self, step: int) -> World:
        if step in self._trail:
            return self._trail[step]
        frame = step - step % FRAME
        if frame <= self.step <= step:
            return self.world
        return self._frame(frame)

    def _frame(self, step: int) -> World:
        return self._path.owner(step).frames[step]

    # -- branches -----------------------------------------------------------------------------

    def branches(self) -> list[Branch]:
        """All branches, the first one first."""
        return [
            Branch(p.name, "" if p.parent is None else p.parent.name, p.parts_at, p.length)
            for p in self._paths
        ]

    def switch(self, branch: str, step: int | None = None) -> None:
        """Go to another branch: to that step, or to the present one as far as there is one."""
        path = self._named(branch)
        step = min(self.step, path.length) if step is None else step
        if not 0 <= step <= path.length:
            raise UserError(f"There is no step {step}: {branch} has {path.length}.")
        shared = _shared_steps(self._path, path)
        self._path, self._trail = path, {}
        if self.step > shared:
            self.world = path.owner(0).frames[0].fork()  # what is here belongs to the other branch
        self.seek(step)

    def same_until(self, branch: str) -> int:
        """The last step that the current branch shares with another: from there on they differ."""
        return _shared_steps(self._path, self._named(branch))

    def rename(self, branch: str, name: str) -> None:
        """Give a branch a better name."""
        if name in {path.name for path in self._paths}:
            raise UserError(f"There is a branch {name!r} already.")
        self._named(branch).name = name

    def _named(self, branch: str) -> _Path:
        for path in self._paths:
            if path.name == branch:
                return path
        raise unknown_name("branch", branch, (path.name for path in self._paths))


def _shared_steps(one: _Path, other: _Path) -> int:
    """How many steps two branches have in common."""
    low, high = 0, min(one.length, other.length)
    while low < high:
        middle = (low + high + 1) // 2
        if one.owner(middle) is other.owner(middle):
            low = middle
        else:
            high = middle - 1
    return low


def replay(setup: Setup, decisions: Iterable[Decision], judge: Judge | None = None) -> World:
    """Carry out a list of decisions from the start, keeping nothing on the way."""
    world = World(setup, judge=judge)
    for decision in decisions:
        world.decide(decision)
    return world
