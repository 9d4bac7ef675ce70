"""Calling a function of yours: what can go wrong in it is said in one sentence, with the line.

    grant_vote, line 7 of mine.py: ZeroDivisionError: division by zero.
    grant_vote, line 9 of mine.py: it gave None, and True or False was expected.
    grant_vote, line 4 of mine.py: it has not come to an end after 500,000 steps.

Whoever learns makes mistakes, so they are part of the plan. A fault is told as an assertion that
failed: in a cluster that is how a member stops, and the run shows it as a violation, like a member
of ours that finds its own state impossible.

A loop without end is found by counting the steps of Python that your file takes in one call.
Counting, not a clock: so the same call always has the same fate, on any machine and in any thread.
What counting can't see (one step that takes for ever, or all memory) is found where your file is
tried in a process of its own (`trial`).

Next page: `parts`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

MOST_STEPS = 500_000
"""So many steps (bytecodes) may one call take: a log of a lesson has some dozen entries."""


class OwnFault(AssertionError):
    """A function of yours did not give an answer that can be used."""


class TooLong(BaseException):
    """Ends a call; not an `Exception`, so that no `except` of yours stops it."""


def call(
    function: Callable[..., object], complaint: Callable[[object], str], *given: object
) -> object:
    """Call a function of yours, or say by an `OwnFault` what went wrong in it.

    `complaint` says what is wrong with an answer, or "".
    """
    code = function.__code__
    with counted(code.co_filename, code.co_firstlineno) as steps:
        try:
            answer = function(*given)
        except TooLong as error:
            raise OwnFault(fault(function, steps.last, str(error))) from None
        except RecursionError:
            deep = "it calls itself too often, without an end"
            raise OwnFault(fault(function, steps.last, deep)) from None
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # SystemExit as well: it shall not end the program
            line = line_of(error.__traceback__, code.co_filename)
            raise OwnFault(fault(function, line, said(error))) from None
    if wrong := complaint(answer):
        raise OwnFault(fault(function, steps.last, wrong))
    return answer


@contextmanager
def counted(file: str, line: int) -> Iterator[Steps]:
    """Count the steps that the code of a file takes in this block; `TooLong` after too many."""
    steps = Steps(file, line)
    outer = sys.gettrace()
    sys.settrace(steps.trace)
    try:
        yield steps
    finally:
        sys.settrace(outer)


class Steps:
    """The steps of one file's code while it runs."""

    def __init__(self, file: str, line: int) -> None:
        """Nothing has run yet."""
        self.file = file
        self.last = line
        """The line that ran last."""
        self.count = 0

    def trace(self, frame: FrameType, event: str, _: Any) -> Any:  # noqa: ANN401 (as settrace wants it)
        """What Python calls at each step."""
        if frame.f_code.co_filename != self.file:
            return None
        if event == "call":
            frame.f_trace_opcodes = True  # a loop in one line has no events of lines
        elif event == "line":
            self.last = frame.f_lineno
        elif event == "opcode":
            self.count += 1
            if self.count > MOST_STEPS:
                raise TooLong(f"it has not come to an end after {MOST_STEPS:,} steps")
        return self.trace


def said(error: BaseException) -> str:
    """An exception in a few words."""
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def line_of(traceback: TracebackType | None, file: str) -> int:
    """The innermost line of a file that a traceback leads through; 0 if it leads past it."""
    line = 0
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == file:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line


def fault(function: Callable[..., object], line: int, what: str) -> str:
    """Where and what, as a sentence without its full stop."""
    code = function.__code__
    where = f"line {line or code.co_firstlineno} of {Path(code.co_filename).name}"
    return f"{function.__name__}, {where}: {what.rstrip('.')}"
