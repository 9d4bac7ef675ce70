"""A member's vote, clause by clause.

Longer, and each refusal stands alone: here a reason could be told to whoever asked, as learnetcd
does in its trace. The comparison of logs is written out; the tuple of the first way says the same.
"""

from learnetcd.own import NO_MEMBER, Voter, VoteRequest


def grant_vote(voter: Voter, request: VoteRequest) -> bool:
    """Give the vote unless one of three things forbids it."""
    if request.term < voter.current_term:
        return False  # of an election that is over
    if voter.voted_for not in (NO_MEMBER, request.candidate):
        return False  # this term's vote is gone
    if request.last_term != voter.last_term:
        return request.last_term > voter.last_term
    return request.last_index >= voter.last_index
