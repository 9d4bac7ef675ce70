"""Expiry: keys go when the leader says what time it is.

    S1 takes  put /x ttl 5    its wall clock says 10:00:00: the entry says "until 10:00:05"
    S2 leads  10:00:05.2      proposes SYNC 10:00:05.2
    all       apply it        /x goes, at the same index everywhere

No member removes a key because of its own clock. Clocks differ, and stores must not: a write that
comes just before the deadline on one member and just after on another would find the key on one
only, and their stores would differ for ever. So time goes through the log like everything else.

The leader proposes its time every 500 ms, as long as any key has a deadline. A key may thus stay
up to half a second longer than it was given, and longer while nobody leads. It never goes early,
but by so much as the clock of the leader is ahead of the one that made the deadline.

Source: etcd 3.4 etcdserver/server.go, the sync ticker in run; apply_v2.go, Sync.

Left out: a lease that ends with its holder's connection. That is v3.

Next page: `apply`.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from learnetcd.member import namespace, watching
from learnetcd.member.command import Expiry
from learnetcd.member.effects import Effect
from learnetcd.raft.replication import ProposalRefused
from learnetcd.raft.roles import Leader
from learnetcd.raft.rules import ExpiryFacts
from learnetcd.tracing.clients import ExpiryProposed
from learnetcd.tracing.storage import KeysExpired

if TYPE_CHECKING:
    from learnetcd.member.member import Member


def set_timer(member: Member) -> None:
    """Let the timer run as long as the member leads and some key has a deadline."""
    if not member.store.deadlines or not isinstance(member.raft.role, Leader):
        member.expiry_at = None
    elif member.expiry_at is None:
        member.expiry_at = member.now_ms + member.config.expiry_ms


def propose_if_due(member: Member) -> None:
    """Tell the cluster what time it is."""
    if member.expiry_at is None or member.now_ms < member.expiry_at:
        return
    member.expiry_at = None  # set again at the end of this step
    if isinstance(member.raft.role, Leader):
        member.trace(ExpiryProposed(len(member.store.deadlines)))
        with suppress(ProposalRefused):  # the next one will do
            member.raft.propose(Expiry(member.wall_ns).encode())


def look_at_own_clock(member: Member, effects: list[Effect]) -> None:
    """Ask, after each entry, whether the own clock lets keys go. The rule says no, always."""
    if member.store.deadlines:
        apply(member, Expiry(member.wall_ns), effects, by_entry=False)


def apply(member: Member, expiry: Expiry, effects: list[Effect], *, by_entry: bool = True) -> None:
    """Remove all that was due by then, the earliest first, and tell who watches."""
    # etcd #2802: by clocks of their own, members would have different stores at one index.
    if not member.config.rules.let_expire.allows(ExpiryFacts(by_entry)):
        return
    store, keys = member.store, []
    before = store.root
    while (event := store.expire_next(expiry.cutoff_ns, now_ns=member.wall_ns)) is not None:
        keys.append(namespace.outside(event.node.key))
        watching.tell(member, event, before, effects)
        before = store.root
    if keys:
        member.trace(KeysExpired(tuple(keys), store.etcd_index, by_entry))
