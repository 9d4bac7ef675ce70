"""A dump: bytes in hexadecimal, and beside them which field they are and what it holds.

    1a 2f                     data          47 bytes: the fields that follow
    10 01                       term        1
    18 02                       index       2
    22 27                       data        39 bytes: the fields that follow
    12 03 50 55 54                method    PUT
    28 00 32 00 38 00 48 00       dir ...   0, no or empty: dir, prev_value, prev_index, expiration

A field inside another one stands further to the right. etcd writes also what says nothing, and such
fields share a line.

Next page: `panes`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from learnetcd.api.telling import NOT_SHOWN
from learnetcd.session.views import PieceView
from learnetcd_tui.canvas import Line, Target, fit

MOST_ROWS = 3
"""Of one field. What is longer is a value, and is read beside it."""
FEW = 2
"""So many fields that say nothing have a line each."""


def dump(pieces: Sequence[PieceView], width: int, target: Target | None = None) -> list[Line]:
    """A line for each piece, more for a long one."""
    in_a_row = 16 if width >= 130 else 8
    lines = []
    for data, name, text, says_nothing in rows_of(pieces):
        seen = b"" if text == NOT_SHOWN else data
        rows = [seen[at : at + in_a_row] for at in range(0, len(seen), in_a_row)] or [b""]
        more = f" … {len(data)} bytes" if len(rows) > MOST_ROWS else ""
        for number, row in enumerate(rows[:MOST_ROWS]):
            line = Line("   ", "", target).cell(row.hex(" "), 3 * in_a_row, "durable", target)
            if number == 0:
                line.cell(name + " ", 18, "dim" if says_nothing else "strong", target)
                line.add(fit(text, width - line.width), "dim" if says_nothing else "", target)
            elif number == MOST_ROWS - 1:
                line.add(more, "dim", target)
            lines.append(line)
    return lines


def rows_of(pieces: Sequence[PieceView]) -> Iterator[tuple[bytes, str, str, bool]]:
    """Bytes, name, words; fields of one message that say nothing together, if they are many."""

    def kind(piece: PieceView) -> tuple[bool, str]:
        return piece.says_nothing, piece.name.rpartition(".")[0] if piece.says_nothing else ""

    for (says_nothing, _), found in groupby(pieces, kind):
        group = list(found)
        if not says_nothing or len(group) <= FEW:
            yield from ((one.data, indented(one.name), one.text, says_nothing) for one in group)
            continue
        names = ", ".join(one.name.rpartition(".")[2] for one in group)
        data = b"".join(one.data for one in group)
        yield data, f"{indented(group[0].name)} ...", f"0, no or empty: {names}", True


def indented(name: str) -> str:
    """The last part of a name, as far to the right as it has parts before."""
    return "  " * name.count(".") + name.rpartition(".")[2]
