"""Why somebody leads, or does not; why a vote was given, or was not.

    S2 leads term 1.
      + votes of S1, S2 in term 1; the quorum is 2                     Raft §5.2

    S2 does not vote for S3 in term 2.
      - it already voted for S1 in term 2                              Raft §5.2, §5.4.1
      + S3's log ends with 1@1, its own with 1@1: not behind

To ask why a vote is *not* given, nobody has to ask for one: the request that the candidate would
send now is made up, and the voter's own rule is asked about it. A request of a higher term clears
the voter's vote first (Raft §5.1), so it is asked as it would be then.

Next page: `causes`.
"""

from __future__ import annotations

from dataclasses import replace

from learnetcd.errors import UserError
from learnetcd.raft.election import vote_facts, votes_needed
from learnetcd.raft.entry import NO_MEMBER
from learnetcd.raft.messages import RequestVote
from learnetcd.raft.raft import Raft
from learnetcd.raft.roles import Candidate, Leader
from learnetcd.raft.rules import VoteFacts
from learnetcd.session.narration import Story
from learnetcd.session.subjects import Explanation, Line, verdict_lines
from learnetcd.simulator import moment
from learnetcd.simulator.world import World
from learnetcd.tracing import Verdict, member_name

ELECTION = "Raft §5.2"


# --- roles --------------------------------------------------------------------------------------


def why_role(world: World, member: int) -> Explanation:
    """Why is this member what it is?"""
    me = member_name(member)
    if not world.alive(member):
        return Explanation(f"{me} is down: it has its disk and no memory.")
    raft = moment.core(world, member)
    match raft.role:
        case Leader(elected_by=elected_by):
            names = _names(elected_by)
            won = f"votes of {names} in term {raft.term}; the quorum is {votes_needed(raft)}"
            lines: list[Line] = [("+", won, ELECTION)]
            lines += _newer_leader(world, raft)
            return Explanation(f"{me} leads term {raft.term}.", tuple(lines))
        case Candidate():
            return why_not_leader(world, member)
        case _:
            return _why_follower(raft)


def _newer_leader(world: World, raft: Raft) -> list[Line]:
    newest = moment.leader_of_latest_term(world)
    if newest == raft.id:
        return []
    term = moment.core(world, newest).term
    me, newer = member_name(raft.id), member_name(newest)
    text = f"{newer} leads term {term}: two leaders, but not in one term; {me} has not heard of it"
    return [(" ", text, "Raft §5.1")]


def _why_follower(raft: Raft) -> Explanation:
    me = member_name(raft.id)
    if raft.configuration.is_learner(raft.id):
        return Explanation(f"{me} is a learner: it gets the log and does not stand for election.")
    if raft.leader != NO_MEMBER:
        lines: tuple[Line, ...] = (
            ("+", f"it heard from {member_name(raft.leader)} {_lately(raft)}", ELECTION),
        )
        title = f"{me} follows {member_name(raft.leader)}, the leader of term {raft.term}."
        return Explanation(title, lines)
    left = raft.election_timeout - raft.election_elapsed
    voted = (
        f"it voted for {member_name(raft.vote)} in term {raft.term}"
        if raft.vote != NO_MEMBER
        else f"it has not voted in term {raft.term}"
    )
    return Explanation(
        f"{me} follows nobody: it knows no leader of term {raft.term}.",
        ((" ", voted, ELECTION), (" ", f"it stands for election within {left} ticks", ELECTION)),
    )


def _lately(raft: Raft) -> str:
    """How long ago the election timer was set back."""
    ticks = raft.election_elapsed
    if ticks < 2:
        return "a tick ago" if ticks else "less than a tick ago"
    return f"{ticks} ticks ago"


def why_not_leader(world: World, member: int) -> Explanation:
    """Why does this member not lead?"""
    me = member_name(member)
    if not world.alive(member):
        return Explanation(f"{me} does not lead: it is down.")
    raft = moment.core(world, member)
    role = raft.role
    if isinstance(role, Leader):
        return why_role(world, member)
    if not isinstance(role, Candidate):
        found = _why_follower(raft)
        return Explanation(f"{me} does not lead: it does not stand for election.",
                           ((" ", found.title, ""), *found.lines))  # fmt: skip
    granted = sum(role.votes.values())
    needed = votes_needed(raft)
    lines = [_tally_line(world, raft, role, voter) for voter in _voters(raft)]
    return Explanation(
        f"{me} does not lead yet: it has {granted} of {needed} votes in term {raft.term}.",
        tuple(sorted(lines, key=lambda line: "- +".index(line[0]))),
        needs=tuple(voter for voter in _voters(raft) if not role.votes.get(voter)),
    )


def _tally_line(world: World, raft: Raft, role: Candidate, voter: int) -> Line:
    """What a candidate has from one voter."""
    name = "its own" if voter == raft.id else member_name(voter)
    if role.votes.get(voter):
        return ("+", f"{name}: yes", ELECTION)
    if voter == raft.id:
        return ("-", "its own vote is not on disk yet", "Raft Figure 2")
    if voter in role.votes:
        verdict = _ask(world, voter, raft)
        because = verdict.because() if verdict and not verdict.allowed else "it refused"
        return ("-", f"{name}: no; {because}", ELECTION)
    if not world.alive(voter):
        return (" ", f"{name} is down", "")
    if {(raft.id, voter), (voter, raft.id)} & world.cuts:
        return (" ", f"{name} has not answered: a cut lies between", "")
    return (" ", f"{name} has not answered yet", "")


def _voters(raft: Raft) -> list[int]:
    configuration = raft.configuration
    return sorted({*configuration.voters, *configuration.outgoing})


# --- votes --------------------------------------------------------------------------------------


def why_vote(world: World, voter: int, candidate: int = NO_MEMBER) -> Explanation:
    """Why did this member vote as it did?"""
    if not world.alive(voter):
        state = moment.on_disk(world, voter).hard_state
        whom = member_name(state.vote) if state.vote != NO_MEMBER else "nobody"
        return Explanation(
            f"{member_name(voter)} is down; its disk says: voted for {whom} in term {state.term}."
        )
    raft = moment.core(world, voter)
    if raft.vote == NO_MEMBER or candidate not in (NO_MEMBER, raft.vote):
        return why_not_vote(world, voter, candidate)
    me, whom = member_name(voter), "itself" if raft.vote == voter else member_name(raft.vote)
    first = "it asked itself first" if raft.vote == voter else f"{whom} was the first to ask"
    once = f"a member votes once in a term, and {first}"
    kept = "the vote is on disk before the answer leaves, and lasts as long as the term"
    lines: tuple[Line, ...] = (("+", once, ELECTION), (" ", kept, "Raft Figure 2"))
    return Explanation(f"{me} voted for {whom} in term {raft.term}.", lines)


def why_not_vote(world: World, voter: int, candidate: int = NO_MEMBER) -> Explanation:
    """Why does this member not vote for that candidate?"""
    me = member_name(voter)
    if not world.alive(voter):
        return why_vote(world, voter)
    raft = moment.core(world, voter)
    if candidate == NO_MEMBER:
        candidate = _somebody_who_stands(world, voter)
    if candidate == NO_MEMBER:
        return _nobody_asks(raft)
    whom, asker = member_name(candidate), moment.core(world, candidate)
    term = _term_asked_for(asker)
    if term < raft.term:
        late = f"{whom} asks in term {term}, {me} is in term {raft.term} already"
        return Explanation(f"{me} does not vote for {whom}.", (("-", late, "Raft §5.1"),))
    verdict = _ask(world, voter, asker)
    if verdict is None:
        lately = f"{member_name(raft.leader)} {_lately(raft)}"
        heard = ("-", f"it heard from {lately}: it ignores candidates", "Raft §6; Thesis §4.2.3")
        return Explanation(f"{me} does not vote for {whom}.", (heard,))
    if verdict.allowed:
        title = f"{me} would vote for {whom} in term {term} if it were asked now."
    else:
        title = f"{me} does not vote for {whom} in term {term}."
    return Explanation(title, verdict_lines(verdict), verdict)


def _nobody_asks(raft: Raft) -> Explanation:
    me = member_name(raft.id)
    if raft.vote == NO_MEMBER:
        return Explanation(f"{me} has not voted in term {raft.term}: nobody asks for its vote.")
    whom = "itself" if raft.vote == raft.id else member_name(raft.vote)
    return Explanation(f"{me} voted for {whom} in term {raft.term}; nobody else asks for its vote.")


def _somebody_who_stands(world: World, voter: int) -> int:
    """A candidate whom this voter has not voted for; of several, the one in the highest term."""
    raft = moment.core(world, voter)
    standing = [
        member.raft
        for member in moment.living(world)
        if isinstance(member.raft.role, Candidate) and member.id not in (voter, raft.vote)
    ]
    return max(standing, key=lambda one: one.term).id if standing else NO_MEMBER


def _term_asked_for(candidate: Raft) -> int:
    """The term of the request that it would send now."""
    stands = isinstance(candidate.role, Candidate) and not candidate.role.pre_vote
    return candidate.term if stands else candidate.term + 1


def _ask(world: World, voter: int, candidate: Raft) -> Verdict[VoteFacts] | None:
    """The voter's own rule, asked about the request that the candidate would send now.

    None when it would not even be looked at, because the voter hears from a leader.
    """
    raft = moment.core(world, voter)
    if voter == candidate.id:
        raise UserError(f"{member_name(voter)} always votes for itself when it stands.")
    log = candidate.log
    term = _term_asked_for(candidate)
    request = RequestVote(candidate.id, voter, term, log.last_index, log.last_term)
    facts = vote_facts(raft, request)
    if request.term > raft.term:
        if raft.ignores_candidate(request):
            return None
        facts = replace(facts, current_term=request.term, vote=NO_MEMBER, leader=NO_MEMBER)
    return raft.config.rules.grant_vote.verdict(facts)


# --- terms --------------------------------------------------------------------------------------


def why_term(world: World, story: Story, term: int) -> Explanation:
    """Who led a term, or why did nobody?"""
    highest = max((member.raft.term for member in moment.living(world)), default=0)
    if term > highest:
        return Explanation(f"There is no term {term} yet: the highest is {highest}.")
    election = story.election(term)
    if election.leader:
        voters = _names(tuple(sorted(election.votes[election.leader])))
        return Explanation(
            f"{member_name(election.leader)} led term {term}.",
            (("+", f"{voters} voted for it; the quorum is {election.needed}", ELECTION),),
        )
    votes = sorted(election.votes.items())
    lines = tuple(_candidate_line(candidate, voters) for candidate, voters in votes)
    if not lines:
        return Explanation(f"Nobody led term {term}: nobody stood for election.")
    return Explanation(f"Nobody led term {term}: no candidate had {election.needed} votes.", lines)


def _candidate_line(candidate: int, voters: set[int]) -> Line:
    count = len(voters)
    of = "its own" if voters == {candidate} else f"of {_names(tuple(sorted(voters)))}"
    return ("-", f"{member_name(candidate)} had {count} vote{'s' * (count != 1)}: {of}", ELECTION)


def _names(members: tuple[int, ...]) -> str:
    return ", ".join(member_name(member) for member in members)
