"""What every view of a run is drawn from: immutable pictures of the cluster at one step.

A view (the TUI, a notebook, a scenario) computes nothing about Raft. It draws a `ClusterView`:
members with their logs, messages in flight, clients, what can happen next. Logs are not copied:
a `MemberView` gives out the entries that are asked for, because a screen shows twenty of them and
a log may have a million.

Next page: `signs`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum


class Mark(Enum):
    """How far an entry has got at one member: four moments that learners confuse."""

    STORED = "stored"
    """Written to the log, not yet on disk for sure."""
    DURABLE = "durable"
    """Survives a crash of this member."""
    COMMITTED = "committed"
    """This member knows that a quorum holds it: it will never be removed."""
    APPLIED = "applied"
    """The store has it: readers at this member see it."""


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry in one member's log."""

    index: int
    term: int
    text: str
    """Short: `x=1`, `(empty)`, `+S4`, `-x`."""
    mark: Mark
    conflicts: bool
    """The current leader has another entry there, or before it: this one will be removed."""
    changed: bool
    """It came, or its mark moved, in the last step."""


@dataclass(frozen=True, slots=True)
class TimerView:
    """The timer of a member that fires next."""

    kind: str
    """"election" or "heartbeat"."""
    fires_in_ms: int
    """From now, on the cluster's clock; 0 when it is due."""
    full_ms: int
    """Its whole length: a bar is drawn from both."""
    fires_in_ticks: int


@dataclass(frozen=True, slots=True)
class PeerView:
    """What a leader knows of another member."""

    member: int
    next_index: int
    match_index: int
    mode: str
    """"probe", "replicate" or "snapshot"."""
    paused: bool
    inflight: int


@dataclass(frozen=True, slots=True)
class PieceView:
    """Some bytes, and what they are."""

    data: bytes
    name: str
    """Which field: `term`, `entries[0].data.path`."""
    text: str
    """What it holds."""
    says_nothing: bool = False
    """It is there, and 0, no or empty: several such fields may share a line."""


@dataclass(frozen=True, slots=True)
class WireView:
    """A message as it travels between real members."""

    way: str
    """By which of their connections."""
    pieces: tuple[PieceView, ...]
    """Every byte, in order; none of a snapshot, which is as long as the store."""


@dataclass(frozen=True, slots=True)
class RecordView:
    """One record of a member's write-ahead log."""

    text: str
    """`entry 4@2 z=4`, `term 2 vote S1 commit 3`, `snapshot 100@2`."""
    synced: bool
    number: int = 0
    """Its place in the log: a name for it."""
    data: bytes = b""
    """As it lies in a file."""
    pieces: Callable[[], tuple[PieceView, ...]] = field(default=tuple, compare=False)
    """The same, field by field."""
    offset: int | None = None
    """Where in its file it begins, if there is a file."""


@dataclass(frozen=True, slots=True)
class FileView:
    """One file of a member's data directory."""

    name: str
    about: str
    """`records 1 to 12`, `64 000 000 bytes, of which 1 240 are written`."""


@dataclass(frozen=True, slots=True)
class KeyView:
    """One key or directory, as one member has it."""

    path: str
    value: str
    is_dir: bool
    created_index: int
    modified_index: int
    seconds_left: int | None
    """How long it has to live; None for ever."""


@dataclass(frozen=True, slots=True)
class KeyspaceView:
    """What readers see at one member."""

    etcd_index: int
    keys: tuple[KeyView, ...]
    """Each directory before what is in it."""
    watchers: tuple[str, ...]
    """`c12 watches /jobs and below`."""
    events: tuple[str, ...]
    """The newest first: `9 set x=1`."""
    ring: tuple[int, int] = (0, 0)
    """The events that the member remembers, the cluster's own too: the oldest, and how many."""
    ring_size: int = 0
    """So many fit: for each further one, the oldest is forgotten."""


@dataclass(frozen=True, slots=True)
class TaskView:
    """One task of a real member."""

    name: str
    depth: int
    """How far inside of others it runs."""
    waits_for: str
    """`an event`, `a socket: something to read`."""
    where: str
    """`member_driver.py:402`."""
    line: str
    """The line of our source at which it waits."""


@dataclass(frozen=True, slots=True)
class WorkView:
    """Who works for a real member. A simulated one is a function: nobody has to."""

    tasks: tuple[TaskView, ...]
    """A tree, from the top."""
    gates: tuple[tuple[str, str], ...]
    """What waits to be let in: the name of a gate, and what stands there."""


@dataclass(frozen=True, slots=True)
class MemberView:
    """One member."""

    id: int
    name: str
    alive: bool
    paused: bool
    role: str
    """"follower", "pre-candidate", "candidate", "leader", or "down"."""
    term: int
    vote: int
    leader: int
    timer: TimerView | None
    votes: tuple[tuple[int, bool | None], ...]
    """A candidate's tally: (voter, granted, refused or not yet)."""
    votes_needed: int
    peers: tuple[PeerView, ...]
    """A leader's, sorted by member; empty for others."""
    first_index: int
    last_index: int
    last_term: int
    durable_index: int
    commit_index: int
    applied_index: int
    snapshot_index: int
    configuration: str
    learner: bool
    unsynced_records: int
    changed: frozenset[str]
    """The names of the fields of this view that changed in the last step."""
    clock_rate: int
    """Per mille of true time: 1000 is exact."""
    own_parts: tuple[str, ...]
    """What a reader's own code does in it."""
    entries: Callable[[int, int], tuple[EntryView, ...]]
    """entries(first, last): those of the range that the log holds."""
    records: Callable[[int], tuple[RecordView, ...]]
    """records(n): the last n records of the disk, oldest first."""
    after_crash: Callable[[], str]
    """What a crash now would leave: `term 2, vote S1, x=1 y=2`."""
    keyspace: Callable[[int], KeyspaceView]
    """keyspace(n): what readers see at this member, up to n keys, watchers and events."""
    files: Callable[[], tuple[FileView, ...]] = field(default=tuple, compare=False)
    """The files of its log, and its snapshots."""
    work: Callable[[], WorkView] = field(default=lambda: WorkView((), ()), compare=False)
    """Who works for it, if it is a real one."""


@dataclass(frozen=True, slots=True)
class PacketView:
    """A message in flight."""

    link: tuple[int, int]
    number: int
    """Its number on its link: link and number name it."""
    kind: str
    """`append`, `vote request`, ..."""
    text: str
    """`append t2 after 3@2 [z=4] commit 2`."""
    fields: tuple[tuple[str, str], ...]
    arrives_in_ms: int
    sent_ms_ago: int
    held: bool
    blocked: bool
    """A cut lies in its way."""
    copy: bool
    """A duplicate, made by a fault."""
    new: bool
    """Sent in the last step."""
    copy_number: int = 0
    """0 for the message itself, 1 for its first copy, and so on."""
    wire: Callable[[], WireView] = field(default=lambda: WireView("", ()), compare=False)
    """Its bytes, as real members send them."""


@dataclass(frozen=True, slots=True)
class ExchangeView:
    """What a client sent over HTTP, and what it got. All empty for what no client can ask."""

    curl: str
    """The curl line that asks the same."""
    etcdctl: str
    """The line of etcdctl; empty if it has no word for it."""
    asked: tuple[PieceView, ...]
    """Line by line."""
    told: tuple[PieceView, ...]
    """The same of the answer, as far as it came."""
    silence: str = ""
    """Why nothing came, and nothing will."""


@dataclass(frozen=True, slots=True)
class ClientView:
    """A request of a client and what became of it."""

    id: int
    text: str
    """`put z=4 -> S1`."""
    outcome: str
    """"pending", "done", "refused" or "unknown"; of a watcher "watching", "told" or "ended"."""
    result: str
    """The value read, or the reason; of a watcher the last events that it was told of."""
    truth: str
    """What really holds, which the client can't see: "committed at 4", "overwritten"."""
    exchange: Callable[[], ExchangeView] = field(
        default=lambda: ExchangeView("", "", (), ()), compare=False
    )
    """What it sent and got."""


@dataclass(frozen=True, slots=True)
class ProxyView:
    """A proxy before the members."""

    url: str
    """Where it can be asked."""
    endpoints: tuple[str, ...]
    """The members that it would ask, in this order."""
    avoided: tuple[tuple[str, str], ...]
    """Those that failed a while ago, and how."""
    under_way: tuple[tuple[str, str], ...]
    """What is not answered yet, and who is asked: (`PUT /v2/keys/msg`, `S2`)."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can happen next."""

    text: str
    """`deliver append S1->S2 (3)`, `S3 election timer in 640 ms`, `S1 disk: sync 1 record`."""
    decision: object
    """Give it to `Session.choose`."""
    in_ms: int


@dataclass(frozen=True, slots=True)
class Narration:
    """One sentence about one trace event."""

    step: int
    at_ms: int
    member: int
    """0: the world (a cut, a client)."""
    text: str
    citation: str
    source: str
    landmark: bool
    event_id: tuple[int, int, int]
    """(member, input number, ordinal)."""
    aside: bool = False
    """What a reader misses least where there is little room."""


@dataclass(frozen=True, slots=True)
class InvariantView:
    """One rule that must hold in every state."""

    name: str
    sentence: str
    citation: str
    violation: str
    """Empty while it holds; else what was found, and `violated_at` tells where."""
    violated_at: int
    checked: int
    """How often it was put to the test in this run."""


@dataclass(frozen=True, slots=True)
class RuleView:
    """A safety rule that can be switched off."""

    name: str
    sentence: str
    on: bool
    breaks: str


@dataclass(frozen=True, slots=True)
class LandmarkView:
    """A mark on the timeline."""

    step: int
    at_ms: int
    kind: str
    """"election", "leader", "commit", "fault", "violation"."""
    text: str


@dataclass(frozen=True, slots=True)
class BranchView:
    """One history. All branches share the steps before they part."""

    name: str
    parent: str
    parts_at: int
    """The step after which it differs from its parent."""
    length: int
    current: bool


@dataclass(frozen=True, slots=True)
class ClusterView:
    """The whole cluster at one step."""

    scene: str
    profile: str
    seed: int
    now_ms: int
    step: int
    length: int
    """Steps of this branch, those ahead included."""
    branch: str
    members: tuple[MemberView, ...]
    packets: tuple[PacketView, ...]
    clients: tuple[ClientView, ...]
    cuts: tuple[tuple[int, int], ...]
    """Links that are cut, one way each."""
    walls: str
    """The cut as it was typed: `1|23`; empty when there is none."""
    broken_rules: tuple[str, ...]
    safe: int
    invariants: int
    violated: tuple[str, ...]
    is_part: bool = False
    """Whether only members are seen, and not what lies between them: no message, no cut. Then
    nobody can say either whether what must hold of the whole cluster does."""
    proxy: ProxyView | None = None
    """What clients may ask in place of a member."""


# --- several steps in a row ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message with both its ends."""

    link: tuple[int, int]
    number: int
    copy_number: int
    """0 for the message itself, 1 for its first copy, and so on."""
    label: str
    """In a word or two: `vote yes`, `append [z=4]`."""
    text: str
    """`append t2 after 3@2 [z=4] commit 2`."""
    sent_step: int
    sent_ms: int
    ended_step: int
    """When it arrived or was lost; 0 while it is on its way."""
    ended_ms: int
    fate: str
    """"delivered", "lost" or "on its way"."""


@dataclass(frozen=True, slots=True)
class StretchView:
    """How a member was, from one step until its next stretch begins."""

    member: int
    first_step: int
    """The step that made it so; of what was so before the span, the step before it."""
    role: str
    """As in `MemberView`, or "paused"."""
    term: int


@dataclass(frozen=True, slots=True)
class SignView:
    """Something that a reader wants to see at a glance, in two or three words."""

    step: int
    member: int
    """0: the world (a cut, a rule switched off, a violation)."""
    kind: str
    """"role", "commit", "client", "fault" or "violation"."""
    text: str
    """`L t2`, `commit 4`, `c1 put x=1`, `crash`, `cut 1|23`."""


@dataclass(frozen=True, slots=True)
class StepView:
    """One step: when, where, and from which other it followed."""

    step: int
    at_ms: int
    member: int
    """To whom it happened; 0: the world."""
    cause: int
    """0 if it came from outside."""


@dataclass(frozen=True, slots=True)
class CauseView:
    """One step among the causes of another, or that other one itself."""

    step: int
    at_ms: int
    member: int
    """To whom it happened; 0: the world."""
    how: str
    """What fed it: `message`, `timer`, `disk`, ... """
    sentences: tuple[str, ...]
    follows: int
    """The step in which the message was sent, the sync asked for, ...; 0: an act from outside."""
    counts: tuple[int, ...]
    """The steps at which the same member got what it counted here: votes, acknowledgements."""


@dataclass(frozen=True, slots=True)
class SpanView:
    """Some steps in a row, seen as a whole."""

    title: str
    members: tuple[int, ...]
    began_ms: int
    """On the cluster's clock, before its first step."""
    steps: tuple[StepView, ...]
    stretches: tuple[StretchView, ...]
    messages: tuple[MessageView, ...]
    """All that were sent, arrived or were on their way, in the order of sending."""
    signs: tuple[SignView, ...]
    sentences: tuple[Narration, ...]

    @property
    def first(self) -> int:
        """Its first step."""
        return self.steps[0].step

    @property
    def last(self) -> int:
        """Its last step."""
        return self.steps[-1].step
