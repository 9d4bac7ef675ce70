"""Applying: committed entries reach the store, in order, each exactly once.

    committed   5 6 7 8            Apply(8)      handed out by the core: they can't be lost
    queue       5 6 7 8            ApplyDue(6)   the driver lets two of them through
    applied     5 6                              the store has them; their clients are answered
    queue       7 8

Committing and applying are two moments. What is committed *will* happen, on every member; what is
applied *has* happened here, and can be read here. Between the two a driver may wait: for a slow
store, or for a reader who wants to look.

An entry is a command, a change of members, or empty (with which a leader begins its term). A
command that the store refuses is applied too: it is refused by all members alike.

Source: Raft Figure 2, rules for all servers; etcd 2.3 etcdserver/server.go, apply.

Next page: `member`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learnetcd.member import clients, snapshots, watching
from learnetcd.member.effects import Apply, Effect
from learnetcd.member.execution import result_of
from learnetcd.member.request import decode_command, request_id_of
from learnetcd.raft.configuration import ConfigChange, ConfigChangeRefused, describe
from learnetcd.raft.entry import Entry
from learnetcd.store.errors import RAFT_INTERNAL, EtcdError
from learnetcd.store.event import Event
from learnetcd.tracing.storage import EntryApplied

if TYPE_CHECKING:
    from learnetcd.member.member import Member


def queue_up(member: Member, entries: tuple[Entry, ...], effects: list[Effect]) -> None:
    """Take committed entries from the core, and ask the driver to let them through."""
    queue = member.apply_queue
    assert entries[0].index == queue.end, f"after {queue.end - 1} comes {entries[0].index}"
    queue.extend(entries)
    effects.append(Apply(entries[-1].index))


def apply_through(member: Member, through: int, effects: list[Effect]) -> None:
    """Apply what waits, up to and including `through`."""
    queue = member.apply_queue
    end = min(through + 1, queue.end)
    if end <= queue.start:
        return  # a snapshot has overtaken them
    for entry in queue.slice(queue.start, end):
        apply_entry(member, entry, effects)
    queue.drop_before(end)
    member.raft.applied(member.applied_index)
    clients.answer_fresh_reads(member, effects)
    snapshots.take_if_due(member, effects)


def apply_entry(member: Member, entry: Entry, effects: list[Effect]) -> None:
    """Apply one entry, and answer the client who waits for it here."""
    member.applied_index = entry.index
    payload = entry.payload
    if isinstance(payload, ConfigChange):
        apply_change(member, entry, payload, effects)
    elif payload:
        command = decode_command(payload)
        before = member.store.root
        result = result_of(member.store, command.request)
        member.trace(EntryApplied(entry.index, entry.term, command.request, result))
        clients.answer_waiting(member, command.request_id, result, effects)
        if isinstance(result, Event) and result.action != "get":
            watching.tell(member, result, before, effects)
    else:
        member.trace(EntryApplied(entry.index, entry.term, None, None))


def apply_change(member: Member, entry: Entry, change: ConfigChange, effects: list[Effect]) -> None:
    """Let a change of members act, and answer whoever asked for it here."""
    refusal: EtcdError | None = None
    try:
        member.raft.change_applied(change)
        snapshots.renew(member, entry)
    except ConfigChangeRefused as error:
        # All members have the same configuration at this entry, so all of them refuse it.
        refusal = EtcdError(RAFT_INTERNAL, str(error), member.store.etcd_index)
    member.trace(EntryApplied(entry.index, entry.term, describe(change), refusal))
    clients.answer_waiting(member, request_id_of(change), refusal, effects)
