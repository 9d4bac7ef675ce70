"""A stage: members that are driven by hand, with a judge in the front row."""

from dataclasses import dataclass, replace

import pytest

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
    Input,
    MessageReceived,
    RequestSubmitted,
    RulesChanged,
    SnapshotSaved,
    TimerFired,
    WalSynced,
)
from learnetcd.member.member import Member
from learnetcd.member.request import (
    KeyRequest,
    MembershipRequest,
    Method,
    ReadKind,
    Request,
)
from learnetcd.raft.config import PROFILES, Config
from learnetcd.raft.configuration import Change, ChangeKind, ConfigChange, Configuration
from learnetcd.raft.entry import Entry, HardState, Snapshot, Stored
from learnetcd.raft.messages import Message


@dataclass
class Disk:
    """What was written, in order, and how much of it a power cut leaves."""

    records: list[Entry | HardState | Snapshot]
    synced: int = 0

    def stored(self) -> Stored:
        del self.records[self.synced :]
        snapshot, hard_state, entries = Snapshot(0, 0, Configuration(())), HardState(), []
        for record in self.records:
            if isinstance(record, HardState):
                hard_state = record
            elif isinstance(record, Snapshot):
                snapshot, entries = record, [e for e in entries if e.index > record.index]
            else:
                entries = [e for e in entries if e.index < record.index] + [record]
        entries = [e for e in entries if e.index > snapshot.index]
        return Stored(snapshot, hard_state, tuple(entries))


class Stage:
    """Three members; nothing happens by itself."""

    def __init__(self, profile: str = "paper", members: tuple[int, ...] = (1, 2, 3), **knobs):
        self.judge = Judge()
        self.config: Config = replace(PROFILES[profile], **knobs)
        self.at = 0
        self.members: dict[int, Member] = {}
        self.disks: dict[int, Disk] = {}
        self.mail: list[Message] = []
        self.syncs: list[tuple[int, int, int]] = []  # (member, batch, records)
        self.applies: list[tuple[int, int]] = []
        self.own_snapshots: list[tuple[int, int]] = []
        self.answers: dict[int, Reply] = {}
        self.last_request = 0
        first = Snapshot(0, 0, Configuration(members))
        for member in members:
            self.disks[member] = Disk([first], synced=1)
            self.start(member)

    # -- driving -----------------------------------------------------------------------------------

    def start(self, member: int) -> None:
        stored = self.disks[member].stored()
        self.members[member] = Member(member, self.config, stored, seed=1, started_at=self.at)
        self.judge.after_start(self.at, self.members[member])

    def newcomer(self, member: int) -> None:
        self.disks[member] = Disk([self.disks[1].records[0]], synced=1)
        self.start(member)

    def crash(self, member: int) -> None:
        del self.members[member]
        self.syncs = [sync for sync in self.syncs if sync[0] != member]
        self.applies = [apply for apply in self.applies if apply[0] != member]
        self.judge.after_crash(self.at, member)

    def feed(self, member: int, input: Input) -> None:
        effects = self.members[member].step(input)
        for effect in effects:
            self.carry_out(member, effect)
        self.show(member, input, effects)

    def carry_out(self, member: int, effect: Effect) -> None:
        disk = self.disks[member]
        match effect:
            case WriteWal(entries, hard_state):
                disk.records += [*entries, *([hard_state] if hard_state else [])]
            case SaveSnapshot(snapshot, own):
                disk.records.append(snapshot)
                if own:
                    self.own_snapshots.append((member, snapshot.index))
            case SyncWal(batch):
                self.syncs.append((member, batch, len(disk.records)))
            case SendMessage(message):
                self.mail.append(message)
            case Apply(through):
                self.applies.append((member, through))
            case Reply(request_id):
                self.answers[request_id] = effect

    def show(
        self, member: int, input: Input | None = None, effects: tuple[Effect, ...] = ()
    ) -> None:
        """Show the judge a step: one that happened, or one that is made up."""
        self.at += 1
        shown = TimerFired(self.at) if input is None else input
        self.judge.after_step(self.at, self.members[member], shown, effects)

    def sync(self, member: int) -> None:
        for found in [sync for sync in self.syncs if sync[0] == member]:
            self.syncs.remove(found)
            self.disks[member].synced = found[2]
            self.feed(member, WalSynced(self.at, found[1]))

    def deliver(self, message: Message) -> None:
        self.mail.remove(message)
        if message.receiver in self.members:
            self.feed(message.receiver, MessageReceived(self.at, message))

    def deliver_all(self, *among: int) -> None:
        """Deliver what is under way now between these members; lose all else."""
        for message in list(self.mail):
            if not among or {message.sender, message.receiver} <= set(among):
                self.deliver(message)
            else:
                self.mail.remove(message)

    def settle(self, *among: int) -> None:
        """Let everything happen until nothing is left, between these members."""
        while self.mail or self.syncs or self.applies or self.own_snapshots:
            for member, _, _ in list(self.syncs):
                self.sync(member)
            while self.applies:
                member, through = self.applies.pop(0)
                self.feed(member, ApplyDue(self.at, through))
            while self.own_snapshots:
                member, index = self.own_snapshots.pop(0)
                self.disks[member].synced = len(self.disks[member].records)
                self.feed(member, SnapshotSaved(self.at, index))
            self.deliver_all(*among)

    # -- a little play -----------------------------------------------------------------------------

    def campaign(self, member: int) -> None:
        self.feed(member, CampaignAsked(self.at))

    def elect(self, member: int, *among: int) -> None:
        self.campaign(member)
        self.settle(*among)

    def heartbeat(self, member: int) -> None:
        raft = self.members[member].raft
        self.at += self.config.tick_ms
        while raft.deadline() > (self.at - self.members[member].started_at) // self.config.tick_ms:
            self.at += self.config.tick_ms
        self.feed(member, TimerFired(self.at))

    def ask(self, member: int, request: Request) -> int:
        self.last_request += 1
        self.feed(member, RequestSubmitted(self.at, self.last_request, request))
        return self.last_request

    def put(self, member: int, value: str) -> int:
        return self.ask(member, KeyRequest(Method.PUT, "/x", value))

    def get(self, member: int, read: ReadKind) -> int:
        return self.ask(member, KeyRequest(Method.GET, "/x", read=read))

    def change(self, member: int, kind: ChangeKind, who: int) -> int:
        return self.ask(member, MembershipRequest(ConfigChange((Change(kind, who),))))

    def without(self, twin: str) -> None:
        """Break a rule at all members, also at those that start later."""
        self.config = replace(self.config, rules=self.config.rules.without(twin))
        for member in self.members:
            self.feed(member, RulesChanged(self.at, self.config.rules))

    def raft(self, member: int):
        return self.members[member].raft

    # -- the verdict -------------------------------------------------------------------------------

    def found(self, invariant: str) -> str:
        """What the judge found to break an invariant; empty while it holds."""
        violation = self.judge.violation(invariant)
        return violation.sentence if violation else ""

    @property
    def broken(self) -> list[str]:
        return [violation.invariant for violation in self.judge.violations]


@pytest.fixture
def stage():
    """Three members with the paper's knobs."""
    return Stage()


@pytest.fixture
def make_stage():
    """Other members, other knobs."""
    return Stage
