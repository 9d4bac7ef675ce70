"""The safety rules of Raft, each a tuple of named clauses, each with a broken twin.

    rule               asked when                                       if a clause is missing
    GRANT_VOTE         a candidate asks for a vote                      two leaders, lost entries
    REMEMBER_VOTE      a member comes back from its disk                two leaders in one term
    ACCEPT_APPEND      entries arrive from the leader                   logs differ below an index
    TRUNCATE           an arriving entry meets one already there        acknowledged entries vanish
    PROMISE            a vote or an acknowledgement is to be sent       promises that a crash breaks
    COUNT_SELF         a leader counts its own copy                     answered writes vanish
    COMMIT             a leader looks how far a quorum has got          Figure 8 of the paper
    START_CHANGE       somebody proposes a change of members            disjoint majorities
    SERVE_READ         a leader is asked for a read index               old answers
    LET_EXPIRE         a key's time to live may be over                 stores differ
    READ_RECORD        a record is read from the disk at a start        torn ones pass for whole

The core decides by `rule.allows(facts)`; the trace, *why* and *why not* explain by the very same
clauses. A lesson switches a clause off by the name of its broken twin (`twins`), and the reader
watches an invariant break. A member that serves real clients refuses every twin.

The last two are not Raft's: `learnetcd.member` and `learnetcd.disk` ask them. They stand here
because they are switched like the others.

Next page: `messages`.
"""

from __future__ import annotations

from dataclasses import fields, replace

from learnetcd.raft.entry import NO_MEMBER
from learnetcd.raft.twins import TWINS
from learnetcd.tracing import Clause, Rule, member_name
from learnetcd.value import dataclass


@dataclass(frozen=True, slots=True)
class VoteFacts:
    """What a voter looks at."""

    candidate: int
    term: int
    """The term that the candidate asks for."""
    pre_vote: bool
    current_term: int
    vote: int
    leader: int
    last_index: int
    last_term: int
    candidate_last_index: int
    candidate_last_term: int


def _is_free_to_vote(facts: VoteFacts) -> bool:
    if facts.vote == facts.candidate or (facts.pre_vote and facts.term > facts.current_term):
        return True
    return facts.vote == NO_MEMBER and facts.leader == NO_MEMBER


def _why_free(facts: VoteFacts) -> str:
    if facts.pre_vote and facts.term > facts.current_term:
        return f"a pre-vote for term {facts.term} binds nobody"
    if facts.vote == facts.candidate:
        return f"it already voted for {member_name(facts.candidate)} in term {facts.term}"
    return f"it has not voted in term {facts.term}"


def _why_not_free(facts: VoteFacts) -> str:
    if facts.vote != NO_MEMBER:
        return f"it already voted for {member_name(facts.vote)} in term {facts.current_term}"
    return f"it follows {member_name(facts.leader)}, the leader of term {facts.current_term}"


def _candidate_is_up_to_date(facts: VoteFacts) -> bool:
    theirs = (facts.candidate_last_term, facts.candidate_last_index)
    return theirs >= (facts.last_term, facts.last_index)


def _ends(facts: VoteFacts) -> str:
    theirs, own = facts.candidate_last_index, facts.last_index
    if not theirs and not own:
        return "both logs are empty"
    their_end = f"ends with {theirs}@{facts.candidate_last_term}" if theirs else "is empty"
    own_end = f"{'' if theirs else 'ends '}with {own}@{facts.last_term}" if own else "is empty"
    return f"{member_name(facts.candidate)}'s log {their_end}, its own {own_end}"


GRANT_VOTE: Rule[VoteFacts] = Rule(
    name="grant a vote",
    source="learnetcd.raft.election:answer_vote_request",
    citation="Raft §5.2, §5.4.1; Figure 2, RequestVote",
    clauses=(
        Clause("one vote a term", _is_free_to_vote, _why_free, _why_not_free),
        Clause(
            "candidate's log is up to date",
            _candidate_is_up_to_date,
            lambda facts: f"{_ends(facts)}: not behind",
            lambda facts: f"{_ends(facts)}: a leader must have all that this voter has",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class MemoryFacts:
    """What a member looks at when it comes back: may it vote afresh in its term?"""

    term: int
    vote_on_disk: int


REMEMBER_VOTE: Rule[MemoryFacts] = Rule(
    name="start without a vote",
    source="learnetcd.raft.raft:Raft.__init__",
    citation="Raft Figure 2: votedFor is persistent",
    clauses=(
        Clause(
            "no vote is on the disk",
            lambda facts: facts.vote_on_disk == NO_MEMBER,
            lambda facts: f"its disk holds no vote of term {facts.term}",
            lambda facts: (
                f"its disk says: voted for {member_name(facts.vote_on_disk)} in term {facts.term}"
            ),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class AppendFacts:
    """What a follower looks at when entries arrive."""

    previous_index: int
    previous_term: int
    last_index: int
    """The follower's own last index."""
    term_there: int | None
    """The follower's term at previous_index; None when it has nothing there."""


ACCEPT_APPEND: Rule[AppendFacts] = Rule(
    name="accept entries",
    source="learnetcd.raft.replication:append_entries",
    citation="Raft §5.3; Figure 2, AppendEntries step 2",
    clauses=(
        Clause(
            "previous entry is there",
            lambda facts: facts.previous_index <= facts.last_index,
            lambda facts: f"the log reaches {facts.previous_index}",
            lambda facts: f"the log ends at {facts.last_index}, before {facts.previous_index}",
        ),
        Clause(
            "previous entry has the same term",
            lambda facts: facts.term_there is None or facts.term_there == facts.previous_term,
            lambda facts: (
                f"entry {facts.previous_index} is of term {facts.previous_term} in both logs"
            ),
            lambda facts: (
                f"entry {facts.previous_index} is of term {facts.term_there} here and of term "
                f"{facts.previous_term} at the leader"
            ),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class TruncateFacts:
    """What a follower looks at before it removes entries of its own."""

    index: int
    own_term: int
    arriving_term: int


TRUNCATE: Rule[TruncateFacts] = Rule(
    name="remove entries from its own log",
    source="learnetcd.raft.replication:first_to_write",
    citation="Raft §5.3; Figure 2, AppendEntries step 3",
    clauses=(
        Clause(
            "terms differ",
            lambda facts: facts.own_term != facts.arriving_term,
            lambda facts: (
                f"entry {facts.index} is of term {facts.own_term} here, of term "
                f"{facts.arriving_term} at the leader"
            ),
            lambda facts: f"entry {facts.index} is the same in both logs",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class PromiseFacts:
    """What a member looks at before it lets a vote or an acknowledgement go."""

    batch: int
    """The batch of writes that the promise rests on."""
    saved_batch: int
    """The last batch that is durable."""


PROMISE: Rule[PromiseFacts] = Rule(
    name="send a promise",
    source="learnetcd.raft.promises:release_promises",
    citation="Raft Figure 2: updated on stable storage before responding to RPCs",
    clauses=(
        Clause(
            "what it promises is durable",
            lambda facts: facts.batch <= facts.saved_batch,
            lambda facts: f"batch {facts.batch} of its writes is durable",
            lambda facts: f"batch {facts.batch} of its writes waits for the disk",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class CountSelfFacts:
    """What a leader looks at before it counts its own copy of an entry."""

    index: int
    durable_index: int


COUNT_SELF: Rule[CountSelfFacts] = Rule(
    name="count the leader's own copy",
    source="learnetcd.raft.replication:append_as_leader",
    citation="Thesis §10.2.1",
    clauses=(
        Clause(
            "own copy is durable",
            lambda facts: facts.index <= facts.durable_index,
            lambda facts: f"entry {facts.index} is durable at the leader",
            lambda facts: f"entry {facts.index} waits for the leader's own disk",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class CommitFacts:
    """What a leader looks at before it calls an entry committed."""

    index: int
    entry_term: int
    current_term: int
    copies: tuple[int, ...]
    """The members that hold it durably, as far as the leader knows."""
    needed: int
    """Copies that make a quorum (of the smaller majority while the configuration is joint)."""
    quorum_index: int
    """The highest index that a quorum holds durably."""


def _holders(facts: CommitFacts) -> str:
    names = ", ".join(member_name(member) for member in facts.copies) or "nobody"
    return f"durable at {names}: {len(facts.copies)} of {facts.needed} needed"


COMMIT: Rule[CommitFacts] = Rule(
    name="commit an entry",
    source="learnetcd.raft.replication:advance_commit",
    citation="Raft §5.3, §5.4.2; Figure 2, rules for leaders",
    clauses=(
        Clause(
            "a quorum holds it",
            lambda facts: facts.index <= facts.quorum_index,
            _holders,
            _holders,
        ),
        Clause(
            "entry is of the leader's own term",
            lambda facts: facts.entry_term == facts.current_term,
            lambda facts: f"it is of term {facts.entry_term}, the leader's own",
            lambda facts: (
                f"it is of term {facts.entry_term} and the leader leads term {facts.current_term}: "
                "it commits together with the first entry of that term"
            ),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """What a leader looks at before it appends a change of members."""

    pending_index: int
    """The last entry that may be a change; up to there the leader must have applied."""
    applied_index: int
    joint: bool
    leaves_joint: bool


START_CHANGE: Rule[ChangeFacts] = Rule(
    name="start a change of members",
    source="learnetcd.raft.membership:checked_payload",
    citation="Thesis §4.1, §4.3",
    clauses=(
        Clause(
            "one change at a time",
            lambda facts: facts.pending_index <= facts.applied_index,
            lambda facts: f"everything up to {facts.pending_index} is applied",
            lambda facts: (
                f"a change may wait at {facts.pending_index}, applied is {facts.applied_index}"
            ),
        ),
        Clause(
            "joint configuration is left first",
            lambda facts: not facts.joint or facts.leaves_joint,
            lambda facts: "no joint configuration is in the way",
            lambda facts: "the joint configuration must be left first",
        ),
        Clause(
            "only a joint configuration is left",
            lambda facts: facts.joint or not facts.leaves_joint,
            lambda facts: "there is something to change",
            lambda facts: "the configuration is not joint: there is nothing to leave",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class ReadFacts:
    """What a leader looks at before it gives out a read index."""

    current_term: int
    commit_term: int
    """The term of the last entry that it knows to be committed."""
    confirmed: bool
    """Whether a quorum answered a heartbeat that was sent after the question."""
    lease: bool = False
    """Whether the clock was trusted instead: a quorum answered within an election timeout."""


SERVE_READ: Rule[ReadFacts] = Rule(
    name="give out a read index",
    source="learnetcd.raft.reads:release_reads",
    citation="Raft §8; Thesis §6.4",
    clauses=(
        Clause(
            "an entry of the own term is committed",
            lambda facts: facts.commit_term == facts.current_term,
            lambda facts: f"an entry of term {facts.current_term} is committed",
            lambda facts: (
                f"its last committed entry is of term {facts.commit_term}: it can't know "
                "yet what the leader before it committed"
            ),
        ),
        Clause(
            "a quorum confirmed that it leads",
            lambda facts: facts.confirmed,
            lambda facts: (
                "its lease holds, by its own clock"
                if facts.lease
                else "a quorum answered a later heartbeat"
            ),
            lambda facts: "no quorum has answered since the question: somebody else may lead",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class ExpiryFacts:
    """What a member looks at before it removes keys whose time is up."""

    by_entry: bool
    """Whether an entry of the log says what time it is; else only the member's own clock does."""


LET_EXPIRE: Rule[ExpiryFacts] = Rule(
    name="let keys expire",
    source="learnetcd.member.expiry:apply",
    citation="etcd #2802",
    clauses=(
        Clause(
            "an entry says the time",
            lambda facts: facts.by_entry,
            lambda facts: "an entry of the leader says what time it is, to all members alike",
            lambda facts: "only its own clock says that it is time",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """What a member looks at before it takes a record from its disk."""

    sum_is_right: bool
    """Whether the data give the checksum that the record says."""


READ_RECORD: Rule[RecordFacts] = Rule(
    name="take a record from the disk",
    source="learnetcd.disk.scan:sum_after",
    citation="etcd 3.4 wal/decoder.go: every record has a running checksum",
    clauses=(
        Clause(
            "its checksum is right",
            lambda facts: facts.sum_is_right,
            lambda facts: "the data give the checksum that the record says",
            lambda facts: "the data do not give the checksum: some of its sectors are missing",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules that a member lives by. Change them only by `without(twin)`."""

    grant_vote: Rule[VoteFacts] = GRANT_VOTE
    remember_vote: Rule[MemoryFacts] = REMEMBER_VOTE
    accept_append: Rule[AppendFacts] = ACCEPT_APPEND
    truncate: Rule[TruncateFacts] = TRUNCATE
    promise: Rule[PromiseFacts] = PROMISE
    count_self: Rule[CountSelfFacts] = COUNT_SELF
    commit: Rule[CommitFacts] = COMMIT
    start_change: Rule[ChangeFacts] = START_CHANGE
    serve_read: Rule[ReadFacts] = SERVE_READ
    let_expire: Rule[ExpiryFacts] = LET_EXPIRE
    read_record: Rule[RecordFacts] = READ_RECORD

    def without(self, twin: str) -> Rules:
        """Switch one clause off, by the name of its broken twin."""
        broken = TWINS[twin]
        rule = getattr(self, broken.rule)
        return replace(self, **{broken.rule: rule.without(broken.clause)})

    def restored(self, twin: str) -> Rules:
        """Switch the clause on again (with all others of its rule)."""
        name = TWINS[twin].rule
        return replace(self, **{name: getattr(SOUND, name)})

    @property
    def broken(self) -> tuple[str, ...]:
        """The twins that are in force, sorted by name."""
        return tuple(sorted(t.name for t in TWINS.values() if t.is_in_force(self)))


SOUND = Rules()
"""All rules on."""

assert all(t.rule in {field.name for field in fields(Rules)} for t in TWINS.values())
