"""The story: one sentence for each thing that happened, the newest at the bottom.

    S2 stood for election in term 1: its timer fired.            Raft §5.2
  * S1 voted for S2 in term 1: it has not voted in term 1.       Raft §5.2, §5.4.1

A star stands before what the last step brought. Beside each sentence stands the place in the paper
that it shows; the source pane shows the place in our code. Where the last step says more than there
is room for, the citations go first, then the asides (a timer was drawn anew, a disk has synced): of
a vote that is given, the vote must be seen.

Next page: `explain`.
"""

from __future__ import annotations

from collections.abc import Sequence

from learnetcd.session.views import Narration
from learnetcd_tui.canvas import Line, Target, fit, width_of, wrap
from learnetcd_tui.picture import Picture

FIRST_WORDS = (
    "Nothing has happened yet: the cluster is paused.",
    "Press n to go on until something changes, . for one step, space to let it run.",
    "The shortest bar fires first. Who will stand for election?",
)


def draw(picture: Picture, width: int, height: int) -> list[Line]:
    """As many sentences as fit, from the end; of the new ones all, if that can be."""
    if not picture.story and picture.view.step == 0:
        return [Line(f"  {line}", "") for text in FIRST_WORDS for line in wrap(text, width - 3)]
    skip = picture.scroll.get("story", 0)
    story = picture.story[: len(picture.story) - skip]
    lines: list[Line] = []
    for has_citations, has_asides in ((True, True), (False, True), (False, False)):
        shown = [one for one in story if has_asides or is_worth_its_line(one, story)]
        lines, new_lines = draw_last(shown, picture, width, height, has_citations)
        if new_lines <= height:
            break
    return lines[-height:]


def is_worth_its_line(narration: Narration, story: Sequence[Narration]) -> bool:
    """Not an aside; of the very last step, one that says nothing else stays."""
    is_last = narration.step == story[-1].step
    return not narration.aside or (
        is_last and all(n.aside for n in story if n.step == narration.step)
    )


def draw_last(
    story: Sequence[Narration], picture: Picture, width: int, height: int, has_citations: bool
) -> tuple[list[Line], int]:
    """The last sentences, at least as many lines as there is room for; how many lines are new."""
    lines: list[Line] = []
    new_lines = 0
    for narration in reversed(story):
        is_new = narration.step > picture.since
        drawn = draw_sentence(narration, is_new, width, picture.chosen, has_citations)
        lines = drawn + lines
        new_lines += len(drawn) if is_new else 0
        if len(lines) > height:
            break
    return lines, new_lines


def draw_sentence(
    narration: Narration,
    is_new: bool,
    width: int,
    chosen: Target | None,
    has_citation: bool = True,
) -> list[Line]:
    """One sentence, its citation at the right edge or under it."""
    target = Target("event", index=narration.step, event=narration.event_id)
    citation = narration.citation
    has_room = width >= 64 and width_of(citation) <= width // 3
    aside = width_of(citation) + 2 if citation and has_room else 0
    rows = wrap(narration.text, width - 4 - aside)
    style = "strong" if narration.landmark else "" if is_new else "dim"
    if narration.text.startswith("VIOLATED"):
        style = "bad"
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
    elif is_new and has_citation:
        lines.append(Line(fit(f"   [{citation}]", width - 1), "comment", target))
    return lines
