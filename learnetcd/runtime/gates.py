"""Gates: the places at which a running member can be stopped, and looked at.

    due        a timer has run out                      | ... and only now the member is told
    received   a request came in                        | ... and only now the member is asked
    proposed   its entry is in the log, in memory       | ... and only now it is written
    written    the entry was handed to the disk         | ... and only now a sync is asked for
    synced     the disk has it                          | ... and only now the member is told
    sent       a message has left                       | ... and only now the next thing is done
    delivered  a message of another member came in      | ... and only now the member is told
    committed  a quorum has the entry                   | ... and only now the member applies it
    applied    the store has what it did                | ... and only now anybody is answered
    answered   a client was told                        | ... and only now the next thing is done

Each name but the first is a moment of a write's life, and its gate stands right behind that moment.
They are different moments; who takes two of them for one will not understand what a crash in
between does. Five of them hold back what comes to the member (due, received, synced, delivered,
committed): while they are held, nothing happens to it.

    gates.synced.hold()               a client writes: its entry is on the disk, and it waits
    gates.synced.let_one_through()    one step on
    gates.synced.release()            all that waits goes on, in the order in which it came

A gate that nobody holds costs one look at `held`. Behind one that is held, what was going to be
done waits as a function, not as a task: so the order of things is the same, held or not. Whoever
holds the gate sees what each of them is about, and may let a certain one through.

Next page: `member_driver`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

Action = Callable[[], None]


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """What waits behind a gate. Two that are alike are still two."""

    action: Action
    """What is to be done when it opens."""
    about: object = None
    """The message that came in, the request, the batch that was synced ..."""


@dataclass(slots=True)
class Gate:
    """One of them."""

    name: str
    held: bool = False
    waiting: deque[Waiting] = field(default_factory=deque)
    """In the order in which it came."""

    def hold(self) -> None:
        """Let nothing through from now on."""
        self.held = True

    def release(self) -> None:
        """Let everything through, also what waits."""
        self.held = False
        while self.waiting and not self.held:
            self.waiting.popleft().action()

    def let_one_through(self) -> bool:
        """Let the first of what waits go on, and nothing else; False if nothing waits."""
        if not self.waiting:
            return False
        self.let_through(self.waiting[0])
        return True

    def let_through(self, waiting: Waiting) -> None:
        """Let this go on, whatever waits before it."""
        self.waiting.remove(waiting)
        waiting.action()

    def then(self, action: Action, about: object = None) -> None:
        """Do it behind the gate: now if it is open, else when it opens."""
        if self.held:
            self.waiting.append(Waiting(action, about))
        else:
            action()


class Gates:
    """All gates of one member."""

    __slots__ = (
        "answered",
        "applied",
        "committed",
        "delivered",
        "due",
        "proposed",
        "received",
        "sent",
        "synced",
        "written",
    )

    def __init__(self) -> None:
        """All open."""
        self.due = Gate("due")
        self.received = Gate("received")
        self.proposed = Gate("proposed")
        self.written = Gate("written")
        self.synced = Gate("synced")
        self.sent = Gate("sent")
        self.delivered = Gate("delivered")
        self.committed = Gate("committed")
        self.applied = Gate("applied")
        self.answered = Gate("answered")
