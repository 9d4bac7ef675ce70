"""The keys of the chosen member: what readers see there, who watches, what happened last.

    S2: etcd index 9
      msg = hello            7
      jobs/                  8
        1 = a             8→9, lives 4 s
    c12 watches /jobs and below
    ▓╌╌╌╌╌ 9/1000 events from 1 on
    9 set jobs/1=a · 8 create jobs/1=b · 7 set msg=hello

The number is the etcd index at which the key was changed last; `8→9`: made at 8, changed at 9. Who
watches from an index on that the ring of events has forgotten is told so, and must read anew.

Next page: `safety`.
"""

from __future__ import annotations

from learnetcd.session.views import KeyspaceView, KeyView
from learnetcd_tui.canvas import Line, Target, fit, scrolled
from learnetcd_tui.picture import Picture

RING = 6
"""Columns for how full the ring of events is."""


def draw(picture: Picture, width: int, height: int) -> list[Line]:
    """Watchers and events get what the keys leave, and a line each at least."""
    member = picture.chosen_member
    if member is None:
        return []
    target = Target("member", member.id)
    if not member.alive:
        return [Line(f" {member.name} is down: nobody can read there", "dim", target)]
    skip = picture.scroll.get("keys", 0)
    shown = member.keyspace(height + skip)
    lines = [Line(f" {member.name}: etcd index {shown.etcd_index}", "strong", target)]
    below = [Line(fit(f" {words}", width), "candidate", target) for words in shown.watchers[-3:]]
    below += draw_events(shown, width, target)
    keys = [draw_key(key, width, target) for key in shown.keys]
    if not keys:
        keys = [Line("   no keys: P puts one", "dim", target)]
    room = max(1, height - len(lines) - len(below))
    return [*lines, *scrolled(keys, skip, room), *below][:height]


def draw_key(key: KeyView, width: int, target: Target) -> Line:
    """The key and its value, and at the right when it was changed and how long it lives."""
    lives = "" if key.seconds_left is None else f", lives {key.seconds_left} s"
    name = key.path.rpartition("/")[2]
    what = "  " * key.path.count("/") + (f"{name}/" if key.is_dir else f"{name} = {key.value}")
    made = f"{key.created_index}→" if key.created_index != key.modified_index else ""
    when = f"{made}{key.modified_index}{lives} "
    line = Line(fit(f" {what}", width - len(when) - 1), "", target)
    return line.right(when, width, "warn" if lives else "dim", target)


def draw_events(shown: KeyspaceView, width: int, target: Target) -> list[Line]:
    """How full the ring of events is, and the last of them."""
    oldest, count = shown.ring
    if not count or not shown.ring_size:
        return []
    full = -(-count * RING // shown.ring_size)
    line = Line(" ").add("▓" * full, "timer", target).add("╌" * (RING - full), "rule", target)
    words = f" {count}/{shown.ring_size} events from {oldest} on"
    last = fit(f" {' · '.join(shown.events)}", width)
    return [line.add(fit(words, width - line.width), "dim", target), Line(last, "dim", target)]
