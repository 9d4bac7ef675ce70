"""Chapter 8: what to predict, to make happen, to write and to break about safety."""

from __future__ import annotations

from learnetcd.tracing.replication import CommitHeldBack, EntriesRemoved
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
from learnetcd_lessons.run import Run

# --- predict --------------------------------------------------------------------------------------

STAYS_OR_GOES = (
    Option("x=1 is in S2's store", "S2 applied x=1"),
    Option("x=1 is gone, and will not come back", "not S2 applied x=1"),
)

FIGURE_8 = (
    "elect S1; cut 1|23; put S1 x=1; elect S3; cut 1|2|3; put S3 y=2; cut 12|3; "
    "run until S1 term 2; time out S1; run until S1 leads; settle; "
)
"""S1 leads term 3, and its x=1 of term 1 is on S1 and S2; S3 has y=2, of term 2."""

SAFE_ENTRIES = Predict(
    name="safe_entries",
    title="Which entries are safe?",
    task="""
Four pictures of logs. In each somebody has written `x=1`, and now the worst happens that can. Say
whether x=1 is there in the end. Only after your answer is the run played.
""",
    hints=Hints(
        question="For each: does a majority hold the entry, and of which term was the leader that "
        "counted? Can somebody win who does not have it?",
        rule="§5.4.2: an entry is decided when a majority holds it durably and it is of the term "
        "of the leader that counts, or stands before such an entry. §5.4.1: a voter refuses "
        "whoever's log is behind its own: first by the term of the last entry, then by length.",
        near="Write down the last entry of each member, as (term, index). Whoever is not below "
        "two of the three can win. If one of those lacks x=1, it can go; whether it does depends "
        "on who stands first.",
    ),
    rounds=(
        Round(
            "S1 leads term 1. x=1, of term 1, is on the disks of S1 and S2. S1 dies, and S3, which "
            "has not got it, is the first to stand.",
            STAYS_OR_GOES,
            start="elect S1; cut 12|3; put S1 x=1; run until S1 committed 1; crash S1; heal",
            then="time out S3; run 5 s; elect S2; put S2 z=3; settle",
        ),
        Round(
            "S1 leads term 3. x=1 is of term 1, and on S1 and S2; S3 has one entry of term 2. S1 "
            "is cut off, and S3 stands.",
            STAYS_OR_GOES,
            start=FIGURE_8,
            then="cut 1|23; run until S3 term 3; time out S3; settle",
        ),
        Round(
            "The same, but S1 has written z=3 behind it, in term 3, and that is on S1 and S2, too. "
            "S1 is cut off, and S3 stands; after it S2.",
            STAYS_OR_GOES,
            start=FIGURE_8 + "put S1 z=3; settle",
            then="cut 1|23; run until S3 term 3; time out S3; settle; time out S2; settle",
        ),
        Round(
            "S1 leads term 1. x=1 is on S1 alone, for it was cut off; its client was told nothing. "
            "S1 loses its power, comes back, and is the first to stand.",
            STAYS_OR_GOES,
            start="elect S1; cut 1|23; put S1 x=1; run 20 ms; crash S1; heal; restart S1",
            then="time out S1; run until S1 leads; put S1 z=3; settle",
        ),
    ),
)

INVARIANTS = (
    Option("election safety", "violated election safety"),
    Option("log matching", "violated log matching"),
    Option("leader completeness", "violated leader completeness"),
    Option(
        "none of them: a member loses what it has acknowledged",
        "violated durable log or violated committed is durable",
    ),
)

WHAT_BREAKS = Predict(
    name="what_breaks",
    title="Which invariant breaks?",
    task="""
In each run one rule is off. Which of the invariants of this chapter breaks first? You may try it
before you answer: `rule NAME off` in a scene, or `O` on the screen (`learnetcd tui`).
""",
    hints=Hints(
        question="What did the rule compare, and which sentence about the whole cluster rests on "
        "that?",
        rule="Raft Figure 3 names the sentences. Election safety rests on votes; log matching on "
        "the check of the previous entry; leader completeness on who may win, and on what may be "
        "counted as decided. Durability is what all of them take for granted.",
        near="Two of the rules are about votes: one about how many, one about for whom. Two are "
        "about what a follower or leader has on its disk. One is about what comes before an entry.",
    ),
    rounds=(
        Round(
            "`one-vote` is off: a member votes for whoever asks.",
            INVARIANTS,
            setup="broken one-vote; timer S1 12; timer S2 12; timer S3 19; link S2 S3 20 20",
            then="run until violated election safety",
        ),
        Round(
            "`up-to-date` is off: a member votes for candidates whose logs are behind its own.",
            INVARIANTS,
            setup="broken up-to-date",
            start="elect S1; cut 12|3; put S1 x=1; settle; crash S1; heal",
            then="time out S3; run 50 ms",
        ),
        Round(
            "`previous-entry` is off: a follower stores entries whatever stands before them.",
            INVARIANTS,
            setup="broken previous-entry",
            start="elect S1; put S1 a; settle; cut 1|23; put S1 b; elect S2; put S2 c; settle; "
            "elect S3; crash S1; heal; restart S1",
            then="put S3 d; run until violation",
        ),
        Round(
            "`truncate-on-conflict` is off: an append removes all that stands behind its entries, "
            "also when nothing differs. A copy of an old append arrives late.",
            INVARIANTS,
            setup="broken truncate-on-conflict",
            start="elect S1; crash S3; put S1 a; duplicate S1>S2 append; hold S1>S2 append; "
            "deliver S1>S2 append; put S1 b; deliver S1>S2 append; deliver S2>S1 append reply; "
            "deliver S2>S1 append reply",
            then="release S1>S2 append; deliver S1>S2 append",
        ),
        Round(
            "`own-term` is off: a leader counts the copies of any entry. It is Figure 8, with "
            "three members.",
            INVARIANTS,
            setup="broken own-term",
            start=FIGURE_8,
            then="cut 1|23; run until S3 term 3; time out S3; run until S3 leads",
        ),
    ),
)

# --- make it happen -------------------------------------------------------------------------------


def held_by_a_majority_then_gone(run: Run) -> str:
    """An entry that a majority held durably, that was not committed, and that was removed."""
    held = run.told(CommitHeldBack)
    if not held:
        return (
            "No leader has found an entry on a majority yet that it may not commit: one that is of "
            "an older term than its own."
        )
    removed = run.told(EntriesRemoved)
    for one in held:
        for gone in removed:
            is_it = gone.event.first <= one.event.index <= gone.event.last
            if gone.step > one.step and is_it:
                return ""
    index = held[0].event.index
    return f"Entry {index} was on a majority and not committed. Nobody has removed it since."


OVERWRITTEN = MakeIt(
    name="overwritten",
    title="On a majority, and gone",
    task="""
Make an entry reach the disks of two of three members without being committed; then have it
overwritten. All rules are on.

Fewer acts are better.
""",
    hints=Hints(
        question="A leader commits at once what a majority holds, if it may. When may it not?",
        rule="§5.4.2: a leader never counts copies of an entry of an earlier term. So the entry "
        "must get to its second member under a leader of a later term. And to be overwritten "
        "somebody must win who has something else at its place, of a term in between.",
        near="S1 writes in term 1 and is cut off. S3 wins term 2 with the vote of S2 and writes, "
        "alone. S1 wins term 3 with the vote of S2, and gives it the entry. Then S3 wins again.",
    ),
    goal=held_by_a_majority_then_gone,
)

# --- code -----------------------------------------------------------------------------------------

ADVANCE_COMMIT = Code(
    name="advance_commit",
    title="What is decided?",
    task="""
Write `advance_commit(leader)`: the index up to which a leader's log is committed, just after
somebody told it how far his log agrees.

Your function then decides in a whole cluster, beside ours. The first answer in which they differ
ends the run.
""",
    hints=Hints(
        question="With three members, which of the three numbers in `match_index` does a majority "
        "reach? And is that all?",
        rule="Raft Figure 2, rules for leaders: if there exists an N > commitIndex, a majority of "
        "matchIndex[i] >= N, and log[N].term == currentTerm: set commitIndex = N.",
        near="Sort the numbers, the highest first: the one in the middle is held by a majority. "
        "Look at the term of the entry there. Mind that indexes begin with 1 and lists with 0, "
        "that a match index may be 0, and that the commit index never falls.",
    ),
    part="advance_commit",
)

# --- break it -------------------------------------------------------------------------------------

FIGURE_EIGHT = BreakIt(
    name="figure_eight",
    title="Figure 8, by hand",
    task="""
Here a leader counts the copies of any entry (`broken own-term` in the head). A client is told
"done", and later its write is gone at every member: two members have applied different entries at
the same index.

Make that happen with three members, in at most 12 acts.
""",
    hints=Hints(
        question="You have made an entry go that a majority held. What else must happen before "
        "it goes, so that somebody believed in it?",
        rule="Raft Figure 8 needs five servers; three are enough, with one place in the log. S1 "
        "must commit the old entry in term 3: the rule that forbids it is off.",
        near="Take your way through `overwritten`. When S1 has told S2 in term 3, and S2 has "
        "answered, S1 commits. Then cut S1 off, and let S3 win and go on until it has committed "
        "its own.",
    ),
    twin="own-term",
    breaks="state machine safety",
    most_acts=12,
)

# --- quizzes --------------------------------------------------------------------------------------

ON_A_MAJORITY = Quiz(
    name="on_a_majority",
    question="An entry is on the disks of three of five members. Is it committed?",
    options=(
        Right(
            "That depends on whose term it is, and on who counted.",
            "If the leader of its own term has heard of the three, yes. If it is left over from an "
            "older term, not before an entry of the leader's own term stands behind it.",
        ),
        Wrong(
            "Yes: a majority has it, so it can't be lost any more.",
            belief="M2",
            refuted_by="fig8-on",
            because="There two of three hold b, and it is removed.",
        ),
        Wrong(
            "Yes, as soon as the three have synced their disks.",
            belief="M2",
            refuted_by="fig8-on",
            because="b is durable at two of three members. What is missing is not a disk, it is "
            "the leader's own term.",
        ),
    ),
)

WRONG_GUESS = Quiz(
    name="wrong_guess",
    question="A leader's next index for a follower is far too high. What can happen?",
    options=(
        Right(
            "The follower refuses, and the leader tries further down.",
            "It costs messages. What the follower stores is decided by its own check.",
        ),
        Wrong(
            "The follower's log gets a gap.",
            belief="M6",
            refuted_by="probe-back",
            because="It refuses each append whose previous entry it does not have.",
        ),
        Wrong(
            "The leader counts copies that are not there.",
            belief="M6",
            refuted_by="probe-back",
            because="It counts by the match index, which comes from answers. The next index is a "
            "guess, and is only used to choose what to send.",
        ),
    ),
)

TWO_AT_ONCE = Quiz(
    name="two_at_once",
    question="S1 leads term 1 and is cut off; S3 is elected in term 2. For some seconds both call "
    "themselves leader. Which invariant is broken?",
    options=(
        Right(
            "None: they lead different terms.",
            "Election safety speaks of one term. The old leader can't reach a majority, so it can "
            "decide nothing.",
        ),
        Wrong(
            "Election safety: there is never more than one leader.",
            belief="M3",
            refuted_by="cut-leader",
            because="Two leaders are there at the same time, and all invariants hold.",
        ),
        Wrong(
            "Leader completeness: the new leader lacks what the old one writes now.",
            belief="M24",
            refuted_by="cut-leader",
            because="What S1 writes now is not committed, so nobody has to have it.",
        ),
    ),
)

CHAPTER = Chapter(
    number=8,
    folder="why_it_is_safe",
    title="Why it is safe",
    summary="Say which writes can't be lost any more, and why no election can change that.",
    exercises=(SAFE_ENTRIES, OVERWRITTEN, ADVANCE_COMMIT, FIGURE_EIGHT, WHAT_BREAKS),
    quizzes=(ON_A_MAJORITY, WRONG_GUESS, TWO_AT_ONCE),
    targets=("A2", "A8", "A11", "M2", "M3", "M6", "M24"),
)
"""Chapter 8: why it is safe."""
