"""The overlap of quorums: whatever two majorities decide, somebody was in both.

                12    13    23
          12    --    1     2          three members: each two majorities share one
          13          --    3
          23                --

All of Raft's safety hangs on the members in this table: each of them carries what the first
majority decided into the second. With one member too few in a majority the table gets holes, and
in each hole two halves of the cluster can decide differently.

Source: Raft §5.4.3; `learnetcd/raft/quorum.py`.

Next page: `operations`.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from learnetcd.errors import UserError
from learnetcd.figures.figure import Figure
from learnetcd.figures.svg import Markup, element, line, picture, words
from learnetcd.raft.quorum import majority
from learnetcd.tracing import member_name

MOST_SETS = 10
"""Five members have ten majorities; seven have 35, and nobody reads 595 pairs."""

CELL_WIDTH, CELL_HEIGHT = 50, 30
EDGE, TOP = 70, 92

Set = tuple[int, ...]


def quorum_overlap(voters: Iterable[int], needed: int | None = None) -> Figure:
    """Draw whom each two sets of `needed` voters share; without it, majorities."""
    members = tuple(sorted(voters))
    needed = majority(len(members)) if needed is None else needed
    sets = list(combinations(members, needed))
    if not len(members) >= 2 or len(sets) > MOST_SETS:
        raise UserError(
            f"{len(sets)} sets of {needed} out of {len(members)} members make no table that "
            f"can be read: take 2 to 5 members."
        )
    title = f"Each two sets of {needed} out of {len(members)} members: whom they share"
    pairs = list(combinations(sets, 2))
    lonely = sum(not shared(one, other) for one, other in pairs)
    verdict = (
        f"In {lonely} of {len(pairs)} pairs they share nobody: two halves can decide differently."
        if lonely
        else "Each two of them share somebody, who carries what the first decided to the second."
    )
    return Figure(
        svg=_drawn(sets, title, verdict),
        text="\n".join((title, *map(_pair_line, pairs), verdict)) + "\n",
    )


def shared(one: Set, other: Set) -> Set:
    """Who is in both."""
    return tuple(member for member in one if member in other)


def _pair_line(pair: tuple[Set, Set]) -> str:
    one, other = pair
    return f"  {_names(one)} and {_names(other)} share {_names(shared(one, other)) or 'NOBODY'}"


def _names(members: Set) -> str:
    return " ".join(map(member_name, members))


def _digits(members: Set) -> str:
    return "".join(map(str, members))


def _drawn(sets: list[Set], title: str, verdict: str) -> str:
    width = max(EDGE + CELL_WIDTH * len(sets) + 24, 420)
    height = TOP + CELL_HEIGHT * len(sets) + 70
    inside: list[Markup] = [words(16, 22, "Whom do two quorums share?")]
    inside += [words(16, 46, f"sets of {len(sets[0])} members", "dim", size=13)]
    for number, members in enumerate(sets):
        x, y = _place(number, number)
        inside += [
            words(x, TOP - 18, _digits(members), at="middle"),
            words(EDGE - 14, y, _digits(members), at="end"),
            line((EDGE, y + CELL_HEIGHT / 2), (_place(0, len(sets) - 1)[0] + 25, y + 15)),
        ]
    for row, column in combinations(range(len(sets)), 2):
        inside.append(_cell(row, column, shared(sets[row], sets[column])))
    first, _, rest = verdict.partition(": ") if ": " in verdict else verdict.partition(", ")
    for number, said in enumerate(filter(None, (first, rest))):
        inside.append(words(16, height - 40 + 20 * number, said, "dim", size=13))
    return picture(width, height, title, verdict, *inside)


def _place(row: int, column: int) -> tuple[float, float]:
    return (EDGE + CELL_WIDTH * (column + 0.5), TOP + CELL_HEIGHT * (row + 0.5))


def _cell(row: int, column: int, members: Set) -> Markup:
    """Who is shared; one alone is marked by a ring, and nobody by a cross."""
    x, y = _place(row, column)
    if not members:
        return words(x, y, "✕", "fault", at="middle", size=18)
    said = words(x, y, _digits(members), "leader" if len(members) == 1 else "ink", at="middle")
    if len(members) > 1:
        return said
    ring = element("circle", cx=x, cy=y, r=12, class_="leader", fill="none", stroke="currentColor")
    return Markup(ring + said)
