"""The parts of a member that can be yours, as a table.

    part             functions                 chapter    what it does
    grant_vote       grant_vote                3          gives a vote, or does not
    append_entries   append_entries            5, 7       takes entries from the leader
    advance_commit   advance_commit            8          says what a majority holds
    apply            apply                     10         does what a client asked, to one key
    wal              write_record, must_sync,  6          writes what must survive, says when it
                     read_log                             must be there, and finds it

Each function has its reference (`reference`), which is our own code in the same form. The rest of
this page is what has to be said when the two part: what is wrong with an answer, how it is told in
words, and which clause of the rule decided.

Next page: `file`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from learnetcd.own import reference
from learnetcd.own.values import (
    AppendAnswer,
    AppendRequest,
    Command,
    Entry,
    Follower,
    HardState,
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
from learnetcd.raft.rules import ACCEPT_APPEND, COMMIT, GRANT_VOTE, AppendFacts, VoteFacts
from learnetcd.store.errors import MESSAGES
from learnetcd.tracing import member_name
from learnetcd.value import dataclass

Question = tuple[Any, ...]  # the arguments of a function: another tuple for each
Answer = Any


@dataclass(frozen=True, slots=True)
class Function:
    """One function of a part."""

    name: str
    reference: Callable[..., Answer]
    expected: str
    """What it must answer, in words."""
    is_answer: Callable[[object], bool]
    told: Callable[[Answer, Answer], str]
    """(answer, the other's answer) in words, in the past tense: "granted"."""
    why: Callable[[Question, Answer, Answer], str]
    """(question, your answer, the reference's): the clause that decided, in words."""

    def complaint(self, answer: object) -> str:
        """What is wrong with an answer, whatever was asked; "" if nothing is."""
        if self.is_answer(answer):
            return ""
        return f"it gave {shortly(answer)}, and {self.expected} was expected"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a member."""

    name: str
    sentence: str
    """What it does."""
    functions: tuple[Function, ...]


def shortly(value: object) -> str:
    """A value in one line, however long it is."""
    try:
        text = repr(value)
    except Exception:  # a `__repr__` of yours
        text = f"something of type {type(value).__name__}"
    return text if len(text) <= 80 else f"{text[:77]}..."


# -- votes ---------------------------------------------------------------------------------------


def why_vote(question: Question, yours: bool, ours: bool) -> str:
    """The clauses of the rule of voting."""
    voter: Voter
    request: VoteRequest
    voter, request = question
    if request.term < voter.current_term:
        return f"term {request.term} is older than the voter's, {voter.current_term}"
    return GRANT_VOTE.verdict(vote_facts(voter, request)).because()


def vote_facts(voter: Voter, request: VoteRequest) -> VoteFacts:
    """What the rule of voting looks at."""
    return VoteFacts(
        candidate=request.candidate,
        term=request.term,
        pre_vote=False,
        current_term=voter.current_term,
        vote=voter.voted_for,
        leader=0,
        last_index=voter.last_index,
        last_term=voter.last_term,
        candidate_last_index=request.last_index,
        candidate_last_term=request.last_term,
    )


# -- the log -------------------------------------------------------------------------------------


def is_append_answer(answer: object) -> bool:
    """Whether all fields are of their kinds: nobody has checked them so far."""
    if not isinstance(answer, AppendAnswer):
        return False
    numbers = is_number(answer.commit_index) and is_number(answer.match_index)
    return numbers and is_bool(answer.success) and is_row_of(Entry, answer.log)


def is_row_of(kind: type, answer: object) -> bool:
    """Whether it is a tuple with nothing else in it."""
    return isinstance(answer, tuple) and all(isinstance(one, kind) for one in answer)


def is_bool(answer: object) -> bool:
    """Whether it is True or False, and not just something like it."""
    return isinstance(answer, bool)


def is_number(answer: object) -> bool:
    """Whether it is a whole number (True is none)."""
    return isinstance(answer, int) and not isinstance(answer, bool)


def told_append(answer: AppendAnswer, other: AppendAnswer) -> str:
    """Only that in which the two differ."""
    if answer.success != other.success:
        return "accepted" if answer.success else "refused"
    if answer.log != other.log:
        return f"made the log {log_text(answer.log)}"
    if answer.commit_index != other.commit_index:
        return f"put the commit index to {answer.commit_index}"
    return f"told the leader that the logs agree up to {answer.match_index}"


def log_text(log: tuple[Entry, ...]) -> str:
    """A log by the names of its entries; of a long one, its end."""
    names = [str(entry) for entry in log[-6:]]
    return " ".join(["...", *names] if len(log) > len(names) else names) or "empty"


def why_append(question: Question, yours: AppendAnswer, ours: AppendAnswer) -> str:
    """What decided about the first thing in which the two differ."""
    follower: Follower
    request: AppendRequest
    follower, request = question
    if yours.success != ours.success or not ours.success:
        return why_accepted(follower, request)
    if yours.log != ours.log:
        return why_log(follower, request, yours)
    last_new = request.previous_index + len(request.entries)
    if yours.commit_index != ours.commit_index:
        return (
            f"the leader's commit index is {request.commit_index}, this message reaches to "
            f"{last_new}, and {follower.commit_index} was known"
        )
    return f"this message shows it up to {last_new}, and what is behind may differ"


def why_accepted(follower: Follower, request: AppendRequest) -> str:
    """The clauses of the previous-entry check."""
    if request.term < follower.current_term:
        return f"term {request.term} is older than the follower's, {follower.current_term}"
    index, log = request.previous_index, follower.log
    there = log[index - 1].term if 0 < index <= len(log) else 0 if index == 0 else None
    facts = AppendFacts(index, request.previous_term, len(log), there)
    return ACCEPT_APPEND.verdict(facts).because()


def why_log(follower: Follower, request: AppendRequest, yours: AppendAnswer) -> str:
    """Whether an entry had to stay, had to go, or had to come."""
    old = {entry.index: entry for entry in follower.log}
    for entry in request.entries:
        if entry.index in old and old[entry.index].term != entry.term:
            here, there = old[entry.index].term, entry.term
            return f"entry {entry.index} is of term {here} here, of term {there} at the leader"
    if len(yours.log) < max(len(follower.log), request.previous_index + len(request.entries)):
        if yours.log == follower.log:
            return "the new entries are not there yet"
        return "no entry conflicts with a new one, so none may go"
    return "new entries follow those that are there already, and nothing else changes"


def why_commit(question: Question, yours: int, ours: int) -> str:
    """The clauses of the rule of committing, for the higher of the two answers."""
    leader: Leader = question[0]
    index = max(yours, ours)
    if index > len(leader.log):
        return f"the log ends at {len(leader.log)}"
    if index <= leader.commit_index:
        return f"{leader.commit_index} is committed already, and that stays so"
    return COMMIT.verdict(reference.commit_facts(leader, index)).because()


# -- the store -----------------------------------------------------------------------------------


def told_outcome(answer: Write | Remove | Refuse, other: object) -> str:
    """What a command did."""
    match answer:
        case Write(value):
            return f"wrote {value!r}"
        case Remove():
            return "removed the key"
        case Refuse(code):
            return f"refused with {code} ({MESSAGES.get(code, 'no such code')})"


def why_outcome(question: Question, yours: Answer, ours: Answer) -> str:
    """What the key is, and what was asked."""
    there: Key | None
    command: Command
    there, command = question
    if there is None:
        return f"{command.key} is not there, and the command is {command_text(command)}"
    return (
        f"{command.key} is {there.value!r} since {there.modified_index}, "
        f"and the command is {command_text(command)}"
    )


def command_text(command: Command) -> str:
    """A command in words: `compareAndSwap '2' (prev_value '1')`."""
    asked = {"prev_value": command.prev_value, "prev_index": command.prev_index}
    conditions = ", ".join(f"{name} {value!r}" for name, value in asked.items() if value)
    value = "" if command.action in ("delete", "compareAndDelete") else f" {command.value!r}"
    return f"{command.action}{value}{f' ({conditions})' if conditions else ''}"


# -- the write-ahead log -------------------------------------------------------------------------


def told_bytes(answer: bytes, other: bytes) -> str:
    """The bytes around the first that differs."""
    at = first_difference(answer, other)
    start = max(0, at - 2)
    return f"wrote {answer[start : at + 4].hex(' ') or 'nothing'} at byte {start}"


def first_difference(one: bytes, other: bytes) -> int:
    """Where two rows of bytes begin to differ."""
    shorter = min(len(one), len(other))
    return next((i for i in range(shorter) if one[i] != other[i]), shorter)


def why_bytes(question: Question, yours: bytes, ours: bytes) -> str:
    """Which field of the record the difference lies in."""
    at = first_difference(yours, ours)
    if at < 8:
        return "these are the eight bytes of the length, the lowest first, the padding on top"
    size = int.from_bytes(ours[:7], "little")
    if at >= 8 + size:
        return f"the body has {size} bytes, and zeros follow up to a multiple of eight"
    return "this is the body: the type, the checksum of all data so far, the data"


def why_sync(question: Question, yours: bool, ours: bool) -> str:
    """What is in the batch that a member must not forget."""
    before: HardState
    after: HardState
    before, after, entries = question
    if entries:
        return f"the batch holds {log_text(entries)}, and an entry is acknowledged"
    if after.term != before.term:
        return f"the term rose from {before.term} to {after.term}"
    if after.vote != before.vote:
        return f"in term {after.term} it votes for {member_name(after.vote)}"
    return "only the commit index moved, and that can be learned again"


def told_read(answer: ReadLog, other: ReadLog) -> str:
    """What was found in a log."""
    found = f"found {len(answer.records)} records up to byte {answer.end}"
    return f"{found}, and then something broken" if answer.broken else f"{found}, and then the end"


def why_read(question: Question, yours: ReadLog, ours: ReadLog) -> str:
    """How it looks behind the last whole record."""
    if len(yours.records) == len(ours.records) and yours.records != ours.records:
        return "the types or the data of some records differ"
    log: bytes = question[0]
    rest = log[ours.end : ours.end + 16]
    if not any(rest):
        return f"a length of 0 at byte {ours.end} says that nothing follows"
    whole = "no whole record" if ours.broken else "nothing"
    return f"at byte {ours.end}, {rest.hex(' ')} ... begins {whole}"


# -- the table -----------------------------------------------------------------------------------


def is_read_log(answer: object) -> bool:
    """Whether all fields are of their kinds."""
    if not isinstance(answer, ReadLog):
        return False
    if not (is_row_of(Record, answer.records) and is_number(answer.end)):
        return False
    whole = all(is_number(one.type) and isinstance(one.data, bytes) for one in answer.records)
    return whole and is_bool(answer.broken)


def is_outcome(answer: object) -> bool:
    """Whether it says what becomes of a key."""
    match answer:
        case Write(value):
            return isinstance(value, str)
        case Refuse(code):
            return is_number(code)
        case _:
            return isinstance(answer, Remove)


PARTS = {
    part.name: part
    for part in (
        Part(
            "grant_vote",
            "gives a vote, or does not",
            (
                Function(
                    "grant_vote",
                    reference.grant_vote,
                    "True or False",
                    is_bool,
                    lambda answer, _: "granted" if answer else "refused",
                    why_vote,
                ),
            ),
        ),
        Part(
            "append_entries",
            "takes entries from the leader, or refuses them",
            (
                Function(
                    "append_entries",
                    reference.append_entries,
                    "an AppendAnswer (success, log as a tuple of entries, two numbers)",
                    is_append_answer,
                    told_append,
                    why_append,
                ),
            ),
        ),
        Part(
            "advance_commit",
            "says up to where the log is committed",
            (
                Function(
                    "advance_commit",
                    reference.advance_commit,
                    "a number",
                    is_number,
                    lambda answer, _: f"committed up to {answer}",
                    why_commit,
                ),
            ),
        ),
        Part(
            "apply",
            "does what a client asked, to one key",
            (
                Function(
                    "apply",
                    reference.apply,
                    "Write(value), Remove() or Refuse(code)",
                    is_outcome,
                    told_outcome,
                    why_outcome,
                ),
            ),
        ),
        Part(
            "wal",
            "writes what must survive a crash, and finds it again",
            (
                Function(
                    "write_record",
                    reference.write_record,
                    "bytes",
                    lambda answer: isinstance(answer, bytes),
                    told_bytes,
                    why_bytes,
                ),
                Function(
                    "must_sync",
                    reference.must_sync,
                    "True or False",
                    is_bool,
                    lambda answer, _: f"{'waited' if answer else 'did not wait'} for the sync",
                    why_sync,
                ),
                Function(
                    "read_log",
                    reference.read_log,
                    "a ReadLog (a tuple of records with data of bytes, a number, True or False)",
                    is_read_log,
                    told_read,
                    why_read,
                ),
            ),
        ),
    )
}
"""Every part, by its name."""

FUNCTIONS = {function.name: function for part in PARTS.values() for function in part.functions}
"""Every function, by its name."""
