"""Two branches side by side: the same until one step, and what each did then.

    main                                 rule off at 40
    40  S2 is down ...                   40  S2 is down ...
  * 41  S2 starts again from its disk    41  The rule vote-memory is off from now on.
    42  ...                              42  ...

Branches share the steps before they part, and two histories (another profile) share nothing but
what happens to be the same; in both cases the first step at which the decisions differ is what a
reader wants to see.

Next page: `lock`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

from learnetcd.session.history import History
from learnetcd.simulator.statelines import state_lines

SHOWN_BEFORE, SHOWN_AFTER = 3, 40
"""So many steps before the first difference are shown, and so many after it."""

SHOWN_ENTRIES = 8
"""So many entries from the end of each log."""


@dataclass(frozen=True, slots=True)
class ComparedStep:
    """One step of both."""

    step: int
    left: str
    """What happened on the left, in a sentence; empty where the branch has ended."""
    right: str
    same: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two branches, from just before they part."""

    left: str
    right: str
    first_difference: int
    """The first step at which they differ; 0 if one is the beginning of the other."""
    steps: tuple[ComparedStep, ...]
    ends: tuple[tuple[str, str], ...]
    """The state lines at the end of both, a pair for each member."""


def compare(left: History, left_branch: str, right: History, right_branch: str) -> Comparison:
    """Put two branches side by side. Moves both histories: the caller goes back where it was."""
    ours, theirs = left.timeline.decisions(left_branch), right.timeline.decisions(right_branch)
    pairs = enumerate(zip_longest(ours, theirs), start=1)
    # Of the steps that branches share, there is but one: to ask that first is far quicker.
    first = next((step for step, (a, b) in pairs if a is not b and a != b), 0)
    low = max(1, (first or len(ours)) - SHOWN_BEFORE)
    high = min(max(len(ours), len(theirs)), low + SHOWN_BEFORE + SHOWN_AFTER)
    our_words, our_lines = _told(left, left_branch, low, high)
    their_words, their_lines = _told(right, right_branch, low, high)
    steps = tuple(
        ComparedStep(
            step,
            our_words.get(step, ""),
            their_words.get(step, ""),
            same=(not first or step < first) and step in our_words and step in their_words,
        )
        for step in range(low, high + 1)
    )
    ends = tuple(zip_longest(our_lines, their_lines, fillvalue=""))
    is_beginning = bool(first) and first > min(len(ours), len(theirs))
    return Comparison(left_branch, right_branch, 0 if is_beginning else first, steps, ends)


def _told(
    history: History, branch: str, low: int, high: int
) -> tuple[dict[int, str], tuple[str, ...]]:
    """The sentences of some steps by their step, and the state lines at the end."""
    timeline = history.timeline
    timeline.switch(branch, low - 1)
    words: dict[int, str] = {}
    for told in history.story.narration(low, min(high, timeline.length)):
        words[told.step] = f"{words[told.step]} {told.text}" if told.step in words else told.text
    return words, state_lines(timeline.world_at(timeline.length), SHOWN_ENTRIES)
