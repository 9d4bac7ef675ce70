"""Why, and why not: the answers come from the rules that decide, and from what caused what.

    why_not(entry 4 at S1)    the clauses of COMMIT, asked with S1's present state
    why(S2 leads)             the votes that it counted
    why_not(vote of S2)       the clauses of GRANT_VOTE, asked as if the candidate asked now
    why(a sentence)           the step that it followed from, and the step before that ...

Nothing here knows how Raft decides: a rule is a tuple of clauses (`raft/rules.py`), the member's
own code gathers the facts for it (`commit_facts`, `vote_facts`), and both are the very ones by
which the member acts. So an answer can't be wrong in another way than the member is.

This page finds out who has to answer:

    entries   is it there, committed, applied, and what is missing?
    votes     votes, roles, terms
    causes    sentences, messages, timers, clients

Next page: `entries`.
"""

from __future__ import annotations

from learnetcd.errors import UserError
from learnetcd.session import causes, entries, votes
from learnetcd.session.narration import Story
from learnetcd.session.subjects import Explanation, Subject
from learnetcd.simulator.timeline import Timeline


def why(timeline: Timeline, story: Story, subject: Subject) -> Explanation:
    """Why is it so?"""
    world = timeline.world
    match subject.kind, subject.numbers:
        case "entry", (member, index):
            return entries.why_entry(world, member, index)
        case "role", (member,):
            return votes.why_role(world, member)
        case "vote", (voter, candidate):
            return votes.why_vote(world, voter, candidate)
        case "term", (term,):
            return votes.why_term(world, story, term)
        case "message", (sender, receiver, number, copy):
            return causes.why_message(world, story, (sender, receiver, number, copy))
        case "timer", (member,):
            return causes.why_timer(world, story, member)
        case "event", (member, number, ordinal):
            return causes.why_event(timeline, story, (member, number, ordinal))
        case "client", (request_id,):
            return causes.why_client(world, request_id)
        case _:
            raise UserError(f"Nothing is known about a {subject.kind} {subject.numbers}.")


def why_not(timeline: Timeline, story: Story, subject: Subject) -> Explanation:
    """Why is it not otherwise: not committed, not leader, no vote, no answer?"""
    world = timeline.world
    match subject.kind, subject.numbers:
        case "entry", (member, index):
            return entries.why_not_entry(world, member, index)
        case "role", (member,):
            return votes.why_not_leader(world, member)
        case "vote", (voter, candidate):
            return votes.why_not_vote(world, voter, candidate)
        case _:
            # Of all else there is one story, whichever way it is asked for.
            return why(timeline, story, subject)
