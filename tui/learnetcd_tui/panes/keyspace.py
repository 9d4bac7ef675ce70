"""The keys of the chosen member: what readers see there, who watches, what happened last.

    S2: etcd index 9
      /msg = hello           7
      /jobs/                 8
      /jobs/1 = a            9, lives 4 s
    c12 watches /jobs and below
    9 create jobs/1=a · 8 create jobs · 7 set msg=hello

The number is the etcd index at which the key was changed last.

Next page: `safety`.
"""

from __future__ import annotations

from learnetcd.session.views import KeyView
from learnetcd_tui.canvas import Line, Target, fit
from learnetcd_tui.picture import Picture


def draw(picture: Picture, width: int, height: int) -> list[Line]:
    """Watchers and events get what the keys leave, and a line each at least."""
    member = picture.chosen_member
    if member is None:
        return []
    target = Target("member", member.id)
    if not member.alive:
        return [Line(f" {member.name} is down: nobody can read there", "dim", target)]
    shown = member.keyspace(height)
    lines = [Line(f" {member.name}: etcd index {shown.etcd_index}", "strong", target)]
    if not shown.keys:
        lines.append(Line("   no keys: P puts one", "dim", target))
    reserved = min(3, len(shown.watchers)) + bool(shown.events)
    for key in shown.keys[: max(1, height - len(lines) - reserved)]:
        lines.append(draw_key(key, width, target))
    lines += [Line(fit(f" {words}", width), "candidate", target) for words in shown.watchers[-3:]]
    if shown.events:
        lines.append(Line(fit(f" {' · '.join(shown.events)}", width), "dim", target))
    return lines[:height]


def draw_key(key: KeyView, width: int, target: Target) -> Line:
    """The key and its value, and at the right when it was changed and how long it lives."""
    lives = "" if key.seconds_left is None else f", lives {key.seconds_left} s"
    what = f"{key.path}/" if key.is_dir else f"{key.path} = {key.value}"
    when = f"{key.modified_index}{lives} "
    line = Line(fit(f"   {what}", width - len(when) - 1), "", target)
    return line.right(when, width, "warn" if lives else "dim", target)
