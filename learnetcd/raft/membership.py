"""Who is a member: changes travel through the log and act when they are applied.

    propose(add S4)  ->  entry 7: +S4  ->  committed by S1 S2 S3  ->  applied: now S1 S2 S3 S4

Two changes under way at once could make two majorities that share no member, so a leader starts a
change only when the one before it is applied. A change of more than one voter goes through a joint
configuration, which needs a majority of the old and of the new members for everything.

Source: Raft §6; Thesis §4.1, §4.3; etcd/raft confchange.

Differs: in the thesis a change acts when it is stored; here, as in etcd, when it is applied. So a
candidate must have applied every change that it knows to be committed, and a leader assumes that
its whole log may hold one change that it did not apply. What a change makes of a configuration is
told by `configuration`. Next page: `transfer`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from learnetcd.raft import election, reads, replication, transfer
from learnetcd.raft.config import UNLIMITED
from learnetcd.raft.configuration import (
    ConfigChange,
    Configuration,
    changed,
    describe,
    members_in_words,
)
from learnetcd.raft.entry import NO_MEMBER
from learnetcd.raft.roles import Leader
from learnetcd.raft.rules import ChangeFacts
from learnetcd.tracing.membership import (
    ChangeProposed,
    ChangeRefused,
    ConfigurationChanged,
    JointLeft,
)

if TYPE_CHECKING:
    from learnetcd.raft.raft import Raft


def checked_payloads(
    raft: Raft, payloads: Sequence[bytes | ConfigChange]
) -> Iterator[bytes | ConfigChange]:
    """Let commands pass; replace a change that may not start by an empty entry, as etcd does."""
    index = raft.log.last_index
    for payload in payloads:
        index += 1
        yield (
            checked_payload(raft, payload, index) if isinstance(payload, ConfigChange) else payload
        )


def checked_payload(raft: Raft, change: ConfigChange, index: int) -> bytes | ConfigChange:
    """Ask the rule whether a change may start now, at `index`."""
    assert isinstance(raft.role, Leader), "only a leader puts changes into the log"
    verdict = raft.config.rules.start_change.verdict(change_facts(raft, change))
    if raft.config.check_changes and not verdict.allowed:
        raft.trace(ChangeRefused(describe(change), verdict))
        return b""
    raft.role.pending_change_index = index
    raft.trace(ChangeProposed(index, describe(change)))
    return change


def change_facts(raft: Raft, change: ConfigChange) -> ChangeFacts:
    """Gather what the rule of starting a change looks at."""
    assert isinstance(raft.role, Leader), "only a leader starts changes"
    return ChangeFacts(
        pending_index=raft.role.pending_change_index,
        applied_index=raft.log.applied_index,
        joint=raft.configuration.joint,
        leaves_joint=not change.changes,
    )


def change_applied(raft: Raft, change: ConfigChange) -> Configuration:
    """Switch to the configuration that a change leads to."""
    old = raft.configuration
    raft.configuration = changed(old, change)
    if raft.configuration != old:
        new = raft.configuration
        raft.trace(ConfigurationChanged(members_in_words(old), members_in_words(new)))
    if isinstance(raft.role, Leader):
        lead_new_configuration(raft, raft.role)
    return raft.configuration


def lead_new_configuration(raft: Raft, leader: Leader) -> None:
    """Track the members that are there now; a smaller quorum may commit at once."""
    configuration = raft.configuration
    for member in configuration.members:
        if member not in leader.progress:
            # It has not had the chance to answer: do not count that against the quorum.
            next_index = max(raft.log.last_index, 1)
            leader.progress[member] = election.new_progress(raft, next_index, recent_active=True)
    for member in set(leader.progress) - set(configuration.members):
        del leader.progress[member]
    if not configuration.is_voter(raft.id):
        if raft.config.step_down_on_removal:
            election.become_follower(raft, raft.term, NO_MEMBER)
        return  # Raft §6: until then it leads a cluster of which it is no member
    if not replication.commit_and_tell(raft):
        for member, _ in replication.others(raft):
            replication.send_append(raft, member, even_if_empty=False)
    # A smaller quorum may have confirmed a read already; nobody else may be left to do so.
    reads.release_reads(raft, leader)
    if leader.transfer_target != NO_MEMBER and not configuration.is_voter(leader.transfer_target):
        transfer.abort_transfer(raft)


def applied(raft: Raft, index: int) -> None:
    """Note what the state machine has applied; leave a joint configuration when it is time."""
    log = raft.log
    leader = raft.role if isinstance(raft.role, Leader) else None
    if leader and raft.config.max_uncommitted_bytes < UNLIMITED:
        done = log.entries(max(log.applied_index + 1, log.first_index), index)
        leader.uncommitted_bytes = max(0, leader.uncommitted_bytes - sum(e.size for e in done))
    log.applied_index = max(log.applied_index, index)
    if leader and raft.configuration.auto_leave:
        leave_joint_when_applied(raft, leader)


def leave_joint_when_applied(raft: Raft, leader: Leader) -> None:
    """Propose to leave a joint configuration that asked to be left by itself."""
    if raft.log.applied_index < leader.pending_change_index:
        return
    try:
        replication.propose(raft, (ConfigChange(()),))
    except replication.ProposalRefused:
        return  # tried again when the next entry is applied
    raft.trace(JointLeft(members_in_words(raft.configuration)))
