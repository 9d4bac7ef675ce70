"""A row: one command, as its page of the table says it; and what several of them take.

    Command(words="check swarm", summary=..., work="learnetcd.checking.command:run_swarm",
            story=..., examples=..., add_options=add_swarm_options)

Next page: `learning`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

HIGHEST_FIRST_PORT = 65_000


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


# --- options of several commands ---------------------------------------------------------------


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


def add_own_option(parser: argparse.ArgumentParser) -> None:
    """A file of the reader's in place of parts of a member."""
    parser.add_argument(
        "--own", metavar="FILE", help="members run the parts that you wrote: see `learnetcd own`"
    )


def add_credentials_options(parser: argparse.ArgumentParser, whose: str) -> None:
    """What servers are shown that do not let in everybody: `learnetcd ctl` calls it the same."""
    for name, file in {
        "ca-file": "who signed the certificates of those servers",
        "cert-file": "our own certificate, if they want one",
        "key-file": "its key",
    }.items():
        parser.add_argument(f"--{name}", metavar="FILE", help=f"{whose}: {file}")
    parser.add_argument(
        "--username",
        "-u",
        metavar="NAME[:PASSWORD]",
        help=f"{whose}: as whom; the password is asked for",
    )


def port(words: str) -> int:
    """A port, behind which there is room for more."""
    number = amount(words)
    if number > HIGHEST_FIRST_PORT:
        raise argparse.ArgumentTypeError(f"ports end at 65535, so it can't begin at {number}")
    return number


def amount(words: str) -> int:
    """A whole number above zero, for the same reason."""
    with suppress(ValueError):
        if (number := int(words)) > 0:
            return number
    raise argparse.ArgumentTypeError(f"it takes a whole number above zero, not {words!r}")
