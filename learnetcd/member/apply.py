"""Applying: committed entries reach the store, in order, each exactly once.

    committed   5 6 7 8            Apply(8)      handed out by the core: they can't be lost
    queue       5 6 7 8            ApplyDue(6)   the driver lets two of them through
    applied     5 6                              the store has them; their clients are answered
    queue       7 8

Committing and applying are two moments. What is committed *will* happen, on every member; what is
applied *has* happened here, and can be read here. Between the two a driver may wait: for a slow
store, or for a reader who wants to look.

An entry is a command, the time by the leader's clock (`expiry`), a change of members, or empty
(with which a leader begins its term). What was written in etcd's newer interface has no effect. A
command that the store refuses is applied too: it is refused by all members alike.

Source: Raft Figure 2, rules for all servers; etcd 2.3 etcdserver/server.go, apply.

Next page: `member`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learnetcd.member import clients, cluster, expiry, namespace, snapshots, watching
from learnetcd.member.command import Command, Expiry, decode_command
from learnetcd.member.effects import Apply, Effect
from learnetcd.member.execution import for_client, result_of, without_secrets
from learnetcd.member.request import AuthRequest, KeyRequest, request_id_of
from learnetcd.raft.configuration import ConfigChange, ConfigChangeRefused, describe
from learnetcd.raft.entry import Entry
from learnetcd.store.errors import RAFT_INTERNAL, EtcdError
from learnetcd.store.event import Event
from learnetcd.tracing.storage import DeadlineSet, EntryApplied

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
        apply_payload(member, entry, payload, effects)
    else:
        member.trace(EntryApplied(entry.index, entry.term, None, None))
    expiry.look_at_own_clock(member, effects)


def apply_payload(member: Member, entry: Entry, payload: bytes, effects: list[Effect]) -> None:
    """Apply what a client asked, the cluster itself, or a clock."""
    command = decode_command(payload)
    if isinstance(command, Command):
        apply_command(member, entry, command, effects)
        return
    member.trace(EntryApplied(entry.index, entry.term, command, None))
    if isinstance(command, Expiry):
        expiry.apply(member, command, effects)


def apply_command(member: Member, entry: Entry, command: Command, effects: list[Effect]) -> None:
    """Execute a request; answer who waits for it here, and tell who watches."""
    store, request, now_ns = member.store, command.request, member.wall_ns
    before = store.root
    result: Event | EtcdError | None
    if isinstance(request, KeyRequest):
        execute = member.config.parts.apply or result_of
        result = execute(store, request, expires_ns=command.expires_ns, now_ns=now_ns)
        told: Event | EtcdError | None = for_client(result)
    elif isinstance(request, AuthRequest):
        result = result_of(store, request.asked, now_ns=now_ns, place=namespace.AUTH)
        told = without_secrets(result)
    else:
        result = told = cluster.publish(store, request)
    member.trace(EntryApplied(entry.index, entry.term, request, told))
    clients.answer_waiting(member, command.request_id, told, effects)
    if isinstance(result, Event) and result.action != "get":
        if command.expires_ns is not None:
            member.trace(DeadlineSet(namespace.outside(result.node.key), result.node.ttl))
        watching.tell(member, result, before, effects)


def apply_change(member: Member, entry: Entry, change: ConfigChange, effects: list[Effect]) -> None:
    """Let a change of members act, and answer whoever asked for it here."""
    why_not = cluster.refusal(member.store, change)
    if not why_not:
        try:
            member.raft.change_applied(change)
        except ConfigChangeRefused as error:
            why_not = str(error)
    refusal: EtcdError | None = None
    if why_not:
        # All members have the same configuration at this entry, so all of them refuse it.
        refusal = EtcdError(RAFT_INTERNAL, why_not, member.store.etcd_index)
    else:
        cluster.write_change(member.store, change)
        snapshots.renew(member, entry)
    member.trace(EntryApplied(entry.index, entry.term, describe(change), refusal))
    clients.answer_waiting(member, request_id_of(change), refusal, effects)
