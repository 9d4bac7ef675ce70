"""What a reader can ask about, and the form of an answer.

    session.why_not(Subject.entry(1, 4))

    z=4 is not committed at S1.
      - durable at S1: 1 of 2 needed                       Raft §5.3, §5.4.2
      + it is of term 2, the leader's own
        S2 or S3 must acknowledge it.

`-` stands before what is in the way, `+` before what holds, and a space before what else there is
to say: what it would take, what is under way.

Next page: `why`.
"""

from __future__ import annotations

from dataclasses import dataclass

from learnetcd.raft.rules import CommitFacts, VoteFacts
from learnetcd.tracing import Verdict

Line = tuple[str, str, str]
"""(sign, sentence, citation). The sign: + holds, - is lacking, ~ is said, and not so."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Something in the cluster that a question is about. Make one by naming its kind."""

    kind: str
    """"entry", "role", "vote", "message", "timer", "event", "term" or "client"."""
    numbers: tuple[int, ...]
    """What names it: members, indexes, numbers of messages."""

    @staticmethod
    def entry(member: int, index: int) -> Subject:
        """An entry in a member's log, by its index; it need not be there."""
        return Subject("entry", (member, index))

    @staticmethod
    def role(member: int) -> Subject:
        """What a member is: leader, follower, candidate."""
        return Subject("role", (member,))

    @staticmethod
    def vote(voter: int, candidate: int = 0) -> Subject:
        """The vote of a member: whom it gave it, or why not to this candidate."""
        return Subject("vote", (voter, candidate))

    @staticmethod
    def message(sender: int, receiver: int, number: int, copy: int = 0) -> Subject:
        """A message in flight."""
        return Subject("message", (sender, receiver, number, copy))

    @staticmethod
    def timer(member: int) -> Subject:
        """A member's timer."""
        return Subject("timer", (member,))

    @staticmethod
    def event(event_id: tuple[int, int, int]) -> Subject:
        """A sentence of the story, by its id."""
        return Subject("event", event_id)

    @staticmethod
    def term(term: int) -> Subject:
        """A term: who led it, or why nobody did."""
        return Subject("term", (term,))

    @staticmethod
    def client(request_id: int) -> Subject:
        """A request of a client and its answer."""
        return Subject("client", (request_id,))


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer to a *why* or *why not*."""

    title: str
    """The answer in one sentence."""
    lines: tuple[Line, ...] = ()
    verdict: Verdict[CommitFacts] | Verdict[VoteFacts] | None = None
    """The rule that decided, with what it looked at."""
    needs: tuple[int, ...] = ()
    """The members who could turn it: each of them, or so many as are needed."""


def verdict_lines(verdict: Verdict[CommitFacts] | Verdict[VoteFacts]) -> tuple[Line, ...]:
    """Each clause of a rule, held or not, what is in the way first."""
    lines = [
        ("+" if held else "-", sentence, verdict.rule.citation)
        for held, sentence in verdict.reasons()
    ]
    return tuple(sorted(lines, key=lambda line: line[0] == "+"))
