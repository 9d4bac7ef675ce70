"""Interventions: decisions that nothing in the world asked for. Faults, and a teacher's hand.

    crash S2 keep 1      the machine dies; the oldest unsynced record happened to reach the disk
    pause S1             the process stops, its clock does not: on waking, everything is overdue
    cut S1>S3            one way only: S3 still hears nothing, S1 hears S3
    rule own-term off    a safety rule forgets a clause, so that its reason can be seen

All happen *now*: they don't move the clock. Each function checks first whether the decision is
possible (`Impossible` if not), then says that it happens, then changes the world.

A crash takes with it what is under way on the machine, and the connections of clients. Messages
that it sent are on their way all the same; those to it will be lost when they arrive, unless it is
back by then.

Left out: faults of the disk beyond losing and tearing what was not synced.

Next page: `digest`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from learnetcd.errors import unknown_name
from learnetcd.member.inputs import (
    CampaignAsked,
    ElectionTimerSet,
    Input,
    LeaderForgotten,
    MessageReceived,
    PeerUnreachable,
    RulesChanged,
    SnapshotReported,
    TransferAsked,
)
from learnetcd.peer import messages
from learnetcd.raft.config import PROFILES
from learnetcd.raft.entry import Snapshot, Stored
from learnetcd.raft.messages import Message
from learnetcd.raft.twins import TWINS
from learnetcd.simulator.decisions import (
    Campaign,
    Crash,
    Cut,
    Decision,
    Delay,
    Drop,
    Duplicate,
    ForgetLeader,
    Heal,
    Hold,
    HoldGate,
    Impossible,
    OpenGate,
    PassTime,
    Pause,
    Receive,
    Release,
    Restart,
    Resume,
    SetProfile,
    SetRule,
    SetTimer,
    SetWeather,
    Skew,
    SlowApply,
    SlowDisk,
    StartMember,
    TellDelivered,
    TellUnreachable,
    Transfer,
)
from learnetcd.simulator.disk import DiskRefused
from learnetcd.simulator.machine import GATES
from learnetcd.simulator.network import packet_name
from learnetcd.simulator.setup import FILES, within_7
from learnetcd.store.saved import SavedStoreRefused
from learnetcd.tracing import member_name

if TYPE_CHECKING:
    from learnetcd.simulator.machine import Machine
    from learnetcd.simulator.world import World


def intervene(world: World, decision: Decision) -> None:
    """Carry out a decision of a person, or of a scheduler that plays one."""
    match decision:
        case Drop() | Hold() | Release() | Duplicate():
            _meddle(world, decision)
        case Campaign() | SetTimer() | Transfer() | ForgetLeader() | TellUnreachable():
            _ask(world, decision)
        case Receive() | TellDelivered():
            _tell_from_outside(world, decision)
        case Crash() | Restart() | StartMember():
            _end_or_begin(world, decision)
        case Pause() | Resume() | HoldGate() | OpenGate() | Skew() | SlowDisk() | SlowApply():
            _hinder(world, decision)
        case SetRule() | SetProfile():
            _reconfigure(world, decision)
        case Cut() | Heal() | Delay() | SetWeather() | PassTime():
            _change_surroundings(world, decision)
        case _:
            raise AssertionError(f"no world knows the decision {decision}")


def _meddle(world: World, decision: Drop | Hold | Release | Duplicate) -> None:
    """Lose, hold, or double one message."""
    key = (decision.sender, decision.receiver, decision.number, decision.copy)
    packet = world.packet(key)
    match decision:
        case Drop():
            # By chance or at a cut it is lost when it should arrive; a person may do it before.
            due = isinstance(world.arrival(packet), Drop) and not packet.held
            world.happens(packet.arrives_at if due else world.now, packet.sent_in)
            world.lose(key)
        case Hold():
            if packet.held:
                raise Impossible(f"Message {packet_name(key)} is held already.")
            world.happens(world.now)
            world.network.hold(key)
        case Release():
            if not packet.held:
                raise Impossible(f"Message {packet_name(key)} is not held.")
            world.happens(world.now)
            world.network.release(key, world.now)
        case Duplicate():
            if packet.copy:
                raise Impossible(f"Message {packet_name(key)} is a copy: duplicate the original.")
            world.happens(packet.arrives_at if packet.doubled else world.now, packet.sent_in)
            world.network.duplicate(key, world.now, world.step)
        case _:
            assert_never(decision)


def _ask(
    world: World, decision: Campaign | SetTimer | Transfer | ForgetLeader | TellUnreachable
) -> None:
    """Ask something of one member, outside the protocol."""
    machine = world.living(decision.member)
    at = machine.clock(world.now)
    match decision:
        case Campaign():
            wish: Input = CampaignAsked(at)
        case SetTimer(_, ticks):
            wish = ElectionTimerSet(at, ticks)
        case Transfer(_, target):
            wish = TransferAsked(at, target)
        case ForgetLeader():
            wish = LeaderForgotten(at)
        case TellUnreachable(_, peer):
            wish = PeerUnreachable(at, peer)
        case _:
            assert_never(decision)
    world.happens(world.now)
    world.feed(machine, wish)


def _tell_from_outside(world: World, decision: Receive | TellDelivered) -> None:
    """Let a member hear of those who are not in this run."""
    machine = world.living(decision.member)
    at = machine.clock(world.now)
    match decision:
        case Receive(_, data):
            news: Input = MessageReceived(at, message_of(data))
        case TellDelivered(_, peer, delivered):
            news = SnapshotReported(at, peer, delivered)
        case _:
            assert_never(decision)
    world.happens(world.now)
    world.feed(machine, news)


def message_of(data: str) -> Message:
    """A message from its bytes; `Impossible` if they are none."""
    try:
        message = messages.decode(bytes.fromhex(data))
    except (ValueError, SavedStoreRefused):
        message = None
    if message is None:
        raise Impossible(f"{data[:20]!r} is no message of a member.")
    return message


def _end_or_begin(world: World, decision: Crash | Restart | StartMember) -> None:
    """Let a machine die, come back, or be there for the first time."""
    name = member_name(decision.member)
    match decision:
        case Crash(member, kept, torn):
            world.member(member)  # it must be alive
            if torn and world.setup.disks != FILES:
                raise Impossible("Only files can be torn, and these disks keep values.")
            world.happens(world.now)
            world.crash(member, kept, torn)
        case Restart(member):
            machine = world.machine(member)
            if machine.member is not None:
                raise Impossible(f"{name} runs already.")
            try:
                machine.disk.recovered()
            except DiskRefused as refused:
                found = f"can't start from its disk: {refused}"
                if machine.config.parts.wal is None:
                    raise Impossible(f"{name} {found}.") from None
                world.happens(world.now)
                world.cannot_start(member, f"it {found}")
                return
            world.happens(world.now)
            world.start(member)
        case StartMember(member):
            if world.alive(member) or not within_7([member]):
                raise Impossible(f"{name} can't be started: it runs, or is not one of S1 to S7.")
            world.happens(world.now)
            # Who the first members were is not in the log, which begins after them; who came later
            # is. A newcomer that knew nobody would take the first one added for the only member.
            world.add_machine(member, Stored(Snapshot(0, 0, world.setup.configuration())))
            world.start(member)
        case _:
            assert_never(decision)


def _hinder(
    world: World,
    decision: Pause | Resume | HoldGate | OpenGate | Skew | SlowDisk | SlowApply,
) -> None:
    """Stop a process for a while, or a part of it; bend a clock, slow a disk down."""
    name = member_name(decision.member)
    match decision:
        case Pause(member):
            machine = world.living(member)
            world.happens(world.now)
            machine.paused = True
        case Resume(member):
            if not world.paused(member):
                raise Impossible(f"{name} is not paused.")
            machine = world.own(member)
            world.happens(world.now)
            machine.paused = False
            world.network.unpark(member)
        case HoldGate(member, gate) | OpenGate(member, gate):
            if gate not in GATES:
                raise unknown_name("gate", gate, GATES)
            holds = isinstance(decision, HoldGate)
            if holds == (gate in world.machine(member).held):
                raise Impossible(f"The gate {gate} of {name} is {'held' if holds else 'open'}.")
            machine = world.own(member)
            world.happens(world.now)
            machine.held = machine.held | {gate} if holds else machine.held - {gate}
            if not world.hears_nothing(member):
                world.network.unpark(member)
        case Skew(member, rate):
            if rate <= 0:
                raise Impossible(f"A clock can't run at {rate} per mille: it never stands still.")
            machine = world.own(member)
            world.happens(world.now)
            machine.set_rate(rate, world.now, world.step)
        case SlowDisk(member, low, high) | SlowApply(member, low, high):
            _check_range(low, high)
            machine = world.own(member)
            world.happens(world.now)
            if isinstance(decision, SlowDisk):
                machine.disk_ms = (low, high)
            else:
                machine.apply_ms = (low, high)
        case _:
            assert_never(decision)
    machine.look_ahead()


def _reconfigure(world: World, decision: SetRule | SetProfile) -> None:
    """Change the rules or the knobs of one member, or of all in the order of their ids."""
    members = (decision.member,) if decision.member else world.member_ids
    for member in members:
        world.machine(member)  # it must exist
    match decision:
        case SetRule(rule, on):
            if rule not in TWINS:
                raise unknown_name("rule", rule, TWINS)
            world.happens(world.now)
            for member in members:
                _switch_rule(world, world.own(member), rule, on)
        case SetProfile(profile):
            if profile not in PROFILES:
                raise unknown_name("profile", profile, PROFILES)
            world.happens(world.now)
            for member in members:
                machine = world.own(member)
                knobs = world.setup.config(member, profile)
                machine.config = replace(knobs, rules=machine.config.rules)
        case _:
            assert_never(decision)


def _switch_rule(world: World, machine: Machine, rule: str, on: bool) -> None:
    rules = machine.config.rules
    if on != (rule not in rules.broken):
        rules = rules.restored(rule) if on else rules.without(rule)
    machine.config = replace(machine.config, rules=rules)
    machine.disk.live_by(rules)
    if machine.member is not None:
        world.feed(machine, RulesChanged(machine.clock(world.now), rules))


def _change_surroundings(
    world: World, decision: Cut | Heal | Delay | SetWeather | PassTime
) -> None:
    """Change what lies between the members."""
    if isinstance(decision, Delay):
        _check_range(decision.low, decision.high)
    world.happens(decision.ms if isinstance(decision, PassTime) else world.now)
    match decision:
        case Cut(links):
            world.network.cuts = frozenset(links)
        case Heal():
            world.network.cuts = frozenset()
        case Delay(sender, receiver, low, high):
            world.network.set_delay((sender, receiver), low, high)
        case SetWeather(loss, duplicates, overtaking):
            world.network.weather = (loss, duplicates, overtaking)
        case PassTime():
            pass  # the clock has moved already
        case _:
            assert_never(decision)


def _check_range(low: int, high: int) -> None:
    if low > high:
        raise Impossible(f"Nothing takes from {low} to {high} ms: the first must be the lower.")
