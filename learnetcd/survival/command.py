"""`learnetcd check cluster`: an ordeal of so many minutes, and what came of it.

    seed 4711: 181 s, 22 leaders killed, 44 faults, 6,112 writes acknowledged ...
    No acknowledged write is lost, every history is linearizable, ...

A run that had too few leaders killed or writes acknowledged proves nothing, and says so.

Next page: `learnetcd/client/`.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from argparse import Namespace
from pathlib import Path

from learnetcd.checking.command import count
from learnetcd.figures.operations import operations as drawn
from learnetcd.runtime.local_member import refuse_unless_etcd_is_here
from learnetcd.survival.ordeal import Enough, Outcome, survive

MOST_PICTURES = 3
FULL_MINUTES = 3
FULL = Enough(leader_kills=20, writes=5000)
SHORT = Enough(leader_kills=5, writes=500)


def run(args: Namespace) -> int:
    """Let a cluster survive, or not."""
    seed = time.time_ns() % 1_000_000 if args.seed is None else args.seed
    enough = FULL if args.minutes >= FULL_MINUTES else SHORT
    if args.etcd:
        refuse_unless_etcd_is_here()
    folder = Path(tempfile.mkdtemp(prefix="learnetcd-ordeal-"))
    print(f"seed {seed}", flush=True)
    outcome = survive(folder, seed, 60 * args.minutes, enough, show, args.etcd)
    print(summary(outcome))
    if outcome.findings:
        print(f"\n{count(len(outcome.findings), 'finding')}:")
        for finding in outcome.findings[:20]:
            print(f"  {finding}")
        for key, operations, verdict in outcome.wrong[:MOST_PICTURES]:
            path = folder / f"{key.strip('/').replace('/', '-')}.svg"
            path.write_text(drawn(key, operations, verdict).svg + "\n", encoding="utf-8")
            print(f"{path} shows which answer about {key} does not fit.")
        print(f"\nThe data and the journals of the members are in {folder}.")
        return 1
    shutil.rmtree(folder)
    if not enough.had(outcome.leader_kills, outcome.acknowledged):
        print(
            f"This run does not count: it takes {enough.leader_kills} leader kills and "
            f"{enough.writes:,} acknowledged writes. The machine was too busy."
        )
        return 1
    return 0


def show(line: str) -> None:
    """A line on a terminal that says how far it is; nowhere else."""
    if sys.stderr.isatty():
        print(f"\r{line} \x1b[K", end="\r", file=sys.stderr, flush=True)


def summary(outcome: Outcome) -> str:
    """What happened, and what was found."""
    faults = ", ".join(f"{name} {number} x" for name, number in sorted(outcome.faults.items()))
    lines = [
        f"{outcome.seconds:.0f} s, {outcome.leader_kills} leaders killed, "
        f"{outcome.acknowledged:,} writes acknowledged, {outcome.open_ends} with an unknown end, "
        f"{outcome.watched:,} events watched, {outcome.expired:,} keys expired, "
        f"{outcome.keys} others",
        f"faults: {faults}",
    ]
    if outcome.unknown:
        lines.append(
            f"{outcome.unknown} of {outcome.keys} histories are unknown: the search gave up"
        )
    if not outcome.findings:
        lines.append(
            "No acknowledged write is lost, no watcher missed or doubled an event, no key went "
            "before its time or stayed long after it, all stores are equal, and "
            f"{outcome.keys - outcome.unknown} of {outcome.keys} histories are linearizable."
        )
    return "\n".join(lines)
