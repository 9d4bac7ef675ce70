"""The broken twins: each rule, once more, without one of its clauses.

    rule own-term off        -> COMMIT without "entry is of the leader's own term"
                             -> sooner or later: state machine safety is violated

The reason for a rule is what happens without it. So each clause that protects something can be
switched off by name: in the terminal by one key (the list of rules), in a scene by `rule NAME off`,
and `learnetcd check search --broken NAME` finds a run that shows what it was good for. A twin names
the invariant that is armed against it.

Left out: clauses whose absence breaks nothing that an invariant can see, such as that a joint
configuration is left before another change begins.

Next page: `rules`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Twin:
    """A rule that forgets one of its clauses, for a lesson."""

    name: str
    """What the reader types: "vote-memory"."""
    rule: str
    """The field of `Rules`."""
    clause: str
    sentence: str
    """What goes wrong without it."""
    breaks: str
    """The invariant that a run can break now."""

    def is_in_force(self, rules: object) -> bool:
        """Whether these `Rules` lack the clause."""
        return all(clause.name != self.clause for clause in getattr(rules, self.rule).clauses)


TWINS = {
    twin.name: twin
    for twin in (
        Twin(
            "one-vote",
            "grant_vote",
            "one vote a term",
            "A member votes for whoever asks: two candidates may both win a term.",
            "election safety",
        ),
        Twin(
            "up-to-date",
            "grant_vote",
            "candidate's log is up to date",
            "A candidate without the committed entries may win and overwrite them.",
            "leader completeness",
        ),
        Twin(
            "vote-memory",
            "remember_vote",
            "no vote is on the disk",
            "A restarted member votes again in a term in which it already voted.",
            "election safety",
        ),
        Twin(
            "previous-entry",
            "accept_append",
            "previous entry has the same term",
            "Entries are stored after a different history.",
            "log matching",
        ),
        Twin(
            "truncate-on-conflict",
            "truncate",
            "terms differ",
            "Every append removes what follows it: a late one removes acknowledged entries.",
            "durable log",
        ),
        Twin(
            "sync-before-reply",
            "promise",
            "what it promises is durable",
            "Votes and acknowledgements leave before they are on disk: a crash breaks the promise.",
            "acknowledgements are durable",
        ),
        Twin(
            "sync-before-counting",
            "count_self",
            "own copy is durable",
            "The leader counts its own copy before it is on disk.",
            "committed is durable",
        ),
        Twin(
            "own-term",
            "commit",
            "entry is of the leader's own term",
            "An entry of an older term is committed by counting, and may still be overwritten.",
            "state machine safety",
        ),
        Twin(
            "one-change",
            "start_change",
            "one change at a time",
            "Two changes of members are under way: two majorities need not overlap.",
            "one change at a time",
        ),
        Twin(
            "own-entry-before-read",
            "serve_read",
            "an entry of the own term is committed",
            "A new leader answers reads before it knows what is committed.",
            "fresh reads",
        ),
        Twin(
            "read-quorum",
            "serve_read",
            "a quorum confirmed that it leads",
            "A leader that was deposed without knowing it answers reads.",
            "fresh reads",
        ),
        Twin(
            "leaders-clock",
            "let_expire",
            "an entry says the time",
            "Each member removes keys by its own clock: one has a key that is gone at another.",
            "same content",
        ),
        Twin(
            "torn-tail",
            "read_record",
            "its checksum is right",
            "A record that a crash tore passes for whole: with zeros for what is missing.",
            "log matching",
        ),
    )
}
"""Every twin, by the name that a reader types."""
