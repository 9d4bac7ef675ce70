"""A driver made by hand: it lets the tests decide what happens between any two effects."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

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
    RequestSubmitted,
    SnapshotReported,
    SnapshotSaved,
    TimerFired,
    WallClockRead,
    WalSynced,
)
from learnetcd.member.member import Member
from learnetcd.member.request import Answer, KeyRequest, Method, ReadKind, Request
from learnetcd.raft import PROFILES, Config, Configuration, Leader, Snapshot, Stored
from learnetcd.raft.messages import InstallSnapshot, Message
from learnetcd.tracing import Tracer, discard


@dataclass
class Disk:
    """What was written, and how much of it survives a power cut."""

    stored: Stored
    records: list[WriteWal | SaveSnapshot] = field(default_factory=list)
    synced: int = 0

    def recovered(self) -> Stored:
        """What a member finds that starts again after a power cut."""
        stored = self.stored
        for record in self.records[: self.synced]:
            if isinstance(record, SaveSnapshot):
                index = record.snapshot.index
                kept = tuple(entry for entry in stored.entries if entry.index > index)
                if record.snapshot.index > stored.snapshot.index:
                    entries = kept if record.own else ()
                    stored = replace(stored, snapshot=record.snapshot, entries=entries)
            else:
                if record.entries:
                    first = record.entries[0].index
                    before = tuple(entry for entry in stored.entries if entry.index < first)
                    # The driver keeps what the snapshot covers out of the log that is read back.
                    fresh = tuple(e for e in record.entries if e.index > stored.snapshot.index)
                    stored = replace(stored, entries=before + fresh)
                if record.hard_state is not None:
                    stored = replace(stored, hard_state=record.hard_state)
        return stored


WALL_MS = 1_500_000_000_000


class Cluster:
    """Members, their disks and a network, none of which does anything by itself."""

    def __init__(self, ids: tuple[int, ...] = (1, 2, 3), tracer: Tracer = discard, **knobs: object):
        self.config: Config = replace(PROFILES["etcd-3.3"], **knobs)
        self.now = 0
        self.tracer = tracer
        self.first = Stored(Snapshot(0, 0, Configuration(ids)))
        self.disks: dict[int, Disk] = {}
        self.members: dict[int, Member] = {}
        self.starts: dict[int, int] = {}
        self.messages: deque[Message] = deque()
        self.syncs: dict[int, deque[tuple[int, int]]] = {}
        self.applies: dict[int, int] = {}
        self.snapshots: dict[int, deque[Snapshot]] = {}
        self.answers: dict[int, Answer] = {}
        self.notices: list[NotifyWatcher] = []
        self.history: dict[int, list[tuple[Input, list[Effect]]]] = {}
        self.cut: set[int] = set()
        """Members that no message reaches or leaves."""
        self.slow_disks: set[int] = set()
        self.slow_stores: set[int] = set()
        self.last_request = 0
        for id in ids:
            self.add(id)

    def add(self, id: int, stored: Stored | None = None) -> None:
        self.disks[id] = Disk(stored or self.first)
        self.starts[id] = 0
        self.start(id)

    def start(self, id: int) -> None:
        """Start a member from its disk."""
        self.starts[id] += 1
        stored = self.disks[id].recovered()
        self.disks[id] = Disk(stored)
        self.members[id] = Member(
            id,
            self.config,
            stored,
            seed=7,
            first_draw=self.starts[id] << 32,
            started_at=self.now,
            tracer=self.tracer,
        )
        self.syncs[id], self.snapshots[id] = deque(), deque()
        self.applies[id] = 0
        self.history[id] = []
        self.step(id, WallClockRead(self.now, WALL_MS + self.now))

    def crash(self, id: int) -> None:
        """Cut the power of a member."""
        del self.members[id]

    def step(self, id: int, input: Input) -> list[Effect]:
        """Feed one input, and note what is to be done; nothing of it is reported back yet."""
        effects = self.members[id].step(input)
        self.history[id].append((input, effects))
        for effect in effects:
            self.carry_out(id, effect)
        return effects

    def carry_out(self, id: int, effect: Effect) -> None:
        disk = self.disks[id]
        match effect:
            case WriteWal():
                disk.records.append(effect)
            case SyncWal(batch):
                self.syncs[id].append((batch, len(disk.records)))
            case SaveSnapshot(snapshot, own):
                if own:
                    self.snapshots[id].append(snapshot)
                else:
                    disk.records.append(effect)
            case SendMessage(message):
                self.messages.append(message)
            case Apply(through):
                self.applies[id] = through
            case NotifyWatcher():
                self.notices.append(effect)
            case Reply(request_id, answer):
                assert request_id not in self.answers, f"request {request_id} is answered twice"
                self.answers[request_id] = answer

    # -- what a driver does, one thing at a time ----------------------------------------------

    def sync(self, id: int) -> None:
        """The oldest sync of a member is done."""
        batch, self.disks[id].synced = self.syncs[id].popleft()
        self.step(id, WalSynced(self.now, batch))

    def apply(self, id: int, through: int = 0) -> None:
        """Let what is committed reach the store."""
        through, self.applies[id] = through or self.applies[id], 0
        self.step(id, ApplyDue(self.now, through))

    def save_snapshot(self, id: int) -> None:
        """The oldest snapshot that a member took itself is on disk, its marker synced."""
        snapshot = self.snapshots[id].popleft()
        disk = self.disks[id]
        disk.records.append(SaveSnapshot(snapshot, own=True))
        disk.synced = len(disk.records)
        self.step(id, SnapshotSaved(self.now, snapshot.index))

    def deliver(self) -> None:
        """The oldest message arrives, or is lost at a cut."""
        message = self.messages.popleft()
        sender, receiver = message.sender, message.receiver
        reaches = receiver in self.members and not {sender, receiver} & self.cut
        if reaches:
            self.step(receiver, MessageReceived(self.now, message))
        if isinstance(message, InstallSnapshot) and sender in self.members:
            self.step(sender, SnapshotReported(self.now, receiver, reaches))

    def settle(self) -> None:
        """Let everything happen that is under way, but for disks and stores that are slow."""
        for _ in range(20_000):
            if self.messages:
                self.deliver()
                continue
            ready = [i for i in self.members if self.syncs[i] and i not in self.slow_disks]
            if ready:
                self.sync(ready[0])
                continue
            ready = [i for i in self.members if self.applies[i] and i not in self.slow_stores]
            if ready:
                self.apply(ready[0])
                continue
            ready = [i for i in self.members if self.snapshots[i] and i not in self.slow_disks]
            if not ready:
                return
            self.save_snapshot(ready[0])
        raise AssertionError("it never settles: " + str(self.messages))

    # -- time, elections, clients -------------------------------------------------------------

    def fire_timer(self, id: int) -> None:
        deadline = self.members[id].deadline()
        assert deadline is not None
        self.now = max(self.now, deadline)
        self.step(id, TimerFired(self.now))

    def beat(self, rounds: int = 1) -> None:
        """Let the leader's heartbeat timer fire, and all that follows happen."""
        for _ in range(rounds):
            self.fire_timer(self.leader.id)
            self.settle()

    def elect(self, id: int) -> Member:
        self.now += self.config.election_ticks * self.config.tick_ms  # leases are over
        self.step(id, CampaignAsked(self.now))
        self.settle()
        assert self.leader.id == id
        return self.leader

    @property
    def leader(self) -> Member | None:
        leaders = [m for m in self.members.values() if isinstance(m.raft.role, Leader)]
        return max(leaders, key=lambda member: member.raft.term, default=None)

    def submit(self, id: int, request: Request) -> int:
        self.last_request += 1
        self.step(id, RequestSubmitted(self.now, self.last_request, request))
        return self.last_request

    def put(self, id: int, key: str, value: str) -> int:
        return self.submit(id, KeyRequest(Method.PUT, key, value))

    def get(self, id: int, key: str, read: ReadKind = ReadKind.LOCAL) -> int:
        return self.submit(id, KeyRequest(Method.GET, key, read=read))

    def value(self, request_id: int) -> str | None:
        """The value in an answer that was given."""
        event = self.answers[request_id].event
        assert event is not None
        return event.node.value


@pytest.fixture(scope="session")  # it is the class itself, so nothing is shared
def cluster() -> Callable[..., Cluster]:
    """A cluster of the members that are asked for, all of them followers."""
    return Cluster
