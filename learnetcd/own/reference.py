"""The reference: each part as our own member does it, in the form in which you write yours.

Nothing is decided here: each function hands your values to the code that runs in every member, and
hands back what came of it. So the reference is what learnetcd does, today and after any change. If
you want to see how, follow the calls; if you want to find out by yourself, read the docstrings only
(`learnetcd own --stub` prints them as a file to fill in).

Next page: `calling`.
"""

from __future__ import annotations

from learnetcd.disk.record import Damaged, RecordType, checked, packed, sealed, unpacked
from learnetcd.own.values import (
    AppendAnswer,
    AppendRequest,
    Command,
    Follower,
    Key,
    Leader,
    ReadLog,
    Record,
    Refuse,
    Remove,
    Voter,
    VoteRequest,
    Write,
)
from learnetcd.raft import promises
from learnetcd.raft.config import PROFILES
from learnetcd.raft.configuration import Configuration
from learnetcd.raft.entry import Entry, HardState, Snapshot, Stored
from learnetcd.raft.messages import AppendEntries, AppendEntriesReply, RequestVote, RequestVoteReply
from learnetcd.raft.quorum import committed_index, majority
from learnetcd.raft.raft import Raft
from learnetcd.raft.rules import COMMIT, CommitFacts
from learnetcd.store.errors import EtcdError
from learnetcd.store.node import Node
from learnetcd.store.store import Store
from learnetcd.store.tree import with_item

ME, LEADER = 1001, 1002
"""Names that no candidate has."""


def grant_vote(voter: Voter, request: VoteRequest) -> bool:
    """Say whether `voter` gives its vote to the candidate (Raft Figure 2, RequestVote).

    It does not if the request is of an older term, if it voted for somebody else in this term, or
    if the candidate's log is behind its own. Logs are compared by the term of their last entries,
    and only if these are equal by their index (§5.4.1).

    A newer term has been taken over before you are asked, and the vote forgotten.
    """
    begin = Snapshot(voter.last_index, voter.last_term, Configuration((request.candidate, ME)))
    core = _core(begin, HardState(voter.current_term, voter.voted_for))
    candidate = request.candidate, ME, request.term
    core.step(RequestVote(*candidate, request.last_index, request.last_term))
    return any(isinstance(said, RequestVoteReply) and said.granted for said in core.promises)


def append_entries(follower: Follower, request: AppendRequest) -> AppendAnswer:
    """Say what `follower` does with entries from the leader (Raft Figure 2, AppendEntries).

    1. It refuses a request of an older term.
    2. It refuses if its log has no entry at previous_index with previous_term. Index 0 is always
       there.
    3. If one of its entries conflicts with a new one (same index, other term), it removes that
       entry and all behind it; and only then: this may be an old message, and what stands behind
       may be acknowledged already.
    4. It appends the new entries that are not there yet.
    5. If the leader's commit index is above its own, it moves its own there, but no further than
       the last of the new entries (or previous_index, if there are none).

    Entries up to the follower's commit index are never in question: previous_index is not below it.
    """
    log, commit_index = follower.log, follower.commit_index
    begin = Snapshot(0, 0, Configuration((ME, LEADER)))
    core = _core(begin, HardState(follower.current_term, 0, commit_index), log)
    previous = request.previous_index, request.previous_term
    core.step(
        AppendEntries(LEADER, ME, request.term, *previous, request.entries, request.commit_index)
    )
    said = core.promises[-1] if core.promises else None
    if not isinstance(said, AppendEntriesReply) or said.rejected or said.term > request.term:
        return AppendAnswer(False, log, commit_index)
    now = core.log.entries(1, core.log.last_index)
    return AppendAnswer(True, now, core.log.commit_index, said.index)


def advance_commit(leader: Leader) -> int:
    """Say up to which index the log is committed now (Raft Figure 2, rules for leaders).

    That is the highest index that a majority holds, if the entry there is of the leader's own term
    (§5.4.2, Figure 8); else the commit index stays as it is. It never falls.
    """
    match_index = dict(leader.match_index)
    reached = committed_index(tuple(sorted(match_index)), match_index)
    if reached <= leader.commit_index:
        return leader.commit_index
    return reached if COMMIT.allows(commit_facts(leader, reached)) else leader.commit_index


def commit_facts(leader: Leader, index: int) -> CommitFacts:
    """What the rule of committing looks at."""
    match_index = dict(leader.match_index)
    return CommitFacts(
        index=index,
        entry_term=leader.log[index - 1].term,
        current_term=leader.current_term,
        copies=tuple(sorted(m for m, held in match_index.items() if held >= index)),
        needed=majority(len(match_index)),
        quorum_index=committed_index(tuple(sorted(match_index)), match_index),
    )


def apply(there: Key | None, command: Command) -> Write | Remove | Refuse:
    """Say what a committed command does to its key, which is `there`, or not (None).

    set             writes, whatever is there
    create          writes a key that is not there, else KEY_EXISTS
    update          writes a key that is there, else KEY_NOT_FOUND
    compareAndSwap  writes a key that is there (else KEY_NOT_FOUND) and is as the client expects:
                    has prev_value, if that is not "", and was modified at prev_index, if that is
                    not 0; else COMPARE_FAILED
    delete, compareAndDelete    remove, under the same conditions as update and compareAndSwap
    """
    store = Store()
    names = command.key.strip("/").split("/")
    if there is not None:
        store.set(command.key, there.value)
        node = Node(command.key, there.value, there.modified_index, there.modified_index)
        store.root = with_item(store.root, names, node)
    try:
        _execute(store, command)
    except EtcdError as error:
        return Refuse(error.code)
    return Remove() if command.action in ("delete", "compareAndDelete") else Write(command.value)


def _execute(store: Store, command: Command) -> None:
    value, index = command.prev_value, command.prev_index
    match command.action:
        case "set":
            store.set(command.key, command.value)
        case "create":
            store.create(command.key, command.value)
        case "update":
            store.update(command.key, command.value)
        case "compareAndSwap":
            store.compare_and_swap(command.key, command.value, prev_value=value, prev_index=index)
        case "delete":
            store.delete(command.key)
        case "compareAndDelete":
            store.compare_and_delete(command.key, prev_value=value, prev_index=index)
        case _:
            raise AssertionError(f"the store knows no {command.action}")


def write_record(record: Record, running: int) -> bytes:
    """Give the bytes of a record that follows on the checksum `running`, as etcd writes them.

        11 00 00 00 00 00 00 87             the length of the body, and how much padding follows
        08 02  10 f8 be c2 e1 0a  1a 07 65 6e 74 72 79 20 31      the body: type, checksum, data
        00 00 00 00 00 00 00                padding, to a multiple of eight bytes

    That is `Record(2, b"entry 1")` after the checksum 0. The length is eight bytes, the lowest
    first; if padding follows, the top byte is 0x80 + the bytes of padding. The body is
    `walpb.Record(type, checksum, data).encode()`; the checksum is `crc32c.extend(running, data)`:
    that of all data of all records so far.
    """
    return packed(sealed(RecordType(record.type), record.data, running))


def must_sync(before: HardState, after: HardState, entries: tuple[Entry, ...]) -> bool:
    """Say whether a batch of records must have reached the disk before the member goes on.

    The batch holds these entries, and a state record if `after` differs from `before`. If you say
    True, the votes and acknowledgements that rest on it wait for the sync; if you say False, they
    leave at once, and a power cut may take the batch.

    What a member must find again after a crash: its term, its vote and its log (Raft Figure 2,
    persistent state). The commit index it can learn again.
    """
    return promises.must_sync(_numbers(before), _numbers(after), entries)


def _numbers(state: HardState) -> tuple[int, int, int]:
    return state.term, state.vote, state.commit_index


def read_log(log: bytes, running: int = 0) -> ReadLog:
    """Read records one after the other, up to the end or to the first that is not whole.

    A length of 0, or the end of the bytes, is the end. A record is not whole if the bytes end
    before it does, if its body can't be decoded (`walpb.Record.decode` raises `Malformed`), or if
    its checksum is not that of all data so far. What is behind it is not looked at.

    When a member starts, these records are what it knows, and the log goes on at the end that you
    name: what is behind is cut off. `running` is the checksum that the file before ended with.
    """
    records: list[Record] = []
    at = 0
    try:
        while (found := unpacked(log, at)) is not None:
            running = checked(found, running)
            if found.type is not RecordType.CRC:
                records.append(Record(int(found.type), found.record.data or b""))
            at = found.end
    except Damaged:
        return ReadLog(tuple(records), at, broken=True)
    return ReadLog(tuple(records), at, broken=False)


def _core(begin: Snapshot, hard_state: HardState, log: tuple[Entry, ...] = ()) -> Raft:
    """A Raft core that is there for one question."""
    return Raft(ME, PROFILES["paper"], Stored(begin, hard_state, log), seed=1)
