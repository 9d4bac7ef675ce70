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

Next page: `learnetcd_tui`, in `tui/`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from learnetcd.errors import UserError, unknown_name
from learnetcd.member.request import KeyRequest, MembershipRequest, Method, ReadKind, Request
from learnetcd.raft.config import PROFILES
from learnetcd.raft.configuration import Change, ChangeKind, ConfigChange
from learnetcd.raft.rules import TWINS
from learnetcd.session import choosing, comparing, why
from learnetcd.session.comparing import Comparison
from learnetcd.session.history import Beginning, History, Position, begin
from learnetcd.session.lock import RLock, locked
from learnetcd.session.pictures import Painter
from learnetcd.session.sources import source_of
from learnetcd.session.subjects import Explanation, Subject
from learnetcd.session.views import (
    BranchView,
    Choice,
    ClusterView,
    InvariantView,
    LandmarkView,
    Narration,
    PacketView,
    RuleView,
)
from learnetcd.simulator import acts, conditions, grains, library, moment
from learnetcd.simulator.conditions import FORMS, Condition
from learnetcd.simulator.decisions import (
    Campaign,
    Crash,
    Cut,
    Decision,
    Deliver,
    Drop,
    Duplicate,
    Heal,
    Hold,
    PassTime,
    Pause,
    Release,
    Restart,
    Resume,
    SetRule,
    SetTimer,
    Skew,
    StartMember,
    Submit,
    Transfer,
)
from learnetcd.simulator.grains import Grain
from learnetcd.simulator.network import describe_cut, parse_cut
from learnetcd.simulator.recording import Recording
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.statelines import state_lines
from learnetcd.simulator.timeline import Timeline
from learnetcd.simulator.world import World
from learnetcd.tracing import member_name

SLICE = 200
"""So many decisions are carried out before other threads get their turn."""

MOST_UNDOS = 10_000
"""So many acts can be taken back; they are a few numbers each."""


class Reached(NamedTuple):
    """How *run until* ended."""

    came_true: bool
    sentence: str


class Session:
    """One cluster in the hands of one reader."""

    def __init__(self, history: History) -> None:
        """Begin with one history; see `open` and `load`."""
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
        self._drawn: tuple[Position, ClusterView] | None = None
        self._saved = self._signature()

    # -- beginning and ending -------------------------------------------------------------------

    @staticmethod
    def open(
        scene: str | None = None,
        *,
        members: int | None = None,
        profile: str | None = None,
        seed: int | None = None,
    ) -> Session:
        """Open a scene, or a new cluster; what is not known is a `UserError` that names what is.

        Without a scene: three members, the profile `paper`, the seed 1.
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
        beginning = Beginning(scene, opened.start, opened.grain) if opened else Beginning()
        return Session(begin(setup, beginning))

    @staticmethod
    def load(path: str | Path) -> Session:
        """Open a recording, and stand at its end."""
        recording = Recording.parse(Path(path).read_text(encoding="utf-8"))
        history = History(recording.play(), Beginning(recording.title))
        history.story.landmarks()
        return Session(history)

    @locked
    def save(self, path: str | Path) -> None:
        """Write the current branch to a file."""
        recording = Recording.of(self._timeline, self._history.beginning.title)
        Path(path).write_text(recording.text(), encoding="utf-8")
        self._saved = self._signature()

    @property
    def unsaved(self) -> bool:
        """Whether something happened that no file holds."""
        with self.lock:
            return self._signature() != self._saved

    def _signature(self) -> tuple[tuple[str, int], ...]:
        """All branches and their lengths: as long as they are the same, nothing new happened."""
        return tuple(
            (branch.name, branch.length)
            for history in self._histories
            for branch in history.timeline.branches()
        )

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
            timeline.switch(position.branch, position.step)
        timeline.seek(position.step)
        self._later_ms, self._follows = position.later_ms, position.follows
        before = self._history.stop_before(position.step, Grain.MESSAGE)
        self._before = timeline.world_at(before)

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

    # -- looking --------------------------------------------------------------------------------

    @locked
    def view(self) -> ClusterView:
        """The whole cluster, now."""
        position = self._position
        if self._drawn is None or self._drawn[0] != position:
            self._drawn = (position, self._draw())
        return self._drawn[1]

    def _draw(self) -> ClusterView:
        timeline, world = self._timeline, self._world.fork()
        painter = Painter(world, self._before, self._later_ms)
        judge = world.judge
        return ClusterView(
            scene=self._history.beginning.title,
            profile=world.setup.profile,
            seed=world.setup.seed,
            now_ms=painter.now,
            step=timeline.step,
            length=timeline.length,
            branch=timeline.branch,
            members=painter.members(),
            packets=painter.packets(),
            clients=painter.clients(),
            cuts=tuple(sorted(world.cuts)),
            walls=describe_cut(world.cuts, world.member_ids),
            broken_rules=self._broken_rules(),
            safe=judge.safe if judge else 0,
            invariants=len(judge.invariants) if judge else 0,
            violated=tuple(v.name for v in judge.violations) if judge else (),
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
    def invariants(self) -> tuple[InvariantView, ...]:
        """What must always hold, and whether it did."""
        return choosing.invariants(self._world)

    @locked
    def rules(self) -> tuple[RuleView, ...]:
        """The safety rules that can be switched off."""
        broken = self._broken_rules()
        return tuple(
            RuleView(twin.name, twin.sentence, twin.name not in broken, twin.breaks)
            for twin in TWINS.values()
        )

    def _broken_rules(self) -> tuple[str, ...]:
        world = self._world
        broken = {twin for member in world.member_ids for twin in world.config(member).rules.broken}
        return tuple(sorted(broken))

    @staticmethod
    def source(symbol: str) -> tuple[str, int, tuple[str, ...]]:
        """Where a symbol of our own code stands: path, number of its first line, its lines."""
        return source_of(symbol)

    @staticmethod
    def scenes() -> tuple[tuple[str, str], ...]:
        """The scenes that can be opened: name and claim."""
        return tuple((scene.name, scene.claim) for scene in library.scenes())

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
            condition = conditions.parse(condition_text, members)
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

    def _decide(self, decision: Decision) -> None:
        """Carry out one decision; a branch that it opens is named by it."""
        timeline = self._timeline
        branch, step = timeline.branch, timeline.step
        timeline.decide(decision)
        if timeline.branch != branch:
            verb = decision.text().split(" ")[0]
            self._history.rename(timeline.branch, self._free_name(f"{verb} at {step}"))
        if timeline.step == timeline.length:
            self._follows = True

    # -- acts -----------------------------------------------------------------------------------

    @locked
    def _act(self, *decisions: Decision, member: int = 0) -> None:
        """Do something to the cluster; the member's own disk and store finish at once."""
        trial = self._world.fork()
        for decision in decisions:
            trial.decide(decision)  # what is impossible is found out before anything is recorded
        with self._move(Grain.CHANGE):
            if self._later_ms:
                at = self._world.now + self._later_ms
                self._later_ms = 0
                self._decide(PassTime(at))
            self._carry_out(list(decisions))
            if member:
                self._carry_out(grains.plan_after_act(self._world, member, self._path_ahead()))

    @locked
    def time_out(self, member: int) -> None:
        """Let a member stand for election, as if its timer had fired."""
        if moment.role_name(self._world, member) == "leader":
            raise UserError(f"{member_name(member)} leads: it has no election timer.")
        self._act(Campaign(member), member=member)

    def crash(self, member: int) -> None:
        """Take a member's power away."""
        self._act(Crash(member))

    def restart(self, member: int) -> None:
        """Start a dead member from its disk."""
        self._act(Restart(member), member=member)

    def pause(self, member: int) -> None:
        """Stop a member's process; its clock goes on."""
        self._act(Pause(member))

    def resume(self, member: int) -> None:
        """Let a paused member go on."""
        self._act(Resume(member))

    def skew(self, member: int, per_mille: int) -> None:
        """Let a member's clock run fast or slow."""
        self._act(Skew(member, per_mille))

    def set_timer(self, member: int, ticks: int) -> None:
        """Let a member's election timer fire after so many ticks."""
        self._act(SetTimer(member, ticks))

    def transfer(self, member: int, target: int) -> None:
        """Ask a member to hand leadership to another."""
        self._act(Transfer(member, target), member=member)

    @locked
    def cut(self, text: str) -> None:
        """Cut links: groups `1|23`, or one way `1>3`."""
        members = self._world.member_ids
        try:
            links = parse_cut(text, members)
        except ValueError:
            raise UserError(
                f"{text!r} is no cut. Type groups such as 1|23, or one way such as 1>3; "
                f"there are {', '.join(map(member_name, members))}."
            ) from None
        self._act(Cut(links))

    def heal(self) -> None:
        """Make all links whole."""
        self._act(Heal())

    def drop(self, packet: PacketView) -> None:
        """Lose a message."""
        self._act(Drop(*packet.link, packet.number, packet.copy_number))

    def hold(self, packet: PacketView) -> None:
        """Stop a message where it is."""
        self._act(Hold(*packet.link, packet.number, packet.copy_number))

    def release(self, packet: PacketView) -> None:
        """Let a held message go on."""
        self._act(Release(*packet.link, packet.number, packet.copy_number))

    def duplicate(self, packet: PacketView) -> None:
        """Double a message."""
        self._act(Duplicate(*packet.link, packet.number, packet.copy_number))

    def deliver(self, packet: PacketView) -> None:
        """Let a message arrive now, before all others."""
        receiver = packet.link[1]
        deliver = Deliver(*packet.link, packet.number, packet.copy_number)
        self._act(deliver, member=receiver)

    def set_rule(self, name: str, on: bool) -> None:
        """Switch a safety rule off, or on again, at all members."""
        self._act(SetRule(name, on))

    @locked
    def act(self, text: str) -> None:
        """Do what a line of a scene says: `put S1 x=1`, `cut 1|23`, `run until S2 leads`."""
        with self._move(Grain.CHANGE):
            self._later_ms = 0
            self._carry_out(acts.parse(text).plan(self._world))

    # -- clients --------------------------------------------------------------------------------

    def put(self, member: int, key: str, value: str = "") -> int:
        """Set a key, as a client of a member; the number of the request."""
        return self._submit(member, KeyRequest(Method.PUT, key, value))

    def get(self, member: int, key: str, read: str = "local") -> int:
        """Read a key, as a client of a member: `local`, `quorum` or `index`."""
        kinds = [kind.value for kind in ReadKind]
        if read not in kinds:
            raise unknown_name("kind of read", read, kinds)
        return self._submit(member, KeyRequest(Method.GET, key, read=ReadKind(read)))

    def delete(self, member: int, key: str) -> int:
        """Delete a key, as a client of a member."""
        return self._submit(member, KeyRequest(Method.DELETE, key))

    def add_member(self, member: int) -> int:
        """Start a new machine and ask the leader to make it a voter."""
        return self._change(ChangeKind.ADD_VOTER, member)

    def add_learner(self, member: int) -> int:
        """Start a new machine and ask the leader to let it learn."""
        return self._change(ChangeKind.ADD_LEARNER, member)

    def remove_member(self, member: int) -> int:
        """Ask the leader to take a member out."""
        return self._change(ChangeKind.REMOVE, member)

    @locked
    def _submit(self, member: int, request: Request, *first: Decision) -> int:
        number = self._world.clients.last_id + 1
        self._act(*first, Submit(member, number, request), member=member)
        return number

    @locked
    def _change(self, kind: ChangeKind, member: int) -> int:
        leader = moment.leader_of_latest_term(self._world)
        if not leader:
            raise UserError("Nobody leads: only a leader can change who is a member.")
        is_new = kind is not ChangeKind.REMOVE and member not in self._world.member_ids
        starts = (StartMember(member),) if is_new else ()
        change = ConfigChange((Change(kind, member),))
        return self._submit(leader, MembershipRequest(change), *starts)

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
        return [branch for branch, _ in self._signature()]

    def _find_branch(self, name: str) -> tuple[int, int]:
        """The history that has this branch, and its length."""
        for place, history in enumerate(self._histories):
            for branch in history.timeline.branches():
                if branch.name == name:
                    return place, branch.length
        raise unknown_name("branch", name, self._branch_names())

    def _free_name(self, wanted: str) -> str:
        taken, name, number = set(self._branch_names()), wanted, 1
        while name in taken:
            number += 1
            name = f"{wanted} ({number})"
        return name


def _renamed(position: Position, place: int, old: str, new: str) -> Position:
    if (position.history, position.branch) != (place, old):
        return position
    return Position(place, new, position.step, position.later_ms, position.follows)
