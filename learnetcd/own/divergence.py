"""Divergence: the first moment at which a part of yours and the reference part.

    After message 9 of the scene newer-beats-longer (RequestVote, S2 to S3), yours granted, the
    reference refused, because S2's log ends with 4@2, its own with 2@3: a leader must have all that
    this voter has.

As long as yours answers what the reference answers, nothing that happens afterwards can be told
apart. So the two need not run side by side: one run is enough, in which both are asked at each
question, and it stops at the first that they answer differently. What came before is a run like any
other, and so it can be opened one step before.

Runs come first (scenes, then storms), for a run is a story. What no run asked is asked in `cases`.

Next page: `apart`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from learnetcd.errors import UserError
from learnetcd.own import storm
from learnetcd.own.calling import OwnFault
from learnetcd.own.cases import CASES, LATER
from learnetcd.own.file import Own
from learnetcd.own.fitting import fitted
from learnetcd.own.parts import FUNCTIONS, Answer
from learnetcd.raft.parts import Parts
from learnetcd.simulator.decisions import Decision, Deliver, Impossible
from learnetcd.simulator.library import load_scene
from learnetcd.simulator.recording import Recording
from learnetcd.simulator.scenario import Scene
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.timeline import Timeline
from learnetcd.simulator.world import World
from learnetcd.tracing import member_name
from learnetcd.value import dataclass

SCENES = {
    "grant_vote": (
        "first-leader",
        "newer-beats-longer",
        "empty-log-refused",
        "equal-log-wins",
        "split",
    ),
    "append_entries": ("one-write", "conflict-removed", "late-append", "figure7-f"),
    "advance_commit": ("one-write", "fig8-on", "slow-follower"),
    "apply": ("one-write", "restart-replays"),
    "write_record": ("one-write",),
    "must_sync": ("one-write", "newer-beats-longer"),
    "read_log": ("restart-replays",),
}
"""For each function, runs with a story."""

STORMS = 6
"""So many runs of chance, if nothing else is said."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where yours and the reference part."""

    function: str
    sentence: str
    """The whole story in one sentence: when, what, and why."""
    is_fault: bool = False
    """Whether yours gave no answer at all: an exception, a loop, a value of another kind."""
    setup: Setup | None = None
    """Of the run; None if no run asked."""
    decisions: tuple[Decision, ...] = ()
    """All up to and including the one that asked."""

    @property
    def step(self) -> int:
        """The last step at which the two are the same."""
        return max(0, len(self.decisions) - 1)

    def recording(self) -> Recording | None:
        """The run, as members of ours play it."""
        if self.setup is None:
            return None
        timeline = Timeline(self.setup)
        for decision in self.decisions:
            timeline.decide(decision)
        return Recording.of(timeline, f"your {self.function} and the reference part")


class Parted(Exception):
    """Ends a run: the two gave different answers."""

    def __init__(self, function: str, told: str, *, is_fault: bool) -> None:
        """Say it in words: "yours granted, the reference refused, because ..."."""
        super().__init__(told)
        self.function = function
        self.told = told
        self.is_fault = is_fault


def first_divergence(
    own: Own,
    scenes: Iterable[str | Scene] | None = None,
    storms: int = STORMS,
    *,
    cases: bool = True,
    without: Collection[str] = (),
) -> Divergence | None:
    """Where a file of yours first does otherwise than the reference; None if nowhere.

    Looks through scenes, runs of chance and small cases, in this order. Takes less than a second.
    A lesson may leave out what comes later: `without` has names of `LATER`.
    """
    both = asking_both(own, without)
    parts = fitted(own.functions, both)
    if scenes is None:
        scenes = dict.fromkeys(name for one in own.functions for name in SCENES.get(one, ()))
    for title, setup, decisions in runs(scenes, storms):
        if (found := in_run(title, setup, decisions, parts)) is not None:
            return found
    return in_cases(own, both) if cases else None


def asking_both(own: Own, without: Collection[str] = ()) -> Callable[..., Answer]:
    """Ask yours and the reference; `Parted` unless they agree."""
    left_out = [LATER[name] for name in without]

    def ask(name: str, *question: object) -> Answer:
        function = FUNCTIONS[name]
        ours = function.reference(*question)
        if any(comes_later(name, question) for comes_later in left_out):
            return ours
        try:
            yours = own.ask(name, *question)
        except OwnFault as fault:
            raise Parted(name, f"{fault}.", is_fault=True) from None
        if yours == ours:
            return ours
        told = f"yours {function.told(yours, ours)}, the reference {function.told(ours, yours)}"
        why = function.why(question, yours, ours)
        raise Parted(name, f"{told}, because {why}.", is_fault=False)

    return ask


# -- runs ----------------------------------------------------------------------------------------

Run = tuple[str, Setup, Callable[[World], Iterator[Decision]]]
"""What it is called, how it begins, what happens."""


def runs(scenes: Iterable[str | Scene], storms: int) -> Iterator[Run]:
    """All runs in which yours is asked."""
    for scene in scenes:
        one = load_scene(scene) if isinstance(scene, str) else scene
        yield f"the scene {one.name}", one.setup, acting(one)
    for seed in range(1, storms + 1):
        yield f"storm {seed}", storm.setup_of(seed), storming(seed)


def acting(scene: Scene) -> Callable[[World], Iterator[Decision]]:
    """What the acts of a scene bring. They are planned where members are ours."""

    def decisions(_: World) -> Iterator[Decision]:
        world = World(scene.setup)
        acts = [*scene.start, *(line.act for line in scene.body if line.act)]
        for act in acts:
            try:
                plan = act.plan(world, scene.grain)
            except UserError:
                return
            for decision in plan:
                world.decide(decision)
                yield decision

    return decisions


def storming(seed: int) -> Callable[[World], Iterator[Decision]]:
    """What happens in a storm."""
    return lambda world: storm.decisions(world, seed)


def in_run(
    title: str, setup: Setup, decisions: Callable[[World], Iterator[Decision]], parts: Parts
) -> Divergence | None:
    """Play a run until the two part."""
    everybody = (*setup.members, *setup.learners)
    world = World(replace(setup, parts=tuple((member, parts) for member in everybody)))
    made: list[Decision] = []
    for decision in decisions(world):
        under_way = world.fork()
        try:
            world.decide(decision)
        except Impossible:
            continue
        except Parted as parted:
            made.append(decision)
            mark = ": " if parted.is_fault else ", "
            sentence = f"{moment(title, under_way, made)}{mark}{parted.told}"
            return Divergence(parted.function, sentence, parted.is_fault, setup, tuple(made))
        made.append(decision)
    return None


def moment(title: str, before: World, made: Sequence[Decision]) -> str:
    """Where in a run we are: "After message 9 of storm 3 (RequestVote, S2 to S3)"."""
    decision = made[-1]
    if not isinstance(decision, Deliver):
        return f"At step {len(made)} of {title} ({decision.text()})"
    number = sum(isinstance(one, Deliver) for one in made)
    sender, receiver = decision.sender, decision.receiver
    message = before.packet((sender, receiver, decision.number, decision.copy)).message
    way = f"{member_name(sender)} to {member_name(receiver)}"
    return f"After message {number} of {title} ({type(message).__name__}, {way})"


# -- cases ---------------------------------------------------------------------------------------


def in_cases(own: Own, ask: Callable[..., Answer]) -> Divergence | None:
    """Ask all small questions."""
    for name in own.functions:
        for question in CASES[name]():
            try:
                ask(name, *question)
            except Parted as parted:
                asked = ", ".join(map(repr, question))
                if parted.is_fault:
                    sentence = f"{parted.told[:-1]}; it was asked {name}({asked})."
                else:
                    sentence = f"Asked {name}({asked}), {parted.told}"
                return Divergence(name, sentence, parted.is_fault)
    return None
