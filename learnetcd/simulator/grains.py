"""How far one press of a key goes: from a single effect to the next change worth a stop.

    EFFECT    one decision: a delivery, a sync, an apply, a timer
    MESSAGE   until a message has arrived or an election timer has fired; then that member's own
              disk and store finish at once, so that only messages, timers and clients remain
    TURN      everything that is due now at the member whose turn it is
    CHANGE    until somebody stands, wins, steps down, commits ... : a *landmark*

Take S2, whose election timer fires. EFFECT shows S2 writing its vote, and the next EFFECT the sync;
MESSAGE shows both at once ("votes 1 of 2"); CHANGE would have gone on to here from anywhere.

To find out how far to go, a *scout* (a fork of the world) goes ahead and writes down its decisions;
whoever asked carries them out afterwards, and may show each of them on the way. What the scout
finds recorded it follows: a run that was stepped back goes forward on the path that it took before.

Next page: `words`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import IntEnum

from learnetcd.raft.roles import Leader
from learnetcd.simulator import moment
from learnetcd.simulator.decisions import Decision, Deliver, FireTimer
from learnetcd.simulator.world import Due, World
from learnetcd.tracing import TraceEvent
from learnetcd.tracing.clients import RequestAnswered, RequestTimedOut
from learnetcd.tracing.elections import LeaderLearned

NO_STOP = (RequestAnswered, RequestTimedOut, LeaderLearned)
"""Marks on the timeline that are no stops of their own: what they belong to goes on."""


class Grain(IntEnum):
    """How far one press of a key goes; a coarser one is greater."""

    EFFECT = 0
    MESSAGE = 1
    TURN = 2
    CHANGE = 3


def plan(world: World, grain: Grain, recorded: Iterable[Decision] = ()) -> list[Decision]:
    """List the decisions of one press of the key, the `recorded` ones first; nothing is changed."""
    scout = Scout(world, recorded)
    _HOW_FAR[grain](scout)
    return scout.decisions


def plan_after_act(world: World, member: int, recorded: Iterable[Decision] = ()) -> list[Decision]:
    """List what a member's disk and store have to do after an act on it: they finish at once."""
    scout = Scout(world, recorded)
    _finish_local_work(scout, {member})
    return scout.decisions


class Scout:
    """Goes ahead on a fork of the world and writes down what it decides."""

    def __init__(self, world: World, recorded: Iterable[Decision] = ()) -> None:
        """Start where `world` is, with a path to follow first."""
        self.decisions: list[Decision] = []
        self.landmarks: dict[int, list[TraceEvent]] = {}
        """Those of the last decision, by member."""
        self.world = world.fork(tracer=self._note)
        self.recorded = iter(recorded)
        self.next_recorded = next(self.recorded, None)

    def _note(self, member: int, event: TraceEvent) -> None:
        if event.landmark and not isinstance(event, NO_STOP):
            self.landmarks.setdefault(member, []).append(event)

    @property
    def follows(self) -> bool:
        """Whether a recorded path lies ahead."""
        return self.next_recorded is not None

    def next(self) -> Decision | None:
        """What happens next: what is recorded, else what is due first."""
        return self.next_recorded if self.follows else self.world.next_decision()

    def decide(self, decision: Decision) -> None:
        """Carry a decision out on the fork, and write it down."""
        self.landmarks = {}
        self.world.decide(decision)
        self.decisions.append(decision)
        if self.follows:
            self.next_recorded = next(self.recorded, None)

    def find(self, wanted: Callable[[Due], bool]) -> Decision | None:
        """The first wanted thing that can happen now; on a recorded path, the next one or none."""
        for due in self.world.choices():
            if wanted(due) and (not self.follows or due.decision == self.next_recorded):
                return due.decision
        return None


# --- how far each grain goes ----------------------------------------------------------------------


def _one_effect(scout: Scout) -> None:
    decision = scout.next()
    if decision is not None:
        scout.decide(decision)


def _one_message(scout: Scout) -> None:
    """Go on until something that a reader calls a step; then the member finishes its own work."""
    limit = _Limit(scout)
    while (decision := scout.next()) is not None and not limit.reached():
        is_a_step = _is_a_step(scout.world, decision)
        scout.decide(decision)
        member = moment.member_of(decision)
        if is_a_step or scout.landmarks:
            _finish_local_work(scout, {member})
            return


def _is_a_step(world: World, decision: Decision) -> bool:
    """Leave out a leader's heartbeat timer, what a wall swallows, and disks: they are no steps."""
    match decision:
        case Deliver():
            return True
        case FireTimer(member=member):
            return not isinstance(world.member(member).raft.role, Leader)
        case _:
            return not moment.happens_by_itself(world, decision)


def _one_turn(scout: Scout) -> None:
    decision = scout.next()
    if decision is None:
        return
    scout.decide(decision)
    member, now = moment.member_of(decision), scout.world.now
    while decision := scout.find(
        lambda due: due.at <= now and moment.member_of(due.decision) == member
    ):
        scout.decide(decision)


def _one_change(scout: Scout) -> None:
    """Go on to the next landmark, and finish what happens at that very instant.

    Without a landmark it ends when what was started is finished, and after two election timeouts at
    the latest.
    """
    limit = _Limit(scout)
    before = _what_members_hold(scout.world)
    while (decision := scout.next()) is not None and not limit.reached():
        is_act = not moment.happens_by_itself(scout.world, decision)
        scout.decide(decision)
        if scout.landmarks or is_act or limit.broke_a_rule():
            _finish_instant(scout, set(scout.landmarks) | {moment.member_of(decision)})
            return
        if moment.is_quiet(scout.world) and _what_members_hold(scout.world) != before:
            _finish_instant(scout, set())
            return


class _Limit:
    """Two election timeouts after the key was pressed, nothing more is waited for."""

    def __init__(self, scout: Scout) -> None:
        self.scout = scout
        world = scout.world
        configs = [world.config(member) for member in moment.members(world)]
        self.until = world.now + 2 * max(c.election_ticks * c.tick_ms for c in configs)
        self.violations = _violations(world)

    def reached(self) -> bool:
        return self.scout.world.now >= self.until

    def broke_a_rule(self) -> bool:
        return _violations(self.scout.world) > self.violations


def _violations(world: World) -> int:
    return len(world.judge.violations) if world.judge is not None else 0


def _what_members_hold(world: World) -> tuple[object, ...]:
    """Leader, term, vote, log and commit index of all: what a reader would call a change."""
    held = []
    for member in moment.living(world):
        raft, log = member.raft, member.raft.log
        who = (raft.id, raft.leader, raft.term, raft.vote)
        held.append((who, log.last_index, log.last_term, log.commit_index))
    return tuple(held)


def _finish_instant(scout: Scout, members: set[int]) -> None:
    """Finish what is due at this very millisecond, then the local work of those concerned.

    Three timers that fire at once all fire: whoever stops between them shows a picture that never
    was.
    """
    now = scout.world.now
    members = set(members)
    while decision := scout.find(lambda due: due.at <= now):
        scout.decide(decision)
        members |= set(scout.landmarks)
    _finish_local_work(scout, members)


def _finish_local_work(scout: Scout, members: set[int]) -> None:
    known = sorted(members & set(scout.world.member_ids))
    while (decision := moment.local_work(scout.world, known)) is not None:
        if scout.follows and decision != scout.next_recorded:
            return
        scout.decide(decision)


_HOW_FAR: dict[Grain, Callable[[Scout], None]] = {
    Grain.EFFECT: _one_effect,
    Grain.MESSAGE: _one_message,
    Grain.TURN: _one_turn,
    Grain.CHANGE: _one_change,
}
