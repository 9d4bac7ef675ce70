"""The differences: where this code does otherwise than etcd or the paper, on purpose, and why.

    $ learnetcd differences disk
    learnetcd.disk.record
      etcd ignores what is in the padding. We refuse anything but zeros there, so that no changed
      byte of a log goes unnoticed.

Whoever learns from an implementation must know where it is another one. So the place itself says
it: a paragraph of a docstring, or a comment, that begins with `Differs:`. Nobody keeps a list; this
page reads the sources and finds the module, class or function in which it is said.

Next page: `learnetcd/commands/`.
"""

from __future__ import annotations

import ast
import re
import textwrap
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from learnetcd.errors import UserError

ROOT = Path(__file__).parent
"""The sources of the package."""

WIDTH = 96

_BEGINS = re.compile(r"(?<!`)\bDiffers: ")
_ENDS = re.compile(r"\s(?=(?:Source|Left out|Next page|Raises): )")


@dataclass(frozen=True, slots=True)
class Difference:
    """One place that does otherwise."""

    symbol: str
    """`learnetcd.store.tree:listed`; without the colon, the whole page."""
    line: int
    sentence: str
    """What, and mostly why, as the source says it."""


def differences(root: Path = ROOT) -> Iterator[Difference]:
    """All of them, page by page."""
    for path in sorted(root.rglob("*.py")):
        page = ".".join([root.name, *path.relative_to(root).with_suffix("").parts])
        yield from in_page(page.removesuffix(".__init__"), path.read_text(encoding="utf-8"))


def in_page(page: str, text: str) -> Iterator[Difference]:
    """Those of one page."""
    lines = text.splitlines()
    tree = ast.parse(text) if _BEGINS.search(text) else None
    for number, line in enumerate(lines, 1):
        if tree is not None and (begins := _BEGINS.search(line)) is not None:
            sentence = paragraph(lines, number, begins.end())
            name = symbol_at(tree, number)
            yield Difference(f"{page}:{name}" if name else page, number, sentence)


def paragraph(lines: list[str], number: int, start: int) -> str:
    """From here to the end of the paragraph or the comment."""
    first = lines[number - 1]
    is_comment = first.lstrip().startswith("#")
    words = [first[start:]]
    for line in lines[number:] if '"""' not in first[start:] else []:
        if not line.strip() or is_comment != line.lstrip().startswith("#"):
            break
        words.append(line)
        if '"""' in line:
            break
    whole = " ".join(word.strip().lstrip("# ") for word in words)
    return _ENDS.split(whole.partition('"""')[0])[0].strip()


def symbol_at(tree: ast.Module, line: int) -> str:
    """The innermost class or function around a line, by its full name."""
    names: list[str] = []
    body: list[ast.stmt] = tree.body
    while True:
        around = [
            node
            for node in body
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.lineno <= line <= (node.end_lineno or 0)
        ]
        if not around:
            return ".".join(names)
        names.append(around[0].name)
        body = around[0].body


def run(args: Namespace) -> int:
    """`learnetcd differences`: all of them, or those that have to do with a word."""
    word = (args.word or "").lower()
    found = [one for one in differences() if word in f"{one.symbol} {one.sentence}".lower()]
    if not found:
        raise UserError(
            f"No difference has to do with {args.word!r}; without a word, all are told."
        )
    for one in found:
        print(one.symbol)
        print(textwrap.fill(one.sentence, WIDTH, initial_indent="  ", subsequent_indent="  "))
        print()
    print(f"{len(found)} {'difference' if len(found) == 1 else 'differences'}.")
    return 0
