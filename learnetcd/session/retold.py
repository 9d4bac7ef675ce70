"""A retold session: what attached servers told and showed, once more, back and forth.

    sentence    41        42        43        44        45        46
    look         .                   .                             .
    at 45 one sees the sentences up to 45, and the members as they were looked at after 43

It is no replay: what came is kept, the last sentences and the last looks at the members, and
nothing is computed anew. So a member may be shown a moment behind the sentence, and there is no
*why*, no branch, nothing to be broken. For that a server has to write down what it was told
(`learnetcd serve --record FILE`), and that file is opened like any other run.

Next page: `attached`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from learnetcd.errors import UserError
from learnetcd.session.hearsay import Hearsay
from learnetcd.session.lock import locked
from learnetcd.session.onlooking import Look, Onlooker, seen_line
from learnetcd.session.session import Grain
from learnetcd.session.views import Choice, ClusterView
from learnetcd.simulator.decisions import Decision

SENTENCE_MS = 100
"""When it runs by itself: so long for each sentence. Each server has a clock of its own."""

THE_NEXT = "the next sentence"


class RetoldSession(Onlooker):
    """What was told, in the hands of one reader."""

    can_not = (
        "This is what was told and seen: it can be gone through, no more. "
        "Ask why in what `serve --record FILE` writes."
    )

    def __init__(self, story: Hearsay, looks: Sequence[Look]) -> None:
        """Stand at the end; the looks, of which there is one at least, are in their order."""
        super().__init__(story)
        self._looks = tuple(looks)
        self._steps = [look.step for look in looks]
        self._first, self._last = max(story.first, self._steps[0]), story.length
        self._step = self._last
        self._passed_ms = 0

    @property
    def greeting(self) -> str:
        """What this is."""
        return (
            "What was told and seen so far: go back in it and on again, but ask no why. "
            "v leads to the present."
        )

    # -- looking ----------------------------------------------------------------------------------

    @locked
    def view(self) -> ClusterView:
        """The servers as they were seen last before this sentence."""
        return self.view_at(self._step)

    @locked
    def view_at(self, step: int) -> ClusterView:
        """The same at another sentence."""
        look = self._looks[max(0, bisect_right(self._steps, step) - 1)]
        told = self._story.between(step, step)
        now_ms = told[0].at_ms if told else self._story.now_ms
        return self._picture(Look(step, look.members, look.clients), now_ms)

    @locked
    def state_lines(self) -> tuple[str, ...]:
        """A line for each server."""
        return tuple(map(seen_line, self.view().members))

    @locked
    def choices(self) -> tuple[Choice, ...]:
        """To go on."""
        text = THE_NEXT if self._step < self._last else "no more was told: v leads to the present"
        return (Choice(text, THE_NEXT, 0),)

    # -- going through it -------------------------------------------------------------------------

    @locked
    def seek(self, step: int) -> None:
        """Go to a sentence; to the first that is still known, if it was before that."""
        if step > self._last:
            raise UserError(f"There is no sentence {step}: {self._last} were told.")
        self._step = max(self._first, step)

    @locked
    def forward(self, grain: Grain = Grain.MESSAGE) -> None:
        """Go on to the next sentence, or to the next mark."""
        self.seek(min(self._stops(grain, +1), default=self._last))

    @locked
    def back(self, grain: Grain = Grain.MESSAGE) -> None:
        """Go back to the sentence before, or to the mark before."""
        self.seek(max(self._stops(grain, -1), default=self._first))

    def _stops(self, grain: Grain, way: int) -> list[int]:
        """Where one could stop that way."""
        here = self._step
        if grain is not Grain.CHANGE:
            return [here + way] if self._first <= here + way <= self._last else []
        return [mark.step for mark in self.landmarks() if (mark.step - here) * way > 0]

    @locked
    def choose(self, choice: Choice | Decision) -> None:
        """Go on."""
        self.forward()

    @locked
    def advance(self, ms: int) -> None:
        """Go on by itself."""
        self._passed_ms += ms
        sentences, self._passed_ms = divmod(self._passed_ms, SENTENCE_MS)
        self.seek(min(self._step + sentences, self._last))
