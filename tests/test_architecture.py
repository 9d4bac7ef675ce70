"""The import arrows of ARCHITECTURE.md, and its reading path, held by reading the source.

Each check takes the root of a source tree, so that the tests at the end can show it a bad one.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent

LEVELS = (
    {"tracing"},
    {"raft", "store", "wire"},
    {"member"},
    {"api", "disk"},
    {"peer"},
    {"invariants"},
    {"simulator", "runtime"},
    {"own"},
    {"checking"},
    {"session", "survival", "client"},
    {"figures"},
    {"streams", "differences"},
    {"ctl", "desk", "recipes"},
    {"demo"},
    {"commands"},
    {"cli", "bench", "tui", "widgets"},
    {"lessons"},
)
"""Each package may import the ones of the levels above its own line, and itself."""

FREE_TO_ALL = {"errors", "value", ""}
"""These two modules, and `learnetcd` itself for its version. They import nothing of ours."""

PURE_PACKAGES = {
    "tracing",
    "raft",
    "store",
    "wire",
    "member",
    "api",
    "disk",
    "peer",
    "invariants",
    "simulator",
    "checking",
    "session",
    "figures",
    "desk",
}
WHAT_IS_NOT_PURE = {
    # clocks and chance
    "time",
    "datetime",
    "random",
    "secrets",
    "uuid",
    # the machine around us
    "os",
    "socket",
    "subprocess",
    "signal",
    "select",
    "logging",
    # anything that runs at the same time
    "threading",
    "multiprocessing",
    "concurrent",
    "asyncio",
    "trio",
}

EXEMPT = {
    # The files of this machine; the rest of the floor works on any `Files`.
    "learnetcd/disk/real_files.py": {"os"},
    # The one lock that lets a session be used from any thread.
    "learnetcd/session/lock.py": {"threading"},
    # Asks graphviz where the boxes of a graph stand.
    "learnetcd/figures/layout.py": {"subprocess"},
    # Spreads seeds over processes and watches the clock; what it runs is pure.
    "learnetcd/checking/runner.py": {"concurrent", "os", "subprocess", "time"},
    # Keeps its way to the parent free of what a reader's file prints.
    "learnetcd/checking/child.py": {"os"},
    # Runs a reader's file in a process of its own.
    "learnetcd/own/apart.py": {"os", "subprocess"},
}

OWNERS = {
    # So that all else runs without them: in a notebook, in a browser, on a server.
    "textual": {"tui"},
    "rich": {"tui"},
    "trio": {"runtime", "survival", "client", "recipes", "demo", "bench"},
    "dns": {"runtime"},
    "prompt_toolkit": {"ctl"},
    "anywidget": {"widgets"},
    "ipywidgets": {"widgets"},
}
"""Libraries that only some packages may import."""


class Import(NamedTuple):
    """One module that one of our modules imports."""

    path: str
    line: int
    imported: str

    def __str__(self) -> str:
        """Where to look, and for what."""
        return f"{self.path}:{self.line} imports {self.imported}"


# --- reading the source -------------------------------------------------------------------------


def modules(root: Path) -> list[str]:
    """Every Python file of the two packages, as a path from the root."""
    files = [*root.glob("learnetcd/**/*.py"), *root.glob("tui/**/*.py")]
    # What lies in a chapter is for learners: stubs and solutions are no pages of ours.
    files += root.glob("lessons/learnetcd_lessons/*.py")
    return sorted(file.relative_to(root).as_posix() for file in files)


def imports(root: Path) -> Iterator[Import]:
    """Every import of every module, also those inside functions and for types alone."""
    for path in modules(root):
        yield from imports_of(path, (root / path).read_text(encoding="utf-8"))


@cache
def parsed(text: str) -> ast.Module:
    """A module's source as a tree. Several checks read the same, which never changes."""
    return ast.parse(text)


@cache
def imports_of(path: str, text: str) -> list[Import]:
    """Every import of one module."""
    found = []
    for statement in ast.walk(parsed(text)):
        if isinstance(statement, ast.Import):
            found += [Import(path, statement.lineno, alias.name) for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom):
            names = [f"{where_from(path, statement)}.{alias.name}" for alias in statement.names]
            found += [Import(path, statement.lineno, name) for name in names]
    return found


def where_from(path: str, statement: ast.ImportFrom) -> str:
    """The module after `from`, with the leading dots of a relative import resolved."""
    if statement.level == 0:
        return statement.module or ""
    folders = path.removeprefix("tui/").removeprefix("lessons/").split("/")[: -statement.level]
    return ".".join([*folders, *filter(None, [statement.module])])


def package_of_module(path: str) -> str:
    """Which box of the drawing a file belongs to: `raft` for `learnetcd/raft/log.py`."""
    parts = path.removesuffix(".py").split("/")
    if parts[0] in ("tui", "lessons"):
        return parts[0]
    # `__main__` and the `command.py` pages are the command line, wherever they lie: they read
    # files, print and look at clocks, and nothing but the command line calls them. But for
    # `member/command.py`, which is about the commands in a log.
    if parts[-1] in {"__main__", "command"} and parts[1] != "member":
        return "cli"
    return "" if parts[1] == "__init__" else parts[1]


def package_of_import(imported: str) -> str | None:
    """Which box an imported name belongs to, or None for what is not ours."""
    parts = imported.split(".")
    if parts[0] in ("learnetcd_tui", "learnetcd_lessons"):
        return parts[0].removeprefix("learnetcd_")
    if parts[0] != "learnetcd":
        return None
    if "command" in parts[2:3] and parts[1] != "member":
        return "cli"
    boxes = set.union(*LEVELS) | FREE_TO_ALL
    # `from learnetcd import __version__` names no box; `from learnetcd import raft` does.
    return parts[1] if len(parts) > 2 or parts[1] in boxes else ""


# --- the checks ---------------------------------------------------------------------------------


def packages_without_a_place(root: Path) -> list[str]:
    """Packages that nobody has put on a level yet."""
    known = set.union(*LEVELS) | FREE_TO_ALL
    return sorted({package_of_module(path) for path in modules(root)} - known)


def imports_against_the_arrows(root: Path) -> list[str]:
    """Imports that point to the left, or sideways."""
    return [
        str(found)
        for found in imports(root)
        if not may_import(package_of_module(found.path), package_of_import(found.imported))
    ]


def may_import(importer: str, imported: str | None) -> bool:
    """An arrow: a package may import itself and what stands on an earlier level."""
    if imported is None or imported in FREE_TO_ALL or imported == importer:
        return True
    if importer in FREE_TO_ALL:
        return False
    return level_of(imported) < level_of(importer)


def level_of(package: str) -> int:
    """How far the package is from the standard library."""
    return next(number for number, level in enumerate(LEVELS) if package in level)


def impure_imports(root: Path) -> list[str]:
    """Pure packages that reach for a clock, for chance, a file or a socket."""
    return [
        str(found)
        for found in imports(root)
        if package_of_module(found.path) in PURE_PACKAGES
        and (library := found.imported.split(".")[0]) in WHAT_IS_NOT_PURE
        and library not in EXEMPT.get(found.path, set())
    ]


def libraries_out_of_place(root: Path) -> list[str]:
    """Libraries imported by a package that is not their owner."""
    return [
        str(found)
        for found in imports(root)
        if (owners := OWNERS.get(found.imported.split(".")[0])) is not None
        and package_of_module(found.path) not in owners
    ]


def mistakes_of_the_reading_path(root: Path) -> list[str]:
    """Modules that the reading path of ARCHITECTURE.md leaves out, repeats or invents."""
    on_the_path = Counter(reading_path((root / "ARCHITECTURE.md").read_text(encoding="utf-8")))
    # A package's `__init__.py` is its essay; the path names it by the folder.
    pages = {path.removesuffix("__init__.py") for path in modules(root)}
    return [
        *(f"{page} is not on the path" for page in sorted(pages - on_the_path.keys())),
        *(f"{page} does not exist" for page in sorted(on_the_path.keys() - pages)),
        *(f"{page} is on the path {n} times" for page, n in on_the_path.items() if n > 1),
    ]


def reading_path(text: str) -> list[str]:
    """The paths in backticks of the list items under a heading that says "reading path"."""
    pages: list[str] = []
    is_inside = False
    for line in text.splitlines():
        if heading := re.match(r"#+ (.*)", line):
            is_inside = "reading path" in heading[1].lower()
        if is_inside and re.match(r"\s*([-*]|\d+\.) ", line):
            pages += re.findall(r"`((?:learnetcd|tui|lessons)(?:/\w+)*(?:\.py|/))`", line)
    return pages


def wrong_next_pages(root: Path) -> list[str]:
    """Pages of the path that name another page as the next one than the path does."""
    pages = reading_path((root / "ARCHITECTURE.md").read_text(encoding="utf-8"))
    wrong = []
    for page, following in pairwise(pages):
        story = opening(root / page)
        named = re.search(r"[Nn]ext page: (?:the .*? )?`([^`]*)`", story) or re.search(
            r"Pages, in reading order: `(\w+)`", story
        )
        if not named or re.split(r"[./]", named[1].rstrip("/"))[-1] != Path(following).stem:
            wrong.append(f"{page} should lead to {following}")
    return wrong


def opening(page: Path) -> str:
    """What a page says first, on one line."""
    file = page / "__init__.py" if page.is_dir() else page
    return " ".join((ast.get_docstring(parsed(file.read_text(encoding="utf-8"))) or "").split())


def wrong_lists_of_pages(root: Path) -> list[str]:
    """Packages whose list of pages is not that of the reading path."""
    path = reading_path((root / "ARCHITECTURE.md").read_text(encoding="utf-8"))
    wrong = []
    for package in (page for page in path if page.endswith("/")):
        _, says_so, listed = opening(root / package).partition("Pages, in reading order:")
        pages = [Path(page).stem for page in path if Path(page).parent == Path(package)]
        pages = [page for page in pages if not (root / package / page).is_dir()]
        if says_so and re.findall(r"`(\w+)`", listed) != pages:
            wrong.append(f"{package}: {', '.join(pages)}")
    return wrong


# --- what must hold -----------------------------------------------------------------------------


def test_every_package_has_its_place_in_the_drawing():
    assert packages_without_a_place(ROOT) == []


def test_no_import_points_against_the_arrows():
    assert imports_against_the_arrows(ROOT) == []


def test_the_pure_packages_know_no_clock_chance_file_or_socket():
    assert impure_imports(ROOT) == []


def test_each_library_is_imported_by_its_owners_alone():
    assert libraries_out_of_place(ROOT) == []


def test_every_exempt_module_exists():
    """An exemption that nobody needs any more is a hole."""
    assert [path for path in EXEMPT if not (ROOT / path).exists()] == []


def test_every_module_is_on_the_reading_path_exactly_once():
    assert mistakes_of_the_reading_path(ROOT) == []


def test_every_page_names_the_next_one():
    assert wrong_next_pages(ROOT) == []


def test_a_package_that_lists_its_pages_lists_them_in_reading_order():
    assert wrong_lists_of_pages(ROOT) == []


# --- the checks themselves notice ---------------------------------------------------------------


def test_a_next_page_and_a_list_that_miss_a_page_are_noticed(tmp_path: Path):
    write(tmp_path, "learnetcd/raft/__init__.py", '"""Raft. Pages, in reading order: `log`."""')
    write(tmp_path, "learnetcd/raft/log.py", '"""Log. Next page: `learnetcd.store`."""')
    write(tmp_path, "learnetcd/raft/roles.py", '"""Roles."""')
    pages = "".join(f"- `learnetcd/raft/{page}`: x\n" for page in ("", "log.py", "roles.py"))
    write(tmp_path, "ARCHITECTURE.md", f"## The reading path\n{pages}")
    assert wrong_next_pages(tmp_path) == [
        "learnetcd/raft/log.py should lead to learnetcd/raft/roles.py"
    ]
    assert wrong_lists_of_pages(tmp_path) == ["learnetcd/raft/: log, roles"]


def write(root: Path, path: str, text: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "statement"),
    [
        ("learnetcd/raft/log.py", "from learnetcd.member.inputs import TimerFired"),
        ("learnetcd/raft/log.py", "from learnetcd import session"),
        ("learnetcd/raft/log.py", "import learnetcd.store.node"),
        ("learnetcd/raft/log.py", "from ..store import node"),
        ("learnetcd/raft/log.py", "from .. import simulator"),
        ("learnetcd/raft/log.py", "def later():\n    from learnetcd.api import keys"),
        ("learnetcd/simulator/world.py", "from learnetcd.simulator.command import run_replay"),
        ("learnetcd/simulator/command.py", "import learnetcd_tui"),
        ("learnetcd/checking/swarm.py", "from learnetcd.cli import main"),
        ("learnetcd/errors.py", "from learnetcd.tracing import events"),
        ("tui/learnetcd_tui/main.py", "from learnetcd.cli import main"),
        ("tui/learnetcd_tui/main.py", "from learnetcd_lessons.run import Run"),
    ],
)
def test_an_import_against_the_arrows_is_noticed(tmp_path: Path, path: str, statement: str):
    write(tmp_path, path, statement)
    assert len(imports_against_the_arrows(tmp_path)) == 1


@pytest.mark.parametrize(
    ("path", "statement"),
    [
        ("learnetcd/raft/log.py", "from learnetcd.tracing import discard"),
        ("learnetcd/raft/log.py", "from learnetcd.raft.entry import Entry"),
        ("learnetcd/raft/log.py", "from . import entry"),
        ("learnetcd/raft/log.py", "from learnetcd.errors import UserError"),
        ("learnetcd/raft/log.py", "from dataclasses import dataclass"),
        ("learnetcd/session/simulated.py", "from learnetcd import raft, simulator"),
        ("learnetcd/cli.py", "from learnetcd import __version__"),
        ("learnetcd/simulator/command.py", "from learnetcd.session import simulated"),
        ("tui/learnetcd_tui/main.py", "from learnetcd_tui.application import Application"),
        ("tui/learnetcd_tui/panes/log.py", "from ..words import WORDS"),
        ("lessons/learnetcd_lessons/command.py", "from learnetcd_tui.main import run"),
    ],
)
def test_an_import_along_the_arrows_is_left_in_peace(tmp_path: Path, path: str, statement: str):
    write(tmp_path, path, statement)
    assert imports_against_the_arrows(tmp_path) == []


@pytest.mark.parametrize(
    "statement", ["import time", "import os.path", "from random import choice", "import trio"]
)
def test_a_clock_in_a_pure_package_is_noticed(tmp_path: Path, statement: str):
    write(tmp_path, "learnetcd/raft/log.py", statement)
    assert len(impure_imports(tmp_path)) == 1


def test_an_exemption_is_for_one_module_and_one_library(tmp_path: Path):
    write(tmp_path, "learnetcd/session/lock.py", "import threading, time")
    write(tmp_path, "learnetcd/session/simulated.py", "import threading")
    assert impure_imports(tmp_path) == [
        "learnetcd/session/lock.py:1 imports time",
        "learnetcd/session/simulated.py:1 imports threading",
    ]


def test_a_command_page_may_look_at_the_clock(tmp_path: Path):
    write(tmp_path, "learnetcd/checking/command.py", "import time")
    assert impure_imports(tmp_path) == []


def test_textual_outside_the_tui_is_noticed(tmp_path: Path):
    write(tmp_path, "learnetcd/session/simulated.py", "from textual.app import App")
    write(tmp_path, "tui/learnetcd_tui/main.py", "from textual.app import App")
    assert libraries_out_of_place(tmp_path) == [
        "learnetcd/session/simulated.py:1 imports textual.app.App"
    ]


def test_a_package_without_a_place_is_noticed(tmp_path: Path):
    write(tmp_path, "learnetcd/helpers/text.py", "")
    assert packages_without_a_place(tmp_path) == ["helpers"]


def test_mistakes_of_the_reading_path_are_noticed(tmp_path: Path):
    for path in ("__init__.py", "raft/__init__.py", "raft/log.py", "raft/quorum.py"):
        write(tmp_path, f"learnetcd/{path}", "")
    write(
        tmp_path,
        "ARCHITECTURE.md",
        "# Architecture\n\n- `learnetcd/raft/quorum.py` is not in the list below\n\n"
        "## The reading path\n\n"
        "1. `learnetcd/`: the essay\n"
        "2. `learnetcd/raft/`: how members agree\n"
        "   - `learnetcd/raft/log.py`: the log\n"
        "   - `learnetcd/raft/log.py`: the log again\n"
        "   - `learnetcd/raft/paxos.py`\n",
    )
    assert mistakes_of_the_reading_path(tmp_path) == [
        "learnetcd/raft/quorum.py is not on the path",
        "learnetcd/raft/paxos.py does not exist",
        "learnetcd/raft/log.py is on the path 2 times",
    ]
