"""Trace events about who leads: timers, votes, terms, roles.

Next page: `replication`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from learnetcd.tracing.event import TraceEvent, member_name
from learnetcd.tracing.rule import Verdict
from learnetcd.value import dataclass

Name = Callable[[int], str]


@dataclass(slots=True)
class ElectionTimerDrawn(TraceEvent):
    """A member will stand for election unless it hears from a leader in time."""

    source: ClassVar[str] = "learnetcd.raft.election:draw_timeout"
    citation: ClassVar[str] = "Raft §5.2: randomised election timeouts"
    aside: ClassVar[bool] = True
    ticks: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} drew a new election timeout: {self.ticks} ticks without a leader."


@dataclass(slots=True)
class ElectionStarted(TraceEvent):
    """A member asks for votes."""

    source: ClassVar[str] = "learnetcd.raft.election:campaign"
    citation: ClassVar[str] = "Raft §5.2; Figure 2, rules for candidates"
    term: int
    pre_vote: bool
    reason: str
    needed: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        act = "asks whether it could win" if self.pre_vote else "votes for itself and stands in"
        votes = "1 vote" if self.needed == 1 else f"{self.needed} votes"
        return f"{me} {act} term {self.term}: {self.reason}. It needs {votes}."


@dataclass(slots=True)
class BecameCandidate(TraceEvent):
    """A follower is a candidate now."""

    source: ClassVar[str] = "learnetcd.raft.election:become_candidate"
    citation: ClassVar[str] = "Raft §5.2"
    landmark: ClassVar[bool] = True
    term: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} is a candidate now, in term {self.term}."


@dataclass(slots=True)
class ElectionNotStarted(TraceEvent):
    """The timer fired and nothing came of it."""

    source: ClassVar[str] = "learnetcd.raft.election:stand"
    citation: ClassVar[str] = "etcd/raft hup"
    reason: str

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} does not stand for election: {self.reason}."


@dataclass(slots=True)
class VoteGranted(TraceEvent):
    """A voter said yes; the answer leaves when the vote is on disk."""

    source: ClassVar[str] = "learnetcd.raft.election:answer_vote_request"
    citation: ClassVar[str] = "Raft §5.2, §5.4.1"
    candidate: int
    term: int
    pre_vote: bool
    verdict: Verdict[Any]

    def sentence(self, me: str, name: Name = member_name) -> str:
        act = "would vote" if self.pre_vote else "votes"
        return (
            f"{me} {act} for {name(self.candidate)} in term {self.term}: {self.verdict.because()}."
        )


@dataclass(slots=True)
class VoteRefused(TraceEvent):
    """A voter said no."""

    source: ClassVar[str] = "learnetcd.raft.election:answer_vote_request"
    citation: ClassVar[str] = "Raft §5.2, §5.4.1"
    candidate: int
    term: int
    pre_vote: bool
    verdict: Verdict[Any]

    def sentence(self, me: str, name: Name = member_name) -> str:
        what = "pre-vote" if self.pre_vote else "vote"
        return f"{me} refused its {what} for {name(self.candidate)}: {self.verdict.because()}."


@dataclass(slots=True)
class VoteCounted(TraceEvent):
    """A candidate heard from a voter."""

    source: ClassVar[str] = "learnetcd.raft.election:count_vote"
    citation: ClassVar[str] = "Raft §5.2"
    voter: int
    granted: bool
    votes: int
    needed: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        said = "yes" if self.granted else "no"
        who = "itself" if name(self.voter) == me else name(self.voter)
        return f"{me} has a {said} from {who}: {self.votes} of {self.needed} votes."


@dataclass(slots=True)
class BecameLeader(TraceEvent):
    """A candidate won."""

    source: ClassVar[str] = "learnetcd.raft.election:become_leader"
    citation: ClassVar[str] = "Raft §5.2; Figure 2, rules for candidates"
    term: int
    voters: tuple[int, ...]
    landmark: ClassVar[bool] = True

    def sentence(self, me: str, name: Name = member_name) -> str:
        voters = ", ".join(name(voter) for voter in self.voters)
        return f"{me} leads term {self.term}: it has the votes of {voters}."


@dataclass(slots=True)
class ElectionLost(TraceEvent):
    """A quorum said no."""

    source: ClassVar[str] = "learnetcd.raft.election:count_vote"
    citation: ClassVar[str] = "Raft §5.2"
    term: int
    pre_vote: bool

    def sentence(self, me: str, name: Name = member_name) -> str:
        what = "would not win" if self.pre_vote else "can't win"
        return f"{me} {what} term {self.term}: too many refused."


@dataclass(slots=True)
class TermRaised(TraceEvent):
    """A member saw a higher term than its own."""

    source: ClassVar[str] = "learnetcd.raft.election:become_follower"
    citation: ClassVar[str] = "Raft §5.1; Figure 2, rules for all servers"
    old: int
    new: int
    vote_cleared: bool

    def sentence(self, me: str, name: Name = member_name) -> str:
        free = " and is free to vote again" if self.vote_cleared else ""
        return f"{me} heard of term {self.new}: it leaves term {self.old} behind{free}."


@dataclass(slots=True)
class CandidateGaveUp(TraceEvent):
    """A candidate is a follower again."""

    source: ClassVar[str] = "learnetcd.raft.election:become_follower"
    citation: ClassVar[str] = "Raft §5.2"
    term: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} is no candidate any more; it follows in term {self.term}."


@dataclass(slots=True)
class LeaderSteppedDown(TraceEvent):
    """A leader is a follower again."""

    source: ClassVar[str] = "learnetcd.raft.election:become_follower"
    citation: ClassVar[str] = "Raft §5.1"
    old_term: int
    term: int
    reason: str
    landmark: ClassVar[bool] = True

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} steps down as leader of term {self.old_term}: {self.reason}."


@dataclass(slots=True)
class LeaderLearned(TraceEvent):
    """A member knows now who leads its term."""

    source: ClassVar[str] = "learnetcd.raft.election:follow"
    citation: ClassVar[str] = "Raft §5.2"
    leader: int
    term: int
    landmark: ClassVar[bool] = True

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} follows {name(self.leader)}, the leader of term {self.term}."


@dataclass(slots=True)
class LeaderForgot(TraceEvent):
    """A follower was told to forget who leads."""

    source: ClassVar[str] = "learnetcd.raft.transfer:forget_leader"
    citation: ClassVar[str] = "etcd/raft ForgetLeader"
    leader: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} forgets that {name(self.leader)} leads, and may vote for somebody else."


@dataclass(slots=True)
class CandidateIgnored(TraceEvent):
    """A vote request that could only do harm."""

    source: ClassVar[str] = "learnetcd.raft.raft:Raft.step"
    citation: ClassVar[str] = "Raft §6; Thesis §4.2.3"
    candidate: int
    leader: int
    heard_ticks_ago: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        ticks = {0: "less than a tick", 1: "a tick"}.get(
            self.heard_ticks_ago, f"{self.heard_ticks_ago} ticks"
        )
        why = f"it heard {name(self.leader)} {ticks} ago"
        if name(self.leader) == me:
            why = "it leads"
        return f"{me} ignores the candidate {name(self.candidate)}: {why}."


@dataclass(slots=True)
class OldTermIgnored(TraceEvent):
    """A message of an older term."""

    source: ClassVar[str] = "learnetcd.raft.raft:Raft.answer_old_term"
    citation: ClassVar[str] = "Raft §5.1"
    sender: int
    what: str
    old: int
    term: int
    answered: bool

    def sentence(self, me: str, name: Name = member_name) -> str:
        act = "refuses" if self.answered else "ignores"
        return (
            f"{me} {act} the {self.what} of {name(self.sender)}: it is of term {self.old}, "
            f"{me} is in term {self.term}."
        )


@dataclass(slots=True)
class QuorumChecked(TraceEvent):
    """A leader counted who answered it during the last election timeout."""

    source: ClassVar[str] = "learnetcd.raft.election:check_quorum"
    citation: ClassVar[str] = "Thesis §6.2"
    heard: tuple[int, ...]
    needed: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        names = ", ".join(name(member) for member in self.heard)
        return f"{me} heard {names} during the last election timeout; it needs {self.needed}."


@dataclass(slots=True)
class TransferStarted(TraceEvent):
    """A leader hands over."""

    source: ClassVar[str] = "learnetcd.raft.transfer:transfer_to"
    citation: ClassVar[str] = "Thesis §3.10"
    target: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} hands leadership to {name(self.target)} and takes no proposals meanwhile."


@dataclass(slots=True)
class TransferEnded(TraceEvent):
    """A hand-over was given up."""

    source: ClassVar[str] = "learnetcd.raft.transfer:abort_transfer"
    citation: ClassVar[str] = "Thesis §3.10"
    target: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} gives up handing leadership to {name(self.target)}."


@dataclass(slots=True)
class TimeoutNowSent(TraceEvent):
    """The target of a hand-over holds the whole log."""

    source: ClassVar[str] = "learnetcd.raft.transfer:send_timeout_now"
    citation: ClassVar[str] = "Thesis §3.10"
    target: int

    def sentence(self, me: str, name: Name = member_name) -> str:
        return f"{me} tells {name(self.target)}, which holds its whole log, to stand now."
