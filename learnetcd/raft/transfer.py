"""Handing leadership over, on purpose.

    S1 leads, S2 shall:   S1 stops taking proposals, brings S2 up to date,
    S1 -- TimeoutNow -->  S2 stands at once; its vote requests say "transfer", so that members
                          that hear S1 do not ignore them

An election that nobody has to wait for: before maintenance, or to bring the leader near its
clients. If the target does not win within an election timeout, S1 goes on as before.

Source: Thesis §3.10; etcd/raft for forgetting a leader. Next page: `reads`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learnetcd.raft import election, replication
from learnetcd.raft.config import ReadOption
from learnetcd.raft.entry import NO_MEMBER
from learnetcd.raft.messages import ForwardTransfer, TimeoutNow
from learnetcd.raft.progress import Progress
from learnetcd.raft.roles import Follower, Leader
from learnetcd.tracing.elections import LeaderForgot, TimeoutNowSent, TransferEnded, TransferStarted

if TYPE_CHECKING:
    from learnetcd.raft.raft import Raft


def transfer(raft: Raft, target: int) -> None:
    """Hand leadership to `target`, or pass the wish to the leader."""
    match raft.role:
        case Leader() as leader:
            transfer_to(raft, leader, target)
        case Follower(leader=known) if known != NO_MEMBER:
            raft.send(ForwardTransfer(raft.id, known, 0, target))
        case _:
            pass  # nobody leads: there is nothing to hand over


def transfer_to(raft: Raft, leader: Leader, target: int) -> None:
    """Begin to hand over."""
    if target not in leader.progress or not raft.configuration.is_voter(target):
        return
    if leader.transfer_target == target:
        return
    abort_transfer(raft)
    if target == raft.id:
        return
    raft.election_started_at = raft.now  # it has one election timeout to succeed
    leader.transfer_target = target
    raft.trace(TransferStarted(target))
    progress = leader.progress[target]
    if progress.match_index == raft.log.last_index:
        send_timeout_now(raft, target)
    else:
        replication.send_append(raft, target)


def continue_transfer(raft: Raft, member: int, progress: Progress) -> None:
    """Tell the target to stand, once it holds the whole log."""
    if not isinstance(raft.role, Leader) or raft.role.transfer_target != member:
        return
    if progress.match_index == raft.log.last_index:
        send_timeout_now(raft, member)


def send_timeout_now(raft: Raft, target: int) -> None:
    """Let the target stand for election now."""
    raft.send(TimeoutNow(raft.id, target, raft.term))
    raft.trace(TimeoutNowSent(target))


def abort_transfer(raft: Raft) -> None:
    """Go on as leader, and take proposals again."""
    if isinstance(raft.role, Leader) and raft.role.transfer_target != NO_MEMBER:
        raft.trace(TransferEnded(raft.role.transfer_target))
        raft.role.transfer_target = NO_MEMBER


def stand_now(raft: Raft) -> None:
    """The leader wants this member to lead: stand at once, without a pre-vote."""
    if isinstance(raft.role, Follower):
        election.stand(raft, "its leader hands over to it", transfer=True)


def forget_leader(raft: Raft) -> None:
    """Forget who leads, so that this follower may vote in the present term."""
    if not isinstance(raft.role, Follower) or raft.role.leader == NO_MEMBER:
        return
    if raft.config.read_option is ReadOption.LEASE:
        return  # the leader's lease rests on its followers remembering it
    raft.trace(LeaderForgot(raft.role.leader))
    raft.role.leader = NO_MEMBER
