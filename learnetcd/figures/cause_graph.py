"""The graph of causes: how one thing came about, from the act with which it began.

    step 1  S2 stands  -->  step 3  S1 asked  -->  step 4  S1 votes  -->  step 5  S2 leads
                       -->  step 6  S3 asked  -->  step 7  S3 votes  ......^

A line leads from a step to the one that it caused: a message from who sent it, a sync from who
asked for it. A dashed line leads from what was counted (a vote, an acknowledgement) to the step in
which there were enough.

Source: `learnetcd/session/origins.py`, which walks; Lamport 1978 for "happened before".

Next page: `quorum_overlap`.
"""

from __future__ import annotations

from collections.abc import Sequence

from learnetcd.errors import UserError
from learnetcd.figures.figure import Figure
from learnetcd.figures.graph import Arrow, Box, Graph, folded
from learnetcd.session.views import CauseView
from learnetcd.tracing import member_name

MOST_LINES = 5
"""A step tells more than this seldom, and the rest is in the text."""


def cause_graph(causes: Sequence[CauseView]) -> Figure:
    """Draw what led to the last of these steps."""
    if not causes:
        raise UserError("Nothing has happened yet, so nothing was caused.")
    steps = {cause.step for cause in causes}
    arrows = [
        Arrow(str(cause.follows), str(cause.step), cause.how)
        for cause in causes
        if cause.follows in steps
    ]
    arrows += [
        Arrow(str(counted), str(cause.step), "counted", dashed=True)
        for cause in causes
        for counted in cause.counts
        if counted in steps
    ]
    last = causes[-1]
    return Graph(
        title=f"What led to step {last.step}",
        description=" Then: ".join(cause.sentences[0] for cause in causes),
        boxes=tuple(_box(cause, is_last=cause is last) for cause in causes),
        arrows=tuple(arrows),
    ).figure()


def _box(cause: CauseView, is_last: bool) -> Box:
    where = member_name(cause.member) if cause.member else "the world"
    lines = [line for sentence in cause.sentences for line in folded(sentence)]
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], lines[MOST_LINES - 1] + " …"]
    head = f"step {cause.step}, {cause.at_ms} ms, {where}"
    look = "leader" if is_last else "candidate" if cause.follows == 0 else "follower"
    return Box(str(cause.step), (head, *lines), " ".join(cause.sentences), look, strong=is_last)
