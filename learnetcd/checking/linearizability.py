r"""Linearizability: could it have been one machine that does one thing at a time?

    c1   |---- put 1 ----|                      an order that explains all answers:
    c2          |---- get: 2 ----|                  put 1, put 2, get: 2, get: 2
    c3              |------ put 2 -----|        a dot in each line, where it took effect:
    c4                             |- get: 2 -|     |--.-|  |-----.-|  |--.----|   |-.-|

An operation may take effect at any one moment between its call and its return. If these moments can
be chosen such that every answer is right, the history is *linearizable*, and no client can tell the
cluster from a single machine. If they can't, some answer was wrong: old, lost, or made up.

**The search.** Walk along the calls and returns in the order of time. At a call, try to let the
operation take effect now; at a return whose operation has not taken effect yet, something was
wrong: take back the last choice and try the next one.

    events     call a   call b   return b   return a
    choose     a              now b's answer is wrong in the state after a: it can't be chosen
                                   return b: stuck. Take a back.
    choose              b     then a. Both returns pass: found.

What has taken effect and the state after it say all that matters for the rest, so a pair that was
met before is not tried again. That memory is what makes the search usable: the problem is
NP-complete, but the histories of a good system are easy.

An operation that was never answered is never due, so the order may have it late, or last of all:
then it was never done, as far as anybody saw.

The search counts its steps, and gives up with the verdict "unknown", never with a wrong one.

Source: Wing and Gong, Testing and Verifying Concurrent Objects, 1993; Lowe, Testing for
Linearizability, 2017, for the memory and the list that can be undone.

Next page: `events`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Generic, Protocol, TypeVar

from learnetcd.errors import UserError

STEPS = 5_000_000
"""So many steps are taken before the search gives up: ten or twenty seconds, and 300 MB."""


class Timed(Protocol):
    """What the search must know of an operation."""

    @property
    def called(self) -> float:
        """When it began."""
        ...

    @property
    def returned(self) -> float | None:
        """When it ended; None if nobody knows whether it did."""
        ...


class Impossible(Enum):
    """What a model says of an operation that can't have given its answer in this state."""

    IMPOSSIBLE = "impossible"


IMPOSSIBLE = Impossible.IMPOSSIBLE

State = TypeVar("State", bound=Hashable)
Operation = TypeVar("Operation", bound=Timed)

Model = Callable[[State, Operation], State | Impossible]
"""What holds after an operation: one without an answer is always possible."""


class Finding(Enum):
    """What the search found."""

    LINEARIZABLE = "linearizable"
    NOT_LINEARIZABLE = "not linearizable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict(Generic[Operation]):
    """What was found, and what to show for it."""

    finding: Finding
    order: tuple[Operation, ...]
    """The longest order that explains its own answers; all of them, if it is linearizable."""
    stuck: Operation | None
    """The operation that can't be placed behind that order, if it is not."""
    steps: int
    """What the search cost."""


def check(
    operations: Sequence[Operation],
    model: Model[State, Operation],
    initial: State,
    steps: int = STEPS,
) -> Verdict[Operation]:
    """Say whether a history is linearizable, by the model of what it is a history of.

    An operation says when it was called and when it returned (None: nobody knows). A model is a
    function from a state and an operation to the next state, or to `IMPOSSIBLE`. A register:

    >>> from typing import NamedTuple
    >>> class Operation(NamedTuple):
    ...     called: float
    ...     returned: float | None
    ...     name: str
    ...     value: int
    >>> def register(value: int, operation: Operation) -> int | Impossible:
    ...     if operation.name == "write":
    ...         return operation.value
    ...     return value if operation.value == value else IMPOSSIBLE
    >>> write = Operation(0, 10, "write", 1)
    >>> early, late = Operation(2, 4, "read", 1), Operation(5, 7, "read", 0)
    >>> check([write, early], register, 0).finding
    <Finding.LINEARIZABLE: 'linearizable'>
    >>> verdict = check([write, early, late], register, 0)
    >>> verdict.finding, verdict.stuck == late
    (<Finding.NOT_LINEARIZABLE: 'not linearizable'>, True)

    Who gives it fewer steps may hear that nobody knows; never a wrong answer:

    >>> check([write, early, late], register, 0, steps=2).finding
    <Finding.UNKNOWN: 'unknown'>

    Histories in the form of Jepsen, Knossos and Porcupine are for `events.judge`.
    """
    return Search(operations, model, initial).run(steps)


class Search(Generic[State, Operation]):
    """One search; `run` it once."""

    def __init__(
        self, operations: Sequence[Operation], model: Model[State, Operation], initial: State
    ) -> None:
        """Begin with nothing done."""
        for one in operations:
            # Written so that a moment which is no number is refused as well.
            if not one.called <= (one.called if one.returned is None else one.returned):
                raise UserError(f"An operation can't return before it is called: {one}.")
        self.operations = sorted(operations, key=lambda one: one.called)
        """In the order of their calls: of a long history, most of those at the front are done."""
        self.model = model
        self.line = Line(self.operations)
        self.state: State = initial
        self.done = 0
        """A bit for each operation that has taken effect."""
        self.chosen: list[tuple[int, State]] = []
        """Which have, in their order, each with the state before it."""
        self.met: set[tuple[int, int, State]] = set()
        self.longest: tuple[Operation, ...] = ()
        self.stuck: Operation | None = None

    def run(self, steps: int) -> Verdict[Operation]:
        """Walk along the line until no return is left on it, or no choice is."""
        line = self.line
        place = line.after[START]
        for taken in range(steps):
            number, is_call = line.events[place]
            if number == NOBODY:
                # What is left was never answered: it may come last, or never.
                return Verdict(Finding.LINEARIZABLE, self.order(), None, taken)
            if is_call:
                place = line.after[START if self.choose(number) else place]
                continue
            self.note_stuck(number)
            if not self.chosen:
                return Verdict(Finding.NOT_LINEARIZABLE, self.longest, self.stuck, taken)
            place = line.after[self.take_back()]
        return Verdict(Finding.UNKNOWN, self.longest, None, steps)

    def choose(self, number: int) -> bool:
        """Let an operation take effect now, if it can and if that leads to something new."""
        state = self.model(self.state, self.operations[number])
        if isinstance(state, Impossible):
            return False
        done = self.done | 1 << number
        at_the_front = (~done & (done + 1)).bit_length() - 1
        pair = at_the_front, done >> at_the_front, state
        if pair in self.met:
            return False
        self.met.add(pair)
        self.chosen.append((number, self.state))
        self.state, self.done = state, done
        self.line.take_out(number)
        return True

    def note_stuck(self, due: int) -> None:
        """The operation `due` must have been done by now: remember how far we got."""
        if self.stuck is None or len(self.chosen) > len(self.longest):
            self.longest, self.stuck = self.order(), self.operations[due]

    def take_back(self) -> int:
        """Take back the last choice; gives the place of its call."""
        number, self.state = self.chosen.pop()
        self.done &= ~(1 << number)
        return self.line.put_back(number)

    def order(self) -> tuple[Operation, ...]:
        """What has taken effect so far."""
        return tuple(self.operations[number] for number, _ in self.chosen)


START = 0
NOBODY = -1
"""Whose event stands at both ends of the line."""


class Line:
    """Calls and returns in the order of time, from which they can be taken out and put back.

    What is taken out keeps in mind between whom it stood, so that in the reverse order all of them
    find their places again (Knuth, Dancing Links).
    """

    __slots__ = ("after", "before", "events", "places")

    def __init__(self, operations: Sequence[Timed]) -> None:
        """Put the events in order; a call goes before a return of the same moment: they overlap."""
        timed = [(one.called, False, number) for number, one in enumerate(operations)]
        timed += [
            (one.returned, True, number)
            for number, one in enumerate(operations)
            if one.returned is not None
        ]
        inner = [(number, not is_return) for _, is_return, number in sorted(timed)]
        self.events = [(NOBODY, False), *inner, (NOBODY, False)]
        """Whose it is, and whether it is a call."""
        self.after = [*range(1, len(self.events)), START]
        self.before = [START, *range(len(self.events) - 1)]
        self.places: list[list[int]] = [[] for _ in operations]
        """Where the events of each operation stand: its call, and its return if it has one."""
        for place, (number, _) in enumerate(self.events):
            if number != NOBODY:
                self.places[number].append(place)

    def take_out(self, number: int) -> None:
        """Let the line go past the events of an operation."""
        for place in self.places[number]:
            self.after[self.before[place]] = self.after[place]
            self.before[self.after[place]] = self.before[place]

    def put_back(self, number: int) -> int:
        """Let the line lead to them again; gives the place of the call."""
        for place in reversed(self.places[number]):
            self.after[self.before[place]] = place
            self.before[self.after[place]] = place
        return self.places[number][0]
