"""The driver of a real member: it carries out what the member wants, and tells it what happened.

    socket, timer, disk ... --- Input ---> member.step --- effects ---> line ---> disk, socket ...
                                               ^                          |
                                               +------ Input <------------+

This is the same loop as the simulator's, only that a sync is a sync. There is one thread in which
members are stepped, so nothing here needs a lock; what waits for the disk does so in a worker
thread, and comes back as an input.

**In order.** Effects stand in one line and are carried out one after the other. To carry one out
may make the next input at once (`Apply` does); the effects of that stand behind those before it.

**Group commit.** While one sync is under way, more entries are written; they share the next one:

    write 5    write 6   write 7   write 8
    sync(5) ....................  | sync(6, 7, 8) ....
                        WalSynced(5)          WalSynced(8)

So the more clients there are at a time, the more of them share one fsync. None of them is told
"done" before the sync that began after its write has ended: that is the promise of a database.

**A disk that fails ends the member.** Nobody knows what a failed write has left behind, and after a
failed sync the next one may succeed although the bytes are lost. So nothing is tried again.

Source: etcd 3.4 etcdserver/raft.go (the loop of the raftNode), server.go (purgeFile, every 30 s).

Next page: `usage`.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, assert_never

import trio

from learnetcd.api.meters import Meters
from learnetcd.disk.storage import Storage
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
    CampaignAsked,
    Input,
    MessageReceived,
    PeerUnreachable,
    RequestCancelled,
    RequestSubmitted,
    SnapshotReported,
    SnapshotSaved,
    TimerFired,
    WallClockRead,
    WalSynced,
)
from learnetcd.member.member import Member
from learnetcd.member.proposing import TIMED_OUT
from learnetcd.member.request import Answer, Outcome, Request
from learnetcd.raft.entry import Snapshot
from learnetcd.raft.messages import Message
from learnetcd.runtime.clock import Clock
from learnetcd.runtime.gates import Gate, Gates
from learnetcd.store.errors import RAFT_INTERNAL, EtcdError
from learnetcd.store.event import Event

PURGE_S = 30
REST_S = 0.1
WALL_CLOCK_APART_MS = 100


class Client(Protocol):
    """Whoever asks the member something."""

    def replied(self, answer: Answer) -> None:
        """Here is the answer."""

    def notified(self, event: Event | None, done: bool) -> None:
        """Here is what you wait for; `done` if that was all."""


@dataclass(frozen=True, slots=True)
class DiskUse:
    """What is kept of old files."""

    max_wals: int = 5
    max_snapshots: int = 5


def nobody_watches(input: Input) -> None:
    """What an observer does who isn't there."""


def at_once(action: Callable[[], None]) -> None:
    """How something is done that concerns nobody, or one client only."""
    action()


def nobody_sends(message: Message) -> None:
    """What a member alone has to do with messages."""


Condition = Callable[[Member], bool]


class MemberDriver:
    """One member, and the world around it."""

    def __init__(
        self,
        member: Member,
        storage: Storage,
        *,
        request_ids: Iterator[int],
        gates: Gates | None = None,
        clock: Clock | None = None,
        observer: Callable[[Input], None] = nobody_watches,
        disk_use: DiskUse | None = None,
        meters: Meters | None = None,
    ) -> None:
        """Drive a member that was just made."""
        self.member = member
        self.storage = storage
        self.gates = gates or Gates()
        self.send: Callable[[Message], None] = nobody_sends
        """How messages leave."""
        self.in_a_round: Callable[[Callable[[], None]], None] = at_once
        """How something is done that may answer many clients: their answers leave together."""
        self.failure: BaseException | None = None
        """Why it has stopped."""
        self.observer = observer
        """Shown each input before the member is."""
        self._disk_use = disk_use or DiskUse()
        self._meters = meters or Meters()
        self._clock = clock or Clock()
        self._request_ids = request_ids
        self._clients: dict[int, Client] = {}
        self._before_the_gate: set[int] = set()
        """Requests that are held back: the member has not heard of them."""
        self._line: deque[Effect | Gate] = deque()
        """What is to be carried out, in order."""
        self._is_carrying_out = False
        self._batch_to_sync = 0
        """The last batch that wants to be synced."""
        self._synced_batch = 0
        self._snapshot_saved = Gate("snapshot saved")
        """Held while a snapshot of our own is on its way to the disk."""
        self._snapshots_to_sync: list[int] = []
        """Own snapshots whose files are there; they count from the next sync on."""
        self._awaited: list[tuple[Condition, trio.Event]] = []
        """What somebody waits for to become true of the member."""
        self._wants_sync = trio.Event()
        self._stopped = trio.Event()
        self._nursery: trio.Nursery

    # -- inputs -------------------------------------------------------------------------------

    @property
    def at(self) -> int:
        """The member's clock."""
        return self._clock.now_ms

    def feed(self, input: Input, gate: Gate | None = None) -> None:
        """Tell the member what happened; then, behind the gate, carry out what it wants."""
        if self.failure is not None:
            return
        try:
            self.observer(input)
            effects = self.member.step(input)
            if gate is not None and gate.held:
                self._line.append(gate)
            self._line.extend(effects)
            self._go_on()
            if self._awaited and not isinstance(input, RequestSubmitted):
                self._look_who_may_go_on()  # a question alone makes nothing true
        except Exception as error:
            self.fail(error)

    def receive(self, message: Message) -> None:
        """Another member says something."""

        def tell() -> None:
            self.in_a_round(lambda: self.feed(MessageReceived(self.at, message)))

        self.gates.delivered.then(tell, message)

    def unreachable(self, member_id: int) -> None:
        """A message could not be delivered to another member."""
        about = PeerUnreachable(self.at, member_id)
        self.gates.delivered.then(lambda: self.feed(replace(about, at=self.at)), about)

    def snapshot_reported(self, member_id: int, delivered: bool) -> None:
        """A snapshot was delivered to another member, or could not be."""
        about = SnapshotReported(self.at, member_id, delivered)
        self.gates.delivered.then(lambda: self.feed(replace(about, at=self.at)), about)

    async def until(self, condition: Condition) -> None:
        """Wait until something is true of the member."""
        if not condition(self.member):
            became_true = trio.Event()
            self._awaited.append((condition, became_true))
            await became_true.wait()

    def _look_who_may_go_on(self) -> None:
        waiting = self._awaited
        self._awaited = []
        for condition, became_true in waiting:
            if condition(self.member):
                became_true.set()
            else:
                self._awaited.append((condition, became_true))

    def _go_on(self) -> None:
        if not self._is_carrying_out:
            self._carry_out()

    def forget_everything(self) -> None:
        """End like a process that is killed: nobody is told anything any more."""
        self.observer = nobody_watches
        self._line.clear()
        self._clients.clear()
        self._stopped.set()

    def fail(self, error: BaseException) -> None:
        """Nothing is done any more: what stands in line may rest on what went wrong."""
        self.failure = error
        self._line.clear()
        self._clients.clear()
        self._stopped.set()

    # -- effects ------------------------------------------------------------------------------

    def _carry_out(self) -> None:
        """Do what stands in line, up to a gate that is held."""
        self._is_carrying_out = True
        line = self._line
        while line:
            effect = line.popleft()
            gate = effect if isinstance(effect, Gate) else self._do(effect)
            if gate is not None and gate.held:
                gate.then(self._carry_out)
                return  # still carrying out: nothing overtakes
        self._is_carrying_out = False

    def _do(self, effect: Effect) -> Gate | None:
        """Carry out one effect, and say which gate stands behind it."""
        match effect:
            case Reply():
                self._reply(effect)
                return self.gates.answered
            case WriteWal():
                self.storage.write(effect.entries, effect.hard_state)
                return self.gates.written
            case SyncWal():
                self._batch_to_sync = effect.batch
                self._wants_sync.set()
            case Apply():
                self.gates.committed.then(partial(self._apply, effect.through), effect)
            case NotifyWatcher():
                self._notify(effect)
                return self.gates.answered
            case SendMessage():
                self.send(effect.message)
                return self.gates.sent
            case SaveSnapshot() if self._snapshot_saved.held:
                # One at a time: this one, and all that stands behind it, waits for the other.
                self._line.appendleft(effect)
                return self._snapshot_saved
            case SaveSnapshot(own=True):
                self._snapshot_saved.hold()
                self._nursery.start_soon(self._save_own_snapshot, effect.snapshot)
            case SaveSnapshot():
                # In line, however long it takes: what is written next refers to it.
                self.storage.save_snapshot(effect.snapshot)
            case _:
                assert_never(effect)
        return None

    def _apply(self, through: int) -> None:
        self.feed(ApplyDue(self.at, through), self.gates.applied)

    # -- clients ------------------------------------------------------------------------------

    def next_request_id(self) -> int:
        """Make an id that no other request has, of this member or another."""
        return next(self._request_ids)

    def submit(
        self, request_id: int, request: Request, client: Client, patience_ms: int | None = None
    ) -> None:
        """Ask the member. `client` is told, now or later, but by nobody after a `cancel`."""
        self._clients[request_id] = client
        if patience_ms is not None:
            self._nursery.start_soon(self._lose_patience, request_id, patience_ms)
        if self.gates.received.held:
            self._before_the_gate.add(request_id)
            about = RequestSubmitted(self.at, request_id, request)
            self.gates.received.then(partial(self._let_through, request_id, request), about)
        else:
            self._ask_member(request_id, request)

    def _let_through(self, request_id: int, request: Request) -> None:
        self._before_the_gate.discard(request_id)
        if request_id in self._clients:  # else it went away before
            self._ask_member(request_id, request)

    def _ask_member(self, request_id: int, request: Request) -> None:
        self.feed(RequestSubmitted(self.at, request_id, request), self.gates.proposed)

    def cancel(self, request_id: int) -> None:
        """The client went away."""
        client = self._clients.pop(request_id, None)
        if client is not None and request_id not in self._before_the_gate:
            about = RequestCancelled(self.at, request_id)
            self.gates.received.then(lambda: self.feed(replace(about, at=self.at)), about)

    def waits(self, request_id: int) -> bool:
        """Whether whoever asked this is still there."""
        return request_id in self._clients

    async def ask(self, request: Request) -> Answer:
        """Ask the member, and wait for the answer."""
        question = Question()
        self.submit(self.next_request_id(), request, question)
        await question.answered.wait()
        assert question.answer is not None, "it was answered"
        return question.answer

    async def _lose_patience(self, request_id: int, patience_ms: int) -> None:
        until = self._clock.now_ms + patience_ms
        while (left_ms := until - self._clock.now_ms) > 0:
            await self._clock.sleep(left_ms)  # a clock that is held wakes whoever sleeps early
        self.give_up(request_id, TIMED_OUT)

    def give_up(self, request_id: int, cause: str) -> None:
        """Tell whoever still waits for this that nobody knows what becomes of it, and why."""
        client = self._clients.get(request_id)
        if client is not None:
            self.cancel(request_id)
            client.replied(Answer(Outcome.UNKNOWN, error=EtcdError(RAFT_INTERNAL, cause, 0)))

    def _reply(self, reply: Reply) -> None:
        if reply.answer.outcome is Outcome.WAITING:
            client = self._clients.get(reply.request_id)
        else:
            client = self._clients.pop(reply.request_id, None)
        if client is not None:
            client.replied(reply.answer)

    def _notify(self, notice: NotifyWatcher) -> None:
        if notice.done:
            client = self._clients.pop(notice.request_id, None)
        else:
            client = self._clients.get(notice.request_id)
        if client is not None:
            client.notified(notice.event, notice.done)

    # -- what goes on beside ------------------------------------------------------------------

    async def run(self, begun: trio.Event) -> None:
        """Drive the member until cancelled, or until it fails: then `failure` says why."""
        async with trio.open_nursery() as self._nursery:
            self._begin()
            begun.set()
            for work in (
                self._keep_time,
                self._keep_syncing,
                self._keep_nothing_back,
                self._keep_purging,
            ):
                self._nursery.start_soon(work)
            await self._stopped.wait()
            self._nursery.cancel_scope.cancel()

    def _begin(self) -> None:
        self._read_wall_clock()
        self._line.extend(self.member.start())
        self._go_on()
        if self.member.raft.configuration.voters == (self.member.id,):
            # Differs: etcd waits for its timer, up to a second. Who votes alone has nobody to wait
            # for, and nobody whom it could disturb.
            self.feed(CampaignAsked(self.at))

    def _read_wall_clock(self) -> None:
        at, wall_ms = self.at, self._clock.wall_ms
        if abs(self.member.wall_minus_now_ms - (wall_ms - at)) > WALL_CLOCK_APART_MS:
            self.feed(WallClockRead(at, wall_ms))

    async def _keep_time(self) -> None:
        """Fire the member's timers. None of them asks for more than a tick's precision."""
        tick_ms = self.member.config.tick_ms
        while True:
            now = self.at
            deadline = self.member.deadline()
            if deadline is not None and deadline <= now and not self.gates.due.waiting:
                self.gates.due.then(self.fire_timer, deadline)
                deadline = self.member.deadline()
            self._read_wall_clock()
            self._meters.look_who_leads(self.member)
            wait_ms = tick_ms if deadline is None else min(deadline - now, tick_ms)
            await self._clock.sleep(max(wait_ms, 1))

    def fire_timer(self) -> None:
        """A timer of the member has run out."""
        self.feed(TimerFired(self.at))

    async def _keep_syncing(self) -> None:
        """Sync what was written, one sync after the other, as long as there is something."""
        while True:
            await self._wants_sync.wait()
            self._wants_sync = trio.Event()
            batch = self._batch_to_sync
            snapshots, self._snapshots_to_sync = self._snapshots_to_sync, []
            began = time.perf_counter()
            try:
                await trio.to_thread.run_sync(self.storage.sync)
            except Exception as error:
                self.fail(error)
                return
            self._meters.fsync.observe(time.perf_counter() - began)
            if batch > self._synced_batch or snapshots:
                synced = partial(self.in_a_round, partial(self._synced, batch, snapshots))
                self.gates.synced.then(synced, WalSynced(self.at, batch))

    async def _keep_nothing_back(self) -> None:
        """Let also that reach the disk for which nobody waits: how far the log is committed.

        It is known only after the sync of the entries, and the next sync takes it along. But who
        copies the data of a member at rest (`etcdctl backup`) reads the log as far as it is known
        to be committed, and must not miss the last write.
        """
        while True:
            await trio.sleep(REST_S)
            if not self.storage.is_synced:
                self._wants_sync.set()

    def _synced(self, batch: int, snapshots: list[int]) -> None:
        """Tell the member what is safe now."""
        if batch > self._synced_batch:
            self._synced_batch = batch
            # What waited for the disk is proposed now.
            gate = self.gates.proposed if self.member.held else None
            self.feed(WalSynced(self.at, batch), gate)
        for index in snapshots:
            self.feed(SnapshotSaved(self.at, index))

    async def _save_own_snapshot(self, snapshot: Snapshot) -> None:
        try:
            await trio.to_thread.run_sync(self.storage.save_snapshot, snapshot)
        except Exception as error:
            self.fail(error)
            return
        self._snapshots_to_sync.append(snapshot.index)
        self._wants_sync.set()
        self._snapshot_saved.release()

    async def _keep_purging(self) -> None:
        """Delete old files now and then. If that fails, it is tried again."""
        use = self._disk_use
        while True:
            await trio.sleep(PURGE_S)
            with suppress(OSError):
                await trio.to_thread.run_sync(self.storage.purge, use.max_wals, use.max_snapshots)


class Question:
    """A client of our own."""

    def __init__(self) -> None:
        """Not answered yet."""
        self.answered = trio.Event()
        self.answer: Answer | None = None

    def replied(self, answer: Answer) -> None:
        """Let whoever asked go on."""
        self.answer = answer
        self.answered.set()

    def notified(self, event: Event | None, done: bool) -> None:
        """Nobody here watches."""
        raise AssertionError("a question is no watch")
