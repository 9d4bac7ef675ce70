"""A trial: your file in a process of its own, which may neither run for ever nor take all memory.

    us                            the process of the trial
    tried(Path("mine.py"))   ->   load the file, look for the first divergence
                             <-   a file of JSON, or a traceback in its last moment

A mistake in your file is a mistake in this process only. What comes back is a sentence, whatever
happened there: a step that takes for ever is told with its line, too, for a watchdog writes down
where the process stood when its time was up.

Next page: `command`.
"""

from __future__ import annotations

import faulthandler
import json
import re
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from learnetcd.errors import UserError
from learnetcd.own.apart import leave, left_behind, limit, run_apart
from learnetcd.own.calling import OwnFault
from learnetcd.own.cases import CASES
from learnetcd.own.divergence import STORMS, Divergence, first_divergence
from learnetcd.own.file import Own, load
from learnetcd.simulator.decisions import parse
from learnetcd.simulator.setup import Setup

SECONDS = 10
"""So long may a trial take, on a machine that is busy."""

BYTES = 2 << 30
"""So much memory may it have."""

ROOT = Path(__file__).parents[2]
"""Where `learnetcd` is imported from."""

CHILD = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from {__name__} import child; child()"


def tried(
    path: Path,
    scenes: Sequence[str] | None = None,
    storms: int = STORMS,
    *,
    cases: bool = True,
    without: Sequence[str] = (),
    seconds: float = SECONDS,
    alone: bool = False,
) -> Divergence | None:
    """`first_divergence` of a file, in a process of its own; `UserError` if it can't be loaded.

    If it must be `alone`, also if it leaves a thread or a process behind.
    """
    order = {
        "path": str(path),
        "scenes": scenes,
        "storms": storms,
        "cases": cases,
        "without": list(without),
        "seconds": seconds,
        "alone": alone,
    }
    with tempfile.TemporaryDirectory(prefix="learnetcd-own-") as folder:
        report = Path(folder) / "report.json"
        # -P: a module of yours beside the file is not one of ours.
        words = [sys.executable, "-P", "-c", CHILD, json.dumps(order), str(report)]
        ended = run_apart(words, seconds + SECONDS)
        if ended.code != 0 or not report.is_file():
            return cut_short(path, ended.printed, seconds)
        return understood(json.loads(report.read_text(encoding="utf-8")))


def loaded_after_trial(path: Path, seconds: float = SECONDS) -> Own:
    """Load a file that has shown elsewhere that it doesn't end the process which reads it.

    Nor may it leave something behind: a thread of yours would keep this process from its end.
    """
    if (endless := tried(path, [], 0, cases=False, seconds=seconds, alone=True)) is not None:
        raise UserError(endless.sentence)
    return load(path)


def understood(report: dict[str, Any]) -> Divergence | None:
    """What the process reported."""
    if "refused" in report:
        raise UserError(report["refused"])
    if not report:
        return None
    setup = Setup.parse(report["setup"]) if report["setup"] else None
    decisions = tuple(parse(line) for line in report["decisions"])
    return Divergence(report["function"], report["sentence"], report["is_fault"], setup, decisions)


def cut_short(path: Path, printed: str, seconds: float) -> Divergence:
    """The process came to no end: where did it stand?"""
    standing = re.search(rf'File "{re.escape(str(path))}", line (\d+) in (\S+)', printed)
    if "Timeout" in printed and standing is not None:
        line, name = standing.groups()
        what = f"it has not come to an end after {seconds:.0f} s"
        return Divergence(name, f"{name}, line {line} of {path.name}: {what}.", is_fault=True)
    last = (printed.strip().splitlines() or ["it said nothing"])[-1][:200]
    raise UserError(f"{path} could not be tried: the process ended early ({last}).")


def child() -> None:
    """The process of the trial."""
    order = json.loads(sys.argv[1])
    limit(BYTES)
    faulthandler.dump_traceback_later(order["seconds"], exit=True)
    report: dict[str, object] = {}
    try:
        own = load(Path(order["path"]))
        if order["alone"]:
            ask_once(own)
        found = first_divergence(
            own, order["scenes"], order["storms"], cases=order["cases"], without=order["without"]
        )
    except UserError as error:
        report = {"refused": str(error)}
    else:
        if found is not None:
            report = told(found)
    faulthandler.cancel_dump_traceback_later()
    Path(sys.argv[2]).write_text(json.dumps(report), encoding="utf-8")
    leave()


def ask_once(own: Own) -> None:
    """Ask each function something, whatever it answers, and look at what is left behind."""
    for name in own.functions:
        with suppress(OwnFault):
            own.ask(name, *next(CASES[name]()))
    if left := left_behind():
        raise UserError(
            f"{own.path} leaves {left} running. A part answers, and is done: {left} would go on "
            "when all else has ended."
        )


def told(found: Divergence) -> dict[str, object]:
    """A divergence as JSON has it."""
    return {
        "function": found.function,
        "sentence": found.sentence,
        "is_fault": found.is_fault,
        "setup": found.setup.lines() if found.setup else [],
        "decisions": [decision.text() for decision in found.decisions],
    }
