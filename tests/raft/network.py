"""A cluster that is driven by hand, so that a test can say exactly what happens in which order.

    network = Network()                 three members, S1 S2 S3, nothing in their logs
    network.elect(1)                    S1's timer fires; all is saved, delivered, applied
    network[1].propose(b"x")            messages are `in_flight` now; nobody has read them
    network.deliver(to=2)               S2 stores the entry and answers; S3 has heard nothing
    network.settle()                    until there is nothing left to do

A `Host` is one member: the core, a disk that keeps what was saved, and a store that keeps what was
applied. It carries work out at once, unless it has a `slow_disk` or a `slow_store`: then `save()`
and `apply()` do it, one piece each, and `crash()` loses what was not done.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from learnetcd.raft import (
    NO_MEMBER,
    PROFILES,
    Candidate,
    Change,
    ChangeKind,
    Config,
    ConfigChange,
    Configuration,
    Entry,
    Follower,
    HardState,
    Leader,
    Progress,
    Raft,
    ReadReady,
    Save,
    Snapshot,
    Stored,
    Transition,
)
from learnetcd.raft.messages import (
    AppendEntries,
    AppendEntriesReply,
    InstallSnapshot,
    Message,
    RequestVote,
)
from learnetcd.tracing import TraceEvent

PAPER = PROFILES["paper"]
ETCD = replace(PROFILES["etcd-3.3"], check_quorum=False)
"""etcd's behaviour without the lease: a candidate is heard at any time."""

Kind = TypeVar("Kind", bound=Message)
EventKind = TypeVar("EventKind", bound=TraceEvent)


def history(*terms: int, first: int = 1) -> tuple[Entry, ...]:
    """Entries of these terms: history(1, 1, 2) is the log 1@1 2@1 3@2."""
    return tuple(
        Entry(index, term, f"{index}@{term}".encode()) for index, term in enumerate(terms, first)
    )


def begin(
    voters: tuple[int, ...] = (1, 2, 3),
    *,
    log: tuple[int, ...] = (),
    term: int | None = None,
    vote: int = NO_MEMBER,
    commit: int = 0,
    learners: tuple[int, ...] = (),
    snapshot: Snapshot | None = None,
) -> Stored:
    """What a disk holds: entries of the terms in `log`, after `snapshot`."""
    snapshot = snapshot or Snapshot(0, 0, Configuration(voters, learners=learners))
    last_term = log[-1] if log else snapshot.term
    hard_state = HardState(last_term if term is None else term, vote, max(commit, snapshot.index))
    return Stored(snapshot, hard_state, history(*log, first=snapshot.index + 1))


class Disk:
    """What survives a crash."""

    def __init__(self, stored: Stored) -> None:
        self.snapshot = stored.snapshot
        self.hard_state = stored.hard_state
        self.entries = list(stored.entries)

    def write(self, save: Save) -> None:
        if save.snapshot is not None:
            self.snapshot, self.entries = save.snapshot, []
        if save.entries:
            keep = save.entries[0].index - self.snapshot.index - 1
            assert 0 <= keep <= len(self.entries), "a save must not leave a gap in the log"
            self.entries[keep:] = save.entries
        if save.hard_state is not None:
            self.hard_state = save.hard_state

    @property
    def stored(self) -> Stored:
        return Stored(self.snapshot, self.hard_state, tuple(self.entries))


class Host:
    """One member: the core, its disk, its store."""

    def __init__(
        self,
        member: int,
        stored: Stored,
        config: Config = ETCD,
        *,
        seed: int = 7,
        slow_disk: bool = False,
        slow_store: bool = False,
    ) -> None:
        self.id, self.config, self.seed = member, config, seed
        self.slow_disk, self.slow_store = slow_disk, slow_store
        self.disk = Disk(stored)
        self.starts = 0
        self.sent: list[Message] = []
        self.restart()

    def restart(self) -> None:
        """Begin again with what the disk holds."""
        state = self.disk.snapshot.state
        self.store: list[Entry] = list(state) if isinstance(state, tuple) else []
        self.reads: list[ReadReady] = []
        self.events: list[TraceEvent] = []
        self.unsaved: deque[Save] = deque()
        self.unapplied: deque[tuple[Entry, ...]] = deque()
        self.raft = Raft(
            self.id,
            self.config,
            self.disk.stored,
            seed=self.seed,
            first_draw=1000 * self.starts,
            tracer=lambda _member, event: self.events.append(event),
        )
        self.starts += 1
        self.work()

    crash = restart
    """What was not saved is gone."""

    # -- what happens to it --------------------------------------------------------------------

    def does(self, act: Callable[[], object]) -> list[Message]:
        """Let something happen, then carry out the work; what leaves is returned, and in `sent`."""
        before = len(self.sent)
        act()
        self.work()
        return self.sent[before:]

    def hears(self, *messages: Message) -> list[Message]:
        return self.does(lambda: [self.raft.step(message) for message in messages])

    def times_out(self) -> list[Message]:
        """Let the next timer fire: an election, or a heartbeat."""
        deadline = self.raft.deadline()
        assert deadline is not None, "no timer runs"
        return self.waits(deadline - self.raft.now)

    def waits(self, ticks: int) -> list[Message]:
        return self.does(lambda: [self.raft.tick() for _ in range(ticks)])

    def campaigns(self) -> list[Message]:
        return self.does(self.raft.campaign)

    def propose(self, *payloads: bytes | ConfigChange) -> list[Message]:
        return self.does(lambda: self.raft.propose(*payloads))

    def read(self, context: int = 1) -> list[Message]:
        return self.does(lambda: self.raft.read(context))

    # -- its work ------------------------------------------------------------------------------

    def work(self) -> None:
        """Carry out what the core wants done; what is slow is queued."""
        while work := self.raft.poll():
            self.sent += work.send
            self.reads += work.reads
            if work.save is not None:
                self.unsaved.append(work.save)
            if work.apply:
                self.unapplied.append(work.apply)
            while self.unsaved and not self.slow_disk:
                self._save_one()
            while self.unapplied and not self.slow_store:
                self._apply_one()

    def save(self) -> list[Message]:
        """Make the oldest batch durable."""
        return self.does(self._save_one)

    def save_all(self) -> list[Message]:
        before = len(self.sent)
        while self.unsaved:
            self.save()
        return self.sent[before:]

    def apply(self) -> list[Message]:
        """Apply the oldest entries that were handed out."""
        return self.does(self._apply_one)

    def _save_one(self) -> None:
        save = self.unsaved.popleft()
        self.disk.write(save)
        if save.snapshot is not None:
            state = save.snapshot.state
            self.store = list(state) if isinstance(state, tuple) else []
        self.raft.saved(save.batch)

    def _apply_one(self) -> None:
        entries = self.unapplied.popleft()
        for entry in entries:
            self.store.append(entry)
            if isinstance(entry.payload, ConfigChange):
                self.raft.change_applied(entry.payload)
        self.raft.applied(entries[-1].index)

    def take_snapshot(self, *, keep: int = 0) -> Snapshot:
        """Replace the applied part of the log by a snapshot, but for the last `keep` entries."""
        log = self.raft.log
        index = log.applied_index
        term = log.term_at(index)
        assert term is not None
        snapshot = Snapshot(index, term, self.raft.configuration, tuple(self.store))
        self.disk.entries = [entry for entry in self.disk.entries if entry.index > index]
        self.disk.snapshot = snapshot
        self.raft.snapshot_taken(snapshot)
        self.raft.compact(index - keep)
        return snapshot

    # -- what it looks like --------------------------------------------------------------------

    @property
    def term(self) -> int:
        return self.raft.term

    @property
    def vote(self) -> int:
        return self.raft.vote

    @property
    def commit(self) -> int:
        return self.raft.log.commit_index

    @property
    def leads(self) -> bool:
        return isinstance(self.raft.role, Leader)

    @property
    def follows(self) -> bool:
        return isinstance(self.raft.role, Follower)

    @property
    def stands(self) -> bool:
        """It is a candidate (and not one that only asks)."""
        return isinstance(self.raft.role, Candidate) and not self.raft.role.pre_vote

    @property
    def asks(self) -> bool:
        """It is a pre-candidate."""
        return isinstance(self.raft.role, Candidate) and self.raft.role.pre_vote

    @property
    def leadership(self) -> Leader:
        assert isinstance(self.raft.role, Leader), f"S{self.id} does not lead"
        return self.raft.role

    def progress(self, member: int) -> Progress:
        return self.leadership.progress[member]

    @property
    def log(self) -> str:
        """Its log: `1@1 2@1 3@2`."""
        log = self.raft.log
        return " ".join(str(e) for e in log.entries(log.first_index, log.last_index))

    @property
    def disk_log(self) -> str:
        return " ".join(map(str, self.disk.entries))

    @property
    def applied(self) -> list[object]:
        """The payloads that its store has seen, but for empty ones."""
        return [entry.payload for entry in self.store if entry.payload]

    def saw(self, kind: type[EventKind]) -> list[EventKind]:
        """The trace events of a kind."""
        return [event for event in self.events if isinstance(event, kind)]


class Network:
    """Members, and the messages between them."""

    def __init__(
        self,
        voters: tuple[int, ...] = (1, 2, 3),
        config: Config = ETCD,
        *,
        logs: dict[int, tuple[int, ...]] | None = None,
        terms: dict[int, int] | None = None,
        commit: int = 0,
        learners: tuple[int, ...] = (),
    ) -> None:
        logs, terms = logs or {}, terms or {}
        self.hosts: dict[int, Host] = {}
        self.in_flight: list[Message] = []
        self.cut: set[int] = set()
        """Members that nobody can reach, and that reach nobody."""
        self._posted: dict[int, int] = {}
        for member in sorted({*voters, *learners}):
            log = logs.get(member, ())
            stored = begin(
                voters, log=log, term=terms.get(member), commit=commit, learners=learners
            )
            self.hosts[member] = Host(member, stored, config)

    def __getitem__(self, member: int) -> Host:
        return self.hosts[member]

    def join(self, member: int, voters: tuple[int, ...], config: Config = ETCD) -> Host:
        """Start a member with an empty disk that knows who the voters are."""
        self.hosts[member] = Host(member, begin(voters), config)
        return self.hosts[member]

    def collect(self) -> list[Message]:
        """Look at everything that is on its way."""
        for member, host in sorted(self.hosts.items()):
            self.in_flight += host.sent[self._posted.get(member, 0) :]
            self._posted[member] = len(host.sent)
        return self.in_flight

    def find(self, kind: type[Kind], *, sender: int = 0, to: int = 0) -> list[Kind]:
        """What is on its way, of one kind."""
        return [
            message
            for message in self.collect()
            if isinstance(message, kind)
            and sender in (0, message.sender)
            and to in (0, message.receiver)
        ]

    def deliver(self, kind: type[Message] = Message, *, sender: int = 0, to: int = 0) -> None:
        """Deliver what is on its way now; answers stay on their way."""
        for message in self.take(kind, sender=sender, to=to):
            self._deliver(message)

    def take(self, kind: type[Kind], *, sender: int = 0, to: int = 0) -> list[Kind]:
        """Take messages off the wire: to lose them, or to deliver them later."""
        found = self.find(kind, sender=sender, to=to)
        self.in_flight = [message for message in self.in_flight if message not in found]
        return found

    def lose(self, kind: type[Message] = Message, *, sender: int = 0, to: int = 0) -> None:
        self.take(kind, sender=sender, to=to)

    def _deliver(self, message: Message) -> None:
        if message.receiver in self.hosts and not self.cut & {message.sender, message.receiver}:
            self.hosts[message.receiver].hears(message)

    def settle(self) -> None:
        """Deliver until nothing is on its way."""
        for _ in range(2_000):
            if not self.collect():
                return
            self._deliver(self.in_flight.pop(0))
        raise AssertionError("the members talk without end")

    def elect(self, member: int) -> Host:
        """Let a member stand, and settle; it must win."""
        self[member].campaigns()
        self.settle()
        assert self[member].leads, f"S{member} did not win"
        return self[member]

    def commits(self) -> dict[int, int]:
        return {member: host.commit for member, host in self.hosts.items()}

    def logs(self) -> set[str]:
        return {host.log for host in self.hosts.values()}


# -- short names for what tests say often --------------------------------------------------------


def append(
    previous: tuple[int, int] = (0, 0),
    *terms: int,
    commit: int = 0,
    term: int = 0,
    sender: int = 2,
    to: int = 1,
) -> AppendEntries:
    """AppendEntries after `previous` = (index, term); the leader's term is that of its last."""
    index, previous_term = previous
    term = term or max((previous_term, *terms))
    return AppendEntries(
        sender, to, term, index, previous_term, history(*terms, first=index + 1), commit
    )


def ask_vote(
    term: int,
    last: tuple[int, int] = (0, 0),
    *,
    sender: int = 2,
    to: int = 1,
    transfer: bool = False,
) -> RequestVote:
    """RequestVote of a candidate whose log ends with `last` = (index, term)."""
    return RequestVote(sender, to, term, *last, transfer)


def accepts(sender: int, to: int, term: int, index: int) -> AppendEntriesReply:
    return AppendEntriesReply(sender, to, term, index)


def only(kind: type[Kind], messages: Iterable[Message]) -> Kind:
    """The one message of a kind."""
    found = [message for message in messages if isinstance(message, kind)]
    assert len(found) == 1, f"expected one {kind.__name__}, found {found}"
    return found[0]


def all_of(kind: type[Kind], messages: Iterable[Message]) -> list[Kind]:
    return [message for message in messages if isinstance(message, kind)]


def add(member: int) -> ConfigChange:
    return ConfigChange((Change(ChangeKind.ADD_VOTER, member),))


def learn(member: int) -> ConfigChange:
    return ConfigChange((Change(ChangeKind.ADD_LEARNER, member),))


def remove(member: int) -> ConfigChange:
    return ConfigChange((Change(ChangeKind.REMOVE, member),))


def joint(
    *, add: tuple[int, ...] = (), learn: tuple[int, ...] = (), remove: tuple[int, ...] = (),
    explicit: bool = True,
) -> ConfigChange:  # fmt: skip
    """A change by way of a joint configuration."""
    changes = (
        *(Change(ChangeKind.ADD_VOTER, member) for member in add),
        *(Change(ChangeKind.ADD_LEARNER, member) for member in learn),
        *(Change(ChangeKind.REMOVE, member) for member in remove),
    )
    return ConfigChange(
        changes, Transition.JOINT_EXPLICIT if explicit else Transition.JOINT_IMPLICIT
    )


LEAVE = ConfigChange(())


def install(
    index: int, snapshot_term: int, *, term: int, sender: int = 2, to: int = 1,
    configuration: Configuration | None = None, state: object = (),
) -> InstallSnapshot:  # fmt: skip
    """InstallSnapshot of a leader of `term`."""
    members = configuration or Configuration((1, 2, 3))
    return InstallSnapshot(sender, to, term, Snapshot(index, snapshot_term, members, state))
