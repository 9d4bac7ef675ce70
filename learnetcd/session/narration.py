"""The story of a run: one sentence for each thing that happened, told from the steps themselves.

    17   S2 votes for itself and stands in term 1: its election timer fired. It needs 2 votes.
    18   S2's disk is done with batch 1: the promises that rest on it may leave.

No story is kept. Members that are watched tell what they do (trace events), and a run can be played
again; so the sentences of any steps are made by playing just those steps with somebody listening.
The same steps give the same sentences, with the same names: an event is called by (member, which of
its inputs, which event of that input).

What happens to the world, not to a member, tells nothing by itself: a cut, a lost message, a crash.
The sentences for those are on a page of the simulator, `sentences`.

`Story` remembers two things, because a screen asks for them again and again: the last sentences
told, and the landmarks of each branch up to where it was told.

Next page: `subjects`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from learnetcd.session.views import LandmarkView, Narration
from learnetcd.simulator.decisions import (
    Crash,
    Cut,
    Decision,
    Heal,
    HoldGate,
    OpenGate,
    Pause,
    Restart,
    Resume,
    SetProfile,
    SetRule,
    Skew,
    StartMember,
)
from learnetcd.simulator.sentences import act_sentence, arrival_sentence, event_sentence
from learnetcd.simulator.timeline import Timeline
from learnetcd.simulator.world import World
from learnetcd.tracing import TraceEvent
from learnetcd.tracing.clients import RequestAnswered, RequestTimedOut, WatcherTold, WatchLost
from learnetcd.tracing.elections import BecameLeader, ElectionStarted, VoteGranted
from learnetcd.tracing.replication import EntryCommitted, SnapshotAccepted
from learnetcd.tracing.storage import KeysExpired

VIOLATION = 1000
"""Violations are numbered from here on: no step has so many other events."""

REMEMBERED = 512
"""So many of the last steps told are kept in words."""


@dataclass(frozen=True, slots=True)
class Told:
    """One step, told."""

    decision: Decision
    sentences: tuple[Narration, ...]
    landmarks: tuple[LandmarkView, ...]
    heard: tuple[tuple[int, TraceEvent], ...]
    """(member, event): what the members told."""
    cause: int
    """The step from which this one followed; 0 if it came from outside."""


class Listener:
    """Plays steps with somebody listening."""

    def __init__(self, world: World) -> None:
        """Start from this state; it is not changed."""
        self.world = world.fork(tracer=self._hear)
        self._heard: list[tuple[int, TraceEvent]] = []

    def _hear(self, member: int, event: TraceEvent) -> None:
        self._heard.append((member, event))

    def mark(self, decision: Decision) -> Told:
        """Carry out one decision; tell its landmarks, but no sentences: that is far quicker."""
        world, self._heard = self.world, []
        violations = len(world.judge.violations) if world.judge else 0
        act = act_sentence(world, decision) if isinstance(decision, FAULTS) else ""
        world.decide(decision)
        marks = tuple(self._landmarks(decision, act, violations))
        return Told(decision, (), marks, tuple(self._heard), world.cause)

    def tell(self, decision: Decision) -> Told:
        """Carry out one decision and tell it."""
        world = self.world
        inputs = {member: world.machine(member).inputs for member in world.member_ids}
        violations = len(world.judge.violations) if world.judge else 0
        act, silence = act_sentence(world, decision), arrival_sentence(world, decision)
        told = self.mark(decision)
        sentences = []
        ordinals = dict.fromkeys(world.member_ids, 0)
        if act:
            sentences.append(self._narration(0, act, (0, world.step, 0)))
        for member, event in self._heard:
            ordinals[member] += 1
            event_id = (member, inputs.get(member, 0) + 1, ordinals[member])
            if isinstance(decision, Restart | StartMember):
                event_id = (0, world.step, ordinals[member])  # being born is no input
            sentences.append(self._narration(member, event, event_id))
        if not sentences:
            quiet = self._narration(0, silence, (0, world.step, 0))
            sentences.append(replace(quiet, aside=True))
        sentences += self._violations(violations)
        return replace(told, sentences=tuple(sentences))

    def _narration(
        self, member: int, what: TraceEvent | str, event_id: tuple[int, int, int]
    ) -> Narration:
        is_event = isinstance(what, TraceEvent)
        return Narration(
            step=self.world.step,
            at_ms=self.world.now,
            member=member,
            text=event_sentence(what, member) if isinstance(what, TraceEvent) else what,
            citation=what.citation if isinstance(what, TraceEvent) else "",
            source=what.source if isinstance(what, TraceEvent) else "",
            landmark=is_event and what.landmark,  # type: ignore[union-attr]  # see is_event
            event_id=event_id,
            aside=is_event and what.aside,  # type: ignore[union-attr]  # see is_event
        )

    def _violations(self, known: int) -> list[Narration]:
        """Say which rules broke in this step: no member notices that by itself."""
        new = self.world.judge.violations[known:] if self.world.judge else ()
        return [
            Narration(
                step=self.world.step,
                at_ms=self.world.now,
                member=0,
                text=f"VIOLATED: {broken.name}: {broken}.",
                citation="",
                source="",
                landmark=True,
                event_id=(0, self.world.step, VIOLATION + place),
            )
            for place, broken in enumerate(new)
        ]

    def _landmarks(self, decision: Decision, act: str, violations: int) -> list[LandmarkView]:
        world = self.world

        def mark(kind: str, text: str) -> LandmarkView:
            return LandmarkView(world.step, world.now, kind, text)

        marks = []
        if isinstance(decision, FAULTS):
            marks.append(mark("fault", act))
        for member, event in self._heard:
            if event.landmark:
                marks.append(mark(landmark_kind(event), event_sentence(event, member)))
        if world.judge:
            new = world.judge.violations[violations:]
            marks += [mark("violation", f"{broken.name}: {broken}") for broken in new]
        return marks


FAULTS = (
    *(Crash, Restart, StartMember, Pause, Resume, HoldGate, OpenGate, Skew, Cut, Heal),
    *(SetRule, SetProfile),
)
"""Acts that are marked on the timeline."""


def landmark_kind(event: TraceEvent) -> str:
    """What a landmark is drawn as."""
    match event:
        case BecameLeader():
            return "leader"
        case EntryCommitted() | SnapshotAccepted() | KeysExpired():
            return "commit"
        case RequestAnswered() | RequestTimedOut() | WatcherTold() | WatchLost():
            return "answer"
        case _:
            return "election"


@dataclass(slots=True)
class Election:
    """What happened in one term."""

    needed: int = 0
    """Votes that win."""
    leader: int = 0
    votes: dict[int, set[int]] = field(default_factory=dict)
    """By candidate: who voted for it."""


BALLOTS = (ElectionStarted, VoteGranted, BecameLeader)
"""Who stood, voted, won."""


def _count(election: Election, member: int, event: TraceEvent) -> None:
    """Add one of those to what happened in its term."""
    match event:
        case ElectionStarted(pre_vote=False, needed=needed):
            election.needed = needed
            election.votes.setdefault(member, set()).add(member)
        case VoteGranted(pre_vote=False, candidate=candidate):
            election.votes.setdefault(candidate, set()).add(member)
        case BecameLeader():
            election.leader = member


# --- the stories of all branches ----------------------------------------------------------------


@dataclass(slots=True)
class BranchStory:
    """How far a branch was told, and the marks up to there."""

    told_to: int = 0
    marks: list[LandmarkView] = field(default_factory=list)
    ballots: list[tuple[int, int, TraceEvent]] = field(default_factory=list)
    """(step, member, event): who stood, voted, won."""
    listener: Listener | None = None
    """Stands at `told_to`, if it was there last."""


class Story:
    """Tells the steps of a timeline, remembering what was told."""

    def __init__(self, timeline: Timeline) -> None:
        """Listen to this timeline."""
        self.timeline = timeline
        self._branches: dict[str, BranchStory] = {}
        self._told: dict[tuple[str, int], Told] = {}

    def narration(self, first: int, last: int) -> tuple[Narration, ...]:
        """The sentences of steps first to last of the current branch."""
        first, last = max(1, first), min(last, self.timeline.length)
        return tuple(one for told in self._tell(first, last) for one in told.sentences)

    def cause(self, step: int) -> int:
        """The step from which a step of the current branch followed; 0 if it came from outside."""
        return self._tell(step, step)[0].cause

    def heard(self, step: int) -> tuple[tuple[int, TraceEvent], ...]:
        """What members told in a step of the current branch, as (member, trace event)."""
        return self._tell(step, step)[0].heard

    def landmarks(self) -> tuple[LandmarkView, ...]:
        """The marks of the current branch, those ahead included."""
        story = self._of_branch(self.timeline.branch)
        if story.told_to < self.timeline.length:
            self._tell_on(story, self.timeline.length)
        return tuple(story.marks)

    def election(self, term: int) -> Election:
        """What happened in a term, up to the current step."""
        self.landmarks()
        election = Election()
        for step, member, event in self._of_branch(self.timeline.branch).ballots:
            if step <= self.timeline.step and getattr(event, "term", 0) == term:
                _count(election, member, event)
        return election

    def step_of(self, event_id: tuple[int, int, int]) -> int | None:
        """The step of an event of the current branch, if it was told lately."""
        for (branch, step), told in self._told.items():
            if branch == self.timeline.branch and any(
                one.event_id == event_id for one in told.sentences
            ):
                return step
        return None

    def renamed(self, old: str, new: str) -> None:
        """A branch has another name now."""
        if old in self._branches:
            self._branches[new] = self._branches.pop(old)
        self._told.clear()

    def _of_branch(self, branch: str) -> BranchStory:
        """The story of a branch; a new one begins with its parent's, up to where they part."""
        if branch not in self._branches:
            story = BranchStory()
            record = next(one for one in self.timeline.branches() if one.name == branch)
            if record.parent:
                parent = self._of_branch(record.parent)
                story.told_to = min(record.parts_at, parent.told_to)
                story.marks = [mark for mark in parent.marks if mark.step <= story.told_to]
                story.ballots = [ballot for ballot in parent.ballots if ballot[0] <= story.told_to]
            self._branches[branch] = story
        return self._branches[branch]

    def _tell_on(self, story: BranchStory, last: int) -> None:
        """Tell a branch from where it was told to, and note the marks."""
        if story.listener is None:
            story.listener = Listener(self.timeline.world_at(story.told_to))
        for step in range(story.told_to + 1, last + 1):
            decision = self.timeline.decision(step)
            if last - step < REMEMBERED:
                told = story.listener.tell(decision)
                self._remember(step, told)
            else:
                told = story.listener.mark(decision)
            story.marks += told.landmarks
            ballots = (one for one in told.heard if isinstance(one[1], BALLOTS))
            story.ballots += [(step, member, event) for member, event in ballots]
            story.told_to = step

    def _tell(self, first: int, last: int) -> list[Told]:
        """Tell steps: what is remembered from memory, the rest by playing it."""
        if last - first >= REMEMBERED:
            listener = Listener(self.timeline.world_at(first - 1))
            return [listener.tell(self.timeline.decision(n)) for n in range(first, last + 1)]
        branch = self.timeline.branch
        story = self._of_branch(branch)
        if story.told_to < last:
            self._tell_on(story, last)  # it is needed for the marks anyway
        missing = [step for step in range(first, last + 1) if (branch, step) not in self._told]
        if missing:
            listener = Listener(self.timeline.world_at(missing[0] - 1))
            for step in range(missing[0], missing[-1] + 1):
                self._remember(step, listener.tell(self.timeline.decision(step)))
        return [self._told[branch, step] for step in range(first, last + 1)]

    def _remember(self, step: int, told: Told) -> None:
        self._told[self.timeline.branch, step] = told
        if len(self._told) > 4 * REMEMBERED:  # more than any one question needs
            for old in list(self._told)[:REMEMBERED]:
                del self._told[old]
