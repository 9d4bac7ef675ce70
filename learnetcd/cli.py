"""The command `learnetcd`: what may be typed, what each word means, and who does the work.

Each command is one row of a table below, and its work is one function `run(args) -> int` of a
module that is imported only when the command is called: `learnetcd --help` must answer at once, and
the screens alone take a fifth of a second to import. The number that it returns is the exit code:

    0    done, and all is well
    1    done, and something is wrong: a rule was broken, a mutant survived
    2    not done: what was asked for does not exist or makes no sense (one sentence says why)
    70   not done: a mistake of ours
    130  stopped by Ctrl+C
    141  nobody reads our output any more (`learnetcd simulate ... | head`)

Left out: shell completion; only `learnetcd ctl`, which is typed all day, has it.

Next page: `__main__`.
"""

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from typing import NamedTuple, NoReturn, TypedDict

from learnetcd import __version__, streams
from learnetcd.errors import UserError, did_you_mean

SHOW_TRACEBACKS = "LEARNETCD_TRACEBACK"
"""The environment variable that lets a traceback through, for those who work on learnetcd."""

HIGHEST_FIRST_PORT = 65_000
MOST_MEMBERS = 7

DESCRIPTION = """\
See how etcd works: run a cluster inside this terminal, stop it at any moment,
look at what every member knows, break something, step back, and ask why.

The cluster is a real one: the code that you watch is the code that elects,
replicates and stores. Only the network, the disks and the clock are simulated,
so the same seed tells the same story on every machine. `serve` runs the same
code with a real network, disk and clock: an etcd for curl and etcdctl.
"""

START_HERE = """\
start here:
  learnetcd tui                             a cluster of three that waits for your keys
  learnetcd tui --scene cut-leader          a leader is cut off: who believes what?
  learnetcd simulate cut-leader --narrate   the same story as text, a sentence a step
  learnetcd lesson start raft               chapters with exercises, in a folder of your own
  learnetcd cluster                         three real members; `learnetcd ctl` asks them

`learnetcd COMMAND --help` explains a command and shows it at work.
"""


def add_tui_options(parser: argparse.ArgumentParser) -> None:
    """What `learnetcd tui` may be given."""
    parser.add_argument("--scene", metavar="NAME", help="begin with this scene")
    add_cluster_options(parser)
    parser.add_argument(
        "--narrate", action="store_true", help="sentences instead of a screen: keys in as lines"
    )
    parser.add_argument(
        "--recording", metavar="FILE", help="open a recorded run instead of a scene"
    )
    parser.add_argument(
        "--live",
        action="store_true",
        help="real members, with ports for curl and etcdctl, that move when you step them",
    )
    parser.add_argument(
        "--attach",
        nargs="+",
        metavar="URL",
        help="watch servers that run elsewhere: started with --trace-stream, or real etcds",
    )
    parser.add_argument(
        "--size", type=int, metavar="N", help="--live: how many members (default: 3)"
    )
    parser.add_argument(
        "--data",
        metavar="DIR",
        help="--live: where they keep their data (default: a folder that goes away at the end)",
    )
    parser.add_argument(
        "--step", type=int, metavar="N", help="with --recording: stand at this step, not at its end"
    )
    parser.add_argument("--light", action="store_true", help="dark letters on a light ground")
    add_own_option(parser)
    parser.add_argument(
        "--own-at", metavar="S1,S2", help="with --own: in these members only (default: in all)"
    )


def add_own_option(parser: argparse.ArgumentParser) -> None:
    """A file of the reader's in place of parts of a member."""
    parser.add_argument(
        "--own", metavar="FILE", help="members run the parts that you wrote: see `learnetcd own`"
    )


def add_differences_options(parser: argparse.ArgumentParser) -> None:
    """What `learnetcd differences` may be given."""
    parser.add_argument(
        "word", metavar="WORD", nargs="?", help="only those that have to do with it"
    )


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


def add_simulate_options(parser: argparse.ArgumentParser) -> None:
    """What `learnetcd simulate` may be given."""
    parser.add_argument("scene", metavar="SCENE", help="a scene's name, or a file that holds one")
    add_cluster_options(parser)
    add_narrate_option(parser)
    parser.add_argument("--record", metavar="FILE", help="write the run to FILE, to be replayed")


def add_replay_options(parser: argparse.ArgumentParser) -> None:
    """What `learnetcd replay` may be given."""
    parser.add_argument(
        "recording", metavar="FILE", help="what --record wrote, or a share code (LE1-...)"
    )
    add_narrate_option(parser)


def add_export_options(parser: argparse.ArgumentParser) -> None:
    """What `learnetcd export` may be given."""
    parser.add_argument(
        "recording", metavar="RECORDING", help="a recorded run, or a share code (LE1-...)"
    )
    parser.add_argument(
        "--as",
        dest="form",
        default="svg",
        metavar="FORM",
        help="svg, text, dot, cast (asciinema) or shiviz (default: svg)",
    )
    parser.add_argument(
        "--picture",
        default="",
        metavar="NAME",
        help="space-time, now, causes, operations, roles or quorums (default: space-time)",
    )
    parser.add_argument("--from", dest="first", type=int, metavar="N", help="the first step")
    parser.add_argument("--to", dest="last", type=int, metavar="M", help="the last step")
    parser.add_argument(
        "--of",
        default="",
        metavar="EVENT",
        help="causes: of what? A step, or words of a sentence; operations: on which key?",
    )
    parser.add_argument(
        "--axis",
        default="logical",
        metavar="AXIS",
        help="space-time: logical, a row a step, or real, by the clock (default: logical)",
    )
    parser.add_argument("--light", action="store_true", help="cast: dark letters on a light ground")
    parser.add_argument("-o", dest="output", metavar="FILE", help="write to FILE, not to stdout")


def add_cluster_options(parser: argparse.ArgumentParser) -> None:
    """How the cluster is made. Without them a scene says it, and else a small default does."""
    parser.add_argument(
        "--seed",
        type=int,
        metavar="N",
        help="where every random choice comes from: another seed, another story",
    )
    parser.add_argument("--members", type=int, metavar="N", help="how many members the cluster has")
    parser.add_argument(
        "--profile",
        metavar="NAME",
        help="whose Raft: 'paper' (as the paper says it), 'etcd-3.3' or 'etcd-3.5'",
    )


def add_narrate_option(parser: argparse.ArgumentParser) -> None:
    """The switch that turns a run into a text to read."""
    parser.add_argument("--narrate", action="store_true", help="tell each step in a sentence")


def add_real_cluster_options(parser: argparse.ArgumentParser) -> None:
    """What `learnetcd cluster` may be given."""
    parser.add_argument(
        "what",
        nargs="?",
        choices=("article",),
        help="the three hosts of the article, with its configuration files and its ids",
    )
    parser.add_argument(
        "--size", type=cluster_size, metavar="N", help="how many members (default: 3)"
    )
    parser.add_argument("--profile", metavar="NAME", help="whose Raft (default: etcd-3.3)")
    parser.add_argument("--etcd", action="store_true", help="real etcds instead of ours")
    parser.add_argument(
        "--tls",
        action="store_true",
        help="encrypted, with certificates for all, which are made (needs the extra `tls`)",
    )
    parser.add_argument(
        "--trace-stream",
        action="store_true",
        help="let `learnetcd tui --attach URL...` watch them, and hold them at gates",
    )
    parser.add_argument(
        "--data-dir", metavar="DIR", help="keep the data there (default: a folder that goes again)"
    )
    parser.add_argument(
        "--first-port",
        type=port,
        metavar="N",
        help="take the ports from N on, two for each member (default: 2379)",
    )


def add_certs_options(parser: argparse.ArgumentParser) -> None:
    """What `learnetcd certs` may be given."""
    parser.add_argument("folder", metavar="DIR", help="where to write them")
    parser.add_argument(
        "--hosts",
        default="",
        metavar="NAME,...",
        help="names and addresses of the members, besides those of this machine",
    )


def add_demo_options(parser: argparse.ArgumentParser) -> None:
    """What `learnetcd demo` may be given."""
    parser.add_argument(
        "name",
        metavar="NAME",
        help="discovery, pubsub, balance, coordinate, lock, queue or election",
    )
    parser.add_argument("--naive", action="store_true", help="as one would write it at first")
    parser.add_argument(
        "--fault",
        metavar="NAME",
        help="the trouble: killed, paused or cut (a program), leader (the cluster's is killed)",
    )
    parser.add_argument(
        "--against", metavar="URL", help="use this cluster, ours or etcd's (default: a new one)"
    )


def cluster_size(words: str) -> int:
    """How many members; more than seven would only make each decision slower."""
    number = amount(words)
    if number > MOST_MEMBERS:
        raise argparse.ArgumentTypeError(f"a cluster has 1 to {MOST_MEMBERS} members, not {number}")
    return number


def port(words: str) -> int:
    """A port, behind which there is room for more."""
    number = amount(words)
    if number > HIGHEST_FIRST_PORT:
        raise argparse.ArgumentTypeError(f"ports end at 65535, so it can't begin at {number}")
    return number


def add_mutants_options(parser: argparse.ArgumentParser) -> None:
    """What `learnetcd check mutants` may be given."""
    parser.add_argument("names", nargs="*", metavar="MUTANT", help="only these (default: all)")


def add_swarm_options(parser: argparse.ArgumentParser) -> None:
    """What `learnetcd check swarm` may be given."""
    parser.add_argument(
        "--minutes", type=duration, default=1.0, metavar="M", help="how long to try (default: 1)"
    )
    parser.add_argument("--seed", type=int, metavar="N", help="run this one seed again, and stop")
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


def add_lab_options(parser: argparse.ArgumentParser) -> None:
    """What `learnetcd lab` may be given."""
    parser.add_argument(
        "folder",
        nargs="?",
        metavar="DIR",
        help="where you work (default: where we are, or learnetcd-lessons)",
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="only say where it can be reached"
    )
    parser.add_argument(
        "--port", type=port, metavar="N", help="default: 8888, or the next free one"
    )


def add_book_options(parser: argparse.ArgumentParser) -> None:
    """What `learnetcd book` may be given."""
    parser.add_argument(
        "folder",
        nargs="?",
        metavar="DIR",
        default="learnetcd-book",
        help="where it goes (default: learnetcd-book)",
    )
    parser.add_argument("--open", action="store_true", help="show it in the browser")


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


def amount(words: str) -> int:
    """A whole number above zero, for the same reason."""
    with suppress(ValueError):
        if (number := int(words)) > 0:
            return number
    raise argparse.ArgumentTypeError(f"it takes a whole number above zero, not {words!r}")


def add_survival_options(parser: argparse.ArgumentParser) -> None:
    """What `learnetcd check cluster` may be given."""
    parser.add_argument(
        "--minutes", type=duration, default=3.0, metavar="M", help="how long (default: 3)"
    )
    parser.add_argument("--seed", type=int, metavar="S", help="which faults, in which order")


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


def add_nothing(parser: argparse.ArgumentParser) -> None:
    """What a command may be given that reads its own words."""


class Command(NamedTuple):
    """One thing that may be typed after `learnetcd`."""

    words: str
    """`tui`, or `check swarm` for a command of a group."""
    summary: str
    """Its line in the list of commands."""
    work: str
    """`module:function`, imported when the command is called."""
    story: str = ""
    """What its help says first: what it does, and what for."""
    examples: str = ""
    """What its help says last: lines to copy."""
    add_options: Callable[[argparse.ArgumentParser], None] = add_nothing
    reads_its_own_words: bool = False
    """Whether all that follows is for its work alone to read, and to explain."""


COMMANDS = (
    Command(
        words="tui",
        summary="watch, step, break and rewind a cluster in the terminal",
        story="""\
Opens a simulated cluster in the terminal. Nothing moves until you press a key:
the list on the right says what can happen next, and you choose. Press F1 there
for all keys, and ? on anything to ask why.
""",
        examples="""\
  learnetcd tui                              three members, nobody leads yet
  learnetcd tui --scene cut-leader           begin with a scene
  learnetcd tui --members 5 --seed 3         five members, another course of chance
  learnetcd tui --profile etcd-3.5           with pre-vote, as etcd 3.5 has it
  learnetcd tui --narrate                    lines in, sentences out: for pipes, for listeners
  learnetcd tui --recording run.recording    open a recorded run, and step through its past
  learnetcd tui --live                       real members: curl hangs until you step its commit
  learnetcd tui --live --scene one-write     the same, as a scene begins
  learnetcd tui --own mine.py                members run the parts that you wrote
""",
        work="learnetcd_tui.main:run",
        add_options=add_tui_options,
    ),
    Command(
        words="lesson",
        summary="read a chapter, do its exercises, have them checked",
        work="learnetcd_lessons.command:run",
        reads_its_own_words=True,
    ),
    Command(
        words="lab",
        summary="the chapters as notebooks, in JupyterLab",
        story="""\
Writes a notebook for each chapter into your folder of lessons and opens JupyterLab
there. What you answer and solve in a notebook, `learnetcd lesson` knows of, and the
other way round. It needs: pip install 'learnetcd[lab]'
""",
        examples="""\
  learnetcd lab                              in the folder of lessons where you are, or a new one
  learnetcd lab raft                         in the folder `raft`
  learnetcd lab --no-browser                 only say where it can be reached
""",
        work="learnetcd_lessons.lab:run",
        add_options=add_lab_options,
    ),
    Command(
        words="book",
        summary="the chapters as a book of web pages, made on this machine",
        story="""\
Makes a folder of web pages of all chapters, with a glossary and registers of rules,
trace events and claims, and a search that needs no server. Every cell is run and
every figure drawn while it is made. It needs: pip install 'learnetcd[book]'
""",
        examples="""\
  learnetcd book --open                      make it in `learnetcd-book`, and show it
  learnetcd book /tmp/etcd-book              make it there
""",
        work="learnetcd_lessons.book:run",
        add_options=add_book_options,
    ),
    Command(
        words="serve",
        summary="run one real member of etcd: its API, its files, its flags",
        work="learnetcd.runtime.command:run",
        reads_its_own_words=True,
    ),
    Command(
        words="cluster",
        summary="run a cluster of real members on this machine, until Ctrl+C",
        story="""\
Starts several members, each a process of its own, and shows what they say, with the
name of the member before each line. When all are ready, a line says how to ask them.
Kill one, and see what the others make of it. Ctrl+C ends all of them.
""",
        examples="""\
  learnetcd cluster                          m1 on port 2379, m2 on 2381, m3 on 2383
  learnetcd cluster --size 5 --profile paper
  learnetcd cluster --etcd                   the same with real etcds (which must be here)
  learnetcd cluster --tls                    encrypted; a line says which files clients need
  learnetcd cluster article                  etcd-0-8, etcd-0-17 and etcd-0-14
""",
        work="learnetcd.runtime.local_cluster:run",
        add_options=add_real_cluster_options,
    ),
    Command(
        words="certs",
        summary="make an authority and certificates, for members and clients of a class",
        story="""\
Makes a small authority and what it signs: certificates for members (towards clients
and towards each other) and for a client. They are good for a year, for lessons.
Then it prints with which flags members and clients use them.
""",
        examples="""\
  learnetcd certs pki                        for members on this machine
  learnetcd certs pki --hosts infra0.example.com,10.0.0.1
""",
        work="learnetcd.runtime.certificates:run",
        add_options=add_certs_options,
    ),
    Command(
        words="demo",
        summary="what people use etcd for, in trouble: the naive form and the one that holds",
        story="""\
Plays one of seven uses of etcd with a few programs and a cluster of three members:
service discovery, publish and subscribe, load balancing, coordination, a lock, a queue,
an election. A trouble befalls one of the programs. The naive form breaks its promise;
the recipe keeps it. The exit code says whether the promise was kept.
""",
        examples="""\
  learnetcd demo lock --naive --fault paused       who was paused writes over who came later
  learnetcd demo lock --fault paused               the same, with a number that grows
  learnetcd demo queue --fault leader              no job is lost when the cluster's leader dies
  learnetcd demo discovery --against http://127.0.0.1:2379
""",
        work="learnetcd.demo.performance:run",
        add_options=add_demo_options,
    ),
    Command(
        words="simulate",
        summary="run a scene and print what happened",
        story="""\
Runs a scene from its first line to its last and prints what happened. A scene is
a short text: a claim, and the commands that show it. The same scene with the same
seed prints the same bytes on every machine.
""",
        examples="""\
  learnetcd simulate cut-leader              the commands and what came of them
  learnetcd simulate cut-leader --narrate    each step in a sentence, with its reason
  learnetcd simulate cut-leader --record run.recording
  learnetcd simulate my-scene.txt            a scene of your own
""",
        work="learnetcd.simulator.command:run_simulate",
        add_options=add_simulate_options,
    ),
    Command(
        words="replay",
        summary="run a recording again, exactly as it was",
        story="""\
Reads a recording and runs it again. A recording holds only the decisions (this
message arrived, that timer fired, this disk was synced); all else follows from
them, byte for byte. So a run of yours can be sent to somebody who sees the same.
""",
        examples="""\
  learnetcd replay run.recording             run it again and print its outcome
  learnetcd replay run.recording --narrate   tell it, a sentence a step
  learnetcd tui --recording run.recording    step through it instead
""",
        work="learnetcd.simulator.command:run_replay",
        add_options=add_replay_options,
    ),
    Command(
        words="export",
        summary="take a picture, a film or a log out of a recorded run",
        story="""\
Draws what happened in a recorded run: who told whom what, how one thing came about,
how the cluster stood at one step. As SVG for a page, as text for a terminal or a
listener, as DOT for graphviz; or as a film of the screen (asciinema), or as a log with
vector clocks (ShiViz). The same run gives the same bytes.
""",
        examples="""\
  learnetcd export run.recording --from 1 --to 40 -o election.svg
  learnetcd export run.recording --as text   the same, to be read in the terminal
  learnetcd export run.recording --picture causes --of "leads term 2" -o why.svg
  learnetcd export run.recording --picture operations --of x    is it linearizable?
  learnetcd export run.recording --picture now --to 75 -o step75.svg
  learnetcd export run.recording --as cast -o run.cast    then: asciinema play run.cast
  learnetcd export LE1-eNpV... --as shiviz   of a run that somebody shared
""",
        work="learnetcd_tui.export:run",
        add_options=add_export_options,
    ),
    Command(
        words="ctl",
        summary="ask a running etcd, with the verbs of etcdctl: get, set, ls, watch ...",
        work="learnetcd.ctl.command:run",
        reads_its_own_words=True,
    ),
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
Runs three members as processes, and clients that write, read, compare-and-swap and
watch. Meanwhile leaders are killed, and between two of them something else happens:
all are killed, one is frozen, the network is cut, slow or lossy, a disk is full, slow
or fails. In the end no acknowledged write may be lost, what clients were told must be
linearizable, no watcher may have missed or doubled an event, and all stores must be
equal. Exit code 1 if something is not so, or if too little happened to say.
""",
        examples="""\
  learnetcd check cluster                    three minutes: 20 leaders, 5,000 writes at least
  learnetcd check cluster --minutes 1        a short one
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

GROUPS = {"check": "try to break it: mutants, swarm, search, crashes, a cluster, scenes"}
"""Commands of two words, and what the first word is about."""


def main(words: Sequence[str] | None = None) -> int:
    """Do what was typed. No traceback reaches a person: each way to fail has its sentence."""
    streams.make_usable()
    try:
        exit_code = carry_out(sys.argv[1:] if words is None else list(words))
        sys.stdout.flush()  # here, where a reader who went away can still be noticed
    except UserError as error:
        return complain(str(error), exit_code=2)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        streams.leave_broken_output()
        return 141
    except OSError as error:
        if error.filename is not None:
            return complain(f"{error.filename}: {error.strerror}.", exit_code=2)
        if error.errno in streams.FULL:
            streams.leave_broken_output()
            return complain(f"The output can't be written: {error.strerror}.", exit_code=2)
        return admit_a_mistake(error)
    except Exception as error:  # the last place before a traceback
        return admit_a_mistake(error)
    finally:
        streams.leave_lost_screen()
    return exit_code


def carry_out(words: list[str]) -> int:
    """Find the command, then import and call its function."""
    for command in COMMANDS:
        if command.reads_its_own_words and words[:1] == [command.words]:
            run_on_words: Callable[[list[str]], int] = work_of(command.work)
            return run_on_words(words[1:])
    parser = build_parser()
    args, unknown_words = parser.parse_known_args(words)
    if unknown_words:
        # The command's own parser complains, not the outer one: it knows what was possible.
        args.parser.error(f"unrecognized arguments: {' '.join(unknown_words)}")
    if "work" not in args:
        args.parser.print_help()
        return 2
    run: Callable[[argparse.Namespace], int] = work_of(args.work)
    try:
        return run(args)
    except BaseExceptionGroup as group:  # of tasks: what happened in one of them is what is told
        raise first_in(group) from group


def first_in(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """What went wrong first; Ctrl+C is more than anything that came of it."""
    wanted, others = group.split(KeyboardInterrupt)
    error: BaseException | None = wanted or others
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert error is not None, "a group has a member"
    return error


def work_of(name: str) -> Callable[..., int]:
    """Import what a row names: `module:function`."""
    module_name, function_name = name.split(":")
    function: Callable[..., int] = getattr(import_module(module_name), function_name)
    return function


def complain(sentence: str, exit_code: int) -> int:
    """Say it where it does not mix with the output."""
    print(f"learnetcd: {sentence}", file=sys.stderr)
    return exit_code


def admit_a_mistake(error: Exception) -> int:
    """An error that we did not foresee is a mistake of ours, and we say so."""
    if os.environ.get(SHOW_TRACEBACKS):
        raise error
    sentence = (
        f"this is a mistake in learnetcd itself: {type(error).__name__}: {error}. "
        f"Set {SHOW_TRACEBACKS}=1 to see where, and please report it."
    )
    return complain(sentence, exit_code=70)


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands, made from the table."""
    parser = HintingParser(prog="learnetcd", **how_help_looks(DESCRIPTION, START_HERE))
    parser.add_argument("--version", action="version", version=f"learnetcd {__version__}")
    parser.set_defaults(parser=parser)
    groups = {"": parser.add_subparsers(title="commands", metavar="COMMAND")}
    for command in COMMANDS:
        group, _, name = command.words.rpartition(" ")
        if group not in groups:
            group_help = how_help_looks(GROUPS[group], "")
            group_parser = groups[""].add_parser(group, help=GROUPS[group], **group_help)
            group_parser.set_defaults(parser=group_parser)
            groups[group] = group_parser.add_subparsers(title="commands", metavar="COMMAND")
        command_parser = groups[group].add_parser(
            name,
            help=command.summary,
            **how_help_looks(command.story, f"examples:\n{command.examples}"),
        )
        command.add_options(command_parser)
        command_parser.set_defaults(parser=command_parser, work=command.work)
    return parser


class HelpLooks(TypedDict):
    """What all our parsers have in common."""

    description: str
    epilog: str
    formatter_class: type[argparse.HelpFormatter]
    allow_abbrev: bool


def how_help_looks(description: str, epilog: str) -> HelpLooks:
    """Our texts, with the lines as we broke them."""
    return HelpLooks(
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        # An abbreviation that works today would change its meaning with a new option.
        allow_abbrev=False,
    )


class HintingParser(argparse.ArgumentParser):
    """argparse's parser, which also says which word was probably meant."""

    def error(self, message: str) -> NoReturn:
        """Print argparse's message, the nearest right word, and where to read on."""
        advice = f"{nearest_word(message, self.format_usage())} `{self.prog} --help` explains."
        self.exit(2, f"{self.prog}: {message}\n{advice.strip()}\n")


def nearest_word(message: str, usage: str) -> str:
    """A hint for the two messages of argparse that speak of a word it does not know.

    argument COMMAND: invalid choice: 'simulat' (choose from 'tui', 'simulate')
    unrecognized arguments: --sede 3
    """
    if found := re.search(r"invalid choice: '(.*?)' \(choose from (.*)\)", message):
        return did_you_mean(found[1], re.findall(r"[\w-]+", found[2]))
    if found := re.search(r"unrecognized arguments: ([^\s=]+)", message):
        return did_you_mean(found[1], re.findall(r"--[\w-]+", usage))
    return ""
