"""The stage: plays a scene, and compares what is to be seen with what is seen.

    result = play(parse("first-leader", text))
    result.ok              whether the scene shows its claim
    result.mismatches      what was expected, and what was found, line by line
    result.decisions       the whole run: with the setup, a recording

Every run is judged: a scene that never says `! violated` must end with all invariants whole. With
`updated`, a scene's expected lines are rewritten to what was found, so that a change of behaviour
shows as a change of scenes, to be read and agreed to.

A bare `>` is filled in with the state lines of all members, a bare `|` with all that was told since
the last act: so a scene is written by its acts first.

Next page: `library`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field, replace
from difflib import get_close_matches

from learnetcd.errors import UserError
from learnetcd.invariants import Judge
from learnetcd.member.request import KeyRequest, Method, Outcome
from learnetcd.simulator import conditions
from learnetcd.simulator.acts import Act
from learnetcd.simulator.clients import ClientRecord
from learnetcd.simulator.decisions import Decision
from learnetcd.simulator.grains import Grain
from learnetcd.simulator.scenario import Line, Scene, render
from learnetcd.simulator.sentences import act_sentence, arrival_sentence, event_sentence
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.statelines import state_lines
from learnetcd.simulator.words import node_text, notices_text
from learnetcd.simulator.world import World
from learnetcd.tracing import TraceEvent
from learnetcd.value import dataclass

SHOWN = 5
"""So many lines of what was found instead are shown."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A line of a scene, and what was found instead."""

    line: Line
    found: tuple[str, ...]

    def __str__(self) -> str:
        """Say it in a few lines."""
        words = " ".join(word for word in (self.line.sign, self.line.text) if word)
        nearest = self.found
        if len(nearest) > SHOWN:  # of a long run, the sentences that are most like it
            nearest = tuple(get_close_matches(self.line.text, nearest, SHOWN, cutoff=0.0))
        found = [f"    found: {text}" for text in nearest]
        if len(self.found) > len(nearest):
            found.append(f"    and {len(self.found) - len(nearest)} more")
        where = f"line {self.line.number}: " if self.line.number else ""
        return "\n".join([f"{where}{words}", *found])


@dataclass(slots=True)
class Result:
    """How a scene came out."""

    scene: Scene
    decisions: list[Decision] = field(default_factory=list)
    mismatches: list[Mismatch] = field(default_factory=list)
    checked: int = 0
    """How many expected lines were compared."""
    stopped: bool = False
    """Whether an act could not be done: what follows it would be about another run."""
    updated: list[str] = field(default_factory=list)
    """The scene's lines with what was found in place of what was expected."""

    @property
    def ok(self) -> bool:
        """Whether the scene shows its claim."""
        return not self.mismatches

    @property
    def updated_text(self) -> str:
        """The scene's file as it would have to be."""
        return render(self.updated)


@dataclass(frozen=True, slots=True)
class Moment:
    """One decision that was carried out, told."""

    step: int
    now: int
    sentences: tuple[str, ...]


class Stage:
    """A world on which acts are played, with somebody who listens and somebody who judges."""

    def __init__(self, setup: Setup) -> None:
        """Build the world; nothing has happened yet."""
        self._heard: list[str] = []
        self.judge = Judge()
        self.world = World(setup, tracer=self._hear, judge=self.judge)
        self.decisions: list[Decision] = []
        self.moments: list[Moment] = []
        """What happened since the last act."""
        self.began = 0
        """When the last act began."""

    def _hear(self, member: int, event: TraceEvent) -> None:
        self._heard.append(event_sentence(event, member))

    @property
    def told(self) -> list[str]:
        """The sentences since the last act."""
        return [sentence for moment in self.moments for sentence in moment.sentences]

    def do(self, act: Act, grain: Grain) -> None:
        """Carry out an act; `UserError` if it can't be done here, and then nothing was."""
        self.began = self.world.now
        decisions = act.plan(self.world, grain)
        self.moments = []
        for decision in decisions:
            self.decide(decision)

    def decide(self, decision: Decision) -> None:
        """Carry out one decision, and listen."""
        act, self._heard = act_sentence(self.world, decision), []
        silence = arrival_sentence(self.world, decision)
        self.world.decide(decision)
        self.decisions.append(decision)
        sentences = [act, *self._heard] if act else self._heard or [silence]
        self.moments.append(Moment(self.world.step, self.world.now, tuple(sentences)))


Watch = Callable[[Stage, Line | None, str], None]
"""Called after the start (without a line), and after each note and act: with what stood in the way
of the act, if it could not be done."""


def nobody(stage: Stage, line: Line | None, trouble: str) -> None:
    """Watch nothing."""


def play(scene: Scene, watch: Watch = nobody) -> Result:
    """Play a scene from its start to its last line, and compare."""
    (stage, trouble), result = begin(scene, watch), Result(scene)
    if trouble:
        result.mismatches.append(Mismatch(Line(0, "", "its start"), (trouble,)))
        result.updated = list(scene.source)
        return result
    lines = {line.number: line for line in scene.body}
    for number, source in enumerate(scene.source, 1):
        line = lines.get(number)
        found = [] if line is None else _play_line(stage, line, result, watch)
        result.updated += found or [source]
        if result.stopped:
            result.updated += scene.source[number:]
            break
    _judge_the_end(stage, result)
    result.decisions = stage.decisions
    return result


def improvise(scene: Scene, watch: Watch = nobody) -> Result:
    """Play the acts of a scene in another setup: as far as they go, comparing nothing."""
    stage, _ = begin(scene, watch)
    for line in scene.body:
        trouble = _try(stage, line.act, scene.grain) if line.act else ""
        if not line.is_expected:
            watch(stage, line, trouble)
    return Result(scene, stage.decisions)


def begin(scene: Scene, watch: Watch = nobody) -> tuple[Stage, str]:
    """Build the world of a scene and play what comes before it; say what stood in the way."""
    stage = Stage(scene.setup)
    troubles = [_try(stage, act, scene.grain) for act in scene.start]
    trouble = " ".join(trouble for trouble in troubles if trouble)
    watch(stage, None, trouble)
    return stage, trouble


def _try(stage: Stage, act: Act, grain: Grain) -> str:
    """Do an act; say what stood in its way."""
    try:
        stage.do(act, grain)
    except UserError as error:
        stage.moments = []
        return str(error)
    return ""


def _play_line(stage: Stage, line: Line, result: Result, watch: Watch) -> list[str]:
    """Do an act or compare an expected line; give the right lines, if it is wrong."""
    if not line.is_expected:
        trouble = _try(stage, line.act, result.scene.grain) if line.act else ""
        if trouble:
            result.mismatches.append(Mismatch(line, (trouble,)))
            result.stopped = True
        watch(stage, line, trouble)
        return []
    result.checked += 1
    found = compare(stage, line)
    if found is None:
        return []
    result.mismatches.append(Mismatch(line, tuple(found) or ("nothing of the kind",)))
    return [f"{line.sign} {text}" for text in _rewritten(line, found)]


def _judge_the_end(stage: Stage, result: Result) -> None:
    """A scene that does not say what it breaks must break nothing."""
    if result.scene.is_about_a_violation:
        return
    end = Line(len(result.scene.source) + 1, "!", "safe")
    for violation in stage.judge.violations:
        found = f"violated: {violation.name}. {violation.sentence}"
        result.mismatches.append(Mismatch(end, (found,)))


# --- comparing ------------------------------------------------------------------------------------


def compare(stage: Stage, line: Line) -> Sequence[str] | None:
    """None if it is as expected, else what is there."""
    match line.sign:
        case ">":
            return _absent(line.text, _states_of(stage.world, line.text))
        case "|":
            return _absent(line.text, stage.told)
        case "=":
            return _absent(line.text, _client_of(stage.world, line.text))
        case "?":
            holds = conditions.parse(line.text, stage.world.member_ids).holds(stage.world)
            return None if holds else ["it does not hold", *state_lines(stage.world)]
        case _:
            return _absent(line.text, verdicts(stage.judge))


def _absent(expected: str, found: Sequence[str]) -> Sequence[str] | None:
    """None if one of the texts found is the expected one, else all of them."""
    parts = re.split(r"…|\.\.\.", expected)
    pattern = ".*".join(re.escape(part) for part in parts)
    return None if expected and any(re.fullmatch(pattern, text) for text in found) else found


def _states_of(world: World, expected: str) -> Sequence[str]:
    """The state line of the member that the line speaks of; of all if of none."""
    name = expected.split(" ")[0]
    return [line for line in state_lines(world) if not name or line.startswith(f"{name} ")]


def _client_of(world: World, expected: str) -> Sequence[str]:
    name = expected.split(" ")[0]
    record = world.clients.get(int(name[1:]))
    return [client_line(record)] if record is not None else []


def client_line(record: ClientRecord) -> str:
    """What a client was told, in a few words: `c1 done`, `c2 done x=1`, `c3 unknown`."""
    name, answer, request = f"c{record.request_id}", record.answer, record.request
    if answer is None or answer.outcome is Outcome.WAITING:
        return " ".join([name, record.outcome, notices_text(record.notices)]).rstrip()
    if answer.outcome is Outcome.DONE and isinstance(request, KeyRequest):
        if request.method is Method.GET and answer.event is not None:
            return f"{name} done {node_text(answer.event.node)}"
    elif answer.outcome is Outcome.REFUSED and answer.error is not None:
        return f"{name} refused {answer.error.code}"
    return f"{name} {answer.outcome.value}"


def verdicts(judge: Judge) -> list[str]:
    """What may be said of a run: `safe`, or each invariant that was violated."""
    return [f"violated: {one.name}" for one in judge.violations] or ["safe"]


# --- rewriting ------------------------------------------------------------------------------------


def _rewritten(line: Line, found: Sequence[str]) -> Iterable[str]:
    """The lines that should stand there; what can't be known stays as it is."""
    if line.sign == "?" or not found:
        return [line.text]
    if line.sign == "|" and line.text:
        begun = [text for text in found if text.startswith(line.text.rstrip("…. "))]
        return begun[:1] or get_close_matches(line.text, found, n=1, cutoff=0.0)
    return found if not line.text or line.sign == ">" else found[:1]


def with_twin(scene: Scene, twin: str) -> Scene:
    """The same scene, played by members of which a rule has forgotten a clause."""
    broken = tuple(sorted({*scene.setup.broken_rules, twin}))
    return replace(scene, setup=replace(scene.setup, broken_rules=broken))
