"""The story of a request: of all that a member does, what this one request made it do.

    RequestReceived   71           the request itself            told
    LeaderAppended    9 to 10      its entry is 10               told
    AppendSent        9 to 10                                    told
    AppendSent        11 to 11     somebody else's               left out
    EntryCommitted    8 to 10                                    told
    EntryApplied      9            somebody else's               left out
    EntryApplied      10           directly before the answer    told
    RequestAnswered   71                                         told

A member does many things at once, and no event says whose it is. But the entry of a request is
applied directly before the request is answered, and all that was done on the way was done to that
entry. So everything that might belong to the story is kept until the answer is there, and then
looked through.

A client that is told the story of its own request learns nothing of other requests; so no right is
needed for it.

Next page: `api`.
"""

from __future__ import annotations

from learnetcd.api.telling import Heard
from learnetcd.member.request import Request
from learnetcd.tracing import TraceEvent
from learnetcd.tracing.clients import (
    ReadAnswerWaits,
    RequestAnswered,
    RequestForgotten,
    RequestReceived,
    RequestTimedOut,
)
from learnetcd.tracing.membership import ChangeProposed
from learnetcd.tracing.replication import (
    AppendSent,
    CommitLearned,
    EntriesAccepted,
    EntriesDurable,
    EntryCommitted,
    LeaderAppended,
    MatchAdvanced,
    ProposalDropped,
    ProposalForwarded,
)
from learnetcd.tracing.storage import EntryApplied, LogWritten

MOST_EVENTS = 2000
"""So many events are kept at most until the answer comes."""

ABOUT_ENTRIES = (
    *(LeaderAppended, AppendSent, EntriesAccepted, LogWritten, EntriesDurable),
    *(EntryCommitted, CommitLearned),
)
"""Of these, each is about the entries from its `first` to its `last`."""

AT_ONCE = (ProposalForwarded, ProposalDropped, ChangeProposed)
"""These belong to the request in whose input they happen."""

ENDS = (RequestAnswered, RequestTimedOut, RequestForgotten)


class Story:
    """What one request made a member do."""

    def __init__(self, request: Request) -> None:
        """Begin when the member receives this very request."""
        self.request = request
        self.is_over = False
        self._id = 0
        self._began_in = 0
        """The number of the input with which it began; 0 before."""
        self._heard: list[Heard] = []

    def hear(self, heard: Heard) -> None:
        """Keep an event, if it may belong to the story."""
        event = heard.event
        if not self._began_in:
            if isinstance(event, RequestReceived) and event.request is self.request:
                self._id, self._began_in = event.request_id, heard.input_number
                self._heard.append(heard)
        elif not self.is_over and len(self._heard) < MOST_EVENTS:
            self._heard.append(heard)
            self.is_over = isinstance(event, ENDS) and event.request_id == self._id

    def told(self) -> list[Heard]:
        """The events of the story, in the order in which they happened."""
        entry, matched = self._entry(), set[int]()
        return [heard for heard in self._heard if self._belongs(heard, entry, matched)]

    def _entry(self) -> int:
        """The index of the request's entry: the last one applied before the answer; 0 for none."""
        if not self.is_over:
            return 0
        applied = [
            one.event.index
            for one in self._heard
            if isinstance(one.event, EntryApplied)
            if one.input_number == self._heard[-1].input_number
        ]
        return applied[-1] if applied else 0

    def _belongs(self, heard: Heard, entry: int, matched: set[int]) -> bool:
        event: TraceEvent = heard.event
        match event:
            case (
                RequestReceived()
                | ReadAnswerWaits()
                | RequestAnswered()
                | RequestTimedOut()
                | RequestForgotten()
            ):
                return event.request_id == self._id
            case EntryApplied():
                return event.index == entry
            case MatchAdvanced():
                # What a follower has confirmed once it has confirmed for good.
                is_news = event.match_index >= entry > 0 and event.member not in matched
                if is_news:
                    matched.add(event.member)
                return is_news
        if isinstance(event, ABOUT_ENTRIES):
            return event.first <= entry <= event.last
        return isinstance(event, AT_ONCE) and heard.input_number == self._began_in
