"""The story: one sentence for each thing that happened, the newest at the bottom.

    S2 stood for election in term 1: its timer fired.            Raft §5.2
  * S1 voted for S2 in term 1: it has not voted in term 1.       Raft §5.2, §5.4.1

A star stands before what the last step brought. Beside each sentence stands the place in the paper
that it shows; the source pane shows the place in our code.

Next page: `explain`.
"""

from __future__ import annotations

from learnetcd.session.views import Narration
from learnetcd_tui.canvas import Line, Target, fit, width_of, wrap
from learnetcd_tui.picture import Picture

FIRST_WORDS = (
    "Nothing has happened yet: the cluster is paused.",
    "Press n to go on until something changes, . for one step, space to let it run.",
    "The shortest bar fires first. Who will stand for election?",
)


def draw(picture: Picture, width: int, height: int) -> list[Line]:
    """As many sentences as fit, from the end."""
    if not picture.story and picture.view.step == 0:
        return [Line(f"  {line}", "") for text in FIRST_WORDS for line in wrap(text, width - 3)]
    lines: list[Line] = []
    skip = picture.scroll.get("story", 0)
    for narration in reversed(picture.story[: len(picture.story) - skip]):
        is_new = narration.step > picture.since
        lines = draw_sentence(narration, is_new, width, picture.chosen) + lines
        if len(lines) >= height:
            break
    return lines[-height:]


def draw_sentence(
    narration: Narration, is_new: bool, width: int, chosen: Target | None
) -> list[Line]:
    """One sentence, its citation at the right edge or under it."""
    target = Target("event", index=narration.step, event=narration.event_id)
    citation = narration.citation
    has_room = width >= 64 and width_of(citation) <= width // 3
    aside = width_of(citation) + 2 if citation and has_room else 0
    rows = wrap(narration.text, width - 4 - aside)
    style = "strong" if narration.landmark else "" if is_new else "dim"
    if target == chosen:
        style += " chosen"
    lines = []
    for number, row in enumerate(rows):
        line = Line(" * " if is_new and not number else "   ", "changed", target)
        lines.append(line.add(row, style, target))
    if not citation:
        return lines
    if aside:
        lines[0].right(citation + " ", width, "dim", target)
    elif lines[-1].width + width_of(citation) + 3 <= width:
        lines[-1].add(f" [{citation}]", "comment", target)
    elif is_new:
        lines.append(Line(fit(f"   [{citation}]", width - 1), "comment", target))
    return lines
