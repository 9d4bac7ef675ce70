"""Bootstrap: what a new cluster begins with.

    index 1   term 1   add S1   {"id":...,"peerURLs":["http://10.0.0.1:2380"],"name":"a"}
    index 2   term 1   add S2
    index 3   term 1   add S3
    hard state: term 1, no vote, commit 3

A log must begin somewhere, and nobody can vote before somebody has a vote. So the first entries are
in no need of being agreed on: every member of a new cluster is started with the same list of
members, and writes the same entries into its own log, as if a leader of term 1 had committed them.
From then on it is a log like any other. A member that joins later begins with an empty one, and
gets these entries, or a snapshot, from its leader.

What goes wrong without it: members that were given different lists write different entries 1 to N,
and each takes its own for committed. That is why etcd compares ids of clusters at every connection.

Source: etcd 3.4 raft/bootstrap.go; etcdserver/raft.go, startNode.

Next page: `standalone`.
"""

from __future__ import annotations

from collections.abc import Iterable

from learnetcd.member.cluster import ClusterMember, context
from learnetcd.raft.configuration import Change, ChangeKind, ConfigChange, Configuration
from learnetcd.raft.entry import NO_MEMBER, Entry, HardState, Snapshot, Stored

FIRST_TERM = 1

NOTHING = Snapshot(0, 0, Configuration(()))
"""Where every log begins: nobody is a member. Who joins later starts with no more than this."""


def first_entries(members: Iterable[ClusterMember]) -> tuple[Entry, ...]:
    """The entries that add the first members, by their ids."""
    in_order = sorted(members, key=lambda member: member.id)
    return tuple(
        Entry(
            index,
            FIRST_TERM,
            ConfigChange(
                (Change(ChangeKind.ADD_VOTER, member.id),), context=context(member), legacy=True
            ),
        )
        for index, member in enumerate(in_order, start=1)
    )


def first_stored(members: Iterable[ClusterMember]) -> Stored:
    """What the disk of each of them holds before its first start."""
    entries = first_entries(members)
    return Stored(NOTHING, HardState(FIRST_TERM, NO_MEMBER, len(entries)), entries)
