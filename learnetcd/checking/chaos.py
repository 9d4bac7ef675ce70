"""Chaos: whoever decides what happens next in a run of chance.

    what is due      deliver S1>S2 4     timer S3     sync S1     deliver S2>S1 3 ...
    what disturbs                  put S2 c9 /a 9            crash S1 keep 1

Most of the time the next thing is what is due next. In between, as often as the plan says, somebody
asks for something or something breaks. Whom it meets is drawn; leaders are met more often than
their share, because most rules are about them.

What can't happen is not forced: a crash of a member that is dead is left out, and the run goes on.

Next page: `verdict`.
"""

from __future__ import annotations

from collections.abc import Callable

from learnetcd.checking.plans import DISTURBING, Chance, Plan
from learnetcd.member.request import (
    KeyRequest,
    MembershipRequest,
    Method,
    ReadKind,
    Request,
    WatchRequest,
)
from learnetcd.raft.configuration import Change, ChangeKind, ConfigChange, Transition
from learnetcd.raft.roles import Leader
from learnetcd.simulator.decisions import (
    Campaign,
    Cancel,
    Crash,
    Cut,
    Decision,
    ForgetLeader,
    Heal,
    Hold,
    Pause,
    Release,
    Restart,
    Resume,
    SetProfile,
    Skew,
    SlowApply,
    SlowDisk,
    StartMember,
    Submit,
    TellUnreachable,
    Transfer,
)
from learnetcd.simulator.setup import FILES
from learnetcd.simulator.world import World

KEYS = ("/a", "/b", "/c")
LEASES = ("/lease/a", "/lease/b")
TREE = ("/t", "/t/a", "/t/a/b", "/t/_hidden")

NEVER = 1 << 62


class Chaos:
    """Decides, by chance alone."""

    def __init__(self, plan: Plan) -> None:
        """Set the hour of the first trouble of each kind."""
        self.plan = plan
        self._chance = Chance(plan.seed, DISTURBING)
        self._due = {kind: self._chance.below(2 * every) for kind, every in plan.every.items()}
        self._soonest = min(self._due.values(), default=NEVER)

    def next_decision(self, world: World) -> Decision | None:
        """What happens next; None if nothing ever would."""
        if world.now >= self._soonest:
            disturbance = self._disturb(world)
            if disturbance is not None:
                return disturbance
        natural = world.next_decision()
        if natural is None and self._due:
            return self._disturb(world)  # a cluster without a living member waits for one
        return natural

    def _disturb(self, world: World) -> Decision | None:
        kind = min(self._due, key=self._due.__getitem__)
        self._due[kind] = max(world.now, self._due[kind]) + self._chance.below(
            2 * self.plan.every[kind] + 1
        )
        self._soonest = min(self._due.values())
        return KINDS[kind](world, self._chance)


# -- whom it meets -------------------------------------------------------------------------------


def leaders(world: World) -> list[int]:
    """Who believes to lead."""
    return [m for m in world.alive_ids if isinstance(world.member(m).raft.role, Leader)]


def awake(world: World) -> list[int]:
    """Who lives and is not paused."""
    return [member for member in world.alive_ids if not world.paused(member)]


def somebody(world: World, chance: Chance) -> int:
    """A living member, half of the time one that leads; 0 if there is none."""
    leading = [member for member in leaders(world) if not world.paused(member)]
    if leading and chance.one_in(2):
        return chance.pick(leading)
    living = awake(world)
    return chance.pick(living) if living else 0


# -- what clients do -----------------------------------------------------------------------------


def ask(world: World, member: int, request: Request) -> Decision | None:
    """Let a client ask a member for something."""
    return Submit(member, world.clients.last_id + 1, request) if member else None


def put(world: World, chance: Chance) -> Decision | None:
    """A write; now and then a delete."""
    member, key = somebody(world, chance), chance.pick(KEYS)
    if chance.one_in(10):
        return ask(world, member, KeyRequest(Method.DELETE, key))
    value = str(world.clients.last_id + 1)
    if world.setup.disks == FILES:
        value += " " * chance.below(1000)  # so that records lie across the borders of sectors
    return ask(world, member, KeyRequest(Method.PUT, key, value))


def read(world: World, chance: Chance) -> Decision | None:
    """A read of one of the three kinds."""
    kind = chance.pick((ReadKind.INDEX, ReadKind.INDEX, ReadKind.QUORUM, ReadKind.LOCAL))
    request = KeyRequest(Method.GET, chance.pick(KEYS), read=kind)
    return ask(world, somebody(world, chance), request)


def lease(world: World, chance: Chance) -> Decision | None:
    """A key that is not to live long, or a new deadline for one."""
    key, ttl = chance.pick(LEASES), chance.pick((0, 1, 2, 5))
    if chance.one_in(3):
        request = KeyRequest(Method.PUT, key, prev_exist=True, ttl=ttl, refresh=True)
    else:
        request = KeyRequest(Method.PUT, key, str(world.clients.last_id + 1), ttl=ttl)
    return ask(world, somebody(world, chance), request)


def write(world: World, chance: Chance) -> Decision | None:
    """A write under a condition, or one that is about a directory."""
    value, old = str(world.clients.last_id + 1), str(chance.between(1, world.clients.last_id + 1))
    key, path = chance.pick(KEYS), chance.pick(TREE)
    request = chance.pick(
        (
            KeyRequest(Method.PUT, key, value, prev_exist=chance.one_in(2)),
            KeyRequest(Method.PUT, key, value, prev_value=old),
            KeyRequest(Method.DELETE, key, prev_value=old),
            KeyRequest(Method.PUT, path, value),
            KeyRequest(Method.PUT, path, value, prev_index=chance.between(1, 50)),
            KeyRequest(Method.PUT, path, is_dir=True, ttl=chance.pick((None, 1, 3))),
            KeyRequest(Method.POST, path, value),
            KeyRequest(Method.DELETE, path, recursive=chance.one_in(2), is_dir=chance.one_in(2)),
        )
    )
    return ask(world, somebody(world, chance), request)


def watch(world: World, chance: Chance) -> Decision | None:
    """Somebody wants to be told of events: once or on and on, from now on or of the past."""
    since = chance.pick((0, 0, 0, 1, chance.between(1, 200)))
    key = chance.pick((*KEYS, *LEASES, *TREE, "/"))
    request = WatchRequest(key, chance.one_in(2), chance.one_in(3), since)
    return ask(world, somebody(world, chance), request)


def cancel(world: World, chance: Chance) -> Decision | None:
    """A client goes away."""
    waiting = (*world.clients.pending, *world.clients.watching)
    if not waiting:
        return None
    client = chance.pick(waiting)
    return Cancel(world.clients[client].member, client)


def change(world: World, chance: Chance) -> Decision | None:
    """A change of members, sensible or not."""
    member = somebody(world, chance)
    if not member:
        return None
    configuration = world.member(member).raft.configuration
    if configuration.joint and not configuration.auto_leave and chance.one_in(2):
        return ask(world, member, MembershipRequest(ConfigChange(())))
    how_many = chance.pick((1, 1, 1, 2, 3))
    changes = tuple(
        Change(chance.pick((*ChangeKind,)[:3]), chance.between(1, 7)) for _ in range(how_many)
    )
    transition = chance.pick((Transition.AUTO, Transition.AUTO, *Transition))
    return ask(world, member, MembershipRequest(ConfigChange(changes, transition)))


# -- what is asked of members --------------------------------------------------------------------


def campaign(world: World, chance: Chance) -> Decision | None:
    """Somebody stands for election."""
    living = awake(world)
    return Campaign(chance.pick(living)) if living else None


def transfer(world: World, chance: Chance) -> Decision | None:
    """Leadership is to be handed over."""
    member = somebody(world, chance)
    return Transfer(member, chance.pick(world.member_ids)) if member else None


def forget(world: World, chance: Chance) -> Decision | None:
    """A follower forgets its leader."""
    living = awake(world)
    return ForgetLeader(chance.pick(living)) if living else None


def unreachable(world: World, chance: Chance) -> Decision | None:
    """A transport says that it could not reach somebody."""
    member = somebody(world, chance)
    return TellUnreachable(member, chance.pick(world.member_ids)) if member else None


def upgrade(world: World, chance: Chance) -> Decision | None:
    """A member has another profile from its next start on."""
    profile = chance.pick(("etcd-3.3", "etcd-3.5", "etcd-3.5"))
    return SetProfile(profile, chance.pick(world.member_ids))


# -- what breaks ---------------------------------------------------------------------------------


def crash(world: World, chance: Chance) -> Decision | None:
    """A member loses power; some of what was not synced may be on its disk all the same."""
    living = leaders(world) if chance.one_in(2) else world.alive_ids
    if not living:
        return None
    member, kept = chance.pick(living), chance.pick((0, 0, 1, 3))
    if world.setup.disks != FILES or chance.one_in(3):
        return Crash(member, kept)
    writing = [one for one in living if world.disk(one).written > world.disk(one).synced]
    return Crash(chance.pick(writing or [member]), 0, torn=chance.between(1, 1_000_000))


def restart(world: World, chance: Chance) -> Decision | None:
    """A dead member comes back."""
    dead = [member for member in world.member_ids if not world.alive(member)]
    return Restart(chance.pick(dead)) if dead else None


def start(world: World, chance: Chance) -> Decision | None:
    """Whoever was made a member and has no machine yet gets one."""
    known = {m for one in world.alive_ids for m in world.member(one).raft.configuration.members}
    new = sorted(known - set(world.member_ids))
    return StartMember(chance.pick(new)) if new else None


def cut(world: World, chance: Chance) -> Decision | None:
    """The network falls into two parts, or loses one link one way."""
    members = world.member_ids
    if len(members) < 2:
        return None
    if chance.one_in(4):
        sender = chance.pick(members)
        receiver = chance.pick([member for member in members if member != sender])
        return Cut(tuple(sorted({*world.cuts, (sender, receiver)})))
    part = [member for member in members if chance.one_in(2)]
    return between(part, members)


def cut_leader(world: World, chance: Chance) -> Decision | None:
    """A leader is cut off, alone or with one other."""
    leading, members = leaders(world), world.member_ids
    if not leading:
        return None
    part = [chance.pick(leading), *([chance.pick(members)] if chance.one_in(2) else [])]
    return between(part, members)


def between(part: list[int], members: tuple[int, ...]) -> Decision | None:
    """A cut between some members and all others."""
    rest = [member for member in members if member not in part]
    links = {link for a in part for b in rest for link in ((a, b), (b, a))}
    return Cut(tuple(sorted(links))) if links else None


def heal(world: World, chance: Chance) -> Decision | None:
    """All links are whole again."""
    return Heal() if world.cuts else None


def hold(world: World, chance: Chance) -> Decision | None:
    """A message is stopped, for as long as it takes."""
    packets = [packet for packet in world.packets() if not packet.held]
    return Hold(*chance.pick(packets).key) if packets else None


def release(world: World, chance: Chance) -> Decision | None:
    """A message that was stopped goes on."""
    packets = [packet for packet in world.packets() if packet.held]
    return Release(*chance.pick(packets).key) if packets else None


def pause(world: World, chance: Chance) -> Decision | None:
    """A process stops."""
    living = awake(world)
    return Pause(chance.pick(living)) if living else None


def resume(world: World, chance: Chance) -> Decision | None:
    """A process goes on."""
    paused = [member for member in world.alive_ids if world.paused(member)]
    return Resume(chance.pick(paused)) if paused else None


def slow(world: World, chance: Chance) -> Decision | None:
    """A disk is fast for a while, or slow again."""
    return SlowDisk(chance.pick(world.member_ids), 1, chance.pick((3, world.setup.disk_ms[1])))


def lag(world: World, chance: Chance) -> Decision | None:
    """A store keeps up for a while, or lags again."""
    return SlowApply(chance.pick(world.member_ids), 1, chance.pick((3, world.setup.apply_ms[1])))


def skew(world: World, chance: Chance) -> Decision | None:
    """A clock runs wrong."""
    return Skew(chance.pick(world.member_ids), chance.pick((500, 900, 1000, 1100, 2000)))


def leap(world: World, chance: Chance) -> Decision | None:
    """Something else than the next thing happens: all before it is late."""
    choices = world.choices()[:20]
    return chance.pick(choices).decision if choices else None


KINDS: dict[str, Callable[[World, Chance], Decision | None]] = {
    "put": put,
    "read": read,
    "lease": lease,
    "write": write,
    "watch": watch,
    "cancel": cancel,
    "change": change,
    "campaign": campaign,
    "transfer": transfer,
    "forget": forget,
    "unreachable": unreachable,
    "upgrade": upgrade,
    "crash": crash,
    "restart": restart,
    "start": start,
    "cut": cut,
    "cut leader": cut_leader,
    "heal": heal,
    "hold": hold,
    "release": release,
    "pause": pause,
    "resume": resume,
    "slow": slow,
    "lag": lag,
    "skew": skew,
    "leap": leap,
}
"""What may disturb a run."""
