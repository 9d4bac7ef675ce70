"""The tasks of the chosen member, and what each of them waits for. Only real members have tasks.

    at the gates of S1:
      delivered   heartbeat t2 commit 4 from S2
    S1 works in these tasks:
      _live             the tasks that it has started   held_cluster.py:197   await servers.run_...
        drive           an event                        member_driver.py:364  await self._stopped...
          _keep_syncing an event                        member_driver.py:402  await self._wants_...

What waits at a gate is no task: it is a function that is called when the gate opens.

Next page: `timeline`.
"""

from __future__ import annotations

from learnetcd.session.views import TaskView
from learnetcd_tui.canvas import Line, Target, fit, scrolled, wrap
from learnetcd_tui.picture import Picture

NONE = (
    "No tasks are seen here. A simulated member has none: it is a function from an input to"
    " effects, called by the world. Real ones have many, and show them in learnetcd tui --live."
)


def draw(picture: Picture, width: int, height: int) -> list[Line]:
    """The gates at which something waits, then the tree of tasks."""
    member = picture.chosen_member
    if member is None:
        return []
    work = member.work()
    if not work.tasks:
        words = NONE if member.alive else f"{member.name} is down: nobody works there."
        return [Line(f" {row}", "dim") for row in wrap(words, width - 2)]
    target = Target("member", member=member.id)
    lines = [Line(f" at the gates of {member.name}:", "strong", target)]
    for gate, about in work.gates:
        line = Line(f"   {gate}".ljust(14), "key", target)
        lines.append(line.add(fit(about, width - line.width), "", target))
    if not work.gates:
        lines[0].add(" nothing waits", "", target)
    lines.append(Line(f" {member.name} works in these tasks:", "strong", target))
    lines += [draw_task(task, width, target) for task in work.tasks]
    return scrolled(lines, picture.scroll.get("tasks", 0), height)


def draw_task(task: TaskView, width: int, target: Target) -> Line:
    """Who, for what, and where there is room, at which line of our source."""
    line = Line().cell(f"   {'  ' * task.depth}{task.name}", 30, "", target).add(" ")
    line.cell(task.waits_for, min(30, width - line.width), "candidate", target)
    room = width - line.width - 1
    return line.add(" ").add(fit(f"{task.where}  {task.line}", room), "comment", target)
