r"""How the log spreads: append, acknowledge, commit, repair.

    leader S1     1@1 2@1 3@2 4@2            next S2:5  match S2:4
                   \  AppendEntries(previous 4@2, [], commit 3)
    follower S2   1@1 2@1 3@2 4@2            "4@2 matches: I have all of it, durably"

A follower takes entries only after one that both logs have (the previous-entry check), so equal
index and term mean equal history: Log Matching. A leader commits what a quorum holds durably, and
counts only entries of its own term; what is older commits along with them.

Source: Raft §5.3, §5.4.2, Figure 2; etcd/raft for heartbeats of their own kind, the window of
appends in flight and the fast back-up of next_index.

Next page: `compaction`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from learnetcd.raft import compaction, membership, reads, transfer
from learnetcd.raft.configuration import ConfigChange
from learnetcd.raft.entry import NO_MEMBER, Entry
from learnetcd.raft.messages import (
    AppendEntries,
    AppendEntriesReply,
    ForwardProposal,
    Heartbeat,
    HeartbeatReply,
)
from learnetcd.raft.progress import Mode, Progress
from learnetcd.raft.quorum import joint_committed_index, majority
from learnetcd.raft.roles import Follower, Leader
from learnetcd.raft.rules import AppendFacts, CommitFacts, CountSelfFacts, TruncateFacts
from learnetcd.tracing import Verdict
from learnetcd.tracing.replication import (
    AppendNotNeeded,
    AppendRefused,
    AppendSent,
    CommitHeldBack,
    CommitLearned,
    EntriesAccepted,
    EntriesRemoved,
    EntryCommitted,
    HeartbeatHeard,
    HeartbeatsSent,
    LeaderAppended,
    MatchAdvanced,
    ModeChanged,
    NextIndexMovedBack,
    ProposalDropped,
    ProposalForwarded,
)

if TYPE_CHECKING:
    from learnetcd.raft.raft import Raft

Payloads = Sequence[bytes | ConfigChange]


class ProposalRefused(Exception):
    """A proposal went nowhere; the message says why."""


# -- proposals ---------------------------------------------------------------------------------


def propose(raft: Raft, payloads: Payloads) -> None:
    """Put payloads into the log: as leader, or by passing them to the leader."""
    reason = refusal(raft)
    if not reason and isinstance(raft.role, Leader):
        checked = tuple(membership.checked_payloads(raft, payloads))
        if append_as_leader(raft, checked):
            broadcast_append(raft)
            return
        reason = "too much is uncommitted already"
    if reason:
        raft.trace(ProposalDropped(reason))
        raise ProposalRefused(reason)
    raft.send(ForwardProposal(raft.id, raft.leader, 0, tuple(payloads)))
    raft.trace(ProposalForwarded(raft.leader, len(payloads)))


def propose_forwarded(raft: Raft, message: ForwardProposal) -> None:
    """Take a proposal that another member passed on; nobody waits here for its fate."""
    with suppress(ProposalRefused):  # traced; the client's time-out tells the rest
        propose(raft, message.payloads)


def refusal(raft: Raft) -> str:
    """Say why a proposal can't be taken here; empty if it can."""
    match raft.role:
        case Leader(progress=progress) if raft.id not in progress:
            return "this leader was removed"
        case Leader(transfer_target=target) if target != NO_MEMBER:
            return "leadership is being handed over"
        case Leader():
            return ""
        case Follower(leader=leader) if leader != NO_MEMBER:
            return "" if raft.config.forward_proposals else "this member does not lead"
        case _:
            return f"nobody leads term {raft.term}"


def append_as_leader(raft: Raft, payloads: Payloads) -> bool:
    """Append to the leader's own log; False when the quota of uncommitted bytes is used up."""
    assert isinstance(raft.role, Leader), "only a leader appends proposals"
    first = raft.log.last_index + 1
    entries = [Entry(first + i, raft.term, payload) for i, payload in enumerate(payloads)]
    size = sum(entry.size for entry in entries)
    used = raft.role.uncommitted_bytes
    if used > 0 and size > 0 and used + size > raft.config.max_uncommitted_bytes:
        return False
    raft.role.uncommitted_bytes += size
    raft.log.append(entries)
    last = entries[-1].index
    raft.trace(LeaderAppended(first, last, raft.term, empty=payloads[0] == b""))
    own_copy = AppendEntriesReply(raft.id, raft.id, raft.term, last)
    # Thesis §10.2.1: the leader may write to its disk in parallel with its followers, but then its
    # own copy counts only when the write is done.
    if raft.config.rules.count_self.allows(CountSelfFacts(last, raft.log.durable_index)):
        take_append_reply(raft, own_copy)
    else:
        raft.send_promise(own_copy)
    return True


# -- sending -----------------------------------------------------------------------------------


def others(raft: Raft) -> list[tuple[int, Progress]]:
    """The other members and what the leader knows of them, sorted: replay needs one order."""
    assert isinstance(raft.role, Leader), "only a leader tracks other members"
    return [(m, known) for m, known in sorted(raft.role.progress.items()) if m != raft.id]


def broadcast_append(raft: Raft) -> None:
    """Send everybody what they miss, or at least the news."""
    for member, _ in others(raft):
        send_append(raft, member)


def send_append(raft: Raft, member: int, even_if_empty: bool = True) -> bool:
    """Send a member the entries from its next_index on; True if something was sent."""
    assert isinstance(raft.role, Leader), "only a leader sends entries"
    progress = raft.role.progress[member]
    if progress.paused:
        return False
    log = raft.log
    previous_index = progress.next_index - 1
    previous_term = log.term_at(previous_index)
    if previous_term is None:
        return compaction.send_snapshot(raft, member, progress)
    entries: tuple[Entry, ...] = ()
    if progress.mode is not Mode.REPLICATE or not progress.inflight.full:
        entries = next_entries(raft, progress)
    if not entries and not even_if_empty:
        return False
    raft.send(
        AppendEntries(
            raft.id, member, raft.term, previous_index, previous_term, entries, log.commit_index
        )
    )
    last = previous_index + len(entries)
    raft.trace(
        AppendSent(
            member, previous_index + 1, last, previous_index, previous_term, log.commit_index
        )
    )
    progress.sent(entries, log.commit_index)
    return True


def next_entries(raft: Raft, progress: Progress) -> tuple[Entry, ...]:
    """The entries that fit into the next message to a member."""
    last_index, max_bytes = raft.log.last_index, raft.config.max_append_bytes
    if progress.next_index > last_index:
        return ()
    # Entries of one message are few; looking at no more than 1,024 keeps a long log cheap.
    return raft.log.entries(
        progress.next_index, min(last_index, progress.next_index + 1023), max_bytes
    )


def broadcast_heartbeat(raft: Raft) -> None:
    """Tell everybody that the leader is there (Raft §5.2)."""
    assert isinstance(raft.role, Leader), "only a leader sends heartbeats"
    read_round = raft.role.read_round if raft.role.pending_reads else 0
    for member, progress in others(raft):
        # Never above match_index: a heartbeat has no previous-entry check, so the receiver could
        # otherwise commit an entry of its own that the leader never had.
        commit_index = min(progress.match_index, raft.log.commit_index)
        raft.send(Heartbeat(raft.id, member, raft.term, commit_index, read_round))
        progress.sent_commit = commit_index
    raft.trace(HeartbeatsSent(tuple(member for member, _ in others(raft)), read_round))


# -- receiving ---------------------------------------------------------------------------------


def accept_entries(raft: Raft, append: AppendEntries) -> None:
    """Store entries from the leader, if the one before them matches (Figure 2, AppendEntries)."""
    log, leader = raft.log, append.sender
    if append.previous_index < log.commit_index:
        # What is committed here is the leader's too: nothing of that can differ.
        raft.send_promise(AppendEntriesReply(raft.id, leader, raft.term, log.commit_index))
        raft.trace(AppendNotNeeded(leader, log.commit_index))
        return
    (raft.config.parts.append_entries or append_entries)(raft, append)


def append_entries(raft: Raft, append: AppendEntries) -> None:
    """Take what is not committed yet, or refuse it."""
    log, leader = raft.log, append.sender
    verdict = raft.config.rules.accept_append.verdict(append_facts(raft, append))
    if not verdict.allowed:
        refuse_append(raft, append, verdict)
        return
    last_new = append.previous_index + len(append.entries)
    position = first_to_write(raft, append.entries)
    fresh = append.entries[position:]
    if fresh:
        log.append(fresh)
    raft.trace(
        EntriesAccepted(
            leader,
            append.previous_index + 1,
            last_new,
            append.previous_index,
            append.previous_term,
            already_there=not fresh,
        )
    )
    # Only up to what this message verified: entries of ours behind that may differ from the
    # leader's (Figure 2, step 5: "index of last new entry").
    learn_commit(raft, min(append.commit_index, last_new))
    raft.send_promise(AppendEntriesReply(raft.id, leader, raft.term, last_new))


def append_facts(raft: Raft, append: AppendEntries) -> AppendFacts:
    """Gather what the previous-entry check looks at."""
    return AppendFacts(
        append.previous_index,
        append.previous_term,
        raft.log.last_index,
        raft.log.term_at(append.previous_index),
    )


def first_to_write(raft: Raft, entries: Sequence[Entry]) -> int:
    """Find the first entry that is not in the log yet, as a position in `entries`.

    Entries that are there already stay: this may be an old message, and what follows them may be
    acknowledged since (Figure 2, step 3: only an entry that conflicts is removed).
    """
    log = raft.log
    for position, entry in enumerate(entries):
        if entry.index > log.last_index:
            return position
        own_term = log.term_at(entry.index)
        assert own_term is not None, f"entry {entry.index} is compacted and yet not committed"
        verdict = raft.config.rules.truncate.verdict(
            TruncateFacts(entry.index, own_term, entry.term)
        )
        if verdict.allowed:
            raft.trace(EntriesRemoved(entry.index, log.last_index, verdict))
            return position
    return len(entries)


def refuse_append(raft: Raft, append: AppendEntries, verdict: Verdict[AppendFacts]) -> None:
    """Refuse, with a hint where the logs could agree."""
    start = min(append.previous_index, raft.log.last_index)
    hint_index, hint_term = raft.log.last_index_not_after(start, append.previous_term)
    raft.trace(AppendRefused(append.sender, verdict, hint_index))
    raft.send_promise(
        AppendEntriesReply(
            raft.id, append.sender, raft.term, append.previous_index, True, hint_index, hint_term
        )
    )


def accept_heartbeat(raft: Raft, heartbeat: Heartbeat) -> None:
    """Hear that the leader is there, and how far the log is committed."""
    raft.trace(HeartbeatHeard(heartbeat.sender, heartbeat.commit_index))
    learn_commit(raft, heartbeat.commit_index)
    raft.send(HeartbeatReply(raft.id, heartbeat.sender, raft.term, heartbeat.read_round))


def learn_commit(raft: Raft, commit_index: int) -> None:
    """Move a follower's commit index forward."""
    known = raft.log.commit_index
    if commit_index > known:
        raft.log.commit_to(commit_index)
        raft.trace(CommitLearned(known + 1, commit_index))


# -- answers -----------------------------------------------------------------------------------


def take_append_reply(raft: Raft, reply: AppendEntriesReply) -> None:
    """Learn from a member where its log agrees."""
    if not isinstance(raft.role, Leader) or reply.sender not in raft.role.progress:
        return
    progress = raft.role.progress[reply.sender]
    progress.recent_active = True
    if reply.rejected:
        look_further_back(raft, reply, progress)
        return
    grew = progress.acknowledge(reply.index)
    if grew:
        raft.trace(MatchAdvanced(reply.sender, reply.index))
    if grew or (progress.match_index == reply.index and progress.mode is Mode.PROBE):
        agreed(raft, reply, progress)


def look_further_back(raft: Raft, reply: AppendEntriesReply, progress: Progress) -> None:
    """Move next_index back after a refusal and try again.

    The follower's hint names its last entry that is not newer than the leader's previous one; the
    leader looks for its own last entry that is not newer than the hint. A whole divergent term is
    skipped at once.
    """
    hint_index = reply.hint_index
    if reply.hint_term > 0:
        hint_index, _ = raft.log.last_index_not_after(reply.hint_index, reply.hint_term)
    if not progress.refuse(reply.index, hint_index):
        return
    raft.trace(NextIndexMovedBack(reply.sender, reply.index, progress.next_index))
    if progress.mode is Mode.REPLICATE:
        change_mode(raft, reply.sender, progress, Mode.PROBE, "it refused an append")
    send_append(raft, reply.sender)


def agreed(raft: Raft, reply: AppendEntriesReply, progress: Progress) -> None:
    """Go on from an acknowledgement: send faster, commit, tell, hand over."""
    member = reply.sender
    if progress.mode is Mode.PROBE:
        change_mode(raft, member, progress, Mode.REPLICATE, f"the logs agree at {reply.index}")
    elif progress.mode is Mode.REPLICATE:
        progress.inflight.free_to(reply.index)
    elif progress.match_index + 1 >= raft.log.first_index:
        # Any acknowledgement that reaches the log will do, not only that of the snapshot sent.
        change_mode(raft, member, progress, Mode.REPLICATE, "its log reaches the leader's again")
    if not commit_and_tell(raft) and member != raft.id and can_bump_commit(raft, progress):
        send_append(raft, member)
    if member != raft.id:
        while send_append(raft, member, even_if_empty=False):
            pass
        transfer.continue_transfer(raft, member, progress)


def can_bump_commit(raft: Raft, progress: Progress) -> bool:
    """Whether a member misses the news of the commit index, and no append will bring it."""
    return raft.log.commit_index > progress.sent_commit < progress.next_index - 1


def change_mode(raft: Raft, member: int, progress: Progress, mode: Mode, reason: str) -> None:
    """Send to a member in another way."""
    if mode is Mode.PROBE:
        progress.become_probe()
    else:
        progress.become_replicate()
    if member != raft.id:
        raft.trace(ModeChanged(member, mode.value, reason))


def take_heartbeat_reply(raft: Raft, reply: HeartbeatReply) -> None:
    """Hear that a member is there; whoever was waited for may be sent to again."""
    if not isinstance(raft.role, Leader) or reply.sender not in raft.role.progress:
        return
    progress = raft.role.progress[reply.sender]
    progress.recent_active = True
    progress.waiting = False  # the probe, or an acknowledgement, may have been lost
    if progress.match_index < raft.log.last_index or progress.mode is Mode.PROBE:
        send_append(raft, reply.sender)
    reads.take_confirmation(raft, reply.sender, reply.read_round)


def unreachable(raft: Raft, member: int) -> None:
    """A message to a member was lost: go back to one append at a time."""
    if isinstance(raft.role, Leader) and member in raft.role.progress:
        progress = raft.role.progress[member]
        if progress.mode is Mode.REPLICATE:
            change_mode(raft, member, progress, Mode.PROBE, "a message to it was lost")


# -- commit ------------------------------------------------------------------------------------


def quorum_index(raft: Raft) -> int:
    """The highest index that a quorum holds durably, as far as the leader knows."""
    assert isinstance(raft.role, Leader), "only a leader knows what others hold"
    configuration = raft.configuration
    acknowledged = {member: known.match_index for member, known in raft.role.progress.items()}
    return joint_committed_index(configuration.voters, configuration.outgoing, acknowledged)


def commit_facts(raft: Raft, index: int) -> CommitFacts:
    """Gather what the rule of committing looks at, for the entry at `index`."""
    assert isinstance(raft.role, Leader), "only a leader commits by counting"
    configuration, progress = raft.configuration, raft.role.progress
    copies = tuple(
        member
        for member in sorted(progress)
        if progress[member].match_index >= index and configuration.is_voter(member)
    )
    return CommitFacts(
        index=index,
        entry_term=raft.log.term_at(index) or 0,
        current_term=raft.term,
        copies=copies,
        needed=majority(max(len(configuration.voters), len(configuration.outgoing))),
        quorum_index=quorum_index(raft),
    )


def commit_and_tell(raft: Raft) -> bool:
    """Commit what can be committed and let everybody know; False if there is nothing new."""
    if not (raft.config.parts.advance_commit or advance_commit)(raft):
        return False
    reads.release_early_reads(raft)
    broadcast_append(raft)
    return True


def advance_commit(raft: Raft) -> bool:
    """Commit what a quorum holds, if it is of the leader's own term (Raft §5.4.2, Figure 8)."""
    reached = quorum_index(raft)
    committed = raft.log.commit_index
    if reached <= committed:
        return False
    verdict = raft.config.rules.commit.verdict(commit_facts(raft, reached))
    if not verdict.allowed:
        raft.trace(CommitHeldBack(reached, verdict))
        return False
    raft.log.commit_to(reached)
    raft.trace(EntryCommitted(committed + 1, reached, verdict))
    return True
