"""How entries, messages, records and requests are written, wherever a person reads them.

    entry      x=1   -x   (empty)   +S4   get x
    message    append t2 after 3@2 [z=4] commit 2
    record     entry 4@2 z=4      term 2, vote S1, commit 3
    request    put x=1            get x (quorum)

One line each, short enough for a column of a screen. A log is a row of entries with their terms:
`[x=1@1 y=2@1]`.

Left out: sentences. Those come from the trace events, which know what happened and why.

Next page: `statelines`.
"""

from __future__ import annotations

from dataclasses import fields

from learnetcd.member.command import Command, Expiry, Foreign, decode_command
from learnetcd.member.request import (
    Answer,
    AuthRequest,
    ClusterRequest,
    KeyRequest,
    MembershipRequest,
    Method,
    Outcome,
    ReadKind,
    Request,
)
from learnetcd.raft.configuration import ChangeKind, ConfigChange
from learnetcd.raft.entry import NO_MEMBER, Entry, HardState, Snapshot
from learnetcd.raft.messages import (
    AppendEntries,
    AppendEntriesReply,
    ForwardProposal,
    ForwardRead,
    ForwardReadReply,
    ForwardTransfer,
    Heartbeat,
    HeartbeatReply,
    InstallSnapshot,
    Message,
    RequestPreVote,
    RequestPreVoteReply,
    RequestVote,
    RequestVoteReply,
    TimeoutNow,
)
from learnetcd.simulator.disk import Record
from learnetcd.simulator.setup import WALL_MS
from learnetcd.store import Event, Node, timestamp
from learnetcd.tracing import member_name

# --- entries and requests -------------------------------------------------------------------------


def payload_text(payload: bytes | ConfigChange) -> str:
    """What an entry holds: `x=1`, `(empty)`, `+S4`."""
    if isinstance(payload, ConfigChange):
        return change_text(payload)
    return command_text(decode_command(payload)) if payload else "(empty)"


def command_text(command: Command | Expiry | Foreign) -> str:
    """What goes through the log: `x=1`, `x=1 until 7.500s`, `expire by 8.000s`."""
    match command:
        case Expiry(cutoff_ns):
            return f"expire by {moment_text(cutoff_ns)}"
        case Foreign():
            return "(not v2)"
        case Command(request=ClusterRequest() as request):
            return f"{request.path.lstrip('/')}={request.value}"
        case Command(request=AuthRequest() as request):
            return f"{request}"
        case Command(request=KeyRequest() as request, expires_ns=None):
            return key_request_text(request)
        case Command(request=KeyRequest() as request, expires_ns=int() as expires_ns):
            return f"{key_request_text(request)} until {moment_text(expires_ns)}"
        case _:
            raise AssertionError(f"no command: {command}")


LONGEST_RUN_MS = 30 * 86_400_000
"""A clock that shows more than this is that of a real machine."""


def moment_text(wall_ns: int) -> str:
    """What a wall clock shows, as a time of the run: `7.500s`; of a live run, as it is."""
    if not 0 <= wall_ns // 1_000_000 - WALL_MS < LONGEST_RUN_MS:
        return timestamp.written(wall_ns)
    return f"{(wall_ns // 1_000_000 - WALL_MS) / 1000:.3f}s"


def entry_text(entry: Entry) -> str:
    """What an entry holds, and its term: `x=1@1`."""
    return f"{payload_text(entry.payload)}@{entry.term}"


def key_request_text(request: KeyRequest) -> str:
    """A request about a key; a key that was put without a value stands alone."""
    key, options = key_text(request.path), options_text(request)
    match request.method:
        case Method.PUT:
            return f"{key}={request.value}{options}" if request.value else f"{key}{options}"
        case Method.POST:
            return f"{key}/+={request.value}{options}"
        case Method.DELETE:
            return f"-{key}{options}"
        case Method.GET:
            return f"get {key}{options}"


def key_text(key: str) -> str:
    """A key without the slash that all keys begin with; the root has nothing else."""
    return key.lstrip("/") or "/"


def options_text(request: KeyRequest) -> str:
    """What a request says beyond the usual: ` (prev_value 1)`; nothing for most."""
    said = ", ".join(f"{name} {value}" for name, value in request.options.items())
    return f" ({said})" if said else ""


def change_text(change: ConfigChange) -> str:
    """A change of members: `+S4`, `+S4 learner`, `-S1`."""
    if change.leaves_joint:
        return "leave joint"
    words = {
        ChangeKind.ADD_VOTER: "+{}",
        ChangeKind.ADD_LEARNER: "+{} learner",
        ChangeKind.REMOVE: "-{}",
        ChangeKind.UPDATE: "update {}",
    }
    return " ".join(words[one.kind].format(member_name(one.member)) for one in change.changes)


def request_text(request: Request) -> str:
    """What a client asks: `put x=1`, `get x (quorum)`, `change +S4`."""
    if isinstance(request, MembershipRequest):
        return f"change {change_text(request.change)}"
    if not isinstance(request, KeyRequest):
        return str(request)
    key = key_text(request.path)
    match request.method:
        case Method.PUT:
            return f"put {key_request_text(request)}"
        case Method.POST:
            return f"post {key_request_text(request)}"
        case Method.DELETE:
            return f"delete {key}{options_text(request)}"
        case Method.GET:
            how = "" if request.read is ReadKind.LOCAL else f" ({request.read.value})"
            return f"get {key}{how}{options_text(request)}"


def node_text(node: Node) -> str:
    """A node that was read: `x=1`, or `jobs/ [a=1 b=2]`."""
    name = node.key.lstrip("/")
    if node.is_dir:
        return f"{name}/ [{' '.join(node_text(one) for one in node.nodes)}]"
    return f"{name}={node.value}" + (f" ttl {node.ttl}" if node.ttl else "")


def answer_text(request: Request, answer: Answer) -> str:
    """What a client is told: `done at etcd index 2`, `x=B at etcd index 2`, `refused, ...`."""
    if answer.event is None or answer.outcome is not Outcome.DONE:
        return str(answer)
    told = answer.outcome.value
    if isinstance(request, KeyRequest) and request.method is Method.GET:
        told = node_text(answer.event.node)
    return f"{told} at etcd index {answer.etcd_index}"


def notices_text(notices: tuple[Event, ...]) -> str:
    """What a watcher was told: `set x=1, expire x`."""
    return ", ".join(event_text(event) for event in notices)


def event_text(event: Event) -> str:
    """An event as it is told: `set x=1`, `delete x`."""
    node = event.node
    if event.is_removal or node.is_dir:
        return f"{event.action} {node.key.lstrip('/')}"
    return f"{event.action} {node_text(node)}"


# --- messages -------------------------------------------------------------------------------------

KINDS: dict[type[Message], str] = {
    RequestVote: "vote request",
    RequestVoteReply: "vote",
    RequestPreVote: "pre-vote request",
    RequestPreVoteReply: "pre-vote",
    AppendEntries: "append",
    AppendEntriesReply: "append reply",
    Heartbeat: "heartbeat",
    HeartbeatReply: "heartbeat reply",
    InstallSnapshot: "snapshot",
    TimeoutNow: "stand now",
    ForwardProposal: "proposal",
    ForwardTransfer: "transfer wish",
    ForwardRead: "read question",
    ForwardReadReply: "read index",
}
"""What each kind of message is called."""


def message_kind(message: Message) -> str:
    """What a message is called: `append`, `vote request`."""
    return KINDS[type(message)]


def message_text(message: Message) -> str:
    """A message in one line."""
    kind = message_kind(message)
    match message:
        case (
            RequestVote(last_index=index, last_term=term)
            | RequestPreVote(last_index=index, last_term=term)
        ):
            return f"{kind} t{message.term} log ends {index}@{term}"
        case RequestVoteReply(granted=granted) | RequestPreVoteReply(granted=granted):
            return f"{kind} t{message.term} {'yes' if granted else 'no'}"
        case AppendEntries():
            after = f"after {message.previous_index}@{message.previous_term}"
            entries = f" {log_text(message.entries)}" if message.entries else ""
            return f"{kind} t{message.term} {after}{entries} commit {message.commit_index}"
        case AppendEntriesReply(rejected=True):
            where = f"{message.index}, try {message.hint_index}"
            return f"{kind} t{message.term} no match at {where}"
        case AppendEntriesReply():
            return f"{kind} t{message.term} match {message.index}"
        case Heartbeat():
            return f"{kind} t{message.term} commit {message.commit_index}"
        case InstallSnapshot(snapshot=snapshot):
            return f"{kind} t{message.term} at {snapshot.index}@{snapshot.term}"
        case ForwardProposal(payloads=payloads):
            return f"{kind} {' '.join(payload_text(payload) for payload in payloads)}"
        case ForwardTransfer(target=target):
            return f"{kind} to {member_name(target)}"
        case ForwardRead(context=context):
            return f"{kind} {context}"
        case ForwardReadReply():
            return f"{kind} {message.context}: {message.read_index}"
        case _:
            return f"{kind} t{message.term}"


def log_text(entries: tuple[Entry, ...]) -> str:
    """Entries in a row; when all are of one term in a message, the values are enough."""
    return f"[{' '.join(payload_text(entry.payload) for entry in entries)}]"


def message_fields(message: Message) -> tuple[tuple[str, str], ...]:
    """Every field of a message with its name in the paper's words."""
    texts = {field.name: _field_text(getattr(message, field.name)) for field in fields(message)}
    ends = {"sender": member_name(message.sender), "receiver": member_name(message.receiver)}
    return tuple((texts | ends).items())


def _field_text(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case tuple():
            return f"[{' '.join(_field_text(one) for one in value)}]"
        case Entry():
            return entry_text(value)
        case Snapshot():
            return f"{value.index}@{value.term} {value.configuration}"
        case ConfigChange() | bytes():
            return payload_text(value)
        case _:
            return str(value)


# --- records --------------------------------------------------------------------------------------


def record_text(record: Record) -> str:
    """A record of the write-ahead log in one line."""
    match record:
        case Entry():
            return f"entry {record} {payload_text(record.payload)}"
        case Snapshot():
            return f"snapshot {record.index}@{record.term}"
        case HardState():
            return hard_state_text(record)


def hard_state_text(state: HardState) -> str:
    """Term, vote and commit index: `term 2, vote S1, commit 3`."""
    vote = member_name(state.vote) if state.vote != NO_MEMBER else "none"
    commit = f", commit {state.commit_index}" if state.commit_index else ""
    return f"term {state.term}, vote {vote}{commit}"
