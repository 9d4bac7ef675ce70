"""What an invariant is shown: one step of one member, before and after.

    before   term 4   vote S2   follower   commit 7   last 9
    input    MessageReceived(AppendEntries term 5 from S3 ...)
    after    term 5   vote -    follower   commit 7   last 10
    effects  WriteWal(10@5), SyncWal(12)

Most steps change next to nothing: a heartbeat comes and is answered. So the judge first compares
two small pictures of the member, sorts the effects, and notes which *aspects* of a step are there;
an invariant is woken only by those that it named.

Where a step cannot tell everything, two ghosts that all invariants share help out: `disk`, what is
durable at each member, and `history`, what the cluster as a whole has written and committed.

Next page: `disk`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from learnetcd.invariants.disk import KnownDisk
from learnetcd.invariants.history import History
from learnetcd.member.effects import (
    Effect,
    NotifyWatcher,
    Reply,
    SaveSnapshot,
    SendMessage,
    SyncWal,
    WriteWal,
)
from learnetcd.member.inputs import Input, RequestSubmitted, SnapshotSaved, WalSynced
from learnetcd.member.member import Member
from learnetcd.raft.configuration import Configuration
from learnetcd.raft.entry import NO_MEMBER, Entry, Snapshot
from learnetcd.raft.log import RaftLog
from learnetcd.raft.messages import AppendEntriesReply, Message, RequestVoteReply
from learnetcd.raft.raft import Raft
from learnetcd.raft.roles import Candidate, Follower, Leader, Role

# The aspects of a step, one bit each. Plain numbers: they are combined at every step, and an
# `enum.Flag` would take longer for that than most invariants take for their work.
STARTED = 1
"""The member was started, for the first time or after a crash: there is no before."""
TERM = 2
"""Its term or its vote changed."""
ROLE = 4
"""It changed its role, or is a candidate."""
LEADS = 8
"""It leads, now or before the step."""
COMMIT = 16
"""Its commit index moved."""
APPLIED = 32
"""Its applied index or its configuration changed."""
WRITTEN = 64
"""Entries or a snapshot of the leader entered its log."""
DURABLE = 128
"""It heard from its disk, or has another opinion of what is durable."""
VOTED = 256
"""It sent a vote that it granted."""
ACKNOWLEDGED = 512
"""It sent an acknowledgement."""
ASKED = 1024
"""A client asked it something, or was answered."""


class Picture(NamedTuple):
    """What the judge remembers of a member from one step to the next."""

    term: int
    vote: int
    role: type[Role]
    commit_index: int
    applied_index: int
    last_index: int
    durable_index: int
    configuration: Configuration


def picture(raft: Raft) -> Picture:
    """Look at a member."""
    log = raft.log
    return Picture(
        raft.term,
        raft.vote,
        type(raft.role),
        log.commit_index,
        log.applied_index,
        log.last_index,
        log.durable_index,
        raft.configuration,
    )


BEFORE_THE_START = Picture(0, NO_MEMBER, Follower, 0, 0, 0, 0, Configuration(()))
"""Stands where there is no before."""


class Step:
    """One input to one member and what came of it."""

    __slots__ = (
        "acknowledgements",
        "after",
        "answers",
        "aspects",
        "before",
        "committed_before",
        "disk",
        "disk_before",
        "disks",
        "entries",
        "history",
        "id",
        "input",
        "lost",
        "member",
        "notices",
        "raft",
        "snapshot",
        "votes",
    )

    def __init__(
        self,
        member: Member,
        input: Input | None,
        before: Picture,
        after: Picture,
        disks: Mapping[int, KnownDisk],
        history: History,
    ) -> None:
        """Begin with what is known before the effects are sorted."""
        self.id = member.id
        self.member = member
        """With its store, and those who watch. To look at, not to change."""
        self.raft = member.raft
        self.input = input
        """None at a start."""
        self.before = before
        self.after = after
        self.disks = disks
        """What is durable at each member, as far as it was told; the member's own included."""
        self.disk = disks[member.id]
        self.disk_before: KnownDisk | None = None
        """At a start: what its disk was known to hold when it died; None for a first start."""
        self.history = history
        self.committed_before = history.end
        """How far the cluster's log was committed before this step."""
        self.aspects = 0

        self.votes: Sequence[RequestVoteReply] = ()
        """The votes that it granted, and that are on their way now."""
        self.acknowledgements: Sequence[AppendEntriesReply] = ()
        """The same for what it acknowledged."""
        self.answers: Sequence[Reply] = ()
        """Answers to clients."""
        self.notices: tuple[NotifyWatcher, ...] = ()
        """What those who watch were told."""
        self.entries: Sequence[Entry] = ()
        """What entered its log, in order; written, not yet durable."""
        self.snapshot: Snapshot | None = None
        """A snapshot from the leader that took the place of its log."""
        self.lost: Sequence[str] = ()
        """What its disk removed in this step without being allowed to."""

    @property
    def log(self) -> RaftLog:
        """The member's log after the step."""
        return self.raft.log

    @property
    def leads(self) -> bool:
        """Whether it is a leader after the step."""
        return self.after.role is Leader

    @property
    def was_elected(self) -> bool:
        """Whether it became the leader of a term in this step."""
        before, after = self.before, self.after
        return after.role is Leader and (before.role is not Leader or before.term != after.term)

    @property
    def still_leads(self) -> bool:
        """Whether it led the same term before this step."""
        before, after = self.before, self.after
        return after.role is Leader and before.role is Leader and before.term == after.term


def aspects_of(step: Step, effects: Iterable[Effect]) -> int:
    """Say what there is to look at in a step, and put its effects where the invariants look."""
    # First what the disk has done: what this step writes waits for a later sync.
    aspects = aspects_of_input(step)
    if effects:
        aspects |= sort_effects(step, effects)
    before, after = step.before, step.after
    if after.role is Leader:
        aspects |= LEADS
    if after == before:
        return aspects
    if after.term != before.term or after.vote != before.vote:
        aspects |= TERM
    if after.role is not before.role or after.role is Candidate:
        aspects |= ROLE
    if after.commit_index != before.commit_index:
        aspects |= COMMIT
    if (
        after.applied_index != before.applied_index
        or after.configuration is not before.configuration
    ):
        aspects |= APPLIED
    if after.durable_index != before.durable_index:
        aspects |= DURABLE
    return aspects


def aspects_of_input(step: Step) -> int:
    """Let the ghosts hear what the driver reports of the disk, and note that a client asked."""
    input = step.input
    if isinstance(input, WalSynced):
        step.lost = step.disk.sync(input.batch)
        return DURABLE
    if isinstance(input, RequestSubmitted):
        return ASKED
    if isinstance(input, SnapshotSaved):
        step.disk.keep_own_snapshot(step.raft, input.index)
        step.history.forget_before(min(disk.begins for disk in step.disks.values()))
    return 0


def sort_effects(step: Step, effects: Iterable[Effect]) -> int:
    """Put the effects where the invariants look for them; give the aspects that they show.

    The ghosts' disk is written to on the way, as the real one is when they are carried out.
    """
    aspects = 0
    for effect in effects:
        match effect:
            case SendMessage():
                aspects |= sort_message(step, effect.message)
            case WriteWal():
                step.disk.write(effect)
                if effect.entries:
                    step.entries = (*step.entries, *effect.entries)
                    aspects |= WRITTEN
            case SyncWal():
                step.disk.write(effect)
            case Reply():
                step.answers = (*step.answers, effect)
                aspects |= ASKED
            case NotifyWatcher():
                step.notices = (*step.notices, effect)
            case SaveSnapshot(own=False):
                step.disk.write(effect)
                step.snapshot = effect.snapshot
                aspects |= WRITTEN
    return aspects


def sort_message(step: Step, message: Message) -> int:
    """Keep the promises apart from all that is said without binding anybody."""
    if isinstance(message, AppendEntriesReply):
        if not message.rejected:
            step.acknowledgements = (*step.acknowledgements, message)
            return ACKNOWLEDGED
    elif isinstance(message, RequestVoteReply) and message.granted:
        step.votes = (*step.votes, message)
        return VOTED
    return 0
