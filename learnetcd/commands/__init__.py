"""Commands: what may be typed after `learnetcd`, as one table.

Each command is one row, and its work is one function `run(args) -> int` of a module that is
imported only when the command is called: `learnetcd --help` must answer at once, and the screens
alone take a fifth of a second to import. The options of a command stand before its row.

Left out: shell completion; only `learnetcd ctl`, which is typed all day, has it.

Pages, in reading order: `row`, `learning`, `servers`, `runs`, `checks`.
"""

from learnetcd.commands.checks import CHECKS
from learnetcd.commands.learning import LEARNING
from learnetcd.commands.row import Command
from learnetcd.commands.runs import RUNS
from learnetcd.commands.servers import SERVERS

__all__ = ["COMMANDS", "GROUPS", "Command"]

COMMANDS = (*LEARNING, *SERVERS, *RUNS, *CHECKS)
"""Every command, in the order of the help."""

GROUPS = {"check": "try to break it: mutants, swarm, search, crashes, a cluster, scenes"}
"""Commands of two words, and what the first word is about."""
