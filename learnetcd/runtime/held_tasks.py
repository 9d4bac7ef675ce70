"""The tasks of a held member, as plain values: who works for it, and what each waits for.

    drive               an event    member_driver.py:364    await self._stopped.wait()
      _keep_time        an event    held_cluster.py:99      await self._moved.wait()
      _keep_syncing     an event    member_driver.py:402    await self._wants_sync.wait()
    _let_in             a socket    http_server.py:76       await trio.lowlevel.wait_readable(...

trio keeps all tasks in one tree, of nurseries, and of each task the frames in which it stands. The
innermost frame that is ours says where it waits, the one of trio below it for what. So nobody has
to report anything: a member that is not looked at runs as ever.

Source: trio.lowlevel.Task (`child_nurseries`, `iter_await_frames`). Next page: `held_cluster`.
"""

from __future__ import annotations

import linecache
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import trio

OURS = str(Path(__file__).parent.parent)

WAITS = {
    "sleep": "so much time to pass",
    "sleep_until": "so much time to pass",
    "sleep_forever": "its end",
    "wait_readable": "a socket: something to read",
    "wait_writable": "a socket: room to write",
    "Event.wait": "an event",
    "ReceiveChannel.__anext__": "something in its queue",
    "MemoryReceiveChannel.receive": "something in its queue",
    "SocketStream.receive_some": "a socket: something to read",
    "NurseryManager.__aexit__": "the tasks that it has started",
    "to_thread_run_sync": "a thread: the disk is at work",
}
"""What a task waits for in these functions of trio."""


@dataclass(frozen=True, slots=True)
class TaskAtWork:
    """One task."""

    name: str
    depth: int
    """How many tasks above it belong to the member, too."""
    waits_for: str
    where: str
    """`member_driver.py:402`."""
    line: str
    """The line of our source at which it waits."""
    count: int = 1
    """So many that are alike."""


def tasks_below(task: trio.lowlevel.Task) -> list[TaskAtWork]:
    """A task and all that it has started, in the order of the tree."""
    return list(_together(_walk(task, 0)))


def _walk(task: trio.lowlevel.Task, depth: int) -> Iterator[TaskAtWork]:
    ours, theirs = None, ""
    for frame, number in task.iter_await_frames():
        if frame.f_code.co_filename.startswith(OURS):
            ours, theirs = (frame, number), ""
        elif not theirs:
            theirs = frame.f_code.co_qualname
    name = ".".join(task.name.split(".")[-2:]).removeprefix("<locals>.")
    yield TaskAtWork(name, depth, WAITS.get(theirs, theirs or "its turn"), *_place(ours))
    for nursery in task.child_nurseries:
        for child in sorted(nursery.child_tasks, key=_order):
            yield from _walk(child, depth + 1)


def _order(task: trio.lowlevel.Task) -> tuple[str, bool]:
    return task.name, bool(task.child_nurseries)


def _place(ours: tuple[FrameType, int] | None) -> tuple[str, str]:
    """Where a task stands in our source."""
    if ours is None:
        return "", ""
    path = ours[0].f_code.co_filename
    return f"{Path(path).name}:{ours[1]}", linecache.getline(path, ours[1]).strip()


def _together(tasks: Iterator[TaskAtWork]) -> Iterator[TaskAtWork]:
    """Neighbours that do the same are one row with a number."""
    last: TaskAtWork | None = None
    for task in tasks:
        if last is not None and _is_alike(last, task):
            last = TaskAtWork(
                task.name, task.depth, task.waits_for, task.where, task.line, last.count + 1
            )
            continue
        if last is not None:
            yield last
        last = task
    if last is not None:
        yield last


def _is_alike(one: TaskAtWork, other: TaskAtWork) -> bool:
    return (one.name, one.depth, one.where) == (other.name, other.depth, other.where)
