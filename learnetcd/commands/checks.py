"""Commands that look for mistakes: in your part of a member, and in ours; and how fast it all is.

Next page: `learnetcd/cli`.
"""

from __future__ import annotations

import argparse
from contextlib import suppress

from learnetcd.commands.row import Command, add_own_option, amount


def add_own_options(parser: argparse.ArgumentParser) -> None:
    """What `learnetcd own` may be given."""
    parser.add_argument("file", metavar="FILE", nargs="?", help="a Python file with parts of yours")
    parser.add_argument("--scene", metavar="NAME", help="look at this scene only")
    parser.add_argument(
        "--storms", type=how_many, metavar="N", help="how many runs of chance (default: 6)"
    )
    parser.add_argument(
        "--stub",
        metavar="PART",
        help="print a file to fill in: grant_vote, append_entries, advance_commit, apply or wal",
    )


def add_differences_options(parser: argparse.ArgumentParser) -> None:
    """What `learnetcd differences` may be given."""
    parser.add_argument(
        "word", metavar="WORD", nargs="?", help="only those that have to do with it"
    )


def add_mutants_options(parser: argparse.ArgumentParser) -> None:
    """What `learnetcd check mutants` may be given."""
    parser.add_argument("names", nargs="*", metavar="MUTANT", help="only these (default: all)")


def add_swarm_options(parser: argparse.ArgumentParser) -> None:
    """What `learnetcd check swarm` may be given."""
    ends = parser.add_mutually_exclusive_group()
    ends.add_argument(
        "--minutes", type=duration, default=1.0, metavar="M", help="how long to try (default: 1)"
    )
    ends.add_argument("--seeds", type=amount, metavar="N", help="run the seeds 1 to N, and stop")
    ends.add_argument("--seed", type=int, metavar="N", help="run this one seed again, and stop")
    add_own_option(parser)


def add_search_options(parser: argparse.ArgumentParser) -> None:
    """What `learnetcd check search` may be given."""
    parser.add_argument(
        "--broken", metavar="RULE", help="switch this rule off and find what goes wrong; or: all"
    )
    parser.add_argument(
        "--members", type=int, choices=(1, 2, 3, 4, 5), default=3, help="how many (default: 3)"
    )
    parser.add_argument(
        "--minutes", type=duration, default=1.0, metavar="M", help="how long at most (default: 1)"
    )
    parser.add_argument(
        "--depth", type=how_many, default=60, metavar="D", help="longest run (default: 60)"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another course of chance")
    parser.add_argument("--scene", metavar="NAME", help="set out from the start of this scene")
    add_own_option(parser)


def add_crashes_options(parser: argparse.ArgumentParser) -> None:
    """What `learnetcd check crashes` may be given."""
    parser.add_argument(
        "--points",
        type=amount,
        default=20_000,
        metavar="N",
        help="how many crashes to try, at least (default: 20000, about half a minute)",
    )
    parser.add_argument("--seed", type=int, metavar="S", help="try this one life again, and stop")


def add_survival_options(parser: argparse.ArgumentParser) -> None:
    """What `learnetcd check cluster` may be given."""
    parser.add_argument(
        "--minutes", type=duration, default=3.0, metavar="M", help="how long (default: 3)"
    )
    parser.add_argument("--seed", type=int, metavar="S", help="which faults, in which order")
    parser.add_argument(
        "--etcd",
        type=int,
        choices=(1, 2),
        default=0,
        help="so many of the three members are real etcds, where it is installed",
    )


def add_scenes_options(parser: argparse.ArgumentParser) -> None:
    """What `learnetcd check scenes` may be given."""
    parser.add_argument("names", nargs="*", metavar="SCENE", help="only these (default: all)")


def add_bench_options(parser: argparse.ArgumentParser) -> None:
    """What `learnetcd bench` may be given."""
    parser.add_argument(
        "what",
        nargs="?",
        choices=("core", "check", "http", "cluster"),
        default="core",
        help="core and simulator; search and swarm; a server, or a cluster, beside real etcds",
    )
    parser.add_argument(
        "--writes",
        type=int,
        default=0,
        metavar="N",
        help="http: also whether memory stays flat over N writes (default: not measured)",
    )
    parser.add_argument(
        "--kills",
        type=amount,
        default=30,
        metavar="N",
        help="cluster: how many leaders of each are killed, to time failover (default: 30)",
    )
    parser.add_argument(
        "--seeds",
        type=int,
        default=100,
        metavar="N",
        help="core: how many runs are repeated, to see that they come out the same (default: 100)",
    )


def duration(words: str) -> float:
    """A number above zero: a search that tries nothing would find nothing wrong."""
    with suppress(ValueError):
        if 0 < (number := float(words)) < float("inf"):
            return number
    raise argparse.ArgumentTypeError(f"it takes a number above zero, not {words!r}")


def how_many(words: str) -> int:
    """A count: one or more."""
    if not words.isdigit() or int(words) < 1:
        raise argparse.ArgumentTypeError(f"it takes a whole number above zero, not {words!r}")
    return int(words)


CHECKS = (
    Command(
        words="own",
        summary="write a part of a member yourself, and hold it against ours",
        story="""\
Takes a Python file in which you wrote a part of a member (how it votes, takes entries,
commits, applies a command, or writes its log), asks it and the reference the same
questions, and says in one sentence where they first part, and which rule decided. The
same file runs in a whole cluster: `tui --own`, `check search --own`, `check swarm --own`.
Exit code 1 if the two part.
""",
        examples="""\
  learnetcd own --stub grant_vote            print a file to fill in
  learnetcd own mine.py                      where does it first do otherwise?
  learnetcd own mine.py --scene split        in this scene only
  learnetcd tui --own mine.py                watch it at work
""",
        work="learnetcd.own.command:run",
        add_options=add_own_options,
    ),
    Command(
        words="differences",
        summary="where this is another program than etcd, on purpose, and why",
        story="""\
Reads the sources and tells every place that does otherwise than etcd, or than the
paper: which page, class or function it is, what it does, and why.
""",
        examples="""\
  learnetcd differences                      all of them
  learnetcd differences disk                 those that have to do with the disk
""",
        work="learnetcd.differences:run",
        add_options=add_differences_options,
    ),
    Command(
        words="check mutants",
        summary="break one rule at a time; the checks must notice each",
        story="""\
Takes the working code, breaks one rule of it (a member forgets its vote, say), and
runs the checks until one of them notices. A mutant that nobody notices shows what
our checks cannot see. Exit code 1 if any survives.
""",
        examples="""\
  learnetcd check mutants                    all of them, one line each
  learnetcd check mutants figure-8           one of them, and the change that makes it
""",
        work="learnetcd.checking.command:run_mutants",
        add_options=add_mutants_options,
    ),
    Command(
        words="check swarm",
        summary="many seeds, many faults: does every rule still hold?",
        story="""\
Runs one random story after another: messages are lost and doubled, members crash,
disks lose what was not synced. After each step every rule must hold. A broken rule
is printed with its seed, and the run is written to a recording to open in the tui.
""",
        examples="""\
  learnetcd check swarm                      for a minute
  learnetcd check swarm --minutes 10         for longer
  learnetcd check swarm --seeds 100          the same seeds on every machine
  learnetcd check swarm --seed 4711          one seed again, the one that failed
""",
        work="learnetcd.checking.command:run_swarm",
        add_options=add_swarm_options,
    ),
    Command(
        words="check search",
        summary="every order in which things can happen: does one break a rule?",
        story="""\
Tries all that can happen next, and all that can happen after that, on the very code
that serves: messages in any order, crashes, elections, within bounds. With --broken it
switches a safety rule off and finds the run that shows what the rule is for, leaves
out all that is not needed, tells it, and writes a recording to open in the tui.
""",
        examples="""\
  learnetcd check search                     all rules are on: nothing may be found
  learnetcd check search --broken own-term   Figure 8 of the paper, or something shorter
  learnetcd check search --broken all        every rule once; exit code 1 if one is not found
  learnetcd check search --scene fig8-on     set out from the start of a scene
  learnetcd check search --own mine.py       members run the parts that you wrote
""",
        work="learnetcd.checking.findings:run_search",
        add_options=add_search_options,
    ),
    Command(
        words="check crashes",
        summary="the power fails at every moment: is all that was promised still there?",
        story="""\
Lives the life of a data directory, of made-up writes, snapshots and restarts, on
disks in memory, and lets the power fail before each single write, sync, rename and
truncate, in several ways: nothing of what was not synced is kept, or all, or some
sectors. Disks that are full or fail, and processes that are killed, come on top.
Each time a member must start, find all that was acknowledged, and go on. Exit code
1 if something is lost.
""",
        examples="""\
  learnetcd check crashes                    about half a minute
  learnetcd check crashes --points 100000    some minutes
  learnetcd check crashes --seed 41          one life again, the one that lost something
""",
        work="learnetcd.checking.command:run_crashes",
        add_options=add_crashes_options,
    ),
    Command(
        words="check cluster",
        summary="real processes are killed, frozen, cut off: does the cluster keep its word?",
        story="""\
Runs three members as processes, and clients that write, read, compare-and-swap, queue
up, keep keys alive and watch. Meanwhile leaders are killed, and between two of them
something else happens: all are killed, one is frozen, the network is cut, slow or lossy,
a disk is full, slow or fails. In the end no acknowledged write may be lost, what clients
were told must be linearizable, no key may have expired too early or too late, no watcher
may have missed or doubled an event, and all stores must be equal. Exit code 1 if
something is not so, or if too little happened to say.

With --etcd some of the members are real etcds; disks fail only at the others.
""",
        examples="""\
  learnetcd check cluster                    three minutes: 20 leaders, 5,000 writes at least
  learnetcd check cluster --minutes 1        a short one
  learnetcd check cluster --etcd 1           one real etcd among the members
  learnetcd check cluster --seed 7           the faults of a run before, at other moments
""",
        work="learnetcd.survival.command:run",
        add_options=add_survival_options,
    ),
    Command(
        words="check scenes",
        summary="does every scene still show what it claims?",
        story="""\
Runs the scenes that come with learnetcd and compares what happens with what each
one claims. Exit code 1 if one no longer shows its claim.
""",
        examples="""\
  learnetcd check scenes                     all of them, one line each
  learnetcd check scenes cut-leader          one of them
""",
        work="learnetcd.checking.command:run_scenes",
        add_options=add_scenes_options,
    ),
    Command(
        words="bench",
        summary="measure how fast the core, the simulator and the server run here",
        story="""\
Measures this machine: how many steps, events and replicated writes a second the core
and the simulator do. Readable comes first here, fast last; the numbers say what
that costs.
""",
        examples="""\
  learnetcd bench                            takes about a minute
  learnetcd bench check                      search and swarm: transitions, events, growth
  learnetcd bench http                       a server, beside the real etcd (which must be here)
  learnetcd bench http --writes 1000000      also: does its memory stay flat?
  learnetcd bench cluster                    three members, beside three real etcds: some minutes
  learnetcd bench --seeds 1000               repeat more runs: some minutes
""",
        work="learnetcd.bench.benches:run",
        add_options=add_bench_options,
    ),
)
