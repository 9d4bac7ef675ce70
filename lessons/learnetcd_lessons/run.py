"""A run: what a learner made happen, played again while somebody listens and somebody judges.

    run = Run.read(Path("2_split_vote.txt"))        acts in the language of scenes, or a recording
    run.acts                                        6: what a person did; all else followed
    [told.event.term for told in run.told(BecameLeader)]
    run.judge.violations

Whether something was made to happen is read from the trace events and the invariants, never from
the acts: so every way counts that leads there.

Next page: `goals`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from learnetcd.errors import UserError
from learnetcd.invariants import Judge
from learnetcd.simulator import moment
from learnetcd.simulator.decisions import Decision, PassTime
from learnetcd.simulator.recording import HEADER, Recording
from learnetcd.simulator.scenario import Scene, parse
from learnetcd.simulator.sentences import event_sentence
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.stage import Stage
from learnetcd.simulator.timeline import Timeline
from learnetcd.simulator.world import World
from learnetcd.tracing import TraceEvent

Kind = TypeVar("Kind", bound=TraceEvent)
Chosen = TypeVar("Chosen", bound=Decision)


@dataclass(frozen=True, slots=True)
class Told(Generic[Kind]):
    """Something that happened: after which decision, at which member."""

    step: int
    at_ms: int
    member: int
    event: Kind

    def __str__(self) -> str:
        """Say it."""
        return event_sentence(self.event, self.member)


class Run:
    """A whole run, from its start to its end."""

    def __init__(self, setup: Setup, decisions: Iterable[Decision]) -> None:
        """Play it."""
        self.setup = setup
        self.decisions = tuple(decisions)
        self.judge = Judge()
        self.acts = 0
        """How often somebody interfered."""
        self._told: list[Told[TraceEvent]] = []
        self._heard: list[tuple[int, TraceEvent]] = []
        self.world = World(setup, tracer=self._hear, judge=self.judge)
        """The cluster, at the end."""
        self._note()
        for decision in self.decisions:
            self.acts += is_an_act(self.world, decision)
            self.world.decide(decision)
            self._note()

    def _hear(self, member: int, event: TraceEvent) -> None:
        self._heard.append((member, event))

    def _note(self) -> None:
        """Take down what was heard of the last decision."""
        step, now = self.world.step, self.world.now
        self._told += [Told(step, now, member, event) for member, event in self._heard]
        self._heard.clear()

    def told(self, *kinds: type[Kind]) -> list[Told[Kind]]:
        """All that happened of some kinds, in order."""
        wanted: list[Told[Kind]] = []
        for told in self._told:
            if isinstance(told.event, kinds):
                wanted.append(Told(told.step, told.at_ms, told.member, told.event))
        return wanted

    def decided(self, kind: type[Chosen]) -> list[Chosen]:
        """All decisions of a kind, in order."""
        return [decision for decision in self.decisions if isinstance(decision, kind)]

    def story(self, after: int = 0) -> list[str]:
        """What happened after a step, a sentence a line; without asides, and none twice."""
        told = {
            str(one): one.at_ms
            for one in reversed(self._told)
            if one.step > after and not one.event.aside
        }
        lines = [f"{at_ms:>6} ms  {said}" for said, at_ms in reversed(told.items())]
        return lines or ["Nothing that anybody could tell of: time passed."]

    def violated(self) -> tuple[str, ...]:
        """The invariants that broke, by name, in order."""
        return tuple(violation.name for violation in self.judge.violations)

    def save(self, path: Path, title: str) -> None:
        """Write it down, to be opened on the screen."""
        timeline = Timeline(self.setup)
        for decision in self.decisions:
            timeline.decide(decision)
        path.write_text(Recording.of(timeline, title).text(), encoding="utf-8")

    @staticmethod
    def read(path: Path) -> Run:
        """Read a recording, or a text with acts; what can't be played is a `UserError`."""
        text = path.read_text(encoding="utf-8")
        if text.startswith(HEADER):
            recording = Recording.parse(text)
            return Run(recording.setup, recording.decisions)
        return Run.of(parse(path.stem, text))

    @staticmethod
    def of(scene: Scene) -> Run:
        """Play the acts of a scene, as far as the scene says."""
        stage = Stage(scene.setup)
        numbered = [(0, act) for act in scene.start]
        numbered += [(line.number, line.act) for line in scene.body if line.act is not None]
        for number, act in numbered:
            try:
                stage.do(act, scene.grain)
            except UserError as error:
                raise UserError(f"Line {number}, {act.text!r}: {error}") from None
        return Run(scene.setup, stage.decisions)


def is_an_act(world: World, decision: Decision) -> bool:
    """Whether somebody must have wanted this: it would not have happened by itself."""
    return not (isinstance(decision, PassTime) or moment.happens_by_itself(world, decision))
