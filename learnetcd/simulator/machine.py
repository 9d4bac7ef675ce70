"""A machine: one member with all that belongs to it alone: disk, clock, and what is under way.

      member (None while it is dead)
      disk      written  . . . synced
      clock     runs at `rate` per mille of true time
      under way    timer 640 ms      sync 2 ms      apply 1 ms      snapshot -

What a member asked for is not done at once: a sync takes the disk's time, committed entries wait to
be applied, a timer waits for its hour. Each of these is a `Task`: when it will be done, and in
which step it was asked for, which is its cause.

One sync runs at a time, and it makes safe what was written *before it began*; all that is asked for
meanwhile is made safe by the next one, together (group commit). A disk that did one sync for each
batch would fall behind without end when it is slower than the heartbeats.

Left out: a full disk, and a disk that fails. A member whose disk fails must stop, so it's a crash.

Next page: `clients`.
"""

from __future__ import annotations

from dataclasses import dataclass

from learnetcd.member.effects import Effect
from learnetcd.member.member import Member
from learnetcd.raft.chance import draw
from learnetcd.raft.entry import Snapshot
from learnetcd.simulator.decisions import ApplyCommitted, Decision, FireTimer, KeepSnapshot, Sync
from learnetcd.simulator.disk import Disk
from learnetcd.simulator.setup import Setup
from learnetcd.tracing import Tracer

EXACT = 1000
"""The rate of a clock that runs right, per mille."""

DISK, APPLYING = 500, 600
"""Where the draws of each kind begin."""

SYNC, KEEP_SNAPSHOT, APPLY, REPORT, ARRIVAL, TIMER = range(6)
"""What goes first of things due at the same moment. Timers are last: a heartbeat that arrives in
the very millisecond of the election timeout still counts."""

GATES = {
    "due": "its timers run out, and it is not told",
    "received": "clients ask, and wait to be let in",
    "synced": "its disk is done, and it is not told",
    "delivered": "messages arrive, and it is not told",
    "committed": "entries are committed, and not applied",
}
"""The ways in which anything comes to a member. Each can be held (`learnetcd.runtime.gates`)."""

GATE_OF = {SYNC: "synced", KEEP_SNAPSHOT: "synced", APPLY: "committed", TIMER: "due"}
"""Where each kind of task waits, when it is done."""

DueKey = tuple[int, int, int]
"""When, what kind, and which of that kind: sorts all that is due."""


@dataclass(slots=True)  # not frozen, though nobody changes one: they are built at almost every step
class Task:
    """Something that a member asked for and that takes its time."""

    due: int
    """On the cluster's clock."""
    asked_in: int
    """The step."""
    number: int
    """What it is about: the batch to sync, the index to apply through."""
    written: int = 0
    """For a sync: how many records were written when it began."""


class Machine:
    """One member and its surroundings."""

    __slots__ = (
        "_clock_set_at",
        "_clock_shows",
        "_counter",
        "_seed",
        "apply",
        "apply_ms",
        "config",
        "disk",
        "disk_ms",
        "held",
        "id",
        "incarnation",
        "inputs",
        "member",
        "next_due",
        "paused",
        "rate",
        "snapshots",
        "sync",
        "syncs_after",
        "timer",
    )

    def __init__(self, member_id: int, setup: Setup, disk: Disk) -> None:
        """Put a machine there, not running yet."""
        self.id = member_id
        self.config = setup.config(member_id)
        self.disk = disk
        disk.live_by(self.config.rules)
        self.disk_ms = setup.disk_ms
        """How long a sync takes, from and to."""
        self.apply_ms = setup.apply_ms
        """How long committed entries wait until they are applied."""
        self.member: Member | None = None
        self.incarnation = 0
        """How often it was started before."""
        self.inputs = 0
        """How many inputs its member was fed, over all incarnations."""
        self.paused = False
        self.held: frozenset[str] = frozenset()
        """The gates that are held."""
        self.rate = EXACT
        self._clock_shows = 0
        self._clock_set_at = 0
        self._seed = setup.seed
        self._counter = 0  # of the draws for its disk
        self.timer: Task | None = None
        self.sync: Task | None = None
        self.syncs_after: tuple[Task, ...] = ()
        """What was asked for since the running one began: the next one does it all."""
        self.apply: Task | None = None
        self.snapshots: tuple[tuple[Task, Snapshot], ...] = ()
        """Snapshots of its own that are being saved, the oldest first."""
        self.next_due: tuple[DueKey, Decision] | None = None
        """What will happen here first by itself; None while it is dead, paused, or at rest."""

    # -- the clock ----------------------------------------------------------------------------

    def clock(self, now: int) -> int:
        """What this machine's clock shows."""
        return self._clock_shows + (now - self._clock_set_at) * self.rate // EXACT

    def when(self, clock: int) -> int:
        """The first moment of the cluster's clock at which this one shows `clock` or more."""
        return self._clock_set_at - (self._clock_shows - clock) * EXACT // self.rate

    def set_rate(self, rate: int, now: int, step: int) -> None:
        """Let the clock run faster or slower from now on; it never jumps."""
        self._clock_shows = self.clock(now)
        self._clock_set_at = now
        self.rate = rate
        if self.member is not None:
            self.set_timer(step)

    def set_timer(self, step: int) -> None:
        """Note when the member wants to be woken; the cause is the step that moved that moment."""
        assert self.member is not None
        deadline = self.member.deadline()
        if deadline is None:
            self.timer = None
            return
        due = self.when(deadline)
        timer = self.timer
        if timer is None or timer.due != due:
            self.timer = Task(due, step, deadline)

    # -- what is under way ------------------------------------------------------------------------

    def ask_sync(self, batch: int, now: int, step: int) -> None:
        """Begin a sync, or have one begin when the running one is done."""
        task = Task(now, step, batch, self.disk.written)
        if self.sync is None:
            task.due += self._draw_ms(DISK, self.disk_ms)
            self.sync = task
        else:
            self.syncs_after += (task,)

    def finish_sync(self, now: int, batch: int = 0) -> int:
        """Make safe what the sync covers, begin the next one; give the batch that is done.

        With `batch`, as a real disk did: one sync may have covered several that were asked for.
        """
        assert self.sync is not None
        waiting = (self.sync, *self.syncs_after)
        done = [task for task in waiting if task.number <= batch] if batch else waiting[:1]
        self.disk.sync(done[-1].written)
        rest = waiting[len(done) :]
        self.sync, self.syncs_after = None, ()
        for task in rest if batch else rest[-1:]:
            self.ask_sync(task.number, now, task.asked_in)
        return batch or done[-1].number

    def ask_apply(self, through: int, now: int, step: int) -> None:
        """Have committed entries applied; what is asked for while one waits goes along with it."""
        if self.apply is None:
            self.apply = Task(now + self._draw_ms(APPLYING, self.apply_ms), step, through)
        else:
            self.apply = Task(self.apply.due, self.apply.asked_in, through)

    def ask_snapshot(self, snapshot: Snapshot, now: int, step: int) -> None:
        """Save a snapshot that the member took itself."""
        task = Task(now + self._draw_ms(DISK, self.disk_ms), step, snapshot.index)
        self.snapshots += ((task, snapshot),)

    def finish_snapshot(self) -> int:
        """The oldest snapshot is on the disk: first its file, then the record naming it."""
        (task, snapshot), *rest = self.snapshots
        self.snapshots = tuple(rest)
        self.disk.write([snapshot])
        self.disk.sync(self.disk.written)
        return task.number

    def _draw_ms(self, kind: int, takes: tuple[int, int]) -> int:
        low, high = takes
        if low == high:
            return low
        self._counter += 1
        return low + draw(self._seed, kind + self.id, self._counter, high - low + 1)

    def tasks(self) -> list[tuple[DueKey, Decision, Task]]:
        """Everything that will happen here by itself, in no order."""
        if self.paused:
            return []
        return [task for task in self.under_way() if GATE_OF[task[0][1]] not in self.held]

    def under_way(self) -> list[tuple[DueKey, Decision, Task]]:
        """The same, also what waits at a gate that is held."""
        if self.member is None:
            return []
        me = self.id
        found: list[tuple[DueKey, Decision, Task]] = []
        if self.sync is not None:
            found.append(((self.sync.due, SYNC, me), Sync(me), self.sync))
        if self.snapshots:
            task = self.snapshots[0][0]
            found.append(((task.due, KEEP_SNAPSHOT, me), KeepSnapshot(me), task))
        if self.apply is not None:
            found.append(((self.apply.due, APPLY, me), ApplyCommitted(me), self.apply))
        if self.timer is not None:
            found.append(((self.timer.due, TIMER, me), FireTimer(me), self.timer))
        return found

    def look_ahead(self) -> None:
        """Find what will happen here first; to be called after each change."""
        found = self.tasks()
        self.next_due = min(found, key=_due_key)[:2] if found else None

    # -- life and death -----------------------------------------------------------------------

    def die(self, kept: int, torn: int) -> None:
        """Lose everything but the disk."""
        self.member = None
        self.paused = False
        self.timer = self.sync = self.apply = None
        self.snapshots = self.syncs_after = ()
        self.disk.crash(kept, torn)

    def start(self, now: int, tracer: Tracer) -> list[Effect]:
        """Begin with what the disk holds; raises `DiskRefused` if that can't be."""
        stored = self.disk.recovered()
        self.member = Member(
            self.id,
            self.config,
            stored,
            seed=self._seed,
            # Draws of one life must not repeat those of another.
            first_draw=self.incarnation << 32,
            started_at=self.clock(now),
            tracer=tracer,
        )
        self.incarnation += 1
        return self.member.start()

    def continue_life_of(self, old: Machine) -> None:
        """Be the same machine with a new disk: its clock goes on, its chances do not repeat."""
        for name in ("_clock_set_at", "_clock_shows", "_counter", "config", "disk_ms", "apply_ms"):
            setattr(self, name, getattr(old, name))
        self.disk.live_by(self.config.rules)
        self.incarnation, self.inputs, self.rate = old.incarnation, old.inputs, old.rate

    def fork(self, tracer: Tracer) -> Machine:
        """Copy it; tasks are shared, for nobody changes one that waits."""
        copy = Machine.__new__(Machine)
        for name in Machine.__slots__:
            setattr(copy, name, getattr(self, name))
        copy.member = None if self.member is None else self.member.fork(tracer)
        copy.disk = self.disk.fork()
        return copy


def _due_key(task: tuple[DueKey, Decision, Task]) -> DueKey:
    return task[0]
