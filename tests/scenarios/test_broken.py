"""Each scene notices the broken members that it names: a scene that can't fail shows nothing."""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from learnetcd.checking.mutants import MUTANTS
from learnetcd.raft.twins import TWINS
from learnetcd.simulator.library import load_scene, scene_names
from learnetcd.simulator.stage import play, with_twin

SCRIPT = Path(__file__).parent / "broken_members.py"
PAIRS = [(name, broken) for name in scene_names() for broken in load_scene(name).fails_under]
TWIN_PAIRS = [(name, broken[5:]) for name, broken in PAIRS if broken.startswith("twin ")]


def test_scenes_name_broken_members_that_there_are():
    known = {mutant.id for mutant in MUTANTS} | {f"twin {twin}" for twin in TWINS}
    assert {broken for _, broken in PAIRS} <= known


def test_most_mutants_and_all_twins_are_named_by_a_scene():
    named = {broken for _, broken in PAIRS}
    assert {f"twin {twin}" for twin in TWINS} <= named
    assert len(named & {mutant.id for mutant in MUTANTS}) >= 40


@pytest.mark.parametrize(("name", "twin"), TWIN_PAIRS)
def test_a_scene_fails_when_a_rule_forgets_a_clause(name, twin):
    assert not play(with_twin(load_scene(name), twin)).ok


@pytest.mark.outside
def test_every_scene_fails_with_the_mutants_that_it_names():
    """One process a mutant, since a process can be broken only before it imports the core."""
    wanted = defaultdict(list)
    for name, broken in PAIRS:
        if not broken.startswith("twin "):
            wanted[broken].append(name)
    done = subprocess.run(
        [sys.executable, str(SCRIPT)],
        input=json.dumps(wanted),
        capture_output=True,
        text=True,
        check=True,
        cwd=SCRIPT.parent.parent.parent,
        env={"PYTHONPATH": ".", "PATH": ""},
    )
    found = json.loads(done.stdout)
    survived = [
        (broken, name)
        for broken, names in wanted.items()
        for name in names
        if not found[broken].get(name)
    ]
    assert survived == [], done.stderr
