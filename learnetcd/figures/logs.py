"""The logs, a row for each member: what stands in one column stands at one index in every log.

    index     1      2      3      4
    ◆ S1    [x=1█] [y=2█] [x=3▣] [z=4·]       the entry, and how far it has got at this member
              t1     t1     t2     t2         the term in which a leader made it
            ────────────────────┘ committed 3

How far is seen from the frame as well as from the mark: dashed while an entry is only stored, whole
when it is durable, thick when it is committed, filled when it is applied. What the leader has
otherwise is hatched. Only the end of long logs is shown; the window moves by half its width, so
that nothing slides at each step.

Next page: `timeline`.
"""

from __future__ import annotations

from learnetcd.figures.svg import (
    Markup,
    element,
    fitted,
    group,
    line,
    value_text,
    width_of,
    words,
)
from learnetcd.session.signs import MARKS, ROLES
from learnetcd.session.views import ClusterView, EntryView, Mark, MemberView

WIDTH = 560
LEFT = 66
"""Where the first column begins."""

COLUMNS = 8
CELL = (WIDTH - LEFT - 6) / COLUMNS
ROW = 70
"""Height of a row: the entry, its term, the line of what is committed."""

HEAD = 30
"""Height of the line of indexes."""

FOOT = 34
"""Height of the line that says what the marks mean."""

LOOKS = {
    Mark.STORED: "dim",
    Mark.DURABLE: "durable",
    Mark.COMMITTED: "commit",
    Mark.APPLIED: "commit",
}


def height_of(view: ClusterView) -> float:
    """How high the rows are, with what stands above and below."""
    return HEAD + ROW * len(view.members) + FOOT


def logs(view: ClusterView) -> Markup:
    """The indexes, a row for each member, and what the marks mean."""
    longest = max((one.last_index for one in view.members), default=0)
    first = first_column(longest, COLUMNS)
    columns = range(first, first + COLUMNS)
    numbers = [
        words(left_of(index - first) + CELL / 2 - 3, HEAD / 2, str(index), "dim", at="middle")
        for index in columns
    ]
    rows = [
        group(*row(one, columns), transform=f"translate(0,{value_text(HEAD + ROW * place)})")
        for place, one in enumerate(view.members)
    ]
    legend = group(*meaning(), transform=f"translate(0,{value_text(height_of(view) - FOOT + 8)})")
    return Markup(words(8, HEAD / 2, "index", "dim") + "".join(numbers + rows) + legend)


def first_column(last_index: int, columns: int) -> int:
    """The index of the first column: half a window further whenever the end would leave it."""
    half = max(1, columns // 2)
    beyond = max(0, last_index - columns)
    return 1 + -(-beyond // half) * half


def left_of(column: int) -> float:
    """Where a column begins."""
    return LEFT + column * CELL


# --- a row ----------------------------------------------------------------------------------------


def row(member: MemberView, columns: range) -> list[Markup]:
    """Whose log it is, its entries, and how much of it the member knows to be committed."""
    _, shape = ROLES[member.role]
    look = member.role.removeprefix("pre-")
    name = element("g", words(8, 16, f"{shape} {member.name}", look), font_weight="bold")
    entries = {one.index: one for one in member.entries(columns[0], columns[-1])}
    cells = []
    for column, index in enumerate(columns):
        if one := entries.get(index):
            cells.append(entry(member, one, left_of(column)))
        elif member.first_index > index <= member.snapshot_index:
            cells.append(words(left_of(column) + CELL / 2 - 3, 16, "≡≡≡", "dim", at="middle"))
        else:
            cells.append(empty_place(left_of(column)))
    return [group(name, data_target=f"member {member.id}"), *cells, commit_line(member, columns)]


def empty_place(x: float) -> Markup:
    """Where an entry may come to stand."""
    return element(
        "rect", x=x, y=0, width=CELL - 6, height=32, rx=5, class_="rule", fill="none",
        stroke="currentColor", opacity=0.4,
    )  # fmt: skip


def entry(member: MemberView, one: EntryView, x: float) -> Markup:
    """A frame with the entry and its mark; below it the term."""
    width, look = CELL - 6, "fault" if one.conflicts else LOOKS[one.mark]
    frame = element(
        "rect", x=0, y=0, width=width, height=32, rx=5, class_=look, stroke="currentColor",
        fill="currentColor", fill_opacity=0.28 if one.mark is Mark.APPLIED else 0.06,
        stroke_width=1.4 if one.mark in (Mark.STORED, Mark.DURABLE) else 3,
        stroke_dasharray="4 3" if one.mark is Mark.STORED else None,
    )  # fmt: skip
    hatch = [line((x, 32), (x + 16, 0), "fault", 1) for x in (4, 16, 28)] if one.conflicts else []
    said = fitted(one.text.strip("()"), width - 18, 13)
    parts = [
        *(frame, *hatch),
        words((width - 10) / 2, 16, said, at="middle", size=13),
        words(width - 8, 16, MARKS[one.mark], look, at="middle", size=11),
        words(width / 2, 41, f"t{one.term}", "dim", at="middle", size=12),
    ]
    if one.changed:
        parts.append(words(width - 2, 1, "*", "leader", at="middle", size=18))
    state = f"{one.mark.value}{', conflicts with the leader' if one.conflicts else ''}"
    return group(
        *parts,
        tip=f"entry {one.index} at {member.name}: {one.text}, term {one.term}, {state}",
        transform=f"translate({value_text(x)},0)",
        data_id=f"entry-{member.id}-{one.index}-{one.term}",
        data_target=f"entry {member.id} {one.index}",
        class_="entry",
    )


def commit_line(member: MemberView, columns: range) -> Markup:
    """A rule under the committed entries, with the number of the last one."""
    star = "*" if "commit_index" in member.changed else ""
    said = f"{star}committed {member.commit_index or 'nothing'}"
    if member.applied_index != member.commit_index:
        said += f", applied {member.applied_index}"
    count = min(member.commit_index - columns[0] + 1, len(columns))
    look = "leader" if star else "dim"
    if not member.last_index:
        return Markup()
    if count <= 0:
        return words(LEFT, 57, said, look, size=11)
    end = left_of(count) - 6
    width = width_of(said, 11)
    at = end + 8 if end + width + 12 < WIDTH else max(LEFT, end - width - 8)
    rule = line((LEFT, 54), (end, 54), "commit", 2)
    corner = line((end, 49), (end, 54), "commit", 2)
    y = 54 if at > end else 64
    return group(rule, corner, words(at, y, said, look, size=11), data_id=f"commit-{member.id}")


def meaning() -> list[Markup]:
    """The four marks, and the hatching."""
    parts, x = [], LEFT
    for mark, look in LOOKS.items():
        said = f"{MARKS[mark]} {mark.value}"
        parts.append(words(x, 10, said, look, size=12))
        x += int(width_of(said, 12)) + 22
    return [*parts, words(x, 10, "▨ will be removed", "fault", size=12)]
