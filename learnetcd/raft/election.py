"""Who leads: timers, candidates, votes.

    S2's timer fires          S2: term 1, votes for itself
    S2 -- RequestVote 1 -->   S1, S3: "not voted in term 1, and its log is not behind mine: yes"
    S1 -- yes -->             S2 has 2 of 3: it leads term 1; S3's answer is not needed

A vote is a promise: it leaves after it is on disk, even the candidate's own. The timeout is drawn
anew each time, from one to just under two election timeouts, so that a split vote is not repeated.

Source: Raft §5.2, §5.4.1, Figure 2; Thesis §9.6 for pre-vote, §6.2 for check-quorum.

Left out: priorities. What goes wrong without the rules here: two leaders in one term, or a leader
that lacks a committed entry; both are scenes. Next page: `replication`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learnetcd.raft import replication
from learnetcd.raft.chance import draw
from learnetcd.raft.configuration import ConfigChange
from learnetcd.raft.entry import NO_MEMBER
from learnetcd.raft.messages import (
    RequestPreVote,
    RequestPreVoteReply,
    RequestVote,
    RequestVoteReply,
)
from learnetcd.raft.progress import Inflight, Progress
from learnetcd.raft.quorum import VoteResult, joint_vote_result, majority
from learnetcd.raft.roles import TRANSITIONS, Candidate, Follower, Leader, Role
from learnetcd.raft.rules import VoteFacts
from learnetcd.tracing.elections import (
    BecameCandidate,
    BecameLeader,
    CandidateGaveUp,
    ElectionLost,
    ElectionNotStarted,
    ElectionStarted,
    ElectionTimerDrawn,
    LeaderLearned,
    LeaderSteppedDown,
    QuorumChecked,
    TermRaised,
    VoteCounted,
    VoteGranted,
    VoteRefused,
)

if TYPE_CHECKING:
    from learnetcd.raft.raft import Raft


def draw_timeout(raft: Raft) -> None:
    """Draw a new election timeout, from one to just under two of the shortest."""
    shortest = raft.config.election_ticks
    raft.draws += 1
    raft.election_timeout = shortest + draw(raft.seed, raft.id, raft.draws, shortest)
    raft.trace(ElectionTimerDrawn(raft.election_timeout))


def votes_needed(raft: Raft) -> int:
    """Count the votes that win (in the larger half, while the configuration is joint)."""
    configuration = raft.configuration
    return majority(max(len(configuration.voters), len(configuration.outgoing)))


# -- standing ----------------------------------------------------------------------------------


def stand(raft: Raft, reason: str, transfer: bool = False) -> None:
    """Stand for election, if this member may."""
    if isinstance(raft.role, Leader):
        return
    if not raft.promotable:
        raft.trace(ElectionNotStarted("it is no voter, or has no whole log yet"))
    elif has_unapplied_change(raft):
        # etcd #7280: whoever has not applied a committed change counts by the wrong quorum.
        raft.trace(ElectionNotStarted("a committed change of members is not applied yet"))
    elif raft.config.pre_vote and not transfer:
        become_pre_candidate(raft)
        campaign(raft, reason, raft.term + 1, transfer)
    else:
        become_candidate(raft)
        campaign(raft, reason, raft.term, transfer)


def has_unapplied_change(raft: Raft) -> bool:
    """Whether a change of members is committed here and not applied."""
    log = raft.log
    if log.commit_index <= log.applied_index:
        return False
    unapplied = log.entries(max(log.applied_index + 1, log.first_index), log.commit_index)
    return any(isinstance(entry.payload, ConfigChange) for entry in unapplied)


def campaign(raft: Raft, reason: str, term: int, transfer: bool) -> None:
    """Ask every voter, oneself included."""
    assert isinstance(raft.role, Candidate), "only a candidate asks for votes"
    pre_vote = raft.role.pre_vote
    ask = RequestPreVote if pre_vote else RequestVote
    reply = RequestPreVoteReply if pre_vote else RequestVoteReply
    raft.trace(ElectionStarted(term, pre_vote, reason, votes_needed(raft)))
    for voter in voters(raft):
        if voter == raft.id:
            # Even the own vote counts only once it is durable: a candidate that crashes and comes
            # back must not vote for somebody else in this term.
            raft.send_promise(reply(raft.id, raft.id, term, granted=True))
        else:
            raft.send(ask(raft.id, voter, term, raft.log.last_index, raft.log.last_term, transfer))


def voters(raft: Raft) -> list[int]:
    """Every voter of either half, in order: replay must ask them in the same order."""
    configuration = raft.configuration
    if not configuration.outgoing:
        return list(configuration.voters)
    return sorted({*configuration.voters, *configuration.outgoing})


# -- voting ------------------------------------------------------------------------------------


def vote_facts(raft: Raft, request: RequestVote | RequestPreVote) -> VoteFacts:
    """Gather what the rule of voting looks at."""
    return VoteFacts(
        candidate=request.sender,
        term=request.term,
        pre_vote=isinstance(request, RequestPreVote),
        current_term=raft.term,
        vote=raft.vote,
        leader=raft.leader,
        last_index=raft.log.last_index,
        last_term=raft.log.last_term,
        candidate_last_index=request.last_index,
        candidate_last_term=request.last_term,
    )


def answer_vote_request(raft: Raft, request: RequestVote | RequestPreVote) -> None:
    """Vote, or refuse (Raft Figure 2, RequestVote). Learners vote too.

    A learner may have been made a voter without knowing it yet; if it refused, the voters that do
    know could wait for it for ever.
    """
    pre_vote = isinstance(request, RequestPreVote)
    reply = RequestPreVoteReply if pre_vote else RequestVoteReply
    rule = raft.config.rules.grant_vote
    if not pre_vote:
        rule = raft.config.parts.grant_vote or rule
    verdict = rule.verdict(vote_facts(raft, request))
    if not verdict.allowed:
        raft.trace(VoteRefused(request.sender, request.term, pre_vote, verdict))
        raft.send_promise(reply(raft.id, request.sender, raft.term, granted=False))
        return
    if not pre_vote:
        raft.vote = request.sender
        raft.election_started_at = raft.now  # Raft §5.2: granting a vote restarts the timer
    raft.trace(VoteGranted(request.sender, request.term, pre_vote, verdict))
    raft.send_promise(reply(raft.id, request.sender, request.term, granted=True))


def count_vote(raft: Raft, reply: RequestVoteReply | RequestPreVoteReply) -> None:
    """Count an answer; win, lose, or go on waiting."""
    candidate = raft.role
    if not isinstance(candidate, Candidate):
        return
    if candidate.pre_vote != isinstance(reply, RequestPreVoteReply):
        return
    candidate.votes.setdefault(reply.sender, reply.granted)  # a duplicate counts once
    granted = sum(candidate.votes.values())
    raft.trace(VoteCounted(reply.sender, reply.granted, granted, votes_needed(raft)))
    configuration = raft.configuration
    match joint_vote_result(configuration.voters, configuration.outgoing, candidate.votes):
        case VoteResult.WON if candidate.pre_vote:
            become_candidate(raft)
            campaign(raft, "a quorum would vote for it", raft.term, transfer=False)
        case VoteResult.WON:
            become_leader(raft)
            replication.broadcast_append(raft)
        case VoteResult.LOST:
            raft.trace(ElectionLost(reply.term, candidate.pre_vote))
            become_follower(raft, raft.term, NO_MEMBER)
        case VoteResult.PENDING:
            pass


# -- roles -------------------------------------------------------------------------------------


def enter_role(raft: Raft, role: Role) -> None:
    """Change the role: to one that may follow the present one."""
    change = (raft.role.name, role.name)
    assert change in TRANSITIONS, f"no {change[0]} becomes {change[1]}"
    raft.role = role


def follow(raft: Raft, leader: int) -> bool:
    """Hear from the leader of the present term; False if this member itself leads the term."""
    role = raft.role
    if isinstance(role, Leader):
        return False
    if isinstance(role, Candidate):
        become_follower(raft, raft.term, leader)
    elif role.leader != leader:
        role.leader = leader
        raft.trace(LeaderLearned(leader, raft.term))
    raft.election_started_at = raft.now
    return True


def enter_term(raft: Raft, term: int) -> None:
    """Begin a term, or a new role in the same term: timers start again."""
    if term != raft.term:
        raft.term = term
        raft.vote = NO_MEMBER
    raft.election_started_at = raft.heartbeat_started_at = raft.now
    draw_timeout(raft)


def become_follower(raft: Raft, term: int, leader: int) -> None:
    """Follow `leader`, or nobody yet, in `term` (Raft §5.1)."""
    old_role, old_term = raft.role, raft.term
    if term > old_term:
        raft.trace(TermRaised(old_term, term, vote_cleared=raft.vote != NO_MEMBER))
    enter_term(raft, term)
    enter_role(raft, Follower(leader))
    if isinstance(old_role, Leader):
        is_voter = raft.configuration.is_voter(raft.id)
        reason = "it heard no quorum" if is_voter else "it is no voter any more"
        if term > old_term:
            reason = f"it heard of term {term}"
        raft.trace(LeaderSteppedDown(old_term, term, reason))
    elif isinstance(old_role, Candidate):
        raft.trace(CandidateGaveUp(term))
    if leader != NO_MEMBER:
        raft.trace(LeaderLearned(leader, term))


def become_pre_candidate(raft: Raft) -> None:
    """Ask first whether an election could be won; term, vote and timer stay as they are."""
    enter_role(raft, Candidate(pre_vote=True))


def become_candidate(raft: Raft) -> None:
    """Raise the term and vote for oneself."""
    stood_before = isinstance(raft.role, Candidate) and not raft.role.pre_vote
    enter_term(raft, raft.term + 1)
    raft.vote = raft.id
    enter_role(raft, Candidate())
    if not stood_before:
        raft.trace(BecameCandidate(raft.term))


def become_leader(raft: Raft) -> None:
    """Lead the term that was won (Raft Figure 2, rules for leaders)."""
    assert isinstance(raft.role, Candidate), "only a candidate becomes leader"
    elected_by = tuple(sorted(voter for voter, yes in raft.role.votes.items() if yes))
    enter_term(raft, raft.term)
    last_index = raft.log.last_index
    # The log may hold one change of members that is not applied: up to the last entry, assume that
    # it does.
    leader = Leader({}, pending_change_index=last_index, elected_by=elected_by)
    enter_role(raft, leader)
    for member in raft.configuration.members:
        leader.progress[member] = new_progress(raft, next_index=last_index + 1)
    own = leader.progress[raft.id]
    own.match_index = raft.log.durable_index
    own.become_replicate()
    own.next_index = last_index + 1
    own.recent_active = True
    raft.trace(BecameLeader(raft.term, elected_by))
    if raft.config.empty_entry:
        # Raft §8: an entry of its own term tells the leader what is committed, and commits with it
        # whatever older entries a quorum holds.
        appended = replication.append_as_leader(raft, (b"",))
        assert appended, "the first entry of a term always fits the quota"


def new_progress(raft: Raft, next_index: int, recent_active: bool = False) -> Progress:
    """Begin to track a member: Raft Figure 2, nextIndex and matchIndex."""
    window = Inflight(raft.config.max_inflight_appends, raft.config.max_inflight_bytes)
    return Progress(next_index, window, recent_active)


def check_quorum(raft: Raft) -> None:
    """Step down unless a quorum answered during the last election timeout (Thesis §6.2)."""
    if not raft.config.check_quorum:
        return
    assert isinstance(raft.role, Leader), "only a leader counts who answers"
    configuration, progress = raft.configuration, raft.role.progress
    active = {
        member: progress[member].recent_active for member in voters(raft) if member in progress
    }
    heard = tuple(sorted(member for member, answered in active.items() if answered))
    raft.trace(QuorumChecked(heard, votes_needed(raft)))
    result = joint_vote_result(configuration.voters, configuration.outgoing, active)
    if result is not VoteResult.WON:
        become_follower(raft, raft.term, NO_MEMBER)
        return
    for member, known in progress.items():
        known.recent_active = member == raft.id
