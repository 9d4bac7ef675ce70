"""Same decisions, same bytes: in another process, with other hashes, on another Python.

`golden.txt` was recorded once; every Python that CI runs must play it to the same end. When a
change of ours makes another run of it, record it anew and look at the difference:

    python tests/determinism/test_replay.py
"""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from learnetcd.checking.plans import plan_of
from learnetcd.checking.swarm import run
from learnetcd.simulator.recording import Recording
from learnetcd.simulator.timeline import Timeline, replay

GOLDEN = Path(__file__).parent / "golden.txt"
SEED = 27

PRINT_DIGESTS = """
from dataclasses import replace
from learnetcd.checking.plans import plan_of
from learnetcd.checking.swarm import run
from learnetcd.simulator.timeline import replay
for seed in (1, 2, 17, 27):
    result = run(replace(plan_of(seed), steps=600))
    world = replay(result.setup, result.decisions)
    print(seed, len(result.decisions), world.digest(), world.mark())
"""


def record():
    """Record the golden run from its seed."""
    result = run(replace(plan_of(SEED), steps=700))
    timeline = Timeline(result.setup)
    for decision in result.decisions:
        timeline.decide(decision)
    return Recording.of(timeline, "a golden run")


def test_the_golden_recording_is_played_to_its_end():
    Recording.parse(GOLDEN.read_text(encoding="utf-8")).play()


def test_the_golden_run_is_decided_again_by_its_seed():
    assert record().text() == GOLDEN.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def digests():
    return {seed: digests_of(seed) for seed in ("0", "1", "4711")}


def digests_of(hash_seed):
    environment = {
        **os.environ,
        "PYTHONHASHSEED": hash_seed,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [sys.executable, "-c", PRINT_DIGESTS]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def test_processes_with_other_hashes_make_the_same_runs(digests):
    assert len(digests["0"].splitlines()) == 4
    assert len(set(digests.values())) == 1


def test_the_same_process_makes_the_same_run_twice():
    result = run(replace(plan_of(SEED), steps=700))
    first, second = (replay(result.setup, result.decisions) for _ in range(2))
    assert first.digest() == second.digest()


if __name__ == "__main__":
    GOLDEN.write_text(record().text(), encoding="utf-8")
