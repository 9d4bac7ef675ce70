"""Commands for who learns: the screen, the lessons, the notebooks, the book.

Next page: `servers`.
"""

from __future__ import annotations

import argparse

from learnetcd.commands.row import (
    Command,
    add_cluster_options,
    add_credentials_options,
    add_own_option,
    port,
)


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
    add_credentials_options(parser, "--attach")
    parser.add_argument(
        "--size", type=int, metavar="N", help="--live: how many members (default: 3)"
    )
    parser.add_argument(
        "--data",
        metavar="DIR",
        help="--live: where they keep their data (default: a folder that goes away at the end)",
    )
    parser.add_argument(
        "--proxy", action="store_true", help="--live: a proxy before them, with a port of its own"
    )
    parser.add_argument(
        "--step", type=int, metavar="N", help="with --recording: stand at this step, not at its end"
    )
    parser.add_argument("--light", action="store_true", help="dark letters on a light ground")
    add_own_option(parser)
    parser.add_argument(
        "--own-at", metavar="S1,S2", help="with --own: in these members only (default: in all)"
    )


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


LEARNING = (
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
  learnetcd tui --live --proxy               a proxy before them: whom it asks, whom it avoids
  learnetcd tui --attach http://127.0.0.1:2379    servers that run elsewhere, ours or etcds
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
)
