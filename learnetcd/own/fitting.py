"""Fitting: how plain functions of values become parts of a member.

    the core                    here                                    your function
    accept_entries(raft, ...)   Follower(term, log, commit_index)  ->   append_entries(...)
                                AppendAnswer(...)                  <-
    raft.log, raft.promises     carried out, and traced

A member asks; this page puts the question into values, and carries the answer out. It looks after
nothing else: an answer that is wrong is carried out too, for that is what a reader wants to see. An
answer that can't be carried out (an entry that is committed is to be removed) is an assertion that
failed, and the member stops.

Who answers is given as a function `ask(name, *question)`: your file, or somebody who asks your file
and the reference and compares (`divergence`).

Left out: what your functions need not know. While entries are compacted away, so that a log does
not begin with entry 1, or while two configurations are joint, or for directories and times to live,
our own code answers.

Next page: `storm`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import lru_cache

from learnetcd.member import namespace
from learnetcd.member.execution import result_of
from learnetcd.member.request import KeyRequest, Method
from learnetcd.own import reference
from learnetcd.own.disk import OwnDisk
from learnetcd.own.file import Own
from learnetcd.own.parts import PARTS, Answer
from learnetcd.own.values import (
    AppendAnswer,
    AppendRequest,
    Command,
    Entry,
    Follower,
    HardState,
    Key,
    Leader,
    Refuse,
    Remove,
    Voter,
    VoteRequest,
    Write,
)
from learnetcd.raft import replication
from learnetcd.raft.messages import AppendEntries, AppendEntriesReply
from learnetcd.raft.parts import Parts, State, Wal
from learnetcd.raft.raft import Raft
from learnetcd.raft.rules import (
    ACCEPT_APPEND,
    COMMIT,
    GRANT_VOTE,
    TRUNCATE,
    TruncateFacts,
    VoteFacts,
)
from learnetcd.simulator.setup import Setup
from learnetcd.store.errors import EtcdError
from learnetcd.store.event import Event
from learnetcd.store.node import Node
from learnetcd.store.path import names_in
from learnetcd.store.store import Store
from learnetcd.store.tree import Directory, Item
from learnetcd.tracing import Clause, Rule
from learnetcd.tracing.replication import (
    CommitHeldBack,
    EntriesAccepted,
    EntriesRemoved,
    EntryCommitted,
)
from learnetcd.tracing.rule import Facts

Ask = Callable[..., Answer]
"""`ask(name, *question)`: the answer of the function of that name."""


WAL = {function.name for function in PARTS["wal"].functions}


def fitted(names: Collection[str], ask: Ask) -> Parts:
    """The parts of a member in which somebody else is asked, if he has functions of these names."""
    return Parts(
        grant_vote=vote_rule(ask) if "grant_vote" in names else None,
        append_entries=follower_part(ask) if "append_entries" in names else None,
        advance_commit=leader_part(ask) if "advance_commit" in names else None,
        apply=store_part(ask) if "apply" in names else None,
        wal=log_part(ask) if WAL.intersection(names) else None,
    )


def with_own(setup: Setup, own: Own, members: Collection[int] = ()) -> Setup:
    """A cluster in which some members run a file of yours; all of them, also later ones, if none
    are named.
    """
    parts = fitted(own.functions, own.ask)
    return replace(setup, parts=tuple((member, parts) for member in members or range(1, 8)))


def said_so(rule: Rule[Facts], name: str, holds: Callable[[Facts], bool]) -> Rule[Facts]:
    """A rule of ours with one clause in place of all: a function of yours says so."""
    yes, no = f"your {name} says yes", f"your {name} says no"
    clause = Clause(f"your {name}", holds, lambda _: yes, lambda _: no)
    return Rule(rule.name, rule.source, rule.citation, (clause,))


# -- votes ---------------------------------------------------------------------------------------


def vote_rule(ask: Ask) -> Rule[VoteFacts]:
    """The rule of voting, by the word of somebody else."""

    @lru_cache(maxsize=256)  # the verdict is asked once by the member, and by all who tell of it
    def grants(facts: VoteFacts) -> bool:
        voter = Voter(facts.current_term, facts.vote, facts.last_index, facts.last_term)
        request = VoteRequest(
            facts.term, facts.candidate, facts.candidate_last_index, facts.candidate_last_term
        )
        return bool(ask("grant_vote", voter, request))

    return said_so(GRANT_VOTE, "grant_vote", grants)


# -- the log -------------------------------------------------------------------------------------


def follower_part(ask: Ask) -> Callable[[Raft, AppendEntries], None]:
    """What a follower does with entries, by the word of somebody else."""

    def append(raft: Raft, message: AppendEntries) -> None:
        log = raft.log
        if log.snapshot_index:
            replication.append_entries(raft, message)
            return
        follower = Follower(raft.term, log.entries(1, log.last_index), log.commit_index)
        request = AppendRequest(
            message.term,
            message.previous_index,
            message.previous_term,
            message.entries,
            message.commit_index,
        )
        answer = ask("append_entries", follower, request)
        if answer.success:
            take(raft, message, follower, answer)
        else:
            refused = said_so(ACCEPT_APPEND, "append_entries", lambda _: False)
            facts = replication.append_facts(raft, message)
            replication.refuse_append(raft, message, refused.verdict(facts))

    return append


def take(raft: Raft, message: AppendEntries, before: Follower, answer: AppendAnswer) -> None:
    """Make the log what it shall be, and answer the leader."""
    log, leader = raft.log, message.sender
    for place, entry in enumerate(answer.log, 1):
        assert entry.index == place, f"your append_entries put entry {entry} at place {place}"
    assert answer.commit_index >= before.commit_index, (
        f"your append_entries put the commit index back, from {before.commit_index} to "
        f"{answer.commit_index}"
    )
    pairs = zip(before.log, answer.log, strict=False)
    same = next((i for i, (old, new) in enumerate(pairs) if old != new), None)
    if same is None:
        same = min(len(before.log), len(answer.log))
    if same < len(before.log):
        old, new = before.log[same].term, message.term
        removed = said_so(TRUNCATE, "append_entries", lambda _: True)
        raft.trace(
            EntriesRemoved(
                same + 1, log.last_index, removed.verdict(TruncateFacts(same + 1, old, new))
            )
        )
        log.remove_from(same + 1)
    if fresh := answer.log[same:]:
        log.append(fresh)
    previous = message.previous_index, message.previous_term
    last_new = message.previous_index + len(message.entries)
    first_new = message.previous_index + 1
    raft.trace(EntriesAccepted(leader, first_new, last_new, *previous, already_there=not fresh))
    replication.learn_commit(raft, answer.commit_index)
    raft.send_promise(AppendEntriesReply(raft.id, leader, raft.term, answer.match_index))


def leader_part(ask: Ask) -> Callable[[Raft], bool]:
    """How far a leader commits, by the word of somebody else."""

    def advance(raft: Raft) -> bool:
        log, configuration = raft.log, raft.configuration
        if log.snapshot_index or configuration.joint:
            return replication.advance_commit(raft)
        known = raft.role.progress  # type: ignore[union-attr]  # only a leader commits by counting
        held = {voter: known[voter].match_index for voter in configuration.voters if voter in known}
        committed = log.commit_index
        entries = log.entries(1, log.last_index)
        index = ask("advance_commit", Leader(raft.term, entries, committed, held))
        assert index >= committed, (
            f"your advance_commit put the commit index back, from {committed} to {index}"
        )
        rule = said_so(COMMIT, "advance_commit", lambda facts: facts.index <= index)
        if index > committed:
            log.commit_to(index)
            verdict = rule.verdict(replication.commit_facts(raft, index))
            raft.trace(EntryCommitted(committed + 1, index, verdict))
            return True
        if (reached := replication.quorum_index(raft)) > committed:
            verdict = rule.verdict(replication.commit_facts(raft, reached))
            raft.trace(CommitHeldBack(reached, verdict))
        return False

    return advance


# -- the store -----------------------------------------------------------------------------------


def store_part(ask: Ask) -> Callable[..., Event | EtcdError]:
    """What a command does to a key, by the word of somebody else."""

    def execute(
        store: Store, request: KeyRequest, *, expires_ns: int | None = None, now_ns: int = 0
    ) -> Event | EtcdError:
        def as_ever() -> Event | EtcdError:
            return result_of(store, request, expires_ns=expires_ns, now_ns=now_ns)

        path = namespace.inside(request.path)
        if not is_plain(request) or not is_for_a_file(store, path):
            return as_ever()
        there, command = key_at(store, path), command_of(request)
        answer = ask("apply", there, command)
        if answer == reference.apply(there, command):
            return as_ever()
        return otherwise(store, path, there, answer)

    return execute


def is_plain(request: KeyRequest) -> bool:
    """Whether it is about one key and its value, and nothing else."""
    others = set(request.options) - {"prev_exist", "prev_value", "prev_index"}
    return request.method in (Method.PUT, Method.DELETE) and not others


def is_for_a_file(store: Store, path: str) -> bool:
    """Whether there is a file at a path, or could be one."""
    item: Item | None = store.root
    for name in names_in(path):
        if not isinstance(item, Directory):
            return False
        item = item.children.get(name)
        if item is None:
            return True
    return isinstance(item, Node)


def key_at(store: Store, path: str) -> Key | None:
    """The key as your function is shown it."""
    item: Item | None = store.root
    for name in names_in(path):
        item = item.children.get(name) if isinstance(item, Directory) else None
    return Key(item.value or "", item.modified_index) if isinstance(item, Node) else None


def command_of(request: KeyRequest) -> Command:
    """The command as your function is shown it: see `learnetcd.member.execution`."""
    compares = bool(request.prev_value or request.prev_index)
    if request.method is Method.DELETE:
        action = "compareAndDelete" if compares else "delete"
    elif request.prev_exist is False:
        action, compares = "create", False
    elif compares:
        action = "compareAndSwap"
    else:
        action = "update" if request.prev_exist else "set"
    expected = (request.prev_value, request.prev_index) if compares else ("", 0)
    return Command(action, request.key, request.value, *expected)


def otherwise(
    store: Store, path: str, there: Key | None, answer: Write | Remove | Refuse
) -> Event | EtcdError:
    """Do what the reference would not have done."""
    match answer:
        case Refuse(code):
            return EtcdError(code, path, store.etcd_index)
        case Write(value):
            return store.set(path, value)
        case Remove():
            assert there is not None, f"your apply removes {path}, and it is not there"
            return store.delete(path)


# -- the write-ahead log -------------------------------------------------------------------------


def log_part(ask: Ask) -> Wal:
    """What is written, when it must be safe, and what is found again, by the word of somebody else.

    A snapshot that the leader sent is always waited for: it is no record alone, but a file.
    """

    def must_sync(before: State, after: State, entries: tuple[Entry, ...]) -> bool:
        return bool(ask("must_sync", HardState(*before), HardState(*after), entries))

    return Wal(must_sync, lambda begin: OwnDisk(begin, ask))
