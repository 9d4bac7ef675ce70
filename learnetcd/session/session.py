"""A session: one cluster, its histories, and the person who steps, breaks, rewinds and asks.

    session = Session.open(members=3, seed=7)
    session.forward(Grain.CHANGE)             # until somebody stands for election
    session.put(2, "x", "1")                  # as a client of S2
    session.crash(2); session.back()          # and it never happened
    print(session.why_not(Subject.entry(2, 1)).title)

Every view (screens, notebooks, lessons) speaks to a cluster through this page and keeps none of its
own. What a view shows comes out as immutable pictures; what a person does goes in as one method
call. Each call does at most one step's worth of work, and calls may come from any thread.

**Time only moves forward, histories don't.** Going back is free. Whoever acts in the past opens a
branch, named by the act ("cut at 17"), and the old future stays where it was. *Undo* takes back the
last thing that the person did, whatever it was: an act, a step, a jump.

Left out: everything about Raft. This page knows members by their numbers and messages by theirs.

Next page: `learnetcd.figures`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from learnetcd.checking.history import Judged
from learnetcd.errors import UserError, unknown_name
from learnetcd.invariants import Judge
from learnetcd.own.file import Own
from learnetcd.own.fitting import with_own
from learnetcd.raft.config import PROFILES
from learnetcd.raft.twins import TWINS
from learnetcd.session import choosing, comparing, histories, origins, spans, why
from learnetcd.session.acting import Acting
from learnetcd.session.comparing import Comparison
from learnetcd.session.history import Beginning, History, Position, begin
from learnetcd.session.lock import locked
from learnetcd.session.pictures import Painter
from learnetcd.session.reader import Reached
from learnetcd.session.sources import source_of
from learnetcd.session.subjects import Explanation, Subject
from learnetcd.session.views import (
    BranchView,
    CauseView,
    Choice,
    ClusterView,
    InvariantView,
    LandmarkView,
    Narration,
    RuleView,
    SpanView,
)
from learnetcd.simulator import library
from learnetcd.simulator.conditions import FORMS
from learnetcd.simulator.decisions import Impossible
from learnetcd.simulator.grains import Grain
from learnetcd.simulator.network import describe_cut
from learnetcd.simulator.recording import Recording
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.share import code_of, opened
from learnetcd.simulator.statelines import state_lines
from learnetcd.simulator.timeline import Timeline
from learnetcd.simulator.world import World

__all__ = ["Explanation", "Grain", "Reached", "Session", "Subject"]


class Session(Acting):
    """One cluster in the hands of one reader."""

    def __init__(self, history: History) -> None:
        """Begin with one history; see `open` and `load`."""
        super().__init__(history)
        self._drawn: tuple[object, ClusterView] | None = None
        """The last picture, and what it depends on."""
        self._saved = self._branch_lengths()

    # -- beginning and ending -------------------------------------------------------------------

    @staticmethod
    def open(
        scene: str | None = None,
        *,
        members: int | None = None,
        profile: str | None = None,
        seed: int | None = None,
        own: Own | None = None,
        own_at: Collection[int] = (),
    ) -> Session:
        """Open a scene, or a new cluster; what is not known is a `UserError` that names what is.

        Without a scene: three members, the profile `paper`, the seed 1. With parts of your `own`,
        all members run them, or those in `own_at`.
        """
        if members is not None and not 1 <= members <= 7:
            raise UserError(f"A cluster has 1 to 7 members, not {members}.")
        scene = scene or ""
        opened = library.load_scene(scene) if scene else None
        setup = opened.setup if opened else Setup()
        setup = replace(
            setup,
            members=setup.members if members is None else tuple(range(1, members + 1)),
            profile=setup.profile if profile is None else profile,
            seed=setup.seed if seed is None else seed,
        )
        if own is not None:
            setup = with_own(setup, own, own_at)
        beginning = Beginning(scene, opened.start, opened.grain) if opened else Beginning()
        return Session(begin(setup, beginning))

    @staticmethod
    def load(path: str | Path, own: Own | None = None, own_at: Collection[int] = ()) -> Session:
        """Open a recording, or a share code, and stand at its end.

        With parts of your `own` it may come out otherwise than it was recorded, and end sooner.
        """
        recording = opened(str(path))
        if own is None:
            return Session.of(recording)
        setup = with_own(recording.setup, own, own_at)
        timeline = Timeline(setup, Judge())
        for decision in recording.decisions:
            try:
                timeline.decide(decision)
            except Impossible:
                break
        return Session(History(timeline, Beginning(recording.title)))

    @staticmethod
    def of(recording: Recording) -> Session:
        """Play a recording, and stand at its end."""
        history = History(recording.play(Judge()), Beginning(recording.title))
        history.story.landmarks()
        return Session(history)

    @property
    def is_live(self) -> bool:
        """Whether its members are real ones: those have no way back."""
        return False

    @property
    def greeting(self) -> str:
        """What a person should know first."""
        return ""

    @property
    def invitation(self) -> tuple[str, ...]:
        """Lines for another terminal that ask its members something: none, if it is simulated."""
        return ()

    def past(self) -> Session:
        """What has happened so far, as a simulated session in which one can go back."""
        raise UserError("This session is its own past: go back in it.")

    def has_news(self) -> bool:
        """Whether something has come from outside since the last picture."""
        return False

    def close(self) -> None:
        """Let go of what it holds outside of itself: nothing, if it is simulated."""

    @locked
    def recording(self) -> Recording:
        """The current branch, to its end."""
        return Recording.of(self._timeline, self._history.beginning.title)

    @locked
    def save(self, path: str | Path) -> None:
        """Write the current branch to a file."""
        Path(path).write_text(self.recording().text(), encoding="utf-8")
        self._saved = self._branch_lengths()

    @locked
    def share_code(self) -> str:
        """The current branch as one line, for somebody who has the same learnetcd."""
        return code_of(self._timeline.setup, self._timeline.decisions())

    @property
    def unsaved(self) -> bool:
        """Whether something happened since this was opened or saved."""
        with self.lock:
            return self._branch_lengths() != self._saved

    # -- looking --------------------------------------------------------------------------------

    @locked
    def view(self) -> ClusterView:
        """The whole cluster, now."""
        shown = (self._position, self._timeline.length, self._before)
        if self._drawn is None or self._drawn[0] != shown:
            self._drawn = (shown, self._draw())
        return self._drawn[1]

    @locked
    def view_at(self, step: int) -> ClusterView:
        """The whole cluster at another step of this branch; the reader stays where they are."""
        timeline = self._timeline
        before = timeline.world_at(step - 1) if step > 0 else None
        return self._paint(timeline.world_at(step), before)

    def _draw(self) -> ClusterView:
        return self._paint(self._world.fork(), self._before, self._later_ms)

    def _paint(self, world: World, before: World | None, later_ms: int = 0) -> ClusterView:
        timeline = self._timeline
        painter = Painter(world, before, later_ms)
        judge = world.judge
        return ClusterView(
            scene=self._history.beginning.title,
            profile=world.setup.profile,
            seed=world.setup.seed,
            now_ms=painter.now,
            step=world.step,
            length=timeline.length,
            branch=timeline.branch,
            members=painter.members(),
            packets=painter.packets(),
            clients=painter.clients(),
            cuts=tuple(sorted(world.cuts)),
            walls=describe_cut(world.cuts, world.member_ids),
            broken_rules=_broken_rules(world),
            safe=judge.safe if judge else 0,
            invariants=len(judge.invariants) if judge else 0,
            violated=tuple(v.name for v in judge.violations) if judge else (),
            is_part=world.setup.others_outside,
        )

    @locked
    def state_lines(self) -> tuple[str, ...]:
        """The cluster in one line a member."""
        return state_lines(self._world)

    @locked
    def digest(self) -> str:
        """The name of this state: equal states have equal digests."""
        return self._world.digest()

    @locked
    def choices(self) -> tuple[Choice, ...]:
        """What can happen next, the earliest first."""
        return choosing.choices(self._world, self._later_ms)

    @locked
    def narration(self, first_step: int, last_step: int) -> tuple[Narration, ...]:
        """The story of some steps of this branch, a sentence for each thing that happened."""
        return self._history.story.narration(first_step, last_step)

    @locked
    def landmarks(self) -> tuple[LandmarkView, ...]:
        """The marks of this branch's timeline."""
        return self._history.story.landmarks()

    @locked
    def span(self, first: int, last: int) -> SpanView:
        """Some steps of this branch as a whole: messages from end to end, and who was what."""
        title = self._history.beginning.title or "A run"
        return spans.span(self._timeline, self._history.story, title, first, last)

    @locked
    def invariants(self) -> tuple[InvariantView, ...]:
        """What must always hold, and whether it did."""
        return choosing.invariants(self._world)

    @locked
    def rules(self) -> tuple[RuleView, ...]:
        """The safety rules that can be switched off."""
        broken = _broken_rules(self._world)
        return tuple(
            RuleView(twin.name, twin.sentence, twin.name not in broken, twin.breaks)
            for twin in TWINS.values()
        )

    @staticmethod
    def source(symbol: str) -> tuple[str, int, tuple[str, ...]]:
        """Where a symbol of our own code stands: path, number of its first line, its lines."""
        return source_of(symbol)

    @staticmethod
    def scenes() -> tuple[tuple[str, str], ...]:
        """The scenes that can be opened: name and claim."""
        return tuple((scene.name, scene.claim) for scene in library.scenes())

    @locked
    def script(self) -> tuple[str, ...]:
        """The acts of the scene that is open, to be played line by line with `act`."""
        title = self._history.beginning.title
        if title not in library.scene_names():
            return ()
        return tuple(act.text for act in library.load_scene(title).acts)

    @staticmethod
    def conditions() -> tuple[tuple[str, str], ...]:
        """What `run_until` understands: how it is typed, and what it means."""
        return tuple((form.example, form.meaning) for form in FORMS)

    # -- asking why -----------------------------------------------------------------------------

    @locked
    def why(self, subject: Subject) -> Explanation:
        """Why is it so?"""
        return why.why(self._timeline, self._history.story, subject)

    @locked
    def why_not(self, subject: Subject) -> Explanation:
        """Why is it not otherwise, and what would it take?"""
        return why.why_not(self._timeline, self._history.story, subject)

    @locked
    def causes(self, event_id: tuple[int, int, int]) -> tuple[CauseView, ...]:
        """The steps that led to a sentence of the narration, the earliest first."""
        return origins.origins(self._timeline, self._history.story, event_id)

    @locked
    def histories(self, last_step: int) -> tuple[Judged, ...]:
        """What clients asked about each key up to a step, and whether it fits together."""
        timeline = self._timeline
        return histories.histories(timeline.setup, timeline.decisions()[:last_step])

    # -- histories and branches -----------------------------------------------------------------

    @locked
    def set_profile(self, name: str) -> None:
        """Begin the same scene again, in another profile; what was stays as a branch."""
        if name not in PROFILES:
            raise unknown_name("profile", name, PROFILES)
        with self._move(None):
            branch = self._free_name(name)
            history = self._history.in_profile(name)
            history.rename(history.timeline.branch, branch)
            self._histories.append(history)
            self._go_to(Position(len(self._histories) - 1, branch, history.timeline.step))

    @locked
    def branches(self) -> tuple[BranchView, ...]:
        """All branches, of all histories."""
        return tuple(
            BranchView(
                name=branch.name,
                parent=branch.parent,
                parts_at=branch.parts_at,
                length=branch.length,
                current=(place, branch.name) == (self._place, self._timeline.branch),
            )
            for place, history in enumerate(self._histories)
            for branch in history.timeline.branches()
        )

    @locked
    def switch(self, name: str) -> None:
        """Go to another branch: to the same step if it has one, else to its end."""
        place, length = self._find_branch(name)
        with self._move(None):
            step = min(self._timeline.step, length)
            self._go_to(Position(place, name, step))

    @locked
    def rename_branch(self, old: str, new: str) -> None:
        """Give a branch a better name."""
        place, _ = self._find_branch(old)
        new = new.strip()
        if not new or new in self._branch_names():
            raise UserError(f"A branch can't be called {new!r}: the name is taken or empty.")
        self._histories[place].rename(old, new)
        for positions in (self._undo, self._redo):
            positions[:] = [_renamed(position, place, old, new) for position in positions]
        self._drawn = self._ran_to = None

    @locked
    def compare(self, left: str, right: str) -> Comparison:
        """Two branches side by side, with the first difference."""
        (a, _), (b, _) = self._find_branch(left), self._find_branch(right)
        here = self._position
        try:
            return comparing.compare(self._histories[a], left, self._histories[b], right)
        finally:
            self._go_to(here)

    def _branch_names(self) -> list[str]:
        return [branch for branch, _ in self._branch_lengths()]

    def _find_branch(self, name: str) -> tuple[int, int]:
        """The history that has this branch, and its length."""
        for place, history in enumerate(self._histories):
            for branch in history.timeline.branches():
                if branch.name == name:
                    return place, branch.length
        raise unknown_name("branch", name, self._branch_names())


def _broken_rules(world: World) -> tuple[str, ...]:
    broken = {twin for member in world.member_ids for twin in world.config(member).rules.broken}
    return tuple(sorted(broken))


def _renamed(position: Position, place: int, old: str, new: str) -> Position:
    if (position.history, position.branch) != (place, old):
        return position
    return Position(place, new, position.step, position.later_ms, position.follows)
