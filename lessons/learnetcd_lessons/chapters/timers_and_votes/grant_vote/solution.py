"""A member's vote."""

from learnetcd.own import NO_MEMBER, Voter, VoteRequest


def grant_vote(voter: Voter, request: VoteRequest) -> bool:
    """Give the vote to the first who asks in a term, if its log is not behind."""
    if request.term < voter.current_term:
        return False
    is_free = voter.voted_for in (NO_MEMBER, request.candidate)
    theirs = (request.last_term, request.last_index)
    return is_free and theirs >= (voter.last_term, voter.last_index)
