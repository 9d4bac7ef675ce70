"""The cluster map: a whole cluster at one step, as a picture and as words.

    cluster_map(session.view()).svg       members in a ring, messages on their way, logs below
    cluster_map(session.view()).text      S1 ◆ leader, term 2 ...: the same, to be read aloud

It is drawn from a `ClusterView` alone, the picture from which all views of a run are drawn, with
the signs and words that they share. So it can stand in a notebook, in a book, in a mail, and a view
that moves (`learnetcd.widgets`) shows the same pieces, each by itself.

Left out: what happens next, the clients and the story; they are words, and words need no picture.

Next page: `rows`.
"""

from __future__ import annotations

from collections.abc import Sequence

from learnetcd.figures import logs, ring, timeline
from learnetcd.figures.figure import Figure
from learnetcd.figures.svg import Markup, group, picture, value_text, words
from learnetcd.session.signs import (
    LANDMARKS,
    MARKS,
    ROLES,
    aloud,
    fate,
    knowledge,
    milliseconds,
    role_word,
    timer_words,
    told,
)
from learnetcd.session.views import BranchView, ClusterView, LandmarkView, MemberView
from learnetcd.tracing import member_name

MOST_ENTRIES = 20
"""So many of the last entries of a log are read aloud."""


def cluster_map(view: ClusterView, sentences: Sequence[str] = ()) -> Figure:
    """Ring and logs, one above the other, and below them what happened in this step."""
    text = "\n".join([*in_words(view), *sentences])
    below = ring.HEIGHT + logs.height_of(view)
    said = [words(14, below + 14 + 20 * place, one) for place, one in enumerate(sentences)]
    parts = [
        corners(view),
        ring.ring(view),
        shifted(logs.logs(view), ring.HEIGHT),
        *said,
    ]
    height = below + (20 * len(said) + 10 if said else 0)
    return Figure(picture(ring.WIDTH, height, title_of(view), aloud(text), *parts), text)


def title_of(view: ClusterView) -> str:
    """Which cluster, and when."""
    name = view.scene or f"{len(view.members)} members"
    return f"{name}, profile {view.profile}, at {milliseconds(view.now_ms)}, step {view.step}"


def shifted(part: Markup, down: float) -> Markup:
    """The same, further down."""
    return group(part, transform=f"translate(0,{value_text(down)})")


# --- its pieces, for a view that shows each by itself ---------------------------------------------


def ring_picture(view: ClusterView, chosen: int = 0) -> str:
    """Members and messages."""
    text = aloud("\n".join([*members_in_words(view), *messages_in_words(view)]))
    parts = (corners(view), ring.ring(view, chosen))
    return picture(ring.WIDTH, ring.HEIGHT, "Members and messages", text, *parts, role="group")


def logs_picture(view: ClusterView) -> str:
    """The logs."""
    text = "\n".join(log_in_words(one) for one in view.members)
    height = logs.height_of(view)
    return picture(logs.WIDTH, height, "Logs", aloud(text), logs.logs(view), role="group")


def timeline_picture(
    view: ClusterView, landmarks: Sequence[LandmarkView], branches: Sequence[BranchView]
) -> str:
    """Steps and branches. Keys go to all that a pointer can choose here, so it is one thing."""
    marks = [f"Step {one.step}: {one.text}" for one in landmarks if one.kind in LANDMARKS]
    text = " ".join([f"Step {view.step} of {view.length}, branch {view.branch}.", *marks])
    drawn = timeline.timeline(view, landmarks, branches)
    height = timeline.height_of(branches)
    return picture(timeline.WIDTH, height, "Timeline", aloud(text), drawn)


def corners(view: ClusterView) -> Markup:
    """When it is, and whether all is well."""
    troubles = [f"cut {cut_in_words(view)}"] if view.cuts else []
    if view.violated:  # in short lines: the highest member stands in the middle
        troubles += ["VIOLATED:", view.violated[-1]]
        troubles += [f"and {len(view.violated) - 1} more"] if len(view.violated) > 1 else []
    parts = [words(14, 20, f"t = {milliseconds(view.now_ms)}", size=14)]
    parts += [
        words(14, 40 + 18 * place, one, "fault", size=14) for place, one in enumerate(troubles)
    ]
    if not view.violated:
        parts.append(words(ring.WIDTH - 14, 20, safety(view), "commit", at="end", size=14))
    if view.broken_rules:
        off = f"off: {', '.join(view.broken_rules)}"
        parts.append(words(ring.WIDTH - 14, 40, off, "fault", at="end", size=13))
    return Markup("".join(parts))


def safety(view: ClusterView) -> str:
    """The invariants that hold, or the one that broke last."""
    if not view.violated:
        return "not judged" if view.is_part else f"safe {view.safe}/{view.invariants}"
    others = len(view.violated) - 1
    return f"VIOLATED: {view.violated[-1]}" + (f" and {others} more" if others else "")


# --- the same in words ----------------------------------------------------------------------------


def in_words(view: ClusterView) -> list[str]:
    """A line for each thing that the picture shows."""
    lines = [f"{title_of(view)}, branch {view.branch}, {safety(view)}."]
    lines += [f"Off: {', '.join(view.broken_rules)}."] if view.broken_rules else []
    lines += members_in_words(view)
    lines += [log_in_words(one) for one in view.members]
    lines += messages_in_words(view)
    return lines + [
        f"c{one.id} {one.text}: {told(one)}" + (f" (truth: {one.truth})." if one.truth else ".")
        for one in view.clients
    ]


def members_in_words(view: ClusterView) -> list[str]:
    """Who each is and what it knows; and who is cut off."""
    lines = [member_in_words(one) for one in view.members]
    return [*lines, f"cut {cut_in_words(view)}."] if view.cuts else lines


def cut_in_words(view: ClusterView) -> str:
    """`1|23`, or one way `S1⇏S3`."""
    if "|" in view.walls:
        return view.walls
    return "  ".join(f"{member_name(a)}⇏{member_name(b)}" for a, b in view.cuts)


def member_in_words(view: MemberView) -> str:
    """As in: S1 ◆ leader, term 2, voted for S1; match S2:3; heartbeat fires in 40 ms."""
    vote = f"voted for {member_name(view.vote)}" if view.vote else "voted for nobody"
    known = [one for one in (knowledge(view), timer_words(view)) if one]
    who = f"{view.name} {ROLES[view.role][1]} {role_word(view)}, term {view.term}, {vote}"
    return f"{'; '.join([who, *known])}."


def log_in_words(view: MemberView) -> str:
    """As in: log of S1: 1 x=1 t1 █ applied, 2 y=2 t1 · stored."""
    first = max(1, view.last_index - MOST_ENTRIES + 1)
    entries = [
        f"{one.index} {one.text} t{one.term} {MARKS[one.mark]} {one.mark.value}"
        + (", conflicts" if one.conflicts else "")
        for one in view.entries(first, view.last_index)
    ]
    if view.first_index > 1:
        entries.insert(0, f"a snapshot up to {view.first_index - 1}")
    return f"log of {view.name}: {', '.join(entries) or 'no entries'}."


def messages_in_words(view: ClusterView) -> list[str]:
    """As in: S1 → S2 append t2 after 3@2 [z=4] commit 2, in 12 ms."""
    return [
        f"{member_name(one.link[0])} → {member_name(one.link[1])} {one.text}, {fate(one)}."
        for one in view.packets
    ]
