"""An exercise: one thing that a learner does, and how it is judged. Four kinds, and the quiz.

    Code       replace one function; it is compared with ours, step by step       grant_vote.py
    Predict    say what will happen; then the very run is played                  next_leader.txt
    MakeIt     make something happen, by any route; the run itself is judged      split_vote.txt
    BreakIt    one rule is off: break an invariant, in few acts                   two_leaders.txt
    Quiz       choose; a wrong choice names the belief behind it, and a run that refutes it

An author writes these values in the `exercises.py` of a chapter; there is no other form. What is a
text of its own lies in a folder beside it that is called as the exercise:

    grant_vote/stub.py        what the learner begins with: it must fail
    grant_vote/solution.py    shown after success: it must pass
    grant_vote/second.py      the same in another way; its docstring says what is better or worse

**No answer is written down where it can be computed.** What a `Predict` asks is read off the run
after it was played: each option is a condition, and the right one is that which holds.

Next page: `chapter`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from learnetcd_lessons.run import Run


@dataclass(frozen=True, slots=True)
class Hints:
    """Three steps to an answer. Who asks again is told the next one."""

    question: str
    """Back to you: what to look at."""
    rule: str
    """What the paper, or etcd, says about it."""
    near: str
    """Nearly the solution: what is left is to write it down."""

    @property
    def levels(self) -> tuple[str, str, str]:
        """In the order in which they are told."""
        return self.question, self.rule, self.near


@dataclass(frozen=True, slots=True)
class Exercise:
    """What all kinds have in common."""

    name: str
    """In lower case with underscores: the name of its file, and of its folder."""
    title: str
    task: str
    """What to do, in a few sentences of Markdown."""
    hints: Hints


@dataclass(frozen=True, slots=True)
class Code(Exercise):
    """Write a function: a part of a member, or one that is checked by itself."""

    part: str = ""
    """The part of a member that it replaces, as `learnetcd own` knows it; empty for none."""
    without: tuple[str, ...] = ()
    """Of a part: kinds of questions that come later (`learnetcd.own.cases:LATER`)."""
    check: Callable[[ModuleType], str] | None = None
    """Without a part: from the learner's module to a sentence about the first mistake in it, or
    "". It says what was given and what was found, never how to do better."""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer from which to choose in a `Predict`."""

    text: str
    holds: str
    """When it is the right one: a condition on the cluster at the end of the run."""


@dataclass(frozen=True, slots=True)
class Round:
    """One question of a `Predict`: a cluster, what will be done to it, and what may come of it."""

    question: str
    options: tuple[Option, ...]
    setup: str = ""
    """Lines of a `Setup`, with semicolons between them."""
    start: str = ""
    """Acts before the question, with semicolons between them."""
    then: str = "run until leader"
    """Acts after it."""


@dataclass(frozen=True, slots=True)
class Predict(Exercise):
    """Say what will happen."""

    rounds: tuple[Round, ...]


@dataclass(frozen=True, slots=True)
class MakeIt(Exercise):
    """Make something happen. The run starts as in the stub; every way that leads there counts."""

    goal: Callable[[Run], str]
    """Looks at the whole run: what is missing, in a sentence, or nothing."""


@dataclass(frozen=True, slots=True)
class BreakIt(Exercise):
    """Break an invariant with one rule switched off."""

    twin: str
    """The rule that may be off, by the name of its broken twin; no other may."""
    breaks: str
    """The invariant that must break, by its name."""
    most_acts: int
    """With more acts than this it does not count."""


@dataclass(frozen=True, slots=True)
class Right:
    """The right answer of a quiz, and why it is right."""

    text: str
    because: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """A wrong answer, the belief behind it, and a run in which it comes out otherwise."""

    text: str
    belief: str
    """An id of `beliefs`: `M4`."""
    refuted_by: str
    """A scene, by its name: of the chapter, or of the library."""
    because: str
    """What is to be seen there."""


@dataclass(frozen=True, slots=True)
class Quiz:
    """A question with one right answer. The order in which answers are shown is drawn by chance."""

    name: str
    question: str
    options: tuple[Right | Wrong, ...]
