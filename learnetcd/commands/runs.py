"""Commands for runs: play one, play it again, take a picture of it.

Next page: `checks`.
"""

from __future__ import annotations

import argparse

from learnetcd.commands.row import Command, add_cluster_options


def add_narrate_option(parser: argparse.ArgumentParser) -> None:
    """The switch that turns a run into a text to read."""
    parser.add_argument("--narrate", action="store_true", help="tell each step in a sentence")


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


RUNS = (
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
)
