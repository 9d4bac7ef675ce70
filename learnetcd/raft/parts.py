"""Parts: what somebody else does in a member, in place of its own code.

    Parts()                                    nothing: all is ours
    Parts(advance_commit=theirs)               what a majority holds, they say

Given to a member with its knobs, when it is born. It is how a learner's code gets into a member
(`learnetcd.own`, which also makes these out of plain functions of values). A member that serves
real clients has none.

Next page: `config`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from learnetcd.raft.entry import Entry, Stored
from learnetcd.raft.rules import VoteFacts
from learnetcd.tracing import Rule
from learnetcd.value import dataclass

if TYPE_CHECKING:
    from learnetcd.raft.messages import AppendEntries
    from learnetcd.raft.raft import Raft


State = tuple[int, int, int]
"""Term, vote and commit index."""


@dataclass(frozen=True, slots=True)
class Wal:
    """Somebody else's write-ahead log."""

    must_sync: Callable[[State, State, tuple[Entry, ...]], bool]
    """In place of `learnetcd.raft.promises:must_sync`."""
    disk: Callable[[Stored], Any]
    """What a simulated member keeps its log on, from what it begins with. This package knows no
    disk."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What is done by others; None for what is not."""

    grant_vote: Rule[VoteFacts] | None = None
    """Asked about votes, not about pre-votes."""
    append_entries: Callable[[Raft, AppendEntries], None] | None = None
    advance_commit: Callable[[Raft], bool] | None = None
    apply: Callable[..., Any] | None = None
    """In place of `learnetcd.member.execution:result_of`. This package knows no store."""
    wal: Wal | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """What is done by others."""
        return tuple(one.name for one in fields(self) if getattr(self, one.name) is not None)


OURS = Parts()
"""Nothing is done by others."""
