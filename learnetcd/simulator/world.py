"""The world of a simulated cluster: machines, a network, clients, and one clock.

`decide` carries out one decision. For most of them that is: find the member whom it concerns, move
the clock to the moment when it was due, feed the member one input, and carry out the effects.

    decide(Deliver(1, 2, 5))
        now       = when message 5 of S1>S2 arrives
        effects   = S2's member.step(MessageReceived(...))
        WriteWal    -> S2's disk has more records
        SyncWal     -> a sync is under way, done in 2 ms: the decision Sync(2) will be due then
        SendMessage -> a message is on its way: Deliver(2, 1, 3) will be due when it arrives

Nothing happens unless it is decided; `next_decision` says what happens if nobody interferes: the
earliest of all that is due. Choose something else first and the clock goes there; what would have
happened before is overdue then, and still happens when it is chosen. Time never falls.

A decision that is not possible here (a message that is gone, a member that is dead) raises
`Impossible` and changes nothing, so that whoever shrinks a run may just try.

Worlds fork for next to nothing: the copy shares all machines, and who moves one copies it first.

Left out: which decision is a good one. That is for `schedule`, a scene, or a person.

Next page: `digest`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import assert_never

from learnetcd.errors import UserError, unknown_name
from learnetcd.invariants import Judge
from learnetcd.member.effects import (
    Apply,
    Effect,
    Reply,
    SaveSnapshot,
    SendMessage,
    SyncWal,
    WriteWal,
)
from learnetcd.member.inputs import (
    ApplyDue,
    CampaignAsked,
    ElectionTimerSet,
    Input,
    LeaderForgotten,
    MessageReceived,
    PeerUnreachable,
    RequestSubmitted,
    RulesChanged,
    SnapshotReported,
    SnapshotSaved,
    TimerFired,
    TransferAsked,
    WalSynced,
)
from learnetcd.member.member import Member
from learnetcd.member.request import Answer, Outcome, Request
from learnetcd.raft.chunks import Chunks
from learnetcd.raft.config import PROFILES, Config
from learnetcd.raft.configuration import Configuration
from learnetcd.raft.rules import TWINS
from learnetcd.simulator.decisions import (
    ApplyCommitted,
    Campaign,
    Crash,
    Cut,
    Decision,
    Delay,
    Deliver,
    Drop,
    Duplicate,
    FireTimer,
    ForgetLeader,
    Heal,
    Hold,
    KeepSnapshot,
    Link,
    PassTime,
    Pause,
    Release,
    Report,
    Restart,
    Resume,
    SetProfile,
    SetRule,
    SetTimer,
    SetWeather,
    Skew,
    StartMember,
    Submit,
    Sync,
    TellUnreachable,
    Transfer,
)
from learnetcd.simulator.digest import digest
from learnetcd.simulator.disk import Disk, DiskRefused, ValueDisk
from learnetcd.simulator.machine import ARRIVAL, REPORT, DueKey, Machine
from learnetcd.simulator.network import Network, Packet, PacketKey
from learnetcd.simulator.setup import Setup, within_7
from learnetcd.tracing import Tracer, discard, member_name

WALL_MS = 1_500_000_000_000
"""What a wall clock shows when a run begins (a day in July 2017): times to live count from it."""


class Impossible(UserError):
    """The decision can't be carried out in this state; nothing was changed. It says why."""


@dataclass(frozen=True, slots=True)
class Due:
    """Something that can happen by itself, and when."""

    at: int
    """On the cluster's clock; may lie before `now`: then it is overdue."""
    decision: Decision
    asked_in: int
    """The step from which it follows: its cause."""
    in_order: bool = True
    """Whether no older message waits on its link: if not, choosing it is overtaking."""


@dataclass(frozen=True, slots=True)
class ClientRecord:
    """A request of a client and what became of it."""

    request_id: int
    member: int
    request: Request
    asked_at: int
    asked_in: int
    """The step."""
    answer: Answer | None = None
    """None while it is pending; UNKNOWN when the member died or gave up."""
    answered_at: int = 0
    answered_in: int = 0


Observer = Callable[["World", int, Input, list[Effect]], None]
"""Called after each input as (world, member, input, effects)."""


class World:
    """One state of the cluster. Only `decide` changes it."""

    __slots__ = (
        "_clients",
        "_machines",
        "_pending",
        "_shared",
        "_tracer",
        "cause",
        "judge",
        "network",
        "now",
        "observer",
        "setup",
        "step",
    )

    def __init__(
        self, setup: Setup, *, tracer: Tracer = discard, judge: Judge | None = None
    ) -> None:
        """Build the cluster of a setup, at time 0."""
        self.setup = setup
        self.now = 0
        """Milliseconds since the start."""
        self.step = 0
        """How many decisions were carried out; inside `decide`, the number of this one."""
        self.cause = 0
        """The step from which the last decision followed; 0 if it came from outside."""
        self.network = Network(setup)
        self.judge = judge
        self.observer: Observer | None = None
        """Watches every input; a fork has none."""
        self._tracer = tracer
        self._machines: dict[int, Machine] = {}
        self._shared: set[int] = set()  # machines that a fork holds as well
        self._clients: Chunks[ClientRecord] = Chunks()
        self._pending: dict[int, int] = {}  # where in it the pending ones are, by request id
        for member in sorted((*setup.members, *setup.learners)):
            self._add_machine(member, setup.configuration())
            self._start(self._machines[member])
        for member, ticks in setup.first_timers:
            self._feed(self._living(member), ElectionTimerSet(0, ticks))

    # -- looking ------------------------------------------------------------------------------

    @property
    def member_ids(self) -> tuple[int, ...]:
        """Every member that was ever started, sorted."""
        return tuple(self._machines)

    @property
    def alive_ids(self) -> tuple[int, ...]:
        """The members that run, paused ones among them."""
        return tuple(m.id for m in self._machines.values() if m.member is not None)

    def alive(self, member: int) -> bool:
        """Whether it runs (it may be paused)."""
        return member in self._machines and self._machines[member].member is not None

    def paused(self, member: int) -> bool:
        """Whether its process is stopped for a while."""
        return member in self._machines and self._machines[member].paused

    def machine(self, member: int) -> Machine:
        """Its disk, clock, tasks under way. To look at, not to change."""
        if member not in self._machines:
            raise Impossible(f"There is no {member_name(member)}.")
        return self._machines[member]

    def member(self, member: int) -> Member:
        """A living member. To look at, not to change."""
        return _alive(self.machine(member))

    def disk(self, member: int) -> Disk:
        """Its disk, also when it is dead."""
        return self.machine(member).disk

    def config(self, member: int) -> Config:
        """Its knobs, also when it is dead."""
        return self.machine(member).config

    def clock(self, member: int) -> int:
        """What its clock shows now."""
        return self.machine(member).clock(self.now)

    @property
    def cuts(self) -> frozenset[Link]:
        """The links that are cut, each one way."""
        return self.network.cuts

    def packets(self) -> list[Packet]:
        """All messages on their way, in the order in which they arrive."""
        return sorted(self.network.packets.values(), key=lambda p: (p.arrives_at, p.order))

    @property
    def clients(self) -> Chunks[ClientRecord]:
        """All requests, in the order in which they were asked."""
        return self._clients

    @property
    def last_request_id(self) -> int:
        """The highest request id so far; the next one must be above."""
        return self._clients[self._clients.end - 1].request_id if len(self._clients) else 0

    def client(self, request_id: int) -> ClientRecord | None:
        """One request."""
        clients = self._clients
        ids = _RequestIds(clients)
        place = bisect_left(ids, request_id)
        found = place < len(ids) and ids[place] == request_id
        return clients[place] if found else None

    # -- what can happen ----------------------------------------------------------------------

    def next_decision(self) -> Decision | None:
        """What happens next if nobody interferes: the earliest; None if nothing ever would."""
        first: tuple[DueKey, Decision] | None = None
        for machine in self._machines.values():
            due = machine.next_due
            if due is not None and (first is None or due[0] < first[0]):
                first = due
        packet = self.network.earliest(self._deaf())
        if packet is not None:
            key = (packet.arrives_at, ARRIVAL, packet.order)
            if first is None or key < first[0]:
                first = (key, self._arrival(packet))
        for number, report in enumerate(self.network.reports):
            key = (report.at, REPORT, number)
            if not self.paused(report.member) and (first is None or key < first[0]):
                first = (key, Report(report.member, report.peer))
        return None if first is None else first[1]

    def _deaf(self) -> frozenset[int]:
        return frozenset([m.id for m in self._machines.values() if m.paused])

    def _arrival(self, packet: Packet) -> Decision:
        """What the end of a packet's way will be."""
        if packet.lost or not self.alive(packet.receiver) or self.network.blocked(packet):
            return Drop(*packet.key)
        return Duplicate(*packet.key) if packet.doubled else Deliver(*packet.key)

    def choices(self) -> list[Due]:
        """Everything that can happen by itself, in the order in which it would."""
        found: list[tuple[DueKey, Due]] = []
        for machine in self._machines.values():
            for key, decision, task in machine.tasks():
                found.append((key, Due(task.due, decision, task.asked_in)))
        for number, report in enumerate(self.network.reports):
            if not self.paused(report.member):
                due = Due(report.at, Report(report.member, report.peer), report.sent_in)
                found.append(((report.at, REPORT, number), due))
        deaf = self._deaf()
        oldest: dict[Link, int] = {}
        for packet in sorted(self.network.packets.values(), key=lambda p: (p.number, p.copy)):
            if packet.key in self.network.held or packet.receiver in deaf:
                continue
            in_order = oldest.setdefault(packet.link, packet.number) == packet.number
            due = Due(packet.arrives_at, self._arrival(packet), packet.sent_in, in_order)
            found.append(((packet.arrives_at, ARRIVAL, packet.order), due))
        found.sort(key=lambda one: one[0])
        return [due for _, due in found]

    # -- carrying out -------------------------------------------------------------------------

    def decide(self, decision: Decision) -> None:
        """Carry out one decision, or raise `Impossible` and change nothing."""
        match decision:
            case Deliver():
                self._deliver((*_link(decision), decision.number, decision.copy))
            case Sync(member):
                self._sync(self._living(member))
            case ApplyCommitted(member):
                self._apply(self._living(member))
            case FireTimer(member):
                self._fire_timer(self._living(member))
            case Submit(member, request_id, request):
                self._submit(member, request_id, request)
            case KeepSnapshot(member):
                self._keep_snapshot(self._living(member))
            case Report(member, peer):
                self._report(self._living(member), peer)
            case Drop() | Hold() | Release() | Duplicate():
                self._disturb(decision)
            case Crash() | Restart() | StartMember() | Pause() | Resume() | Skew():
                self._disturb_machine(decision)
            case SetRule(rule, on, member):
                self._set_rule(rule, on, member)
            case SetProfile(profile, member):
                self._set_profile(profile, member)
            case Cut() | Heal() | Delay() | SetWeather() | PassTime():
                self._change_surroundings(decision)
            case _:
                self._ask_member(decision)

    def _happens(self, at: int, cause: int) -> None:
        """From here on the decision is carried out: move the clock, if it was not due before."""
        if at > self.now:
            self.now = at
        self.step += 1
        self.cause = cause

    def _living(self, member: int) -> Machine:
        """A machine whose member can move now; a copy of ours, if a fork holds it too."""
        machine = self.machine(member)
        _alive(machine)
        if machine.paused:
            raise Impossible(f"{member_name(member)} is paused: resume it first.")
        return self._own(machine)

    def _own(self, machine: Machine) -> Machine:
        if machine.id in self._shared:
            machine = self._machines[machine.id] = machine.fork(self._tracer)
            self._shared.discard(machine.id)
        return machine

    def _feed(self, machine: Machine, input: Input) -> None:
        """Feed a member one input and carry out the effects."""
        member = machine.member
        assert member is not None, f"{member_name(machine.id)} is dead"
        effects = member.step(input)
        machine.inputs += 1
        for effect in effects:
            self._carry_out(machine, effect)
        machine.set_timer(self.step)
        machine.look_ahead()
        if self.judge is not None:
            self.judge.after_step(self.step, member, input, effects)
        if self.observer is not None:
            self.observer(self, machine.id, input, effects)

    def _carry_out(self, machine: Machine, effect: Effect) -> None:
        match effect:
            case SendMessage(message):
                self.network.send(message, self.now, self.step)
            case WriteWal(entries, hard_state):
                machine.disk.write(entries)
                if hard_state is not None:
                    machine.disk.write((hard_state,))
            case SyncWal(batch):
                machine.ask_sync(batch, self.now, self.step, self.setup.disk_ms)
            case Apply(through):
                machine.ask_apply(through, self.now, self.step, self.setup.apply_ms)
            case Reply(request_id, answer):
                self._answer(request_id, answer)
            case SaveSnapshot(snapshot, own):
                if own:
                    machine.ask_snapshot(snapshot, self.now, self.step, self.setup.disk_ms)
                else:
                    machine.disk.write((snapshot,))
            case _:
                raise AssertionError(f"no driver knows the effect {effect}")

    # -- what happens by itself ---------------------------------------------------------------

    def _deliver(self, key: PacketKey) -> None:
        packet = self._packet(key)
        if key in self.network.held:
            raise Impossible(f"Message {_name(key)} is held: release it first.")
        if self.paused(packet.receiver):
            raise Impossible(f"{member_name(packet.receiver)} is paused: resume it first.")
        self._happens(packet.arrives_at, packet.sent_in)
        if not self.alive(packet.receiver) or self.network.blocked(packet):
            self._lose(key)
            return
        self.network.take(key)
        self.network.report(packet, True, self.now, self.step)
        machine = self._living(packet.receiver)
        self._feed(machine, MessageReceived(machine.clock(self.now), packet.message))

    def _lose(self, key: PacketKey) -> None:
        packet = self.network.take(key)
        if self.alive(packet.sender):
            self.network.report(packet, False, self.now, self.step)

    def _sync(self, machine: Machine) -> None:
        task = machine.sync
        if task is None:
            raise Impossible(f"{member_name(machine.id)}'s disk has nothing to sync.")
        self._happens(task.due, task.asked_in)
        batch = machine.finish_sync(self.now, self.setup.disk_ms)
        self._feed(machine, WalSynced(machine.clock(self.now), batch))

    def _apply(self, machine: Machine) -> None:
        task = machine.apply
        if task is None:
            raise Impossible(f"{member_name(machine.id)} has nothing to apply.")
        self._happens(task.due, task.asked_in)
        machine.apply = None
        self._feed(machine, ApplyDue(machine.clock(self.now), task.number))

    def _fire_timer(self, machine: Machine) -> None:
        task = machine.timer
        if task is None:
            raise Impossible(f"{member_name(machine.id)} has no timer running.")
        self._happens(task.due, task.asked_in)
        self._feed(machine, TimerFired(machine.clock(self.now)))

    def _keep_snapshot(self, machine: Machine) -> None:
        if not machine.snapshots:
            raise Impossible(f"{member_name(machine.id)} is saving no snapshot.")
        task = machine.snapshots[0][0]
        self._happens(task.due, task.asked_in)
        index = machine.finish_snapshot()
        self._feed(machine, SnapshotSaved(machine.clock(self.now), index))

    def _report(self, machine: Machine, peer: int) -> None:
        if not any((r.member, r.peer) == (machine.id, peer) for r in self.network.reports):
            raise Impossible(
                f"{member_name(machine.id)} awaits no report about {member_name(peer)}."
            )
        report = self.network.take_report(machine.id, peer)
        self._happens(report.at, report.sent_in)
        clock = machine.clock(self.now)
        self._feed(machine, SnapshotReported(clock, peer, report.delivered))

    # -- clients ------------------------------------------------------------------------------

    def _submit(self, member: int, request_id: int, request: Request) -> None:
        if request_id <= self.last_request_id:
            raise Impossible(
                f"Request c{request_id} was used: the last was c{self.last_request_id}."
            )
        alive = self.alive(member)
        machine = self._living(member) if alive else self.machine(member)
        self._happens(self.now, 0)
        self._pending[request_id] = self._clients.end
        self._clients.append(ClientRecord(request_id, member, request, self.now, self.step))
        if alive:
            clock = machine.clock(self.now)
            self._feed(machine, RequestSubmitted(clock, request_id, request, WALL_MS + clock))
        else:
            # Nobody listens there: the client knows that nothing happened.
            self._answer(request_id, Answer(Outcome.REFUSED))

    def _answer(self, request_id: int, answer: Answer) -> None:
        place = self._pending.pop(request_id, None)
        if place is not None:
            self._clients[place] = replace(
                self._clients[place], answer=answer, answered_at=self.now, answered_in=self.step
            )

    # -- what a person does -------------------------------------------------------------------

    def _ask_member(self, decision: Decision) -> None:
        """What a person asks of one member, outside the protocol."""
        match decision:
            case Campaign(member):
                ask: Callable[[int], Input] = CampaignAsked
            case SetTimer(member, ticks):
                ask = lambda at: ElectionTimerSet(at, ticks)  # noqa: E731
            case Transfer(member, target):
                ask = lambda at: TransferAsked(at, target)  # noqa: E731
            case ForgetLeader(member):
                ask = LeaderForgotten
            case TellUnreachable(member, peer):
                ask = lambda at: PeerUnreachable(at, peer)  # noqa: E731
            case _:
                raise AssertionError(f"no world knows the decision {decision}")
        machine = self._living(member)
        self._happens(self.now, 0)
        self._feed(machine, ask(machine.clock(self.now)))

    def _set_rule(self, rule: str, on: bool, member: int) -> None:
        """Switch a safety rule at one member, or at all in the order of their ids."""
        if rule not in TWINS:
            raise unknown_name("rule", rule, TWINS)
        machines = [self.machine(member)] if member else list(self._machines.values())
        self._happens(self.now, 0)
        for machine in map(self._own, machines):
            rules = machine.config.rules
            if (rule not in rules.broken) != on:
                rules = rules.restored(rule) if on else rules.without(rule)
            machine.config = replace(machine.config, rules=rules)
            if machine.member is not None:
                self._feed(machine, RulesChanged(machine.clock(self.now), rules))

    def _set_profile(self, profile: str, member: int) -> None:
        if profile not in PROFILES:
            raise unknown_name("profile", profile, PROFILES)
        machines = [self.machine(member)] if member else list(self._machines.values())
        self._happens(self.now, 0)
        for machine in map(self._own, machines):
            rules = machine.config.rules
            machine.config = replace(self.setup.config(machine.id, profile), rules=rules)

    def _disturb_machine(
        self, decision: Crash | Restart | StartMember | Pause | Resume | Skew
    ) -> None:
        """Break a machine, or mend it."""
        name = member_name(decision.member)
        match decision:
            case Crash(member, kept):
                machine = self.machine(member)
                _alive(machine)
                self._happens(self.now, 0)
                self._crash(self._own(machine), kept)
                return
            case StartMember(member):
                if self.alive(member) or not within_7([member]):
                    raise Impossible(
                        f"{name} can't be started: it runs, or is not one of S1 to S7."
                    )
                self._happens(self.now, 0)
                # A newcomer knows nobody: who the members are it learns from the log.
                self._add_machine(member, Configuration(()))
                self._start(self._machines[member])
                return
            case Restart(member):
                machine = self.machine(member)
                if machine.member is not None:
                    raise Impossible(f"{name} runs already.")
                try:
                    machine.disk.recovered()
                except DiskRefused as refused:
                    raise Impossible(f"{name} can't start from its disk: {refused}.") from None
                self._happens(self.now, 0)
                self._start(self._own(machine))
                return
            case Pause(member):
                machine = self._living(member)
                self._happens(self.now, 0)
                machine.paused = True
            case Resume(member):
                if not self.paused(member):
                    raise Impossible(f"{name} is not paused.")
                machine = self._own(self.machine(member))
                self._happens(self.now, 0)
                machine.paused = False
                self.network.unpark(member)
            case Skew(member, rate):
                if rate <= 0:
                    raise Impossible(
                        f"A clock can't run at {rate} per mille: it never stands still."
                    )
                machine = self._own(self.machine(member))
                self._happens(self.now, 0)
                machine.set_rate(rate, self.now, self.step)
            case _:
                assert_never(decision)
        machine.look_ahead()

    def _add_machine(self, member: int, configuration: Configuration) -> None:
        """Put a machine with an empty disk there."""
        config = self.setup.config(member)
        machine = Machine(member, config, ValueDisk(configuration), self.setup.seed)
        if member in self._machines:
            # The same machine with a new disk: its chances and its ids must not repeat.
            old = self._machines[member]
            machine.incarnation, machine.inputs, machine.config = (
                old.incarnation,
                old.inputs,
                old.config,
            )
        self._machines = dict(sorted({**self._machines, member: machine}.items()))
        self._shared.discard(member)

    def _start(self, machine: Machine) -> None:
        for effect in machine.start(self.now, self._tracer):
            self._carry_out(machine, effect)
        machine.set_timer(self.step)
        machine.look_ahead()
        if self.judge is not None:
            self.judge.after_start(self.step, _alive(machine))

    def _crash(self, machine: Machine, kept: int) -> None:
        machine.die(kept)
        machine.look_ahead()
        self.network.unpark(machine.id)
        self.network.forget_reports(machine.id)
        for request_id, place in list(self._pending.items()):
            if self._clients[place].member == machine.id:
                # The connection breaks; what was asked may have happened, or may happen yet.
                self._answer(request_id, Answer(Outcome.UNKNOWN))
        if self.judge is not None:
            self.judge.after_crash(self.step, machine.id)

    def _packet(self, key: PacketKey) -> Packet:
        packet = self.network.packets.get(key)
        if packet is None:
            raise Impossible(f"Message {_name(key)} is not on its way.")
        return packet

    def _disturb(self, decision: Drop | Hold | Release | Duplicate) -> None:
        """Lose, hold, or double one message."""
        key = (*_link(decision), decision.number, decision.copy)
        packet = self._packet(key)
        held = key in self.network.held
        match decision:
            case Drop():
                # By chance or at a cut it is lost when it should arrive; a person may do it before.
                ends = isinstance(self._arrival(packet), Drop) and not held
                self._happens(packet.arrives_at if ends else self.now, packet.sent_in)
                self._lose(key)
            case Hold():
                if held:
                    raise Impossible(f"Message {_name(key)} is held already.")
                self._happens(self.now, 0)
                self.network.hold(key)
            case Release():
                if not held:
                    raise Impossible(f"Message {_name(key)} is not held.")
                self._happens(self.now, 0)
                self.network.release(key, self.now)
            case Duplicate():
                if packet.copy:
                    raise Impossible(f"Message {_name(key)} is a copy: duplicate the original.")
                self._happens(packet.arrives_at if packet.doubled else self.now, packet.sent_in)
                self.network.duplicate(key, self.now, self.step)
            case _:
                assert_never(decision)

    def _change_surroundings(self, decision: Cut | Heal | Delay | SetWeather | PassTime) -> None:
        """Change what lies between the members."""
        self._happens(decision.ms if isinstance(decision, PassTime) else self.now, 0)
        match decision:
            case Cut(links):
                self.network.cuts = frozenset(links)
            case Heal():
                self.network.cuts = frozenset()
            case Delay(sender, receiver, low, high):
                self.network.set_delay((sender, receiver), low, high)
            case SetWeather(loss, duplicates, overtaking):
                self.network.weather = (loss, duplicates, overtaking)
            case PassTime():
                pass
            case _:
                assert_never(decision)

    # -- copies and names ---------------------------------------------------------------------

    def fork(self, *, tracer: Tracer | None = None) -> World:
        """Copy it for next to nothing; with a tracer, the copy's members report to that one."""
        copy = World.__new__(World)
        for name in World.__slots__:
            setattr(copy, name, getattr(self, name))
        copy.network = self.network.fork()
        copy.judge = None if self.judge is None else self.judge.fork()
        copy.observer = None
        copy._tracer = self._tracer if tracer is None else tracer
        copy._machines = self._machines.copy()
        copy._clients = self._clients.fork()
        copy._pending = self._pending.copy()
        # Neither may move a machine in place from now on.
        self._shared = set(self._machines)
        copy._shared = set(self._machines)
        return copy

    def digest(self) -> str:
        """Name this state: equal states have equal digests, on every machine."""
        return digest(
            self.now, self.step, self._machines, self.network, self._clients, self._pending
        )


class _RequestIds:
    """The ids of the requests as a sorted sequence, to be searched."""

    def __init__(self, clients: Chunks[ClientRecord]) -> None:
        self._clients = clients

    def __len__(self) -> int:
        return len(self._clients)

    def __getitem__(self, place: int) -> int:
        return self._clients[place].request_id


def _alive(machine: Machine) -> Member:
    if machine.member is None:
        raise Impossible(f"{member_name(machine.id)} is dead: restart it first.")
    return machine.member


def _link(decision: Deliver | Drop | Hold | Release | Duplicate) -> Link:
    return (decision.sender, decision.receiver)


def _name(key: PacketKey) -> str:
    sender, receiver, number, copy = key
    return f"S{sender}>S{receiver} {number}" + (f".{copy}" if copy else "")
