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

Next page: `interventions`.
"""

from __future__ import annotations

from collections.abc import Callable

from learnetcd.invariants import Judge
from learnetcd.member.effects import (
    Apply,
    Effect,
    NotifyWatcher,
    Reply,
    SaveSnapshot,
    SendMessage,
    SyncWal,
    WriteWal,
)
from learnetcd.member.inputs import (
    ApplyDue,
    ElectionTimerSet,
    Input,
    MessageReceived,
    RequestCancelled,
    RequestSubmitted,
    SnapshotReported,
    SnapshotSaved,
    TimerFired,
    WallClockRead,
    WalSynced,
)
from learnetcd.member.member import Member
from learnetcd.member.request import Answer, Outcome, Request
from learnetcd.raft.config import Config
from learnetcd.raft.entry import Stored
from learnetcd.simulator.clients import ClientRecord, Clients
from learnetcd.simulator.decisions import (
    ApplyCommitted,
    Cancel,
    Decision,
    Deliver,
    Drop,
    Duplicate,
    FireTimer,
    Impossible,
    KeepSnapshot,
    Link,
    Report,
    SetWallClock,
    Submit,
    Sync,
)
from learnetcd.simulator.digest import RECENT, digest, mark
from learnetcd.simulator.disk import Disk, DiskFailed, ValueDisk
from learnetcd.simulator.file_disk import FileDisk
from learnetcd.simulator.interventions import intervene
from learnetcd.simulator.machine import ARRIVAL, GATE_OF, REPORT, DueKey, Machine, Task
from learnetcd.simulator.network import Network, Packet, PacketKey, packet_name
from learnetcd.simulator.setup import FILES, Setup
from learnetcd.tracing import Tracer, discard, member_name
from learnetcd.tracing.storage import MemberPanicked
from learnetcd.value import dataclass

__all__ = ["ClientRecord", "Due", "Impossible", "Observer", "World"]


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


Observer = Callable[["World", int, Input, list[Effect]], None]
"""Called after each input as (world, member, input, effects)."""


class World:
    """One state of the cluster. Only `decide` changes it."""

    __slots__ = (
        "_machines",
        "_shared",
        "_tracer",
        "cause",
        "clients",
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
        self.clients = Clients()
        self.judge = None if setup.others_outside else judge
        self.observer: Observer | None = None
        """Watches every input; a fork has none."""
        self._tracer = tracer
        self._machines: dict[int, Machine] = {}  # sorted by member: replay must give the same order
        self._shared: set[int] = set()  # machines that a fork holds as well
        for member in sorted((*setup.members, *setup.learners)):
            self.add_machine(member, setup.stored(member))
            self.start(member)
        for member, ticks in setup.first_timers:
            self.feed(self.living(member), ElectionTimerSet(0, ticks))

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

    def hears_nothing(self, member: int) -> bool:
        """Whether messages wait at its gate, or because it is paused."""
        machine = self._machines.get(member)
        return machine is not None and (machine.paused or "delivered" in machine.held)

    def machine(self, member: int) -> Machine:
        """Its disk, its clock, what is under way. To look at, not to change."""
        if member not in self._machines:
            raise Impossible(f"There is no {member_name(member)}.")
        return self._machines[member]

    def member(self, member: int) -> Member:
        """A living member. To look at, not to change."""
        found = self.machine(member).member
        if found is None:
            raise Impossible(f"{member_name(member)} is dead: restart it first.")
        return found

    def disk(self, member: int) -> Disk:
        """Its disk, also when it is dead."""
        return self.machine(member).disk

    def config(self, member: int) -> Config:
        """Its knobs, also when it is dead."""
        return self.machine(member).config

    def clock(self, member: int) -> int:
        """What its clock shows now."""
        return self.machine(member).clock(self.now)

    def clock_rate(self, member: int) -> int:
        """How fast its clock runs, per mille of true time."""
        return self.machine(member).rate

    def timer_due(self, member: int) -> int | None:
        """When its next timer fires, on the cluster's clock."""
        timer = self.machine(member).timer
        return None if timer is None else timer.due

    @property
    def cuts(self) -> frozenset[Link]:
        """The links that are cut, each one way."""
        return self.network.cuts

    def packets(self) -> list[Packet]:
        """All messages on their way, in the order in which they arrive."""
        return sorted(self.network.packets.values(), key=lambda p: (p.arrives_at, p.order))

    def packet(self, key: PacketKey) -> Packet:
        """One message on its way, or `Impossible`."""
        found = self.network.packets.get(key)
        if found is None:
            raise Impossible(f"Message {packet_name(key)} is not on its way.")
        return found

    # -- what can happen ----------------------------------------------------------------------

    def next_decision(self) -> Decision | None:
        """What happens next if nobody interferes: the earliest; None if nothing ever would."""
        due = self._next_due()
        return None if due is None else due[1]

    def next_at(self) -> int | None:
        """When that happens; may lie before `now`: then it is overdue."""
        due = self._next_due()
        return None if due is None else due[0][0]

    def _next_due(self) -> tuple[DueKey, Decision] | None:
        first: tuple[DueKey, Decision] | None = None
        for machine in self._machines.values():
            due = machine.next_due
            if due is not None and (first is None or due[0] < first[0]):
                first = due
        packet = self.network.earliest(self.hears_nothing)
        if packet is not None:
            key = (packet.arrives_at, ARRIVAL, packet.order)
            if first is None or key < first[0]:
                first = (key, self.arrival(packet))
        for number, report in enumerate(self.network.reports):
            key = (report.at, REPORT, number)
            if not self.paused(report.member) and (first is None or key < first[0]):
                first = (key, Report(report.member, report.peer))
        return first

    def arrival(self, packet: Packet) -> Decision:
        """What the end of a packet's way will be."""
        if packet.lost or not self.alive(packet.receiver) or self.network.blocked(packet):
            return Drop(*packet.key)
        return Duplicate(*packet.key) if packet.doubled else Deliver(*packet.key)

    def choices(self) -> list[Due]:
        """Everything that can happen by itself, in the order in which it would."""
        found = [
            (key, Due(task.due, decision, task.asked_in))
            for machine in self._machines.values()
            for key, decision, task in machine.tasks()
        ]
        for number, report in enumerate(self.network.reports):
            if not self.paused(report.member):
                due = Due(report.at, Report(report.member, report.peer), report.sent_in)
                found.append(((report.at, REPORT, number), due))
        oldest: dict[Link, int] = {}
        for packet in sorted(self.network.packets.values(), key=lambda p: (p.number, p.copy)):
            if packet.held or self.hears_nothing(packet.receiver):
                continue
            in_order = oldest.setdefault(packet.link, packet.number) == packet.number
            due = Due(packet.arrives_at, self.arrival(packet), packet.sent_in, in_order)
            found.append(((packet.arrives_at, ARRIVAL, packet.order), due))
        found.sort(key=lambda one: one[0])
        return [due for _, due in found]

    def held_back(self) -> list[Due]:
        """What waits at the gates that are held, in the order in which it would happen."""
        found = [
            (key, Due(task.due, decision, task.asked_in))
            for machine in self._machines.values()
            if machine.held and not machine.paused
            for key, decision, task in machine.under_way()
            if GATE_OF[key[1]] in machine.held
        ]
        for packet in self.network.packets.values():
            machine = self._machines.get(packet.receiver)
            is_there = machine is not None and "delivered" in machine.held and not machine.paused
            if is_there and not packet.held:
                due = Due(packet.arrives_at, self.arrival(packet), packet.sent_in)
                found.append(((packet.arrives_at, ARRIVAL, packet.order), due))
        return [due for _, due in sorted(found, key=lambda one: one[0])]

    # -- deciding -----------------------------------------------------------------------------

    def decide(self, decision: Decision) -> None:
        """Carry out one decision, or raise `Impossible` and change nothing."""
        match decision:
            case Deliver():
                self._deliver(decision)
            case Sync(member, batch):
                self._sync(self.living(member), batch)
            case ApplyCommitted(member, through):
                self._apply(self.living(member), through)
            case FireTimer(member):
                self._fire_timer(self.living(member))
            case Submit(member, request_id, request):
                self._submit(member, request_id, request)
            case Cancel(member, request_id):
                self._cancel(self.living(member), request_id)
            case KeepSnapshot(member):
                self._keep_snapshot(self.living(member))
            case SetWallClock(member, wall_ms):
                self._set_wall_clock(self.living(member), wall_ms)
            case Report(member, peer):
                self._report(self.living(member), peer)
            case _:
                intervene(self, decision)

    def _deliver(self, decision: Deliver) -> None:
        key = (decision.sender, decision.receiver, decision.number, decision.copy)
        packet = self.packet(key)
        if packet.held:
            raise Impossible(f"Message {packet_name(key)} is held: release it first.")
        if self.paused(packet.receiver):
            raise Impossible(f"{member_name(packet.receiver)} is paused: resume it first.")
        self.happens(packet.arrives_at, packet.sent_in)
        if not self.alive(packet.receiver) or self.network.blocked(packet):
            self.lose(key)
            return
        self.network.take(key)
        self._report_on(packet, delivered=True)
        machine = self.own(packet.receiver)
        self.feed(machine, MessageReceived(machine.clock(self.now), packet.message))

    def _sync(self, machine: Machine, batch: int) -> None:
        sync = machine.sync
        what = f"a sync of batch {batch} under way" if batch else "a sync under way"
        is_too_early = sync is not None and 0 < batch < sync.number
        self._task_happens(machine, None if is_too_early else sync, what)
        done = machine.finish_sync(self.now, batch)
        self.feed(machine, WalSynced(machine.clock(self.now), done))

    def _apply(self, machine: Machine, through: int) -> None:
        task = self._task_happens(machine, machine.apply, "anything to apply")
        if not 0 < through < task.number:
            machine.apply = None
        self.feed(machine, ApplyDue(machine.clock(self.now), through or task.number))

    def _fire_timer(self, machine: Machine) -> None:
        self._task_happens(machine, machine.timer, "a timer running")
        self.feed(machine, TimerFired(machine.clock(self.now)))

    def _keep_snapshot(self, machine: Machine) -> None:
        oldest = machine.snapshots[0][0] if machine.snapshots else None
        self._task_happens(machine, oldest, "a snapshot of its own under way")
        try:
            index = machine.finish_snapshot()
        except DiskFailed as failed:
            self._panic(self.member(machine.id), str(failed))
            return
        self.feed(machine, SnapshotSaved(machine.clock(self.now), index))

    def _set_wall_clock(self, machine: Machine, wall_ms: int) -> None:
        self.happens(self.now)
        self.feed(machine, WallClockRead(machine.clock(self.now), wall_ms))

    def _task_happens(self, machine: Machine, task: Task | None, what: str) -> Task:
        if task is None:
            raise Impossible(f"{member_name(machine.id)} does not have {what}.")
        self.happens(task.due, task.asked_in)
        return task

    def _report(self, machine: Machine, peer: int) -> None:
        report = self.network.find_report(machine.id, peer)
        if report is None:
            name, other = member_name(machine.id), member_name(peer)
            raise Impossible(f"{name} does not wait for a report about a snapshot for {other}.")
        self.happens(report.at, report.sent_in)
        self.network.take_report(report)
        clock = machine.clock(self.now)
        self.feed(machine, SnapshotReported(clock, peer, report.delivered))

    def _submit(self, member: int, request_id: int, request: Request) -> None:
        last_id = self.clients.last_id
        if request_id <= last_id and not self.setup.beginnings:
            raise Impossible(f"Request ids grow: c{request_id} can't follow c{last_id}.")
        alive = self.alive(member)
        machine = self.living(member) if alive else self.machine(member)
        self.happens(self.now)
        self.clients.ask(ClientRecord(request_id, member, request, self.now, self.step))
        if alive:
            clock = machine.clock(self.now)
            self.feed(machine, RequestSubmitted(clock, request_id, request))
        else:
            # Nobody listens there: the client knows that nothing happened.
            self.clients.answer(request_id, Answer(Outcome.REFUSED), self.now, self.step)

    def _cancel(self, machine: Machine, request_id: int) -> None:
        waiting = (*self.clients.pending, *self.clients.watching)
        if request_id not in waiting or self.clients[request_id].member != machine.id:
            raise Impossible(
                f"Client c{request_id} waits for nothing at {member_name(machine.id)}."
            )
        self.happens(self.now)
        self.clients.leave(request_id, self.now, self.step)
        self.feed(machine, RequestCancelled(machine.clock(self.now), request_id))

    # -- carrying out (for this page and `interventions`) --------------------------------------

    def happens(self, at: int, cause: int = 0) -> None:
        """From here on a decision is carried out: the clock moves, if it was not due before."""
        if at > self.now:
            self.now = at
        self.step += 1
        self.cause = cause

    def living(self, member: int) -> Machine:
        """A machine whose member can move now, to be changed."""
        self.member(member)
        if self.paused(member):
            raise Impossible(f"{member_name(member)} is paused: resume it first.")
        return self.own(member)

    def own(self, member: int) -> Machine:
        """A machine to be changed: a copy, if a fork of this world holds it too."""
        machine = self.machine(member)
        if member in self._shared:
            machine = self._machines[member] = machine.fork(self._tracer)
            self._shared.discard(member)
        return machine

    def feed(self, machine: Machine, input: Input) -> None:
        """Feed a member one input and carry out the effects."""
        member = machine.member
        assert member is not None, f"{member_name(machine.id)} is dead"
        try:
            effects = member.step(input)
        except AssertionError as error:
            self._panic(member, str(error))
            return
        machine.inputs += 1
        try:
            self._carry_out(machine, effects)
        except DiskFailed as failed:
            self._panic(member, str(failed))
            return
        machine.set_timer(self.step)
        machine.look_ahead()
        if self.judge is not None:
            self.judge.after_step(self.step, member, input, effects)
        if self.observer is not None:
            self.observer(self, machine.id, input, effects)

    def _panic(self, member: Member, found: str) -> None:
        """A member found its own state impossible: it dies, and that is a violation."""
        self._tracer(member.id, MemberPanicked(found))
        self.crash(member.id, kept=0)
        if self.judge is not None:
            self.judge.after_panic(self.step, member.id, found)

    def cannot_start(self, member: int, found: str) -> None:
        """A member whose log is somebody else's can't read it: a violation, like a panic."""
        self._tracer(member, MemberPanicked(found))
        if self.judge is not None:
            self.judge.after_panic(self.step, member, found)

    def _carry_out(self, machine: Machine, effects: list[Effect]) -> None:
        now, step, loses = self.now, self.step, self.setup.others_outside
        for effect in effects:
            match effect:
                case SendMessage(message):
                    if not (loses and message.receiver not in self._machines):
                        self.network.send(message, now, step)
                case WriteWal(entries, hard_state):
                    machine.disk.write(entries)
                    if hard_state is not None:
                        machine.disk.write((hard_state,))
                case SyncWal(batch):
                    machine.ask_sync(batch, now, step)
                case Apply(through):
                    machine.ask_apply(through, now, step)
                case Reply(request_id, answer):
                    self.clients.answer(request_id, answer, now, step)
                case NotifyWatcher(request_id, event, done):
                    self.clients.notify(request_id, event, done=done)
                case SaveSnapshot(snapshot, own=True):
                    machine.ask_snapshot(snapshot, now, step)
                case SaveSnapshot(snapshot):
                    machine.disk.write((snapshot,))
                case _:
                    raise AssertionError(f"the simulator does not know the effect {effect}")

    def lose(self, key: PacketKey) -> None:
        """A message is gone; if it was a snapshot, its sender will hear of it."""
        self._report_on(self.network.take(key), delivered=False)

    def _report_on(self, packet: Packet, delivered: bool) -> None:
        """Let a transport tell what became of a snapshot, if it is still there to do so."""
        if self.alive(packet.sender):
            self.network.report(packet, delivered, self.now, self.step)

    def add_machine(self, member: int, begin: Stored) -> None:
        """Put a machine there, or give the one that is there a new disk: with that on it."""
        machine = Machine(member, self.setup, self._new_disk(member, begin))
        if member in self._machines:
            machine.continue_life_of(self._machines[member])
        self._machines = dict(sorted({**self._machines, member: machine}.items()))
        self._shared.discard(member)

    def _new_disk(self, member: int, begin: Stored) -> Disk:
        wal = self.setup.config(member).parts.wal
        if wal is not None:
            disk: Disk = wal.disk(begin)
            return disk
        return FileDisk(member, begin) if self.setup.disks == FILES else ValueDisk(begin)

    def start(self, member: int) -> None:
        """Start a member from what its disk holds."""
        machine = self.own(member)
        self._carry_out(machine, machine.start(self.now, self._tracer))
        machine.set_timer(self.step)
        machine.look_ahead()
        if self.judge is not None:
            self.judge.after_start(self.step, self.member(member))
        clock = machine.clock(self.now)
        self.feed(machine, WallClockRead(clock, self.setup.wall_ms + clock))

    def crash(self, member: int, kept: int, torn: int = 0) -> None:
        """Kill a member; the `kept` oldest records that were not synced reach its disk still."""
        machine = self.own(member)
        machine.die(kept, torn)
        machine.look_ahead()
        self.network.forget_reports(member)
        self.network.unpark(member)
        self.clients.disconnect(member, self.now, self.step)
        if self.judge is not None:
            self.judge.after_crash(self.step, member)

    # -- copies and names ---------------------------------------------------------------------

    def fork(self, *, tracer: Tracer | None = None) -> World:
        """Copy it for next to nothing; with a tracer, the copy's members report to that one."""
        copy = World.__new__(World)
        copy.setup, copy.now, copy.step, copy.cause = self.setup, self.now, self.step, self.cause
        copy.network = self.network.fork()
        copy.clients = self.clients.fork()
        copy.judge = None if self.judge is None else self.judge.fork()
        copy.observer = None
        copy._tracer = self._tracer if tracer is None else tracer
        copy._machines = self._machines.copy()
        # Neither of the two may move a machine in place from now on.
        self._shared = set(self._machines)
        copy._shared = set(self._machines)
        return copy

    def digest(self) -> str:
        """Name this state: equal states have equal digests, on every machine."""
        return digest(self.now, self.step, self._machines, self.network, self.clients)

    def mark(self, *, whole: bool = True) -> str:
        """Name what can be seen of it; if not `whole`, in a time that does not grow with it."""
        return mark(self, None if whole else RECENT)
