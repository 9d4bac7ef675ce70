"""A lesson: the text of a chapter, cut into its parts.

A `lesson.md` is Markdown in the form that jupytext calls MyST, so Jupyter opens it as a notebook.
Between the paragraphs stand fences; these mean something here:

    ```{code-cell} python            a cell, run in the notebook and in the book
    ```{source} learnetcd.raft.rules:GRANT_VOTE
    ```{scene} vote-memory           the scene, played when the page is made
    ```{quiz} who_is_needed
    ```{exercise} grant_vote
    ```{terminal} alone              commands to type, and what they print, beside a member or three

and inside a paragraph: {claim}`A4` where a claim of the article is met, {term}`quorum` for a word
of the glossary, {term}`terms <term>` where another form of it fits better. Code is named by its
symbol and never pasted: what is shown is what runs. So are commands: a test types them, beside a
server of ours and beside the real etcd, and compares what they print.

One text, three faces: the notebook, the book, and the pages of `learnetcd lesson`. Each of them is
a way to write these parts down.

Next page: `run`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from learnetcd.errors import UserError
from learnetcd.session.sources import source_of

FENCE = re.compile(r"^```\{([\w-]+)\}[ \t]*(.*)$")
ROLE = re.compile(r"\{(claim|term)\}`([^`<]+?)(?: <([^`>]+)>)?`")

CODE = re.compile(r"^```\w*\n(.*?)\n```$", re.M | re.S)
BOLD = re.compile(r"\*\*(.+?)\*\*", re.S)
QUOTED = re.compile(r"(?<=[^\n])\n> ")
"""A line of a quotation that is not its first."""
TABLE = re.compile(r"^\|.*\|(?:\n\|.*\|)+$", re.M)


@dataclass(frozen=True, slots=True)
class Prose:
    """Paragraphs."""

    text: str


@dataclass(frozen=True, slots=True)
class Cell:
    """Code that is run where the reader is."""

    code: str


@dataclass(frozen=True, slots=True)
class Source:
    """A piece of our own code, by its symbol."""

    symbol: str


@dataclass(frozen=True, slots=True)
class Played:
    """A scene, played."""

    scene: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A quiz."""

    quiz: str


@dataclass(frozen=True, slots=True)
class Tried:
    """An exercise."""

    exercise: str


@dataclass(frozen=True, slots=True)
class Typed:
    """Commands for a second terminal, and what they print."""

    beside: str
    """What runs in the first one: `alone` is one member, `three` are three."""
    text: str
    """Commands begin with `$ `, remarks with `# `; all else is printed. `…` stands for anything."""


Part = Prose | Cell | Source | Played | Asked | Tried | Typed

BESIDE = {
    "alone": "learnetcd serve",
    "three": "learnetcd cluster",
}
"""What the reader has typed in the first terminal; the real etcd may stand there as well."""

KINDS: dict[str, Callable[[str], Part]] = {
    "source": Source,
    "scene": Played,
    "quiz": Asked,
    "exercise": Tried,
}


def parse(text: str) -> tuple[Part, ...]:
    """Cut a text into its parts; what can't be read is a `UserError` that names the line."""
    lines = text.rstrip("\n").split("\n")
    begin = lines.index("---", 1) + 1 if lines[0] == "---" else 0  # the head is for jupytext
    parts: list[Part] = []
    prose: list[str] = []
    number = begin
    while number < len(lines):
        fence = FENCE.match(lines[number])
        if fence is None:
            prose.append(lines[number])
            number += 1
            continue
        try:
            end = lines.index("```", number + 1)
        except ValueError:
            raise UserError(f"Line {number + 1} opens a fence that nothing closes.") from None
        _flush(prose, parts)
        parts.append(_part(fence[1], fence[2].strip(), lines[number + 1 : end], number + 1))
        number = end + 1
    _flush(prose, parts)
    return tuple(parts)


def _flush(prose: list[str], parts: list[Part]) -> None:
    text = "\n".join(prose).strip("\n")
    if text:
        parts.append(Prose(text))
    prose.clear()


def _part(kind: str, name: str, body: list[str], number: int) -> Part:
    if kind == "code-cell":
        return Cell("\n".join(body))
    if kind == "terminal":
        if name not in BESIDE or not body or not body[0].startswith("$ "):
            beside = " or ".join(BESIDE)
            raise UserError(f"Line {number}: {{terminal}} takes {beside}, and commands below it.")
        return Typed(name, "\n".join(body))
    if kind not in KINDS:
        known = ", ".join(["code-cell", "terminal", *KINDS])
        raise UserError(f"Line {number}: there is no {{{kind}}} here. There are: {known}.")
    if not name or any(body):
        raise UserError(f"Line {number}: {{{kind}}} takes one name, and nothing below it.")
    return KINDS[kind](name)


def roles(text: str, kind: str) -> tuple[str, ...]:
    """What is marked in a text: all its claims, or all its terms."""
    return tuple(found[3] or found[2] for found in ROLE.finditer(text) if found[1] == kind)


def plain(text: str) -> str:
    """A text without such marks, for faces that have no index to lead to."""
    return ROLE.sub(
        lambda found: found[2] if found[1] == "term" else f"(article, {found[2]})", text
    )


def for_terminal(text: str) -> str:
    """A plain text as a terminal can show it: code indented, tables as lists, nothing bold."""
    text = CODE.sub(lambda found: re.sub("^", "    ", found[1], flags=re.M), plain(text))
    text = BOLD.sub(r"\1", text)
    text = QUOTED.sub("\n", text)
    return TABLE.sub(lambda found: _list_of(found[0]), text)


def _list_of(table: str) -> str:
    """A table as a list: `- name: the other cells`."""
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table.split("\n")]
    return "\n".join(f"- {first}: {', '.join(others)}" for first, *others in rows[2:])


def source_text(symbol: str) -> str:
    """The code of a symbol, as it stands in its file; `UserError` if there is none."""
    return "\n".join(source_of(symbol)[2])
