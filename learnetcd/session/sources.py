"""Where a piece of our own code stands: the code is the textbook, so the screen opens it.

    source_of("learnetcd.raft.election:stand")     ("learnetcd/raft/election.py", 78, (...))
    source_of("learnetcd.raft.rules:GRANT_VOTE")   a value, with all that is written for it

A trace event names the symbol in which it happens; the page beside the run shows just that symbol.

Left out: editing.

Next page: `history`.
"""

from __future__ import annotations

import ast
from functools import cache
from importlib import import_module
from inspect import getsource, getsourcelines
from types import ModuleType

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
        module = import_module(module_name)
        found: object = module
        for name in filter(None, qualified.split(".")):
            found = getattr(found, name)
        if isinstance(found, type) or callable(found) or found is module:
            lines, first_line = getsourcelines(found)
        else:
            lines, first_line = _lines_of_value(module, qualified)
    except (ImportError, AttributeError, OSError, TypeError):
        raise UserError(f"There is no {symbol!r} in learnetcd.") from None
    path = module_name.replace(".", "/") + ".py"
    return path, max(1, first_line), tuple(line.rstrip("\n") for line in lines)


def _lines_of_value(module: ModuleType, name: str) -> tuple[list[str], int]:
    """The lines of a value at the outermost level of a module, and the number of the first."""
    source = getsource(module)
    for statement in ast.parse(source).body:
        if not isinstance(statement, ast.Assign | ast.AnnAssign):
            continue
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            first, last = statement.lineno, statement.end_lineno
            return source.splitlines()[first - 1 : last], first
    raise AttributeError(name)
