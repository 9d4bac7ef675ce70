"""Chapter 5: what to predict, to make happen and to write about the way of a write."""

from __future__ import annotations

from learnetcd.member.request import KeyRequest, Outcome
from learnetcd.simulator.clients import ClientRecord
from learnetcd.simulator.moment import value_at
from learnetcd.tracing.replication import EntriesRemoved
from learnetcd_lessons.chapter import Chapter
from learnetcd_lessons.exercise import (
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

ANSWERED_OR_NOT = (
    Option("the client has been told", "answered c1"),
    Option("the client still waits", "not answered c1"),
)

WHEN_ANSWERED = Predict(
    name="when_answered",
    title="When is the client told?",
    task="""
S1 leads a cluster of three. A client writes `x=1`. Each question says what has happened since. Has
the client been told that it is done? Only after your answer is the run played.
""",
    hints=Hints(
        question="Who tells the client: the leader, or the member that was asked? And what must "
        "that member have done before?",
        rule="Raft §5.3: the leader applies an entry to its state machine once it is committed, "
        "and returns the result. In etcd the member that was asked does that, for its own clients, "
        "when it applies the entry itself.",
        near="Count disks: the entry is committed when the leader knows of two that have it. At "
        "the leader the answer follows at once. A follower learns of it only by the next message "
        "from the leader.",
    ),
    rounds=(
        Round(
            "S1 was asked. It has stored x=1, synced its disk, and sent it to both others.",
            ANSWERED_OR_NOT,
            start="elect S1; settle; put S1 x=1",
            then="run 5 ms",
        ),
        Round(
            "... Both others have stored it and synced their disks; their answers are on the way.",
            ANSWERED_OR_NOT,
            start="elect S1; settle; put S1 x=1; run 5 ms",
            then="run 10 ms",
        ),
        Round(
            "... The answer of S2 has arrived at S1. The one of S3 is held up.",
            ANSWERED_OR_NOT,
            setup="link S3 S1 60 60",
            start="elect S1; settle; put S1 x=1; run 15 ms",
            then="run 10 ms",
        ),
        Round(
            "Now S3 was asked, a follower. S1 has the answers of both, and has committed x=1.",
            ANSWERED_OR_NOT,
            start="elect S1; settle; put S3 x=1",
            then="run until S1 committed 1",
        ),
        Round(
            "... The news of that has arrived at S3.",
            ANSWERED_OR_NOT,
            start="elect S1; settle; put S3 x=1; run until S1 committed 1",
            then="run 20 ms",
        ),
    ),
)

COMMIT_INDEXES = (
    Option("0", "not S3 committed 1"),
    Option("1", "S3 committed 1 and not S3 committed 2"),
    Option("2", "S3 committed 2 and not S3 committed 3"),
    Option("3", "S3 committed 3"),
)

WHAT_A_FOLLOWER_KNOWS = Predict(
    name="what_a_follower_knows",
    title="What does S3 know?",
    task="""
S1 leads. What is the commit index of S3, after these messages and no others?
""",
    hints=Hints(
        question="What does a follower learn from an append besides the entries in it?",
        rule="Raft Figure 2, AppendEntries step 5: if leaderCommit > commitIndex, set commitIndex "
        "= min(leaderCommit, index of last new entry). The leader's commit index travels in every "
        "append and every heartbeat, as it was when the message left.",
        near="The append that brings an entry leaves before anybody has acknowledged it, so it "
        "can't say that this entry is committed. The next message can. And a message never "
        "speaks for entries that S3 has not got.",
    ),
    rounds=(
        Round(
            "x=1 was written, and its append has arrived at S3.",
            COMMIT_INDEXES,
            start="elect S1; settle; put S1 x=1",
            then="deliver S1>S3 append; run 3 ms",
        ),
        Round(
            "... S2 has acknowledged x=1, and S1's next heartbeat has arrived at S3.",
            COMMIT_INDEXES,
            start="elect S1; settle; put S1 x=1; run until S1 committed 1",
            then="run 200 ms",
        ),
        Round(
            "x=1 is committed everywhere. y=2 and z=3 were written at once; the append that "
            "brings both has arrived at S3.",
            COMMIT_INDEXES,
            start="elect S1; put S1 x=1; settle; run 200 ms; put S1 y=2; put S1 z=3",
            then="run 13 ms",
        ),
        Round(
            "S3 was cut off while x=1, y=2 and z=3 were committed. The cable is whole again, and "
            "two seconds have passed.",
            COMMIT_INDEXES,
            start="elect S1; settle; cut 12|3; put S1 x=1; put S1 y=2; put S1 z=3; run 50 ms; heal",
            then="run 2 s",
        ),
    ),
)

# --- make it happen -------------------------------------------------------------------------------


def unknown_writes(run: Run) -> list[ClientRecord]:
    """The writes whose clients know nothing."""
    return [
        record
        for record in run.world.clients.values()
        if isinstance(record.request, KeyRequest)
        and record.request.value
        and record.answer is not None
        and record.answer.outcome is Outcome.UNKNOWN
    ]


def done_and_nobody_was_told(run: Run) -> str:
    """A write whose client got no answer, and that every living member has applied."""
    unknown = unknown_writes(run)
    if not unknown:
        return "Every client that wrote was answered, or still waits for it."
    for record in unknown:
        request = record.request
        assert isinstance(request, KeyRequest)
        if any(
            value_at(run.world, member, request.path) == request.value
            for member in run.world.alive_ids
        ):
            return ""
    return f"The client of request {unknown[0].request_id} was told nothing, and no store has it."


DONE_UNANSWERED = MakeIt(
    name="done_unanswered",
    title="Done, and nobody was told",
    task="""
Make a write happen whose client is never told so: its connection breaks, or time runs out. In the
end a living member must have it in its store.

Acts that help are `put S1 x=1`, `crash S1`, `run 6 s`. Fewer acts are better.
""",
    hints=Hints(
        question="Between which two moments must the member fall that the client has asked?",
        rule="Raft §8: if the leader crashes after committing the entry but before responding, "
        "the client does not know. It need not even have committed it: a later leader can.",
        near="Let the entry get to one other disk, and crash the member that was asked. Whoever "
        "has the entry must win the election; and a new leader commits old entries only together "
        "with one of its own.",
    ),
    goal=done_and_nobody_was_told,
)


def accepted_and_lost(run: Run) -> str:
    """A write that a leader took into its log and that was removed from there."""
    unknown = unknown_writes(run)
    if not run.told(EntriesRemoved):
        return "No entry has been removed from any log yet."
    lost = [
        record
        for record in unknown
        if isinstance(record.request, KeyRequest)
        and all(
            value_at(run.world, member, record.request.path) != record.request.value
            for member in run.world.alive_ids
        )
    ]
    return "" if lost else "Something was removed, but no client's write that had no answer."


ACCEPTED_LOST = MakeIt(
    name="accepted_lost",
    title="Accepted, and lost",
    task="""
Make a leader take a write into its log, and let it be removed from there. (Its client will never be
told anything. So nobody has lied.)
""",
    hints=Hints(
        question="Which leader can take a write and not get it to anybody?",
        rule="Raft §5.3: a follower deletes entries that conflict with the leader's. So the one "
        "who took the write must become a follower, of a leader that has something else at that "
        "index.",
        near="Cut the leader off and let it be asked. The others elect a new one, which writes "
        "something too. Then heal, and wait.",
    ),
    goal=accepted_and_lost,
)

# --- code -----------------------------------------------------------------------------------------

APPEND_ENTRIES = Code(
    name="append_entries",
    title="Take entries from the leader",
    task="""
Write `append_entries(follower, request)`: what a follower does with the leader's entries. Here the
logs never conflict (chapter 7 is about that): whatever both have, is equal. But messages may come
late, come twice, or leave a gap.

Your function then serves in a whole cluster, beside ours. The first answer in which they differ
ends the run.
""",
    hints=Hints(
        question="What can the follower's log look like when the message arrives: shorter than "
        "where the new entries begin? longer?",
        rule="Raft Figure 2, AppendEntries: 1. refuse an older term; 2. refuse if there is no "
        "entry at prevLogIndex; 4. append any new entries not already in the log; 5. commitIndex "
        "= min(leaderCommit, index of last new entry).",
        near="Keep the whole log, and add those of the new entries whose index is behind its end. "
        "How far do both agree after this message? As far as the message reaches, not as far as "
        "the log does. That is also how far the commit index may go.",
    ),
    part="append_entries",
    without=("conflicts",),
)

# --- quizzes --------------------------------------------------------------------------------------

AT_A_FOLLOWER = Quiz(
    name="at_a_follower",
    question="A client sends its write to S3, which follows S1. What happens?",
    options=(
        Right(
            "S3 hands it to S1 inside the cluster, and answers its client when S3 itself applies "
            "it.",
            "The client need not know who leads.",
        ),
        Wrong(
            "S3 writes it into its own log and passes it on to the others.",
            belief="M20",
            refuted_by="forwarding",
            because="S3's log stays empty until the entry comes back from the leader.",
        ),
        Wrong(
            "S3 refuses: only the leader takes writes.",
            belief="M20",
            refuted_by="forwarding",
            because="The client of S3 is told that it is done. (Old versions, before 2.0, sent "
            "clients to the leader with an HTTP redirect.)",
        ),
    ),
)

TIMED_OUT = Quiz(
    name="timed_out",
    question="A write ran into a timeout. What do you know?",
    options=(
        Right(
            "Nothing about it: it may have happened, may happen yet, or never will.",
            "Read it again, with quorum, or write so that it may happen twice.",
        ),
        Wrong(
            "It did not happen, so it can be sent again.",
            belief="M8",
            refuted_by="retry-twice",
            because="There the write is done twice.",
        ),
        Wrong(
            "It happened: only the answer got lost.",
            belief="M8",
            refuted_by="unknown-lost",
            because="There it is removed, and never comes back.",
        ),
    ),
)

SECOND_ROUND = Quiz(
    name="second_round",
    question="The leader has committed. How do the followers learn it?",
    options=(
        Right(
            "From the commit index, which every append and every heartbeat carries.",
            "etcd's leader sends an append at once, be it without entries. Nobody waits for an "
            "answer to it.",
        ),
        Wrong(
            "By a second round: the leader sends the entry again, as committed, and waits.",
            belief="M21",
            refuted_by="one-write",
            because="The client of the leader is told before any follower knows.",
        ),
        Wrong(
            "They count the copies themselves.",
            belief="M22",
            refuted_by="one-write",
            because="A follower hears from its leader only. It does not know what others hold.",
        ),
    ),
)

CHAPTER = Chapter(
    number=5,
    folder="from_request_to_commit",
    title="From request to commit",
    summary="Follow a write from the client to all stores, and say who knows what at each moment.",
    exercises=(
        WHEN_ANSWERED,
        WHAT_A_FOLLOWER_KNOWS,
        APPEND_ENTRIES,
        DONE_UNANSWERED,
        ACCEPTED_LOST,
    ),
    quizzes=(SECOND_ROUND, AT_A_FOLLOWER, TIMED_OUT),
    targets=("A3", "A8", "A9", "M8", "M20", "M21", "M22"),
)
"""Chapter 5: from request to commit."""
