"""Quorum: how many members must agree before the cluster may believe something.

A quorum is any set of voters that outnumbers those left out of it. Two quorums of the same
voters can never miss each other: at least one member is in both, and that member carries what
the first quorum decided into the second. All of Raft's safety hangs on this one shared member.

    voters 1 2 3 4 5, majority 3:     {1 2 3}  and  {3 4 5}     share 3

Raft asks two questions of a quorum:

*How far is the log committed?* Write down how far each voter has acknowledged the leader's log
and sort. Counting the majority from the top gives an index that as many members hold:

    voter           1   2   3   4   5
    acknowledged    7   9   4   9   6
    sorted          4   6  [7]  9   9      three of the five hold index 7, only two hold 8

*Is the election decided?* It is won when a majority said yes, lost when so many said no that
the silent ones can no longer make a majority, and pending until one of the two has happened.

While the cluster moves from one set of voters to another, both sets are asked, and both must
agree (joint consensus). Written `(4 5 6)&&(1 2 3)`: the new half first, the outgoing half second.

    acknowledged    4:9  5:9  6:0  |  1:0  2:0  3:0
    new half        9    outgoing half  0           committed: 0, the minimum of both

Source: Raft §5.2, §5.4.2, §6; etcd/raft quorum/majority.go and quorum/joint.go.

What goes wrong without it. A majority that is one too small (2 of 4) lets two halves of a cut
cluster both commit. Asking the new half alone lets 4 and 5 commit an entry above that none of
1, 2, 3 has seen, while 1, 2, 3 may still elect a leader among themselves: two histories.
Counting whoever answers, instead of the voters only, lets a learner or a member that was removed
(the leader itself, too) stand in for a voter. Hence each function takes the voters as its first
argument, and reads nobody else's answer.

Left out: *which* index may be committed is not decided here. The leader may only count its way to
an entry of its own term (Raft §5.4.2).

Next page: `configuration`, who the voters are and how they change.
"""

from collections.abc import Mapping
from enum import Enum

INFINITE = 2**64 - 1
"""The committed index of no voters at all: no bound. It is above every index that fits in
etcd's unsigned 64 bits, so the minimum of two halves is always the half that has voters."""


class VoteResult(Enum):
    """Where an election stands."""

    WON = "won"
    """A majority granted its vote."""
    LOST = "lost"
    """So many refused that a majority is out of reach."""
    PENDING = "pending"
    """The members who have not answered yet will decide."""


def majority(size: int) -> int:
    """The smallest number of members that outnumbers the rest: 2 of 3, 3 of 4, 3 of 5."""
    return size // 2 + 1


def tolerance(size: int) -> int:
    """How many members may fail while the others still are a majority: 1 of 3, 1 of 4, 2 of 5.

    A fourth member makes the quorum larger and the cluster no safer: prefer odd sizes.
    """
    return max(0, size - majority(size))


def committed_index(voters: tuple[int, ...], acknowledged: Mapping[int, int]) -> int:
    """The highest index that a majority of the voters acknowledged."""
    if not voters:
        return INFINITE
    # A voter that we never heard from holds nothing that we could count on: index 0.
    ascending = sorted([acknowledged.get(voter, 0) for voter in voters])
    # From this place to the end there are exactly majority(size) voters, and each of them
    # acknowledged at least what stands here (etcd/raft MajorityConfig.CommittedIndex).
    return ascending[len(ascending) - majority(len(ascending))]


def joint_committed_index(
    voters: tuple[int, ...], outgoing: tuple[int, ...], acknowledged: Mapping[int, int]
) -> int:
    """The highest index that a majority of each half acknowledged."""
    # Raft §6: agreement needs separate majorities of the old and of the new configuration.
    # A voter in both halves counts in both.
    if not outgoing:  # nearly always: the minimum with INFINITE, saved on the busiest path
        return committed_index(voters, acknowledged)
    return min(committed_index(voters, acknowledged), committed_index(outgoing, acknowledged))


def vote_result(voters: tuple[int, ...], votes: Mapping[int, bool]) -> VoteResult:
    """What the votes so far decide; who is missing in `votes` has not answered yet."""
    if not voters:
        # By convention, as etcd/raft has it: an empty half must not stand in the way of the other.
        return VoteResult.WON
    answers = [votes.get(voter) for voter in voters]
    needed = majority(len(voters))
    # One voter, one answer: a vote that is delivered twice is still one key in the mapping.
    if answers.count(True) >= needed:
        return VoteResult.WON
    if answers.count(True) + answers.count(None) >= needed:
        return VoteResult.PENDING
    return VoteResult.LOST


def joint_vote_result(
    voters: tuple[int, ...], outgoing: tuple[int, ...], votes: Mapping[int, bool]
) -> VoteResult:
    """What the votes so far decide when both halves must be won (Raft §6)."""
    halves = (vote_result(voters, votes), vote_result(outgoing, votes))
    # Asking the new half alone, (1 2 3)&&(1 4 5) would elect a leader by the votes of 2 and 3,
    # while 4 and 5, who may not know of the change yet, elect another one in the same term.
    if VoteResult.LOST in halves:
        return VoteResult.LOST
    if VoteResult.PENDING in halves:
        return VoteResult.PENDING
    return VoteResult.WON
