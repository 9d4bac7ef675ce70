"""The origins of a step: all steps that led to it, back to the acts with which they began.

    step 1  S2 stands  -->  step 2  its disk has its vote  . . . . . . . . . . counted  .
                       -->  step 3  S1 votes  -->  step 4  its disk  -->  step 5  S2 leads

From one step to the one that caused it leads one line (`causes`). But who leads has counted several
votes, and who commits has counted acknowledgements: what the same member got earlier, and added up
in this step. Both kinds of lines are followed here, for a picture.

Next page: `spans`.
"""

from __future__ import annotations

from collections.abc import Iterator

from learnetcd.session.causes import NEAR, find_step, telling
from learnetcd.session.narration import Story
from learnetcd.session.views import CauseView
from learnetcd.simulator import moment
from learnetcd.simulator.decisions import ApplyCommitted, Deliver, FireTimer, Sync
from learnetcd.simulator.timeline import Timeline
from learnetcd.tracing.elections import BecameLeader, ElectionStarted, VoteCounted
from learnetcd.tracing.replication import (
    EntriesDurable,
    EntryCommitted,
    LeaderAppended,
    MatchAdvanced,
)

MOST_CAUSES = 24
"""More boxes than these are no picture any more: the nearest ones are shown."""


def origins(
    timeline: Timeline, story: Story, event_id: tuple[int, int, int]
) -> tuple[CauseView, ...]:
    """The steps that led to a sentence of the story, the earliest first; its own is the last."""
    found: dict[int, CauseView] = {}
    ahead = [find_step(timeline, story, event_id)]
    story.narration(ahead[0] - NEAR, ahead[0])  # played once, remembered
    while ahead and len(found) < MOST_CAUSES:
        step = max(ahead)  # the latest first: what is left out lies furthest back
        ahead.remove(step)
        found[step] = cause = _cause(timeline, story, step)
        ahead += {cause.follows, *cause.counts} - {0, *found, *ahead}
    return tuple(found[step] for step in sorted(found))


HOW = {Deliver: "message", Sync: "disk", FireTimer: "timer", ApplyCommitted: "apply"}
"""What a step was fed by."""


def _cause(timeline: Timeline, story: Story, step: int) -> CauseView:
    decision = timeline.decision(step)
    told = telling(story.narration(step, step))
    return CauseView(
        step=step,
        at_ms=told[0].at_ms,
        member=moment.member_of(decision),
        how=HOW.get(type(decision), "act"),
        sentences=tuple(one.text for one in told),
        follows=story.cause(step),
        counts=_counted(story, step),
    )


def _counted(story: Story, step: int) -> tuple[int, ...]:
    """The earlier steps of a member whose results it counted in this one."""
    for member, event in story.heard(step):
        if isinstance(event, BecameLeader | EntryCommitted):
            story.narration(step - NEAR, step)  # played at once, not step by step
        if isinstance(event, BecameLeader):
            return tuple(dict.fromkeys(_votes(story, step, member)))
        if isinstance(event, EntryCommitted):
            return tuple(dict.fromkeys(_acknowledgements(story, step, member, event.last)))
    return ()


def _votes(story: Story, step: int, candidate: int) -> Iterator[int]:
    """The steps in which it counted a yes, back to the one in which it stood."""
    for earlier in range(step - 1, max(0, step - NEAR), -1):
        for member, event in story.heard(earlier):
            if member == candidate and isinstance(event, VoteCounted) and event.granted:
                yield earlier
            if member == candidate and isinstance(event, ElectionStarted):
                return


def _acknowledgements(story: Story, step: int, leader: int, index: int) -> Iterator[int]:
    """The steps in which it learned that somebody holds the log up to there, itself included."""
    for earlier in range(step - 1, max(0, step - NEAR), -1):
        for member, event in story.heard(earlier):
            if member != leader:
                continue
            if isinstance(event, MatchAdvanced) and event.match_index >= index:
                yield earlier
            if isinstance(event, EntriesDurable) and event.last >= index:
                yield earlier
            if isinstance(event, LeaderAppended) and event.first <= index <= event.last:
                return
