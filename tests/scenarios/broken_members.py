"""Plays scenes with broken members, each mutant in a process of its own. Run by `test_broken`.

    python broken_members.py  < {"B03": ["empty-log-refused"], "B05": ["split", "transfer"]}
                              > {"B03": {"empty-log-refused": "line 11: ..."}, ...}

A process that has imported the core can't be broken any more. So this one imports nothing of it,
and forks a child for each mutant: the child patches, imports, plays, and writes what it found.
"""

import argparse  # noqa: F401  # what children would each import anew is imported here, once
import dataclasses  # noqa: F401
import difflib  # noqa: F401
import enum  # noqa: F401
import importlib.resources  # noqa: F401
import json
import os
import sys
from collections.abc import Callable

from learnetcd.checking.mutants import MUTANTS
from learnetcd.checking.patching import patch

SURVIVED = ""
WORKERS = 2


def play_in_child(broken: str, names: list[str]) -> dict[str, str]:
    """Break this process, play the scenes, and say for each how it failed."""
    patch(next(mutant for mutant in MUTANTS if mutant.id == broken))
    from learnetcd.simulator.library import load_scene
    from learnetcd.simulator.stage import play

    found = {}
    for name in names:
        try:
            result = play(load_scene(name))
        except Exception as error:  # a broken member may break in any way: that is noticed, too
            found[name] = f"{type(error).__name__}: {error}"
        else:
            found[name] = SURVIVED if result.ok else str(result.mismatches[0])
    return found


def fork(work: Callable[[], dict[str, str]]) -> tuple[int, int]:
    """Do some work in a child; give its process id and where to read what came of it."""
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        return child, reader
    try:
        with os.fdopen(writer, "w") as pipe:
            json.dump(work(), pipe)
    except BaseException as error:  # whatever happens, the child must not go on as its parent
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        os._exit(1)
    os._exit(0)


def main() -> None:
    """Read what to play, fork for each, and write what was found."""
    wanted: dict[str, list[str]] = json.load(sys.stdin)
    found: dict[str, dict[str, str]] = {}
    waiting = list(wanted.items())
    running: list[tuple[str, int, int]] = []
    while waiting or running:
        while waiting and len(running) < WORKERS:
            broken, names = waiting.pop(0)
            running.append((broken, *fork(lambda b=broken, n=names: play_in_child(b, n))))
        broken, child, reader = running.pop(0)
        with os.fdopen(reader) as pipe:
            text = pipe.read()
        os.waitpid(child, 0)
        found[broken] = json.loads(text) if text else {}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
