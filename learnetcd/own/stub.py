"""A stub: a file to fill in, with what a part must do and nothing of how.

It is cut out of the reference itself: the heads and docstrings of its functions, and the fields of
what they are given. So what a reader is told to do is what the reference says that it does.

Next page: `disk`.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import textwrap

from learnetcd.own import values
from learnetcd.own.parts import Part


def stub(part: Part) -> str:
    """The text of a file with the functions of a part, to be written."""
    heads = [head_of(function.reference) for function in part.functions]
    names = named_in("\n".join(heads))
    shown = dict.fromkeys([*names, *(inner for name in names for inner in held_by(name))])
    fields = [line for name in shown for line in fields_of(name)]
    opening = [
        f'"""A part of a member, by me: it {part.sentence}."""',
        "",
        *wrapped(names),
        "",
        *(f"# {line}".rstrip() for line in fields),
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


def named_in(text: str) -> list[str]:
    """The values of this package that a text names."""
    return [name for name in values.__all__ if re.search(rf"\b{name}\b", text)]


def held_by(name: str) -> list[str]:
    """The values that such a value holds: of a Follower, entries."""
    return named_in(" ".join(getattr(getattr(values, name), "__annotations__", {}).values()))


def fields_of(name: str) -> list[str]:
    """What such a value has in it, a field a line: `voted_for: int` and what it is for."""
    kind = getattr(values, name)
    if not isinstance(kind, type) or not dataclasses.is_dataclass(kind):
        return []
    tree = ast.parse(inspect.getsource(kind)).body[0]
    assert isinstance(tree, ast.ClassDef), "a value is a class"
    body = tree.body
    rows: list[str] = []
    for here, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(here, ast.AnnAssign):
            told = ""
            if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                told = f"    {' '.join(str(after.value.value).split())}"
            rows += textwrap.wrap(f"{ast.unparse(here)}{told}", 92, subsequent_indent="    ")
    return [f"{name}:", *(f"  {row}" for row in rows)] if rows else []


def wrapped(names: list[str]) -> list[str]:
    """The import of these names, in lines that are not too long."""
    line = f"from learnetcd.own import {', '.join(names)}"
    if len(line) <= 88:
        return [line]
    return ["from learnetcd.own import (", *(f"    {name}," for name in names), ")"]
