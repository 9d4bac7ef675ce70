"""`learnetcd check`: mutants, swarm, crashes, scenes, as they look in a terminal.

    B02 second-vote          G1 election safety             seed 1, 812 steps      0.4 s
    B03 any-log-wins         G5 leader completeness         seed 2, 5,031 steps    0.6 s

Exit code 1 where something is not as it should be: a mutant lives, a rule was broken, a scene does
not show its claim.

Next page: `learnetcd/session/`.
"""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Sequence
from math import inf
from pathlib import Path

from learnetcd.checking import runner
from learnetcd.checking.history import histories as histories_of
from learnetcd.checking.history import judged, witnessed
from learnetcd.checking.mutant import Mutant
from learnetcd.checking.mutants import MUTANTS
from learnetcd.checking.patience import Progress
from learnetcd.checking.verdict import LINEARIZABILITY
from learnetcd.errors import UserError, unknown_name
from learnetcd.figures.operations import operations as drawn
from learnetcd.own.trial import loaded_after_trial
from learnetcd.simulator.recording import Recording

SECONDS_A_MUTANT = 8.0
"""CPU time of runs of chance, before scenes and tests are asked."""


# -- mutants -------------------------------------------------------------------------------------


def run_mutants(args: Namespace) -> int:
    """`learnetcd check mutants`: who notices each bug?"""
    mutants = [find_mutant(name) for name in args.names] or list(MUTANTS)
    titles = {mutant.id: mutant for mutant in mutants}
    began = time.monotonic()
    print(
        f"{count(len(mutants), 'mutant')}, each in a process of its own: runs of chance first "
        f"({SECONDS_A_MUTANT:.0f} s at most), then scenes, then aimed tests.\n"
    )
    if args.names:
        for mutant in mutants:
            print(told(mutant))
    if not runner.all_aimed_tests():
        print("There are no aimed tests here: they live in a checkout of the source.\n")
    alive: list[str] = []
    sound = True
    for caught in runner.catch_all(mutants, SECONDS_A_MUTANT):
        if caught.mutant == runner.SOUND:
            sound = not caught.by
            print(f"\n{sound_line(caught)}")
            continue
        mutant = titles[caught.mutant]
        print(mutant_line(mutant, caught), flush=True)
        if not caught.by:
            alive.append(mutant.name)
    seconds = time.monotonic() - began
    print(f"{len(mutants) - len(alive)} of {len(mutants)} noticed, in {seconds:.0f} s.")
    if alive:
        print(f"Nobody noticed: {', '.join(alive)}.")
    return 0 if sound and not alive else 1


def find_mutant(word: str) -> Mutant:
    """By id or by name."""
    for mutant in MUTANTS:
        if word.lower() in (mutant.id.lower(), mutant.name):
            return mutant
    raise unknown_name("mutant", word, [mutant.name for mutant in MUTANTS])


def told(mutant: Mutant) -> str:
    """What a mutant does, and its change."""
    seen = f" Seen in: {mutant.known_from}." if mutant.known_from else ""
    title = f"{mutant.title[0].upper()}{mutant.title[1:]}. Breaks {mutant.breaks}.{seen}"
    return f"{mutant.id} {mutant.name}: {title}\n{mutant.diff()}\n"


def mutant_line(mutant: Mutant, caught: runner.Catch) -> str:
    """One line of the table."""
    name, by = f"{mutant.id} {mutant.name}", caught.by or "NOBODY NOTICED"
    return f"{name:<28} {by:<52} {caught.where:<24} {caught.seconds:5.1f} s"


def sound_line(caught: runner.Catch) -> str:
    """What the checks say about the code as it is."""
    if caught.by:
        return f"A FALSE ALARM, or a bug of ours: {caught.by} {caught.where}: {caught.sentence}"
    return f"The code as it is: no complaint in {caught.where} ({caught.seconds:.0f} s)."


# -- swarm ---------------------------------------------------------------------------------------


def run_swarm(args: Namespace) -> int:
    """`learnetcd check swarm`: does every rule hold, whatever happens?"""
    first, count_of_seeds, seconds = 1, runner.ENDLESS, 60 * args.minutes
    if args.seed is not None:
        first, count_of_seeds, seconds = args.seed, 1, inf
    elif args.seeds is not None:
        count_of_seeds, seconds = args.seeds, inf
    if args.own is not None:
        loaded_after_trial(
            Path(args.own)
        )  # what is wrong with it is said here, not in the children
    tally = runner.Tally()
    progress = Progress()
    for tally in runner.search(first, seconds, count=count_of_seeds, own=args.own or ""):
        progress.show(tally.elapsed, tally_line(tally))
    progress.end()
    print(tally_line(tally))
    if tally.found is None:
        print("Every invariant held in every step; every cluster came to life again at the end.")
        return 0
    report_finding(tally.found, args.own)
    return 1


def tally_line(tally: runner.Tally) -> str:
    """The swarm so far."""
    violations = 0 if tally.found is None else 1
    return (
        f"{count(tally.seeds, 'seed')} ({tally.on_files:,} on files), {tally.steps:,} steps, "
        f"{tally.entries:,} entries committed, {tally.rate:,.0f} steps/s, "
        f"{count(violations, 'violation')}"
    )


def report_finding(found: runner.Report, own: str | None = None) -> None:
    """Say what was found and leave a recording of it."""
    seed = found["seed"]
    path = Path(f"swarm-{seed}.recording")
    yours = f" --own {own}" if own else ""
    print(
        f"\nSeed {seed} broke {found['found']}, at step {found['steps']}:\n"
        f"  {found['sentence']}\n\n"
        f"  learnetcd check swarm --seed {seed}{yours}          runs it again"
    )
    try:
        path.write_text(found["recording"], encoding="utf-8")
    except OSError as error:
        print(f"  {path} can't be written here: {error.strerror}.")
    else:
        print(f"  learnetcd tui --recording {path}{yours}     shows how it came to that")
        if found["found"] == LINEARIZABILITY and not own:
            draw_history(Recording.parse(found["recording"]), path.with_suffix(".svg"))
    if not own:
        print(f"  learnetcd replay {found['code']}")


def draw_history(recording: Recording, path: Path) -> None:
    """Leave a picture of the answers that don't fit together beside the recording."""
    histories = histories_of(*witnessed(recording.setup, recording.decisions))
    for key, operations, verdict in judged(histories):
        if verdict.stuck is not None:
            path.write_text(drawn(key, operations, verdict).svg + "\n", encoding="utf-8")
            print(f"  {path}     shows which answer does not fit")
            return


def count(number: int, thing: str) -> str:
    """1 seed, 2 seeds."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


# -- crashes -------------------------------------------------------------------------------------


def run_crashes(args: Namespace) -> int:
    """`learnetcd check crashes`: is what was promised found again, whenever the power fails?"""
    first, lives = (1, -1) if args.seed is None else (args.seed, 1)
    tally = runner.CrashTally()
    progress = Progress()
    for tally in runner.crash(first, args.points, lives=lives):
        progress.show(tally.elapsed, crash_line(tally))
    progress.end()
    print(crash_line(tally))
    if tally.loss is None:
        print("Each time all that was acknowledged was found, and one could go on with it.")
        return 0
    loss = tally.loss
    print(
        f"\nSeed {loss['seed']}, point {loss['points']}, before: {loss['found']}\n"
        f"  {loss['sentence']}\n\n"
        f"  learnetcd check crashes --seed {loss['seed']}          runs it again"
    )
    return 1


def crash_line(tally: runner.CrashTally) -> str:
    """The crashes so far."""
    lives = "1 life" if tally.lives == 1 else f"{tally.lives:,} lives"
    losses = "1 loss" if tally.loss else "no loss"
    points = count(tally.points, "crash point")
    return f"{points} in {lives} of a data directory, {tally.elapsed:.0f} s, {losses}"


# -- scenes --------------------------------------------------------------------------------------


def run_scenes(args: Namespace) -> int:
    """`learnetcd check scenes`: does every scene still show what it claims?"""
    from learnetcd.simulator.library import load_scene, scene_names
    from learnetcd.simulator.stage import play

    names: Sequence[str] = args.names or scene_names()
    if not names:
        raise UserError("There are no scenes here.")
    wrong = 0
    for name in names:
        scene = load_scene(name)
        result = play(scene)
        print(f"{'ok   ' if result.ok else 'WRONG'} {scene.name:<24} {scene.claim}")
        for mismatch in result.mismatches:
            print("      " + str(mismatch).replace("\n", "\n      "))
        wrong += not result.ok
    if wrong:
        print(f"\n{wrong} of {len(names)} scenes do not show their claim.")
    else:
        print(f"\n{count(len(names), 'scene')}, and each claim is shown.")
    return 1 if wrong else 0
