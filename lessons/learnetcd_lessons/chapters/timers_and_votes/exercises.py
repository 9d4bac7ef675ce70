"""Chapter 3: what to predict, to make happen, to write and to break about timers and votes."""

from __future__ import annotations

from learnetcd_lessons.chapter import Chapter
from learnetcd_lessons.exercise import (
    BreakIt,
    Code,
    Hints,
    MakeIt,
    Option,
    Predict,
    Quiz,
    Right,
    Round,
    Wrong,
)
from learnetcd_lessons.goals import disturbed, votes
from learnetcd_lessons.run import Run

# --- predict --------------------------------------------------------------------------------------

NOBODY = Option("nobody", "not leader")
WHO_LEADS = (
    Option("S1", "S1 leads"),
    Option("S2", "S2 leads"),
    Option("S3", "S3 leads"),
    NOBODY,
)

NEXT_LEADER = Predict(
    name="next_leader",
    title="Who leads?",
    task="""
Five clusters, each stopped just before something happens. Read the timers, the terms, the votes and
the logs, and say who leads at the end. Only after your answer is the run played.
""",
    hints=Hints(
        question="Whose timer runs out first? And whom may the others still vote for?",
        rule="A vote is given once in a term, to whoever asks first, if that log is not behind the "
        "voter's: compare the terms of the last entries, and only if they are equal the lengths.",
        near="Go through it by hand: the shortest timer stands in the next term and votes for "
        "itself. For each other member ask two things: is its vote of that term still free, and "
        "is the candidate's log at least as new? Two of three votes win.",
    ),
    rounds=(
        Round(
            "Nobody has led yet. Who leads first?",
            WHO_LEADS,
            setup="timer S1 14; timer S2 11; timer S3 18; link S2 S3 40 40",
            then="run until leader",
        ),
        Round(
            "All three timers are equal. Who leads when every message of term 1 has arrived?",
            WHO_LEADS,
            setup="timer S1 12; timer S2 12; timer S3 12",
            then="run 1250 ms",
        ),
        Round(
            "Two timers are equal, the third is longer. Who leads when every message has arrived?",
            WHO_LEADS,
            setup="timer S1 19; timer S2 12; timer S3 12; link S2 S1 20 20",
            then="run 1300 ms",
        ),
        Round(
            "The leader, S1, has died. S3 was cut off when x was written. Who leads next?",
            WHO_LEADS,
            start="elect S1; cut 12|3; put S1 x=1; settle; crash S1; heal; timer S3 10; "
            "timer S2 16",
            then="run until leader; run 100 ms",
        ),
        Round(
            "S1 has the longest log, of term 1; the others have one entry of term 2. S2, which led "
            "term 2, is down. S1 is the first to stand. Who leads next?",
            WHO_LEADS,
            start="elect S1; cut 1|23; put S1 a; put S1 b; put S1 c; elect S2; put S2 x; settle; "
            "run 1 ms; crash S1; heal; restart S1; crash S2; timer S1 10; timer S3 15",
            then="run until leader; run 100 ms",
        ),
    ),
)

# --- make it happen -------------------------------------------------------------------------------


def all_votes_are_given_and_nobody_can_win(run: Run) -> str:
    """A split vote: three votes of one term, and no two of them for the same."""
    if disturbed(run):
        return "All three must be alive and awake from the start to the end."
    given = votes(run)
    if not given:
        return "Nobody has stood for election yet."
    for term, voted in given.items():
        most = max(list(voted.values()).count(candidate) for candidate in voted.values())
        if len(voted) == len(run.setup.members) and most == 1:
            return ""
        if most >= 2:  # two of three
            continue
        open_ones = sorted({*run.setup.members} - voted.keys())
        names = ", ".join(f"S{member}" for member in open_ones)
        return f"In term {term} somebody may still win: {names} has its vote left."
    return "In each term so far two votes went to the same member: that elects it."


SPLIT_VOTE = MakeIt(
    name="split_vote",
    title="A vote that nobody wins",
    task="""
Make a term in which all three members have given their votes and nobody has two of them. Nobody may
crash or be paused. Fewer acts are better.
""",
    hints=Hints(
        question="How many candidates does it take until no vote is left for any of them?",
        rule="A candidate votes for itself. A member that has not voted gives its vote to whoever "
        "asks first. With two candidates, one vote is left, and it decides.",
        near="So all three must stand in the same term, before the first request of another has "
        "arrived. `time out S1` lets S1 stand now.",
    ),
    goal=all_votes_are_given_and_nobody_can_win,
)

# --- code -----------------------------------------------------------------------------------------

GRANT_VOTE = Code(
    name="grant_vote",
    title="Give a vote, or refuse it",
    task="""
Write `grant_vote(voter, request)`: True if the voter gives its vote, else False. It is called for
each vote request that arrives, after a newer term was taken over (and the old vote forgotten).

Your function then votes in a whole cluster, beside ours. The first answer in which they differ ends
the run.
""",
    hints=Hints(
        question="Three things can forbid the vote. Two are about the voter's memory, one about "
        "the two logs. Which?",
        rule="Raft Figure 2, RequestVote: no to an older term; yes only if votedFor is nobody or "
        "this candidate, and the candidate's log is at least as up to date as the voter's. §5.4.1 "
        "says what that means: the later term of the last entry wins; with equal terms the longer "
        "log.",
        near="Python compares tuples from left to right: put the term of the last entry first and "
        "the index second, and one `>=` says whether a log is at least as new. Mind a candidate "
        "that asks twice, because its first request got lost.",
    ),
    part="grant_vote",
)

# --- break it -------------------------------------------------------------------------------------

TWO_LEADERS = BreakIt(
    name="two_leaders",
    title="Two leaders in one term",
    task="""
A member writes its vote to its disk before it answers, and reads it again when it starts. Here this
rule is off (`broken vote-memory` in the head): a member that restarts has forgotten its vote.

Make two leaders of the same term, in at most 8 acts.
""",
    hints=Hints(
        question="Two leaders of one term need four votes, and there are three members. Who votes "
        "twice, and what must happen to it in between?",
        rule="Raft Figure 2: votedFor is persistent state, updated on stable storage before "
        "responding to RPCs. A crash and a restart wipe out what is not.",
        near="S1 wins with the vote of S2, while S3 hears nothing of it (`cut 1>3 3>1`). S2 "
        "crashes and restarts. Then S3 must stand in the same term, and S2 has a vote again.",
    ),
    twin="vote-memory",
    breaks="election safety",
    most_acts=8,
)

# --- quizzes --------------------------------------------------------------------------------------

WHO_IS_NEEDED = Quiz(
    name="who_is_needed",
    question="S2 stands in a cluster of three. When does it lead?",
    options=(
        Right(
            "When the vote of one other has arrived: two of three, its own included.",
            "A majority is enough; the third may be slow, cut off or dead.",
        ),
        Wrong(
            "When S1 and S3 have both answered yes.",
            belief="M19",
            refuted_by="first-leader",
            because="S2 leads before S3 has even heard of the election.",
        ),
        Wrong(
            "As soon as its timer ran out before all others.",
            belief="M7",
            refuted_by="empty-log-refused",
            because="S3 is the first to stand, and gets no vote: it lacks a committed entry. A "
            "timer decides who asks, never who wins.",
        ),
    ),
)

AFTER_A_RESTART = Quiz(
    name="after_a_restart",
    question="S2 voted for S1 in term 5, lost its power and starts again. S3 asks for its vote in "
    "term 5. What does S2 answer?",
    options=(
        Right("No: its vote is on its disk.", "Whoever has promised must keep it over a crash."),
        Wrong(
            "Yes, if S3's log is as new as its own: a restarted member begins afresh.",
            belief="M4",
            refuted_by="vote-memory",
            because="There S2 does just that, and term 1 has two leaders.",
        ),
        Wrong(
            "Nothing, until it has heard from a leader.",
            belief="M18",
            refuted_by="vote-once",
            because="A member may always answer. Term and vote come back from its disk, so it can.",
        ),
    ),
)

SPLIT = Quiz(
    name="split",
    question="All three members vote for themselves in term 7. What has happened to the cluster?",
    options=(
        Right(
            "It has lost some time: term 7 has no leader, and term 8 follows.",
            "A term without a leader is allowed; a term with two is not.",
        ),
        Wrong(
            "It has split into parts that go on independently.",
            belief="M10",
            refuted_by="split",
            because="No part leads anything. New timers are drawn, and somebody wins term 2.",
        ),
        Wrong(
            "It stands still until somebody restarts a member.",
            belief="M23",
            refuted_by="split",
            because="The timers of candidates run as well, and were drawn anew.",
        ),
    ),
)

WHO_WAITS_AFRESH = Quiz(
    name="who_waits_afresh",
    question="S3 keeps asking for votes, with a log that is behind. What does that do to the "
    "election timer of S2, which refuses?",
    options=(
        Right(
            "Nothing: it starts again only when S2 gives a vote, or hears its leader.",
            "So S2, which could win, stands in its time.",
        ),
        Wrong(
            "Each request starts it again.",
            belief="M11",
            refuted_by="refused-timer",
            because="Then S3, which can't win, would keep S2, which can, from ever standing.",
        ),
        Wrong(
            "It stops until S3 gives up.",
            belief="M11",
            refuted_by="refused-timer",
            because="S2's timer goes on while S3 asks, and runs out.",
        ),
    ),
)

LONGER_TIMEOUTS = Quiz(
    name="longer_timeouts",
    question="Somebody sets the election timeout so short that members stand before heartbeats "
    "reach them. What is in danger?",
    options=(
        Right(
            "Only that anything gets done: leaders fall again and again.",
            "No rule that keeps a term to one leader looks at a clock.",
        ),
        Wrong(
            "Acknowledged writes: two leaders may commit different entries.",
            belief="M7",
            refuted_by="higher-term-deposes",
            because="A needless election costs a leader its office, and nothing else.",
        ),
        Wrong(
            "That a term gets two leaders.",
            belief="M7",
            refuted_by="vote-once",
            because="Two stand in the same moment, and each member still has but one vote in a "
            "term. Two leaders at one time there can be, in two terms: chapter 7.",
        ),
    ),
)

CHAPTER = Chapter(
    number=3,
    folder="timers_and_votes",
    title="Timers and votes",
    summary="Say who will lead, in which term, and what must be on a disk before a vote leaves.",
    exercises=(NEXT_LEADER, SPLIT_VOTE, GRANT_VOTE, TWO_LEADERS),
    quizzes=(WHO_IS_NEEDED, AFTER_A_RESTART, SPLIT, WHO_WAITS_AFRESH, LONGER_TIMEOUTS),
    targets=("A4", "A5", "A6", "A7", "M4", "M7", "M10", "M11", "M18", "M19", "M23"),
)
