"""A part of a member that is yours: you write it, the cluster runs it, and it is held to ours.

    # mine.py
    from learnetcd.own import Voter, VoteRequest

    def grant_vote(voter: Voter, request: VoteRequest) -> bool:
        return voter.voted_for in (0, request.candidate)

    $ learnetcd own mine.py
    After message 23 of the scene newer-beats-longer (RequestVote, S1 to S2), yours granted, the
    reference refused, because S1's log ends with 3@1, its own with 1@2: a leader must have all
    that this voter has.

Pages, in reading order: `values` (what a part is shown), `reference` (what ours answers),
`calling`, `parts` (the table), `file`, `stub`, `disk` and `fitting` (how it gets into a member),
`storm`, `cases`, `divergence` (where the two part), `apart`, `trial`, `command`.
"""

from learnetcd.own.calling import OwnFault
from learnetcd.own.divergence import Divergence, first_divergence
from learnetcd.own.file import Own, load, loaded
from learnetcd.own.parts import FUNCTIONS, PARTS, Function, Part
from learnetcd.own.stub import stub
from learnetcd.own.trial import tried
from learnetcd.own.values import (
    COMPARE_FAILED,
    KEY_EXISTS,
    KEY_NOT_FOUND,
    NO_MEMBER,
    AppendAnswer,
    AppendRequest,
    Command,
    Entry,
    Follower,
    HardState,
    Key,
    Leader,
    Malformed,
    ReadLog,
    Record,
    Refuse,
    Remove,
    Voter,
    VoteRequest,
    Write,
    crc32c,
    walpb,
)

__all__ = [
    "COMPARE_FAILED",
    "FUNCTIONS",
    "KEY_EXISTS",
    "KEY_NOT_FOUND",
    "NO_MEMBER",
    "PARTS",
    "AppendAnswer",
    "AppendRequest",
    "Command",
    "Divergence",
    "Entry",
    "Follower",
    "Function",
    "HardState",
    "Key",
    "Leader",
    "Malformed",
    "Own",
    "OwnFault",
    "Part",
    "ReadLog",
    "Record",
    "Refuse",
    "Remove",
    "VoteRequest",
    "Voter",
    "Write",
    "crc32c",
    "first_divergence",
    "load",
    "loaded",
    "stub",
    "tried",
    "walpb",
]
