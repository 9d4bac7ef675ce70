"""A swarm: one random run out of very many, with faults of many kinds, that must end well.

    for seed in range(1000):
        result = Swarm(seed).run(judge=Judge())
        assert not result.trouble, result

Each seed is another cluster and another kind of weather. That is the trick of swarm testing (Groce
et al., 2012): a run with *every* fault in it is busy recovering and gets nowhere near the corners,
so each seed leaves most kinds of faults out and has plenty of the others. Some corners are rare
even so, and their odds are raised on purpose:

    appends of one entry, long tails on leaders cut off      commit beyond what was checked
    a disk slower than three elections                       an old sync confirms a new entry
    applying slower than an election, members changing       standing with an old membership
    the leader dies while two sets of voters rule            one half decides alone
    clients ask whoever believes that it leads               old leaders answer old values

Then everything heals: links, clocks, disks, the dead. Within sixty election timeouts a new entry
must be committed and everybody must have it: a cluster that never does wrong because it does
nothing has failed as well.

All that was decided is in the result, so a run is repeated and shrunk without any chance.

Left out: judging. The invariants are in `learnetcd.invariants`; this page only makes it hard for
them, and adds that the cluster comes to life again and that the stores are equal in the end.

Next page: `timeline`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

from learnetcd.invariants import Judge
from learnetcd.member.request import (
    KeyRequest,
    MembershipRequest,
    Method,
    Outcome,
    ReadKind,
    Request,
)
from learnetcd.raft.chance import draw
from learnetcd.raft.config import PROFILES
from learnetcd.raft.configuration import Change, ChangeKind, ConfigChange, Transition
from learnetcd.raft.raft import Raft
from learnetcd.raft.roles import Leader
from learnetcd.simulator.decisions import (
    Campaign,
    Crash,
    Cut,
    Decision,
    ForgetLeader,
    Heal,
    Impossible,
    PassTime,
    Pause,
    Release,
    Restart,
    Resume,
    SetProfile,
    SetWeather,
    Skew,
    SlowApply,
    SlowDisk,
    StartMember,
    Submit,
    TellUnreachable,
    Transfer,
)
from learnetcd.simulator.schedule import leader
from learnetcd.simulator.setup import Knob, Setup
from learnetcd.simulator.world import World

Item = TypeVar("Item")

SWARM = 700
"""Where the draws of this page begin."""

TICK_MS = 10
ELECTION_MS = 2 * 10 * TICK_MS
"""The longest election timeout of a setup of ours."""

SNAPSHOT_EVERY: tuple[Knob, ...] = ("unlimited", 5, 20, 100)

FAST = (1, 3)
"""A disk or a store that keeps up, in milliseconds."""


@dataclass(frozen=True, slots=True)
class SwarmResult:
    """What became of a run."""

    seed: int
    setup: Setup
    decisions: tuple[Decision, ...]
    trouble: str
    """What went wrong, in words; empty if all went well."""
    commits: int
    """How far the log was committed in the end."""
    answered: int
    """How many requests were done or refused, that is, answered for sure."""


class Dice:
    """Chance for one run: each throw is a function of the seed and of how many came before."""

    def __init__(self, seed: int) -> None:
        """Begin to throw."""
        self._seed = seed
        self._throws = 0

    def below(self, limit: int) -> int:
        """A number from 0 to limit - 1."""
        self._throws += 1
        return draw(self._seed, SWARM, self._throws, limit)

    def between(self, low: int, high: int) -> int:
        """A number from low to high."""
        return low + self.below(high - low + 1)

    def often(self, per_cent: int) -> bool:
        """True that many times in a hundred."""
        return self.below(100) < per_cent

    def one_of(self, items: Sequence[Item]) -> Item:
        """One of them."""
        return items[self.below(len(items))]


def swarm_setup(seed: int, dice: Dice) -> Setup:
    """A cluster and its weather."""
    knobs: list[tuple[str, Knob]] = [
        ("snapshot_entries", dice.one_of(SNAPSHOT_EVERY)),
        ("tick_ms", TICK_MS),
        ("election_ticks", 10),
        ("heartbeat_ticks", dice.between(1, 3)),
        ("request_timeout_ms", dice.one_of((500, 2_000))),
        ("max_append_bytes", dice.one_of((1, 100, 1 << 20))),
        ("max_inflight_appends", dice.one_of((1, 4, 256))),
        ("keep_entries", dice.one_of((0, 2, 10))),
        ("step_down_on_removal", dice.often(50)),
    ]
    if dice.often(30):
        knobs.append(("pre_vote", True))
    slow_disk, slow_apply = dice.often(15), dice.often(15)
    return Setup(
        members=tuple(range(1, dice.one_of((1, 2, 3, 3, 3, 3, 3, 3, 4, 5, 5, 5)) + 1)),
        seed=seed,
        profile=dice.one_of(tuple(PROFILES)),
        knobs=tuple(knobs),
        network_ms=dice.one_of(((1, 3), (1, 20), (5, 5))),
        disk_ms=(3 * ELECTION_MS, 4 * ELECTION_MS) if slow_disk else dice.one_of((FAST, (0, 20))),
        apply_ms=(ELECTION_MS, 2 * ELECTION_MS) if slow_apply else dice.one_of((FAST, (0, 30))),
        weather=(
            dice.one_of((0, 0, 20, 100)),
            dice.one_of((0, 0, 30)),
            dice.one_of((0, 0, 50, 200)),
        ),
    )


class Swarm:
    """One run: a schedule that plays clients and fate."""

    def __init__(
        self,
        seed: int,
        *,
        trouble_ms: int = 8_000,
        healed_timeouts: int = 60,
        broken_rules: tuple[str, ...] = (),
    ) -> None:
        """Plan a run whose faults last for `trouble_ms` of the cluster's time.

        `broken_rules`: what the members shall do wrong, to see that it is found.
        """
        self.seed = seed
        self._dice = Dice(seed)
        self.setup = replace(swarm_setup(seed, self._dice), broken_rules=broken_rules)
        self._trouble_ms = trouble_ms
        self._healed_ms = healed_timeouts * ELECTION_MS
        # Most kinds are left out of a run, so that those in it come often; repairs are in all.
        chosen = [name for name in FAULTS if name in REPAIRS or self._dice.often(30)]
        self._kinds = tuple(name for name in chosen for _ in range(FAULTS[name][0]))
        self._fault_every_ms = self._dice.one_of((20, 60, 150, 400))
        self._ask_every_ms = self._dice.one_of((5, 20, 60))
        self._decisions: list[Decision] = []

    def run(self, judge: Judge | None = None) -> SwarmResult:
        """Run it to its end, or to the first violation."""
        world = World(self.setup, judge=judge)
        trouble = self._make_trouble(world) or self._heal(world)
        if not trouble:
            trouble = _stores_differ(world)
        rafts = [world.member(member).raft for member in world.alive_ids]
        return SwarmResult(
            self.seed,
            self.setup,
            tuple(self._decisions),
            trouble,
            commits=max((raft.log.commit_index for raft in rafts), default=0),
            answered=sum(
                record.answer is not None and record.answer.outcome is not Outcome.UNKNOWN
                for record in world.clients.values()
            ),
        )

    def _decide(self, world: World, decision: Decision) -> None:
        world.decide(decision)
        self._decisions.append(decision)

    def _try(self, world: World, decision: Decision) -> None:
        """Interfere, if it is possible: fate does not look before it strikes."""
        with suppress(Impossible):
            self._decide(world, decision)

    # -- trouble ------------------------------------------------------------------------------

    def _make_trouble(self, world: World) -> str:
        """Let it run, with clients and faults, until the time for trouble is over."""
        next_fault = next_ask = 0
        while world.now < self._trouble_ms:
            if world.now >= next_ask:
                next_ask = world.now + self._dice.between(1, 2 * self._ask_every_ms)
                self._ask(world)
            if world.now >= next_fault:
                next_fault = world.now + self._dice.between(1, 2 * self._fault_every_ms)
                self._fault(world)
            self._decide(world, world.next_decision() or PassTime(next_fault))
            if world.judge is not None and world.judge.violations:
                return _violations(world.judge)
        return ""

    def _ask(self, world: World) -> None:
        """A client asks for something, often the leader, sometimes somebody who is dead."""
        dice = self._dice
        request_id = world.clients.last_id + 1
        path = f"/k{dice.below(6)}"
        request: Request = dice.one_of(
            (
                KeyRequest(Method.PUT, path, f"v{request_id}"),
                KeyRequest(Method.PUT, path, f"v{request_id}"),
                KeyRequest(Method.DELETE, path),
                KeyRequest(Method.GET, path, read=ReadKind.LOCAL),
                KeyRequest(Method.GET, path, read=ReadKind.QUORUM),
                KeyRequest(Method.GET, path, read=ReadKind.INDEX),
            )
        )
        self._try(world, Submit(self._somebody(world), request_id, request))

    def _somebody(self, world: World) -> int:
        """Whom a client asks: mostly one who believes that it leads, and there may be several."""
        rafts = [world.member(member).raft for member in world.alive_ids]
        leaders = [raft.id for raft in rafts if isinstance(raft.role, Leader)]
        if leaders and self._dice.often(70):
            return self._dice.one_of(leaders)
        return self._dice.one_of(world.member_ids)

    def _fault(self, world: World) -> None:
        """Something breaks, or is mended for a while."""
        if self._dice.often(30):
            joint = [m for m in world.alive_ids if world.member(m).raft.configuration.joint]
            if leader(world) in joint and "change" in self._kinds:
                self._try(world, Crash(leader(world), 0))
                return
        for decision in FAULTS[self._dice.one_of(self._kinds)][1](self._dice, world):
            self._try(world, decision)

    # -- healing ------------------------------------------------------------------------------

    def _heal(self, world: World) -> str:
        """Mend everything; then a new entry must get through to all, in bounded time."""
        self._try(world, Heal())
        self._try(world, SetWeather(0, 0, 0))
        for packet in world.packets():
            if packet.held:
                self._try(world, Release(*packet.key))
        deadline, next_look = world.now + self._healed_ms, 0
        while world.now < deadline:
            if world.now >= next_look:
                next_look = world.now + ELECTION_MS
                self._mend_machines(world)
                if self._alive_and_well(world):
                    return ""
                self._put_at_leader(world)
            self._decide(world, world.next_decision() or PassTime(next_look))
            if world.judge is not None and world.judge.violations:
                return _violations(world.judge)
        if _is_stuck_by_removal(world):
            return ""
        return f"not alive {self._healed_ms} ms after everything was mended: {_describe(world)}"

    def _mend_machines(self, world: World) -> None:
        """Run whoever is a member, with a right clock and a fast disk; stop whoever is not."""
        members = _members(world)
        for member in world.member_ids:
            if world.paused(member):
                self._try(world, Resume(member))
            if world.clock_rate(member) != 1000:
                self._try(world, Skew(member, 1000))
            if world.machine(member).disk_ms != FAST:
                self._try(world, SlowDisk(member, *FAST))
                self._try(world, SlowApply(member, *FAST))
            if not world.alive(member) and member in members:
                self._try(world, Restart(member))
            elif world.alive(member) and not _is_counted(world, members, member):
                # Without check-quorum, a member that was removed disturbs the others for ever.
                self._try(world, Crash(member, 0))
        for member in members:
            if member not in world.member_ids:
                self._try(world, StartMember(member))

    def _put_at_leader(self, world: World) -> None:
        leads = leader(world)
        if leads:
            request_id = world.clients.last_id + 1
            put = KeyRequest(Method.PUT, "/healed", f"v{request_id}")
            self._try(world, Submit(leads, request_id, put))

    def _alive_and_well(self, world: World) -> bool:
        """Whether a write that was asked for after the healing is applied by every member."""
        latest = world.clients.latest(20)
        healed = [
            record.answer.raft_index
            for record in latest
            if isinstance(record.request, KeyRequest)
            and record.request.path == "/healed"
            and record.answer is not None
            and record.answer.outcome is Outcome.DONE
        ]
        if not healed:
            return False
        members = _members(world)
        return all(
            world.alive(member) and world.member(member).applied_index >= healed[0]
            for member in members
        )


# --- what can break ------------------------------------------------------------------------------


def _crash(dice: Dice, world: World) -> list[Decision]:
    member = _target(dice, world)
    disk = world.disk(member)
    return [Crash(member, dice.between(0, disk.written - disk.synced))]


def _crash_all(dice: Dice, world: World) -> list[Decision]:
    return [Crash(member, 0) for member in world.alive_ids]


def _restart(dice: Dice, world: World) -> list[Decision]:
    return [Restart(member) for member in world.member_ids if not world.alive(member)]


def _restart_at_once(dice: Dice, world: World) -> list[Decision]:
    member = _target(dice, world)
    return [Crash(member, 0), Restart(member)]


def _pause(dice: Dice, world: World) -> list[Decision]:
    return [Pause(_target(dice, world))]


def _resume(dice: Dice, world: World) -> list[Decision]:
    return [Resume(member) for member in world.alive_ids if world.paused(member)]


def _cut(dice: Dice, world: World) -> list[Decision]:
    """A wall: everybody is on one side of it or on the other."""
    here = {member for member in world.member_ids if dice.often(50)}
    there = set(world.member_ids) - here
    links = sorted({(a, b) for a in here for b in there} | {(b, a) for a in here for b in there})
    return [Cut(tuple(links))] if links else []


def _cut_off_leader(dice: Dice, world: World) -> list[Decision]:
    """Nobody hears the leader, and it goes on writing: so tails grow that will be overwritten."""
    leads = leader(world)
    others = [member for member in world.member_ids if member != leads]
    links = sorted([(leads, other) for other in others] + [(other, leads) for other in others])
    return [Cut(tuple(links))] if leads and links else []


def _cut_one_way(dice: Dice, world: World) -> list[Decision]:
    links = [(a, b) for a in world.member_ids for b in world.member_ids if a != b]
    return [Cut(tuple(link for link in links if dice.often(20)))]


def _heal(dice: Dice, world: World) -> list[Decision]:
    return [Heal()]


def _skew(dice: Dice, world: World) -> list[Decision]:
    return [Skew(dice.one_of(world.member_ids), dice.between(800, 1250))]


def _slow(dice: Dice, world: World) -> list[Decision]:
    member = dice.one_of(world.member_ids)
    slow = (ELECTION_MS, 4 * ELECTION_MS)
    return [
        dice.one_of((SlowDisk(member, *slow), SlowApply(member, *slow), SlowDisk(member, *FAST)))
    ]


def _campaign(dice: Dice, world: World) -> list[Decision]:
    return [Campaign(_target(dice, world))]


def _transfer(dice: Dice, world: World) -> list[Decision]:
    return [Transfer(_target(dice, world), dice.one_of(world.member_ids))]


def _talk(dice: Dice, world: World) -> list[Decision]:
    """What transports and people say to members in good faith, at odd moments."""
    member = _target(dice, world)
    return [
        dice.one_of((ForgetLeader(member), TellUnreachable(member, dice.one_of(world.member_ids))))
    ]


def _upgrade(dice: Dice, world: World) -> list[Decision]:
    """A rolling upgrade, or a downgrade: clusters of mixed profiles."""
    member = _target(dice, world)
    return [SetProfile(dice.one_of(tuple(PROFILES)), member), Crash(member, 0), Restart(member)]


def _weather(dice: Dice, world: World) -> list[Decision]:
    return [SetWeather(dice.one_of((0, 50, 300)), dice.one_of((0, 50)), dice.one_of((0, 200)))]


def _change(dice: Dice, world: World) -> list[Decision]:
    """A change of members, at the leader; a newcomer is started first."""
    leads = leader(world)
    if not leads:
        return []
    configuration = world.member(leads).raft.configuration
    if configuration.joint and dice.often(50):
        return [_request_change(world, leads, ConfigChange(()))]
    kinds = (ChangeKind.ADD_VOTER, ChangeKind.ADD_LEARNER, ChangeKind.REMOVE)
    changes = tuple(
        Change(dice.one_of(kinds), dice.between(1, 6)) for _ in range(dice.one_of((1, 1, 2, 3)))
    )
    transition = dice.one_of((Transition.AUTO, Transition.AUTO, *Transition))
    # A member that lost its disk must not come back under its id (etcd #13509): it could vote
    # twice. So only those who were never there start with an empty one.
    new = {change.member for change in changes} - set(world.member_ids)
    starts: list[Decision] = [StartMember(member) for member in sorted(new)]
    return [*starts, _request_change(world, leads, ConfigChange(changes, transition))]


def _request_change(world: World, member: int, change: ConfigChange) -> Decision:
    return Submit(member, world.clients.last_id + 1, MembershipRequest(change))


def _target(dice: Dice, world: World) -> int:
    """Whom it hits: the leader more often than its share."""
    leads = leader(world)
    return leads if leads and dice.often(40) else dice.one_of(world.member_ids)


FAULTS: dict[str, tuple[int, Callable[[Dice, World], list[Decision]]]] = {
    "crash": (3, _crash),
    "crash all": (1, _crash_all),
    "restart": (4, _restart),
    "restart at once": (2, _restart_at_once),
    "pause": (1, _pause),
    "resume": (3, _resume),
    "cut": (2, _cut),
    "cut off leader": (2, _cut_off_leader),
    "cut one way": (1, _cut_one_way),
    "heal": (4, _heal),
    "skew": (1, _skew),
    "slow": (1, _slow),
    "campaign": (2, _campaign),
    "transfer": (1, _transfer),
    "talk": (1, _talk),
    "upgrade": (1, _upgrade),
    "weather": (1, _weather),
    "change": (3, _change),
}
"""Each kind of fault: how often it is in the hat, and what it decides."""

REPAIRS = ("restart", "resume", "heal")
"""Without them a run would soon be a graveyard, where nothing can go wrong."""


# --- looking at the end -------------------------------------------------------------------------


def _members(world: World) -> tuple[int, ...]:
    """Who the members are, as the one who knows most of the log has it."""
    rafts = [world.member(member).raft for member in world.alive_ids]
    if not rafts:
        return world.member_ids  # all are dead: whoever comes back will say

    def knowledge(raft: Raft) -> tuple[int, int]:
        return (raft.log.applied_index, raft.term)

    return max(rafts, key=knowledge).configuration.members or world.member_ids


def _is_counted(world: World, members: tuple[int, ...], member: int) -> bool:
    """Whether it belongs to the cluster, or somebody who does has not heard that it does not.

    Until then its vote may still be needed.
    """
    if member in members:
        return True
    alive = [world.member(other).raft for other in members if world.alive(other)]
    return any(member in raft.configuration.members for raft in alive)


def _is_stuck_by_removal(world: World) -> bool:
    """Whether the one hole has opened that changes of members have, in etcd as here.

    A removed member that has applied its removal does not stand any more. If others still count on
    it, not knowing that the removal is committed, and its log is longer than theirs, then it can't
    win and neither can they. With two voters this takes one lost message, which is why etcd's
    manual advises against removing a member of two (etcd/raft README, "Implementation notes").
    """
    rafts = [world.member(member).raft for member in world.alive_ids]
    removed = [raft for raft in rafts if not raft.configuration.is_voter(raft.id)]
    return not leader(world) and any(
        gone.configuration.members
        and raft.configuration.is_voter(gone.id)
        and (gone.log.last_term, gone.log.last_index) > (raft.log.last_term, raft.log.last_index)
        for gone in removed
        for raft in rafts
    )


def _stores_differ(world: World) -> str:
    """Two members that applied the same log must have the same store."""
    stores: dict[int, tuple[int, str]] = {}
    for member in world.alive_ids:
        index, digest = world.member(member).applied_index, world.member(member).store.digest()
        other, known = stores.setdefault(index, (member, digest))
        if known != digest:
            return f"S{other} and S{member} applied up to {index} and differ"
    return ""


def _violations(judge: Judge) -> str:
    return "; ".join(f"{v.invariant} {v.name}: {v.sentence}" for v in judge.violations)


def _describe(world: World) -> str:
    parts = []
    for member in world.member_ids:
        if not world.alive(member):
            parts.append(f"S{member} dead")
            continue
        raft = world.member(member).raft
        log = raft.log
        parts.append(
            f"S{member} {type(raft.role).__name__} t{raft.term} "
            f"log {log.last_index}@{log.last_term} commit {log.commit_index} "
            f"applied {log.applied_index} {raft.configuration}"
        )
    return "; ".join(parts)
