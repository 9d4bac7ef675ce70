"""Where a piece of our own code stands: the code is the textbook, so the screen opens it.

    source_of("learnetcd.raft.election:stand")   ("learnetcd/raft/election.py", 78, (...))

A trace event names the symbol in which it happens; the page beside the run shows just that symbol.

Left out: editing.

Next page: `history`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from inspect import getsourcelines

from learnetcd.errors import UserError


@cache
def source_of(symbol: str) -> tuple[str, int, tuple[str, ...]]:
    """The path, the number of the first line, and the lines of `module:qualified.name`."""
    module_name, _, qualified = symbol.partition(":")
    if module_name.split(".")[0] != "learnetcd":
        raise UserError(
            f"{symbol!r} is not of learnetcd: it would be 'learnetcd.raft.log:RaftLog'."
        )
    try:
        found: object = import_module(module_name)
        for name in filter(None, qualified.split(".")):
            found = getattr(found, name)
        lines, first_line = getsourcelines(found)  # type: ignore[arg-type]  # TypeError says no
    except (ImportError, AttributeError, OSError, TypeError):
        raise UserError(f"There is no {symbol!r} in learnetcd.") from None
    path = module_name.replace(".", "/") + ".py"
    return path, max(1, first_line), tuple(line.rstrip("\n") for line in lines)
