"""The command `learnetcd`: reads what was typed, and lets the work be done.

What may be typed is a table (`learnetcd.commands`). Whatever a command does, this page is where it
ends: the number that its function returns is the exit code, and no traceback reaches a user.

    0    done, and all is well
    1    done, and something is wrong: a rule was broken, a mutant survived
    2    not done: what was asked for does not exist or makes no sense (one sentence says why)
    70   not done: a mistake of ours
    130  stopped by Ctrl+C
    141  nobody reads our output any more (`learnetcd simulate ... | head`)

Next page: `__main__`.
"""

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NoReturn, TypedDict

from learnetcd import __version__, streams
from learnetcd.commands import COMMANDS, GROUPS
from learnetcd.errors import UserError, did_you_mean

SHOW_TRACEBACKS = "LEARNETCD_TRACEBACK"
"""The environment variable that lets a traceback through, for those who work on learnetcd."""

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
