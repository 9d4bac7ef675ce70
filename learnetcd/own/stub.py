"""A stub: a file to fill in, with what a part must do and nothing of how.

It is cut out of the reference itself: the heads and docstrings of its functions. So what a reader
is told to do is what the reference says that it does.

Next page: `disk`.
"""

from __future__ import annotations

import ast
import inspect
import re

from learnetcd.own import values
from learnetcd.own.parts import Part


def stub(part: Part) -> str:
    """The text of a file with the functions of a part, to be written."""
    heads = [head_of(function.reference) for function in part.functions]
    told = "\n".join(heads)
    names = [name for name in values.__all__ if re.search(rf"\b{name}\b", told)]
    opening = [
        f'"""A part of a member, by me: it {part.sentence}."""',
        "",
        *wrapped(names),
        "",
        "",
    ]
    bodies = "\n\n\n".join(f"{head}\n    raise NotImplementedError" for head in heads)
    return "\n".join([*opening, bodies, ""])


def head_of(function: object) -> str:
    """The lines of a function up to the end of its docstring."""
    source = inspect.getsource(function)  # type: ignore[arg-type]  # a function, as `object`
    tree = ast.parse(source).body[0]
    assert isinstance(tree, ast.FunctionDef), "a reference is a function"
    end = tree.body[0].end_lineno
    return "\n".join(source.splitlines()[:end])


def wrapped(names: list[str]) -> list[str]:
    """The import of these names, in lines that are not too long."""
    line = f"from learnetcd.own import {', '.join(names)}"
    if len(line) <= 88:
        return [line]
    return ["from learnetcd.own import (", *(f"    {name}," for name in names), ")"]
