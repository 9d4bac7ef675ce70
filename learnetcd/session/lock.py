"""One lock, so that a session may be used from any thread.

A screen draws in one thread while a worker lets the cluster run in another, and a notebook's
widgets call from wherever they please. Each public method of `Session` holds the lock while it
works. The lock may be taken again by the thread that has it, because methods call each other:

    session.put(1, "x", "1")        takes the lock
        session.view()              takes it again: the same thread, so it passes

No method holds the lock for longer than one slice of work, so no other thread waits for long. This
is the only page of the session that knows that threads exist.

Next page: `reader`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from threading import RLock
from typing import Concatenate, ParamSpec, Protocol, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class Locked(Protocol):
    """Whatever has a lock of its own."""

    lock: RLock


Owner = TypeVar("Owner", bound=Locked)


def locked(
    method: Callable[Concatenate[Owner, Parameters], Result],
) -> Callable[Concatenate[Owner, Parameters], Result]:
    """Let one thread at a time into this method, and into all others with the same lock."""

    @wraps(method)
    def alone(self: Owner, /, *args: Parameters.args, **named: Parameters.kwargs) -> Result:
        with self.lock:
            return method(self, *args, **named)

    return alone


__all__ = ["RLock", "locked"]
