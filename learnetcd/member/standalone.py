"""Standalone: a member that goes on alone, with all that is decided, when the others are lost.

    log on the disk                      the same, forced (commit 7)
    1-3  add 1, add 2, add 3             1-3  add 1, add 2, add 3
    4-7  ...      (commit 7)             4-7  ...
    8    PUT /x   (not committed)        8    remove 2        term as it was
                                         9    remove 3        commit 9

Two of three are gone for ever: nobody can decide anything any more, not even that they are gone. So
somebody has to say from outside what no quorum can: `--force-new-cluster` writes into the log that
the others were removed, and calls that committed. What it does not know to be committed is dropped,
as in etcd. That may be the last write that a client was told of: whether a quorum had it, only a
quorum could say.

A backup is of nobody: its log knows neither the member that starts on it nor its addresses. So the
member is added first, without any, for the one that it is going to have may still be taken by one
of those who were there before; then they are removed; then it is told where it is. (There must
never be no voter at all.)

What goes wrong with it: do this while the others live, and two clusters have the same history and
the same ids, and each takes the other's messages. It is for the last one left.

Source: etcd 3.4 etcdserver/raft.go, restartAsStandaloneNode, createConfigChangeEnts.

Differs: etcd gives whoever starts on a backup the peer URL http://localhost:2380, whatever it
advertises, and wants to be told better by `member update`.

Left out: joint configurations, which no server makes.

Next page: `identity`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace

from learnetcd.member.cluster import ClusterMember, context
from learnetcd.raft.configuration import (
    Change,
    ChangeKind,
    ConfigChange,
    ConfigChangeRefused,
    Configuration,
    changed,
)
from learnetcd.raft.entry import Entry, Stored


def forced(stored: Stored, member_id: int, peer_urls: tuple[str, ...]) -> Stored:
    """What a member begins with that shall be the only one; it must be written before it starts."""
    commit_index = max(stored.hard_state.commit_index, stored.snapshot.index)
    decided = tuple(entry for entry in stored.entries if entry.index <= commit_index)
    configuration = configuration_after(stored.snapshot.configuration, decided)
    changes = changes_to_be_alone(configuration, ClusterMember(member_id, peer_urls=peer_urls))
    term = stored.hard_state.term
    added = tuple(
        Entry(index, term, change) for index, change in enumerate(changes, commit_index + 1)
    )
    hard_state = replace(stored.hard_state, commit_index=commit_index + len(added))
    return Stored(stored.snapshot, hard_state, decided + added)


def configuration_after(configuration: Configuration, entries: Iterable[Entry]) -> Configuration:
    """Who the members are when these are applied."""
    for entry in entries:
        if isinstance(entry.payload, ConfigChange):
            with suppress(ConfigChangeRefused):  # as all members did
                configuration = changed(configuration, entry.payload)
    return configuration


def changes_to_be_alone(
    configuration: Configuration, member: ClusterMember
) -> Iterator[ConfigChange]:
    """The changes after which nobody is left but this one."""
    is_new = member.id not in configuration.members
    if is_new:
        yield change(ChangeKind.ADD_VOTER, member.id, context(ClusterMember(member.id)))
    for other in configuration.members:
        if other != member.id:
            yield change(ChangeKind.REMOVE, other)
    if is_new:
        yield change(ChangeKind.UPDATE, member.id, context(member))


def change(kind: ChangeKind, member_id: int, told: bytes = b"") -> ConfigChange:
    """One change, as etcd 3.4 writes it."""
    return ConfigChange((Change(kind, member_id),), context=told, legacy=True)
