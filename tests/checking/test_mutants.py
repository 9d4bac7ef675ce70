"""The table of mutants: every change fits the source, lands only in a child, and is noticed."""

import subprocess
import sys
from pathlib import Path

import pytest

from learnetcd.checking import runner
from learnetcd.checking.mutant import NO_RUN, Mutant
from learnetcd.checking.mutants import MUTANTS
from learnetcd.checking.plans import HINTS
from learnetcd.checking.raft_mutants import RAFT_MUTANTS

ROOT = Path(__file__).parents[2]

EVERY = pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.id}-{mutant.name}")


def source(module: str) -> str:
    return (ROOT / "learnetcd" / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")


def test_there_are_all_42_of_consensus_and_more_than_20_of_the_rest_and_no_two_have_one_name():
    assert sorted(one.id for one in RAFT_MUTANTS) == [f"B{number:02}" for number in range(1, 43)]
    assert len(MUTANTS) - len(RAFT_MUTANTS) > 20
    assert len({mutant.id for mutant in MUTANTS}) == len({mutant.name for mutant in MUTANTS})
    assert len(MUTANTS) == len({mutant.name for mutant in MUTANTS})


@EVERY
def test_a_mutant_fits_the_source_as_it_is(mutant: Mutant):
    """`Edit.apply` asserts that the old text occurs exactly once."""
    sources: dict[str, str] = {}
    for edit in mutant.edits:
        before = sources.get(edit.module) or source(edit.module)
        sources[edit.module] = edit.apply(before)
        assert sources[edit.module] != before
    for module, text in sources.items():
        compile(text, module, "exec")


@EVERY
def test_a_mutant_asks_for_a_kind_of_run_that_there_is(mutant: Mutant):
    assert mutant.hint in (*HINTS, NO_RUN)
    assert all((ROOT / path).exists() for path in mutant.tests)


def test_a_mutant_lives_only_in_the_process_that_was_told_to_be_it():
    code = (
        "from learnetcd.checking.mutants import MUTANTS\n"
        "from learnetcd.checking.patching import patch\n"
        "patch(next(one for one in MUTANTS if one.id == 'B25'))\n"
        "from learnetcd.raft import majority\n"
        "print(majority(4))\n"
    )
    broken = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert broken.stdout == "2\n"
    sound = subprocess.run(
        [sys.executable, "-c", "from learnetcd.raft import majority; print(majority(4))"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert sound.stdout == "3\n"


def test_a_process_that_has_imported_the_core_is_not_patched_any_more():
    from learnetcd.checking.patching import patch
    from learnetcd.raft import majority

    with pytest.raises(AssertionError, match="imported already"):
        patch(next(one for one in MUTANTS if one.id == "B25"))
    assert majority(4) == 3


@pytest.mark.parametrize(
    ("mutant", "expected"),
    [
        ("B02", "L5 steady vote"),
        ("B06", "L2 votes are durable"),
        ("B13", "G2 monotonic terms"),
        ("B33", "progress"),
        ("S01", "readable disk"),
        ("S05", "G2 monotonic terms"),
        ("S07", "readable disk"),
        ("S09", "G9 same content"),
        ("S33", "L11 complete watches"),
    ],
)
def test_a_run_of_chance_notices(mutant: str, expected: str):
    caught = runner.catch(next(one for one in MUTANTS if one.id == mutant), seconds=8.0)
    assert (caught.by, caught.where.startswith("seed")) == (expected, True)


def test_a_broken_child_is_not_taken_for_a_silent_one():
    with pytest.raises(RuntimeError, match="broke down"):
        list(runner.reports("sound", "no such check", ()))
